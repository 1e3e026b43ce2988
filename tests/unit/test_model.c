// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The oracle against what was measured: write faults a page under each policy, row by row, and laws over all states.
 * The rows' figures come from counts in guests, never from the model; a comment says where one was not counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model.h"

struct row {
	const char *name;
	struct page_state state;
	unsigned faults[NR_POLICIES];	/* vma-only, vma, entry */
	enum entry_kind entry;
	enum fault_kind kind;		/* of those faults, where there are any */
};

/* The VMA and what backs it. */
#define PRIVATE_ANON	.page = PAGE_ANON
#define SHARED_SHMEM	.page = PAGE_SHMEM, .vma_shared = true
#define SHARED_FILE	.page = PAGE_FILE, .vma_shared = true
#define VMA_W		.vma_write = true
#define PTE_W		.pte_write = true
#define EXCLUSIVE	.exclusive = true

static struct row rows[] = {
	{ "anon-private", { PRIVATE_ANON, PTE_W, EXCLUSIVE }, { 1, 0, 0 }, ENTRY_WRITE, FAULT_COW_REUSE },
	{ "anon-fork", { PRIVATE_ANON, .mapped_twice = true }, { 1, 1, 1 }, ENTRY_READ, FAULT_COW_COPY },
	{ "anon-mprotect", { PRIVATE_ANON, PTE_W, EXCLUSIVE }, { 1, 0, 0 }, ENTRY_WRITE, FAULT_COW_REUSE },
	{ "shmem-shared", { SHARED_SHMEM, VMA_W, PTE_W }, { 0, 0, 0 }, ENTRY_WRITE, FAULT_NONE },
	{ "shmem-uffd-unregister", { SHARED_SHMEM, VMA_W }, { 0, 0, 1 }, ENTRY_READ, FAULT_SHARED_REUSE },
	{ "shmem-softdirty-merge", { SHARED_SHMEM, VMA_W }, { 0, 0, 1 }, ENTRY_READ, FAULT_SHARED_REUSE },
	{ "shmem-softdirty", { SHARED_SHMEM }, { 1, 1, 1 }, ENTRY_READ, FAULT_SHARED_REUSE },
	{ "shmem-softdirty-rewritten", { SHARED_SHMEM, PTE_W }, { 1, 0, 0 }, ENTRY_WRITE, FAULT_SHARED_REUSE },
	{ "shmem-uffd-armed", { SHARED_SHMEM, .uffd_wp = true }, { 1, 1, 1 }, ENTRY_READ, FAULT_USERFAULT },
	{ "shmem-uffd-unprotected", { SHARED_SHMEM }, { 1, 1, 1 }, ENTRY_READ, FAULT_SHARED_REUSE },
	{ "anon-uffd-armed", { PRIVATE_ANON, EXCLUSIVE, .uffd_wp = true }, { 1, 1, 1 }, ENTRY_READ_EXCLUSIVE,
	  FAULT_USERFAULT },
	{ "file-shared-dirty", { SHARED_FILE, PTE_W }, { 1, 0, 0 }, ENTRY_WRITE, FAULT_PAGE_MKWRITE },
	{ "file-shared-clean", { SHARED_FILE }, { 1, 1, 1 }, ENTRY_READ, FAULT_PAGE_MKWRITE },
	{ "file-private-cow", { PRIVATE_ANON, PTE_W, EXCLUSIVE }, { 1, 0, 0 }, ENTRY_WRITE, FAULT_COW_REUSE },
	{ "shmem-private-cow", { PRIVATE_ANON, PTE_W, EXCLUSIVE }, { 1, 0, 0 }, ENTRY_WRITE, FAULT_COW_REUSE },
	{ "swapoff-anon, exclusive", { PRIVATE_ANON, EXCLUSIVE }, { 1, 1, 1 }, ENTRY_READ_EXCLUSIVE, FAULT_COW_REUSE },
	{ "swapoff-anon, not exclusive", { PRIVATE_ANON }, { 1, 1, 1 }, ENTRY_READ, FAULT_COW_REUSE },
	{ "swapoff-shmem-shared", { SHARED_SHMEM, VMA_W, PTE_W }, { 0, 0, 0 }, ENTRY_WRITE, FAULT_NONE },
	{ "swapoff-shmem-private", { PRIVATE_ANON }, { 1, 1, 1 }, ENTRY_READ, FAULT_COW_REUSE },
	{ "ksm", { .page = PAGE_KSM, .mapped_twice = true }, { 1, 1, 1 }, ENTRY_READ, FAULT_COW_COPY },
	{ "numa-hint-anon", { PRIVATE_ANON, EXCLUSIVE, .hint = true }, { 1, 1, 1 }, ENTRY_READ_EXCLUSIVE,
	  FAULT_COW_REUSE },
	{ "numa-hint-shmem", { SHARED_SHMEM, VMA_W, .hint = true }, { 0, 0, 1 }, ENTRY_READ, FAULT_SHARED_REUSE },

