// SPDX-License-Identifier: GPL-2.0-or-later
#include "figure_sheet.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "text.h"

/* Letters of 7 pt that fit a line of notes. */
#define NOTE_LETTERS_ONE 64
#define NOTE_LETTERS_TWO 134

char *sheet_plain(const char *text, char *out, size_t size)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;()+*/_=!-";
	size_t i = 0;

	for (; i + 1 < size && text[i]; i++)
		out[i] = strchr(safe, text[i]) ? text[i] : '?';
	out[i] = '\0';
	if (text[i] && size > 3)
		memcpy(out + i - 2, "..", 2);
	return out;
}

void sheet_note(struct sheet *sheet, const char *format, ...)
{
	size_t at = strlen(sheet->notes);
	va_list args;

	va_start(args, format);
	vsnprintf(sheet->notes + at, NOTES_MAX - at, format, args);
	va_end(args);
}

const struct cell *sheet_cell(const struct sheet *sheet, unsigned row, unsigned series)
{
	return sheet->grid->cells[sheet->rows[row]][sheet->series[series]];
}

unsigned sheet_cell_number(const struct sheet *sheet, const struct cell *cell)
{
	return (unsigned)(cell - sheet->grid->summary->cells);
}

bool sheet_migrates(const struct sheet *sheet, const struct cell *cell)
{
	(void)sheet;
	return cell->migrate.n;
}

bool sheet_writes(const struct sheet *sheet, const struct cell *cell)
{
	(void)sheet;
	return cell->write.n;
}

const char *sheet_untimed(const struct figure_input *input)
{
	if (!strcmp(input->grid->summary->runs[input->grid->like->run].platform, "lab-tcg"))
		return "lab-tcg gives counts and no times";
	return "no trial was timed";
}

/* ---- what is drawn ---- */

static void choose_rows(struct sheet *sheet, bool (*wanted)(const struct sheet *, const struct cell *), unsigned max)
{
	const struct grid *grid = sheet->grid;

	for (unsigned i = 0; i < grid->nr_workloads; i++) {
		bool any = false;

		for (unsigned k = 0; k < grid->nr_columns; k++)
			any |= grid->cells[i][k] && wanted(sheet, grid->cells[i][k]);
		if (any && sheet->nr_rows < max)
			sheet->rows[sheet->nr_rows++] = i;
		else
			sheet->rows_left += any;
	}
}

static void choose_series(struct sheet *sheet, bool (*wanted)(const struct sheet *, const struct cell *))
{
	for (unsigned k = 0; k < sheet->grid->nr_columns; k++) {
		bool any = false;

		for (unsigned i = 0; i < sheet->nr_rows; i++) {
			const struct cell *cell = sheet->grid->cells[sheet->rows[i]][k];

			any |= cell && wanted(sheet, cell);
		}
		if (any && sheet->nr_series < SHEET_SERIES_MAX)
			sheet->series[sheet->nr_series++] = k;
		else
			sheet->series_left += any;
	}
}

static const struct run_info *run_of(const struct sheet *sheet, unsigned series)
{
	return &sheet->grid->summary->runs[sheet->grid->columns[sheet->series[series]].run];
}

static const char *kernel_of(const struct run_info *run)
{
	return run->name ? run->name : run->kernel;
}

/* Which of the words a legend could have do differ between the series? */
static void differing(const struct sheet *sheet, bool *source, bool *run, bool *kernel)
{
	*source = *run = false;
	*kernel = true;		/* names tell all runs apart */
	for (unsigned i = 0; i < sheet->nr_series; i++) {
		for (unsigned k = 0; k < i; k++) {
			const struct grid_column *a = &sheet->grid->columns[sheet->series[i]];
			const struct grid_column *b = &sheet->grid->columns[sheet->series[k]];

			*source |= strcmp(a->source, b->source) != 0;
			if (a->run == b->run)
				continue;
			*run = true;
			*kernel &= strcmp(kernel_of(run_of(sheet, i)), kernel_of(run_of(sheet, k))) != 0;
		}
	}
}

char *sheet_legend(const struct sheet *sheet, unsigned series, char *out, size_t size)
{
	const struct grid_column *column = &sheet->grid->columns[sheet->series[series]];
	char text[4 * LABEL_MAX], name[LABEL_MAX];
	bool source, run, kernel;

	differing(sheet, &source, &run, &kernel);
	snprintf(text, sizeof(text), "%.20s", column->policy);
	if (source)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), ", %.12s", column->source);
	if (run && kernel)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), ", %s",
			 sheet_plain(kernel_of(run_of(sheet, series)), name, sizeof(name)));
	else if (run)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), ", run %s",
			 sheet_plain(run_of(sheet, series)->id, name, sizeof(name)));
	return sheet_plain(text, out, size);
}

