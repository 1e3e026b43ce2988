/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run: cells of this kernel, trial by trial, into records. The face parses, this measures, data/ writes.
 */
#ifndef WBIT_RUN_H
#define WBIT_RUN_H

#include <signal.h>

#include "calibrate.h"
#include "counters.h"
#include "record.h"
#include "workload.h"

/* The platform a figure was taken on; only bare metal and vm give times worth quoting. */
enum platform {
	PLATFORM_BARE_METAL,
	PLATFORM_VM,
	PLATFORM_LAB_KVM,
	PLATFORM_LAB_TCG,	/* counts only */
	PLATFORM_LAB_EXACT,	/* counts and instructions: the guest's clock advances one nanosecond an instruction */
	PLATFORM_LAB_SMP,	/* the same clock, of several CPUs that take turns: it repeats about, not exactly */
	NR_PLATFORMS
};

const char *platform_name(enum platform platform);	/* "bare-metal", ... */
enum platform platform_by_name(const char *name);	/* NR_PLATFORMS when there is none */
enum platform platform_here(void);			/* bare metal or vm, by CPUID's hypervisor bit */

#define SIZES_MAX 16
#define LABELS_MAX 16
#define VMAS_MAX 65000	/* vm.max_map_count is 65,530 unless it was set, and the process has VMAs of its own */

/* What a user asked for. Strings belong to the caller and outlive the run. */
struct run_options {
	const struct workload *const *workloads;	/* to choose from, NULL-terminated */
	const char *workload_glob, *policy_glob, *source_glob, *trigger_glob;	/* GLOB[,GLOB...]; NULL: as plan.h says */
	bool all;			/* all workloads by all triggers, where no glob says otherwise */
	uint64_t pages[SIZES_MAX];
	unsigned nr_sizes;
	unsigned blocks;
	bool blocks_given;		/* by the user; else one does for cells that have no times */
	unsigned nr_vmas;		/* that each region is cut into; 0: one */
	unsigned threads[SIZES_MAX];	/* writers beside the migration; each number is a cell of its own */
	unsigned nr_threads;		/* 0: none beside */
	int from, to;			/* nodes; -1: chosen */
	int cpu;			/* that trials are pinned to; -1: one of the source node */
	bool pairs;			/* all ordered pairs of nodes, each a cell of its own */
	const json_t *host;		/* what only the face can tell of this machine (env.h); NULL: nothing */
	uint64_t seed;
	unsigned time_limit_s;		/* a trial */
	unsigned budget_s;		/* all of the run; 0: none */
	const char *labels[LABELS_MAX];	/* "KEY=VALUE" */
	unsigned nr_labels;
	char counter_sets[COUNTER_SETS_MAX][COUNTER_SET_TEXT_MAX];	/* as counters_add() takes them, and has taken them once */
	unsigned nr_counter_sets;
	enum platform platform;
	bool dry_run;
	bool tune;			/* what disturbs times is set to what does not, for the run's length (tune.h) */
	bool no_aa;			/* the A/A pass is left out (aa.h) */
	bool crosscheck;		/* the faults of each cell once more by perf (crosscheck.h) */
	const char *const *argv;	/* the command line, for the record */
	unsigned argc;
};

/*
 * Measures all cells that the options choose. `progress`, when not NULL, is called before each trial.
 * Returns 0, -ECANCELED when *stop became true (records so far and an honest end line are written), or -errno with a
 * message in `error` (environment; nothing more was written).
 */
struct run_progress {
	void (*report)(unsigned done, unsigned total, const char *workload, const char *policy);
};

int run_all(const struct run_options *options, struct record_sink *sink, const volatile sig_atomic_t *stop,
	    const struct run_progress *progress, char *error, size_t error_size);

/* Writes what would run, one cell a line, with its trials and memory, to `out`. */
int run_dry(const struct run_options *options, FILE *out, const volatile sig_atomic_t *stop, char *error,
	    size_t error_size);

/* What a run finds out before it measures. */
struct run_probe {
	struct needs_found found;
	struct kernel_facts facts;
	const struct trigger *trigger;	/* that the kernel's policy was looked for with */
};

/*
 * Looks and calibrates as a run does, with the first of these triggers (GLOB[,GLOB...]) that can run here, and measures
 * nothing. 0, or -errno with a message in `error`: then `found` is all there is.
 */
int run_probe(const char *trigger_glob, const volatile sig_atomic_t *stop, struct run_probe *probe, char *error,
	      size_t error_size);

#endif
