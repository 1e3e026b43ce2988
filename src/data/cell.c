// SPDX-License-Identifier: GPL-2.0-or-later
/* What a cell amounts to, once its trials are summed. */
#include "summary.h"

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
