// SPDX-License-Identifier: GPL-2.0-or-later
/* Distributions of the first write's and the migration's latency, a panel a workload: plots/cdf.gp. */
#include <math.h>

#include "figure_sheet.h"

static bool has_latencies(const struct sheet *sheet, const struct cell *cell)
{
	return gather_latencies(sheet->input->gather, sheet_cell_number(sheet, cell));
}

static const char *any_missing(const struct figure_input *input, const char *what,
			       bool (*wanted)(const struct sheet *, const struct cell *))
{
	struct sheet sheet;

	sheet_init(&sheet, input, wanted, SHEET_PANELS_MAX);
	return sheet.nr_rows ? NULL : what;
}

const char *latency_write_missing(const struct figure_input *input)
{
	return any_missing(input, input->gather->cut ? "more latencies than there is memory for" : sheet_untimed(input),
			   has_latencies);
}

const char *latency_migrate_missing(const struct figure_input *input)
{
	return any_missing(input, sheet_untimed(input), sheet_migrates);
}

/* Lowest and highest value that the axis has to show. */
struct reach {
	double low, high;
};

static void reach_to(struct reach *reach, double value)
{
	value = fmax(value, 1);	/* the axis is logarithmic */
	if (!(reach->low <= value))
		reach->low = value;
	if (!(reach->high >= value))
		reach->high = value;
}

/* A step of a line, at a value: from the share before it to the share up to it; 0.5 in a column of its own at the median. */
static void write_step(FILE *out, double value, double share, double before)
{
	fprintf(out, "%.8g", fmax(1, value));
	sheet_number(out, before);
	fputs("\tNaN\n", out);
	fprintf(out, "%.8g", fmax(1, value));
	sheet_number(out, share);
	sheet_number(out, share >= 0.5 && before < 0.5 ? 0.5 : NAN);
	fputc('\n', out);
}

static void write_latencies(FILE *out, const struct latencies *l)
{
	double total = (double)l->total;
	uint64_t before = 0;

	for (size_t i = 0; i < l->nr; i++) {
		uint64_t upto = before + l->bins[i].count;

		write_step(out, (double)l->bins[i].value, (double)upto / total, (double)before / total);
		before = upto;
	}
}

static void write_migrations(FILE *out, const struct spread *migrate)
{
	unsigned before = 0;

	for (unsigned i = 0; i < migrate->n; i++) {
		if (i + 1 < migrate->n && migrate->samples[i + 1].value == migrate->samples[i].value)
			continue;
		write_step(out, migrate->samples[i].value, (i + 1.0) / migrate->n, (double)before / migrate->n);
		before = i + 1;
	}
}

static void reach_cell(struct reach *reach, const struct latencies *l, const struct spread *migrate)
{
	if (l) {
		reach_to(reach, (double)l->bins[0].value);
		reach_to(reach, (double)l->bins[l->nr - 1].value);
	} else if (migrate->n) {
		reach_to(reach, migrate->min);
		reach_to(reach, migrate->max);
	}
}

static const struct latencies *latencies_in(const struct sheet *sheet, const struct cell *cell, bool writes)
{
	return writes && cell ? gather_latencies(sheet->input->gather, sheet_cell_number(sheet, cell)) : NULL;
}

static void write_curve(FILE *out, const struct sheet *sheet, const struct cell *cell, bool writes)
{
	const struct latencies *l = latencies_in(sheet, cell, writes);

	fputs("\n\n", out);
	if (!l && (writes || !cell || !cell->migrate.n)) {
		fputs("NaN\tNaN\tNaN\n", out);
		return;
	}
	if (l)
		write_latencies(out, l);
	else
		write_migrations(out, &cell->migrate);
}

static void write_figure(FILE *out, const struct figure_input *input, bool writes)
{
	struct reach reach = { NAN, NAN };
	struct sheet sheet;
	char more[64];

	sheet_init(&sheet, input, writes ? has_latencies : sheet_migrates, SHEET_PANELS_MAX);
	sheet_note_measured(&sheet, NULL);
	sheet_note_kernels(&sheet);
	for (unsigned i = 0; i < sheet.nr_rows; i++) {
		for (unsigned k = 0; k < sheet.nr_series; k++) {
			const struct cell *cell = sheet_cell(&sheet, i, k);

			if (cell)
				reach_cell(&reach, latencies_in(&sheet, cell, writes), writes ? &(struct spread){ 0 } :
					   &cell->migrate);
		}
	}
	if (writes)
		sheet_note(&sheet, "Single writes of all timed trials, the clock's own cost included. Dot: median. ");
	else
		sheet_note(&sheet, "One step a trial: its migration, the call included, divided by its pages. Dot: median. ");
	snprintf(more, sizeof(more), "\t%.8g\t%.8g", reach.low, reach.high);
	sheet_write_head(out, &sheet, writes ? "Latency of the first write after migration" :
			 "Latency of migrating a page", more);
	for (unsigned i = 0; i < sheet.nr_rows; i++) {
		for (unsigned k = 0; k < sheet.nr_series; k++)
			write_curve(out, &sheet, sheet_cell(&sheet, i, k), writes);
	}
}

void latency_write_write(FILE *out, const struct figure_input *input)
{
	write_figure(out, input, true);
}

void latency_migrate_write(FILE *out, const struct figure_input *input)
{
	write_figure(out, input, false);
}
