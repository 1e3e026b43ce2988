// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of a run or several: workloads down, policies across, one table for each clock, trigger and page size.
 *
 * All text that came with a record is hostile: it reaches the output as printable ASCII, cut to its place.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "face.h"
#include "grid.h"
#include "table_chance.h"
#include "table_counters.h"
#include "text.h"

#define LINE_WIDTH 120
#define NAME_WIDTH 25
#define LABEL_WIDTH 8
#define COLUMN_WIDTH 28
#define ACROSS 3		/* columns side by side, at most; further ones go below */
#define REASONS_MAX 40
#define TEXT_MAX 256

struct table {
	const struct grid *grid;
	char reasons[REASONS_MAX][TEXT_MAX];
	unsigned nr_reasons;
};

enum row { ROW_FAULTS, ROW_W, ROW_MIGRATE, ROW_WRITE, ROW_CHANCE, ROW_OUTCOME = ROW_CHANCE + CHANCE_SHARE, NR_ROWS };

static char *ascii(const char *text, char *out, size_t size)
{
	printable(text, out, size);
	for (char *c = out; *c; c++) {
		if (*c & 0x80)
			*c = '?';
	}
	return out;
}

/* A line, cut to the width. */
__attribute__((format(printf, 2, 3))) static void print_line(FILE *out, const char *format, ...)
{
	char text[4 * LINE_WIDTH], clean[LINE_WIDTH + 1];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(out, "%s\n", ascii(text, clean, sizeof(clean)));
}

/* ---- one cell's texts ---- */

static void note_reason(struct table *table, const struct cell *cell)
{
	char reason[TEXT_MAX];
	unsigned i = 0;

	if (cell->worst == OUTCOME_OK)
		return;
	ascii(cell->reason ? cell->reason : "no reason given", reason, sizeof(reason));
	while (i < table->nr_reasons && strcmp(table->reasons[i], reason))
		i++;
	if (i == table->nr_reasons && i < REASONS_MAX)
		memcpy(table->reasons[table->nr_reasons++], reason, sizeof(reason));
}

static void note_reasons(struct table *table)
{
	const struct grid *grid = table->grid;

	for (unsigned i = 0; i < grid->nr_workloads; i++) {
		for (unsigned k = 0; k < grid->nr_columns; k++) {
			if (grid->cells[i][k])
				note_reason(table, grid->cells[i][k]);
		}
	}
}

/* A race: the share of pages that lost it, and the 95 % interval of such a share (Wilson 1927). */
static void race_text(const struct cell *cell, char *out, size_t size)
{
	const double z2 = 1.96 * 1.96, n = (double)cell->pages, share = (double)cell->faults_max / n;
	const double middle = share + z2 / (2 * n), half = sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n)));

	char median[96];

	if (cell->faults_max == NOT_MEASURED)
		snprintf(out, size, "? / race");
	else if (chance_has_interval(&cell->chances[CHANCE_SHARE]))
		snprintf(out, size, "%s / race ~", chance_text(&cell->chances[CHANCE_SHARE], median, sizeof(median)));
	else
		snprintf(out, size, "%.2f [%.2f,%.2f] / race ~", share, fmax(0, middle - half) / (1 + z2 / n),
			 fmin(1, (middle + half) / (1 + z2 / n)));
}

static void faults_text(const struct cell *cell, char *out, size_t size)
{
	char measured[96], expected[96];
	const char *kind = cell->expected_faults && cell->expected_kind ? cell->expected_kind : "";

	text_per_page(cell->faults_min, cell->faults_max, cell->pages, measured, sizeof(measured));
	text_per_page(cell->expected_faults, cell->expected_faults, cell->pages, expected, sizeof(expected));
	if (cell->emulation_idle)
		snprintf(out, size, "%s / %s = vma, nothing to drop", measured, expected);
	else
		snprintf(out, size, "%s / %s %.50s", measured, expected, kind);
}

static void w_text(const struct cell *cell, char *out, size_t size)
{
	char before[128], after[128];

	snprintf(out, size, "%s -> %s%s", text_range(cell->w_before_min, cell->w_before_max, before, sizeof(before)),
		 text_range(cell->w_after_min, cell->w_after_max, after, sizeof(after)),
		 cell->condition ? " other state +" : "");
}

