// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The oracle's reasoning in words. Each step starts with its name: before, (hint,) (race,) entry, (mark,) restore, after,
 * write. What is said follows from the state and model_predict(); this file decides nothing itself.
 *
 * Kernel functions are named as in 6.12; restore names what the kernels of that policy call. Lines of the text: at most
 * 100 columns.
 */
#include "model.h"

#include <stdarg.h>
#include <stdio.h>

struct text {
	char *out;
	size_t size;
	int length;	/* of the whole text, cut off or not */
};

__attribute__((format(printf, 2, 3)))
static void add(struct text *t, const char *format, ...)
{
	size_t used = (size_t)t->length < t->size ? (size_t)t->length : t->size;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(used < t->size ? t->out + used : NULL, t->size - used, format, args);
	va_end(args);
	if (n > 0)
		t->length += n;
}

static const char *with_w(bool w)
{
	return w ? "with W" : "without W";
}

/* What holds the write bit. */
static const char *holder(const struct page_state *state)
{
	return state->mapped_by == MAPPED_BY_PMD ? "PMD" : "PTE";
}

/* The kernel's functions of that level: those for PTEs serve hugetlb as well. */
static const char *at_level(const struct page_state *state, const char *pte, const char *pmd)
{
	return state->mapped_by == MAPPED_BY_PMD ? pmd : pte;
}

static const char *vma_reason(const struct page_state *state)
{
	if (!state->vma_shared)
		return "private VMA: a write may have to copy";
	if (state->vma_write)
		return "shared VMA that wants no write notification";
	return "shared VMA that wants write notification";
}

static void add_before(struct text *t, const struct page_state *state)
{
	add(t, "before:  %s %s; vm_page_prot %s (%s)\n", holder(state), with_w(state->pte_write), with_w(state->vma_write),
	    vma_reason(state));
	if (state->hint) {
		add(t, "hint:    %s() made the %s PROT_NONE%s\n", at_level(state, "change_pte_range", "change_huge_pmd"), holder(state),
		    state->pte_write ? "; savedwrite keeps W in it (before 6.2)" : ", and any W it had is gone");
		add(t, "         the next access enters %s(), which migrates the page\n",
		    at_level(state, "do_numa_page", "do_huge_pmd_numa_page"));
	}
	if (state->racing)
		add(t, "race:    mprotect() runs beside: change_pte_range() makes a writable entry that it meets readable\n");
}

static void add_entry(struct text *t, const struct page_state *state, enum entry_kind entry)
{
	add(t, "entry:   %s(): ", at_level(state, "try_to_migrate_one", "set_pmd_migration_entry"));
	switch (entry) {
	case ENTRY_WRITE:
		add(t, "%s() holds, so the entry is writable", at_level(state, "pte_write", "pmd_write"));
		break;
	case ENTRY_READ_EXCLUSIVE:
		add(t, "no W, but PageAnonExclusive: the entry is readable-exclusive");
		break;
	default:
		add(t, "no W, and the page is not %s: the entry is readable",
		    state->page == PAGE_ANON || state->page == PAGE_KSM ? "exclusive" : "anonymous");
	}
	add(t, "\n");
	if (state->uffd_wp)
		add(t, "mark:    the %s is marked uffd-wp; the entry takes the mark over\n", holder(state));
}

static void add_restore_vma(struct text *t, bool vma_write, bool entry_write)
{
	if (vma_write)
		add(t, "vm_page_prot has W already, whatever the entry");
	else if (entry_write)
		add(t, "vm_page_prot has no W; writable entry: W is added");
	else
		add(t, "vm_page_prot has no W; readable entry: none is added");
}

static void add_restore_entry(struct text *t, bool vma_write, bool entry_write)
{
	if (entry_write)
		add(t, "writable entry: W, whatever vm_page_prot");
	else if (vma_write)
		add(t, "readable entry: the W of vm_page_prot is taken away");
	else
		add(t, "readable entry: no W, and vm_page_prot had none");
}

/* can_change_pte_writable(), for what `vma` left without W. */
static const char *upgrade_reason(const struct page_state *state, bool granted)
{
	if (granted)
		return state->vma_shared ? "dirty, so nobody is to be asked any more: W is added" :
					   "an exclusive anonymous page: W is added";
	if (state->mapped_by == MAPPED_BY_HUGETLB)
		return "hugetlb has no such check: none is added";
	if (state->tracked)
		return "soft-dirty tracking wants the fault: none is added";
	return state->vma_shared ? "clean, so a filesystem may have to be asked: none is added" :
				   "not exclusive: none is added";
}

static void add_restore_marked(struct text *t, const struct page_state *state, enum policy policy)
{
	add(t, "the mark is set again, and keeps the %s write-protected", holder(state));
	if (policy == POLICY_VMA_UNSAFE && state->vma_shared)
		add(t, "\n         so it ought to be; the bug gives W and loses the event, which is a FAIL");
}

static void add_restore(struct text *t, const struct page_state *state, enum policy policy, const struct prediction *p)
{
	bool entry_write = p->entry == ENTRY_WRITE;

	add(t, "restore: %s(): ", at_level(state, "remove_migration_pte", "remove_migration_pmd"));
	if (state->uffd_wp)
		add_restore_marked(t, state, policy);
	else if (policy == POLICY_VMA_ONLY)
		add(t, "vm_page_prot %s W; the entry is not asked", state->vma_write ? "has" : "has no");
	else if (policy == POLICY_ENTRY)
		add_restore_entry(t, state->vma_write, entry_write);
	else
		add_restore_vma(t, state->vma_write, entry_write);
	if (policy == POLICY_UPGRADE && !state->uffd_wp && !state->vma_write && !entry_write)
		add(t, "\n         %s(): %s", at_level(state, "can_change_pte_writable", "can_change_pmd_writable"),
		    upgrade_reason(state, p->w_after));
	add(t, "\n");
}

