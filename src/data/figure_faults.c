// SPDX-License-Identifier: GPL-2.0-or-later
/* Write faults per page: plots/faults.gp. */
#include <math.h>
#include <string.h>

#include "figure_sheet.h"
#include "text.h"

#define BESIDE_MAX 4	/* letters that fit beside a bar */

static bool any_cell(const struct sheet *sheet, const struct cell *cell)
{
	(void)sheet;
	(void)cell;
	return true;
}

const char *faults_missing(const struct figure_input *input)
{
	return input->grid->nr_columns ? NULL : "no trial";
}

static double per_page(const struct cell *cell, uint64_t faults)
{
	return faults == NOT_MEASURED ? NAN : (double)faults / (double)cell->pages;
}

static void note_marks(struct sheet *sheet)
{
	unsigned bad = 0, idle = 0, other = 0, ranged = 0, races = 0;

	for (unsigned i = 0; i < sheet->nr_rows; i++) {
		for (unsigned k = 0; k < sheet->nr_series; k++) {
			const struct cell *cell = sheet_cell(sheet, i, k);

			bad += cell && cell_is_bad(cell);
			idle += cell && cell_ran(cell) && cell->emulation_idle;
			other += cell && cell_ran(cell) && cell->condition;
			races += cell && cell_ran(cell) && cell->race;
			ranged += cell && cell->faults_min != cell->faults_max;
		}
	}
	sheet_note(sheet, "Counted by traced trials; circle: predicted by the oracle. ");
	if (ranged)
		sheet_note(sheet, "Whiskers: least and most of the trials. ");
	if (bad)
		sheet_note(sheet, "!! %u failed: see the table. ", bad);
	if (idle)
		sheet_note(sheet, "* nothing to emulate there: vma-only is vma. ");
	if (other)
		sheet_note(sheet, "+ that kernel keeps, gives back or takes W where others do not: another state. ");
	if (races)
		sheet_note(sheet, "~ a race: no exact count. ");
}

/* As long as a bar has room for it: of 180 mm, and of 88 mm. */
static const char *kind_text(const struct sheet *sheet, const struct cell *cell)
{
	static const struct {
		const char *kind, *brief;
	} briefs[] = {
		{ "cow-reuse", "reuse" }, { "cow-copy", "copy" }, { "shared-reuse", "shared" }, { "userfault", "uffd" },
		{ "page_mkwrite", "mkwrite" }, { "pmd-reuse", "reuse" }, { "pmd-remap", "remap" }, { "hugetlb-wp", "hugetlb" },
	};
	const char *kind = cell->expected_kind ? cell->expected_kind : "";

	if (sheet->input->two_columns || sheet->nr_series < 3)
		return kind;
	for (size_t i = 0; sheet->nr_series == 3 && i < sizeof(briefs) / sizeof(briefs[0]); i++)
		if (!strcmp(kind, briefs[i].kind))
			return briefs[i].brief;
	return "";
}

static void write_bar(FILE *out, const struct sheet *sheet, const struct cell *cell, unsigned row, double highest)
{
	bool measured = cell->faults_max != NOT_MEASURED;
	char count[5 * LABEL_MAX], kind[LABEL_MAX];

	text_per_page(cell->faults_min, cell->faults_max, cell->pages, count, 4 * LABEL_MAX);
	if (!measured)
		strcpy(count, cell_ran(cell) ? "not counted" : "skip");
	sheet_plain(kind_text(sheet, cell), kind, sizeof(kind));
	fprintf(out, "%u", row);
	sheet_number(out, per_page(cell, cell->faults_min));
	sheet_number(out, per_page(cell, cell->faults_max));
	sheet_number(out, cell_ran(cell) ? per_page(cell, cell->expected_faults) : NAN);
	snprintf(count + strlen(count), sizeof(count) - strlen(count), "%s%s%s%s", measured && cell->emulation_idle ? "*" : "",
		measured && cell->condition ? "+" : "", measured && cell->race ? "~" : "", cell_is_bad(cell) ? " !!" : "");
	if (!measured || 2 * per_page(cell, cell->faults_max) < highest)
		strcpy(kind, "");
	/* Where the text beside the bar begins; gnuplot makes nothing of a NaN in a sum. */
	sheet_number(out, fmax(measured ? per_page(cell, cell->faults_max) : 0, cell_ran(cell) ? fmax(0, per_page(cell,
		     cell->expected_faults)) : 0));
	if (strlen(count) > BESIDE_MAX && *kind)
		fprintf(out, "\t%s\t%s\n", cell_is_bad(cell) ? "!!" : "-", count);	/* a long bar has the room */
	else
		fprintf(out, "\t%s\t%s\n", count, *kind ? kind : "-");
}

static double highest_bar(const struct sheet *sheet)
{
	double highest = 1;

	for (unsigned i = 0; i < sheet->nr_rows; i++) {
		for (unsigned k = 0; k < sheet->nr_series; k++) {
			const struct cell *cell = sheet_cell(sheet, i, k);

			if (cell)	/* fmax() leaves NANs out */
				highest = fmax(highest, fmax(per_page(cell, cell->faults_max),
							     per_page(cell, cell->expected_faults)));
		}
	}
	return highest;
}

void faults_write(FILE *out, const struct figure_input *input)
{
	struct sheet sheet;
	double highest;
	char more[32];

	sheet_init(&sheet, input, any_cell, SHEET_ROWS_MAX);
	sheet_note_measured(&sheet, NULL);
	note_marks(&sheet);
	highest = highest_bar(&sheet);
	snprintf(more, sizeof(more), "\t%.6g", highest);
	sheet_write_head(out, &sheet, "Write faults on the first write after migration", more);
	for (unsigned k = 0; k < sheet.nr_series; k++) {
		fputs("\n\n", out);
		for (unsigned i = 0; i < sheet.nr_rows; i++) {
			const struct cell *cell = sheet_cell(&sheet, i, k);

			if (cell)
				write_bar(out, &sheet, cell, i, highest);
			else
				fprintf(out, "%u\tNaN\tNaN\tNaN\t0\t-\t-\n", i);
		}
	}
}
