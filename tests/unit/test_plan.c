// SPDX-License-Identifier: GPL-2.0-or-later
/* Which cells a run has, and the order of its blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "globs.h"
#include "matrix.h"
#include "named.h"
#include "plan.h"

static const struct needs_found everything = { .have = ~(unsigned)NEED_SWITCH, .reason = { [8] = "no policy switch" } };
static const struct needs_found with_switch = { .have = ~0u };
static const struct kernel_facts is_vma = { .policy = POLICY_VMA, .found_at = POLICY_UNKNOWN };
static const struct kernel_facts is_entry = { .policy = POLICY_ENTRY, .found_at = POLICY_UNKNOWN };
static const struct kernel_facts is_unknown = { .policy = POLICY_UNKNOWN, .found_at = POLICY_UNKNOWN };

static struct run_options default_options(void)
{
	return (struct run_options){ .workloads = workloads, .pages = { 256 }, .nr_sizes = 1, .blocks = 6 };
}

static void a_vma_kernel_shows_its_policy_and_the_emulated_one(void **state)
{
	struct run_options options = default_options();
	struct plan plan;
	unsigned g;

	(void)state;
	assert_int_equal(plan_build(&plan, &options, &everything, &is_vma), 0);
	assert_true(plan.nr_groups > 0);
	for (g = 0; g < plan.nr_groups; g++) {
		assert_int_equal(plan.groups[g].nr_variants, 2);
		assert_int_equal(plan.groups[g].variants[0].source, SOURCE_NATIVE);
		assert_int_equal(plan.groups[g].variants[1].source, SOURCE_EMULATED);
		assert_int_equal(plan.groups[g].variants[1].policy, POLICY_VMA_ONLY);
	}
	/* a twin and six timed trials of each */
	assert_int_equal(plan.nr_trials, plan.nr_groups * 2 * 7);
	plan_free(&plan);
}

static void an_entry_kernel_and_an_unknown_one_show_only_their_own(void **state)
{
	struct run_options options = default_options();
	struct plan plan;

	(void)state;
	assert_int_equal(plan_build(&plan, &options, &everything, &is_entry), 0);
	assert_int_equal(plan.groups[0].nr_variants, 1);
	plan_free(&plan);
	assert_int_equal(plan_build(&plan, &options, &everything, &is_unknown), 0);
	assert_int_equal(plan.groups[0].nr_variants, 1);
	plan_free(&plan);
}

static void a_cell_needs_what_its_workload_trigger_and_source_need(void **state)
{
	(void)state;
	assert_int_equal(cell_needs(workload_named("anon-private"), triggers[0], SOURCE_NATIVE), NEED_TWO_NODES | NEED_TRACING);
	assert_int_equal(cell_needs(workload_named("anon-private"), triggers[0], SOURCE_EMULATED),
			 NEED_TWO_NODES | NEED_TRACING | NEED_SOFT_DIRTY);
	assert_true(cell_needs(workload_named("anon-fork"), triggers[0], SOURCE_NATIVE) & NEED_MOVE_ALL);
	assert_true(cell_needs(workload_named("shmem-softdirty"), triggers[0], SOURCE_NATIVE) & NEED_SOFT_DIRTY);
}

static void globs_choose(void **state)
{
	struct run_options options = default_options();
	struct plan plan;

	(void)state;
	options.workload_glob = "anon-priv*";
	options.policy_glob = "vma-*";
	assert_int_equal(plan_build(&plan, &options, &everything, &is_vma), 0);
	assert_int_equal(plan.nr_groups, 1);
	assert_string_equal(plan.groups[0].workload->name, "anon-private");
	assert_int_equal(plan.groups[0].nr_variants, 1);
	assert_int_equal(plan.groups[0].variants[0].policy, POLICY_VMA_ONLY);
	plan_free(&plan);
	options.policy_glob = "entry";
	assert_int_equal(plan_build(&plan, &options, &everything, &is_vma), 0);
	assert_int_equal(plan.nr_groups, 0);
	plan_free(&plan);
}

static void a_list_of_globs_chooses_what_any_of_them_does(void **state)
{
	struct run_options options = default_options();
	struct plan plan;

	(void)state;
	assert_true(glob_list_has(NULL, "any"));
	assert_true(glob_list_has("a*,b", "b"));
	assert_false(glob_list_has("a,b", "a,b"));
	assert_false(glob_list_has("", "a"));
	options.workload_glob = "shmem-shared,anon-private";
	options.source_glob = "native";
	assert_int_equal(plan_build(&plan, &options, &everything, &is_vma), 0);
	assert_int_equal(plan.nr_groups, 2);
	plan_free(&plan);
}