	/*
	 * Stock 6.1: unregistering and WRITEPROTECT(0) restore W (uffd_wp_range()), savedwrite keeps it over a hint.
	 * Its policy is entry: that column was counted, the other two follow from the rule.
	 */
	{ "6.1: shmem-uffd-unregister", { SHARED_SHMEM, VMA_W, PTE_W }, { 0, 0, 0 }, ENTRY_WRITE, FAULT_NONE },
	{ "6.1: shmem-uffd-unprotected", { SHARED_SHMEM, PTE_W }, { 1, 0, 0 }, ENTRY_WRITE, FAULT_SHARED_REUSE },
	{ "6.1: numa-hint-anon", { PRIVATE_ANON, PTE_W, EXCLUSIVE, .hint = true }, { 1, 0, 0 }, ENTRY_WRITE,
	  FAULT_COW_REUSE },

	/* Not CoWed yet: the write makes the anonymous copy. Not counted; do_wp_page() of 6.1 and 6.12 says so. */
	{ "private mapping of a file's page", { .page = PAGE_FILE }, { 1, 1, 1 }, ENTRY_READ, FAULT_COW_COPY },
	{ "private mapping of a shmem page", { .page = PAGE_SHMEM }, { 1, 1, 1 }, ENTRY_READ, FAULT_COW_COPY },
};

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Does the model say what the row says? If not: why, in `why`. W after follows: no fault where it is set. */
static bool row_holds(const struct row *row, char *why, size_t size)
{
	enum policy policy;

	for (policy = 0; policy < NR_POLICIES; policy++) {
		const struct prediction p = model_predict(&row->state, policy);
		const enum fault_kind kind = row->faults[policy] ? row->kind : FAULT_NONE;

		if (p.faults == row->faults[policy] && p.w_after == !row->faults[policy] && p.kind == kind &&
		    p.entry == row->entry)
			continue;
		snprintf(why, size, "%s under %s: entry %s, %u faults (%s), W %d; the row: entry %s, %u faults (%s)",
			 row->name, policy_name(policy), entry_name(p.entry), p.faults, fault_name(p.kind), p.w_after,
			 entry_name(row->entry), row->faults[policy], fault_name(kind));
		return false;
	}
	return true;
}

static void row_is_predicted(void **state)
{
	char why[256];

	if (!row_holds(*state, why, sizeof(why)))
		fail_msg("%s", why);
}

static void a_wrong_count_is_noticed(void **state)
{
	enum policy policy;
	char why[256];
	size_t i;

	(void)state;
	for (i = 0; i < NR_ROWS; i++) {
		for (policy = 0; policy < NR_POLICIES; policy++) {
			struct row wrong = rows[i];

			wrong.faults[policy] = !wrong.faults[policy];
			assert_false(row_holds(&wrong, why, sizeof(why)));
			assert_non_null(strstr(why, policy_name(policy)));
		}
	}
}

