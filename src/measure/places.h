/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nodes and CPUs of a run, from its options and the machine: one place, or with --pairs one for each ordered pair of nodes
 * with memory whose source has a CPU that this process may use.
 */
#ifndef WBIT_PLACES_H
#define WBIT_PLACES_H

#include "run.h"
#include "trial.h"

#define NODES_MAX 64

/* Where a trial runs. Nodes and CPUs by their OS index. */
struct place {
	int from, to;			/* -1: there is no such node */
	int cpu, cpu_node;		/* where the child is pinned, and that CPU's node (-1: none); `from` unless --cpu said otherwise */
	int other_cpu;			/* for `during`: of node `to` where that has one, else cpu */
	int writers_cpus[WRITERS_MAX];	/* one each, those of node `to` first; -1: there is none for it */
};

struct places {
	struct place *all;		/* one at least */
	unsigned nr;
};

/* The nodes with memory, ascending, and what choosing among them goes by. */
struct machine_nodes {
	unsigned nr;
	int node[NODES_MAX];
	int cpu[NODES_MAX];		/* the node's first CPU that this process may use; -1: none */
	int distance[NODES_MAX][NODES_MAX];	/* as the firmware tells it (ACPI SLIT), from the row's node to the column's */
};

void machine_nodes_look(struct machine_nodes *nodes);	/* this machine's, by libnuma */

struct node_pair_at {
	unsigned from, to;		/* places in machine_nodes, not nodes */
};

/*
 * The pair of the largest distance; of several that of the lowest source, then of the lowest target. from, to: the nodes that
 * were asked for, -1: any. any_source: one without a CPU will do. false: there is no such pair. Pure.
 */
bool places_farthest(const struct machine_nodes *nodes, int from, int to, bool any_source, struct node_pair_at *pair);

/* All pairs with a CPU on the source, by source and then by target; at most NODES_MAX * (NODES_MAX - 1). Returns how many. Pure. */
unsigned places_pairs(const struct machine_nodes *nodes, int from, int to, struct node_pair_at *pairs);

/* 0; -EINVAL with a line in `error`: no such node or CPU; -ENOMEM. Where there is but one node, its `to` is -1. */
int places_choose(const struct run_options *options, struct places *places, char *error, size_t size);
void places_free(struct places *places);

/* Puts a trial there. Its writers' number is not touched. */
void place_trial(const struct place *place, struct trial_spec *spec);

int node_of_cpu(int cpu);	/* -1: none, or no such CPU */

#endif
