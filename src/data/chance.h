/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes out otherwise from trial to trial, because something runs beside the migration: figures of single trials, whose
 * median has an interval, and which are never compared as exact.
 */
#ifndef WBIT_CHANCE_H
#define WBIT_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#include "sample.h"

enum chance {
	CHANCE_ABSENT,		/* the writers' faults on migration entries, of all pages together; from traced twins */
	CHANCE_NO_W,		/* and on PTEs that came back without W */
	CHANCE_P50,		/* of their writes that met either, in units of the clock; from timed trials */
	CHANCE_P99,
	CHANCE_MAX,
	CHANCE_SHARE,		/* of a race: write-protection faults a page of the first write; from traced twins */
	NR_CHANCES
};

const char *chance_name(enum chance chance);	/* "absent", ...; in tables, eight characters at most */
const char *chance_key(enum chance chance);	/* "beside-absent", ...: for machines */

/* Takes what an ok trial has of them. times: the platform's times mean something. 0 or -ENOMEM. */
int chance_take(struct spread spreads[NR_CHANCES], const json_t *trial, bool times);

/*
 * Median, and its interval at 95 % or more: "369,537 (163,840..371,427)", "1.037M (...)"; of too few trials without. "-" for
 * none.
 */
bool chance_has_interval(const struct spread *spread);	/* there are trials enough */
char *chance_text(const struct spread *spread, char *out, size_t size);

#endif
