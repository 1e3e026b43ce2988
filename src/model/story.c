// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The oracle's reasoning in words. Each step starts with its name: before, (hint,) entry, (mark,) restore, after,
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
	add(t, "before:  PTE %s; vm_page_prot %s (%s)\n", with_w(state->pte_write), with_w(state->vma_write),
	    vma_reason(state));
	if (!state->hint)
		return;
	add(t, "hint:    change_pte_range() made the PTE PROT_NONE%s\n",
	    state->pte_write ? "; savedwrite keeps W in it (6.1 and older)" : ", and pte_modify() dropped its W");
	add(t, "         the write enters do_numa_page(), which migrates the page; then it is retried\n");
}

static void add_entry(struct text *t, const struct page_state *state, enum entry_kind entry)
{
	add(t, "entry:   try_to_migrate_one(): ");
	switch (entry) {
	case ENTRY_WRITE:
		add(t, "pte_write() holds, so the entry is writable");
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
		add(t, "mark:    the PTE is marked uffd-wp; pte_swp_mkuffd_wp() hands the mark on to the entry\n");
}

static void add_restore_vma(struct text *t, bool vma_write, bool entry_write)
{
	if (vma_write)
		add(t, "mk_pte(vm_page_prot) has W already, whatever the entry");
	else if (entry_write)
		add(t, "mk_pte(vm_page_prot) has no W; writable entry: pte_mkwrite()");
	else
		add(t, "mk_pte(vm_page_prot) has no W; readable entry: none is added");
}

static void add_restore_entry(struct text *t, bool vma_write, bool entry_write)
{
	if (entry_write)
		add(t, "writable entry: maybe_mkwrite()");
	else if (vma_write)
		add(t, "readable entry: pte_wrprotect() takes away the W of vm_page_prot");
	else
		add(t, "readable entry: pte_wrprotect(), and vm_page_prot had no W");
}

static void add_restore(struct text *t, const struct page_state *state, enum policy policy, enum entry_kind entry)
{
	bool entry_write = entry == ENTRY_WRITE;

	add(t, "restore: remove_migration_pte(): ");
	if (state->uffd_wp)
		add(t, "pte_mkuffd_wp() marks the PTE and keeps it write-protected");
	else if (policy == POLICY_VMA_ONLY)
		add(t, "mk_pte(vm_page_prot) %s W; the entry is not asked", state->vma_write ? "has" : "has no");
	else if (policy == POLICY_VMA)
		add_restore_vma(t, state->vma_write, entry_write);
	else
		add_restore_entry(t, state->vma_write, entry_write);
	add(t, "\n");
}

static void add_after(struct text *t, bool w_before, bool w_after)
{
	add(t, "after:   PTE %s, ", with_w(w_after));
	if (w_before == w_after)
		add(t, "as before\n");
	else if (w_after)
		add(t, "which it had not: a fault that was pending is spared\n");
	else
		add(t, "which it had: the write pays for the migration\n");
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

static void add_write(struct text *t, const struct page_state *state, const struct prediction *p)
{
	add(t, "write:   ");
	switch (p->kind) {
	case FAULT_COW_REUSE:
		add(t, "do_wp_page(): %s: wp_page_reuse() grants W", p->entry == ENTRY_READ ?
		    "wp_can_reuse_anon_folio() finds no other user" : "PageAnonExclusive came back too");
		break;
	case FAULT_COW_COPY:
		add(t, "do_wp_page() to wp_page_copy(): %s", copy_reason(state));
		break;
	case FAULT_SHARED_REUSE:
		add(t, "do_wp_page() to wp_page_shared(): no page_mkwrite; wp_page_reuse() grants W");
		break;
	case FAULT_PAGE_MKWRITE:
		add(t, "do_wp_page() to wp_page_shared(): the filesystem's page_mkwrite is asked first");
		break;
	case FAULT_USERFAULT:
		add(t, "do_wp_page() to handle_userfault(): it must reach the userfaultfd");
		break;
	default:
		add(t, "the PTE has W: no fault\n");
		return;
	}
	add(t, "\n         %u fault a page\n", p->faults);
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
	add_restore(&t, state, policy, p.entry);
	add_after(&t, state->pte_write, p.w_after);
	add_write(&t, state, &p);
	return t.length;
}

static const char *page_noun(enum page_kind page)
{
	switch (page) {
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

	add(&t, "%s VMA whose default is %s; %s", state->vma_shared ? "shared" : "private",
	    state->vma_write ? "W" : "!W", page_noun(state->page));
	if (state->exclusive)
		add(&t, ", exclusive");
	if (state->mapped_twice)
		add(&t, ", mapped twice");
	add(&t, "; PTE %s", with_w(state->pte_write));
	if (state->uffd_wp)
		add(&t, ", marked uffd-wp");
	if (state->hint)
		add(&t, ", PROT_NONE for a NUMA hint");
	return t.length;
}
