// SPDX-License-Identifier: GPL-2.0-or-later
/* What a cell amounts to, once its trials are summed. */
#include "summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

unsigned outcome_badness(enum outcome outcome)
{
	static const unsigned char rank[NR_OUTCOMES] = {
		[OUTCOME_OK] = 0,
		[OUTCOME_SKIP] = 1,
		[OUTCOME_STATE_NOT_REACHED] = 2,
		[OUTCOME_BROKEN] = 3,
		[OUTCOME_FAIL] = 4,
	};

	return rank[outcome];
}

int cell_compare_ways(const struct cell *a, const struct cell *b)
{
	int order = strcmp(a->trigger, b->trigger);

	if (!order)
		order = (int)a->beside - (int)b->beside;
	return order ? order : (a->vmas > b->vmas) - (a->vmas < b->vmas);
}

const char *cell_way(const struct cell *cell, char *out, size_t size)
{
	char vmas[40] = "", beside[40] = "";

	if (cell->vmas > 1)
		snprintf(vmas, sizeof(vmas), ", in %" PRIu64 " VMAs", cell->vmas);
	if (cell->beside)
		snprintf(beside, sizeof(beside), ", %u writer%s beside", cell->beside, cell->beside == 1 ? "" : "s");
	snprintf(out, size, "%.60s%s%s", cell->trigger, vmas, beside);
	return out;
}

bool cell_ran(const struct cell *cell)
{
	return cell->timed.trials + cell->traced.trials >
	       cell->timed.by_outcome[OUTCOME_SKIP] + cell->traced.by_outcome[OUTCOME_SKIP];
}

bool cell_has_oracle(const struct cell *cell)
{
	return cell_ran(cell) && cell->expected_faults != NOT_MEASURED && !cell->emulation_idle;
}

bool cell_equals_oracle(const struct cell *cell)
{
	return cell_has_oracle(cell) && cell->worst == OUTCOME_OK && cell->faults_min == cell->expected_faults &&
	       cell->faults_max == cell->expected_faults;
}

bool cell_contradicts(const struct cell *cell)
{
	return cell_has_oracle(cell) && cell->worst == OUTCOME_OK && cell->faults_min != NOT_MEASURED &&
	       !cell_equals_oracle(cell);
}

bool cell_is_bad(const struct cell *cell)
{
	return outcome_badness(cell->worst) > outcome_badness(OUTCOME_SKIP) || cell_contradicts(cell);
}
