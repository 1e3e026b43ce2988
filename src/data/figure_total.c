// SPDX-License-Identifier: GPL-2.0-or-later
/* What a policy costs in all, and the overview: plots/total.gp, plots/overview.gp. */
#include <math.h>
#include <string.h>

#include "break_even.h"
#include "figure_sheet.h"

static bool has_both(const struct sheet *sheet, const struct cell *cell)
{
	return sheet_migrates(sheet, cell) && sheet_writes(sheet, cell);
}

const char *total_missing(const struct figure_input *input)
{
	struct sheet sheet;

	sheet_init(&sheet, input, has_both, SHEET_ROWS_MAX);
	if (sheet.nr_rows)
		return NULL;
	sheet_init(&sheet, input, sheet_writes, SHEET_ROWS_MAX);
	return sheet.nr_rows ? "the migrations were not timed" : sheet_untimed(input);
}

/* ---- the break-even share ---- */

/* `upgrade` is what `vma` does and more: it is held against that, and the others against their neighbours. */
static bool is_worth_it(const struct grid_column *a, const struct grid_column *b, unsigned apart)
{
	return strcmp(b->policy, "upgrade") ? apart == 1 : !strcmp(a->policy, "vma");
}

unsigned sheet_pairs(const struct sheet *sheet, unsigned pairs[3][2])
{
	unsigned nr = 0;

	for (int worth_it = 1; worth_it >= 0; worth_it--)
		for (unsigned apart = 1; apart < sheet->nr_series; apart++) {
			for (unsigned i = 0; i + apart < sheet->nr_series && nr < 3; i++) {
				const struct grid_column *a = &sheet->grid->columns[sheet->series[i]];
				const struct grid_column *b = &sheet->grid->columns[sheet->series[i + apart]];

				if (is_worth_it(a, b, apart) != worth_it || a->run != b->run || strcmp(a->source, b->source) ||
				    (nr && a->run != sheet->grid->columns[sheet->series[pairs[0][0]]].run))
					continue;
				pairs[nr][0] = i;
				pairs[nr++][1] = i + apart;
			}
		}
	return nr;
}

char *sheet_break_even(const struct sheet *sheet, const struct cell *a, const struct cell *b, char *out, size_t size)
{
	double share;

	switch (break_even(a, b, sheet->instructions, &share)) {
	case BREAK_EVEN_SHARE:
		snprintf(out, size, share < 0.01 ? "%.2f %%" : share < 0.1 ? "%.1f %%" : "%.0f %%", 100 * share);
		return out;
	case BREAK_EVEN_A:
		return sheet_plain(a->policy, out, size);
	case BREAK_EVEN_B:
		return sheet_plain(b->policy, out, size);
	case BREAK_EVEN_EQUAL:
		return strcpy(out, "=");
	default:
		return strcpy(out, "?");
	}
}

/* Two blocks: the pairs, as two policies each; and for each row the texts of all pairs. */
static void write_break_even(FILE *out, const struct sheet *sheet, unsigned pairs[3][2], unsigned nr_pairs)
{
	char a[LABEL_MAX], b[LABEL_MAX];

	fputs("\n\n", out);
	for (unsigned i = 0; i < nr_pairs; i++)
		fprintf(out, "%u\t%s\t%s\n", i,
			sheet_plain(sheet->grid->columns[sheet->series[pairs[i][0]]].policy, a, 12),
			sheet_plain(sheet->grid->columns[sheet->series[pairs[i][1]]].policy, b, 12));
	if (!nr_pairs)
		fputs("NaN\t-\t-\n", out);
	fputs("\n\n", out);
	for (unsigned row = 0; row < sheet->nr_rows; row++) {
		fprintf(out, "%u", row);
		for (unsigned i = 0; i < nr_pairs; i++)
			fprintf(out, "\t%s", sheet_break_even(sheet, sheet_cell(sheet, row, pairs[i][0]),
							      sheet_cell(sheet, row, pairs[i][1]), a, 12));
		fputc('\n', out);
	}
}

static const char *kernel_name(const struct sheet *sheet, unsigned series)
{
	const struct run_info *run = &sheet->grid->summary->runs[sheet->grid->columns[sheet->series[series]].run];

	return run->name ? run->name : run->kernel;
}

static bool runs_differ(const struct sheet *sheet)
{
	for (unsigned i = 1; i < sheet->nr_series; i++) {
		if (sheet->grid->columns[sheet->series[i]].run != sheet->grid->columns[sheet->series[0]].run)
			return true;
	}
	return false;
}

static void note_break_even(struct sheet *sheet, unsigned pairs[3][2], unsigned nr_pairs)
{
	char name[LABEL_MAX];

	if (!nr_pairs) {
		sheet_note(sheet, "No break-even share: no two policies of one run. ");
		return;
	}
	if (runs_differ(sheet))
		sheet_note(sheet, "Break-even shares are of %s. ", sheet_plain(kernel_name(sheet, pairs[0][0]), name, sizeof(name)));
	sheet_note(sheet, "Break-even: the share of migrated pages written again at which both policies cost the same, the "
		   "extra migration cost of one over the extra first-write cost of the other. A name: that policy is "
		   "never dearer. %s. ", sheet->instructions ? "=: no difference" : "?: not told apart at 95 %");
}

static void note_spread(struct sheet *sheet)
{
	sheet_note_kernels(sheet);
	sheet_note(sheet, "Medians of the timed trials, a call's fixed cost included; whiskers: least to most of the trials. ");
}

