/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the comparison: its times. */
#ifndef WBIT_COMPARE_TIMES_H
#define WBIT_COMPARE_TIMES_H

#include "compare.h"

/* Fills `by`, `nr_timed` and `timings` once pairs are in their final places; nothing in a comparison without times. 0 or -errno. */
int compare_times(struct comparison *comparison);

/* The timing of a region of a pair; NULL where a side has not measured it, or times are not compared. */
const struct timing *compare_timing(const struct compare_pair *pair, unsigned which);

/* Regions: the migration, the write, then the chances. */
enum { REGION_MIGRATE, REGION_WRITE, REGION_CHANCE, NR_REGIONS = REGION_CHANCE + NR_CHANCES };

const struct spread *cell_region(const struct cell *cell, unsigned which);

#endif
