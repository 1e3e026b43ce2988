// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * migrate_pages(2): all of the process's pages on one node, the harness's included; with CAP_SYS_NICE also those that others
 * map (mm/mempolicy.c kernel_migrate_pages()).
 */
#include <errno.h>
#include <numaif.h>

#include "nodemask.h"
#include "trigger.h"

static int migrate(struct trial *t, struct migration *m)
{
	const struct nodemask from = nodemask_of(t->from), to = nodemask_of(t->to);

	(void)m;
	return migrate_pages(0, NODEMASK_BITS, from.bits, to.bits) < 0 ? trial_fail(t, errno, "migrate_pages") : 0;
}

const struct trigger trigger_migrate_pages = {
	.name = "migrate_pages",
	.about = "migrate_pages(2) of the whole process",
	.needs = NEED_TWO_NODES,
	.untimed = "the whole process moves: the call's time is not the region's",
	.place = place_on_source,
	.prepare = prepare_nothing,
	.migrate = migrate,
	.prove = prove_on_target,
};
