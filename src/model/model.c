// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rule: which migration entry a PTE becomes, whether the restored PTE has W, which fault the first write takes.
 *
 * A state that no kernel makes (a private VMA whose default is W, a PTE with both W and the uffd-wp mark) is answered
 * by the same rule; nothing is refused. Places in the kernel are those of 6.12, and 6.1 is named where it differs.
 */
#include "model.h"

#include <string.h>

/*
 * mm/rmap.c try_to_migrate_one() tests pte_write() first, then PageAnonExclusive. KSM pages are anonymous and never
 * exclusive: mm/ksm.c write_protect_page() clears the mark before it merges.
 *
 * A hint needs no case of its own. mm/mprotect.c change_pte_range() drops W as it makes the PTE PROT_NONE; in 6.1
 * pte_mk_savedwrite() puts it back (include/linux/pgtable.h: it is pte_mkwrite() on x86), and the entry is writable.
 */
static enum entry_kind entry_of(const struct page_state *state)
{
	if (state->pte_write)
		return ENTRY_WRITE;
	if (state->page == PAGE_ANON && state->exclusive)
		return ENTRY_READ_EXCLUSIVE;
	return ENTRY_READ;
}

/* pte_needs_soft_dirty_wp(). Of a PMD that is dirty the answer is no: pmd_mkdirty() of the restored one sets soft-dirty as well. */
static bool tracking_wants_fault(const struct page_state *state)
{
	return state->tracked && !(state->mapped_by == MAPPED_BY_PMD && state->dirty);
}

/*
 * mm/mprotect.c can_change_pte_writable(), and the same of PMDs in mm/huge_memory.c; vma_wants_manual_pte_write_upgrade() is not
 * asked (it is wrong about shmem under uffd-wp: doc/findings.md). Of a shared page the dirty bit tells that the filesystem was
 * asked. Of hugetlb there is no such check.
 */
static bool may_be_upgraded(const struct page_state *state)
{
	if (state->mapped_by == MAPPED_BY_HUGETLB || tracking_wants_fault(state))
		return false;
	return state->vma_shared ? state->dirty : state->page == PAGE_ANON && state->exclusive;
}

/*
 * mm/migrate.c remove_migration_pte(), mm/huge_memory.c remove_migration_pmd(). The mark excludes W under every policy: since
 * f1eb1bacfba9 pte_mkuffd_wp() write-protects, and before that (6.1.8 to 6.2) the default of a registered VMA has no W
 * (51d3d5eb74ff). Under POLICY_UNKNOWN no W: it is never wrong for the page, at worst one fault dear.
 */
static bool restored_with_w(const struct page_state *state, enum entry_kind entry, enum policy policy)
{
	if (state->uffd_wp)
		return false;
	switch (policy) {
	case POLICY_VMA_ONLY:
		return state->vma_write;
	case POLICY_VMA:
	case POLICY_VMA_UNSAFE:
		return state->vma_write || entry == ENTRY_WRITE;
	case POLICY_UPGRADE:
		return state->vma_write || entry == ENTRY_WRITE || may_be_upgraded(state);
	case POLICY_ENTRY:
		return entry == ENTRY_WRITE;
	default:
		return false;
	}
}

/*
 * mm/memory.c do_wp_page(), in its order. What a hint adds is not counted here: do_numa_page() returns right after the
 * migration without any upgrade of the PTE, the write is retried, and meets the restored PTE like any other write.
 * Under UFFD_FEATURE_WP_ASYNC do_wp_page() clears the mark and goes on as if it had not been there. A userfault is one
 * fault even where what resolves it grants no W: arch/x86/mm/fault.c do_user_addr_fault() retries within the same exception.
 */
