// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of counters, below the main one: a line for each cell and counter; and why others were not counted, once.
 * Names and reasons came with a record, and are hostile.
 */
#include <stdlib.h>
#include <string.h>

#include "face.h"
#include "summary.h"
#include "table_counters.h"
#include "text.h"

#define WORKLOAD_WIDTH 25
#define POLICY_WIDTH 18
#define NAME_WIDTH 32
#define FIGURE_WIDTH 20
#define ASKED_MAX 1024		/* counters of all runs; what is more is not told of */
#define LINE_MAX_BYTES 1600

static const char no_turn[] = "no trial that went well carried it: sets take turns from block to block (--runs)";

static const char *clean(const char *text, char *out, size_t size)
{
	printable(text, out, size);
	for (char *c = out; *c; c++) {
		if (*c & 0x80)
			*c = '?';
	}
	return out;
}

/* Counts per page are often whole, and say so: "1", not "1.0". */
static const char *number(double value, char *out, size_t size)
{
	if (value >= 100 || value == (double)(uint64_t)value)
		return text_count((uint64_t)(value + 0.5), out, size);
	return text_decimal(value, false, out, size);
}

static const char *figure(const struct spread *spread, char *out, size_t size)
{
	char low[40], middle[40], high[40];

	if (!spread->n)
		snprintf(out, size, "-");
	else if (spread->min == spread->max)
		number(spread->median, out, size);
	else
		snprintf(out, size, "%s [%s, %s]", number(spread->median, middle, sizeof(middle)),
			 number(spread->min, low, sizeof(low)), number(spread->max, high, sizeof(high)));
	return out;
}

static void print_cell(FILE *out, const struct summary *summary, const struct cell *cell)
{
	char workload[WORKLOAD_WIDTH], policy[POLICY_WIDTH], name[NAME_WIDTH + 1], ends[NAME_WIDTH + 1], way[60], run[16] = "";
	char migrate[130], write[130];
	unsigned i;

	if (summary->nr_runs > 1)
		snprintf(run, sizeof(run), " #%u", cell->run + 1);
	snprintf(way, sizeof(way), "%.20s %.10s%s", cell->policy, cell->source, run);
	clean(way, policy, sizeof(policy));
	clean(cell->workload, workload, sizeof(workload));
	for (i = 0; i < cell->nr_counters; i++) {
		const struct cell_counter *c = &cell->counters[i];

		if (!c->migrate.spread.n && !c->write.spread.n)
			continue;
		fprintf(out, "%-*s %-*s %-*s %-*s %s\n", WORKLOAD_WIDTH - 1, workload, POLICY_WIDTH - 1, policy, NAME_WIDTH,
			clean(text_ends(c->name, ends, sizeof(ends)), name, sizeof(name)), FIGURE_WIDTH, figure(&c->migrate.spread, migrate, sizeof(migrate)),
			figure(&c->write.spread, write, sizeof(write)));
		workload[0] = policy[0] = '\0';
	}
}

static bool has_figures(const struct cell *cell)
{
	for (unsigned i = 0; i < cell->nr_counters; i++) {
		if (cell->counters[i].migrate.spread.n || cell->counters[i].write.spread.n)
			return true;
	}
	return false;
}

static bool alike(const struct cell *a, const struct cell *b)
{
	return a && a->pages == b->pages && a->page_bytes == b->page_bytes && !cell_compare_ways(a, b);
}