static void outcome_text(const struct table *table, const struct cell *cell, char *out, size_t size)
{
	static const char *const marks[NR_OUTCOMES] = {
		[OUTCOME_FAIL] = "!! FAIL",
		[OUTCOME_STATE_NOT_REACHED] = "!! state not reached",
		[OUTCOME_BROKEN] = "!! broken",
		[OUTCOME_SKIP] = "skip",
	};
	const char *mark = cell->worst == OUTCOME_SKIP && cell_ran(cell) ? "ok, some skipped" : marks[cell->worst];
	char reason[TEXT_MAX], number[16] = "";

	if (cell->worst == OUTCOME_OK) {
		mark = cell_contradicts(cell) ? "!! ok, yet off the oracle" :
		       cell_has_oracle(cell) && cell->faults_min == NOT_MEASURED ? "ok, faults not counted" : "ok";
		snprintf(out, size, "%s", mark);
		return;
	}
	ascii(cell->reason ? cell->reason : "no reason given", reason, sizeof(reason));
	for (unsigned i = 0; i < table->nr_reasons; i++) {
		if (!strcmp(table->reasons[i], reason))
			snprintf(number, sizeof(number), " [%u]", i + 1);
	}
	snprintf(out, size, "%s%s", mark, number);
}

static void cell_text(const struct table *table, const struct cell *cell, enum row row, char *out, size_t size)
{
	if (!cell)
		out[0] = '\0';
	else if (row == ROW_OUTCOME)
		outcome_text(table, cell, out, size);
	else if (!cell_ran(cell))
		snprintf(out, size, "-");
	else if (row == ROW_FAULTS && cell->race)
		race_text(cell, out, size);
	else if (row == ROW_FAULTS)
		faults_text(cell, out, size);
	else if (row == ROW_W)
		w_text(cell, out, size);
	else if (row >= ROW_CHANCE)
		chance_text(&cell->chances[row - ROW_CHANCE], out, size);
	else
		text_spread(row == ROW_MIGRATE ? &cell->migrate : &cell->write, out, size);
}

/* ---- printing ---- */

/* One line: what stands on its left, and a text for each column of the band. */
static void print_row(FILE *out, const char *name, const char *label, char texts[ACROSS][TEXT_MAX], unsigned nr)
{
	char line[LINE_WIDTH + 1], clean[NAME_WIDTH + 1], text[COLUMN_WIDTH + 1];
	int at = snprintf(line, sizeof(line), "%-*s %-*s", NAME_WIDTH, ascii(name, clean, sizeof(clean)), LABEL_WIDTH,
			  label);

	for (unsigned i = 0; i < nr; i++)
		at += snprintf(line + at, sizeof(line) - (size_t)at, "%s%-*s", i ? " " : "", COLUMN_WIDTH,
			       ascii(texts[i], text, sizeof(text)));
	while (at && line[at - 1] == ' ')
		at--;
	fprintf(out, "%.*s\n", at, line);
}

static void print_head(FILE *out, const struct grid *grid, unsigned first, unsigned nr)
{
	char policies[ACROSS][TEXT_MAX], origins[ACROSS][TEXT_MAX];

	for (unsigned i = 0; i < nr; i++) {
		const struct grid_column *column = &grid->columns[first + i];
		char kernel[32], run[16] = "";

		if (grid->summary->nr_runs > 1)
			snprintf(run, sizeof(run), " #%u", column->run + 1);
		text_kernel(grid->summary->runs[column->run].kernel, kernel, sizeof(kernel));
		snprintf(policies[i], TEXT_MAX, "%s", column->policy);
		snprintf(origins[i], TEXT_MAX, "%s %s%s", kernel, column->source, run);
	}
	print_row(out, "", "", policies, nr);
	print_row(out, "", "", origins, nr);
}

/* The lines of one workload: the outcomes only where not all is well, the figures only where something ran. */
static void print_workload(FILE *out, const struct table *table, unsigned workload, unsigned first, unsigned nr)
{
	static const char *const labels[NR_ROWS] = { "faults", "W", "migrate", "write", [ROW_OUTCOME] = "outcome" };
	const struct cell *const *cells = &table->grid->cells[workload][first];
	bool ran = false, well = true, named = false;

	for (unsigned i = 0; i < nr; i++) {
		ran = ran || (cells[i] && cell_ran(cells[i]));
		well = well && (!cells[i] || (cells[i]->worst == OUTCOME_OK &&
					      (!cell_has_oracle(cells[i]) || cell_equals_oracle(cells[i]))));
	}
	for (enum row row = 0; row < NR_ROWS; row++) {
		char texts[ACROSS][TEXT_MAX];

		if (row == ROW_OUTCOME ? well : !ran || (row >= ROW_CHANCE && !table_has_chance(cells, nr, row - ROW_CHANCE)))
			continue;
		for (unsigned i = 0; i < nr; i++)
			cell_text(table, cells[i], row, texts[i], TEXT_MAX);
		print_row(out, named ? "" : table->grid->workloads[workload],
			  row >= ROW_CHANCE && row < ROW_OUTCOME ? chance_name(row - ROW_CHANCE) : labels[row], texts, nr);
		named = true;
	}
}

