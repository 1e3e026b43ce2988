/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells out of records: what the tables and figures show. Streaming: a trial is folded into its cell and forgotten.
 */
#ifndef WBIT_SUMMARY_H
#define WBIT_SUMMARY_H

#include "chance.h"
#include "environment.h"
#include "reader.h"
#include "record.h"
#include "sample.h"

/* One run: from its env line to its end line. Strings are owned by the summary. */
struct run_info {
	char *id, *kernel, *platform, *clock;
	char *note;		/* env "kernel_package": where the kernel came from; may be NULL */
	char *name;		/* env "kernel_name": the lab's name of the kernel; may be NULL */
	char *boot;		/* env "boot_id"; NULL: the run is a boot of its own, as those of the lab are */
	struct environment environment;
	char *labels;		/* "KEY=VALUE, ..."; NULL when there are none */
	json_t *user_labels;	/* the same as an object of texts; NULL when there are none */
	json_t *counters;	/* env "counters": a list of objects; NULL: none were asked for */
	int from, to;		/* nodes, of the first trial that ran; -1: none did */
	bool by_pairs;		/* env "pairs": each pair of nodes has cells of its own */
	unsigned blocks;
	unsigned boots;		/* 1; more once other runs are pooled with it (pool.h), 0 once it is pooled with another */
	bool ended;		/* its end line was there */
	char *cut_short;	/* from the end line, or that its count is not ours; NULL when the run is whole */
	struct tally tally;	/* counted here, not taken from the end line */
};

/* What is more than this is no measurement but an attack, and is refused. */
#define SUMMARY_RUNS_MAX 1024
#define SUMMARY_CELLS_MAX 100000
#define SUMMARY_TRIALS_MAX 10000000

#define CELL_COUNTERS_MAX 256		/* far more than the sets of a run hold */

/* What one counter counted in one region, over the trials that carried it. */
struct event_count {
	struct spread spread;		/* per page */
	uint64_t least, most;		/* of all the cell's pages, to the last one; nothing where the spread is empty */
};

struct cell_counter {
	char *name;
	bool varies;			/* hardware events of timed trials, and clocks; else counts of twins, which are exact */
	struct event_count migrate, write;
};

struct cell {
	unsigned run;			/* index into summary->runs */
	char *workload, *policy, *source, *trigger;
	uint64_t pages, page_bytes;
	uint64_t vmas;			/* that the region is cut into */
	unsigned beside;		/* writers beside the migration */
	bool of_pair;			/* the run is by pairs, and this cell of: */
	int from, to;			/* nodes; else 0 */
	bool emulation_idle;
	char *condition;		/* that the records name: the declared state is this kernel's own; NULL: none */
	bool racing;			/* something runs beside the migration that may change entries in flight */
	bool race;			/* how many faults there are hangs on a race: nothing exact is expected */
	char *expected_kind;		/* NULL: nothing expected */
	uint64_t expected_faults;	/* NOT_MEASURED: nothing expected, or a race */
	struct tally timed, traced;
	/* Counts over all traced trials of the cell: min and max differ when the trials disagree. NOT_MEASURED: none */
	uint64_t faults_min, faults_max;
	uint64_t userfaults_min, userfaults_max;
	uint64_t w_before_min, w_before_max, w_after_min, w_after_max;
	/* From timed ok trials: elapsed, or on-CPU instructions where the thread waited, divided by pages. Platform lab-tcg: none */
	struct spread migrate, write;
	struct spread sampling;		/* what a reading of the clock after each write adds to it; may be negative */
	struct spread chances[NR_CHANCES];
	struct cell_counter *counters;	/* of ok trials, in the order of first appearance */
	unsigned nr_counters;
	enum outcome worst;		/* ok < skip < state-not-reached < broken < fail */
	char *reason;			/* of the first trial with the worst outcome; NULL: ok, or none was given */
};

/*
 * Sums up runs of one clock or of several: whoever shows figures keeps the clocks apart (run_info.clock). A run whose
 * `ended` is false was cut off: those of its trials that reached the file are here, and how many are missing is unknown.
 */
struct summary {
	struct run_info *runs;
	unsigned nr_runs;
	struct cell *cells;		/* in the order of first appearance */
	unsigned nr_cells;
	uint64_t nr_trials;
	/* Set after summary_init(), NULL for none: sees each ok timed trial, its migration where it was measured. 0 or -ENOMEM */
	int (*watch)(void *arg, unsigned cell, const struct sample *migrate, const json_t *trial);
	void *watch_arg;
	json_t *index;			/* private: a cell's key to its number */
	char error[512];
	const char *error_key;		/* private: the record's key that is at fault, a static string; NULL: the whole record */
};

void summary_init(struct summary *summary);

/* Takes one validated record (reader.h), in the order of the file. 0 or -errno, error set. */
int summary_add(struct summary *summary, const json_t *record);

int summary_add_file(struct summary *summary, const char *path);	/* whole file; 0 or -errno, error set */

/*
 * The same, and each record that was taken is shown as it comes; the reader still has its line. What record() returns, 0
 * apart, ends the reading and comes back, with `error` empty.
 */
struct summary_watch {
	bool (*wanted)(void *arg, const json_t *record);	/* false: it is passed over, unseen; NULL: all are wanted */
	int (*record)(void *arg, const struct record_reader *reader, const json_t *record);
	void *arg;
};
int summary_add_file_watched(struct summary *summary, const char *path, const struct summary_watch *watch);

void summary_finish(struct summary *summary);				/* medians; call once, after the last record */
void summary_free(struct summary *summary);

unsigned outcome_badness(enum outcome outcome);		/* ok 0 < skip < state-not-reached < broken < fail */
/*
 * Were they migrated in the same way: by one trigger, out of as many VMAs, beside as many writers, between the same nodes where
 * the run is by pairs? An order, for sorting; 0: they were.
 */
int cell_compare_ways(const struct cell *a, const struct cell *b);
int cell_compare_ways_anywhere(const struct cell *a, const struct cell *b);	/* whatever the nodes */

/* Cells of one run that differ in nothing but the nodes, or not at all. */
bool cell_is_elsewhere(const struct cell *a, const struct cell *b);

/* That in words: "move_pages", or "move_pages, in 16 VMAs, 1 writer beside, node 0 to 1". Returns out. */
const char *cell_way(const struct cell *cell, char *out, size_t size);

bool cell_ran(const struct cell *cell);			/* at least one of its trials was no skip */
bool cell_has_oracle(const struct cell *cell);		/* it ran, something was expected, it is no idle emulation */
bool cell_equals_oracle(const struct cell *cell);	/* that, all trials ok, and every traced count as expected */
bool cell_contradicts(const struct cell *cell);		/* all trials say ok, and yet a count is off */
bool cell_is_bad(const struct cell *cell);		/* a trial failed, broke, missed its state, or cell_contradicts() */

#endif
