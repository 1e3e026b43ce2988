// SPDX-License-Identifier: GPL-2.0-or-later
/* Which cells of two sides belong together, and which sides may be compared at all. */
#include "sides.h"

/* ---- which cells belong together ---- */

static void cells_of_one_side_are_listed(void **state)
{
	const struct spec other = { "x", "vma", "native", 64 }, third = { "w", "vma", "native", 128 };

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &one, 640000, 1280);
	add_cell(&base, &other, 640000, 1280);
	add_cell(&new, &third, 640000, 1280);
	add_cell(&new, &one, 640000, 1280);
	assert_int_equal(make(0), 0);
	assert_int_equal(comparison.nr_pairs, 1);
	assert_int_equal(comparison.nr_base_only, 1);
	assert_string_equal(comparison.base_only[0]->workload, "x");
	assert_int_equal(comparison.nr_new_only, 1);
	assert_int_equal(comparison.new_only[0]->pages, 128);
}

static void native_policies_belong_together_whatever_they_are(void **state)
{
	const struct spec entry = { "w", "entry", "native", 64 }, emulated = { "w", "vma-only", "emulated", 64 };

	(void)state;
	add_env(&base, "6.1.0", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &entry, 640000, 1280);
	add_cell(&new, &one, 640000, 1280);
	add_cell(&new, &emulated, 640000, 1280);
	assert_int_equal(make(0), 0);
	assert_int_equal(comparison.nr_pairs, 1);
	assert_int_equal(line_of(FIGURE_POLICY, 64).verdict, VERDICT_DIFFERS);
	assert_false(comparison.sources_differ);
	assert_int_equal(comparison.nr_new_only, 1);
	assert_true(compare_needs_rep_caveat(&comparison));
}

static void native_belongs_to_the_switch_where_there_is_nothing_closer(void **state)
{
	const struct spec told = { "w", "vma", "switch", 64 }, other = { "w", "entry", "switch", 64 };

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &one, 640000, 1280);
	add_cell(&new, &other, 640000, 1280);
	add_cell(&new, &told, 640000, 1280);
	assert_int_equal(make(0), 0);
	assert_int_equal(comparison.nr_pairs, 1);
	assert_true(comparison.sources_differ);
	assert_string_equal(comparison.new_only[0]->policy, "entry");
	assert_false(compare_needs_rep_caveat(&comparison));
}

static void policies_of_one_run_compare(void **state)
{
	const struct spec emulated = { "w", "vma-only", "emulated", 64 };
	const struct compare_side a = { &base, 0, "vma", "native" }, b = { &base, 0, "vma-only", "emulated" };

	(void)state;
	add_env(&base, "6.12.1", "");
	add_cell(&base, &one, 640000, 1280);
	add_cell(&base, &emulated, 640000, 96000);
	add_end(&base);
	assert_int_equal(compare_make(&comparison, &a, &b, 0), 0);
	assert_int_equal(comparison.nr_pairs, 1);
	assert_int_equal(lines_of(FIGURE_POLICY, 64), 0);
	assert_int_equal(line_of(FIGURE_WRITE, 64).verdict, VERDICT_MORE);
}

/* ---- what does not mix ---- */

static void other_machines_do_not_mix_unless_told(void **state)
{
	(void)state;
	add_env(&base, "6.12.1", ",'tools':{'qemu':'QEMU 7'}");
	add_env(&new, "6.12.1", ",'tools':{'qemu':'QEMU 8'}");
	add_cell(&base, &one, 640000, 1280);
	add_cell(&new, &one, 650000, 1280);
	assert_int_equal(make(0), -EXDEV);
	assert_non_null(strstr(comparison.error, "tools.qemu differs"));
	compare_free(&comparison);
	assert_int_equal(compare_make(&comparison, &(struct compare_side){ .summary = &base },
				      &(struct compare_side){ .summary = &new }, COMPARE_ALLOW_MIXED), 0);
	assert_true(comparison.counts_only);
	assert_int_equal(lines_of(FIGURE_MIGRATE, 64), 0);
	assert_int_equal(line_of(FIGURE_FAULTS, 64).verdict, VERDICT_EQUAL);
}

