/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `wbit run --crosscheck` says below the table: how many of perf's counts are wbit's own. */
#ifndef WBIT_CROSSCHECK_TEXT_H
#define WBIT_CROSSCHECK_TEXT_H

#include <stdint.h>
#include <stdio.h>

#include "record.h"

struct crosscheck_tally {
	uint64_t equal, other, none;	/* perf's counts: wbit's own; another; there was none */
	char why[REASON_MAX];		/* of the first of these */
};

/* A record of any kind, as it is written. */
void crosscheck_tally_add(struct crosscheck_tally *tally, const json_t *record);

/* A line; nothing for a tally of nothing. */
void crosscheck_print(FILE *out, const struct crosscheck_tally *tally);

#endif
