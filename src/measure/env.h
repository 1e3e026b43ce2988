/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The env line: everything about this machine and this run that a reader of the figures must know. */
#ifndef WBIT_ENV_H
#define WBIT_ENV_H

#include <jansson.h>

#include "calibrate.h"
#include "counters.h"
#include "places.h"
#include "run.h"

/* The command line and the labels, for whoever writes an env line; NULL: out of memory. */
json_t *env_argv(const struct run_options *options);
json_t *env_labels(const struct run_options *options);

/*
 * A new object without type, schema and run (record_write_env() adds them); NULL: out of memory. options->host may have, of the
 * keys of results/README.md: topology, memattrs, topology_picture; `why` with the reasons of those that are null; and `tools`.
 */
json_t *env_describe(const struct run_options *options, const struct places *places, const struct trial_spec *base,
		     const struct kernel_facts *facts);

/* What was tuned and what the A/A pass found; null, with its reason, what was not asked for or not found. */
struct tuning;
struct aa;
void env_add_noise(json_t *env, const struct tuning *tuning, const struct aa *aa);

/* What is counted and what cannot be: the key "counters". NULL: out of memory. */
json_t *env_counters(const struct counters *counters);

#endif