/* ---- the total ---- */

/* An emulated policy has first writes, and no migration of its own. */
static void note_untimed(struct sheet *sheet)
{
	unsigned untimed = 0;

	for (unsigned k = 0; k < sheet->grid->nr_columns; k++) {
		bool writes = false, migrates = false;

		for (unsigned i = 0; i < sheet->grid->nr_workloads; i++) {
			const struct cell *cell = sheet->grid->cells[i][k];

			writes |= cell && cell->write.n;
			migrates |= cell && cell->migrate.n;
		}
		untimed += writes && !migrates;
	}
	if (untimed)
		sheet_note(sheet, "Not drawn: %u series whose migrations were not timed. ", untimed);
}

static bool whole(const struct cell *cell)
{
	return cell && cell->migrate.n && cell->write.n;
}

/* row; migration: median; both: median, least, most (of sums that may not have met in one trial). */
static void write_total(FILE *out, const struct cell *cell, unsigned row)
{
	fprintf(out, "%u", row);
	if (whole(cell)) {
		sheet_number(out, cell->migrate.median);
		sheet_number(out, cell->migrate.median + cell->write.median);
		sheet_number(out, cell->migrate.min + cell->write.min);
		sheet_number(out, cell->migrate.max + cell->write.max);
	} else {
		fputs("\tNaN\tNaN\tNaN\tNaN", out);
	}
	fputc('\n', out);
}

void total_write(FILE *out, const struct figure_input *input)
{
	unsigned pairs[3][2], nr_pairs;
	struct sheet sheet;
	double highest = 0;
	char more[48];

	sheet_init(&sheet, input, has_both, SHEET_ROWS_MAX);
	sheet_note_measured(&sheet, NULL);
	nr_pairs = sheet_pairs(&sheet, pairs);
	note_untimed(&sheet);
	note_spread(&sheet);
	note_break_even(&sheet, pairs, nr_pairs);
	for (unsigned i = 0; i < sheet.nr_rows; i++) {
		for (unsigned k = 0; k < sheet.nr_series; k++) {
			const struct cell *cell = sheet_cell(&sheet, i, k);

			if (whole(cell))
				highest = fmax(highest, cell->migrate.max + cell->write.max);
		}
	}
	snprintf(more, sizeof(more), "\t%.8g\t%u", highest, nr_pairs);
	sheet_write_head(out, &sheet, "What a migrated page costs until it is written", more);
	for (unsigned k = 0; k < sheet.nr_series; k++) {
		fputs("\n\n", out);
		for (unsigned i = 0; i < sheet.nr_rows; i++)
			write_total(out, sheet_cell(&sheet, i, k), i);
	}
	write_break_even(out, &sheet, pairs, nr_pairs);
}

/* ---- the overview ---- */

/* Lowest and highest of a figure, for its axis. */
static void reach_to(double reach[2], const struct spread *spread)
{
	if (spread->n) {
		reach[0] = fmin(reach[0], spread->min);
		reach[1] = fmax(reach[1], spread->max);
	}
}

/* row; faults; write: median, least, most; migration: the same. */
static void write_overview(FILE *out, const struct cell *cell, unsigned row)
{
	fprintf(out, "%u", row);
	if (cell) {
		sheet_number(out, cell->faults_max == NOT_MEASURED ? NAN : (double)cell->faults_max / (double)cell->pages);
		sheet_spread(out, &cell->write, 1);
		sheet_spread(out, &cell->migrate, 1);
	} else {
		fputs("\tNaN\tNaN\tNaN\tNaN\tNaN\tNaN\tNaN", out);
	}
	fputc('\n', out);
}

void overview_write(FILE *out, const struct figure_input *input)
{
	double writes[2] = { INFINITY, 0 }, migrations[2] = { INFINITY, 0 }, faults = 1;
	unsigned pairs[3][2], nr_pairs;
	struct sheet sheet;
	char more[96];

	sheet_init(&sheet, input, sheet_writes, SHEET_ROWS_MAX);
	sheet_note_measured(&sheet, NULL);
	nr_pairs = sheet_pairs(&sheet, pairs);
	note_spread(&sheet);
	if (input->two_columns)
		note_break_even(&sheet, pairs, nr_pairs);	/* one column has no room for it */
	for (unsigned i = 0; i < sheet.nr_rows; i++) {
		for (unsigned k = 0; k < sheet.nr_series; k++) {
			const struct cell *cell = sheet_cell(&sheet, i, k);

			if (!cell)
				continue;
			reach_to(writes, &cell->write);
			reach_to(migrations, &cell->migrate);
			if (cell->faults_max != NOT_MEASURED)
				faults = fmax(faults, (double)cell->faults_max / (double)cell->pages);
		}
	}
	snprintf(more, sizeof(more), "\t%.8g\t%.8g\t%.8g\t%.8g\t%.8g\t%u", faults, fmax(1, writes[0]), fmax(1, writes[1]),
		 fmax(1, migrations[0]), fmax(1, migrations[1]), nr_pairs);
	sheet_write_head(out, &sheet, "What the write bit costs", more);
	for (unsigned k = 0; k < sheet.nr_series; k++) {
		fputs("\n\n", out);
		for (unsigned i = 0; i < sheet.nr_rows; i++)
			write_overview(out, sheet_cell(&sheet, i, k), i);
	}
	write_break_even(out, &sheet, pairs, nr_pairs);
}
