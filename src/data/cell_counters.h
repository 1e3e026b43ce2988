/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to data/: the counters of a cell, out of its trials. */
#ifndef WBIT_CELL_COUNTERS_H
#define WBIT_CELL_COUNTERS_H

#include "summary.h"

/* asked: the run's env "counters"; may be NULL. 0, -ENOMEM, or -E2BIG: more than CELL_COUNTERS_MAX */
int cell_counters_take(struct cell *cell, const json_t *trial, const json_t *asked);
int cell_counters_fold(struct cell *into, const struct cell *from);	/* the same; pools two cells, both finished */
void cell_counters_finish(struct cell *cell);				/* medians */
void cell_counters_free(struct cell *cell);

/* Was it counted, and all of the time? A part, as another program's record may have it, is no figure. count: of a trial. */
bool counter_is_whole(const json_t *count);

/* By the run's env "counters": does it count nanoseconds, which never come out alike, though it rides on twins? */
bool counter_is_clock(const json_t *asked, const char *name);

#endif
