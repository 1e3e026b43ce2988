// SPDX-License-Identifier: GPL-2.0-or-later
/* What triggers share: the list of them, and the arrays that name the pages. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <numaif.h>
#include <stdio.h>
#include <stdlib.h>

#include "trigger.h"

#define TRIGGER(name) extern const struct trigger name;
#include "triggers.def"
#undef TRIGGER

const struct trigger *const triggers[] = {
#define TRIGGER(name) &name,
#include "triggers.def"
#undef TRIGGER
	NULL
};

int migration_init(struct migration *m, const struct trial *t)
{
	m->nr_pages = t->nr_pages;
	m->addresses = calloc(t->nr_pages, sizeof(*m->addresses));
	m->nodes = calloc(t->nr_pages, sizeof(*m->nodes));
	m->status = calloc(t->nr_pages, sizeof(*m->status));
	if (!m->addresses || !m->nodes || !m->status) {
		migration_free(m);
		return -ENOMEM;
	}
	migration_fill(m, t);
	return 0;
}

void migration_free(struct migration *m)
{
	free(m->addresses);
	free(m->nodes);
	free(m->status);
}

void migration_fill(struct migration *m, const struct trial *t)
{
	uint64_t i;

	for (i = 0; i < m->nr_pages; i++) {
		((void *volatile *)m->addresses)[i] = t->region + i * t->page_bytes;
		((volatile int *)m->nodes)[i] = t->to;
		((volatile int *)m->status)[i] = INT_MIN;	/* -ENODEV leaves the array untouched */
	}
}

int pages_on_node(struct trial *t, struct migration *m, int node, uint64_t *count)
{
	uint64_t i;

	migration_fill(m, t);
	*count = 0;
	if (move_pages(0, m->nr_pages, m->addresses, NULL, m->status, 0))
		return trial_fail(t, errno, "move_pages, asked where the pages are");
	for (i = 0; i < m->nr_pages; i++)
		*count += m->status[i] == node;
	return 0;
}

int place_on_source(struct trial *t, struct migration *m)
{
	uint64_t there;
	int err = pages_on_node(t, m, t->from, &there);

	if (err || there == t->nr_pages)
		return err;
	snprintf(t->reason, sizeof(t->reason), "only %" PRIu64 " of %" PRIu64 " pages are on node %d before the migration",
		 there, t->nr_pages, t->from);
	return -EXDEV;
}

int prove_on_target(struct trial *t, struct migration *m, uint64_t *migrated, uint64_t *failed)
{
	int err = pages_on_node(t, m, t->to, migrated);

	*failed = m->nr_pages - (err ? 0 : *migrated);
	return err;
}

int prepare_nothing(struct trial *t, struct migration *m)
{
	(void)t, (void)m;
	return 0;
}
