// SPDX-License-Identifier: GPL-2.0-or-later
/* Grids as data for gnuplot: figure.h says what makes them safe, plots/faults.gp how the file is laid out. */
#include "figure.h"

#include <stdarg.h>
#include <string.h>

#include "text.h"

#define LABEL_MAX 150

/* What gnuplot takes for nothing but text. */
static char *plain(const char *text, char *out, size_t size)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;()+*/_=!-";
	size_t i = 0;

	for (; i + 1 < size && text[i]; i++)
		out[i] = strchr(safe, text[i]) ? text[i] : '?';
	out[i] = '\0';
	return out;
}

/* Appends to a note of LABEL_MAX bytes. */
__attribute__((format(printf, 2, 3))) static void add_note(char *note, const char *format, ...)
{
	size_t at = strlen(note);
	va_list args;

	if (at)
		at += (size_t)snprintf(note + at, LABEL_MAX - at, "; ");
	if (at >= LABEL_MAX)
		return;
	va_start(args, format);
	vsnprintf(note + at, LABEL_MAX - at, format, args);
	va_end(args);
}

/* The second line of the footnote: what a reader of the figure has to know besides. */
static void write_notes(FILE *out, const struct grid *grid)
{
	const struct summary *summary = grid->summary;
	char note[LABEL_MAX] = "", clean[LABEL_MAX];
	unsigned bad = 0, idle = 0, other = 0;

	for (unsigned i = 0; i < grid->nr_workloads; i++) {
		for (unsigned k = 0; k < grid->nr_columns; k++) {
			const struct cell *cell = grid->cells[i][k];

			bad += cell && cell_is_bad(cell);
			idle += cell && cell_ran(cell) && cell->emulation_idle;
			other += cell && cell_ran(cell) && cell->other_state;
		}
	}
	for (unsigned i = 0; i < summary->nr_runs; i++) {
		if (!summary->runs[i].ended || summary->runs[i].cut_short)
			add_note(note, "run %.40s is not whole", summary->runs[i].id);
	}
	if (bad)
		add_note(note, "!! %u failed: see the table", bad);
	if (idle)
		add_note(note, "* nothing to emulate there: vma-only is vma");
	if (other)
		add_note(note, "+ that kernel gives W back when uffd-wp ends: another state");
	if (summary->runs[grid->like->run].labels)
		add_note(note, "%s", summary->runs[grid->like->run].labels);
	fputs(plain(note, clean, sizeof(clean)), out);
}

static void write_footnote(FILE *out, const struct grid *grid)
{
	const struct run_info *run = &grid->summary->runs[grid->like->run];
	char text[2 * LABEL_MAX], clean[2 * LABEL_MAX], pages[32], bytes[32], nodes[48] = "";

	if (run->from >= 0)
		snprintf(nodes, sizeof(nodes), " from node %d to %d", run->from, run->to);
	snprintf(text, sizeof(text), "%s page%s of %s, migrated%s by %.24s; platform %.16s, clock %.8s",
		 text_count(grid->like->pages, pages, sizeof(pages)), grid->like->pages == 1 ? "" : "s",
		 text_bytes(grid->like->page_bytes, bytes, sizeof(bytes)), nodes, grid->like->trigger, run->platform,
		 run->clock);
	fprintf(out, "%s\t", plain(text, clean, sizeof(clean)));
}

static double per_page(const struct cell *cell, uint64_t faults)
{
	return (double)faults / (double)cell->pages;
}

static double higher(double highest, const struct cell *cell, uint64_t faults)
{
	return faults != NOT_MEASURED && per_page(cell, faults) > highest ? per_page(cell, faults) : highest;
}

static double highest_bar(const struct grid *grid)
{
	double highest = 1;

	for (unsigned i = 0; i < grid->nr_workloads; i++) {
		for (unsigned k = 0; k < grid->nr_columns; k++) {
			const struct cell *cell = grid->cells[i][k];

			if (!cell)
				continue;
			highest = higher(highest, cell, cell->faults_max);
			highest = higher(highest, cell, cell->expected_faults);
		}
	}
	return highest;
}

