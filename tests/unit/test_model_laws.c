// SPDX-License-Identifier: GPL-2.0-or-later
/* The oracle's laws, over all states: what holds whatever the workload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "states.h"

static void uffd_wp_never_comes_back_with_w(void **state)
{
	enum policy policy;
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct outcome o = nth_outcome(n);

		if (!o.state.uffd_wp)
			continue;
		for (policy = 0; policy < NR_POLICIES; policy++) {
			assert_false(o.by[policy].w_after);
			assert_int_equal(o.by[policy].kind == FAULT_USERFAULT, !o.state.uffd_async);
		}
	}
}

static void vma_never_faults_more_than_entry_or_vma_only(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct outcome o = nth_outcome(n);

		assert_true(o.by[POLICY_VMA].faults <= o.by[POLICY_ENTRY].faults);
		assert_true(o.by[POLICY_VMA].faults <= o.by[POLICY_VMA_ONLY].faults);
	}
}

static void entry_restores_w_as_it_was(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct outcome o = nth_outcome(n);

		if (!o.state.uffd_wp)
			assert_int_equal(o.by[POLICY_ENTRY].w_after, o.state.pte_write);
	}
}

/* The negative controls, exactly: without the uffd-wp mark, policies differ if and only if default and PTE do. */
static void policies_differ_only_where_default_and_pte_do(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct outcome o = nth_outcome(n);
		const bool same = o.by[POLICY_VMA_ONLY].w_after == o.by[POLICY_VMA].w_after &&
				  o.by[POLICY_VMA].w_after == o.by[POLICY_ENTRY].w_after;

		assert_int_equal(same, o.state.uffd_wp || o.state.vma_write == o.state.pte_write);
	}
}

static void a_fault_is_paid_exactly_where_w_is_missing(void **state)
{
	enum policy policy;
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct outcome o = nth_outcome(n);

		for (policy = 0; policy < NR_POLICIES; policy++) {
			const struct prediction p = o.by[policy];

			assert_int_equal(p.faults, !p.w_after || p.some);
			assert_int_equal(p.kind == FAULT_NONE, !p.faults);
		}
	}
}

static void only_an_anonymous_page_leaves_an_exclusive_entry(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct outcome o = nth_outcome(n);

		if (o.by[POLICY_VMA].entry == ENTRY_READ_EXCLUSIVE)
			assert_true(o.state.page == PAGE_ANON && o.state.exclusive && !o.state.pte_write);
	}
}

/* `upgrade` adds W to what `vma` leaves without, never takes any, and never where somebody waits for the fault. */
static void upgrade_spares_faults_that_would_grant_w_unasked(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct outcome o = nth_outcome(n);
		const struct prediction vma = o.by[POLICY_VMA], upgrade = o.by[POLICY_UPGRADE];

		assert_true(upgrade.faults <= vma.faults);
		assert_true(upgrade.w_after >= vma.w_after);
		if (upgrade.w_after == vma.w_after)
			continue;
		assert_false(o.state.uffd_wp);
		assert_int_not_equal(o.state.mapped_by, MAPPED_BY_HUGETLB);
		if (o.state.vma_shared)
			assert_true(o.state.dirty);
		else
			assert_int_equal(o.by[POLICY_UPGRADE].entry, ENTRY_READ_EXCLUSIVE);
		if (o.state.mapped_by == MAPPED_BY_PTE)
			assert_false(o.state.tracked);
	}
}

static void what_is_right_under_vma_unsafe_is_what_vma_does(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct outcome o = nth_outcome(n);
		const struct prediction vma = o.by[POLICY_VMA], unsafe = o.by[POLICY_VMA_UNSAFE];

		assert_int_equal(unsafe.entry, vma.entry);
		assert_int_equal(unsafe.w_after, vma.w_after);
		assert_int_equal(unsafe.faults, vma.faults);
		assert_int_equal(unsafe.some, vma.some);
		assert_int_equal(unsafe.kind, vma.kind);
	}
}

/* A race takes W from some that would have had it, and nothing else: not where the default has W, nor where all are without. */
static void a_race_costs_some_pages_one_fault_at_most(void **state)
{
	enum policy policy;
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct outcome o = nth_outcome(n);
		struct page_state alone = o.state;

		alone.racing = false;
		for (policy = 0; policy < NR_POLICIES; policy++) {
			const struct prediction p = o.by[policy], q = model_predict(&alone, policy);

			assert_in_range(p.faults, q.faults, 1);
			assert_int_equal(p.w_after, q.w_after);
			assert_int_equal(p.some, p.faults != q.faults);
			if (p.some)
				assert_true(o.state.racing && p.entry == ENTRY_WRITE);
			if (policy == POLICY_VMA_ONLY || (policy == POLICY_VMA && o.state.vma_write))
				assert_false(p.some);
		}
	}
}

