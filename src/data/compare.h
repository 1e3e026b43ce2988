/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two sides of records against each other, cell by cell: which cells belong together, what differs, by how much.
 *
 * Counts compare exactly: any difference is a finding. Instructions compare by the median of the trials of a cell that went
 * alike, with as many ticks and waits on both sides, and a difference that is no larger than the larger spread of the two
 * sides is not called one. Times (clock ns) compare by the statistics of timing.h, all lines of a comparison together. Counters
 * compare exactly where twins counted, and as times do where hardware did. Pure, but for the memory it allocates.
 */
#ifndef WBIT_COMPARE_H
#define WBIT_COMPARE_H

#include "summary.h"
#include "timing.h"

/* One side: the cells of one run, or of one policy in it. Points into the summary. */
struct compare_side {
	const struct summary *summary;
	unsigned run;			/* index into summary->runs */
	const char *policy, *source;	/* NULL: all. Then a cell is compared with its like; failing that, what one kernel
					   does natively with what the other does natively, whatever policy that is, or
					   else with what the other does when a switch tells it that policy */
};

/* One counter of a pair of cells; NULL: the side has none of that name. */
struct compare_counter {
	const struct cell_counter *base, *new;
	bool exact;			/* counts, to the last event; else as times */
	const struct timing *timings[2];	/* private; of the migration and the write, the comparison's; NULL: none */
};

/* A pair of cells that differ in nothing but the side. */
struct compare_pair {
	const struct cell *base, *new;
	const struct timing *timings[2 + NR_CHANCES];	/* private; of the migration, the write, and the chances; as above */
	struct compare_counter *counters;	/* the comparison's; those of the base, then those that only the new side has */
	unsigned nr_counters;
};

/* Pairs that differ in nothing but the number of pages, ascending. */
struct compare_group {
	const struct compare_pair *pairs;
	unsigned nr_pairs;
};

struct comparison {
	struct compare_side base, new;
	bool insn;			/* clock insn on both sides */
	bool exact;			/* the same of the exact lab: instructions have a verdict. In lab-smp they compare as times do */
	bool counts_only;		/* the sides are mixed, and that was allowed: neither instructions nor times */
	bool sources_differ;		/* some cells are native on one side and by the switch on the other */
	struct compare_group *groups;	/* in the order of the base's records */
	unsigned nr_groups, nr_pairs;
	const struct cell **base_only, **new_only;
	unsigned nr_base_only, nr_new_only;
	enum timing_unit by;		/* times: what counts as one value */
	size_t nr_timed;		/* times: lines that are called together */
	struct compare_pair *pairs;	/* private */
	struct timing *timings;		/* private; NULL: times are not compared */
	char error[512];
};

enum { COMPARE_ALLOW_MIXED = 1, COMPARE_ALLOW_CUT_OFF = 2 };	/* flags */

/*
 * Both summaries must be finished and must outlive the comparison. 0, or -errno with `error` set: -EXDEV: the sides do not
 * mix (clock, platform, CPU or QEMU, nodes, page size); -EPIPE: a run was cut off; each unless its flag allows it. After
 * -ENOMEM and the like as well compare_free() is to be called.
 */
int compare_make(struct comparison *comparison, const struct compare_side *base, const struct compare_side *new,
		 unsigned flags);
void compare_free(struct comparison *comparison);

/* ---- what is compared ---- */

enum figure {
	FIGURE_OUTCOME, FIGURE_POLICY, FIGURE_FAULTS, FIGURE_USERFAULTS, FIGURE_KIND, FIGURE_W_AFTER,	/* counts and words */
	FIGURE_MIGRATE, FIGURE_WRITE,			/* a page, the call's fixed cost included */
	FIGURE_CHANCE,					/* the first of NR_CHANCES: chance.h */
	FIGURE_CHANCE_LAST = FIGURE_CHANCE + NR_CHANCES - 1,
	FIGURE_COUNTER_MIGRATE, FIGURE_COUNTER_WRITE,	/* of the line's `counter`, a page */
	FIGURE_MIGRATE_SLOPE, FIGURE_MIGRATE_FIXED,	/* a page more; a call of no pages: from two sizes */
	FIGURE_WRITE_SLOPE, FIGURE_WRITE_FIXED,
	NR_FIGURES
};

enum verdict {
	VERDICT_EQUAL,
	VERDICT_WITHIN,		/* medians differ, by no more than trials of one side do among themselves */
	VERDICT_LESS, VERDICT_MORE,
	VERDICT_DIFFERS,	/* words, and counts that trials of one side disagree about */
	VERDICT_INCONCLUSIVE,	/* times: nothing that could be told from noise, or too few values to tell anything */
	VERDICT_UNKNOWN,	/* measured on one side only */
	NR_VERDICTS
};

