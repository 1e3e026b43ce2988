// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The oracle against what was measured: write faults a page under each policy, row by row. The rows' figures come from
 * counts in guests, or from the kernel's source where a comment says so, never from the model. The column of `upgrade`, from
 * can_change_pte_writable() of 6.12, and the rows from anon-softdirty on stood here before they were counted.
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

/* As the migration finds the page: as it stands, or after NUMA balancing's scan. */
enum way { AS_IT_IS, HINTED, HINTED_BEFORE_6_2 };

#define SOME 2		/* faults of those pages that lost a race, none of the others */

struct row {
	const char *name;
	struct page_state state;
	unsigned faults[4];		/* vma-only, vma, entry, upgrade; what is right under vma-unsafe is what is under vma */
	enum entry_kind entry;
	enum fault_kind kind;		/* of those faults, where there are any */
	enum way way;
};

/* The VMA and what backs it. */
#define PRIVATE_ANON	.page = PAGE_ANON
#define SHARED_SHMEM	.page = PAGE_SHMEM, .vma_shared = true
#define SHARED_FILE	.page = PAGE_FILE, .vma_shared = true
#define BY_PMD		.mapped_by = MAPPED_BY_PMD
#define BY_HUGETLB	.mapped_by = MAPPED_BY_HUGETLB
#define VMA_W		.vma_write = true
#define PTE_W		.pte_write = true
#define EXCLUSIVE	.exclusive = true
#define DIRTY		.dirty = true
#define TRACKED		.tracked = true
#define UFFD		.uffd_wp = true
#define UFFD_ASYNC	.uffd_wp = true, .uffd_async = true

static struct row rows[] = {
	{ "anon-private", { PRIVATE_ANON, PTE_W, EXCLUSIVE }, { 1, 0, 0, 0 }, ENTRY_WRITE, FAULT_COW_REUSE, 0 },
	{ "anon-fork", { PRIVATE_ANON, .mapped_twice = true }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_COW_COPY, 0 },
	{ "anon-mprotect", { PRIVATE_ANON, PTE_W, EXCLUSIVE }, { 1, 0, 0, 0 }, ENTRY_WRITE, FAULT_COW_REUSE, 0 },
	{ "shmem-shared", { SHARED_SHMEM, VMA_W, PTE_W }, { 0, 0, 0, 0 }, ENTRY_WRITE, FAULT_NONE, 0 },
	{ "shmem-uffd-unregister", { SHARED_SHMEM, VMA_W }, { 0, 0, 1, 0 }, ENTRY_READ, FAULT_SHARED_REUSE, 0 },
	{ "shmem-softdirty-merge", { SHARED_SHMEM, VMA_W }, { 0, 0, 1, 0 }, ENTRY_READ, FAULT_SHARED_REUSE, 0 },
	{ "shmem-softdirty", { SHARED_SHMEM, TRACKED }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_SHARED_REUSE, 0 },
	{ "shmem-softdirty, dirty", { SHARED_SHMEM, TRACKED, DIRTY }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_SHARED_REUSE, 0 },
	{ "shmem-softdirty-rewritten", { SHARED_SHMEM, PTE_W, DIRTY }, { 1, 0, 0, 0 }, ENTRY_WRITE, FAULT_SHARED_REUSE, 0 },
	{ "shmem-uffd-armed", { SHARED_SHMEM, UFFD }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_USERFAULT, 0 },
	{ "shmem-uffd-unprotected", { SHARED_SHMEM, DIRTY }, { 1, 1, 1, 0 }, ENTRY_READ, FAULT_SHARED_REUSE, 0 },
	{ "anon-uffd-armed", { PRIVATE_ANON, EXCLUSIVE, UFFD }, { 1, 1, 1, 1 }, ENTRY_READ_EXCLUSIVE, FAULT_USERFAULT, 0 },
	{ "file-shared-dirty", { SHARED_FILE, PTE_W }, { 1, 0, 0, 0 }, ENTRY_WRITE, FAULT_PAGE_MKWRITE, 0 },
	{ "file-shared-clean", { SHARED_FILE }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_PAGE_MKWRITE, 0 },
	{ "file-private-cow", { PRIVATE_ANON, PTE_W, EXCLUSIVE }, { 1, 0, 0, 0 }, ENTRY_WRITE, FAULT_COW_REUSE, 0 },
	{ "shmem-private-cow", { PRIVATE_ANON, PTE_W, EXCLUSIVE }, { 1, 0, 0, 0 }, ENTRY_WRITE, FAULT_COW_REUSE, 0 },