static void a_wrong_entry_or_fault_kind_is_noticed(void **state)
{
	char why[256];
	size_t i;

	(void)state;
	for (i = 0; i < NR_ROWS; i++) {
		struct row wrong_entry = rows[i], wrong_kind = rows[i];

		wrong_entry.entry = (rows[i].entry + 1) % NR_ENTRY_KINDS;
		assert_false(row_holds(&wrong_entry, why, sizeof(why)));
		wrong_kind.kind = (rows[i].kind + 1) % NR_FAULT_KINDS;
		if (rows[i].kind != FAULT_NONE)		/* a row without faults has no kind to get wrong */
			assert_false(row_holds(&wrong_kind, why, sizeof(why)));
	}
}

/* All states there can be in the struct, those included that no kernel makes. */
#define NR_STATES (4 << 7)

static struct page_state nth_state(unsigned n)
{
	return (struct page_state){
		.page = n >> 7,
		.vma_shared = n & 1,
		.vma_write = n & 2,
		.pte_write = n & 4,
		.exclusive = n & 8,
		.mapped_twice = n & 16,
		.uffd_wp = n & 32,
		.hint = n & 64,
	};
}

/* One state under all policies, for the laws. */
struct outcome {
	struct page_state state;
	struct prediction by[NR_POLICIES];
};

static struct outcome nth_outcome(unsigned n)
{
	struct outcome o = { .state = nth_state(n) };
	enum policy policy;

	for (policy = 0; policy < NR_POLICIES; policy++)
		o.by[policy] = model_predict(&o.state, policy);
	return o;
}

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
			assert_int_equal(o.by[policy].kind, FAULT_USERFAULT);
		}
	}
}

static void vma_never_faults_more_than_the_others(void **state)
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
		const bool same = o.by[POLICY_VMA_ONLY].faults == o.by[POLICY_VMA].faults &&
				  o.by[POLICY_VMA].faults == o.by[POLICY_ENTRY].faults;

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
			assert_int_equal(o.by[policy].faults, !o.by[policy].w_after);
			assert_int_equal(o.by[policy].kind == FAULT_NONE, o.by[policy].w_after);
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
	for (i = 0; i < NR_ENTRY_KINDS; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(entry_name(i), entry_name(j));
	assert_string_equal(policy_name(POLICY_UNKNOWN), "unknown");
	assert_string_equal(policy_name(-1), "unknown");
	assert_string_equal(entry_name(NR_ENTRY_KINDS), "unknown");
	assert_string_equal(fault_name(NR_FAULT_KINDS), "unknown");
}

enum { TEXT_MAX = 2048, GUARD = 0x5a };

/* The story under a policy, or below 0 the one-line description. */
static int write_text(const struct page_state *state, int policy, char *text, size_t size)
{
	return policy < 0 ? model_describe(state, text, size) : model_story(state, policy, text, size);
}

static void assert_text_fits(const struct page_state *state, int policy, const char *full, size_t size)
{
	const size_t length = strlen(full), kept = size && size <= length ? size - 1 : length;
	char text[TEXT_MAX];
	size_t i;

	memset(text, GUARD, sizeof(text));
	assert_int_equal(write_text(state, policy, text, size), length);
	for (i = size; i < sizeof(text); i++)
		assert_int_equal(text[i], GUARD);
	if (!size)
		return;
	assert_memory_equal(text, full, kept);
	assert_int_equal(text[kept], '\0');
}

static void text_never_overruns_its_buffer(void **state)
{
	char full[TEXT_MAX];
	unsigned n;
	int policy;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct page_state s = nth_state(n);

		for (policy = -1; policy <= POLICY_UNKNOWN; policy++) {
			int length = write_text(&s, policy, full, sizeof(full));

			assert_in_range(length, 41, TEXT_MAX - 1);
			assert_int_equal(strlen(full), length);
			assert_int_equal(write_text(&s, policy, NULL, 0), length);
			assert_text_fits(&s, policy, full, 0);
			assert_text_fits(&s, policy, full, 1);
			assert_text_fits(&s, policy, full, 2);
			assert_text_fits(&s, policy, full, 40);
			assert_text_fits(&s, policy, full, length);
			assert_text_fits(&s, policy, full, length + 1);
		}
	}
}

