/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One cell many times over: looked for, planned and proved as in a run, its first cell that can run here; then trial after trial with a
 * gate around one phase. Nothing is recorded: whoever is behind the gate lengthens what it watches.
 */
#ifndef WBIT_REPEAT_H
#define WBIT_REPEAT_H

#include "phase_gate.h"
#include "run.h"

/* The cell that was taken. Strings are static or the workload's. */
struct repeat_cell {
	const char *workload, *policy, *source, *trigger;
	uint64_t pages, page_bytes;
};

struct repeat {
	enum phase phase;	/* that the gate is around, and whose time counts */
	unsigned trials;	/* so many; 0: until the phase took enough_ns of CPU time in all, at least one */
	uint64_t enough_ns;
	unsigned limit_s;	/* and no longer than that, trials that go on as they will */
	/* After the twin has proved the state and before the first trial: initialises the gate, and who is behind it. 0, or -errno and a message */
	int (*begin)(void *arg, const struct repeat_cell *cell, struct phase_gate *gate, char *error, size_t size);
	void (*progress)(void *arg, unsigned trials, uint64_t phase_ns);	/* before each trial; NULL: nobody looks */
	void (*after)(void *arg, pid_t child, bool fine);	/* each trial: is it one of the cell? NULL: nobody wants to know */
	void *arg;
};

struct repeat_result {
	struct repeat_cell cell;
	unsigned trials;	/* through the gate */
	unsigned unmoved;	/* of these, in which no page moved (compaction) */
	unsigned off;		/* that were not as predicted */
	uint64_t phase_ns;	/* CPU time of the phase, of the others, the gate not included */
};

/*
 * 0, or -errno with a message: -ENOTSUP: no cell can run here, -ENOENT: none was chosen, -EPROTO: its state was not proved, or a
 * trial was not ok; -ECANCELED: *stop. The result holds what there was.
 */
int run_repeat(const struct run_options *options, const struct repeat *repeat, const volatile sig_atomic_t *stop,
	       struct repeat_result *result, char *error, size_t size);

#endif
