// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison as a table: base, new, difference, verdict; by default what differs alone. At most 120 columns. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compare_face.h"
#include "face.h"
#include "text.h"

#define TEXT_MAX 200
#define LISTED_MAX 6		/* cells of one side only */

struct table {
	FILE *out;
	const struct comparison *comparison;
	const struct compare_view *view;
	const char *workload;		/* of the row before */
	const struct cell *like;	/* of the rows under this head: how they migrated */
	const struct cell *cell;
	bool head, marked, counters;
};

/* ---- above the table ---- */

static void print_side(FILE *out, const char *label, const char *name, const struct compare_side *side)
{
	const struct run_info *run = &side->summary->runs[side->run];
	char clean[TEXT_MAX], text[TEXT_MAX], policy[TEXT_MAX] = "", boots[20] = "";

	if (side->policy)
		snprintf(policy, sizeof(policy), "%.60s %.20s, ", side->policy, side->source);
	if (run->boots > 1)
		snprintf(boots, sizeof(boots), ", %u boots", run->boots);
	snprintf(text, sizeof(text), "%-4s  %.50s  %s%.30s%s%.40s%s", label, name, policy, run->name ? run->name : "",
		 run->name ? ", " : "", run->kernel, boots);
	fprintf(out, "%.120s\n", printable(text, clean, sizeof(clean)));
}

static void print_environment(const struct table *table)
{
	const struct compare_side *base = &table->comparison->base, *new = &table->comparison->new;
	const struct environment *a = &base->summary->runs[base->run].environment;
	const struct environment *b = &new->summary->runs[new->run].environment;
	struct environment_walk at = { 0, 0 };
	const char *key, *left, *right;
	char list[2000] = "", clean[2000];
	size_t len = 0;

	while ((key = environment_difference(a, b, &at, &left, &right)) && len < sizeof(list)) {
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", len ? ", " : "", key);
		if (table->view->all && len < sizeof(list))
			len += (size_t)snprintf(list + len, sizeof(list) - len, " (%.50s / %.50s)", left ? left : "none",
						right ? right : "none");
	}
	if (!len)
		return;
	fputs("the runs differ in: ", table->out);
	print_wrapped(table->out, 20, printable(list, clean, sizeof(clean)));
}

static void print_notes(const struct table *table)
{
	const struct comparison *c = table->comparison;
	const struct run_info *run = &c->base.summary->runs[c->base.run];

	if (c->base.summary != c->new.summary || c->base.run != c->new.run)
		print_environment(table);
	if (c->counts_only)
		fputs("the sides do not mix, as was allowed: their counts alone are compared\n", table->out);
	else if (!c->exact && !strcmp(run->platform, "lab-tcg"))
		fputs("counts alone: times of a guest that QEMU translates mean nothing\n", table->out);
	else if (!c->exact)
		fprintf(table->out, "%s a page: %s\n", c->insn ? "instructions of CPUs that take turns, compared as times are," :
			"times, in ns", compare_unit_text(c));
	if (c->sources_differ)
		fputs("cells without a source: what one side does natively, against the other side told to by its switch\n",
		      table->out);
	if (compare_needs_rep_caveat(c))
		fputs("note: between kernel versions a difference of instructions need not be one of the code under test: QEMU "
		      "counts\n      each iteration of a REP instruction, and where 6.1 copies a page by movsq, 6.12 does it by "
		      "rep movsb\n", table->out);
}

/* ---- the rows ---- */

#define COLUMNS 9

/* The first three columns of a row without names: its figure ends where they do, and begins earlier if it has to. */
static size_t put_figure(const char *text, const int widths[COLUMNS], char *line, size_t size)
{
	const int all = abs(widths[0]) + abs(widths[1]) + abs(widths[2]) + 2, usual = all - abs(widths[2]);
	const int len = (int)strlen(text), start = len <= abs(widths[2]) ? usual : len < all ? all - len : 0;

	return (size_t)snprintf(line, size, "%*s%-*s", start, "", all - start, text);
}

