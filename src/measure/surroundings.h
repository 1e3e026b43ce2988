/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where and how a trial's threads run. All of the calling thread; 0 or -errno. */
#ifndef WBIT_SURROUNDINGS_H
#define WBIT_SURROUNDINGS_H

#include <stddef.h>

int pin_to(int cpu);
int bind_memory(int node);	/* what it allocates */

/*
 * Is it so? What was set may have been set again from outside (a cpuset that shrank, a container's filter that answers 0 and does
 * nothing), and a trial elsewhere would be measured as one here. Both -EXDEV, with what there is instead in `reason`.
 */
int pinned_to(int cpu, char *reason, size_t size);		/* it runs on this CPU, and may on no other */
int memory_bound_to(int node, char *reason, size_t size);	/* its policy is MPOL_BIND to this node alone */

/*
 * In the lab that counts instructions: real-time, so that no task of the kernel's preempts a region, and a switch costs what it
 * costs and not what the fair class has to make up for.
 */
int run_undisturbed(void);

/*
 * What runs beside the migration does so in the fair class: the migration waits for work that the kernel does on every CPU
 * (lru_cache_disable(), mm/swap.c), and must not wait until real-time throttling lets it.
 */
int run_fairly(void);

#endif
