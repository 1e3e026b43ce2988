/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nodes and CPUs of a run, from its options and the machine. */
#ifndef WBIT_PLACES_H
#define WBIT_PLACES_H

#include "run.h"
#include "trial.h"

/* Sets from, to, cpu and other_cpu. 0, or -EINVAL with a line in `error`: no such node. */
int places_choose(const struct run_options *options, struct trial_spec *base, char *error, size_t size);

#endif
