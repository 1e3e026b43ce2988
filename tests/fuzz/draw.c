// SPDX-License-Identifier: GPL-2.0-or-later
/* The figures' part of the fuzzing: apart from records.c, since compare.h and figure.h are not made for one file. */
#include <stdio.h>
#include <stdlib.h>

#include "figure.h"
#include "gather.h"
#include "summary.h"

void fuzz_draw(const char *path, FILE *out);

static void draw(const struct figure_input *input, FILE *out)
{
	for (const struct figure *figure = figures; figure->name; figure++)
		if (!figure->missing(input))
			figure->write(out, input);
}

void fuzz_draw(const char *path, FILE *out)
{
	const struct cell *firsts[GRIDS_MAX];
	struct gather gather = { 0 };
	struct summary summary;
	unsigned nr;

	summary_init(&summary);
	summary.watch = gather_trial;
	summary.watch_arg = &gather;
	summary_add_file(&summary, path);
	summary_finish(&summary);
	gather_finish(&gather);
	nr = grid_firsts(&summary, firsts);
	for (unsigned i = 0; i < nr; i++) {
		struct grid *grid = grid_make(&summary, firsts[i]);

		if (grid)
			draw(&(struct figure_input){ .grid = grid, .gather = &gather, .formats = "svg" }, out);
		free(grid);
	}
	gather_free(&gather);
	summary_free(&summary);
}
