// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Workloads by triggers: each pair of the real lists against a table written by hand, and the states that migrate. Why a
 * pair makes no sense stands in matrix.c with its place in the kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "matrix.h"
#include "named.h"

static const char *const columns[] = { "move_pages", "mbind", "migrate_pages", "cpuset", "compaction", "numa-balancing" };
#define NR_COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* One letter a column, as `wbit list` has them: y makes sense, - does not. */
static const struct row {
	const char *workload, *cells;
} table[] = {
	{ "anon-private",		"yyyyyy" },
	{ "anon-fork",			"yyyyy-" },	/* shared by a child: not hinted */
	{ "anon-mprotect",		"yyyyyy" },
	{ "shmem-shared",		"yyyyyy" },
	{ "shmem-uffd-unregister",	"yyyyyy" },
	{ "shmem-softdirty-merge",	"yyyyyy" },
	{ "shmem-softdirty",		"yyyyyy" },
	{ "shmem-softdirty-rewritten",	"yyyyyy" },
	{ "shmem-uffd-armed",		"yyyyyy" },
	{ "shmem-uffd-unprotected",	"yyyyyy" },
	{ "anon-uffd-armed",		"yyyyyy" },
	{ "file-shared-dirty",		"yyyyy-" },	/* a file's dirty pages are not hinted */
	{ "file-shared-clean",		"yyyyyy" },
	{ "file-private-cow",		"yyyyyy" },
	{ "shmem-private-cow",		"yyyyyy" },
	{ "anon-softdirty",		"yyyyyy" },
	{ "anon-softdirty-merge",	"yyyyyy" },
	{ "anon-fork-gone",		"yyyyyy" },
	{ "anon-uffd-unregister",	"yyyyyy" },
	{ "anon-uffd-async",		"yyyyyy" },
	{ "shmem-uffd-async",		"yyyyyy" },
	{ "sysv-shared",		"yyyyyy" },
	{ "swapoff-anon",		"yyyyyy" },
	{ "swapoff-shmem-private",	"yyyyyy" },
	{ "swapoff-shmem-shared",	"yyyyyy" },
	{ "ksm",			"yyyyy-" },	/* KSM pages are not hinted */
	{ "numa-hint-anon",		"-----y" },
	{ "numa-hint-shmem",		"-----y" },
	{ "thp-anon",			"yyyy-y" },	/* compaction does not move huge pages */
	{ "thp-shmem-softdirty-merge",	"yyyy-y" },
	{ "hugetlb-uffd-unregister",	"yyyy--" },	/* nor are hugetlb's hinted */
	{ "inflight-mprotect",		"yy----" },
};

#define NR_ROWS (sizeof(table) / sizeof(table[0]))

static void the_table_has_all_workloads_and_triggers(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; workloads[i]; i++)
		assert_true(i < NR_ROWS && !strcmp(workloads[i]->name, table[i].workload));
	assert_int_equal(i, NR_ROWS);
	for (i = 0; triggers[i]; i++)
		assert_true(i < NR_COLUMNS && !strcmp(triggers[i]->name, columns[i]));
	assert_int_equal(i, NR_COLUMNS);
}

static void each_pair_makes_sense_or_says_why_not(void **state)
{
	unsigned w, i;

	(void)state;
	for (w = 0; w < NR_ROWS; w++)
		for (i = 0; i < NR_COLUMNS; i++) {
			const char *barred = cell_barred(workload_named(table[w].workload), trigger_named(columns[i]));

			if (!!barred != (table[w].cells[i] == '-'))
				fail_msg("%s by %s: %s", table[w].workload, columns[i], barred ? barred : "not barred");
			assert_true(!barred || strlen(barred) > 20);
		}
}

/* The first fifteen are the default set; what is measured without options stays what it was. */
static void the_default_set_is_the_first_fifteen_by_move_pages(void **state)
{
	unsigned w;

	(void)state;
	for (w = 0; workloads[w]; w++) {
		assert_int_equal(workloads[w]->extra, w >= 15);
		if (w < 15)
			assert_ptr_equal(default_trigger(workloads[w]), triggers[0]);
		assert_non_null(default_trigger(workloads[w]));
	}
}

