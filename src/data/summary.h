/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells out of records: what the tables and figures show. Streaming: a trial is folded into its cell and forgotten.
 */
#ifndef WBIT_SUMMARY_H
#define WBIT_SUMMARY_H

#include "reader.h"
#include "record.h"

/* One run: from its env line to its end line. Strings are owned by the summary. */
struct run_info {
	char *id, *kernel, *platform, *clock, *note;	/* note: what kind of kernel, e.g. the package; may be NULL */
	bool ended;		/* its end line was there */
	char *cut_short;	/* from the end line; NULL when the run is whole */
	struct tally tally;	/* counted here, not taken from the end line */
};

/* Minimum, maximum and median of a figure over a cell's trials, per page. n == 0: not measured. */
struct spread {
	unsigned n;
	double min, median, max;
	double *values;		/* private, sorted at the end */
	unsigned room;
};

struct cell {
	unsigned run;			/* index into summary->runs */
	char *workload, *policy, *source, *trigger;
	uint64_t pages;
	bool emulation_idle;
	char *expected_kind;		/* NULL: nothing expected */
	uint64_t expected_faults;	/* NOT_MEASURED: nothing expected */
	struct tally timed, traced;
	/* Counts over all traced trials of the cell: min and max differ when the trials disagree. NOT_MEASURED: none */
	uint64_t faults_min, faults_max;
	uint64_t w_before_min, w_before_max, w_after_min, w_after_max;
	struct spread migrate, write;	/* from timed ok trials: on-CPU where known, else elapsed, divided by pages */
	char *reason;			/* of the first trial that was not ok */
	enum outcome worst;		/* ok < skip < state-not-reached < broken < fail */
};

struct summary {
	struct run_info *runs;
	unsigned nr_runs;
	struct cell *cells;		/* in the order of first appearance */
	unsigned nr_cells;
	char error[300];
};

void summary_init(struct summary *summary);
int summary_add(struct summary *summary, const json_t *record);		/* 0 or -errno, error set */
int summary_add_file(struct summary *summary, const char *path);	/* whole file; 0 or -errno, error set */
void summary_finish(struct summary *summary);				/* medians; call once, after the last record */
void summary_free(struct summary *summary);

#endif