/* Colour and dash go by the policy, so that one policy looks the same in all figures of a paper. */
static unsigned style_of(const struct sheet *sheet, unsigned series)
{
	static const char *const known[] = { "entry", "vma", "vma-only", "upgrade" };
	const char *policy = sheet->grid->columns[sheet->series[series]].policy;
	unsigned rank = 0, before = 0;

	while (rank < 4 && strcmp(policy, known[rank]))
		rank++;
	if (rank == 4)	/* vma-unsafe, unknown: what a second run of `upgrade` would have */
		rank = 7;
	for (unsigned i = 0; i < series; i++)
		before += !strcmp(policy, sheet->grid->columns[sheet->series[i]].policy);
	return (rank + 4 * before) % 8 + 1;
}

/* ---- notes ---- */

static void note_run(struct sheet *sheet, const struct run_info *run)
{
	char kernel[40], name[40], text[80];

	sheet_note(sheet, "Linux %s", sheet_plain(run->kernel, kernel, sizeof(kernel)));
	if (run->name)
		sheet_note(sheet, " (%s)", sheet_plain(run->name, name, sizeof(name)));
	if (run->labels)
		sheet_note(sheet, ", %s", sheet_plain(run->labels, text, sizeof(text)));
	if (!run->ended || run->cut_short)
		sheet_note(sheet, ", a run that is not whole");
	sheet_note(sheet, "; ");
}

#define NOTED_RUNS_MAX 4

static void note_runs(struct sheet *sheet)
{
	unsigned noted[NOTED_RUNS_MAX], nr = 0, more = 0;

	for (unsigned i = 0; i < sheet->nr_series; i++) {
		unsigned run = sheet->grid->columns[sheet->series[i]].run, known = 0;

		while (known < nr && noted[known] != run)
			known++;
		if (known < nr)
			continue;
		if (nr == NOTED_RUNS_MAX) {
			more++;
			continue;
		}
		noted[nr++] = run;
		note_run(sheet, &sheet->grid->summary->runs[run]);
	}
	if (more)
		sheet_note(sheet, "and more runs; ");
}

/* Of the cells that are drawn: others may have gone another way, as NUMA balancing's do. */
static bool several_pairs(const struct gather *gather, const struct grid *grid)
{
	const struct node_pair *first = NULL;

	for (unsigned i = 0; i < gather->nr_pairs; i++) {
		const struct node_pair *pair = &gather->pairs[i];
		const struct cell *cell = &grid->summary->cells[pair->cell];

		if (cell->page_bytes != grid->like->page_bytes || cell_compare_ways(cell, grid->like))
			continue;
		if (!first)
			first = pair;
		if (pair->from != first->from || pair->to != first->to)
			return true;
	}
	return false;
}

void sheet_note_measured(struct sheet *sheet, const char *sizes)
{
	struct cell like = *sheet->grid->like;
	char text[48], way[80], bytes[32], pages[32];

	note_runs(sheet);
	sheet_note(sheet, "platform %s", sheet_plain(sheet->run->platform, text, sizeof(text)));
	sheet_note(sheet, ", clock: %s. %s page%s of %s, migrated", sheet->instructions ? "instructions" : "ns",
		   sizes ? sizes : text_count(like.pages, pages, sizeof(pages)), !sizes && like.pages == 1 ? "" : "s",
		   text_bytes(like.page_bytes, bytes, sizeof(bytes)));
	like.of_pair = like.of_pair && !sheet->anywhere;
	if (like.of_pair)
		;	/* the way says it */
	else if (sheet->anywhere || several_pairs(sheet->input->gather, sheet->grid))
		sheet_note(sheet, " between several nodes");
	else if (sheet->run->from >= 0 && sheet->run->from == sheet->run->to)
		sheet_note(sheet, " on node %d", sheet->run->from);
	else if (sheet->run->from >= 0)
		sheet_note(sheet, " from node %d to %d", sheet->run->from, sheet->run->to);
	sheet_note(sheet, " by %s. ", sheet_plain(cell_way(&like, way, sizeof(way)), text, sizeof(text)));
	if (sheet->rows_left)
		sheet_note(sheet, "%u more workloads are not drawn. ", sheet->rows_left);
	if (sheet->series_left)
		sheet_note(sheet, "%u more series are not drawn. ", sheet->series_left);
}