static void what_is_missing_is_a_skip_with_its_reason(void **state)
{
	struct needs_found found = { .have = ~(unsigned)(NEED_SOFT_DIRTY | NEED_SWITCH),
				     .reason = { [1] = "no soft-dirty", [8] = "no policy switch" } };
	struct run_options options = default_options();
	struct plan plan;

	(void)state;
	options.workload_glob = "anon-private";
	assert_int_equal(plan_build(&plan, &options, &found, &is_vma), 0);
	assert_null(plan.groups[0].variants[0].skip);
	assert_string_equal(plan.groups[0].variants[1].skip, "no soft-dirty");
	assert_int_equal(plan.nr_trials, 7 + 1);
	plan_free(&plan);
}

/* The sources and policies of the first group, as "switch:vma ..." */
static const char *first_variants(const struct run_options *options, const struct needs_found *found,
				  const struct kernel_facts *facts)
{
	static char text[300];
	struct plan plan;
	unsigned v;

	text[0] = '\0';
	assert_int_equal(plan_build(&plan, options, found, facts), 0);
	for (v = 0; plan.nr_groups && v < plan.groups[0].nr_variants; v++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s:%s%s", v ? " " : "",
			 source_name(plan.groups[0].variants[v].source), policy_name(plan.groups[0].variants[v].policy),
			 plan.groups[0].variants[v].skip ? "(skip)" : "");
	plan_free(&plan);
	return text;
}

static void a_switch_shows_all_policies_and_the_others_when_asked(void **state)
{
	struct run_options options = default_options();

	(void)state;
	assert_string_equal(first_variants(&options, &with_switch, &is_vma), "switch:vma-only switch:vma switch:entry");
	options.source_glob = "*";
	assert_string_equal(first_variants(&options, &with_switch, &is_vma),
			    "switch:vma-only switch:vma switch:entry native:vma emulated:vma-only");
	options.source_glob = "native";
	assert_string_equal(first_variants(&options, &with_switch, &is_entry), "native:entry");
	/* a switch makes the kernel one on which vma-only can be emulated */
	options.source_glob = "emulated";
	assert_string_equal(first_variants(&options, &with_switch, &is_entry), "emulated:vma-only");
	options.source_glob = "[se]*";
	options.policy_glob = "vma-only";
	assert_string_equal(first_variants(&options, &with_switch, &is_vma), "switch:vma-only emulated:vma-only");
}

static void a_switch_that_is_missing_is_a_skip_when_asked_for(void **state)
{
	struct run_options options = default_options();

	(void)state;
	options.source_glob = "switch";
	assert_string_equal(first_variants(&options, &everything, &is_vma),
			    "switch:vma-only(skip) switch:vma(skip) switch:entry(skip)");
	options.source_glob = "*";
	assert_string_equal(first_variants(&options, &everything, &is_vma), "native:vma emulated:vma-only");
}

static void each_variant_has_the_kernel_told_its_policy(void **state)
{
	const struct kernel_facts found_at_entry = { .policy = POLICY_ENTRY, .found_at = POLICY_ENTRY };
	struct run_options options = default_options();
	struct plan plan;

	(void)state;
	options.source_glob = "*";
	assert_int_equal(plan_build(&plan, &options, &with_switch, &found_at_entry), 0);
	assert_int_equal(plan.groups[0].variants[0].kernel_policy, POLICY_VMA_ONLY);
	assert_int_equal(plan.groups[0].variants[2].kernel_policy, POLICY_ENTRY);
	assert_int_equal(plan.groups[0].variants[3].source, SOURCE_NATIVE);
	assert_int_equal(plan.groups[0].variants[3].kernel_policy, POLICY_ENTRY);
	assert_int_equal(plan.groups[0].variants[4].source, SOURCE_EMULATED);
	assert_int_equal(plan.groups[0].variants[4].kernel_policy, POLICY_VMA);
	plan_free(&plan);
}

static void a_word_that_does_not_do_what_it_says_is_a_skip(void **state)
{
	struct kernel_facts facts = { .policy = POLICY_VMA, .found_at = POLICY_VMA };
	struct run_options options = default_options();

	(void)state;
	strcpy(facts.told[POLICY_VMA].why_not, "the probes show entry");
	options.source_glob = "[se]*";
	assert_string_equal(first_variants(&options, &with_switch, &facts),
			    "switch:vma-only switch:vma(skip) switch:entry emulated:vma-only(skip)");
}

/* ---- which cells ---- */

/* Names of the plan's cells, "WORKLOAD:TRIGGER:PAGES:BLOCKS ...", of those that the workload glob takes. */
static const char *cells(const struct run_options *options)
{
	static char text[2000];
	struct plan plan;
	unsigned g;

	text[0] = '\0';
	assert_int_equal(plan_build(&plan, options, &everything, &is_vma), 0);
	for (g = 0; g < plan.nr_groups; g++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s:%s:%u:%u", g ? " " : "",
			 plan.groups[g].workload->name, plan.groups[g].trigger->name, (unsigned)plan.groups[g].pages,
			 plan.groups[g].blocks);
	plan_free(&plan);
	return text;
}