	/* clear_refs leaves exclusivity alone. Private VMAs never have W by default, so the merge shows under upgrade alone. */
	{ "anon-softdirty", { PRIVATE_ANON, EXCLUSIVE, TRACKED }, { 1, 1, 1, 1 }, ENTRY_READ_EXCLUSIVE, FAULT_COW_REUSE, 0 },
	{ "anon-softdirty-merge", { PRIVATE_ANON, EXCLUSIVE }, { 1, 1, 1, 0 }, ENTRY_READ_EXCLUSIVE, FAULT_COW_REUSE, 0 },
	/* The child took exclusivity with it; do_wp_page() finds out that it is gone, can_change_pte_writable() does not. */
	{ "anon-fork-gone", { PRIVATE_ANON }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_COW_REUSE, 0 },
	{ "anon-uffd-unregister", { PRIVATE_ANON, PTE_W, EXCLUSIVE }, { 1, 0, 0, 0 }, ENTRY_WRITE, FAULT_COW_REUSE, 0 },
	{ "anon-uffd-async", { PRIVATE_ANON, EXCLUSIVE, UFFD_ASYNC }, { 1, 1, 1, 1 }, ENTRY_READ_EXCLUSIVE, FAULT_COW_REUSE, 0 },
	{ "shmem-uffd-async", { SHARED_SHMEM, DIRTY, UFFD_ASYNC }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_SHARED_REUSE, 0 },
	{ "sysv-shared", { SHARED_SHMEM, VMA_W, PTE_W }, { 0, 0, 0, 0 }, ENTRY_WRITE, FAULT_NONE, 0 },
	/* unuse_pte(): pages that were never forked stay exclusive in the swap PTE, and come back without W. */
	{ "swapoff-anon", { PRIVATE_ANON, EXCLUSIVE }, { 1, 1, 1, 0 }, ENTRY_READ_EXCLUSIVE, FAULT_COW_REUSE, 0 },
	{ "swapoff-shmem-private", { PRIVATE_ANON, EXCLUSIVE }, { 1, 1, 1, 0 }, ENTRY_READ_EXCLUSIVE, FAULT_COW_REUSE, 0 },
	{ "swapoff-shmem-shared", { SHARED_SHMEM, VMA_W, PTE_W }, { 0, 0, 0, 0 }, ENTRY_WRITE, FAULT_NONE, 0 },
	{ "swapoff, forked before", { PRIVATE_ANON }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_COW_REUSE, 0 },
	{ "ksm, pairs in one process", { .page = PAGE_KSM }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_COW_COPY, 0 },
	{ "ksm, two processes", { .page = PAGE_KSM, .mapped_twice = true }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_COW_COPY, 0 },
	{ "numa-hint-anon", { PRIVATE_ANON, PTE_W, EXCLUSIVE }, { 1, 1, 1, 0 }, ENTRY_READ_EXCLUSIVE, FAULT_COW_REUSE, HINTED },
	{ "numa-hint-shmem", { SHARED_SHMEM, VMA_W, PTE_W }, { 0, 0, 1, 0 }, ENTRY_READ, FAULT_SHARED_REUSE, HINTED },
	{ "shmem-softdirty-rewritten by a hint", { SHARED_SHMEM, PTE_W, DIRTY }, { 1, 1, 1, 0 }, ENTRY_READ, FAULT_SHARED_REUSE,
	  HINTED },
	{ "anon-uffd-armed by a hint", { PRIVATE_ANON, EXCLUSIVE, UFFD }, { 1, 1, 1, 1 }, ENTRY_READ_EXCLUSIVE, FAULT_USERFAULT,
	  HINTED },
	{ "thp-anon", { PRIVATE_ANON, BY_PMD, PTE_W, EXCLUSIVE }, { 1, 0, 0, 0 }, ENTRY_WRITE, FAULT_PMD_REUSE, 0 },
	{ "thp-anon by a hint", { PRIVATE_ANON, BY_PMD, PTE_W, EXCLUSIVE }, { 1, 1, 1, 0 }, ENTRY_READ_EXCLUSIVE,
	  FAULT_PMD_REUSE, HINTED },
	{ "thp-shmem-softdirty-merge", { SHARED_SHMEM, BY_PMD, VMA_W }, { 0, 0, 1, 0 }, ENTRY_READ, FAULT_PMD_REMAP, 0 },
	{ "hugetlb-uffd-unregister", { SHARED_SHMEM, BY_HUGETLB, VMA_W }, { 0, 0, 1, 0 }, ENTRY_READ, FAULT_HUGETLB, 0 },
	/* A race: the fraction was counted under entry, and that there is none under vma. */
	{ "inflight-mprotect", { SHARED_SHMEM, VMA_W, PTE_W, .racing = true }, { 0, 0, SOME, 0 }, ENTRY_WRITE,
	  FAULT_SHARED_REUSE, 0 },
	/* Of private memory, not counted: W comes from the entry alone. */
	{ "inflight-mprotect, private", { PRIVATE_ANON, PTE_W, EXCLUSIVE, .racing = true }, { 1, SOME, SOME, 0 }, ENTRY_WRITE,
	  FAULT_COW_REUSE, 0 },

