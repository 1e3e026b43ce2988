// SPDX-License-Identifier: GPL-2.0-or-later
/* From options and what the machine has to groups of cells. */
#include <errno.h>
#include <stdlib.h>

#include "globs.h"
#include "matrix.h"
#include "places.h"
#include "plan.h"

#define BLOCKS_OF_ALL 2

static bool chosen(const char *glob, const char *name)
{
	return glob_list_has(glob, name);
}

static const char *without_writers(const struct group *g, const struct needs_found *found, enum source source)
{
	static const char too_few[] = "needs a CPU for each of its --threads besides the one that migrates";

	if (!g->beside)
		return NULL;
	return writers_barred(&g->state, g->trigger, source) ?: needs_missing(found, NEED_SECOND_CPU) ?:
	       g->beside >= found->nr_cpus ? too_few : NULL;
}

static void add_variant(struct group *g, const struct run_options *options, enum policy policy, enum source source,
			enum policy kernel_policy, const char *skip)
{
	bool its_own = source == SOURCE_NATIVE && !options->policy_glob;	/* whichever that is */

	if (!(its_own || plan_has_policy(options, policy)) || !chosen(options->source_glob, source_name(source)))
		return;
	g->variants[g->nr_variants].policy = policy;
	g->variants[g->nr_variants].source = source;
	g->variants[g->nr_variants].kernel_policy = kernel_policy;
	g->variants[g->nr_variants++].skip = skip;
}

bool plan_has_policy(const struct run_options *options, enum policy policy)
{
	if (!options->policy_glob)
		return policy < NR_DEFAULT_POLICIES || policy == POLICY_UNKNOWN;
	if (policy == POLICY_VMA_UNSAFE)
		return glob_list_names(options->policy_glob, policy_name(policy));
	return chosen(options->policy_glob, policy_name(policy));
}

unsigned cell_needs(const struct workload *workload, const struct trigger *trigger, enum source source)
{
	unsigned needs = workload->needs | trigger->needs | NEED_TRACING;

	if (needs_move_all(&workload->state))
		needs |= NEED_MOVE_ALL;
	if (source == SOURCE_EMULATED)
		needs |= NEED_SOFT_DIRTY;
	return source == SOURCE_SWITCH ? needs | NEED_SWITCH : needs;
}

/* Does a glob that takes some of the sources, not all, take the switch? Then it is asked for where there is none, too. */
static bool asks_for_switch(const char *glob)
{
	return glob && chosen(glob, source_name(SOURCE_SWITCH)) &&
	       !(chosen(glob, source_name(SOURCE_NATIVE)) && chosen(glob, source_name(SOURCE_EMULATED)));
}

/*
 * With a policy switch: all policies by it, and the kernel's own and the emulation when asked for. Else the kernel's own,
 * and vma-only by emulation where that is `vma` (emulate.h), which a switch can make it.
 */
static void add_variants(struct group *g, const struct run_options *options, const struct needs_found *found,
			 const struct kernel_facts *facts)
{
	bool there = !needs_missing(found, NEED_SWITCH);
	const char *missing = needs_missing(found, cell_needs(g->workload, g->trigger, SOURCE_SWITCH));
	const char *beside = without_writers(g, found, SOURCE_SWITCH);
	enum policy p;

	for (p = 0; p < NR_POLICIES && (there || asks_for_switch(options->source_glob)); p++)
		add_variant(g, options, p, SOURCE_SWITCH, p, beside ? beside :
			    missing ? missing : facts->told[p].why_not[0] ? facts->told[p].why_not : NULL);
	if (there && !options->source_glob)
		return;
	add_variant(g, options, facts->policy, SOURCE_NATIVE, facts->found_at, beside ? beside :
		    needs_missing(found, cell_needs(g->workload, g->trigger, SOURCE_NATIVE)));
	missing = without_writers(g, found, SOURCE_EMULATED) ?:
		  needs_missing(found, cell_needs(g->workload, g->trigger, SOURCE_EMULATED));
	if (there || facts->policy == POLICY_VMA)
		add_variant(g, options, POLICY_VMA_ONLY, SOURCE_EMULATED, POLICY_VMA,
			    missing ? missing : facts->told[POLICY_VMA].why_not[0] ? facts->told[POLICY_VMA].why_not : NULL);
}