static void print_row(const struct table *table, const char *const texts[COLUMNS])
{
	static const int exact[COLUMNS] = { -25, -17, -13, 12, 12, 10, 9, 7, -7 };
	static const int times[COLUMNS] = { -25, -17, -13, 9, 9, 9, 0, 19, -12 };
	const int *widths = table->comparison->timings ? times : exact;
	const bool bare = !*texts[0] && !*texts[1];
	char line[1000], clean[200];
	size_t at = bare ? put_figure(texts[2], widths, line, sizeof(line)) : 0;
	int owed = 0;			/* what a text had beyond its column; columns with room to spare pay it */

	for (unsigned i = bare ? 3 : 0; i < COLUMNS; i++) {
		int width = abs(widths[i]), most = i < 2 ? width : TEXT_MAX;	/* a name is cut to its place, a figure never */
		int len = (int)strnlen(texts[i], (size_t)most), spare = width > len ? width - len : 0;
		int paid = spare < owed ? spare : owed;

		if (!width)
			continue;
		owed += len > width ? len - width : -paid;
		width -= paid;
		at += (size_t)snprintf(line + at, sizeof(line) - at, "%s%*.*s", i ? " " : "", widths[i] < 0 ? -width : width, most,
				       texts[i]);
	}
	while (at && line[at - 1] == ' ')
		line[--at] = '\0';
	fprintf(table->out, "%s\n", printable(line, clean, sizeof(clean)));
}

static void print_head(struct table *table, const struct cell *cell)
{
	static const char *const exact[COLUMNS] = { "", "", "figure, size", "base", "new", "difference", "", "spread", "" };
	static const char *const times[COLUMNS] = { "", "", "figure, size", "base", "new", "change", "", "95 % interval", "" };
	char way[TEXT_MAX], clean[TEXT_MAX];

	if (table->head && !cell_compare_ways(table->like, cell))
		return;
	fprintf(table->out, "\nmigrated by %.80s\n", printable(cell_way(cell, way, sizeof(way)), clean, sizeof(clean)));
	print_row(table, table->comparison->timings ? times : exact);
	table->head = true;
	table->like = cell;
	table->workload = NULL;
}

/* With --all: what a time's verdict rests on, under its line. */
static void print_evidence(const struct table *table, const struct difference *line)
{
	char text[2 * TEXT_MAX], clean[2 * TEXT_MAX];

	if (!table->view->all || !line->timing)
		return;
	compare_evidence_text(table->comparison, line, text, sizeof(text));
	fprintf(table->out, "%26s", "");
	print_wrapped(table->out, 26, printable(text, clean, sizeof(clean)));
}

static int see_line(void *arg, const struct difference *line, bool explained)
{
	struct table *table = arg;
	char cell[TEXT_MAX], figure[TEXT_MAX], base[TEXT_MAX], new[TEXT_MAX], change[TEXT_MAX], percent[TEXT_MAX] = "";
	char interval[TEXT_MAX], verdict[TEXT_MAX];
	bool again;

	if (!compare_is_shown(table->view, line, explained))
		return 0;
	print_head(table, line->cell);
	compare_cell_text(table->comparison, line->cell, line->new_cell, cell, sizeof(cell));
	again = table->workload && !strcmp(table->workload, line->cell->workload) &&
		!strcmp(table->cell->policy, line->cell->policy) && !strcmp(table->cell->source, line->cell->source);
	if (line->counter && !again) {	/* whose names are long */
		print_row(table, (const char *const[COLUMNS]){ line->cell->workload, cell, "", "", "", "", "", "", "" });
		again = true;
	}
	if (line->timing)
		compare_effect_text(line, change, sizeof(change));
	else
		compare_change_text(line, change, sizeof(change));
	print_row(table, (const char *const[COLUMNS]){
		again ? "" : line->cell->workload, again ? "" : cell,
		compare_figure_text(line, figure, sizeof(figure)),
		compare_reading_text(line, &line->base, base, sizeof(base)),
		compare_reading_text(line, &line->new, new, sizeof(new)), change,
		compare_percent_text(line, percent, sizeof(percent)),
		compare_interval_text(line, interval, sizeof(interval)),
		compare_verdict_text(line, verdict, sizeof(verdict)) });
	print_evidence(table, line);
	table->workload = line->cell->workload;
	table->cell = line->cell;
	table->counters = table->counters || line->counter;
	table->marked = table->marked || line->base.trials < line->base.of || line->new.trials < line->new.of;
	return 0;
}

