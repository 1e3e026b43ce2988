// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * move_pages(2): exactly the pages named, in one call. A page mapped by several processes moves only with
 * MPOL_MF_MOVE_ALL (mm/migrate.c add_page_for_migration()), which needs CAP_SYS_NICE.
 */
#include <errno.h>
#include <numaif.h>

#include "matrix.h"

static int prepare(struct trial *t, struct migration *m)
{
	migration_fill(m, t);
	return 0;
}

static int migrate(struct trial *t, struct migration *m)
{
	int flags = t->declared && needs_move_all(t->declared) ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE;

	/* A positive return is the number of pages that stayed: prove() counts them. */
	return move_pages(0, m->nr_pages, m->addresses, m->nodes, m->status, flags) < 0 ?
		trial_fail(t, errno, "move_pages") : 0;
}

/* The call's own answer must agree with where the pages are found afterwards. */
static int prove(struct trial *t, struct migration *m, uint64_t *migrated, uint64_t *failed)
{
	uint64_t said = 0, found, i;
	int err;

	for (i = 0; i < m->nr_pages; i++)
		said += m->status[i] == t->to;
	err = pages_on_node(t, m, t->to, &found);
	if (err)
		return err;
	*migrated = said < found ? said : found;
	*failed = m->nr_pages - *migrated;
	return 0;
}

const struct trigger trigger_move_pages = {
	.name = "move_pages",
	.about = "move_pages(2), one call for all pages of the region",
	.needs = NEED_TWO_NODES,
	.place = place_on_source,
	.prepare = prepare,
	.migrate = migrate,
	.prove = prove,
};
