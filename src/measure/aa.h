/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The A/A pass: before a run's own trials one of its cells is measured against itself, in pairs, and from how the two differ
 * follows what the run can resolve (data/noise_floor.h). None of it is a trial of the run's: only the env line has it.
 */
#ifndef WBIT_AA_H
#define WBIT_AA_H

#include <jansson.h>

#include "run_state.h"

struct aa {
	json_t *floor;		/* as results/README.md has it; NULL: none was found, and `why` says why */
	json_t *why_parts;	/* reasons of nulls within it, by dotted key */
	char why[200];
};

/* On platforms whose times are quoted. 0, -ECANCELED, or -errno where no trial can be started. */
int aa_pass(struct run *run, struct aa *aa);
void aa_free(struct aa *aa);

#endif
