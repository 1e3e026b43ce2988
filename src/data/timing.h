/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times of two sides against each other. What counts as one value, and with what it is compared:
 *
 *	two policies of one run		the trials of one block, as a pair; the median change and its sign-test interval
 *	two runs of one kernel		trials, unpaired; Hodges and Lehmann's shift, and Mann and Whitney's test
 *	kernels, or several runs a side	the median of each run, for a boot; unpaired as well, TIMING_BOOTS_MIN a side at least
 *
 * Changes are ratios less 1 (0.05: 5 % more), or ns a page where a base of 0 allows no ratio.
 */
#ifndef WBIT_TIMING_H
#define WBIT_TIMING_H

#include "decision.h"
#include "sample.h"

#define TIMING_ALPHA 0.05
#define TIMING_BOOTS_MIN 6

enum timing_unit { TIMING_BLOCK, TIMING_TRIAL, TIMING_BOOT };

const char *timing_unit_name(enum timing_unit unit, bool plural);	/* "block", "trials", ... */

struct timing {
	enum timing_unit by;
	enum change_unit unit;
	const char *word;			/* the unit of differences and readings: "ns", "insn", "faults" */
	size_t nr_base, nr_new;			/* values of each side; as many where they are pairs */
	size_t missing_base, missing_new;	/* values without which nothing can be told at all; else 0 */
	struct estimate change;			/* level 1 - TIMING_ALPHA or more */
	struct estimate strict;			/* the same at 1 - TIMING_ALPHA / m, so that m of them hold at once */
	struct estimate second;			/* pairs: Hodges and Lehmann's estimate; else as `change` */
	double p;				/* sign test, or Mann and Whitney; 1 where values are missing */
	double p_adjusted;			/* by Holm, over m */
	/*
	 * The smallest effect that could have been called one among m: how far `strict` reaches from its value, which is
	 * smallest_effect() of these very changes, had their median been 0. INFINITY: no effect could have.
	 */
	double floor;
};

/* One line: `change`, `second`, `p`, and what is missing. 0 or -ENOMEM; the values are let in as in estimate.h. */
int timing_estimate(const struct spread *base, const struct spread *new, enum timing_unit by, struct timing *timing);

/* With the number of lines that are called together: `strict` and `floor`. */
int timing_tighten(const struct spread *base, const struct spread *new, size_t m, struct timing *timing);

/* p_adjusted of all that have values enough; *m is how many those are. 0 or -ENOMEM. */
int timing_adjust(struct timing **timings, size_t nr, size_t *m);

enum timing_answer { TIMING_EQUAL, TIMING_LESS, TIMING_MORE, TIMING_INCONCLUSIVE };

/* Less or more only where p_adjusted and the interval both say so; equal where no trial differs from its partner. */
enum timing_answer timing_answer(const struct timing *timing);

/*
 * Against a threshold in the unit of the changes: a regression only where the strict interval excludes it, since one
 * false alarm among m lines is one too many; fine where the interval of this line does.
 */
enum decision timing_decide(const struct timing *timing, double threshold);

/*
 * How many more values a side would decide that, m lines being called together: about that many, from what was measured.
 * -ENODATA: at least that many, there being no interval yet; -ERANGE: no number that could be told.
 */
int timing_to_decide(const struct timing *timing, size_t m, double threshold, size_t *more);

#endif
