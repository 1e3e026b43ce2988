// SPDX-License-Identifier: GPL-2.0-or-later
/* Where and how a trial's threads run. */
#include <errno.h>
#include <numaif.h>
#include <sched.h>

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

int bind_memory(int node)
{
	unsigned long mask[16] = { 0 };

	mask[node / 64] = 1ul << node % 64;
	return set_mempolicy(MPOL_BIND, mask, sizeof(mask) * 8) ? -errno : 0;
}