static void without_options_the_fifteen_by_move_pages_are_measured(void **state)
{
	struct run_options options = default_options();
	struct plan plan;
	unsigned g;

	(void)state;
	assert_int_equal(plan_build(&plan, &options, &everything, &is_vma), 0);
	assert_int_equal(plan.nr_groups, 15);
	for (g = 0; g < plan.nr_groups; g++) {
		assert_false(plan.groups[g].workload->extra);
		assert_string_equal(plan.groups[g].trigger->name, "move_pages");
	}
	plan_free(&plan);
}

static void all_is_each_workload_by_each_trigger_that_makes_sense(void **state)
{
	struct run_options options = default_options();
	unsigned w, i, g, sensible = 0;
	struct plan plan;

	(void)state;
	options.all = true;
	for (w = 0; workloads[w]; w++)
		for (i = 0; triggers[i]; i++)
			sensible += !cell_barred(workloads[w], triggers[i]);
	assert_int_equal(plan_build(&plan, &options, &everything, &is_vma), 0);
	assert_int_equal(plan.nr_groups, sensible);
	for (g = 0; g < plan.nr_groups; g++)
		assert_null(cell_barred(plan.groups[g].workload, plan.groups[g].trigger));
	plan_free(&plan);
	options.workload_glob = "inflight-mprotect";	/* globs narrow --all down */
	assert_string_equal(cells(&options), "inflight-mprotect:move_pages:256:6 inflight-mprotect:mbind:256:6");
	options.trigger_glob = "mbind";
	assert_string_equal(cells(&options), "inflight-mprotect:mbind:256:6");
}

static void an_extra_workload_is_measured_by_its_name(void **state)
{
	struct run_options options = default_options();

	(void)state;
	options.workload_glob = "ksm,numa-hint-anon";
	assert_string_equal(cells(&options), "ksm:move_pages:256:6 numa-hint-anon:numa-balancing:256:6");
}

static void a_cell_that_makes_no_sense_is_never_planned(void **state)
{
	struct run_options options = default_options();

	(void)state;
	options.workload_glob = "ksm,anon-fork,numa-hint-anon,thp-anon";
	options.trigger_glob = "numa-balancing";
	assert_string_equal(cells(&options), "numa-hint-anon:numa-balancing:256:6 thp-anon:numa-balancing:8:6");
	options.trigger_glob = "compaction";
	assert_string_equal(cells(&options), "anon-fork:compaction:256:6 ksm:compaction:256:6");
	assert_null(plan_why_barred(&options));
	options.workload_glob = "numa-hint-*";
	options.trigger_glob = "m*,cpuset";
	assert_string_equal(cells(&options), "");
	assert_string_equal(plan_why_barred(&options), cell_barred(workload_named("numa-hint-anon"), triggers[0]));
	options.trigger_glob = NULL;
	assert_null(plan_why_barred(&options));
}

static void where_no_time_is_taken_compaction_has_one_block_and_all_two(void **state)
{
	struct run_options options = default_options();

	(void)state;
	options.platform = PLATFORM_LAB_EXACT;
	options.workload_glob = "anon-private";
	options.trigger_glob = "move_pages,compaction";
	assert_string_equal(cells(&options), "anon-private:move_pages:256:6 anon-private:compaction:256:1");
	options.all = true;
	assert_string_equal(cells(&options), "anon-private:move_pages:256:2 anon-private:compaction:256:1");
	options.blocks_given = true;
	assert_string_equal(cells(&options), "anon-private:move_pages:256:6 anon-private:compaction:256:6");
	options.blocks_given = false;
	options.platform = PLATFORM_BARE_METAL;
	assert_string_equal(cells(&options), "anon-private:move_pages:256:6 anon-private:compaction:256:6");
}

static void sizes_of_huge_pages_that_come_to_the_same_are_one(void **state)
{
	struct run_options options = default_options();

	(void)state;
	options.workload_glob = "anon-private,thp-anon";
	options.nr_sizes = 3;
	options.pages[0] = 1;
	options.pages[1] = 32;
	options.pages[2] = 64;
	assert_string_equal(cells(&options),
			    "anon-private:move_pages:1:6 thp-anon:move_pages:1:6 anon-private:move_pages:32:6 "
			    "anon-private:move_pages:64:6 thp-anon:move_pages:2:6");
}

