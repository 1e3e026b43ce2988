/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records: one JSON object a line, as results/README.md describes them. This header is the writing side.
 *
 * Held here: the shape of a trial and how it becomes a line. Not here: how the figures came about (measure/).
 * A figure that was not measured is NOT_MEASURED, is written as null, and its reason stands under "why".
 */
#ifndef WBIT_RECORD_H
#define WBIT_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <jansson.h>

#define RECORD_SCHEMA 0
#define RECORD_LINE_MAX 4096		/* bytes of a trial's line, its '\n' included */
#define NOT_MEASURED UINT64_MAX

enum clock_unit { CLOCK_NS, CLOCK_INSN };
enum outcome { OUTCOME_OK, OUTCOME_FAIL, OUTCOME_STATE_NOT_REACHED, OUTCOME_BROKEN, OUTCOME_SKIP, NR_OUTCOMES };
enum source { SOURCE_NATIVE, SOURCE_SWITCH, SOURCE_EMULATED, NR_SOURCES };

const char *clock_unit_name(enum clock_unit unit);
const char *outcome_name(enum outcome outcome);
const char *source_name(enum source source);

/* One timed region. elapsed and oncpu are in units of the record's clock. */
struct region {
	uint64_t elapsed;	/* from the operation's start to its end */
	uint64_t oncpu;		/* what the thread itself executed, CLOCK_THREAD_CPUTIME_ID; timer ticks included */
	uint64_t ticks;		/* timer interrupts of the CPU in the region */
	uint64_t waits;		/* context switches away from the thread, voluntary or not */
};

#define HIST_BUCKETS 64

/* Latency of the single writes, from all samples; in units of the record's clock. */
struct distribution {
	uint64_t p50, p90, p99, p999, max;
	unsigned nr_buckets;
	unsigned hist_bits;	/* significant bits of the bounds: stats.h has the error that follows */
	struct {
		uint64_t low, count;
	} hist[HIST_BUCKETS];	/* ascending lower bounds, empty buckets left out */
};

/*
 * One trial's writes are timed one by one, and in batch in turn: pages of each sort, and what they took in all, in units of the
 * record's clock. What a reading of the clock adds to a write is the difference of the two, a page.
 */
struct batch {
	uint64_t pages, elapsed, sampled_pages, sampled_elapsed;
};

/*
 * Writers beside the migration, from its start to its end. A write that met something is one that faulted: on a migration entry,
 * or on a PTE that came back without W.
 */
struct beside {
	unsigned threads;	/* 0: none, and nothing of this is written */
	uint64_t writes, met, waited;	/* in all; that met something; and of those, that slept until the page was there */
	struct {
		uint64_t write_protect, not_present, page_faults;
	} faults;
	struct distribution latency;	/* of the writes that met something */
};

#define RECORD_COUNTERS_MAX 16

/* What one counter counted in a region. NOT_MEASURED, all three: nothing that counts. */
struct record_count {
	uint64_t value, enabled_ns, running_ns;
};

struct record_counter {
	const char *name;		/* outlives the record */
	struct record_count in[2];	/* the migration, the write */
};

/* The faults of the write once more, counted by a program that knows nothing of wbit, against wbit's own number of them. */
struct crosscheck {
	const char *tool;	/* "perf trace", ...; NULL: this trial is none */
	uint64_t faults, expected;
};

#define REASON_MAX 200
#define WHY_MAX 24

struct trial_record {
	const char *workload, *policy, *trigger;
	enum source source;
	const char *kernel_policy;	/* that the kernel was told to follow (policy switch); NULL: it was not told */
	bool emulation_idle;	/* emulated, and there was nothing to do: no agreement to be had from it */
	bool racing;		/* something else runs beside the migration, and what it meets is chance */
	const char *condition;	/* that holds on this kernel and makes the declared state another one; NULL: none */
	uint64_t pages, page_bytes;
	unsigned vmas;		/* that the region is cut into; 0 and 1: one, and no key */
	int from, to;
	unsigned threads;
	enum clock_unit clock;
	unsigned block, order;
	uint64_t start_ns;	/* since the run's start */
	bool traced;
	unsigned attempts;	/* 0 and 1: the first; more: earlier ones proved nothing */
	enum outcome outcome;
	char reason[REASON_MAX];	/* empty: null */

	uint64_t migrated, failed;
	uint64_t entries[3];	/* by enum entry_kind, from the traced twin */
	uint64_t entries_all, restored;	/* migration entries of any kind, and PTEs restored from them */
	uint64_t w_before, w_after, dirty_after, young_after;
	uint64_t expected_faults;	/* in all, not a page */
	const char *expected_kind;	/* NULL: null */
	struct {
		uint64_t write_protect, page_faults, reuse, userfault;
	} faults;
	struct region migrate, write;
	struct distribution latency;
	struct batch batch;
	struct beside beside;
	struct crosscheck crosscheck;
	unsigned nr_counters;	/* that this trial carried */
	struct record_counter counters[RECORD_COUNTERS_MAX];

	unsigned nr_why;
	struct {
		const char *key, *reason;	/* static strings */
	} why[WHY_MAX];
};

extern const struct batch batch_not_measured;

/* Everything NOT_MEASURED, everything else zero. */
void trial_record_init(struct trial_record *r);

/* Names a counter that the trial carries; nothing is counted yet. Beyond RECORD_COUNTERS_MAX none is taken. */
void trial_record_counter(struct trial_record *r, const char *name);

#define WHY_ALL "*"

/*
 * Notes why `key` is null: "w_before", "faults.reuse", a whole group, "migrate", for all that is null in it, or
 * WHY_ALL. Both strings must outlive the record. The first reason of a key stays; beyond WHY_MAX none is taken.
 */
void trial_record_why(struct trial_record *r, const char *key, const char *reason);

/* Text as a JSON string of at most `max` bytes; what is no UTF-8 (a path, a text that was cut) as '?'. NULL: no memory. */
json_t *record_text(const char *text, size_t max);

struct tally {
	uint64_t trials, by_outcome[NR_OUTCOMES];
};

/*
 * Where records go. Each line is flushed as it is written; a write error stays in `error` (-errno) and later lines are
 * dropped, so that the caller may look at it once a trial.
 */
struct record_sink {
	FILE *file;
	const char *run;	/* the run's ID */
	struct tally tally;
	int error;
	void (*seen)(void *arg, const json_t *record);	/* called with each record that was written; NULL: nobody */
	void *seen_arg;
};

/*
 * Fixes jansson's hash seed. Call it before the first JSON object of the process, best first thing in main(): otherwise
 * jansson reads /dev/urandom, and no two runs execute the same instructions. Calling it again does nothing.
 */
void records_init(void);

/*
 * All return 0 or -errno (also kept in sink->error). -EMSGSIZE: the line would be longer than a reader accepts; it
 * was not written. Lines are ASCII: what is not comes out as \u escapes, and bytes that are no UTF-8 as '?'.
 */
int record_write_env(struct record_sink *sink, json_t *env);	/* takes the reference; adds type, schema, run */

/*
 * Stays within RECORD_LINE_MAX: the histogram is folded to coarser buckets until the line fits (no count is lost), then
 * long reasons are cut, and at the very last the counters become null. A null figure without a reason gets "not measured", so that none is silent.
 */
int record_write_trial(struct record_sink *sink, const struct trial_record *r);

/* cut_short: NULL, or why the run stopped early. */
int record_write_end(struct record_sink *sink, const char *cut_short);

/* Writes any object as one line; for lines that are passed on. Does not touch the tally. */
int record_write_object(struct record_sink *sink, const json_t *object);

#endif