/* true: there was something to print. */
static bool print_cells(FILE *out, const struct summary *summary)
{
	char pages[32], bytes[32], way[120], line[240], text[119];
	const struct cell *last = NULL;

	for (unsigned i = 0; i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];

		if (!has_figures(cell))
			continue;
		if (!alike(last, cell)) {
			snprintf(line, sizeof(line), "%s page%s of %s, migrated by %s", text_count(cell->pages, pages, sizeof(pages)),
				 cell->pages == 1 ? "" : "s", text_bytes(cell->page_bytes, bytes, sizeof(bytes)),
				 cell_way(cell, way, sizeof(way)));
			fprintf(out, "\ncounters per page: %s\n\n%*s%-*s write\n", clean(line, text, sizeof(text) - 20),
				WORKLOAD_WIDTH + POLICY_WIDTH + NAME_WIDTH + 1, "", FIGURE_WIDTH, "migrate");
		}
		print_cell(out, summary, cell);
		last = cell;
	}
	return last;
}

/* ---- what was not counted ---- */

/* A counter that a run was asked for. */
struct asked {
	unsigned run;
	const char *name, *why;		/* why: NULL where it was counted */
	bool told;
};

struct list {
	struct asked all[ASKED_MAX];
	unsigned nr;
};

static void list_asked(const struct summary *summary, struct list *list)
{
	json_t *counter;
	size_t i;

	list->nr = 0;
	for (unsigned run = 0; run < summary->nr_runs; run++) {
		json_array_foreach(summary->runs[run].counters, i, counter) {
			const char *why = json_string_value(json_object_get(counter, "why"));

			if (list->nr < ASKED_MAX)
				list->all[list->nr++] = (struct asked){
					run, json_string_value(json_object_get(counter, "name")), why && *why ? why : no_turn, false,
				};
		}
	}
}

static void note_counted(const struct cell *cell, struct list *list)
{
	for (unsigned i = 0; i < cell->nr_counters; i++) {
		for (unsigned k = 0; k < list->nr; k++) {
			if (list->all[k].run == cell->run && list->all[k].why == no_turn &&
			    !strcmp(list->all[k].name, cell->counters[i].name))
				list->all[k].why = NULL;
		}
	}
}

static bool is_new(const struct list *list, unsigned number)
{
	for (unsigned i = 0; i < number; i++) {
		if (list->all[i].told && !strcmp(list->all[i].name, list->all[number].name))
			return false;
	}
	return true;
}

/* All that lack for one reason, in one paragraph: "not counted: WHY: NAME, NAME". */
static void tell(FILE *out, struct list *list, const char *why)
{
	char line[LINE_MAX_BYTES], text[LINE_MAX_BYTES];
	size_t at = (size_t)snprintf(line, sizeof(line), "%.400s:", why);
	bool first = true;

	for (unsigned i = 0; i < list->nr; i++)
		list->all[i].told = false;
	for (unsigned i = 0; i < list->nr; i++) {
		struct asked *a = &list->all[i];

		if (!a->why || strcmp(a->why, why))
			continue;
		if (is_new(list, i) && at < sizeof(line))
			at += (size_t)snprintf(line + at, sizeof(line) - at, "%s %s", first ? "" : ",", a->name);
		first = false;
		a->told = true;
	}
	fputs("not counted: ", out);
	print_wrapped(out, 13, clean(line, text, sizeof(text)));
}

static void tell_all(FILE *out, struct list *list)
{
	bool any = false;

	for (unsigned i = 0; i < list->nr; i++) {
		const char *why = list->all[i].why;

		if (!why)
			continue;
		if (!any)
			fputc('\n', out);
		any = true;
		tell(out, list, why);
		for (unsigned k = list->nr; k-- > i;) {
			if (list->all[k].why && !strcmp(list->all[k].why, why))
				list->all[k].why = NULL;
		}
	}
}

void table_counters(FILE *out, const struct summary *summary)
{
	struct list *list = malloc(sizeof(*list));

	if (print_cells(out, summary))
		fputs("\nmedian over the trials, [least, most] where they differ; -: not counted there, why stands in the records\n", out);
	if (!list)
		return;
	list_asked(summary, list);
	for (unsigned i = 0; i < summary->nr_cells && list->nr; i++)
		note_counted(&summary->cells[i], list);
	tell_all(out, list);
	free(list);
}