static void text_keeps_to_its_columns(void **state)
{
	char text[TEXT_MAX], *line, *rest;
	unsigned n;
	int policy;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct page_state s = nth_state(n);

		model_describe(&s, text, sizeof(text));
		assert_null(strchr(text, '\n'));
		for (policy = 0; policy <= POLICY_UNKNOWN; policy++) {
			model_story(&s, policy, text, sizeof(text));
			for (rest = text; (line = strsep(&rest, "\n"));)
				assert_in_range(strlen(line), 0, 100);
		}
	}
}

static void story_ends_with_the_faults_predicted(void **state)
{
	enum policy policy;
	char text[TEXT_MAX];
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n++) {
		const struct outcome o = nth_outcome(n);

		for (policy = 0; policy < NR_POLICIES; policy++) {
			model_story(&o.state, policy, text, sizeof(text));
			assert_int_equal(!!strstr(text, "1 fault a page\n"), o.by[policy].faults);
			assert_int_equal(!!strstr(text, "no fault\n"), !o.by[policy].faults);
		}
	}
}

static void story_of_the_threads_case_names_what_happens(void **state)
{
	const struct page_state merged = { SHARED_SHMEM, VMA_W };
	char text[TEXT_MAX];

	(void)state;
	model_describe(&merged, text, sizeof(text));
	assert_string_equal(text, "shared VMA whose default is W; shmem page; PTE without W");
	model_story(&merged, POLICY_ENTRY, text, sizeof(text));
	assert_non_null(strstr(text, "pte_wrprotect() takes away the W of vm_page_prot"));
	assert_non_null(strstr(text, "wp_page_shared()"));
	model_story(&merged, POLICY_VMA, text, sizeof(text));
	assert_non_null(strstr(text, "a fault that was pending is spared"));
	assert_null(strstr(text, "wp_page_shared()"));
}

static const struct CMUnitTest laws[] = {
	cmocka_unit_test(a_wrong_count_is_noticed),
	cmocka_unit_test(a_wrong_entry_or_fault_kind_is_noticed),
	cmocka_unit_test(uffd_wp_never_comes_back_with_w),
	cmocka_unit_test(vma_never_faults_more_than_the_others),
	cmocka_unit_test(entry_restores_w_as_it_was),
	cmocka_unit_test(policies_differ_only_where_default_and_pte_do),
	cmocka_unit_test(a_fault_is_paid_exactly_where_w_is_missing),
	cmocka_unit_test(only_an_anonymous_page_leaves_an_exclusive_entry),
	cmocka_unit_test(unknown_policy_never_promises_w),
	cmocka_unit_test(faults_that_reuse_the_page_count_as_reuse),
	cmocka_unit_test(policy_names_round_trip),
	cmocka_unit_test(names_are_distinct_and_out_of_range_is_unknown),
	cmocka_unit_test(text_never_overruns_its_buffer),
	cmocka_unit_test(text_keeps_to_its_columns),
	cmocka_unit_test(story_ends_with_the_faults_predicted),
	cmocka_unit_test(story_of_the_threads_case_names_what_happens),
};

int main(void)
{
	struct CMUnitTest row_tests[NR_ROWS];
	int failed;
	size_t i;

	for (i = 0; i < NR_ROWS; i++) {
		row_tests[i] = (struct CMUnitTest)cmocka_unit_test_prestate(row_is_predicted, &rows[i]);
		row_tests[i].name = rows[i].name;
	}
	failed = cmocka_run_group_tests_name("model: rows", row_tests, NULL, NULL);
	failed += cmocka_run_group_tests_name("model: laws", laws, NULL, NULL);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