static void a_workload_that_move_pages_makes_no_sense_of_has_another_default(void **state)
{
	(void)state;
	assert_string_equal(default_trigger(workload_named("numa-hint-anon"))->name, "numa-balancing");
	assert_string_equal(default_trigger(workload_named("numa-hint-shmem"))->name, "numa-balancing");
	assert_string_equal(default_trigger(workload_named("inflight-mprotect"))->name, "move_pages");
	assert_string_equal(default_trigger(workload_named("thp-anon"))->name, "move_pages");
}

static void a_hint_is_what_migrates_where_the_trigger_hints(void **state)
{
	const struct workload *w = workload_named("numa-hint-anon");
	const struct page_state hinted = cell_state(w, trigger_named("numa-balancing"), 0);
	const struct page_state kept = cell_state(w, trigger_named("numa-balancing"), HINT_KEEPS_W);
	const struct page_state plain = cell_state(workload_named("anon-private"), trigger_named("move_pages"), HINT_KEEPS_W);

	(void)state;
	assert_true(hinted.hint && !hinted.pte_write && hinted.exclusive);
	assert_true(kept.hint && kept.pte_write);
	assert_true(!plain.hint && plain.pte_write);
}

static const char *condition(const char *name, const char *by, unsigned conditions)
{
	return cell_condition(workload_named(name), trigger_named(by), conditions);
}

static void a_condition_is_named_where_it_makes_another_state(void **state)
{
	const unsigned all = UNREGISTER_RESTORES_W | UNPROTECT_RESTORES_W | HINT_KEEPS_W | HUGETLB_UNREGISTER_RESTORES_W |
			     ANON_UNREGISTER_DROPS_W;

	(void)state;
	assert_string_equal(condition("shmem-uffd-unregister", "move_pages", all), "unregister-restores-w");
	assert_string_equal(condition("shmem-uffd-unprotected", "mbind", all), "unprotect-restores-w");
	assert_string_equal(condition("hugetlb-uffd-unregister", "mbind", all), "hugetlb-unregister-restores-w");
	assert_string_equal(condition("anon-uffd-unregister", "cpuset", all), "anon-unregister-drops-w");
	assert_string_equal(condition("numa-hint-anon", "numa-balancing", all), "hint-keeps-w");
	assert_null(condition("shmem-uffd-unregister", "move_pages", all & ~UNREGISTER_RESTORES_W));
	assert_null(condition("anon-private", "move_pages", all));
	assert_null(condition("swapoff-anon", "numa-balancing", all));	/* no W that a hint might keep */
	assert_true(cell_state(workload_named("shmem-uffd-unregister"), triggers[0], all).pte_write);
	assert_false(cell_state(workload_named("shmem-uffd-unregister"), triggers[0], 0).pte_write);
}

static void a_region_of_huge_pages_is_a_32nd_as_many_of_them(void **state)
{
	const struct workload *thp = workload_named("thp-anon"), *base = workload_named("anon-private");

	(void)state;
	assert_int_equal(entries_of(thp, 1), 1);
	assert_int_equal(entries_of(thp, 32), 1);
	assert_int_equal(entries_of(thp, 63), 1);
	assert_int_equal(entries_of(thp, 64), 2);
	assert_int_equal(entries_of(thp, 256), 8);
	assert_int_equal(entries_of(workload_named("hugetlb-uffd-unregister"), 256), 8);
	assert_int_equal(entries_of(base, 1), 1);
	assert_int_equal(entries_of(base, 256), 256);
}

static void pages_that_are_mapped_elsewhere_too_need_move_all(void **state)
{
	(void)state;
	assert_true(needs_move_all(&workload_named("anon-fork")->state));
	assert_true(needs_move_all(&workload_named("ksm")->state));
	assert_false(needs_move_all(&workload_named("anon-fork-gone")->state));
	assert_false(needs_move_all(&workload_named("shmem-shared")->state));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_has_all_workloads_and_triggers),
		cmocka_unit_test(each_pair_makes_sense_or_says_why_not),
		cmocka_unit_test(the_default_set_is_the_first_fifteen_by_move_pages),
		cmocka_unit_test(a_workload_that_move_pages_makes_no_sense_of_has_another_default),
		cmocka_unit_test(a_hint_is_what_migrates_where_the_trigger_hints),
		cmocka_unit_test(a_condition_is_named_where_it_makes_another_state),
		cmocka_unit_test(a_region_of_huge_pages_is_a_32nd_as_many_of_them),
		cmocka_unit_test(pages_that_are_mapped_elsewhere_too_need_move_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
