/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A diagnosis: what wbit found on this machine, one finding a line, and what follows for measuring. Looked for here,
 * printed by cmd_doctor.c. Nothing on the machine is changed, and nothing that is missing is an error.
 */
#ifndef WBIT_DOCTOR_H
#define WBIT_DOCTOR_H

#include "run.h"

enum mark {
	MARK_OK,
	MARK_ACT,	/* missing or disturbing, and something can be done */
	MARK_NOTE,	/* not here, or neither good nor bad */
};

struct finding {
	const char *topic;
	char name[24];
	enum mark mark;
	char found[360];	/* printable ASCII, as all texts here */
	char todo[200];		/* what to do about it; empty: nothing */
};

/* What one command can measure here. */
struct reach {
	char command[48];
	unsigned workloads, of;		/* under the policies below, each done by a kernel */
	int emulated;			/* workloads under vma-only, emulated; -1 where the kernel's policy is not known */
	char policies[120];		/* "entry on stock-6.1; vma, vma-only (emulated) on stock-6.12" */
	char lacking[200];		/* the first thing that other workloads, or all, lack; empty: nothing */
};

#define FINDINGS_MAX 64
#define REACHES_MAX 16

struct diagnosis {
	/* given by the caller */
	const struct run_probe *probe;
	bool tracefs_mounted;		/* before wbit made it visible for itself */

	/* filled in */
	const char *topic;		/* of the findings to come */
	struct finding findings[FINDINGS_MAX];
	size_t nr_findings;
	struct reach reaches[REACHES_MAX];
	size_t nr_reaches;
	bool lab_works;			/* QEMU is there */
	char lab_lacking[120];		/* what stops it, or is fetched first; empty: nothing */
};

/* A finding of the topic under way; todo may be NULL. */
void diagnosis_add(struct diagnosis *d, const char *name, enum mark mark, const char *todo, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * What runs that were killed left changed, one line a knob, and one for all CPUs' that went alike: "PATH on 8 CPUs", what it held
 * before, and what it holds now. Handed to journals_look_through() with left_note().
 */
#define LEFT_MAX 24
struct left {
	unsigned nr;
	struct {
		char knob[96], before[40], now[40];	/* now empty: it cannot be read */
		unsigned cpus;				/* 0: it is no CPU's own */
	} knobs[LEFT_MAX];
	unsigned more;					/* that found no place */
};
void left_note(void *left, const char *path, const char *before, const char *now);
const char *left_name(const struct left *left, unsigned i, char *out, size_t size);

void diagnose_kernel(struct diagnosis *d);
void diagnose_machine(struct diagnosis *d);	/* nodes, CPUs, what the kernel offers */
void diagnose_privileges(struct diagnosis *d);
void diagnose_lab(struct diagnosis *d);		/* and other programs that wbit starts */
void diagnose_noise(struct diagnosis *d);
void diagnose_reach(struct diagnosis *d);

#endif
