/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this machine has of what workloads and triggers need: looked for once a run, by trying, never by version. */
#ifndef WBIT_NEEDS_H
#define WBIT_NEEDS_H

#include "workload.h"

#define NR_NEEDS 19

struct needs_found {
	unsigned have;			/* enum need, or-ed */
	unsigned nr_cpus;		/* that this process may use */
	char reason[NR_NEEDS][120];	/* why not, by bit number; empty where it is there */
};

/* own_machine: a lab's guest, where what takes privilege may also be switched on (cgroups.h). */
void needs_look(struct needs_found *found, bool own_machine);

/* The reason of the first of `needs` that is missing, or NULL when all are there. */
const char *needs_missing(const struct needs_found *found, unsigned needs);

/* Does this process have a capability, CAP_SYS_NICE for example (linux/capability.h)? */
bool has_capability(int capability);

/*
 * The page frame numbers of nr base pages from an address on, by pagemap; 0: not to be seen without CAP_SYS_ADMIN, or not
 * present. All are 0 where pagemap cannot be read.
 */
void frames_of(const void *address, uint64_t nr, uint64_t *frames);
uint64_t frame_of(const void *address);

/* Nodes with memory, ascending, and how many; of these the first with a CPU that this process may use, or -1. */
int nodes_with_memory(int *nodes, int max);
int node_to_start_from(void);
int cpu_of_node(int node);	/* the first CPU of the node that this process may use, or -1 */

#endif
