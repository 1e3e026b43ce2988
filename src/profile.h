/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of `wbit profile`: perf record behind the gate of trials that repeat, and its stacks folded. perf is run without a shell.
 */
#ifndef WBIT_PROFILE_H
#define WBIT_PROFILE_H

#include <limits.h>

#include "fold.h"
#include "perf.h"
#include "repeat.h"

#define PROFILE_HZ 9973		/* no multiple of a tick's */
#define PROFILE_HZ_MAX 50000
#define PROFILE_EVENT_MAX 200	/* bytes of its name */

struct profile {
	/* given */
	enum phase phase;
	const char *phase_name;		/* "migrate" or "write" */
	const char *event;		/* NULL: cycles, or where those cannot be counted cpu-clock */
	unsigned hz;			/* 0: of perf's own choice */
	const char *folder;
	bool force, quiet;

	/* filled in */
	const char *no_pmu;		/* why cycles cannot be counted, and cpu-clock takes their place; NULL: they can */
	char data[PATH_MAX], folded[PATH_MAX];
	bool folder_made;		/* by this profile */
	struct perf perf;
	bool forgot;		/* for want of memory, a trial whose samples are to be left out */
	struct fold *fold;
};

/* Chooses the event and the files' names, and looks for perf and for what would be overwritten. An enum status after a complaint. */
int profile_prepare(struct profile *profile);

/* As a repeat's `begin`: makes the folder and starts perf record. arg: the profile. */
int profile_begin(void *arg, const struct repeat_cell *cell, struct phase_gate *gate, char *error, size_t size);

/* As a repeat's `after`: samples of trials that are not fine are left out. */
void profile_after(void *arg, pid_t child, bool fine);

/* Ends perf record, reads its stacks and writes them. STATUS_OK, or a status after a complaint. */
int profile_finish(struct profile *profile);

/* Ends what runs. whole: the files stay. */
void profile_end(struct profile *profile, bool whole);

#endif
