// SPDX-License-Identifier: GPL-2.0-or-later
/* Which nodes and CPUs a run takes, on machines of any shape; and that a trial knows when it is elsewhere. */
#include <errno.h>
#include <numaif.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "named.h"
#include "needs.h"
#include "places.h"
#include "plan.h"
#include "surroundings.h"

/* Nodes 0, 2, 4 and 6: of two sockets with two each, and a third link that is longer one way. Node 6 has no CPU. */
static const struct machine_nodes four = {
	.nr = 4,
	.node = { 0, 2, 4, 6 },
	.cpu = { 0, 8, 16, -1 },
	.distance = {
		{ 10, 12, 20, 32 },
		{ 12, 10, 31, 20 },
		{ 20, 32, 10, 12 },
		{ 40, 20, 12, 10 },
	},
};

static void expect_pair(const struct machine_nodes *nodes, int from, int to, bool any_source, int expected_from, int expected_to)
{
	struct node_pair_at pair;

	assert_true(places_farthest(nodes, from, to, any_source, &pair));
	assert_int_equal(nodes->node[pair.from], expected_from);
	assert_int_equal(nodes->node[pair.to], expected_to);
}

static void the_farthest_pair_with_a_cpu_on_its_source_is_taken(void **state)
{
	(void)state;
	expect_pair(&four, -1, -1, false, 0, 6);	/* 32, as 4 to 2: the lowest source; 6 to 0 is 40 and has no CPU */
	expect_pair(&four, -1, -1, true, 6, 0);
}

static void what_was_asked_for_narrows_the_choice(void **state)
{
	struct node_pair_at pair;

	(void)state;
	expect_pair(&four, 2, -1, false, 2, 4);
	expect_pair(&four, -1, 2, false, 4, 2);		/* not 2 to 4: distances need not be symmetric */
	expect_pair(&four, -1, 4, false, 2, 4);
	expect_pair(&four, 4, 0, false, 4, 0);
	assert_false(places_farthest(&four, 6, -1, false, &pair));
	expect_pair(&four, 6, -1, true, 6, 0);
	assert_false(places_farthest(&four, 2, 2, true, &pair));
	assert_false(places_farthest(&four, 1, -1, true, &pair));
}

static void of_equal_distances_the_lowest_numbers_win(void **state)
{
	struct machine_nodes flat = four;

	(void)state;
	memset(flat.distance, 0, sizeof(flat.distance));	/* none known: 0 of libnuma's */
	expect_pair(&flat, -1, -1, false, 0, 2);
	flat.cpu[0] = -1;
	expect_pair(&flat, -1, -1, false, 2, 0);
}

static void one_node_has_no_pair(void **state)
{
	struct machine_nodes one = four;
	struct node_pair_at pair, pairs[NODES_MAX * NODES_MAX];

	(void)state;
	one.nr = 1;
	assert_false(places_farthest(&one, -1, -1, true, &pair));
	assert_int_equal(places_pairs(&one, -1, -1, pairs), 0);
}

static void all_pairs_are_those_whose_source_has_a_cpu(void **state)
{
	struct node_pair_at pairs[NODES_MAX * NODES_MAX];

	(void)state;
	assert_int_equal(places_pairs(&four, -1, -1, pairs), 3 * 3);
	assert_int_equal(pairs[0].from, 0);
	assert_int_equal(pairs[0].to, 1);
	assert_int_equal(pairs[8].from, 2);
	assert_int_equal(pairs[8].to, 3);
	assert_int_equal(places_pairs(&four, 2, -1, pairs), 3);
	assert_int_equal(places_pairs(&four, -1, 6, pairs), 3);
	assert_int_equal(places_pairs(&four, 6, -1, pairs), 0);
}

static void a_bad_choice_is_an_error_that_says_which(void **state)
{
	static const struct {
		int from, to, cpu;
		const char *says;
	} bad[] = {
		{ 999, -1, -1, "--from: node 999 has no memory here" },
		{ -1, 999, -1, "--to: node 999 has no memory here" },
		{ -1, -1, 1023, "--cpu: this process may not use CPU 1023, or there is none" },
	};
	struct run_options options = { .platform = PLATFORM_VM };
	struct places places;
	char error[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		options.from = bad[i].from;
		options.to = bad[i].to;
		options.cpu = bad[i].cpu;
		assert_int_equal(places_choose(&options, &places, error, sizeof(error)), -EINVAL);
		assert_string_equal(error, bad[i].says);
		assert_null(places.all);
	}
}

static void a_place_is_found_on_any_machine(void **state)
{
	struct run_options options = { .from = -1, .to = -1, .cpu = -1, .platform = PLATFORM_VM };
	struct places places;
	char error[200];

	(void)state;
	assert_int_equal(places_choose(&options, &places, error, sizeof(error)), 0);
	assert_int_equal(places.nr, 1);
	assert_true(places.all[0].cpu >= 0);
	places_free(&places);
	options.pairs = true;
	assert_int_equal(places_choose(&options, &places, error, sizeof(error)), 0);
	assert_true(places.nr >= 1);
	places_free(&places);
}

/* ---- spread over a plan ---- */

static const struct needs_found everything = { .have = ~(unsigned)NEED_SWITCH, .reason = { [8] = "no policy switch" } };
static const struct kernel_facts is_vma = { .policy = POLICY_VMA, .found_at = POLICY_UNKNOWN };

