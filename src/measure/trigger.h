/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Triggers: what causes the migration. One file each, listed in triggers.def.
 *
 * The runner calls prepare() before the region is timed, migrate() inside it and prove() after it.
 */
#ifndef WBIT_TRIGGER_H
#define WBIT_TRIGGER_H

#include "workload.h"

/* The pages as move_pages(2) wants them, and where it says they went. */
struct migration {
	void **addresses;
	int *nodes, *status;
	uint64_t nr_pages;
};

struct trigger {
	const char *name, *about;
	unsigned needs;
	int (*prepare)(struct trial *t, struct migration *m);
	int (*migrate)(struct trial *t, struct migration *m);
	/* How many pages moved to t->to, and how many did not. */
	int (*prove)(struct trial *t, struct migration *m, uint64_t *migrated, uint64_t *failed);
};

extern const struct trigger *const triggers[];	/* NULL-terminated */

/* Memory for the pages, written once so that nothing in it faults later. 0 or -ENOMEM. */
int migration_init(struct migration *m, const struct trial *t);
void migration_free(struct migration *m);

/* Writes every byte anew: after a fork or clear_refs the arrays would fault in the timed region. */
void migration_fill(struct migration *m, const struct trial *t);

/* Asks the kernel where each page is. Counts those on `node`; 0 or -errno. */
int pages_on_node(struct trial *t, struct migration *m, int node, uint64_t *count);

#endif
