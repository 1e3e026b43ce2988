// SPDX-License-Identifier: GPL-2.0-or-later
/* How much memory trials take, and whether it is there. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <numa.h>
#include <stdio.h>
#include <sys/vfs.h>

#include "mapping.h"
#include "room.h"

#define HARNESS_BYTES (UINT64_C(32) << 20)
#define HARNESS_BYTES_A_PAGE 24		/* an address, a node, a status and a sample */
#define NODE_RESERVE_BYTES (UINT64_C(64) << 20)	/* what the kernel and the harness want of a node besides the pages */
#define FILE_RESERVE_BYTES (UINT64_C(4) << 20)	/* what the filesystem wants besides a file's data */
#define OWN_VMAS 500		/* more than a trial's process has besides the region */

/*
 * Pages of memory for each of the region: itself; a memfd's that stays behind a private copy; a copy on write; and a file's
 * own, or a swap file's. On a ramdisk a file's blocks are memory too, and stay it: the next trial's file gets other ones, until
 * all of the filesystem, which is made for two files, is there.
 */
static unsigned pages_an_entry(const struct workload *w, const struct page_state *state, bool ramdisk)
{
	bool copied = state->page == PAGE_KSM || (state->page == PAGE_ANON && !state->exclusive);

	return 1 + w->twice + copied + (w->needs & (NEED_FILESYSTEM | NEED_SWAP) ? ramdisk ? 2 : 1 : 0);
}

static uint64_t bytes_an_entry(const struct workload *w, const struct page_state *state, bool ramdisk)
{
	return mapped_bytes(state->mapped_by) * pages_an_entry(w, state, ramdisk) + HARNESS_BYTES_A_PAGE;
}

uint64_t memory_bytes(const struct workload *w, const struct trigger *trigger, const struct page_state *state, bool ramdisk,
		      uint64_t entries)
{
	return HARNESS_BYTES + entries * bytes_an_entry(w, state, ramdisk) +
	       (trigger->memory_bytes ? trigger->memory_bytes(entries) : 0);
}

static void narrow(uint64_t *most, const char **what, uint64_t there, uint64_t fixed, uint64_t each, const char *name)
{
	uint64_t fit = there > fixed ? (there - fixed) / each : 0;

	if (there == UINT64_MAX || fit >= *most)
		return;
	*most = fit;
	*what = name;
}

uint64_t room_for(const struct room *room, const struct workload *w, const struct trigger *trigger,
		  const struct page_state *state, const char **what)
{
	uint64_t fixed = memory_bytes(w, trigger, state, room->ramdisk, 0), most = UINT64_MAX;
	uint64_t each = bytes_an_entry(w, state, room->ramdisk);
	const char *narrowest = NULL;

	if (!trigger->partial) {
		narrow(&most, &narrowest, room->from, NODE_RESERVE_BYTES, each, "the source node");
		narrow(&most, &narrowest, room->to, NODE_RESERVE_BYTES, mapped_bytes(state->mapped_by),
		       "the target node");
	}
	if (w->needs & (NEED_FILESYSTEM | NEED_SWAP))
		narrow(&most, &narrowest, room->file, FILE_RESERVE_BYTES, mapped_bytes(state->mapped_by),
		       "the filesystem");
	narrow(&most, &narrowest, room->memory, fixed, memory_bytes(w, trigger, state, room->ramdisk, 1) - fixed, "memory");
	if (what)
		*what = narrowest;
	return most;
}

uint64_t memory_available(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	uint64_t kib;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %" SCNu64, &kib) == 1) {
			fclose(f);
			return kib << 10;
		}
	if (f)
		fclose(f);
	return UINT64_MAX;
}

uint64_t vmas_here(void)
{
	FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
	uint64_t most = UINT64_MAX;

	if (f && fscanf(f, "%" SCNu64, &most) == 1)
		most = most > OWN_VMAS ? most - OWN_VMAS : 0;
	if (f)
		fclose(f);
	return most;
}

static uint64_t node_free(int node)
{
	long long bytes = 0;

	return node < 0 || numa_available() < 0 || numa_node_size64(node, &bytes) < 0 ? UINT64_MAX : (uint64_t)bytes;
}

/* Of the folder that mapping.c makes files in. */
static uint64_t file_free(void)
{
	char folder[PATH_MAX];
	struct statfs fs;

	if (!filesystem_with_page_mkwrite(folder) || statfs(folder, &fs))
		return UINT64_MAX;
	return (uint64_t)fs.f_bavail * fs.f_bsize;
}

struct room room_here(int from, int to, bool ramdisk)
{
	struct room room = { .memory = memory_available() / 10 * 9, .from = UINT64_MAX, .to = UINT64_MAX, .file = file_free(),
			     .ramdisk = ramdisk };

	if (to >= 0) {
		room.from = node_free(from);
		room.to = node_free(to);
	}
	return room;
}

int plan_fits(const struct plan *plan, const struct room *room, char *error, size_t size)
{
	const char *what;
	unsigned i;

	for (i = 0; i < plan->nr_groups; i++) {
		const struct group *g = &plan->groups[i];
		uint64_t most = room_for(room, g->workload, g->trigger, &g->state, &what);

		if (g->pages <= most)
			continue;
		snprintf(error, size, "--pages: %" PRIu64 " pages of %s by %s need %" PRIu64 " MiB: %s has room for %"
			 PRIu64 " pages%s", g->pages, g->workload->name, g->trigger->name,
			 memory_bytes(g->workload, g->trigger, &g->state, room->ramdisk, g->pages) >> 20, what, most,
			 mapped_bytes(g->state.mapped_by) > 4096 ? " of 2 MiB" : "");
		return -EINVAL;
	}
	return 0;
}
