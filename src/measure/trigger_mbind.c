// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mbind(2) with MPOL_MF_MOVE: the range gets a policy of its own, and what does not agree with it moves (mm/mempolicy.c
 * do_mbind()). The policy of a shared mapping is its file's.
 *
 * Before 6.7 new_page() looks for a VMA of the page, and of a page that KSM has merged it finds none (page_address_in_vma() in
 * mm/rmap.c), so that the policy of the calling task says where the copy goes: that is the target, too.
 */
#include <errno.h>
#include <numaif.h>

#include "matrix.h"
#include "nodemask.h"

static int prepare(struct trial *t, struct migration *m)
{
	const struct nodemask to = nodemask_of(t->to);

	(void)m;
	if (!t->declared || t->declared->page != PAGE_KSM)
		return 0;
	return set_mempolicy(MPOL_BIND, to.bits, NODEMASK_BITS) ? trial_fail(t, errno, "set_mempolicy") : 0;
}

static int migrate(struct trial *t, struct migration *m)
{
	const struct nodemask to = nodemask_of(t->to);
	unsigned flags = t->declared && needs_move_all(t->declared) ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE;

	(void)m;
	/* Pages that stay are prove()'s to count: without MPOL_MF_STRICT the call does not fail for them. */
	return mbind(t->region, t->len_bytes, MPOL_BIND, to.bits, NODEMASK_BITS, flags) ? trial_fail(t, errno, "mbind") : 0;
}

const struct trigger trigger_mbind = {
	.name = "mbind",
	.about = "mbind(2) of the region to the target node, with MPOL_MF_MOVE",
	.needs = NEED_TWO_NODES,
	.place = place_on_source,
	.prepare = prepare,
	.migrate = migrate,
	.prove = prove_on_target,
};