	/*
	 * Stock 6.1: unregistering and WRITEPROTECT(0) restore W (uffd_wp_range()), savedwrite keeps it over a hint.
	 * Its policy is entry: that column was counted, the others follow from the rule.
	 */
	{ "6.1: shmem-uffd-unregister", { SHARED_SHMEM, VMA_W, PTE_W }, { 0, 0, 0, 0 }, ENTRY_WRITE, FAULT_NONE, 0 },
	{ "6.1: shmem-uffd-unprotected", { SHARED_SHMEM, PTE_W }, { 1, 0, 0, 0 }, ENTRY_WRITE, FAULT_SHARED_REUSE, 0 },
	{ "6.1: hugetlb-uffd-unregister", { SHARED_SHMEM, BY_HUGETLB, VMA_W, PTE_W }, { 0, 0, 0, 0 }, ENTRY_WRITE, FAULT_NONE, 0 },
	{ "6.1: anon-uffd-unregister", { PRIVATE_ANON, EXCLUSIVE }, { 1, 1, 1, 0 }, ENTRY_READ_EXCLUSIVE, FAULT_COW_REUSE, 0 },
	{ "6.1: numa-hint-anon", { PRIVATE_ANON, PTE_W, EXCLUSIVE }, { 1, 0, 0, 0 }, ENTRY_WRITE, FAULT_COW_REUSE,
	  HINTED_BEFORE_6_2 },
	{ "6.1: numa-hint-shmem", { SHARED_SHMEM, VMA_W, PTE_W }, { 0, 0, 0, 0 }, ENTRY_WRITE, FAULT_NONE, HINTED_BEFORE_6_2 },

	/* Not CoWed yet: the write makes the anonymous copy. Not counted; do_wp_page() of 6.1 and 6.12 says so. */
	{ "private mapping of a file's page", { .page = PAGE_FILE }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_COW_COPY, 0 },
	{ "private mapping of a shmem page", { .page = PAGE_SHMEM }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_COW_COPY, 0 },
	{ "private mapping of a huge shmem page", { .page = PAGE_SHMEM, BY_PMD }, { 1, 1, 1, 1 }, ENTRY_READ, FAULT_COW_COPY, 0 },
	{ "huge page that a child maps too", { PRIVATE_ANON, BY_PMD, .mapped_twice = true }, { 1, 1, 1, 1 }, ENTRY_READ,
	  FAULT_COW_COPY, 0 },
	/* Not counted. pmd_mkdirty() sets soft-dirty in remove_migration_pmd(), so can_change_pmd_writable() sees no tracking. */
	{ "tracked dirty huge page", { PRIVATE_ANON, BY_PMD, EXCLUSIVE, TRACKED, DIRTY }, { 1, 1, 1, 0 }, ENTRY_READ_EXCLUSIVE,
	  FAULT_PMD_REUSE, 0 },
	{ "tracked clean huge page", { PRIVATE_ANON, BY_PMD, EXCLUSIVE, TRACKED }, { 1, 1, 1, 1 }, ENTRY_READ_EXCLUSIVE,
	  FAULT_PMD_REUSE, 0 },
};

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

static struct page_state state_of(const struct row *row)
{
	return row->way == AS_IT_IS ? row->state : model_hinted(&row->state, row->way == HINTED_BEFORE_6_2);
}

static unsigned faults_of(const struct row *row, enum policy policy)
{
	return row->faults[policy == POLICY_VMA_UNSAFE ? POLICY_VMA : policy];
}

/* Does the model say what the row says? If not: why, in `why`. W after follows: no fault, or not of all, where it is set. */
static bool row_holds(const struct row *row, char *why, size_t size)
{
	const struct page_state state = state_of(row);
	enum policy policy;

	for (policy = 0; policy < NR_POLICIES; policy++) {
		const struct prediction p = model_predict(&state, policy);
		const unsigned wanted = faults_of(row, policy), faults = p.some ? SOME : p.faults;
		const enum fault_kind kind = wanted ? row->kind : FAULT_NONE;

		if (faults == wanted && p.w_after == (wanted != 1) && p.kind == kind && p.entry == row->entry)
			continue;
		snprintf(why, size, "%s under %s: entry %s, %u faults (%s), W %d; the row: entry %s, %u faults (%s)",
			 row->name, policy_name(policy), entry_name(p.entry), faults, fault_name(p.kind), p.w_after,
			 entry_name(row->entry), wanted, fault_name(kind));
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
		for (policy = 0; policy < POLICY_VMA_UNSAFE; policy++) {
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_count_is_noticed),
		cmocka_unit_test(a_wrong_entry_or_fault_kind_is_noticed),
	};
	struct CMUnitTest row_tests[NR_ROWS];
	int failed;
	size_t i;

	for (i = 0; i < NR_ROWS; i++) {
		row_tests[i] = (struct CMUnitTest)cmocka_unit_test_prestate(row_is_predicted, &rows[i]);
		row_tests[i].name = rows[i].name;
	}
	failed = cmocka_run_group_tests_name("model: rows", row_tests, NULL, NULL);
	failed += cmocka_run_group_tests_name("model: their tests", tests, NULL, NULL);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