/* Of this many columns, how many stand side by side: bands of like width, so that four are two and two. */
static unsigned columns_across(unsigned nr)
{
	unsigned bands = (nr + ACROSS - 1) / ACROSS;

	return (nr + bands - 1) / bands;
}

static void print_table(FILE *out, const struct table *table)
{
	const struct grid *grid = table->grid;
	char pages[32], bytes[32], way[120];

	fputc('\n', out);
	print_line(out, "%s page%s of %s, migrated by %s", text_count(grid->like->pages, pages, sizeof(pages)),
		   grid->like->pages == 1 ? "" : "s", text_bytes(grid->like->page_bytes, bytes, sizeof(bytes)),
		   cell_way(grid->like, way, sizeof(way)));
	for (unsigned first = 0, nr; first < grid->nr_columns; first += nr) {
		nr = columns_across(grid->nr_columns - first);

		fputc('\n', out);
		print_head(out, grid, first, nr);
		for (unsigned i = 0; i < grid->nr_workloads; i++)
			print_workload(out, table, i, first, nr);
	}
	if (table->nr_reasons)
		fputc('\n', out);
	for (unsigned i = 0; i < table->nr_reasons; i++)
		print_wrapped(out, (unsigned)fprintf(out, "[%u] ", i + 1), table->reasons[i]);
	if (grid->cut || table->nr_reasons == REASONS_MAX)
		print_line(out, "(there is more than this table has room for)");
}

/* ---- above and below the tables ---- */

static void print_run(FILE *out, const struct summary *summary, unsigned number)
{
	const struct run_info *run = &summary->runs[number];
	char trials[32], nodes[48] = "";

	if (run->by_pairs)
		snprintf(nodes, sizeof(nodes), ", pairs of nodes");
	else if (run->from >= 0)
		snprintf(nodes, sizeof(nodes), ", node %d to %d", run->from, run->to);
	print_line(out, "#%u run %.40s: %.64s%skernel %.64s", number + 1, run->id, run->name ?: "", run->name ? ", " : "",
		   run->kernel);
	if (run->note)
		print_line(out, "   %.116s", run->note);
	print_line(out, "   %s, clock %s%s, %u block%s, %s trials", run->platform, run->clock, nodes, run->blocks,
		   run->blocks == 1 ? "" : "s", text_count(run->tally.trials, trials, sizeof(trials)));
	if (run->labels)
		print_line(out, "   labels: %s", run->labels);
	if (!strcmp(run->platform, "lab-tcg"))
		print_line(out, "   counts only: times in a guest that QEMU translates mean nothing; none are shown");
	if (!strcmp(run->platform, "lab-smp"))
		print_line(out, "   CPUs take turns, and the clock counts the instructions of all of them: it repeats about, not exactly");
	if (!run->ended)
		print_line(out, "!! run %.40s was cut off: %s trials, no end line", run->id, trials);
	else if (run->cut_short)
		print_line(out, "!! run %.40s is not whole: %.100s", run->id, run->cut_short);
}

static void print_legend(FILE *out, const struct summary *summary)
{
	bool insn = false, ns = false;

	for (unsigned i = 0; i < summary->nr_runs; i++) {
		insn = insn || !strcmp(summary->runs[i].clock, "insn");
		ns = ns || !strcmp(summary->runs[i].clock, "ns");
	}
	fputs("\nfaults: write-protection faults per page of the first write, measured / expected, and their kind\n"
	      "W: PTEs with the write bit, before -> after the migration\n", out);
	fprintf(out, "migrate, write: %s per page, the call's fixed cost included; median of the timed trials%s\n",
		insn && ns ? "instructions or ns" : insn ? "instructions" : "ns", insn ? ";" : "");
	if (insn)
		fputs("   where the thread waited, as in move_pages, what it executed itself, else what elapsed\n", out);
	table_chance_legend(out, summary);
}

