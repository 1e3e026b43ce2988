// SPDX-License-Identifier: GPL-2.0-or-later
/* Which of a trial's figures stand for it: trial_figures.h. */
#include "trial_figures.h"

#include <string.h>

const struct region_paths migrate_paths = { "migrate.elapsed", "migrate.oncpu", "migrate.ticks", "migrate.waits" };
const struct region_paths write_paths = { "write.elapsed", "write.oncpu", "write.ticks", "write.waits" };

uint64_t time_taken(const json_t *trial, const struct region_paths *paths)
{
	if (!strcmp(record_string(trial, "clock", ""), "insn") && record_count(trial, paths->waits) != 0)
		return record_count(trial, paths->oncpu);
	return record_count(trial, paths->elapsed);
}

uint64_t pages_judged(const struct cell *cell, const json_t *trial)
{
	uint64_t migrated = record_count(trial, "migrated");

	if (!json_equal(json_object_get(trial, "from"), json_object_get(trial, "to")))
		return cell->pages;
	return migrated && migrated < cell->pages ? migrated : cell->pages;
}

uint64_t faults_scaled(const struct cell *cell, const json_t *trial, uint64_t faults)
{
	uint64_t judged = pages_judged(cell, trial);

	if (faults == NOT_MEASURED || judged == cell->pages)
		return faults;
	return (uint64_t)(((__uint128_t)faults * cell->pages + judged - 1) / judged);
}

uint64_t w_scaled(const struct cell *cell, uint64_t w, uint64_t of)
{
	uint64_t scaled;

	if (w == NOT_MEASURED || of == NOT_MEASURED || !of || w > of || of == cell->pages)
		return w;
	scaled = (uint64_t)((__uint128_t)w * cell->pages / of);
	return scaled || !w ? scaled : 1;
}
