// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of the table for what differs from trial to trial: writers beside the migration, and races. */
#include "table_chance.h"

bool table_has_chance(const struct cell *const *cells, unsigned nr, enum chance chance)
{
	for (unsigned i = 0; i < nr; i++)
		if (cells[i] && cells[i]->chances[chance].n)
			return true;
	return false;
}

void table_chance_legend(FILE *out, const struct summary *summary)
{
	bool beside = false;

	for (unsigned i = 0; i < summary->nr_cells; i++)
		beside = beside || summary->cells[i].beside;
	if (beside)
		fputs("absent, no W: faults of the writers beside a migration of all pages, on migration entries and on PTEs without W;\n"
		      "   the faults above are theirs and the first write's together\n"
		      "met p50, p99, max: of their writes that met either, in units of the clock\n"
		      "   medians over trials, with the interval at 95 % (from six trials on)\n", out);
}