static enum fault_kind fault_without_w(const struct page_state *state)
{
	if (state->uffd_wp && !state->uffd_async)
		return FAULT_USERFAULT;
	if (state->mapped_by == MAPPED_BY_HUGETLB)	/* mm/hugetlb.c hugetlb_fault() */
		return FAULT_HUGETLB;
	if (state->mapped_by == MAPPED_BY_PMD && state->vma_shared)	/* mm/memory.c wp_huge_pmd() */
		return FAULT_PMD_REMAP;
	if (state->mapped_by == MAPPED_BY_PMD && state->page == PAGE_ANON && !state->mapped_twice)
		return FAULT_PMD_REUSE;	/* else it is split, and a PTE's page copied */
	if (state->vma_shared)	/* wp_page_shared() */
		return state->page == PAGE_FILE ? FAULT_PAGE_MKWRITE : FAULT_SHARED_REUSE;
	if (state->page != PAGE_ANON)	/* wp_can_reuse_anon_folio() refuses KSM; page cache is not anonymous at all */
		return FAULT_COW_COPY;
	return state->mapped_twice ? FAULT_COW_COPY : FAULT_COW_REUSE;
}

/* mm/mprotect.c change_pte_range() makes a writable entry readable, and nothing makes it writable again. */
static bool loses_w_in_flight(const struct page_state *state, enum policy policy)
{
	struct page_state lost = *state;

	lost.pte_write = false;
	return state->racing && !restored_with_w(&lost, entry_of(&lost), policy);
}

struct prediction model_predict(const struct page_state *state, enum policy policy)
{
	struct prediction p = { .entry = entry_of(state), .kind = FAULT_NONE };

	p.w_after = restored_with_w(state, p.entry, policy);
	p.some = p.w_after && loses_w_in_flight(state, policy);
	if (!p.w_after || p.some) {
		p.faults = 1;
		p.kind = fault_without_w(state);
	}
	return p;
}

struct page_state model_hinted(const struct page_state *state, bool keeps_w)
{
	struct page_state hinted = *state;

	hinted.hint = true;
	hinted.pte_write = state->pte_write && keeps_w;
	return hinted;
}

size_t mapped_bytes(enum mapped_by mapped_by)
{
	return mapped_by == MAPPED_BY_PTE ? 4096 : 2 << 20;
}

bool fault_counts_as_reuse(enum fault_kind kind)
{
	/*
	 * All three end in wp_page_reuse(), page_mkwrite by way of finish_mkwrite_fault(). A userfault itself does not;
	 * whether its retry does depends on what resolved it.
	 */
	return kind == FAULT_COW_REUSE || kind == FAULT_SHARED_REUSE || kind == FAULT_PAGE_MKWRITE;
}

static const char *const policy_names[NR_POLICIES] = {
	[POLICY_VMA_ONLY] = "vma-only",
	[POLICY_VMA] = "vma",
	[POLICY_ENTRY] = "entry",
	[POLICY_UPGRADE] = "upgrade",
	[POLICY_VMA_UNSAFE] = "vma-unsafe",
};

static const char *const entry_names[NR_ENTRY_KINDS] = {
	[ENTRY_READ] = "read",
	[ENTRY_READ_EXCLUSIVE] = "read-exclusive",
	[ENTRY_WRITE] = "write",
};

static const char *const fault_names[NR_FAULT_KINDS] = {
	[FAULT_NONE] = "none",
	[FAULT_COW_REUSE] = "cow-reuse",
	[FAULT_COW_COPY] = "cow-copy",
	[FAULT_SHARED_REUSE] = "shared-reuse",
	[FAULT_PAGE_MKWRITE] = "page_mkwrite",
	[FAULT_USERFAULT] = "userfault",
	[FAULT_PMD_REUSE] = "pmd-reuse",
	[FAULT_PMD_REMAP] = "pmd-remap",
	[FAULT_HUGETLB] = "hugetlb-wp",
};

static const char *name_at(const char *const *names, unsigned nr_names, unsigned index)
{
	return index < nr_names ? names[index] : "unknown";
}

const char *policy_name(enum policy policy)
{
	return name_at(policy_names, NR_POLICIES, policy);
}

const char *entry_name(enum entry_kind kind)
{
	return name_at(entry_names, NR_ENTRY_KINDS, kind);
}

const char *fault_name(enum fault_kind kind)
{
	return name_at(fault_names, NR_FAULT_KINDS, kind);
}

enum policy policy_by_name(const char *name)
{
	unsigned i;

	for (i = 0; i < NR_POLICIES; i++)
		if (!strcmp(name, policy_names[i]))
			return i;
	return POLICY_UNKNOWN;
}
