/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One trial: a child process that sets up, proves, migrates, proves, writes and checks; and the parent's side of it.
 */
#ifndef WBIT_TRIAL_H
#define WBIT_TRIAL_H

#include <signal.h>

#include "evidence.h"
#include "policy_switch.h"
#include "record.h"
#include "sample_clock.h"
#include "trigger.h"
#include "workload.h"
#include "writers.h"

struct phase_gate;
struct counters;

struct trial_spec {
	const struct workload *workload;
	const struct trigger *trigger;
	enum source source;
	uint64_t pages;
	int from, to, cpu;		/* cpu: where the child is pinned, of node `from` */
	int other_cpu;			/* for `during`; the same when there is only one */
	enum clock_unit clock;
	struct sample_clock sample_clock;	/* of the single writes */
	bool exact;			/* nothing runs beside: regions are aligned to the tick, and ticks counted */
	struct writers_spec writers;	/* beside the migration; its clock and traced are the trial's */
	bool traced;			/* the twin: evidence, no times */
	const struct counters *counters;	/* NULL: nothing is counted beside */
	unsigned counters_turn;		/* which set of them rides on a timed trial */
	bool soft_dirty;		/* the kernel tracks it (for the emulation) */
	unsigned nr_vmas;		/* that the region is cut into; 0 and 1: as the workload makes it */
	const struct page_state *declared;	/* what the twin has to prove; NULL: nothing (probes) */
	const struct entry_types *types;	/* NULL: count the entries by swap type instead (calibration) */
	unsigned time_limit_s;
	const struct phase_gate *gate;	/* around one region, for perf (phase_gate.h); NULL: none */
	const struct journal *journal;	/* that the run keeps, for the child to leave; NULL: none */
	const struct policy_switch *policy_switch;	/* NULL: there is none, or it is left alone */
	enum policy kernel_policy;	/* that it is set to before the child starts */
};

enum phase {
	PHASE_START, PHASE_SETUP, PHASE_ARM, PHASE_PLACE, PHASE_MIGRATE, PHASE_PROVE, PHASE_EMULATE, PHASE_WRITE,
	PHASE_CHECK, PHASE_TEARDOWN, PHASE_DONE
};

/* What the child leaves behind, in memory shared with the parent. */
struct trial_report {
	volatile enum phase phase;
	int err;			/* of the phase that failed, -errno; -EPROTO: the declared state is not there */
	char reason[TRIAL_REASON_MAX];
	uint64_t by_type[NR_SWAP_TYPES];	/* calibration only */
	pid_t child;
	uint64_t region, region_bytes;	/* the region's address in the child, and its length */
	struct trial_record record;	/* the measured part */
};

/* Shared memory for reports; NULL with errno set. Reused for trial after trial. */
struct trial_report *trial_report_new(void);

/*
 * Sets the policy switch, runs one trial in a child and waits for it. A switch that does not hold what it was set to, then
 * or at the end, makes the trial broken. The report's record has its measured figures, and the outcome where the
 * trial itself tells (broken); judge() does the rest.
 * Returns 0, -ECANCELED when *stop became true (the child was killed), or -errno when no child could be started.
 */
int trial_run(const struct trial_spec *spec, struct trial_report *report, const volatile sig_atomic_t *stop);

/* The child's course, in trial_child.c. Does not return. */
void trial_child(const struct trial_spec *spec, struct trial_report *report) __attribute__((noreturn));

const char *phase_name(enum phase phase);

#endif
