/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --tune: what disturbs times (noise.h) is set to what does not, for the length of a run. Each file is journalled before it is
 * changed (journal.h), and is what it was once the journal ends. SMT, mitigations and huge pages are left alone, and no CPU
 * is taken offline.
 */
#ifndef WBIT_TUNE_H
#define WBIT_TUNE_H

#include <jansson.h>

#include "journal.h"

/* For the env line. One entry for all CPUs' files of a kind that went alike, so that its size does not grow with the CPUs. */
struct tuning {
	json_t *set;		/* [{"knob", "from", "to"}], with "cpus", how many, where each CPU has one; NULL: not asked for */
	json_t *left;		/* [{"knob", "why"}], "cpus" likewise: what is not as it should be, or not there */
	unsigned nr_set, nr_denied;
};

/*
 * Sets what can be set. What cannot is no error. 0; -EACCES: there was something to set, and for want of privilege all of it
 * is as it was; -ENOMEM; or what journal_begin() returns; with a line in `error`. The journal's end puts back.
 */
int tune(struct journal *j, struct tuning *tuning, char *error, size_t size);

void tuning_free(struct tuning *tuning);

#endif
