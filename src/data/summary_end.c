// SPDX-License-Identifier: GPL-2.0-or-later
/* A summary's end: medians, and its memory. */
#include <stdlib.h>
#include <string.h>

#include "cell_counters.h"
#include "summary.h"

void summary_finish(struct summary *summary)
{
	for (unsigned i = 0; i < summary->nr_cells; i++) {
		spread_finish(&summary->cells[i].migrate);
		spread_finish(&summary->cells[i].write);
		spread_finish(&summary->cells[i].sampling);
		for (unsigned k = 0; k < NR_CHANCES; k++)
			spread_finish(&summary->cells[i].chances[k]);
		cell_counters_finish(&summary->cells[i]);
	}
}

void summary_free(struct summary *summary)
{
	for (unsigned i = 0; i < summary->nr_runs; i++) {
		struct run_info *run = &summary->runs[i];

		free(run->id);
		free(run->kernel);
		free(run->platform);
		free(run->clock);
		free(run->note);
		free(run->name);
		free(run->boot);
		environment_free(&run->environment);
		free(run->labels);
		json_decref(run->user_labels);
		json_decref(run->counters);
		free(run->cut_short);
	}
	for (unsigned i = 0; i < summary->nr_cells; i++) {
		struct cell *cell = &summary->cells[i];

		free(cell->workload);
		free(cell->policy);
		free(cell->source);
		free(cell->trigger);
		free(cell->condition);
		free(cell->expected_kind);
		free(cell->reason);
		spread_free(&cell->migrate);
		spread_free(&cell->write);
		spread_free(&cell->sampling);
		for (unsigned k = 0; k < NR_CHANCES; k++)
			spread_free(&cell->chances[k]);
		cell_counters_free(cell);
	}
	free(summary->runs);
	free(summary->cells);
	json_decref(summary->index);
	memset(summary, 0, sizeof(*summary));
}
