/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Groups of counters: text files that say what `--counters NAME` counts. counters/README.md describes them. A file is a user's:
 * its lines and names are bounded, and it is refused as a whole with one line when it is not what it should be.
 */
#ifndef WBIT_COUNTER_GROUPS_H
#define WBIT_COUNTER_GROUPS_H

#include <limits.h>

#include "counters.h"

#define GROUPS_MAX 32
#define GROUP_NAME_MAX 32
#define GROUP_LINES_MAX 8
#define GROUP_FILE_MAX (64 << 10)

struct group_line {
	char set[COUNTER_SET_TEXT_MAX];
	unsigned number;			/* of the line in the file */
};

struct events_group {
	char name[GROUP_NAME_MAX];
	char file[PATH_MAX];			/* that it comes from */
	unsigned nr_lines;
	struct group_line lines[GROUP_LINES_MAX];
};

struct events_groups {
	unsigned nr;
	struct events_group *groups;		/* free() it */
};

/* Adds the groups of a file. One whose name is there already is left out. 0, or -errno with "FILE:LINE: what is wrong". */
int groups_read(struct events_groups *groups, const char *path, char *error, size_t size);

/*
 * All that hold here, the first of a name: those of *.events in the folders, in the order of their names; then those of the
 * microarchitecture's own file, and the generic ones. Either folder may be NULL, or not be there.
 */
int groups_read_all(struct events_groups *groups, const char *users, const char *own, const char *microarchitecture, char *error,
		    size_t size);

const struct events_group *groups_find(const struct events_groups *groups, const char *name);	/* NULL: none */
void groups_free(struct events_groups *groups);

#endif
