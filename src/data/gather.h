/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What figures need besides the summary (summary.h): the latencies of single writes, and migrations by pair of nodes.
 * Streaming, beside summary_add(): a trial is folded in and forgotten. Memory has limits; what is beyond them is not
 * kept, and `cut` says so.
 */
#ifndef WBIT_GATHER_H
#define WBIT_GATHER_H

#include "summary.h"

/*
 * Single writes of one cell, pooled over its trials: ascending values, in units of the clock. A trial's percentiles are
 * exact; between two of them a sample stands at the next one when that lies in its bucket, else at the bucket's lower
 * bound, so at most 12.5 % too low.
 */
struct latencies {
	struct latency_bin {
		uint64_t value, count;
	} *bins;
	size_t nr, room;
	uint64_t total;		/* samples */
};

/* The migrations of one cell from one node to another, a page. */
struct node_pair {
	unsigned cell;		/* index into summary->cells */
	int from, to;
	struct spread migrate;
};

#define GATHER_BINS_MAX (1u << 21)	/* 32 MiB */
#define GATHER_PAIRS_MAX 16384
#define GATHER_NODES_MAX 64		/* as many a side of a matrix */

struct gather {
	struct latencies *latencies;	/* by index of the summary's cell; those from nr_cells on have none */
	size_t nr_cells, nr_bins;
	struct node_pair *pairs;	/* in the order of first appearance */
	unsigned nr_pairs;
	unsigned *slots;		/* private: hash of a pair to its number + 1 */
	bool cut;
};

/* To be given to summary.watch, with the gather, zeroed, as summary.watch_arg. 0 or -ENOMEM. */
int gather_trial(void *gather, unsigned cell, const struct sample *migrate, const json_t *trial);

void gather_finish(struct gather *gather);	/* sorts; call once, after the last record */
void gather_free(struct gather *gather);

/* The latencies of a cell; NULL when none were recorded. */
const struct latencies *gather_latencies(const struct gather *gather, unsigned cell);

#endif
