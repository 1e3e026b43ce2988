// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a run's pages come from and go to. */
#include <errno.h>
#include <numa.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "needs.h"
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

void machine_nodes_look(struct machine_nodes *nodes)
{
	unsigned i, j;
	int n = nodes_with_memory(nodes->node, NODES_MAX);

	nodes->nr = n > 0 ? (unsigned)n : 0;
	for (i = 0; i < nodes->nr; i++) {
		nodes->cpu[i] = cpu_of_node(nodes->node[i]);
		for (j = 0; j < nodes->nr; j++)
			nodes->distance[i][j] = numa_distance(nodes->node[i], nodes->node[j]);
	}
}

int node_of_cpu(int cpu)
{
	return numa_available() < 0 ? -1 : numa_node_of_cpu(cpu);
}

static bool cpu_allowed(int cpu)
{
	cpu_set_t allowed;

	return cpu >= 0 && cpu < CPU_SETSIZE && !sched_getaffinity(0, sizeof(allowed), &allowed) && CPU_ISSET(cpu, &allowed);
}

/* ---- pairs of nodes ---- */

static bool is_asked_for(const struct machine_nodes *nodes, unsigned from, unsigned to, int from_node, int to_node)
{
	return from != to && (from_node < 0 || nodes->node[from] == from_node) && (to_node < 0 || nodes->node[to] == to_node);
}

bool places_farthest(const struct machine_nodes *nodes, int from, int to, bool any_source, struct node_pair_at *pair)
{
	int farthest = -1;
	unsigned i, j;

	for (i = 0; i < nodes->nr; i++) {
		for (j = 0; j < nodes->nr; j++) {
			if (!is_asked_for(nodes, i, j, from, to) || (nodes->cpu[i] < 0 && !any_source) ||
			    nodes->distance[i][j] <= farthest)
				continue;
			farthest = nodes->distance[i][j];
			*pair = (struct node_pair_at){ i, j };
		}
	}
	return farthest >= 0;
}

unsigned places_pairs(const struct machine_nodes *nodes, int from, int to, struct node_pair_at *pairs)
{
	unsigned i, j, nr = 0;

	for (i = 0; i < nodes->nr; i++)
		for (j = 0; j < nodes->nr; j++)
			if (is_asked_for(nodes, i, j, from, to) && nodes->cpu[i] >= 0)
				pairs[nr++] = (struct node_pair_at){ i, j };
	return nr;
}

/* ---- places ---- */

/* A CPU for each writer, the target node's before the others. */
static void choose_writers_cpus(struct place *place)
{
	cpu_set_t allowed;
	unsigned nr = 0;
	int near, cpu;

	memset(place->writers_cpus, -1, sizeof(place->writers_cpus));
	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	for (near = 1; near >= 0; near--)
		for (cpu = 0; cpu < CPU_SETSIZE && nr < WRITERS_MAX; cpu++)
			if (CPU_ISSET(cpu, &allowed) && cpu != place->cpu && (node_of_cpu(cpu) == place->to) == near)
				place->writers_cpus[nr++] = cpu;
}

static struct place make_place(const struct machine_nodes *nodes, const struct node_pair_at *pair, int cpu)
{
	struct place place = { .from = nodes->node[pair->from], .to = nodes->node[pair->to], .cpu = cpu };

	if (cpu < 0)
		place.cpu = nodes->cpu[pair->from];
	place.cpu_node = node_of_cpu(place.cpu);
	place.other_cpu = nodes->cpu[pair->to] >= 0 ? nodes->cpu[pair->to] : place.cpu;
	choose_writers_cpus(&place);
	return place;
}

/* The only node, or what has no second one to go to. */
static struct place make_place_alone(const struct machine_nodes *nodes, int from, int cpu)
{
	struct place place = { .from = from, .to = -1, .cpu = cpu };
	unsigned i;

	for (i = 0; i < nodes->nr && from < 0; i++)
		if (nodes->cpu[i] >= 0)
			from = place.from = nodes->node[i];
	for (i = 0; i < nodes->nr && place.cpu < 0; i++)
		if (nodes->node[i] == from)
			place.cpu = nodes->cpu[i];
	if (place.cpu < 0)
		place.cpu = 0;
	place.cpu_node = node_of_cpu(place.cpu);
	place.other_cpu = place.cpu;
	choose_writers_cpus(&place);
	return place;
}