/* ---- below the table ---- */

static void print_only(const struct table *table, const char *side, const struct cell **cells, unsigned nr)
{
	char list[2000] = "", clean[2000], text[TEXT_MAX];
	size_t len = 0;
	unsigned i;

	if (!nr)
		return;
	for (i = 0; i < nr && i < LISTED_MAX; i++) {
		compare_cell_text(table->comparison, cells[i], NULL, text, sizeof(text));
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%.40s%s%.60s, %" PRIu64 " pages", i ? "; " : "",
					cells[i]->workload, text[0] ? " " : "", text, cells[i]->pages);
	}
	if (i < nr)
		snprintf(list + len, sizeof(list) - len, "; and %u more", nr - i);
	fprintf(table->out, "in %s only: %*s", side, side[0] == 'b' ? 0 : 1, "");
	print_wrapped(table->out, 14, printable(list, clean, sizeof(clean)));
}

static void print_widest(const struct table *table, const struct difference *line)
{
	char cell[TEXT_MAX], figure[TEXT_MAX], change[TEXT_MAX], percent[TEXT_MAX], clean[TEXT_MAX];

	compare_cell_text(table->comparison, line->cell, line->new_cell, cell, sizeof(cell));
	snprintf(clean, sizeof(clean), "%.30s%s%.30s", line->cell->workload, cell[0] ? " " : "", cell);
	printable(clean, cell, sizeof(cell));
	fprintf(table->out, " (at most %s, %s: %s, %s)", compare_percent_text(line, percent, sizeof(percent)),
		compare_change_text(line, change, sizeof(change)), cell, compare_figure_text(line, figure, sizeof(figure)));
}

static void print_counts(const struct table *table, const struct compare_tally *tally)
{
	const char *comma = "";

	fputc('\n', table->out);
	if (tally->differ) {
		fprintf(table->out, "%u cell%s", tally->differ, tally->differ == 1 ? " differs" : "s differ");
		comma = ", ";
	}
	if (tally->inconclusive) {
		fprintf(table->out, "%s%u inconclusive", comma, tally->inconclusive);
		comma = ", ";
	}
	if (tally->equal || !*comma)
		fprintf(table->out, "%s%u cell%s equal", comma, tally->equal, tally->equal == 1 ? "" : "s");
	if (tally->within) {
		fprintf(table->out, ", %u within the spread", tally->within);
		print_widest(table, &tally->widest);
	}
	if (tally->not_measured)
		fprintf(table->out, ", %u skipped on both sides", tally->not_measured);
	fputc('\n', table->out);
}

static void print_times(const struct table *table, const struct compare_tally *tally)
{
	char text[3 * TEXT_MAX];

	if (*compare_times_text(table->comparison, tally, text, sizeof(text)))
		print_wrapped(table->out, 0, text);
}

int compare_table_print(FILE *out, const struct comparison *c, const struct compare_view *view)
{
	struct table table = { .out = out, .comparison = c, .view = view };
	struct compare_tally tally;
	int err;

	print_side(out, "base", view->base_name, &c->base);
	print_side(out, "new", view->new_name, &c->new);
	print_notes(&table);
	err = compare_walk(c, see_line, &table) ?: compare_count(c, &tally);
	if (err)
		return err;
	if (table.head && c->exact)
		fputs("\nmigrate, write: instructions a page, medians; slope: one page more; fixed: a call of no pages\n", out);
	else if (table.counters)
		fputc('\n', out);
	if (table.counters)
		fputs("migrate NAME, write NAME: events a page that this counter counted\n", out);
	if (table.marked)
		fputs("* of the trials that went alike: others had more ticks or waits in them\n", out);
	print_counts(&table, &tally);
	print_times(&table, &tally);
	print_only(&table, "base", c->base_only, c->nr_base_only);
	print_only(&table, "new", c->new_only, c->nr_new_only);
	return 0;
}
