// SPDX-License-Identifier: GPL-2.0-or-later
/* Which trigger makes sense of which workload: what the kernel's own code never does is no cell. */
#include <stddef.h>

#include "globs.h"
#include "matrix.h"

#define BASE_PAGES_A_HUGE_ONE 32

/* kernel/sched/fair.c task_numa_work() chooses VMAs, mm/mprotect.c change_pte_range() pages. */
static const char *never_hinted(const struct page_state *state)
{
	if (state->mapped_by == MAPPED_BY_HUGETLB)
		return "NUMA balancing leaves hugetlb alone: task_numa_work()";
	if (state->page == PAGE_KSM)
		return "NUMA balancing leaves KSM pages alone: change_pte_range()";
	if (state->mapped_twice)
		return "NUMA balancing leaves pages alone that a private mapping shares: change_pte_range()";
	if (state->page == PAGE_FILE && state->vma_shared && state->pte_write)
		return "NUMA balancing leaves a file's dirty pages alone: change_pte_range()";
	return NULL;
}

const char *cell_barred(const struct workload *w, const struct trigger *t)
{
	if (w->only_by && !glob_list_has(w->only_by, t->name))
		return w->only_why;
	if (t->partial && w->state.mapped_by != MAPPED_BY_PTE)
		return "compaction makes room for huge pages, it does not move them";
	return t->hints ? never_hinted(&w->state) : NULL;
}

const struct trigger *default_trigger(const struct workload *w)
{
	unsigned i;

	for (i = 0; triggers[i]; i++)
		if (!cell_barred(w, triggers[i]))
			return triggers[i];
	return NULL;
}

static bool is_where(const struct workload *w, unsigned conditions)
{
	return w->where.kernel & conditions;
}

struct page_state cell_state(const struct workload *w, const struct trigger *t, unsigned conditions)
{
	const struct page_state *state = is_where(w, conditions) ? &w->where.state : &w->state;

	return t->hints ? model_hinted(state, conditions & HINT_KEEPS_W) : *state;
}

const char *cell_condition(const struct workload *w, const struct trigger *t, unsigned conditions)
{
	if (is_where(w, conditions))
		switch (w->where.kernel) {
		case UNREGISTER_RESTORES_W:
			return "unregister-restores-w";
		case UNPROTECT_RESTORES_W:
			return "unprotect-restores-w";
		case ANON_UNREGISTER_DROPS_W:
			return "anon-unregister-drops-w";
		default:
			return "hugetlb-unregister-restores-w";
		}
	return t->hints && w->state.pte_write && conditions & HINT_KEEPS_W ? "hint-keeps-w" : NULL;
}

uint64_t entries_of(const struct workload *w, uint64_t base_pages)
{
	if (w->state.mapped_by == MAPPED_BY_PTE)
		return base_pages;
	return base_pages <= BASE_PAGES_A_HUGE_ONE ? 1 : base_pages / BASE_PAGES_A_HUGE_ONE;
}

uint64_t base_pages_of(const struct workload *w, uint64_t entries)
{
	return w->state.mapped_by == MAPPED_BY_PTE || !entries ? entries : entries * BASE_PAGES_A_HUGE_ONE + BASE_PAGES_A_HUGE_ONE - 1;
}

bool needs_move_all(const struct page_state *state)
{
	return state->mapped_twice || state->page == PAGE_KSM;
}
