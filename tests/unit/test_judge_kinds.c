// SPDX-License-Identifier: GPL-2.0-or-later
/* The verdict on what is not a plain page: events of userfaultfd, huge pages, races, and the policy `upgrade`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "twin.h"

/* ---- userfaultfd ---- */

static const struct page_state armed = { .page = PAGE_SHMEM, .vma_shared = true, .uffd_wp = true };

static struct trial_record armed_twin(void)
{
	struct trial_record r = good_twin();

	r.entries[ENTRY_READ] = 256;
	r.entries[ENTRY_WRITE] = r.w_after = 0;
	r.faults.write_protect = r.faults.page_faults = r.faults.userfault = 256;
	return r;
}

static void a_lost_userfault_event_fails(void **state)
{
	struct trial_record r = armed_twin();

	(void)state;
	judge(&r, &armed, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	r.faults.userfault = 255;
	judge(&r, &armed, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "1 of 256 userfault events lost: written without the fault that was asked for");
}

/* As vma-unsafe does it: W came back, so nothing faulted and nothing arrived. The loss is said, not the counts that follow. */
static void all_events_lost_are_said_before_all_else(void **state)
{
	struct trial_record r = armed_twin();

	(void)state;
	r.faults.write_protect = r.faults.page_faults = r.faults.userfault = 0;
	r.w_after = 256;
	judge(&r, &armed, POLICY_VMA_UNSAFE, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_int_equal(r.expected_faults, 256);
	assert_string_equal(r.expected_kind, "userfault");
	assert_string_equal(r.reason, "256 of 256 userfault events lost: written without the fault that was asked for");
	r = armed_twin();
	r.traced = false;	/* a timed trial sees it as well */
	r.faults.write_protect = NOT_MEASURED;
	r.faults.userfault = 0;
	judge(&r, &armed, POLICY_VMA_UNSAFE, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
}

static void an_event_too_many_fails(void **state)
{
	struct trial_record r = armed_twin();

	(void)state;
	r.faults.userfault = 257;
	judge(&r, &armed, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "257 userfault events arrived, expected 256");
}

/* The asynchronous mode sends nothing: the kernel resolves the fault, and reuses the page in it. */
static void an_event_of_the_asynchronous_mode_fails(void **state)
{
	const struct page_state async = { .page = PAGE_SHMEM, .vma_shared = true, .uffd_wp = true, .uffd_async = true };
	struct trial_record r = armed_twin();

	(void)state;
	r.faults.reuse = 256;
	r.faults.userfault = 0;
	judge(&r, &async, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	r.faults.userfault = 1;
	judge(&r, &async, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "1 userfault events arrived, expected 0");
}

/* ---- huge pages: their faults do not count as reuse ---- */

static struct trial_record huge_twin(enum entry_kind entry)
{
	struct trial_record r = good_twin();

	r.pages = r.migrated = r.entries_all = r.restored = 8;
	r.page_bytes = 2 << 20;
	r.entries[ENTRY_WRITE] = r.w_after = 0;
	r.entries[entry] = 8;
	r.faults.write_protect = r.faults.page_faults = 8;
	r.faults.reuse = 0;
	return r;
}

static void huge_pages_fault_once_each_and_reuse_nothing(void **state)
{
	const struct page_state thp = { .page = PAGE_ANON, .mapped_by = MAPPED_BY_PMD, .pte_write = true, .exclusive = true };
	const struct page_state shmem = { .page = PAGE_SHMEM, .mapped_by = MAPPED_BY_PMD, .vma_shared = true, .vma_write = true };
	const struct page_state hugetlb = { .page = PAGE_SHMEM, .mapped_by = MAPPED_BY_HUGETLB, .vma_shared = true,
					    .vma_write = true };
	struct trial_record r = huge_twin(ENTRY_WRITE);

	(void)state;
	judge(&r, &thp, POLICY_VMA_ONLY, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	assert_string_equal(r.expected_kind, "pmd-reuse");
	r = huge_twin(ENTRY_READ);
	judge(&r, &shmem, POLICY_ENTRY, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	assert_string_equal(r.expected_kind, "pmd-remap");
	r = huge_twin(ENTRY_READ);
	judge(&r, &hugetlb, POLICY_ENTRY, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	assert_string_equal(r.expected_kind, "hugetlb-wp");
	/* 512 faults: the PMD was split, and the write went page by page */
	r.faults.write_protect = 512;
	judge(&r, &hugetlb, POLICY_ENTRY, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "512 write-protection faults, expected 8");
}

/* ---- copies ---- */

/* pgreuse is of all tasks: what is little more than the trial's own pages is theirs, and what is far more tells nothing of them. */
static void a_copy_is_held_against_reuse_that_can_be_its_own(void **state)
{
	static const struct page_state shared = { .page = PAGE_ANON, .mapped_twice = true };
	static const struct {
		uint64_t reuse;
		enum outcome outcome;
		bool kept;
	} cases[] = {
		{ 0, OUTCOME_OK, true }, { 40, OUTCOME_OK, true }, { 256, OUTCOME_FAIL, true }, { 300, OUTCOME_FAIL, true },
		{ 6311, OUTCOME_OK, false },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial_record r = good_twin();

		r.entries[ENTRY_READ] = r.entries_all = r.restored = 512;	/* two processes map each page */
		r.entries[ENTRY_READ_EXCLUSIVE] = r.entries[ENTRY_WRITE] = 0;
		r.w_before = r.w_after = 0;
		r.faults.write_protect = r.faults.page_faults = 256;
		r.faults.reuse = cases[i].reuse;
		judge(&r, &shared, POLICY_VMA, false);
		assert_int_equal(r.outcome, cases[i].outcome);
		assert_int_equal(r.faults.reuse, cases[i].kept ? cases[i].reuse : NOT_MEASURED);
		assert_int_equal(r.nr_why, !cases[i].kept);
	}
}

/* ---- a race ---- */

static const struct page_state racing = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true,
					  .racing = true };

/* Under `entry`: mprotect() met 40 of the entries. */
static struct trial_record raced_twin(void)
{
	struct trial_record r = good_twin();

	r.faults.write_protect = r.faults.page_faults = r.faults.reuse = 40;
	r.w_after = 216;
	return r;
}

static void a_race_is_judged_by_what_it_may_not_exceed(void **state)
{
	struct trial_record r = raced_twin();

	(void)state;
	judge(&r, &racing, POLICY_ENTRY, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	assert_int_equal(r.expected_faults, NOT_MEASURED);
	assert_string_equal(r.expected_kind, "shared-reuse");
	assert_string_equal(r.why[0].key, "expected.faults");
	assert_string_equal(r.why[0].reason, "a race: anything from none to all");
	r = raced_twin();
	r.faults.write_protect = r.faults.page_faults = r.faults.reuse = 0;
	r.w_after = 256;
	judge(&r, &racing, POLICY_ENTRY, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	r = raced_twin();
	r.faults.write_protect = r.faults.reuse = 257;
	judge(&r, &racing, POLICY_ENTRY, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "257 write-protection faults, expected 256");
}

/* The default has W, so a race takes none under `vma`: that is exact. */
static void a_race_that_can_cost_nothing_is_held_to_it(void **state)
{
	struct trial_record r = raced_twin();

	(void)state;
	judge(&r, &racing, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "40 write-protection faults, expected 0");
}

/* Of which kind an entry is hangs on who came first; how many there are does not. */
static void entries_of_a_race_are_of_either_kind_and_all_there(void **state)
{
	struct trial_record r = raced_twin();

	(void)state;
	r.entries[ENTRY_WRITE] = 250;
	r.entries[ENTRY_READ] = 6;
	judge(&r, &racing, POLICY_ENTRY, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	r = raced_twin();
	r.entries[ENTRY_WRITE] = r.entries_all = r.restored = 255;
	judge(&r, &racing, POLICY_ENTRY, false);
	assert_int_equal(r.outcome, OUTCOME_STATE_NOT_REACHED);
}

static void upgrade_is_judged_like_any_policy(void **state)
{
	const struct page_state hinted = { .page = PAGE_ANON, .exclusive = true, .hint = true };
	struct trial_record r = good_twin();

	(void)state;
	r.entries[ENTRY_WRITE] = 0;
	r.entries[ENTRY_READ_EXCLUSIVE] = 256;
	judge(&r, &hinted, POLICY_UPGRADE, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	assert_int_equal(r.expected_faults, 0);
	judge(&r, &hinted, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_userfault_event_fails),
		cmocka_unit_test(all_events_lost_are_said_before_all_else),
		cmocka_unit_test(an_event_too_many_fails),
		cmocka_unit_test(an_event_of_the_asynchronous_mode_fails),
		cmocka_unit_test(huge_pages_fault_once_each_and_reuse_nothing),
		cmocka_unit_test(a_copy_is_held_against_reuse_that_can_be_its_own),
		cmocka_unit_test(a_race_is_judged_by_what_it_may_not_exceed),
		cmocka_unit_test(a_race_that_can_cost_nothing_is_held_to_it),
		cmocka_unit_test(entries_of_a_race_are_of_either_kind_and_all_there),
		cmocka_unit_test(upgrade_is_judged_like_any_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
