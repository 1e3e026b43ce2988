/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the comparison: how its lines are made. */
#ifndef WBIT_COMPARE_LINES_H
#define WBIT_COMPARE_LINES_H

#include "compare.h"

/* One region of a pair of cells. */
struct region_pair {
	struct reading base, new;
	bool same_samples;		/* to the last digit */
	bool alike, waited;		/* waited: the figure is what the thread executed, else what elapsed */
};

/* What is compared of two spreads: in an exact comparison the trials that went alike, else all. 0 or -ENOMEM. */
int compare_read_region(const struct comparison *comparison, const struct spread *base, const struct spread *new,
			struct region_pair *region);

struct reading compare_read_count(uint64_t least, uint64_t most);	/* NOT_MEASURED: not measured */

/* Each fills a line whose cells and pages are there, and returns 1; or 0, where neither side has measured anything. */
unsigned compare_add_counts(struct difference *line, enum figure figure, struct reading base, struct reading new);

/* timing: of times, which have no resolution but their own noise; NULL of instructions. same: trial by trial */
unsigned compare_add_figures(struct difference *line, enum figure figure, struct reading base, struct reading new,
			     double resolution, bool same, const struct timing *timing);

/* Fills the pairs' counters once pairs are in their final places. 0 or -ENOMEM. */
int compare_match_counters(struct comparison *comparison);

/* One region of a counter; its spread is empty where the side has none. */
const struct spread *counter_region(const struct cell_counter *counter, bool write);

#endif