static unsigned trials_of(const struct group *g)
{
	unsigned v, n = 0;

	for (v = 0; v < g->nr_variants; v++)
		n += g->variants[v].skip ? 1 : g->blocks * (g->by_chance ? 2 : 1) + 1 + g->crosschecks;
	return n;
}

static int add_group(struct plan *plan, const struct run_options *options, const struct needs_found *found,
		     const struct kernel_facts *facts, const struct group *group)
{
	struct group *groups = realloc(plan->groups, (plan->nr_groups + 1) * sizeof(*groups));

	if (!groups)
		return -ENOMEM;
	plan->groups = groups;
	groups[plan->nr_groups] = *group;
	add_variants(&groups[plan->nr_groups], options, found, facts);
	plan->nr_trials += trials_of(&groups[plan->nr_groups]);
	plan->nr_groups += groups[plan->nr_groups].nr_variants > 0;
	return 0;
}

static bool has_trigger(const struct run_options *options, const struct workload *w, const struct trigger *t)
{
	return options->trigger_glob ? chosen(options->trigger_glob, t->name) : options->all || t == default_trigger(w);
}

static bool has_workload(const struct run_options *options, const struct workload *w)
{
	return options->workload_glob ? chosen(options->workload_glob, w->name) : options->all || !w->extra;
}

bool plan_has_cell(const struct run_options *options, const struct workload *w, const struct trigger *t)
{
	return has_workload(options, w) && !cell_barred(w, t) && has_trigger(options, w, t);
}

const char *plan_why_barred(const struct run_options *options)
{
	const char *barred, *first = NULL;
	unsigned w, i;

	for (w = 0; options->workloads[w]; w++)
		for (i = 0; triggers[i]; i++) {
			if (!has_workload(options, options->workloads[w]) || !has_trigger(options, options->workloads[w], triggers[i]))
				continue;
			barred = cell_barred(options->workloads[w], triggers[i]);
			if (!barred)
				return NULL;
			if (!first)
				first = barred;
		}
	return first;
}

/* Sizes that come to the same number of huge pages are one. */
static bool is_there(const struct plan *plan, const struct group *group)
{
	unsigned i;

	for (i = 0; i < plan->nr_groups; i++)
		if (plan->groups[i].workload == group->workload && plan->groups[i].trigger == group->trigger &&
		    plan->groups[i].pages == group->pages && plan->groups[i].beside == group->beside)
			return true;
	return false;
}

/*
 * Where instructions are counted more timed trials of a cell say little: of compaction, which is dear and has no time, one does,
 * and of all that there is two.
 */
static unsigned blocks_of(const struct run_options *options, const struct trigger *t)
{
	bool counts = options->platform == PLATFORM_LAB_EXACT || options->platform == PLATFORM_LAB_TCG;

	if (options->blocks_given || !counts)
		return options->blocks;
	if (t->partial)
		return 1;
	return options->all ? BLOCKS_OF_ALL : options->blocks;
}

static int add_cell(struct plan *plan, const struct run_options *options, const struct needs_found *found,
		    const struct kernel_facts *facts, const struct workload *w, const struct trigger *t, uint64_t base_pages,
		    unsigned beside)
{
	struct group group = {
		.workload = w,
		.trigger = t,
		.state = cell_state(w, t, facts->conditions),
		.condition = cell_condition(w, t, facts->conditions),
		.pages = entries_of(w, base_pages),
		.beside = beside,
		.blocks = blocks_of(options, t),
		.crosschecks = options->crosscheck ? CROSSCHECKS : 0,
	};

	group.by_chance = beside || group.state.racing;
	if (!plan_has_cell(options, w, t) || is_there(plan, &group))
		return 0;
	return add_group(plan, options, found, facts, &group);
}

