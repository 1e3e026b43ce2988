// SPDX-License-Identifier: GPL-2.0-or-later
/* The figures' part of the fuzzing: apart from records.c, since compare.h and figure.h are not made for one file. */
#include <stdio.h>
#include <stdlib.h>

#include "figure.h"
#include "summary.h"

void fuzz_draw(const char *path, FILE *out);

void fuzz_draw(const char *path, FILE *out)
{
	const struct cell *firsts[GRIDS_MAX];
	struct summary summary;
	unsigned nr;

	summary_init(&summary);
	summary_add_file(&summary, path);
	summary_finish(&summary);
	nr = grid_firsts(&summary, firsts);
	for (unsigned i = 0; i < nr; i++) {
		struct grid *grid = grid_make(&summary, firsts[i]);

		if (grid)
			figure_write_faults(out, grid);
		free(grid);
	}
	summary_free(&summary);
}