static void upgrade_is_measured_on_request_and_the_bug_by_its_name_alone(void **state)
{
	struct run_options options = default_options();

	(void)state;
	options.policy_glob = "upgrade";
	assert_string_equal(first_variants(&options, &with_switch, &is_vma), "switch:upgrade");
	options.policy_glob = "*";
	assert_string_equal(first_variants(&options, &with_switch, &is_vma),
			    "switch:vma-only switch:vma switch:entry switch:upgrade");
	options.policy_glob = "vma*";
	assert_string_equal(first_variants(&options, &with_switch, &is_vma), "switch:vma-only switch:vma");
	options.policy_glob = "vma-unsaf?,vma-[u]nsafe";
	assert_string_equal(first_variants(&options, &with_switch, &is_vma), "");
	options.policy_glob = "vma,vma-unsafe";
	assert_string_equal(first_variants(&options, &with_switch, &is_vma), "switch:vma switch:vma-unsafe");
}

/* What the kernel does by itself is what is asked for where nothing else is, whichever policy that is. */
static void a_kernel_that_upgrades_by_itself_shows_that(void **state)
{
	const struct kernel_facts is_upgrade = { .policy = POLICY_UPGRADE, .found_at = POLICY_UNKNOWN };
	struct run_options options = default_options();

	(void)state;
	assert_string_equal(first_variants(&options, &everything, &is_upgrade), "native:upgrade");
	options.policy_glob = "vma";
	assert_string_equal(first_variants(&options, &everything, &is_upgrade), "");
}

/* ---- their order ---- */

static unsigned order_number(const unsigned *order, unsigned nr)
{
	unsigned i, number = 0;

	for (i = 0; i < nr; i++)
		number = number * VARIANTS_MAX + order[i];
	return number;
}

static void six_blocks_of_three_hold_each_order_once(void **state)
{
	unsigned order[VARIANTS_MAX], seen[6], b, i;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 50; seed++)
		for (b = 0; b < 6; b++) {
			plan_order(seed, 3, b, 3, order);
			seen[b] = order_number(order, 3);
			for (i = 0; i < b; i++)
				assert_int_not_equal(seen[i], seen[b]);
		}
}

static void each_order_is_a_permutation(void **state)
{
	unsigned order[VARIANTS_MAX], nr, b, i, mask;

	(void)state;
	for (nr = 1; nr <= VARIANTS_MAX; nr++)
		for (b = 0; b < 100; b++) {
			plan_order(7, 1, b, nr, order);
			for (mask = 0, i = 0; i < nr; i++)
				mask |= 1u << order[i];
			assert_int_equal(mask, (1u << nr) - 1);
		}
}

static void the_seed_decides_the_order(void **state)
{
	unsigned one[VARIANTS_MAX], same[VARIANTS_MAX], b, differing = 0;
	unsigned other[VARIANTS_MAX];

	(void)state;
	for (b = 0; b < 24; b++) {
		plan_order(1, 0, b, 3, one);
		plan_order(1, 0, b, 3, same);
		plan_order(2, 0, b, 3, other);
		assert_memory_equal(one, same, 3 * sizeof(*one));
		differing += memcmp(one, other, 3 * sizeof(*one)) != 0;
	}
	assert_true(differing > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vma_kernel_shows_its_policy_and_the_emulated_one),
		cmocka_unit_test(an_entry_kernel_and_an_unknown_one_show_only_their_own),
		cmocka_unit_test(a_cell_needs_what_its_workload_trigger_and_source_need),
		cmocka_unit_test(globs_choose),
		cmocka_unit_test(a_list_of_globs_chooses_what_any_of_them_does),
		cmocka_unit_test(what_is_missing_is_a_skip_with_its_reason),
		cmocka_unit_test(a_switch_shows_all_policies_and_the_others_when_asked),
		cmocka_unit_test(a_switch_that_is_missing_is_a_skip_when_asked_for),
		cmocka_unit_test(each_variant_has_the_kernel_told_its_policy),
		cmocka_unit_test(a_word_that_does_not_do_what_it_says_is_a_skip),
		cmocka_unit_test(without_options_the_fifteen_by_move_pages_are_measured),
		cmocka_unit_test(all_is_each_workload_by_each_trigger_that_makes_sense),
		cmocka_unit_test(an_extra_workload_is_measured_by_its_name),
		cmocka_unit_test(a_cell_that_makes_no_sense_is_never_planned),
		cmocka_unit_test(where_no_time_is_taken_compaction_has_one_block_and_all_two),
		cmocka_unit_test(sizes_of_huge_pages_that_come_to_the_same_are_one),
		cmocka_unit_test(upgrade_is_measured_on_request_and_the_bug_by_its_name_alone),
		cmocka_unit_test(a_kernel_that_upgrades_by_itself_shows_that),
		cmocka_unit_test(six_blocks_of_three_hold_each_order_once),
		cmocka_unit_test(each_order_is_a_permutation),
		cmocka_unit_test(the_seed_decides_the_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
