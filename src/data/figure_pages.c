// SPDX-License-Identifier: GPL-2.0-or-later
/* Cost against number of pages, a panel a workload: plots/pages.gp. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure_sheet.h"
#include "text.h"

#define SIZES_MAX 32
#define FIT_POINTS 24

/* The cells of one row and series at all sizes, by number of pages. */
struct sizes {
	const struct cell *cells[SIZES_MAX];
	unsigned nr;
};

static bool of_family(const struct grid *grid, const struct cell *cell)
{
	return cell->page_bytes == grid->like->page_bytes && !cell_compare_ways(cell, grid->like) &&
	       (cell->migrate.n || cell->write.n);
}

static bool is_cell_of(const struct sheet *sheet, const struct cell *cell, unsigned row, unsigned series)
{
	const struct grid_column *column = &sheet->grid->columns[sheet->series[series]];

	return cell->run == column->run && !strcmp(cell->workload, sheet->grid->workloads[sheet->rows[row]]) &&
	       !strcmp(cell->policy, column->policy) && !strcmp(cell->source, column->source);
}

static int compare_sizes(const void *left, const void *right)
{
	const struct cell *const *a = left, *const *b = right;

	return ((*a)->pages > (*b)->pages) - ((*a)->pages < (*b)->pages);
}

static void find_sizes(const struct sheet *sheet, unsigned row, unsigned series, struct sizes *sizes)
{
	const struct summary *summary = sheet->grid->summary;

	sizes->nr = 0;
	for (unsigned i = 0; i < summary->nr_cells && sizes->nr < SIZES_MAX; i++) {
		const struct cell *cell = &summary->cells[i];

		if (of_family(sheet->grid, cell) && is_cell_of(sheet, cell, row, series))
			sizes->cells[sizes->nr++] = cell;
	}
	qsort(sizes->cells, sizes->nr, sizeof(sizes->cells[0]), compare_sizes);
}

const char *pages_missing(const struct figure_input *input)
{
	const struct summary *summary = input->grid->summary;
	bool any = false;

	for (unsigned i = 0; i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];

		if (!of_family(input->grid, cell))
			continue;
		any = true;
		if (cell->pages != input->grid->like->pages)
			return NULL;
	}
	return any ? "only one number of pages was measured" : sheet_untimed(input);
}

static bool timed(const struct sheet *sheet, const struct cell *cell)
{
	return sheet_migrates(sheet, cell) || sheet_writes(sheet, cell);
}

/* ---- the line through smallest and largest size ---- */

static const struct spread *spread_of(const struct cell *cell, bool writes)
{
	return writes ? &cell->write : &cell->migrate;
}

static bool fit(const struct sizes *sizes, bool writes, double *fixed, double *slope)
{
	const struct cell *least = NULL, *most = NULL;
	double low, high;

	for (unsigned i = 0; i < sizes->nr; i++) {
		if (!spread_of(sizes->cells[i], writes)->n)
			continue;
		least = least ? least : sizes->cells[i];
		most = sizes->cells[i];
	}
	if (!least || least->pages == most->pages)
		return false;
	low = spread_of(least, writes)->median * (double)least->pages;
	high = spread_of(most, writes)->median * (double)most->pages;
	*slope = (high - low) / (double)(most->pages - least->pages);
	*fixed = low - *slope * (double)least->pages;
	return true;
}

static void write_fit_point(FILE *out, double pages, bool fitted, double fixed, double slope)
{
	double cost = fixed + slope * pages;

	sheet_number(out, fitted && cost > 0 ? cost : NAN);
}

/* pages; migration and write along their lines. */
static void write_fits(FILE *out, const struct sizes *sizes)
{
	double fixed[2] = { 0 }, slope[2] = { 0 }, least, most;
	bool fitted[2] = { fit(sizes, false, &fixed[0], &slope[0]), fit(sizes, true, &fixed[1], &slope[1]) };

	fputs("\n\n", out);
	if (!sizes->nr) {
		fputs("NaN\tNaN\tNaN\n", out);
		return;
	}
	least = (double)sizes->cells[0]->pages;
	most = (double)sizes->cells[sizes->nr - 1]->pages;
	for (unsigned i = 0; i <= FIT_POINTS; i++) {
		double pages = least * pow(most / least, (double)i / FIT_POINTS);

		fprintf(out, "%.8g", pages);
		write_fit_point(out, pages, fitted[0], fixed[0], slope[0]);
		write_fit_point(out, pages, fitted[1], fixed[1], slope[1]);
		fputc('\n', out);
	}
}

