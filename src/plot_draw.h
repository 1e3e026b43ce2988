/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data to pictures: gnuplot, run in a folder of its own, and its results brought to where they are wanted. */
#ifndef WBIT_PLOT_DRAW_H
#define WBIT_PLOT_DRAW_H

#include <limits.h>

#include "figure.h"

/* A kind of picture, and how a whole file of it ends. */
struct plot_format {
	const char *name, *tail;
	size_t tail_len;
};

#define NR_PLOT_FORMATS 3
extern const struct plot_format plot_formats[NR_PLOT_FORMATS];

/*
 * Draws NAME.svg and so on, as wanted[] says by index into plot_formats, and leaves NAME.gp, NAME.dat and what the
 * script loads beside them. Existing files are replaced whole or not at all. 0, or a status after a complaint.
 */
int plot_draw(const struct figure *figure, const struct figure_input *input, const bool wanted[NR_PLOT_FORMATS],
	      const char *folder);

/* With its parents. 0 or -errno. */
int plot_make_folders(const char *folder);

#endif