static void the_fault_is_of_the_size_that_maps_the_page(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct outcome o = nth_outcome(n);
		const enum fault_kind kind = o.by[POLICY_ENTRY].kind;

		if (kind == FAULT_HUGETLB)
			assert_int_equal(o.state.mapped_by, MAPPED_BY_HUGETLB);
		if (kind == FAULT_PMD_REUSE || kind == FAULT_PMD_REMAP)
			assert_int_equal(o.state.mapped_by, MAPPED_BY_PMD);
		if (fault_counts_as_reuse(kind))
			assert_int_equal(o.state.mapped_by, MAPPED_BY_PTE);
	}
	assert_int_equal(mapped_bytes(MAPPED_BY_PTE), 4096);
	assert_int_equal(mapped_bytes(MAPPED_BY_PMD), 2097152);
	assert_int_equal(mapped_bytes(MAPPED_BY_HUGETLB), 2097152);
}

/* Field by field: there are bytes between them. */
static void assert_same_state(const struct page_state *a, const struct page_state *b)
{
	assert_int_equal(a->page, b->page);
	assert_int_equal(a->mapped_by, b->mapped_by);
	assert_int_equal(a->vma_shared, b->vma_shared);
	assert_int_equal(a->vma_write, b->vma_write);
	assert_int_equal(a->pte_write, b->pte_write);
	assert_int_equal(a->exclusive, b->exclusive);
	assert_int_equal(a->mapped_twice, b->mapped_twice);
	assert_int_equal(a->uffd_wp, b->uffd_wp);
	assert_int_equal(a->uffd_async, b->uffd_async);
	assert_int_equal(a->dirty, b->dirty);
	assert_int_equal(a->tracked, b->tracked);
	assert_int_equal(a->hint, b->hint);
	assert_int_equal(a->racing, b->racing);
}

static void a_hint_takes_w_and_nothing_else(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct page_state s = nth_state(n), kept = model_hinted(&s, true), lost = model_hinted(&s, false);
		struct page_state wanted = s;

		wanted.hint = true;
		assert_same_state(&kept, &wanted);
		wanted.pte_write = false;
		assert_same_state(&lost, &wanted);
	}
}

static void unknown_policy_never_promises_w(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct page_state s = nth_state(n);

		assert_false(model_predict(&s, POLICY_UNKNOWN).w_after);
	}
}

static void faults_that_reuse_the_page_count_as_reuse(void **state)
{
	(void)state;
	assert_true(fault_counts_as_reuse(FAULT_COW_REUSE));
	assert_true(fault_counts_as_reuse(FAULT_SHARED_REUSE));
	assert_true(fault_counts_as_reuse(FAULT_PAGE_MKWRITE));
	assert_false(fault_counts_as_reuse(FAULT_NONE));
	assert_false(fault_counts_as_reuse(FAULT_COW_COPY));
	assert_false(fault_counts_as_reuse(FAULT_USERFAULT));
	assert_false(fault_counts_as_reuse(FAULT_PMD_REUSE));
	assert_false(fault_counts_as_reuse(FAULT_PMD_REMAP));
	assert_false(fault_counts_as_reuse(FAULT_HUGETLB));
}

static void policy_names_round_trip(void **state)
{
	enum policy policy;

	(void)state;
	for (policy = 0; policy < NR_POLICIES; policy++)
		assert_int_equal(policy_by_name(policy_name(policy)), policy);
	assert_int_equal(policy_by_name("vma-onl"), POLICY_UNKNOWN);
	assert_int_equal(policy_by_name("unknown"), POLICY_UNKNOWN);
	assert_int_equal(policy_by_name(""), POLICY_UNKNOWN);
}

static void names_are_distinct_and_out_of_range_is_unknown(void **state)
{
	unsigned i, j;

	(void)state;
	for (i = 0; i < NR_FAULT_KINDS; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(fault_name(i), fault_name(j));
	for (i = 0; i < NR_POLICIES; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(policy_name(i), policy_name(j));
	for (i = 0; i < NR_ENTRY_KINDS; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(entry_name(i), entry_name(j));
	assert_string_equal(policy_name(POLICY_UNKNOWN), "unknown");
	assert_string_equal(policy_name(-1), "unknown");
	assert_string_equal(entry_name(NR_ENTRY_KINDS), "unknown");
	assert_string_equal(fault_name(NR_FAULT_KINDS), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uffd_wp_never_comes_back_with_w),
		cmocka_unit_test(vma_never_faults_more_than_entry_or_vma_only),
		cmocka_unit_test(entry_restores_w_as_it_was),
		cmocka_unit_test(policies_differ_only_where_default_and_pte_do),
		cmocka_unit_test(a_fault_is_paid_exactly_where_w_is_missing),
		cmocka_unit_test(only_an_anonymous_page_leaves_an_exclusive_entry),
		cmocka_unit_test(upgrade_spares_faults_that_would_grant_w_unasked),
		cmocka_unit_test(what_is_right_under_vma_unsafe_is_what_vma_does),
		cmocka_unit_test(a_race_costs_some_pages_one_fault_at_most),
		cmocka_unit_test(the_fault_is_of_the_size_that_maps_the_page),
		cmocka_unit_test(a_hint_takes_w_and_nothing_else),
		cmocka_unit_test(unknown_policy_never_promises_w),
		cmocka_unit_test(faults_that_reuse_the_page_count_as_reuse),
		cmocka_unit_test(policy_names_round_trip),
		cmocka_unit_test(names_are_distinct_and_out_of_range_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
