// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mbind(2) with MPOL_MF_MOVE: the range gets a policy of its own, and what does not agree with it moves (mm/mempolicy.c
 * do_mbind()). The policy of a shared mapping is its file's.
 */
#include <errno.h>
#include <numaif.h>

#include "matrix.h"
#include "nodemask.h"

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
	.prepare = prepare_nothing,
	.migrate = migrate,
	.prove = prove_on_target,
};
