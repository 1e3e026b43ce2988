// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells arranged for the eye. All searches are linear, in tables with a limit. */
#include "grid.h"

#include <stdlib.h>
#include <string.h>

static bool same_grid(const struct summary *summary, const struct cell *a, const struct cell *b)
{
	return a->pages == b->pages && a->page_bytes == b->page_bytes && !cell_compare_ways(a, b) &&
	       !strcmp(summary->runs[a->run].clock, summary->runs[b->run].clock);
}

static unsigned policy_rank(const char *policy)
{
	static const char *const across[] = { "entry", "vma", "vma-only", "upgrade", "vma-unsafe" };
	const unsigned nr = sizeof(across) / sizeof(across[0]);
	unsigned i = 0;

	while (i < nr && strcmp(policy, across[i]))
		i++;
	return i;
}

static int compare_columns(const void *left, const void *right)
{
	const struct grid_column *a = left, *b = right;
	unsigned rank_a = policy_rank(a->policy), rank_b = policy_rank(b->policy);
	int difference;

	if (rank_a != rank_b)
		return rank_a < rank_b ? -1 : 1;
	if (a->run != b->run)
		return a->run < b->run ? -1 : 1;
	difference = strcmp(a->source, b->source);
	return difference ? difference : strcmp(a->policy, b->policy);
}

/* The cell's row, added when it is new; GRID_ROWS_MAX when there is no room. */
static unsigned row_of(struct grid *grid, const struct cell *cell)
{
	unsigned i = 0;

	while (i < grid->nr_workloads && strcmp(grid->workloads[i], cell->workload))
		i++;
	if (i == grid->nr_workloads && i < GRID_ROWS_MAX)
		grid->workloads[grid->nr_workloads++] = cell->workload;
	return i;
}

static unsigned column_of(struct grid *grid, const struct cell *cell)
{
	const struct grid_column wanted = { cell->policy, cell->source, cell->run };
	unsigned i = 0;

	while (i < grid->nr_columns && compare_columns(&grid->columns[i], &wanted))
		i++;
	if (i == grid->nr_columns && i < GRID_COLUMNS_MAX)
		grid->columns[grid->nr_columns++] = wanted;
	return i;
}

unsigned grid_firsts(const struct summary *summary, const struct cell *firsts[GRIDS_MAX])
{
	unsigned nr = 0;

	for (unsigned i = 0; i < summary->nr_cells; i++) {
		unsigned known = 0;

		while (known < nr && !same_grid(summary, firsts[known], &summary->cells[i]))
			known++;
		if (known == nr && nr < GRIDS_MAX)
			firsts[nr++] = &summary->cells[i];
	}
	return nr;
}

struct grid *grid_make(const struct summary *summary, const struct cell *like)
{
	struct grid *grid = calloc(1, sizeof(*grid));

	if (!grid)
		return NULL;
	grid->summary = summary;
	grid->like = like;
	for (unsigned i = 0; i < summary->nr_cells; i++) {
		if (same_grid(summary, like, &summary->cells[i]))
			column_of(grid, &summary->cells[i]);
	}
	qsort(grid->columns, grid->nr_columns, sizeof(grid->columns[0]), compare_columns);
	for (unsigned i = 0; i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];
		unsigned row, column;

		if (!same_grid(summary, like, cell))
			continue;
		row = row_of(grid, cell);
		column = column_of(grid, cell);
		if (row < GRID_ROWS_MAX && column < GRID_COLUMNS_MAX)
			grid->cells[row][column] = cell;
		else
			grid->cut = true;
	}
	return grid;
}
