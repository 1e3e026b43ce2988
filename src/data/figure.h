/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures as data for gnuplot. Labels come out in an alphabet in which gnuplot finds no command, quote, separator or
 * markup; what is not in it becomes '?'. No line depends on the time or on a file's place: equal records, equal data.
 *
 * Every NAME.dat begins with the same four blocks, separated by two empty lines like all that follow, columns by tabs,
 * NaN for what was not measured (plots/style.gp reads them):
 *   0  width in mm, formats, title, number of notes, of series, of rows, unit of the clock in words, its short form,
 *      letters of the longest legend, and from column 10 on what only this figure has
 *   1  the notes, one a line: what was measured, on what
 *   2  the series: number from 1, style 1 to 8 (by policy), legend
 *   3  the rows: number from 0, workload, the same in two parts
 * What follows is described at the head of plots/NAME.gp.
 */
#ifndef WBIT_FIGURE_H
#define WBIT_FIGURE_H

#include <stdio.h>

#include "gather.h"
#include "grid.h"

struct figure_input {
	const struct grid *grid;	/* of one size, trigger and clock */
	const struct gather *gather;
	bool two_columns;		/* of a paper: 180 mm, else 88 mm */
	const char *formats;		/* "svg png" */
};

struct figure {
	const char *name, *about;
	/* NULL, or why these records have not what the figure shows. */
	const char *(*missing)(const struct figure_input *input);
	void (*write)(FILE *out, const struct figure_input *input);	/* errors stay in the stream */
};

/* In the order in which they are drawn; ends with a NULL name. */
extern const struct figure figures[];

#endif
