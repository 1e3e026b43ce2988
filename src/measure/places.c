// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a run's pages come from and go to. */
#include <errno.h>
#include <numa.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>

#include "places.h"

#define SMP_FROM 1			/* the node of the lab's CPU that takes the last turn: lab/qemu.c add_cpus() */

static int fail(char *error, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int fail(char *error, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return -EINVAL;
}

static bool node_has_memory(int node)
{
	int nodes[64], n = nodes_with_memory(nodes, 64), i;

	for (i = 0; i < n; i++)
		if (nodes[i] == node)
			return true;
	return false;
}

static int choose_nodes(const struct run_options *options, struct trial_spec *base, char *error, size_t size)
{
	int nodes[64], n = nodes_with_memory(nodes, 64), i;

	base->from = options->from >= 0 ? options->from :
		     options->platform == PLATFORM_LAB_SMP ? SMP_FROM : node_to_start_from();
	base->to = options->to;
	for (i = 0; i < n && base->to < 0; i++)
		if (nodes[i] != base->from)
			base->to = nodes[i];
	if (options->from >= 0 && !node_has_memory(options->from))
		return fail(error, size, "--from: node %d has no memory here", options->from);
	if (options->to >= 0 && !node_has_memory(options->to))
		return fail(error, size, "--to: node %d has no memory here", options->to);
	if (base->to == base->from && base->to >= 0)
		return fail(error, size, "--from and --to are both node %d: a migration needs two", base->to);
	base->cpu = base->from >= 0 ? cpu_of_node(base->from) : -1;
	if (options->from >= 0 && base->cpu < 0)
		return fail(error, size, "--from: node %d has no CPU that this process may use", options->from);
	if (base->cpu < 0)
		base->cpu = 0;
	base->other_cpu = base->to >= 0 && cpu_of_node(base->to) >= 0 ? cpu_of_node(base->to) : base->cpu;
	return 0;
}

/* A CPU for each writer, the target node's before the others. */
static void choose_writers_cpus(struct trial_spec *base)
{
	cpu_set_t allowed;
	unsigned nr = 0;
	int near, cpu;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	for (near = 1; near >= 0; near--)
		for (cpu = 0; cpu < CPU_SETSIZE && nr < WRITERS_MAX; cpu++)
			if (CPU_ISSET(cpu, &allowed) && cpu != base->cpu && (numa_node_of_cpu(cpu) == base->to) == near)
				base->writers.cpus[nr++] = cpu;
}

int places_choose(const struct run_options *options, struct trial_spec *base, char *error, size_t size)
{
	int err = choose_nodes(options, base, error, size);

	choose_writers_cpus(base);
	return err;
}