void sheet_note_kernels(struct sheet *sheet)
{
	for (unsigned i = 1; i < sheet->nr_series && sheet->instructions; i++) {
		if (strcmp(run_of(sheet, i)->kernel, run_of(sheet, 0)->kernel)) {
			sheet_note(sheet, "Instructions do not compare kernels that copy pages differently. ");
			return;
		}
	}
}

void sheet_init(struct sheet *sheet, const struct figure_input *input,
		bool (*wanted)(const struct sheet *sheet, const struct cell *cell), unsigned rows_max)
{
	memset(sheet, 0, sizeof(*sheet));
	sheet->input = input;
	sheet->grid = input->grid;
	sheet->run = &input->grid->summary->runs[input->grid->like->run];
	sheet->instructions = !strcmp(sheet->run->clock, "insn");
	choose_rows(sheet, wanted, rows_max);
	choose_series(sheet, wanted);
}

/* Breaks the notes at spaces. Returns the number of lines; prints them when `out` is not NULL. */
static unsigned wrap_notes(FILE *out, const struct sheet *sheet)
{
	size_t letters = sheet->input->two_columns ? NOTE_LETTERS_TWO : NOTE_LETTERS_ONE;
	const char *text = sheet->notes;
	unsigned lines = 0;

	while (*(text += strspn(text, " "))) {
		size_t len = strnlen(text, letters + 1);

		if (len > letters) {
			while (len && text[len - 1] != ' ')
				len--;
			if (!len)
				len = letters;
		}
		if (out)
			fprintf(out, "%.*s\n", (int)len, text);
		text += len;
		lines++;
	}
	return lines;
}

/* ---- the first four blocks ---- */

/* Two parts of a name, broken at the hyphen that is nearest to the middle. */
static void write_parts(FILE *out, const char *name)
{
	int len = (int)strlen(name), best = len;

	for (int i = 1; i < len && len > 16; i++) {
		int longer = i > len - i ? i : len - i;

		if (name[i - 1] == '-' && (best == len || longer < (best > len - best ? best : len - best)))
			best = i;
	}
	fprintf(out, "%.*s\t%s", best, name, name[best] ? name + best : "-");	/* gnuplot keeps what stood in an empty column */
}

static size_t longest_legend(const struct sheet *sheet)
{
	size_t longest = 0;
	char legend[4 * LABEL_MAX];

	for (unsigned i = 0; i < sheet->nr_series; i++) {
		size_t len = strlen(sheet_legend(sheet, i, legend, sizeof(legend)));

		longest = len > longest ? len : longest;
	}
	return longest;
}

void sheet_write_head(FILE *out, struct sheet *sheet, const char *title, const char *more)
{
	const struct summary *summary = sheet->grid->summary;
	char a[4 * LABEL_MAX], b[4 * LABEL_MAX];

	fputs("# Made by wbit plot; the script beside this file says what the blocks hold.\n", out);
	for (unsigned i = 0; i < summary->nr_runs; i++)
		fprintf(out, "# from run %s, kernel %s\n", sheet_plain(summary->runs[i].id, a, sizeof(a)),
			sheet_plain(summary->runs[i].kernel, b, sizeof(b)));
	fprintf(out, "%d\t%s\t%s\t%u\t%u\t%u\t%s\t%s\t%zu%s\n\n\n", sheet->input->two_columns ? 180 : 88,
		sheet->input->formats, title, wrap_notes(NULL, sheet), sheet->nr_series, sheet->nr_rows,
		sheet->instructions ? "instructions" : "nanoseconds", sheet->instructions ? "instructions" : "ns",
		longest_legend(sheet), more);
	wrap_notes(out, sheet);
	fputs("\n\n", out);
	for (unsigned i = 0; i < sheet->nr_series; i++)
		fprintf(out, "%u\t%u\t%s\n", i + 1, style_of(sheet, i), sheet_legend(sheet, i, a, sizeof(a)));
	fputs("\n\n", out);
	for (unsigned i = 0; i < sheet->nr_rows; i++) {
		sheet_plain(sheet->grid->workloads[sheet->rows[i]], a, LABEL_MAX);
		fprintf(out, "%u\t%s\t", i, a);
		write_parts(out, a);
		fputc('\n', out);
	}
}

void sheet_number(FILE *out, double value)
{
	if (isnan(value))
		fputs("\tNaN", out);
	else
		fprintf(out, "\t%.8g", value);
}

void sheet_spread(FILE *out, const struct spread *spread, double factor)
{
	sheet_number(out, spread->n ? spread->median * factor : NAN);
	sheet_number(out, spread->n ? spread->min * factor : NAN);
	sheet_number(out, spread->n ? spread->max * factor : NAN);
}
