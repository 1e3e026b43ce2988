/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From estimates and p-values to an answer: many tests at once, thresholds, and what could have been seen at all. */
#ifndef WBIT_DECISION_H
#define WBIT_DECISION_H

#include <stddef.h>

#include "estimate.h"
#include "paired.h"

/*
 * Holm's step-down adjustment (1979) of m p-values, in place, each staying where it is: with the p in ascending
 * order, adjusted(i) = max over j <= i of min(1, (m - j + 1) p(j)). An adjusted p at or below alpha: at risk alpha
 * not one of all that are so is a false one, whatever hangs together with what. -EINVAL for a p outside [0, 1], with
 * nothing changed; m == 0 is fine. O(m log m), 16 bytes a p.
 */
int holm_adjust(double *p, size_t m);

/*
 * Is the change more than the threshold allows? Larger is worse. Only the interval decides, never the value, so that
 * one spike does not. A change that is allowed to its last bit is fine: [0, 0] at threshold 0, say.
 */
enum decision {
	DECISION_FINE,		/* high <= threshold */
	DECISION_REGRESSION,	/* low > threshold */
	DECISION_INCONCLUSIVE,	/* the interval holds the threshold; or there is no interval */
};
enum decision decide(const struct estimate *change, double threshold);

/*
 * A threshold in percent, `share` 0.05 for 5 %, in the unit of the changes: as it is for ratios; share * base_median
 * for differences, the median of base taken as known. So of a base of zero nothing is allowed, and nothing is divided
 * by it.
 */
double threshold_of(double share, enum change_unit unit, double base_median);

/*
 * The smallest effect that could have been seen, from an A/A set: paired_median() of changes between things known to
 * be the same, of as many blocks and at the alpha of the comparison in question. It is max(high, -low): the smallest
 * s such that each shift of all changes by more than s, up or down, leaves an interval without zero. Half the width
 * of the interval where that is symmetric about zero; more where the A/A set is off it. INFINITY: too few blocks.
 */
double smallest_effect(const struct estimate *same);

/*
 * How many more blocks would do, `change` being from paired_median() with n of them. Assumed: more blocks have the
 * median and the spread that those at hand have, and in their middle half they lie about as a normal distribution
 * does. Then the interval with N blocks and critical rank k reaches as far as the quantile of k / (N + 1), and
 *
 *	width(N) = width(n) * z(N) / z(n),  z(N) = -normal_quantile(k(N) / (N + 1))
 *
 * *more is the smallest N - n with width(N) below what is asked; 0 when it is so already. It is a guess from one
 * small sample: of twelve skewed latencies it is enough in half of all cases, and three times as much in nine of ten
 * (tests/unit/test_resampling.c). -ENODATA: there is no interval to guess from; *more is what one takes at least.
 * -ERANGE: more than DECISION_BLOCKS_MAX, or no number of blocks would do; *more is SIZE_MAX. O(DECISION_BLOCKS_MAX),
 * no memory.
 */
#define DECISION_BLOCKS_MAX 100000
int blocks_for_half_width(const struct estimate *change, size_t n, double alpha, double half_width, size_t *more);

/* The same for a decision: the end of the interval that lies beyond the threshold has to come in to this side of it. */
int blocks_to_decide(const struct estimate *change, size_t n, double alpha, double threshold, size_t *more);

/*
 * The same for unpaired samples, the smaller of n values: *more is what each side takes more, by the square root of n,
 * after which widths of rank intervals go where n is large. -ENODATA: there is no interval to guess from, *more is 0.
 */
int samples_to_decide(const struct estimate *change, size_t n, double threshold, size_t *more);

#endif
