/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of `wbit bundle`. Files are made in a folder of its own and then packed: equal records, equal bytes, as long as
 * wbit, gnuplot and zlib are the same. No name in the archive comes from a record or from the command line.
 */
#ifndef WBIT_BUNDLE_H
#define WBIT_BUNDLE_H

#include <limits.h>
#include <stdio.h>

#include "summary.h"

#define BUNDLE_FILES_MAX 256	/* of records */
#define BUNDLE_MEMBERS_MAX (BUNDLE_FILES_MAX + 256)
#define BUNDLE_NAME_MAX 80

struct bundle {
	char work[PATH_MAX - 256];			/* the folder; empty: not made yet */
	char members[BUNDLE_MEMBERS_MAX][BUNDLE_NAME_MAX];	/* names below it, in the order of the archive */
	unsigned nr_members, nr_records;
	struct summary summary;
	json_t *commands;			/* a run's ID to the "argv" and "wbit" of its env line */
	char no_figures[300];			/* why there are none; empty: there are */
};

/* All return an enum status, and complain of what is not STATUS_OK. */

/* Starts a member; NULL after a complaint. */
FILE *bundle_add(struct bundle *bundle, const char *name);
int bundle_close(struct bundle *bundle, FILE *file);		/* of the member added last */

int bundle_write_summary(struct bundle *bundle);		/* the table, as text */
int bundle_write_environment(struct bundle *bundle);		/* what each run ran on */
int bundle_write_readme(struct bundle *bundle);
int bundle_write_hashes(struct bundle *bundle);			/* of all members so far, as sha256sum has them */

/* The figures, by `wbit plot`. What keeps them from being made is no failure: it is noted, and told. */
int bundle_draw(struct bundle *bundle);

int bundle_pack(const struct bundle *bundle, FILE *out);	/* the archive */

#endif
