/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the figures' data have in common: which rows and series are drawn, the first four blocks, the notes. */
#ifndef WBIT_FIGURE_SHEET_H
#define WBIT_FIGURE_SHEET_H

#include "figure.h"

#define SHEET_ROWS_MAX 48	/* fill a page */
#define SHEET_PANELS_MAX 24
#define SHEET_SERIES_MAX 12
#define LABEL_MAX 30		/* bytes, terminated, of a workload's name or a legend's part in a figure */
#define NOTES_MAX 1600

/* Text as gnuplot takes it for nothing but text. Returns out. */
char *sheet_plain(const char *text, char *out, size_t size);

/* The part of a grid that one figure shows, and what it says about it. */
struct sheet {
	const struct figure_input *input;
	const struct grid *grid;
	const struct run_info *run;	/* of the grid's first cell */
	bool instructions;
	bool anywhere;			/* it shows all pairs of nodes, not those of the grid alone */
	unsigned rows[SHEET_ROWS_MAX], nr_rows;		/* indices into grid->workloads */
	unsigned series[SHEET_SERIES_MAX], nr_series;	/* indices into grid->columns */
	unsigned rows_left, series_left;		/* there was no room for */
	char notes[NOTES_MAX];
};

/* Rows and series in which at least one cell is `wanted`. No notes yet. */
void sheet_init(struct sheet *sheet, const struct figure_input *input, bool (*wanted)(const struct sheet *sheet,
		const struct cell *cell), unsigned rows_max);

/* NULL: there is none. */
const struct cell *sheet_cell(const struct sheet *sheet, unsigned row, unsigned series);
unsigned sheet_cell_number(const struct sheet *sheet, const struct cell *cell);

/* Notes what was measured, on what, and what was left out. `sizes`: "1 to 4,096"; NULL: the grid's number of pages. */
void sheet_note_measured(struct sheet *sheet, const char *sizes);

/* Where instructions of several kernels stand side by side: that they do not compare. */
void sheet_note_kernels(struct sheet *sheet);

/* Adds a sentence. It is wrapped to the figure's width when it is written. */
void sheet_note(struct sheet *sheet, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Blocks 0 to 3. `more` ends the head's line: further columns, each with a tab before it; "" for none. */
void sheet_write_head(FILE *out, struct sheet *sheet, const char *title, const char *more);

/* "entry", or as much more as tells the series apart. */
char *sheet_legend(const struct sheet *sheet, unsigned series, char *out, size_t size);

void sheet_number(FILE *out, double value);	/* a tab and the number, "NaN" for a NAN */
void sheet_spread(FILE *out, const struct spread *spread, double factor);	/* median, minimum, maximum */

bool sheet_migrates(const struct sheet *sheet, const struct cell *cell);	/* its migration was timed */
bool sheet_writes(const struct sheet *sheet, const struct cell *cell);		/* its first writes were timed */
const char *sheet_untimed(const struct figure_input *input);			/* why neither was */

/* The figures, one file each. */
const char *faults_missing(const struct figure_input *input);
const char *latency_write_missing(const struct figure_input *input);
const char *latency_migrate_missing(const struct figure_input *input);
const char *pages_missing(const struct figure_input *input);
const char *total_missing(const struct figure_input *input);
const char *nodes_missing(const struct figure_input *input);
void faults_write(FILE *out, const struct figure_input *input);
void latency_write_write(FILE *out, const struct figure_input *input);
void latency_migrate_write(FILE *out, const struct figure_input *input);
void pages_write(FILE *out, const struct figure_input *input);
void total_write(FILE *out, const struct figure_input *input);
void nodes_write(FILE *out, const struct figure_input *input);
void overview_write(FILE *out, const struct figure_input *input);

/* The text of a pair's break-even share: "0.6 %", a policy that is never dearer, "=" or "?". */
char *sheet_break_even(const struct sheet *sheet, const struct cell *a, const struct cell *b, char *out, size_t size);

/*
 * Pairs of policies of one run (the first that has some) and source, neighbours first, and `upgrade` beside `vma`: at most three;
 * returns how many.
 */
unsigned sheet_pairs(const struct sheet *sheet, unsigned pairs[3][2]);

#endif
