/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The env line: everything about this machine and this run that a reader of the figures must know. */
#ifndef WBIT_ENV_H
#define WBIT_ENV_H

#include <jansson.h>

#include "calibrate.h"
#include "counters.h"
#include "run.h"

/* The command line and the labels, for whoever writes an env line; NULL: out of memory. */
json_t *env_argv(const struct run_options *options);
json_t *env_labels(const struct run_options *options);

/* A new object without type, schema and run (record_write_env() adds them); NULL: out of memory. */
json_t *env_describe(const struct run_options *options, const struct trial_spec *base, const struct kernel_facts *facts);

/* What is counted and what cannot be: the key "counters". NULL: out of memory. */
json_t *env_counters(const struct counters *counters);

#endif
