/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of nodes as the system calls of mm/mempolicy.c take it. */
#ifndef WBIT_NODEMASK_H
#define WBIT_NODEMASK_H

#define NODEMASK_BITS 1024	/* MAX_NUMNODES at its largest */

struct nodemask {
	unsigned long bits[NODEMASK_BITS / (8 * sizeof(long))];
};

static inline void nodemask_add(struct nodemask *mask, int node)
{
	mask->bits[node / (8 * sizeof(long))] |= 1ul << node % (8 * sizeof(long));
}

static inline struct nodemask nodemask_of(int node)
{
	struct nodemask mask = { { 0 } };

	nodemask_add(&mask, node);
	return mask;
}

#endif
