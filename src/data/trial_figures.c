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