static void build(struct plan *plan, const char *trigger)
{
	const struct run_options options = { .workloads = workloads, .workload_glob = "anon-private,shmem-shared",
					     .trigger_glob = trigger, .source_glob = "native", .pages = { 256 }, .nr_sizes = 1,
					     .blocks = 6 };

	assert_int_equal(plan_build(plan, &options, &everything, &is_vma), 0);
	assert_int_equal(plan->nr_groups, 2);
}

static struct place there_and_back[] = {
	{ .from = 0, .to = 1, .cpu = 0, .cpu_node = 0 }, { .from = 1, .to = 0, .cpu = 1, .cpu_node = 1 },
};

static void each_group_is_measured_at_each_place(void **state)
{
	const struct places places = { there_and_back, 2 };
	struct plan plan;
	int from, to;

	(void)state;
	build(&plan, "mbind");
	assert_int_equal(plan_spread(&plan, &places), 0);
	assert_int_equal(plan.nr_groups, 4);
	assert_int_equal(plan.nr_trials, 4 * 7);
	assert_ptr_equal(plan.groups[0].workload, plan.groups[1].workload);
	group_nodes(&plan.groups[1], &from, &to);
	assert_int_equal(from, 1);
	assert_int_equal(to, 0);
	plan_free(&plan);
}

static void a_trigger_that_stays_on_a_node_has_one_place(void **state)
{
	const struct places places = { there_and_back, 2 };
	struct plan plan;
	int from, to;

	(void)state;
	build(&plan, "compaction");
	assert_int_equal(plan_spread(&plan, &places), 0);
	assert_int_equal(plan.nr_groups, 2);
	group_nodes(&plan.groups[0], &from, &to);
	assert_int_equal(from, 0);
	assert_int_equal(to, 0);
	plan_free(&plan);
}

static void a_cpu_elsewhere_bars_what_pulls_to_it(void **state)
{
	struct place elsewhere = { .from = 0, .to = 1, .cpu = 1, .cpu_node = 1 };
	const struct places places = { &elsewhere, 1 }, usual = { there_and_back, 1 };
	struct plan plan;
	int from, to;

	(void)state;
	build(&plan, "numa-balancing");
	assert_int_equal(plan_spread(&plan, &places), 0);
	assert_string_equal(plan.groups[0].variants[0].skip,
			    "pulls pages to the CPU's node, and --cpu is on another one than --from");
	assert_int_equal(plan.nr_trials, 2);
	plan_free(&plan);
	build(&plan, "numa-balancing");
	assert_int_equal(plan_spread(&plan, &usual), 0);
	assert_null(plan.groups[0].variants[0].skip);
	group_nodes(&plan.groups[0], &from, &to);
	assert_int_equal(from, 1);
	assert_int_equal(to, 0);
	plan_free(&plan);
	build(&plan, "mbind");
	assert_int_equal(plan_spread(&plan, &places), 0);
	assert_null(plan.groups[0].variants[0].skip);
	plan_free(&plan);
}

/* ---- looked at once it is set ---- */

static void a_thread_knows_whether_it_is_where_it_was_pinned(void **state)
{
	cpu_set_t before;
	int cpu = 0;
	char reason[120] = "";

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	while (!CPU_ISSET(cpu, &before))
		cpu++;
	assert_int_equal(pin_to(cpu), 0);
	assert_int_equal(pinned_to(cpu, reason, sizeof(reason)), 0);
	assert_int_equal(pinned_to(cpu + 1, reason, sizeof(reason)), -EXDEV);
	assert_non_null(strstr(reason, "but it runs on CPU "));
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	if (CPU_COUNT(&before) > 1)	/* it may go elsewhere at any time */
		assert_int_equal(pinned_to(sched_getcpu(), reason, sizeof(reason)), -EXDEV);
}

static void a_thread_knows_whether_its_memory_is_bound(void **state)
{
	char reason[120] = "";
	int node = node_to_start_from();

	(void)state;
	if (node < 0 || bind_memory(node)) {
		skip();	/* no NUMA, or a container's filter */
		return;
	}
	assert_int_equal(memory_bound_to(node, reason, sizeof(reason)), 0);
	assert_int_equal(memory_bound_to(node + 1, reason, sizeof(reason)), -EXDEV);
	assert_string_equal(strchr(reason, ','), ", but its policy is another node");
	assert_int_equal(set_mempolicy(MPOL_DEFAULT, NULL, 0), 0);
	assert_int_equal(memory_bound_to(node, reason, sizeof(reason)), -EXDEV);
	assert_string_equal(strchr(reason, ','), ", but its policy is the default one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_farthest_pair_with_a_cpu_on_its_source_is_taken),
		cmocka_unit_test(what_was_asked_for_narrows_the_choice),
		cmocka_unit_test(of_equal_distances_the_lowest_numbers_win),
		cmocka_unit_test(one_node_has_no_pair),
		cmocka_unit_test(all_pairs_are_those_whose_source_has_a_cpu),
		cmocka_unit_test(a_bad_choice_is_an_error_that_says_which),
		cmocka_unit_test(a_place_is_found_on_any_machine),
		cmocka_unit_test(each_group_is_measured_at_each_place),
		cmocka_unit_test(a_trigger_that_stays_on_a_node_has_one_place),
		cmocka_unit_test(a_cpu_elsewhere_bars_what_pulls_to_it),
		cmocka_unit_test(a_thread_knows_whether_it_is_where_it_was_pinned),
		cmocka_unit_test(a_thread_knows_whether_its_memory_is_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