static void write_figure(FILE *out, const struct cell *cell, uint64_t faults)
{
	if (faults == NOT_MEASURED)
		fputs("NaN\t", out);
	else
		fprintf(out, "%.6g\t", per_page(cell, faults));
}

static void write_bar(FILE *out, const struct cell *cell, double x)
{
	bool measured = cell->faults_max != NOT_MEASURED;
	char above[LABEL_MAX], kind[LABEL_MAX];

	text_per_page(cell->faults_min, cell->faults_max, cell->pages, above, sizeof(above));
	if (!measured)
		strcpy(above, cell_ran(cell) ? "not counted" : "skip");
	plain(cell->expected_kind ? cell->expected_kind : "", kind, sizeof(kind));
	fprintf(out, "%.4f\t", x);
	write_figure(out, cell, cell->faults_min);
	write_figure(out, cell, cell->faults_max);
	write_figure(out, cell, cell_ran(cell) ? cell->expected_faults : NOT_MEASURED);
	write_figure(out, cell, measured ? cell->faults_max : 0);
	fprintf(out, "%s%s%s%s\t%s\n", above, measured && cell->emulation_idle ? "*" : "",
		measured && cell->other_state ? "+" : "", cell_is_bad(cell) ? " !!" : "",
		measured && 2 * cell->faults_max >= cell->pages ? kind : "");
}

/* Does another column say the same in the legend, so that only the run tells them apart? */
static bool has_double(const struct grid *grid, unsigned number)
{
	const struct grid_column *a = &grid->columns[number];

	for (unsigned i = 0; i < grid->nr_columns; i++) {
		const struct grid_column *b = &grid->columns[i];

		if (i != number && !strcmp(a->policy, b->policy) && !strcmp(a->source, b->source) &&
		    !strcmp(grid->summary->runs[a->run].kernel, grid->summary->runs[b->run].kernel))
			return true;
	}
	return false;
}

static void write_series(FILE *out, const struct grid *grid, unsigned number, double distance)
{
	const struct grid_column *column = &grid->columns[number];
	double offset = (number - (grid->nr_columns - 1) / 2.0) * distance;
	char kernel[32], legend[LABEL_MAX], clean[LABEL_MAX];

	text_kernel(grid->summary->runs[column->run].kernel, kernel, sizeof(kernel));
	snprintf(legend, sizeof(legend), "%.20s: Linux %s, %.12s%s%.24s", column->policy, kernel, column->source,
		 has_double(grid, number) ? ", run " : "",
		 has_double(grid, number) ? grid->summary->runs[column->run].id : "");
	fprintf(out, "\n\n%s\n", plain(legend, clean, sizeof(clean)));
	for (unsigned i = 0; i < grid->nr_workloads; i++) {
		if (grid->cells[i][number])
			write_bar(out, grid->cells[i][number], i + offset);
	}
}

void figure_write_faults(FILE *out, const struct grid *grid)
{
	const struct summary *summary = grid->summary;
	double distance = 0.81 / grid->nr_columns;
	char id[LABEL_MAX], kernel[LABEL_MAX], clean[LABEL_MAX];

	fputs("# Write faults per page on the first write after a migration. Made by wbit plot.\n"
	      "# Block 0: footnotes, number of series, of workloads, distance of bars, highest bar. Block 1: x, workload.\n"
	      "# Then one per series: x, lowest and highest faults per page measured, expected faults per page,\n"
	      "# place of the text above the bar, that text, kind of fault. NaN: not measured\n", out);
	for (unsigned i = 0; i < summary->nr_runs; i++)
		fprintf(out, "# from run %s, kernel %s\n", plain(summary->runs[i].id, id, sizeof(id)),
			plain(summary->runs[i].kernel, kernel, sizeof(kernel)));
	write_footnote(out, grid);
	write_notes(out, grid);
	fprintf(out, "\t%u\t%u\t%.4f\t%.6g\n\n\n", grid->nr_columns, grid->nr_workloads, distance, highest_bar(grid));
	for (unsigned i = 0; i < grid->nr_workloads; i++)
		fprintf(out, "%u\t%s\n", i, plain(grid->workloads[i], clean, sizeof(clean)));
	for (unsigned i = 0; i < grid->nr_columns; i++)
		write_series(out, grid, i, distance);
}
