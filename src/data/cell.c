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

int cell_compare_ways_anywhere(const struct cell *a, const struct cell *b)
{
	int order = strcmp(a->trigger, b->trigger);

	if (!order)
		order = (int)a->beside - (int)b->beside;
	return order ? order : (a->vmas > b->vmas) - (a->vmas < b->vmas);
}

int cell_compare_ways(const struct cell *a, const struct cell *b)
{
	int order = cell_compare_ways_anywhere(a, b);

	if (!order)
		order = (int)a->of_pair - (int)b->of_pair;
	if (!order && a->of_pair)
		order = (a->from > b->from) - (a->from < b->from);
	if (!order && a->of_pair)
		order = (a->to > b->to) - (a->to < b->to);
	return order;
}

bool cell_is_elsewhere(const struct cell *a, const struct cell *b)
{
	return a->run == b->run && a->pages == b->pages && a->page_bytes == b->page_bytes && !strcmp(a->workload, b->workload) &&
	       !strcmp(a->policy, b->policy) && !strcmp(a->source, b->source) && !cell_compare_ways_anywhere(a, b);
}

/* ", node 0 to 1"; of a trigger that stays on one node ", node 0". */
static const char *pair_text(const struct cell *cell, char *out, size_t size)
{
	out[0] = '\0';
	if (cell->of_pair && cell->from == cell->to)
		snprintf(out, size, ", node %d", cell->from);
	else if (cell->of_pair)
		snprintf(out, size, ", node %d to %d", cell->from, cell->to);
	return out;
}

const char *cell_way(const struct cell *cell, char *out, size_t size)
{
	char vmas[40] = "", beside[40] = "", nodes[40];

	if (cell->vmas > 1)
		snprintf(vmas, sizeof(vmas), ", in %" PRIu64 " VMAs", cell->vmas);
	if (cell->beside)
		snprintf(beside, sizeof(beside), ", %u writer%s beside", cell->beside, cell->beside == 1 ? "" : "s");
	snprintf(out, size, "%.60s%s%s%s", cell->trigger, vmas, beside, pair_text(cell, nodes, sizeof(nodes)));
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