const char *figure_name(enum figure figure);	/* "migrate-slope", ...: for machines */
const char *verdict_name(enum verdict verdict);
bool verdict_differs(enum verdict verdict);	/* less, more, differs */

/*
 * One side of a line. Counts are those of all the cell's pages; instructions, times and events that vary are a page's, or a
 * call's (fixed).
 */
struct reading {
	bool measured;
	double value, min, max;
	uint64_t least, most;	/* counts: the same to the last one */
	unsigned trials, of;	/* that the median is of; that there are. 0 for counts, words and slopes */
	const char *word;	/* outcome, policy, kind; else NULL */
};

struct difference {
	enum figure figure;
	const char *counter;		/* its name, as the records have it; NULL: another figure */
	bool counted;			/* compared exactly: the readings' least and most hold */
	uint64_t pages;			/* of the cells; 0: over sizes */
	const struct cell *cell;	/* the base's; over sizes that of the most pages */
	const struct cell *new_cell;
	struct reading base, new;
	double change;			/* new - base, where both are measured and no words; counts: a page */
	double spread;			/* the larger one of the two sides */
	double doubt;			/* what a change must exceed to be called one: the spread, or COMPARE_RESOLUTION */
	enum verdict verdict;
	const struct timing *timing;	/* of times, and what is treated so; else NULL. The comparison's */
};

/*
 * Instructions a page. Guests that differ in anything, be it the length of an option, run the same code at another moment, and
 * a call is then some instructions longer or shorter (doc/findings.md); less than one in ten pages is not the kernel's code.
 */
#define COMPARE_RESOLUTION 0.1

/*
 * A cell's worst outcome, but for skips beside trials that are ok: compaction now and then moves none of a trial's pages,
 * which says nothing of the kernel.
 */
enum outcome compare_outcome(const struct cell *cell);

#define DIFFERENCES_MAX (8 + NR_CHANCES)	/* of one pair */

/* The lines of one pair, without those that neither side has measured. Returns how many, or -ENOMEM. */
int compare_pair(const struct comparison *comparison, const struct compare_pair *pair,
		 struct difference lines[DIFFERENCES_MAX]);

/*
 * The line of a pair's counter in one region, number < 2 * nr_counters: of each counter the migration, then the write. 1; 0:
 * neither side has measured it; or -ENOMEM.
 */
int compare_counter(const struct comparison *comparison, const struct compare_pair *pair, unsigned number,
		    struct difference *line);

/*
 * The lines over the sizes of a group, between the smallest and the largest one that both sides have measured: slope and
 * fixed cost of each region, slope first. None where there is one size, or no clock but ns. Returns how many, or -ENOMEM.
 */
int compare_sizes(const struct comparison *comparison, const struct compare_group *group,
		  struct difference lines[DIFFERENCES_MAX]);

/*
 * All lines: group by group, counts and words of each size, then the lines over the sizes, then instructions or times of each
 * size; counters among either. `explained`: it says once more what another line of its group does: the policy at a further size, or one size's
 * figure where a slope or a fixed cost differs. see() returns 0 to go on, and what else it
 * returns comes back from here, as does -ENOMEM.
 */
int compare_walk(const struct comparison *comparison,
		 int (*see)(void *arg, const struct difference *line, bool explained), void *arg);

/* The pairs by the worst of their lines, and the line of the largest difference, in %, that is within the spread. */
struct compare_tally {
	unsigned differ, within, inconclusive, equal, not_measured;
	struct difference widest;				/* where within is not 0 */
	struct compare_reach {
		size_t missing_base, missing_new;		/* the most values that any line lacks */
		unsigned timed;					/* lines that lack none and have a ratio */
		double floor_min, floor_max;			/* the least and the largest floor of those (timing.h) */
	} times, counters;					/* of times; of counters that are treated so */
};
int compare_count(const struct comparison *comparison, struct compare_tally *tally);	/* 0 or -ENOMEM */

/* In % of the base. false: the base is 0, and there is no ratio. */
bool difference_percent(const struct difference *line, double *percent);

/* Do two kernels copy pages by other instructions, maybe? Their versions (6.1, 6.12) differ, and instructions are compared. */
bool compare_needs_rep_caveat(const struct comparison *comparison);

/* Both are the same kernel, as far as the records say: by the image's hash, or else by release and version. */
bool same_kernel(const struct run_info *a, const struct run_info *b);

#endif
