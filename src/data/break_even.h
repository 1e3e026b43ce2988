/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of two policies costs less, when a share of the migrated pages is written again?
 *
 * A page of policy A costs m_A + p w_A: its migration, and its first write with the fault in it, when a share p of the
 * migrated pages is written. Both cost the same at
 *
 *	p = (m_A - m_B) / (w_B - w_A)
 *
 * the extra migration cost of one over the extra cost of the other's first write. Below p the policy that migrates for
 * less is cheaper, above it the other. No p between 0 and 1: one of them is never dearer.
 */
#ifndef WBIT_BREAK_EVEN_H
#define WBIT_BREAK_EVEN_H

#include "summary.h"

enum break_even {
	BREAK_EVEN_SHARE,	/* at *share, 0 < share <= 1 */
	BREAK_EVEN_A,		/* A is never dearer */
	BREAK_EVEN_B,
	BREAK_EVEN_EQUAL,	/* no difference is larger than its doubt */
	BREAK_EVEN_UNKNOWN,	/* not measured, or too few trials to tell */
};

/*
 * Of medians. A difference of instructions counts when it is above the wider range of both cells' trials, and above 0.1;
 * one of times when the 95 % interval of the median of paired differences, by block, is on one side of zero (paired.h).
 */
enum break_even break_even(const struct cell *a, const struct cell *b, bool instructions, double *share);

#endif