/* pages; migration: median, least, most of the call; write: the same. */
static void write_points(FILE *out, const struct sizes *sizes)
{
	fputs("\n\n", out);
	if (!sizes->nr)
		fputs("NaN\tNaN\tNaN\tNaN\tNaN\tNaN\tNaN\n", out);
	for (unsigned i = 0; i < sizes->nr; i++) {
		const struct cell *cell = sizes->cells[i];

		fprintf(out, "%llu", (unsigned long long)cell->pages);
		sheet_spread(out, &cell->migrate, (double)cell->pages);
		sheet_spread(out, &cell->write, (double)cell->pages);
		fputc('\n', out);
	}
}

/* Three digits: "18.3", "8.37k" */
static void short_figure(double value, char out[32])
{
	static const char *const powers[] = { "", "k", "M", "G", "T" };
	unsigned i = 0;

	for (; value >= 999.5 && i < 4; i++)
		value /= 1000;
	snprintf(out, 32, value < 9.995 ? "%.2f%s" : value < 99.95 ? "%.1f%s" : "%.0f%s", value, powers[i]);
}

/* "8.37k", "18.3-1.20k", "-" for none: what a page more costs, over the panel's series; alike within 1 %: the most. */
static char *slopes_text(const struct sheet *sheet, unsigned row, bool writes, char *out, size_t size)
{
	double least = INFINITY, most = 0, fixed, slope;
	char low[32], high[32];
	struct sizes sizes;

	for (unsigned k = 0; k < sheet->nr_series; k++) {
		find_sizes(sheet, row, k, &sizes);
		if (!fit(&sizes, writes, &fixed, &slope) || !(slope > 0 && slope < 1e15))
			continue;
		least = fmin(least, slope);
		most = fmax(most, slope);
	}
	if (most <= 0)
		return strcpy(out, "-");
	short_figure(least, low);
	short_figure(most, high);
	snprintf(out, size, most < 1.01 * least ? "%s" : "%s-%s", most < 1.01 * least ? high : low, high);
	return out;
}

/* Lowest and highest cost of a call, and the sizes. */
static void find_reach(const struct sheet *sheet, double cost[2], double pages[2])
{
	struct sizes sizes;

	for (unsigned i = 0; i < sheet->nr_rows * sheet->nr_series; i++) {
		find_sizes(sheet, i / sheet->nr_series, i % sheet->nr_series, &sizes);
		for (unsigned k = 0; k < 2 * sizes.nr; k++) {
			const struct cell *cell = sizes.cells[k / 2];
			const struct spread *spread = spread_of(cell, k % 2);
			double n = (double)cell->pages;

			if (!spread->n)
				continue;
			pages[0] = fmin(pages[0], n);
			pages[1] = fmax(pages[1], n);
			cost[0] = fmin(cost[0], fmax(1, n * spread->min));
			cost[1] = fmax(cost[1], n * spread->max);
		}
	}
	if (isinf(pages[0])) {	/* nothing was measured */
		pages[0] = pages[1];
		cost[0] = cost[1];
	}
}

/*
 * After the head: a block of texts a row (slopes of migration, of writes), then for each row and series in turn the
 * points, then for each row and series the lines.
 */
void pages_write(FILE *out, const struct figure_input *input)
{
	double cost[2] = { INFINITY, 1 }, pages[2] = { INFINITY, 1 };
	struct sheet sheet;
	struct sizes sizes;
	char more[96], a[80], b[80];

	sheet_init(&sheet, input, timed, SHEET_PANELS_MAX);
	find_reach(&sheet, cost, pages);
	snprintf(more, sizeof(more), "%s to %s", text_count((uint64_t)pages[0], a, sizeof(a)),
		 text_count((uint64_t)pages[1], b, sizeof(b)));
	sheet_note_measured(&sheet, more);
	sheet_note_kernels(&sheet);
	sheet_note(&sheet, "Upper lines: the migration call; lower ones: the first writes; medians, whiskers: least to most of "
		   "the trials. Lines: fixed cost and cost a page, from the smallest and the largest size; below each "
		   "name the cost a page, migration | write, least to most of the policies. Grey: proportional to the "
		   "pages. ");
	snprintf(more, sizeof(more), "\t%.8g\t%.8g\t%.8g\t%.8g", pages[0], pages[1], cost[0], cost[1]);
	sheet_write_head(out, &sheet, "Cost of a call against its pages", more);
	fputs("\n\n", out);
	for (unsigned i = 0; i < sheet.nr_rows; i++)
		fprintf(out, "%u\t%s\t%s\n", i, slopes_text(&sheet, i, false, a, sizeof(a)),
			slopes_text(&sheet, i, true, b, sizeof(b)));
	for (unsigned i = 0; i < sheet.nr_rows * sheet.nr_series; i++) {
		find_sizes(&sheet, i / sheet.nr_series, i % sheet.nr_series, &sizes);
		write_points(out, &sizes);
	}
	for (unsigned i = 0; i < sheet.nr_rows * sheet.nr_series; i++) {
		find_sizes(&sheet, i / sheet.nr_series, i % sheet.nr_series, &sizes);
		write_fits(out, &sizes);
	}
}
