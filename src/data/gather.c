// SPDX-License-Identifier: GPL-2.0-or-later
#include "gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BINS 4
#define NR_SLOTS (4 * GATHER_PAIRS_MAX)

static int compare_bins(const void *left, const void *right)
{
	const struct latency_bin *a = left, *b = right;

	return (a->value > b->value) - (a->value < b->value);
}

/* Sorts, and gives each value one bin. */
static void merge_bins(struct latencies *l)
{
	size_t kept = 0;

	if (!l->nr)
		return;
	qsort(l->bins, l->nr, sizeof(l->bins[0]), compare_bins);
	for (size_t i = 1; i < l->nr; i++) {
		if (l->bins[i].value == l->bins[kept].value)
			l->bins[kept].count += l->bins[i].count;
		else
			l->bins[++kept] = l->bins[i];
	}
	l->nr = kept + 1;
}

static int add_bin(struct gather *g, struct latencies *l, uint64_t value, uint64_t count)
{
	if (l->nr == l->room) {
		size_t room = l->room;
		struct latency_bin *bins;

		merge_bins(l);
		if (l->nr > room / 2 || !room) {
			room = room ? 2 * room : FIRST_BINS;
			if (g->nr_bins - l->room + room > GATHER_BINS_MAX) {
				g->cut = true;
				return 0;
			}
			bins = reallocarray(l->bins, room, sizeof(*bins));
			if (!bins)
				return -ENOMEM;
			g->nr_bins += room - l->room;
			l->bins = bins;
			l->room = room;
		}
	}
	l->bins[l->nr++] = (struct latency_bin){ value, count };
	l->total += count;
	return 0;
}

/* An exact point of one trial's distribution: `rank` of its samples are at most `value`. */
struct exact_point {
	uint64_t rank, value;
};

#define NR_POINTS 5

static uint64_t nearest_rank(uint64_t n, unsigned per_mille)
{
	return n / 1000 * per_mille + (n % 1000 * per_mille + 999) / 1000;
}

static void take_points(const json_t *trial, uint64_t n, struct exact_point points[NR_POINTS])
{
	static const struct {
		const char *path;
		unsigned per_mille;
	} named[NR_POINTS] = {
		{ "write.p50", 500 }, { "write.p90", 900 }, { "write.p99", 990 }, { "write.p999", 999 },
		{ "write.max", 1000 },
	};

	for (unsigned i = 0; i < NR_POINTS; i++) {
		points[i].rank = nearest_rank(n, named[i].per_mille);
		points[i].value = record_count(trial, named[i].path);
	}
}

/* The samples of ranks first + 1 to last, all in the bucket from `low` to below `next`. */
static int add_bucket(struct gather *g, struct latencies *l, const struct exact_point points[NR_POINTS],
		      uint64_t first, uint64_t last, uint64_t low, uint64_t next)
{
	uint64_t value = low;
	int err = 0;

	for (unsigned i = 0; i < NR_POINTS && first < last && !err; i++) {
		uint64_t end = points[i].rank < last ? points[i].rank : last;

		if (points[i].value == NOT_MEASURED || points[i].value < value || points[i].value >= next ||
		    end <= first)
			continue;
		value = points[i].value;
		err = add_bin(g, l, value, end - first);
		first = end;
	}
	return first < last && !err ? add_bin(g, l, value, last - first) : err;
}

static uint64_t entry_of(const json_t *hist, size_t bucket, size_t which)
{
	return (uint64_t)json_integer_value(json_array_get(json_array_get(hist, bucket), which));
}

static int add_latencies(struct gather *g, struct latencies *l, const json_t *trial)
{
	const json_t *hist = json_object_get(json_object_get(trial, "write"), "hist");
	struct exact_point points[NR_POINTS];
	size_t nr = json_array_size(hist);
	uint64_t n = 0, before = 0;
	int err = 0;

	for (size_t i = 0; i < nr; i++) {
		if (__builtin_add_overflow(n, entry_of(hist, i, 1), &n) || n > INT64_MAX)
			return 0;	/* no distribution of anything */
	}
	take_points(trial, n, points);
	for (size_t i = 0; i < nr && !err; i++) {
		uint64_t count = entry_of(hist, i, 1);

		err = add_bucket(g, l, points, before, before + count, entry_of(hist, i, 0),
				 i + 1 < nr ? entry_of(hist, i + 1, 0) : UINT64_MAX);
		before += count;
	}
	return err;
}

static struct latencies *latencies_of(struct gather *g, unsigned cell)
{
	if (cell >= g->nr_cells) {
		size_t nr = 2 * (size_t)cell + 16;
		struct latencies *more = reallocarray(g->latencies, nr, sizeof(*more));

		if (!more)
			return NULL;
		memset(more + g->nr_cells, 0, (nr - g->nr_cells) * sizeof(*more));
		g->latencies = more;
		g->nr_cells = nr;
	}
	return &g->latencies[cell];
}

/* The pair, new when it is; NULL when there is no room (cut) or no memory (*err). */
static struct node_pair *pair_of(struct gather *g, unsigned cell, int from, int to, int *err)
{
	size_t slot = (cell * 2654435761u ^ (unsigned)from * 40503u ^ (unsigned)to * 2246822519u) % NR_SLOTS;

	if (!g->slots) {
		g->slots = calloc(NR_SLOTS, sizeof(*g->slots));
		g->pairs = calloc(GATHER_PAIRS_MAX, sizeof(*g->pairs));
		if (!g->slots || !g->pairs) {
			*err = -ENOMEM;
			return NULL;
		}
	}
	for (; g->slots[slot]; slot = (slot + 1) % NR_SLOTS) {
		struct node_pair *pair = &g->pairs[g->slots[slot] - 1];

		if (pair->cell == cell && pair->from == from && pair->to == to)
			return pair;
	}
	if (g->nr_pairs == GATHER_PAIRS_MAX) {
		g->cut = true;
		return NULL;
	}
	g->pairs[g->nr_pairs] = (struct node_pair){ .cell = cell, .from = from, .to = to };
	g->slots[slot] = ++g->nr_pairs;
	return &g->pairs[g->nr_pairs - 1];
}

int gather_trial(void *gather, unsigned cell, const struct sample *migrate, const json_t *trial)
{
	struct gather *g = gather;
	struct latencies *latencies = latencies_of(g, cell);
	uint64_t from = record_count(trial, "from"), to = record_count(trial, "to");
	struct node_pair *pair;
	int err = latencies ? add_latencies(g, latencies, trial) : -ENOMEM;

	if (err || !migrate || from >= GATHER_NODES_MAX || to >= GATHER_NODES_MAX)
		return err;
	pair = pair_of(g, cell, (int)from, (int)to, &err);
	return pair ? spread_add(&pair->migrate, *migrate) : err;
}

void gather_finish(struct gather *g)
{
	for (size_t i = 0; i < g->nr_cells; i++)
		merge_bins(&g->latencies[i]);
	for (unsigned i = 0; i < g->nr_pairs; i++)
		spread_finish(&g->pairs[i].migrate);
}

void gather_free(struct gather *g)
{
	for (size_t i = 0; i < g->nr_cells; i++)
		free(g->latencies[i].bins);
	for (unsigned i = 0; i < g->nr_pairs; i++)
		spread_free(&g->pairs[i].migrate);
	free(g->latencies);
	free(g->pairs);
	free(g->slots);
	memset(g, 0, sizeof(*g));
}

const struct latencies *gather_latencies(const struct gather *g, unsigned cell)
{
	return cell < g->nr_cells && g->latencies[cell].total ? &g->latencies[cell] : NULL;
}