int plan_build(struct plan *plan, const struct run_options *options, const struct needs_found *found,
	       const struct kernel_facts *facts)
{
	unsigned n, w, i, s, nr_threads = options->nr_threads ? options->nr_threads : 1;
	int err = 0;

	*plan = (struct plan){ 0 };
	for (n = 0; n < nr_threads; n++)
		for (s = 0; s < options->nr_sizes; s++)
			for (w = 0; options->workloads[w]; w++)
				for (i = 0; triggers[i] && !err; i++)
					err = add_cell(plan, options, found, facts, options->workloads[w], triggers[i],
						       options->pages[s], options->nr_threads ? options->threads[n] : 0);
	if (err)
		plan_free(plan);
	return err;
}

/* NUMA balancing pulls pages to the node of the CPU that touches them, wherever that is. */
static void bar_foreign_cpu(struct group *g)
{
	unsigned v;

	for (v = 0; v < g->nr_variants && g->trigger->pulls && g->place->cpu_node != g->place->from; v++)
		if (!g->variants[v].skip)
			g->variants[v].skip = "pulls pages to the CPU's node, and --cpu is on another one than --from";
}

int plan_spread(struct plan *plan, const struct places *places)
{
	struct group *groups = calloc((size_t)plan->nr_groups * places->nr + 1, sizeof(*groups));
	unsigned g, p, nr = 0;

	if (!groups)
		return -ENOMEM;
	plan->nr_trials = 0;
	for (g = 0; g < plan->nr_groups; g++) {
		for (p = 0; p < (plan->groups[g].trigger->partial ? 1 : places->nr); p++) {
			groups[nr] = plan->groups[g];
			groups[nr].place = &places->all[p];
			bar_foreign_cpu(&groups[nr]);
			plan->nr_trials += trials_of(&groups[nr++]);
		}
	}
	free(plan->groups);
	plan->groups = groups;
	plan->nr_groups = nr;
	return 0;
}

void group_nodes(const struct group *g, int *from, int *to)
{
	*from = g->trigger->pulls ? g->place->to : g->place->from;
	*to = g->trigger->partial || g->trigger->pulls ? g->place->from : g->place->to;
}

void plan_free(struct plan *plan)
{
	free(plan->groups);
	plan->groups = NULL;
}

/* splitmix64: Steele, Lea, Flood 2014. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void shuffle(uint64_t *state, unsigned *items, unsigned nr)
{
	unsigned i, j, swap;

	for (i = nr - 1; i > 0; i--) {
		j = next_random(state) % (i + 1);
		swap = items[i];
		items[i] = items[j];
		items[j] = swap;
	}
}

/* The number-th permutation of nr items, in lexicographic order. */
static void permutation(unsigned number, unsigned nr, unsigned *order)
{
	unsigned left[VARIANTS_MAX], i, j, pick, ways = 1;

	for (i = 0; i < nr; i++)
		left[i] = i;
	for (i = 2; i < nr; i++)
		ways *= i;
	for (i = 0; i < nr; i++) {
		pick = number / ways;
		number %= ways;
		order[i] = left[pick];
		for (j = pick; j + 1 < nr - i; j++)
			left[j] = left[j + 1];
		if (nr - i > 1)
			ways /= nr - i - 1;
	}
}

void plan_order(uint64_t seed, unsigned group, unsigned block, unsigned nr, unsigned order[VARIANTS_MAX])
{
	static unsigned numbers[5040];	/* VARIANTS_MAX! */
	unsigned ways = 1, i;
	uint64_t state;

	for (i = 2; i <= nr; i++)
		ways *= i;
	/* Each round of `ways` blocks has its own shuffle of all orders. */
	state = seed ^ (uint64_t)group << 32 ^ block / ways;
	for (i = 0; i < ways; i++)
		numbers[i] = i;
	shuffle(&state, numbers, ways);
	permutation(numbers[block % ways], nr, order);
}
