/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that appears whole or not at all. A device or a pipe that is there already is written to at the end instead. */
#ifndef WBIT_WHOLE_FILE_H
#define WBIT_WHOLE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct whole_file {
	const char *path;		/* as it will be; "-" is stdout */
	char temporary[PATH_MAX];	/* private: beside it; empty: there is none */
	bool force;
	FILE *file;			/* to be written to, at any place in it */
};

/*
 * STATUS_OK, or STATUS_USAGE after a complaint: a file that is there already is one unless `force` is set. whole_drop() has
 * to follow in any case.
 */
int whole_open(struct whole_file *whole, const char *path, bool force);

/* Puts it in place, or copies it to where it goes. STATUS_OK, or STATUS_USAGE after a complaint. */
int whole_commit(struct whole_file *whole);

void whole_drop(struct whole_file *whole);	/* what was not committed is gone */

#endif
