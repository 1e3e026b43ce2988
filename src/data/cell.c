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

	return order ? order : (a->vmas > b->vmas) - (a->vmas < b->vmas);
}

const char *cell_way(const struct cell *cell, char *out, size_t size)
{
	if (cell->vmas > 1)
		snprintf(out, size, "%.60s, in %" PRIu64 " VMAs", cell->trigger, cell->vmas);
	else
		snprintf(out, size, "%.60s", cell->trigger);
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