static void add_after(struct text *t, const struct page_state *state, const struct prediction *p)
{
	add(t, "after:   %s %s, ", holder(state), with_w(p->w_after));
	if (state->pte_write == p->w_after)
		add(t, "as before\n");
	else if (p->w_after)
		add(t, "which it had not: a fault that was pending is spared\n");
	else
		add(t, "which it had: the write pays for the migration\n");
	if (p->some)
		add(t, "         without W where mprotect() met the entry in flight\n");
}

static const char *copy_reason(const struct page_state *state)
{
	switch (state->page) {
	case PAGE_ANON:
		return "the page is mapped elsewhere too";
	case PAGE_KSM:
		return "a KSM page is never reused (vmstat: cow_ksm)";
	default:
		return "a page of the page cache in a private mapping";
	}
}

static const char *fault_path(const struct page_state *state, const struct prediction *p)
{
	switch (p->kind) {
	case FAULT_COW_REUSE:
		return p->entry == ENTRY_READ ? "do_wp_page(): wp_can_reuse_anon_folio() finds no other user: wp_page_reuse() grants W" :
						"do_wp_page(): PageAnonExclusive came back too: wp_page_reuse() grants W";
	case FAULT_COW_COPY:
		return state->mapped_by == MAPPED_BY_PMD ? "the PMD is split; wp_page_copy(): " :
							   "do_wp_page() to wp_page_copy(): ";
	case FAULT_SHARED_REUSE:
		return "do_wp_page() to wp_page_shared(): no page_mkwrite; wp_page_reuse() grants W";
	case FAULT_PAGE_MKWRITE:
		return "do_wp_page() to wp_page_shared(): the filesystem's page_mkwrite is asked first";
	case FAULT_USERFAULT:
		return "handle_userfault(): it must reach the userfaultfd";
	case FAULT_PMD_REUSE:
		return "do_huge_pmd_wp_page(): nobody else has the huge page: W is granted (no pgreuse)";
	case FAULT_PMD_REMAP:
		return "wp_huge_pmd(): the PMD is dropped, and do_shared_fault() maps it again with W (no pgreuse)";
	default:
		return "hugetlb_wp(): W is granted (no pgreuse)";
	}
}

static const char *unit(const struct page_state *state)
{
	switch (state->mapped_by) {
	case MAPPED_BY_PMD:
		return "PMD of 2 MiB";
	case MAPPED_BY_HUGETLB:
		return "huge page of 2 MiB";
	default:
		return "page";
	}
}

static void add_write(struct text *t, const struct page_state *state, const struct prediction *p)
{
	add(t, "write:   ");
	if (p->kind == FAULT_NONE) {
		add(t, "the %s has W: no fault\n", holder(state));
		return;
	}
	if (state->uffd_wp && state->uffd_async)
		add(t, "asynchronous uffd-wp: the same fault takes the mark away, sends nothing, and goes on:\n         ");
	add(t, "%s%s\n         ", fault_path(state, p), p->kind == FAULT_COW_COPY ? copy_reason(state) : "");
	if (p->some)
		add(t, "%u fault for each that lost W, none for the others\n", p->faults);
	else
		add(t, "%u fault a %s\n", p->faults, unit(state));
}

int model_story(const struct page_state *state, enum policy policy, char *text, size_t size)
{
	const struct prediction p = model_predict(state, policy);
	struct text t = { .out = text, .size = size };

	add_before(&t, state);
	add_entry(&t, state, p.entry);
	if ((unsigned)policy >= NR_POLICIES) {
		add(&t, "restore: unknown policy: nothing is predicted from here on\n");
		return t.length;
	}
	add_restore(&t, state, policy, &p);
	add_after(&t, state, &p);
	add_write(&t, state, &p);
	return t.length;
}

static const char *page_noun(const struct page_state *state)
{
	if (state->mapped_by == MAPPED_BY_HUGETLB)
		return "hugetlb page";
	switch (state->page) {
	case PAGE_ANON:
		return "anonymous page";
	case PAGE_KSM:
		return "KSM page";
	case PAGE_SHMEM:
		return "shmem page";
	default:
		return "page of a file";
	}
}

int model_describe(const struct page_state *state, char *text, size_t size)
{
	struct text t = { .out = text, .size = size };

	add(&t, "%s VMA whose default is %s; %s%s", state->vma_shared ? "shared" : "private", state->vma_write ? "W" : "!W",
	    page_noun(state), state->mapped_by == MAPPED_BY_PTE ? "" : " of 2 MiB");
	if (state->exclusive)
		add(&t, ", exclusive");
	if (state->mapped_twice)
		add(&t, ", mapped twice");
	add(&t, "; %s %s", holder(state), with_w(state->pte_write));
	if (state->dirty)
		add(&t, ", dirty");
	if (state->tracked)
		add(&t, ", soft-dirty tracked");
	if (state->uffd_wp)
		add(&t, ", marked uffd-wp%s", state->uffd_async ? " (asynchronous)" : "");
	if (state->hint)
		add(&t, ", PROT_NONE for a NUMA hint");
	if (state->racing)
		add(&t, "; mprotect() races with the migration");
	return t.length;
}