/* Do two kernels stand here whose instructions a reader might compare? */
static bool kernels_differ(const struct summary *summary)
{
	const char *kernel = NULL;

	for (unsigned i = 0; i < summary->nr_cells; i++) {
		const struct run_info *run = &summary->runs[summary->cells[i].run];

		if (!summary->cells[i].migrate.n || strcmp(run->clock, "insn"))
			continue;
		if (kernel && strcmp(kernel, run->kernel))
			return true;
		kernel = run->kernel;
	}
	return false;
}

static void print_tally(FILE *out, const struct summary *summary, const struct tally *tally)
{
	unsigned with_oracle = 0, equal = 0, idle = 0, skipped = 0;
	char number[32];

	for (unsigned i = 0; i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];

		with_oracle += cell_has_oracle(cell) || cell_is_bad(cell);
		equal += cell_equals_oracle(cell);
		idle += cell_ran(cell) && cell->emulation_idle && !cell_is_bad(cell);
		skipped += !cell_ran(cell);
	}
	fprintf(out, "\n%s trials", text_count(tally->trials, number, sizeof(number)));
	for (unsigned i = 0; i < NR_OUTCOMES; i++) {
		if (tally->by_outcome[i] || i == OUTCOME_OK)
			fprintf(out, "%s %s %s", i ? "," : ":",
				text_count(tally->by_outcome[i], number, sizeof(number)), outcome_name(i));
	}
	if (with_oracle)
		fprintf(out, "\n%u of %u cells equal the oracle", equal, with_oracle);
	else
		fputs("\nno cell could be held against the oracle", out);
	if (idle)
		fprintf(out, "; %u more had nothing to emulate", idle);
	if (skipped)
		fprintf(out, "; %u skipped", skipped);
	fputc('\n', out);
	table_notes(out, summary);
	if (kernels_differ(summary))
		fputs("note: compare instructions within one kernel only: QEMU counts each iteration of a REP instruction,\n"
		      "      and where 6.1 copies a page by movsq, 6.12 does it by rep movsb\n", out);
}

static struct tally tally_of(const struct summary *summary)
{
	struct tally all = { 0 };

	for (unsigned i = 0; i < summary->nr_runs; i++) {
		all.trials += summary->runs[i].tally.trials;
		for (unsigned k = 0; k < NR_OUTCOMES; k++)
			all.by_outcome[k] += summary->runs[i].tally.by_outcome[k];
	}
	return all;
}

int summary_status(const struct summary *summary)
{
	const struct tally all = tally_of(summary);
	bool whole = true, bad = false, equal = false;

	for (unsigned i = 0; i < summary->nr_runs; i++)
		whole = whole && summary->runs[i].ended && !summary->runs[i].cut_short;
	for (unsigned i = 0; i < summary->nr_cells; i++) {
		bad = bad || cell_is_bad(&summary->cells[i]);
		equal = equal || cell_equals_oracle(&summary->cells[i]) ||
			(cell_ran(&summary->cells[i]) && summary->cells[i].emulation_idle);
	}
	if (bad)
		return STATUS_BAD;
	if (!whole)
		return STATUS_INCONCLUSIVE;
	if (all.trials == all.by_outcome[OUTCOME_SKIP])
		return STATUS_SKIPPED;
	return equal ? STATUS_OK : STATUS_INCONCLUSIVE;	/* nothing was held against the oracle, or no count was seen */
}

int table_print(FILE *out, const struct summary *summary)
{
	const struct cell *firsts[GRIDS_MAX];
	unsigned nr_tables = grid_firsts(summary, firsts);
	const struct tally all = tally_of(summary);

	for (unsigned i = 0; i < summary->nr_runs; i++)
		print_run(out, summary, i);
	if (nr_tables)
		print_legend(out, summary);
	for (unsigned i = 0; i < nr_tables; i++) {
		struct grid *grid = grid_make(summary, firsts[i]);
		struct table table = { .grid = grid };

		if (!grid)
			return complain("out of memory for the table");
		note_reasons(&table);
		print_table(out, &table);
		free(grid);
	}
	if (nr_tables == GRIDS_MAX)
		fputs("\n(further page sizes, triggers or pairs of nodes are not shown)\n", out);
	table_pairs(out, summary);
	table_counters(out, summary);
	print_tally(out, summary, &all);
	return summary_status(summary);
}
