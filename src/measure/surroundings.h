/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where and how a trial's threads run. All of the calling thread; 0 or -errno. */
#ifndef WBIT_SURROUNDINGS_H
#define WBIT_SURROUNDINGS_H

int pin_to(int cpu);
int bind_memory(int node);	/* what it allocates */

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
