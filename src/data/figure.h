/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grids as data for gnuplot. Labels come out in an alphabet in which gnuplot finds no command, quote, separator or
 * markup; what is not in it becomes '?'. No line depends on the time or on a file's place: equal records, equal data.
 */
#ifndef WBIT_FIGURE_H
#define WBIT_FIGURE_H

#include <stdio.h>

#include "grid.h"

/* faults.dat, as the head of plots/faults.gp describes it. Write errors stay in the stream. */
void figure_write_faults(FILE *out, const struct grid *grid);

#endif
