// SPDX-License-Identifier: GPL-2.0-or-later
/* What the marks of a table mean: one line for each condition that occurs, and for races. */
#include <string.h>

#include "face.h"
#include "sample.h"
#include "summary.h"

/* results/README.md has the same words. */
static const struct {
	const char *name, *means;
} conditions[] = {
	{ "unregister-restores-w", "gives W back when a range is unregistered from uffd-wp" },
	{ "unprotect-restores-w", "gives W back when uffd-wp lets a page go" },
	{ "hugetlb-unregister-restores-w", "gives hugetlb W back when a range is unregistered from uffd-wp" },
	{ "anon-unregister-drops-w", "takes W from private memory when a range is unregistered from uffd-wp" },
	{ "hint-keeps-w", "keeps W in a PTE that NUMA balancing made PROT_NONE (savedwrite)" },
};

static bool occurs(const struct summary *summary, const char *condition)
{
	for (unsigned i = 0; i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];

		if (cell_ran(cell) && cell->condition && !strcmp(cell->condition, condition))
			return true;
	}
	return false;
}

static bool any_race(const struct summary *summary)
{
	for (unsigned i = 0; i < summary->nr_cells; i++) {
		if (cell_ran(&summary->cells[i]) && summary->cells[i].race)
			return true;
	}
	return false;
}

/* The median of the cells' medians, of the runs by one clock. */
static void note_sampling(FILE *out, const struct summary *summary, const char *clock, const char *unit)
{
	struct spread all = { 0 };
	int err = 0;

	for (unsigned i = 0; i < summary->nr_cells && !err; i++) {
		const struct cell *cell = &summary->cells[i];

		if (cell->sampling.n && !strcmp(summary->runs[cell->run].clock, clock))
			err = spread_add(&all, (struct sample){ .value = cell->sampling.median });
	}
	spread_finish(&all);
	if (all.n && !err)
		fprintf(out, "write: of 32 pages 16 are timed one by one, which adds %.1f %s to each (median of cells)\n", all.median,
			unit);
	spread_free(&all);
}

void table_notes(FILE *out, const struct summary *summary)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		if (occurs(summary, conditions[i].name))
			fprintf(out, "+ %s: the kernel %s;\n  its pages are in another state before the migration\n",
				conditions[i].name, conditions[i].means);
	}
	if (any_race(summary))
		fputs("~ a race: the share of pages that lost it, median over trials and its 95 % interval; of fewer than six, the most\n"
		      "  of a trial, and the interval if each page is a draw of its own\n", out);
	note_sampling(out, summary, "insn", "instructions");
	note_sampling(out, summary, "ns", "ns");
}
