// SPDX-License-Identifier: GPL-2.0-or-later
/* How much memory trials take, and whether it is there. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "room.h"

uint64_t memory_bytes(const struct trigger *trigger, const struct page_state *state, uint64_t pages)
{
	return (32u << 20) + pages * (2 * mapped_bytes(state->mapped_by) + 24) +
	       (trigger->memory_bytes ? trigger->memory_bytes(pages) : 0);
}

static uint64_t memory_available(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	uint64_t kib = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %" SCNu64, &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib << 10;
}

int plan_fits(const struct plan *plan, char *error, size_t size)
{
	uint64_t there = memory_available() / 10 * 9, fixed, each;
	unsigned i;

	for (i = 0; there && i < plan->nr_groups; i++) {
		const struct group *g = &plan->groups[i];

		if (memory_bytes(g->trigger, &g->state, g->pages) <= there)
			continue;
		fixed = memory_bytes(g->trigger, &g->state, 0);
		each = memory_bytes(g->trigger, &g->state, 1) - fixed;
		snprintf(error, size, "--pages: %" PRIu64 " pages by %s need %" PRIu64 " MiB: there is room for %" PRIu64 " pages",
			 g->pages, g->trigger->name, memory_bytes(g->trigger, &g->state, g->pages) >> 20,
			 there > fixed ? (there - fixed) / each : 0);
		return -EINVAL;
	}
	return 0;
}
