/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a run is placed, and what its machine looks like. placement.c asks hwloc; placement_guest.c stands for it in the
 * guest's program, which has none.
 */
#ifndef WBIT_PLACEMENT_H
#define WBIT_PLACEMENT_H

#include "options.h"

/* Objects of --from, --to and --cpu become numbers in options->run. STATUS_OK, or STATUS_USAGE after a complaint. */
int placement_resolve(struct measure_options *options);

/* What became of them, a line each, on stdout; and whose machine they are of, where that is not this one. */
void placement_show(const struct measure_options *options);

/* May this machine be measured? Not while hwloc is made to describe another. STATUS_OK, or STATUS_USAGE after a complaint. */
int placement_check(void);

/*
 * What the records say of this machine (env.h), and beside the records, at path, lstopo's picture of it: FILE.topology.svg for
 * FILE.jsonl. No picture beside what is no regular file; what keeps it from being made is told in the records. force: one that is
 * there is overwritten. A new object; NULL: nothing to say.
 */
json_t *placement_describe(const char *path, bool force);

#endif