/* Where a node is in the list; nr: nowhere. */
static unsigned index_of(const struct machine_nodes *nodes, int node)
{
	unsigned i = 0;

	while (i < nodes->nr && nodes->node[i] != node)
		i++;
	return i;
}

static int check_asked(const struct run_options *options, const struct machine_nodes *nodes, char *error, size_t size)
{
	unsigned from = index_of(nodes, options->from);

	if (options->from >= 0 && from == nodes->nr)
		return fail(error, size, "--from: node %d has no memory here", options->from);
	if (options->to >= 0 && index_of(nodes, options->to) == nodes->nr)
		return fail(error, size, "--to: node %d has no memory here", options->to);
	if (options->from >= 0 && options->from == options->to)
		return fail(error, size, "--from and --to are both node %d: a migration needs two", options->to);
	if (options->cpu >= 0 && !cpu_allowed(options->cpu))
		return fail(error, size, "--cpu: this process may not use CPU %d, or there is none", options->cpu);
	if (options->from >= 0 && nodes->cpu[from] < 0 && options->cpu < 0)
		return fail(error, size, "--from: node %d has no CPU that this process may use%s", options->from,
			    options->pairs ? "" : ": --cpu chooses one of another node");
	return 0;
}

/* The source that is meant where none was named: the CPU's node, and in a guest whose CPUs take turns the one of the last. */
static int implied_source(const struct run_options *options, const struct machine_nodes *nodes)
{
	int node = options->cpu >= 0 ? node_of_cpu(options->cpu) : options->platform == PLATFORM_LAB_SMP ? SMP_FROM : -1;

	if (options->from >= 0)
		return options->from;
	return node != options->to && index_of(nodes, node) < nodes->nr ? node : -1;
}

static int choose_one(const struct run_options *options, const struct machine_nodes *nodes, struct places *places, char *error,
		      size_t size)
{
	struct node_pair_at pair;

	places->nr = 1;
	if (places_farthest(nodes, implied_source(options, nodes), options->to, options->cpu >= 0, &pair))
		places->all[0] = make_place(nodes, &pair, options->cpu);
	else if (options->to >= 0)
		return fail(error, size, "--to: no other node than %d has memory and a CPU that this process may use",
			    options->to);
	else
		places->all[0] = make_place_alone(nodes, options->from, options->cpu);
	return 0;
}

static int choose(const struct run_options *options, const struct machine_nodes *nodes, struct places *places, char *error,
		  size_t size)
{
	struct node_pair_at *pairs;
	unsigned i;
	int err = check_asked(options, nodes, error, size);

	if (err)
		return err;
	pairs = calloc(NODES_MAX * NODES_MAX, sizeof(*pairs));
	if (!pairs)
		return -ENOMEM;
	places->nr = options->pairs ? places_pairs(nodes, options->from, options->to, pairs) : 0;
	places->all = calloc(places->nr + 1, sizeof(*places->all));
	if (!places->all)
		err = -ENOMEM;
	for (i = 0; i < places->nr && !err; i++)
		places->all[i] = make_place(nodes, &pairs[i], -1);
	if (!places->nr && !err)
		err = choose_one(options, nodes, places, error, size);
	free(pairs);
	return err;
}

int places_choose(const struct run_options *options, struct places *places, char *error, size_t size)
{
	struct machine_nodes *nodes = calloc(1, sizeof(*nodes));
	int err;

	*places = (struct places){ NULL, 0 };
	if (!nodes)
		return -ENOMEM;
	machine_nodes_look(nodes);
	err = choose(options, nodes, places, error, size);
	free(nodes);
	if (err == -ENOMEM)
		snprintf(error, size, "no memory for the pairs of nodes");
	if (err)
		places_free(places);
	return err;
}

void places_free(struct places *places)
{
	free(places->all);
	*places = (struct places){ NULL, 0 };
}

void place_trial(const struct place *place, struct trial_spec *spec)
{
	spec->from = place->from;
	spec->to = place->to;
	spec->cpu = place->cpu;
	spec->other_cpu = place->other_cpu;
	memcpy(spec->writers.cpus, place->writers_cpus, sizeof(spec->writers.cpus));
}
