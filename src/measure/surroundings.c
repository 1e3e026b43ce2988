// SPDX-License-Identifier: GPL-2.0-or-later
/* Where and how a trial's threads run. */
#include <errno.h>
#include <numaif.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "surroundings.h"

int pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

int run_undisturbed(void)
{
	const struct sched_param first = { .sched_priority = 1 };

	return sched_setscheduler(0, SCHED_FIFO, &first) ? -errno : 0;
}

int run_fairly(void)
{
	const struct sched_param none = { 0 };

	return sched_setscheduler(0, SCHED_OTHER, &none) ? -errno : 0;
}

int pinned_to(int cpu, char *reason, size_t size)
{
	int on = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	if (!sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) == 1 && CPU_ISSET(cpu, &set) && on == cpu)
		return 0;
	snprintf(reason, size, "pinned to CPU %d, but it runs on CPU %d, and may use %d", cpu, on, CPU_COUNT(&set));
	return -EXDEV;
}

#define MASK_LONGS 16	/* 1,024 nodes, as many as a kernel may be configured for (NODES_SHIFT) */

int bind_memory(int node)
{
	unsigned long mask[MASK_LONGS] = { 0 };

	mask[node / 64] = 1ul << node % 64;
	return set_mempolicy(MPOL_BIND, mask, sizeof(mask) * 8) ? -errno : 0;
}

int memory_bound_to(int node, char *reason, size_t size)
{
	unsigned long mask[MASK_LONGS] = { 0 };
	int mode = -1, i, others = 0, err;

	err = get_mempolicy(&mode, mask, sizeof(mask) * 8, NULL, 0) ? -errno : 0;
	if (err) {
		snprintf(reason, size, "the memory policy cannot be read: %s", strerror(-err));
		return err;
	}
	for (i = 0; i < MASK_LONGS; i++)
		others += mask[i] != (i == node / 64 ? 1ul << node % 64 : 0);
	if (mode == MPOL_BIND && !others)
		return 0;
	snprintf(reason, size, "memory bound to node %d, but its policy is %s", node, mode == MPOL_BIND ? "another node" :
		 mode == MPOL_DEFAULT ? "the default one" : "another one");
	return -EXDEV;
}
