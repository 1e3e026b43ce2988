// SPDX-License-Identifier: GPL-2.0-or-later
/* The verdict on a trial: each way to be wrong is seen, in the order that judge.h promises, with both numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "twin.h"

static const struct page_state merged = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true };

static void a_twin_as_predicted_is_ok(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	assert_int_equal(r.expected_faults, 0);
	assert_string_equal(r.expected_kind, "none");
	assert_string_equal(r.reason, "");
}

static void one_fault_too_many_fails_with_both_numbers(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.faults.write_protect = 1;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "1 write-protection faults, expected 0");
}

static void too_few_faults_fail(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.faults.write_protect = r.faults.reuse = 255;
	judge(&r, &written_anon, POLICY_VMA_ONLY, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "255 write-protection faults, expected 256");
}

static void w_restored_against_the_prediction_fails(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.w_after = 0;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "W restored in 0 PTEs, expected 256");
}

static void reuse_faults_that_reused_nothing_fail(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.faults.write_protect = r.faults.page_faults = 256;
	r.w_after = NOT_MEASURED;
	judge(&r, &written_anon, POLICY_VMA_ONLY, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "0 pages reused, expected 256 (cow-reuse)");
}

static void entries_of_another_kind_are_state_not_reached(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	judge(&r, &merged, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_STATE_NOT_REACHED);
	assert_string_equal(r.reason, "declared: 256 read entries; observed: 0 read, 0 read-exclusive, 256 write");
}

static void unknown_entry_kinds_prove_nothing(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.entries[ENTRY_WRITE] = NOT_MEASURED;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_STATE_NOT_REACHED);
}

static void a_migration_that_moved_nothing_fails_before_anything_is_counted(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.migrated = 0;
	r.entries[ENTRY_WRITE] = 0;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "0 of 256 pages moved to node 1");
}

static void a_migration_not_proved_fails(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.migrated = NOT_MEASURED;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
}

static void a_broken_trial_stays_broken(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.outcome = OUTCOME_BROKEN;
	strcpy(r.reason, "killed by signal 11");
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_BROKEN);
	assert_string_equal(r.reason, "killed by signal 11");
}

static void a_timed_trial_is_held_by_its_page_faults(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.traced = false;
	r.entries[0] = r.entries[1] = r.entries[2] = r.w_after = r.faults.write_protect = NOT_MEASURED;
	r.faults.page_faults = 3;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "3 page faults, expected 0");
	r.outcome = OUTCOME_OK;
	r.faults.page_faults = 0;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
}

static void under_an_unknown_policy_nothing_is_expected_and_nothing_fails(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.faults.write_protect = 17;
	r.w_after = 3;
	judge(&r, &written_anon, POLICY_UNKNOWN, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	assert_int_equal(r.expected_faults, NOT_MEASURED);
	assert_null(r.expected_kind);
}

static void a_page_mapped_twice_has_two_entries(void **state)
{
	const struct page_state forked = { .page = PAGE_ANON, .mapped_twice = true };
	struct trial_record r = good_twin();

	(void)state;
	r.entries[ENTRY_READ] = r.entries_all = r.restored = 512;
	r.entries[ENTRY_WRITE] = r.w_after = 0;
	r.faults.write_protect = r.faults.page_faults = 256;
	judge(&r, &forked, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
}

static void entries_that_were_not_seen_restored_prove_nothing(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.restored = 255;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_STATE_NOT_REACHED);
	assert_string_equal(r.reason, "256 entries were seen set and 255 restored: the twin did not see all");
}

static void what_could_not_be_counted_is_no_number_in_the_reason(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.entries_all = r.restored = NOT_MEASURED;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_STATE_NOT_REACHED);
	assert_string_equal(r.reason, "? entries were seen set and ? restored: the twin did not see all");
}

static void one_entry_of_another_kind_is_one_too_many(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.entries[ENTRY_READ_EXCLUSIVE] = 7;
	r.entries_all = r.restored = 263;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_STATE_NOT_REACHED);
}

static void a_twin_that_counted_no_faults_is_a_skip(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.faults.write_protect = NOT_MEASURED;
	judge(&r, &written_anon, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_SKIP);
}

static void a_partial_migration_is_judged_on_what_moved(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.migrated = 100;
	r.failed = 156;
	r.entries[ENTRY_WRITE] = r.entries_all = r.restored = r.w_after = 103;	/* three moved twice */
	r.faults.write_protect = r.faults.page_faults = 0;
	judge(&r, &written_anon, POLICY_VMA, true);
	assert_int_equal(r.outcome, OUTCOME_OK);
	judge(&r, &written_anon, POLICY_VMA_ONLY, true);
	assert_int_equal(r.expected_faults, 100);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
}

static void a_partial_migration_of_nothing_is_a_skip(void **state)
{
	struct trial_record r = good_twin();

	(void)state;
	r.migrated = 0;
	judge(&r, &written_anon, POLICY_VMA, true);
	assert_int_equal(r.outcome, OUTCOME_SKIP);
	assert_string_equal(r.reason, "none of 256 pages moved");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_twin_as_predicted_is_ok),
		cmocka_unit_test(one_fault_too_many_fails_with_both_numbers),
		cmocka_unit_test(too_few_faults_fail),
		cmocka_unit_test(w_restored_against_the_prediction_fails),
		cmocka_unit_test(reuse_faults_that_reused_nothing_fail),
		cmocka_unit_test(entries_of_another_kind_are_state_not_reached),
		cmocka_unit_test(unknown_entry_kinds_prove_nothing),
		cmocka_unit_test(a_migration_that_moved_nothing_fails_before_anything_is_counted),
		cmocka_unit_test(a_migration_not_proved_fails),
		cmocka_unit_test(a_broken_trial_stays_broken),
		cmocka_unit_test(a_timed_trial_is_held_by_its_page_faults),
		cmocka_unit_test(under_an_unknown_policy_nothing_is_expected_and_nothing_fails),
		cmocka_unit_test(a_page_mapped_twice_has_two_entries),
		cmocka_unit_test(entries_that_were_not_seen_restored_prove_nothing),
		cmocka_unit_test(what_could_not_be_counted_is_no_number_in_the_reason),
		cmocka_unit_test(one_entry_of_another_kind_is_one_too_many),
		cmocka_unit_test(a_twin_that_counted_no_faults_is_a_skip),
		cmocka_unit_test(a_partial_migration_is_judged_on_what_moved),
		cmocka_unit_test(a_partial_migration_of_nothing_is_a_skip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
