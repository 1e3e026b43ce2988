/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells arranged for the eye: workloads down, policies across. One grid holds what may stand side by side: cells of one
 * clock, one trigger and one size.
 */
#ifndef WBIT_GRID_H
#define WBIT_GRID_H

#include "summary.h"

#define GRID_ROWS_MAX 256
#define GRID_COLUMNS_MAX 24
#define GRIDS_MAX 64

/* A policy as one run and one source gave it: sources are never pooled, nor are runs. */
struct grid_column {
	const char *policy, *source;
	unsigned run;
};

/* Points into the summary that it was made from. */
struct grid {
	const struct summary *summary;
	const struct cell *like;	/* any cell of the grid: its clock, trigger and pages are the grid's */
	const char *workloads[GRID_ROWS_MAX];
	unsigned nr_workloads;
	struct grid_column columns[GRID_COLUMNS_MAX];	/* entry, vma, vma-only, upgrade, vma-unsafe, others; by run */
	unsigned nr_columns;
	const struct cell *cells[GRID_ROWS_MAX][GRID_COLUMNS_MAX];	/* NULL: there is none */
	bool cut;			/* there was more than there is room for */
};

/* The first cell of each grid, in the order of appearance; returns how many there are, GRIDS_MAX at most. */
unsigned grid_firsts(const struct summary *summary, const struct cell *firsts[GRIDS_MAX]);

/* The grid that `like` belongs to, to be given to free(); NULL when memory is out. */
struct grid *grid_make(const struct summary *summary, const struct cell *like);

#endif