static void clocks_do_not_mix(void **state)
{
	(void)state;
	add_env(&base, "6.12.1", "");
	add(&new, "{'type':'env','schema':0,'run':'a','kernel':'6.12.1','platform':'vm','clock':'ns'}");
	assert_int_equal(make(0), -EXDEV);
	assert_non_null(strstr(comparison.error, "clocks differ"));
}

static void page_sizes_do_not_mix(void **state)
{
	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &one, 640000, 1280);
	add(&new, "{'type':'trial','run':'a','workload':'w','policy':'vma','source':'native','trigger':'move_pages','pages':64,"
	    "'page_bytes':16384,'from':0,'to':1,'clock':'insn','block':0,'order':0,'outcome':'ok','traced':true,'expected':{},"
	    "'faults':{},'migrate':{},'write':{},'why':{}}");
	assert_int_equal(make(0), -EXDEV);
	assert_non_null(strstr(comparison.error, "page sizes differ"));
}

static void runs_that_were_cut_off_are_refused_unless_told(void **state)
{
	const struct compare_side a = { .summary = &base }, b = { .summary = &new };

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &one, 640000, 1280);
	add_cell(&new, &one, 640000, 1280);
	add_end(&base);
	summary_finish(&new);
	assert_int_equal(compare_make(&comparison, &a, &b, 0), -EPIPE);
	compare_free(&comparison);
	assert_int_equal(compare_make(&comparison, &a, &b, COMPARE_ALLOW_CUT_OFF), 0);
	assert_int_equal(comparison.nr_pairs, 1);
}

static void times_of_one_trial_are_inconclusive(void **state)
{
	static const char trial[] = "{'type':'trial','run':'a','workload':'w','policy':'vma','source':'native','trigger':"
		"'compaction','pages':64,'page_bytes':4096,'from':0,'to':1,'clock':'ns','block':0,'order':0,'outcome':'ok',"
		"'traced':false,'expected':{},'faults':{},'migrate':{},'write':{'elapsed':%u},'why':{}}";
	struct summary *sides[] = { &base, &new };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		char line[sizeof(trial) + 16];

		add(sides[i], "{'type':'env','schema':0,'run':'a','kernel':'6.12.1','platform':'vm','clock':'ns'}");
		snprintf(line, sizeof(line), trial, 64000 * (i + 1));
		add(sides[i], "%s", line);
	}
	assert_int_equal(make(0), 0);
	assert_int_equal(line_of(FIGURE_WRITE, 64).verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(counts().inconclusive, 1);
}

static void environments_tell_their_differences(void **state)
{
	struct environment_walk at = { 0, 0 };
	const char *left, *right;

	(void)state;
	add_env(&base, "6.12.1", ",'seed':1,'time':'x','knobs':{'a':'1','b':null},'cpu':'C'");
	add_env(&new, "6.12.1", ",'seed':1,'time':'y','knobs':{'a':'2','c':[1,2]},'cpu':'C'");
	assert_string_equal(environment_value(&base.runs[0].environment, "knobs.a"), "\"1\"");
	assert_null(environment_value(&base.runs[0].environment, "knobs.b"));
	assert_null(environment_value(&base.runs[0].environment, "time"));
	assert_string_equal(environment_difference(&base.runs[0].environment, &new.runs[0].environment, &at, &left, &right),
			    "knobs.a");
	assert_string_equal(right, "\"2\"");
	assert_string_equal(environment_difference(&base.runs[0].environment, &new.runs[0].environment, &at, &left, &right),
			    "knobs.c");
	assert_null(left);
	assert_string_equal(right, "[1,2]");
	assert_null(environment_difference(&base.runs[0].environment, &new.runs[0].environment, &at, &left, &right));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cells_of_one_side_are_listed),
		TEST(native_policies_belong_together_whatever_they_are),
		TEST(native_belongs_to_the_switch_where_there_is_nothing_closer),
		TEST(policies_of_one_run_compare),
		TEST(other_machines_do_not_mix_unless_told),
		TEST(clocks_do_not_mix),
		TEST(page_sizes_do_not_mix),
		TEST(runs_that_were_cut_off_are_refused_unless_told),
		TEST(times_of_one_trial_are_inconclusive),
		TEST(environments_tell_their_differences),
	};

	return cmocka_run_group_tests_name("compare_sides", tests, NULL, NULL);
}
