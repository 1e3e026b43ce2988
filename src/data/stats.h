/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little statistics that records need: percentiles and histogram of samples.
 *
 * The histogram's buckets. A value's bucket is named by its lower bound: the value with all but its top HIST_BITS
 * significant bits cleared. With b bits, the values that share the bound `low` reach from low up to low + w - 1, where
 *
 *	2^m <= low < 2^(m+1)  and  w = 2^(m+1-b)   =>   w / low <= 2^(1-b)
 *
 * so with b = 4 a bucket is at most 1/8 = 12.5 % wide, and taking its lower bound for a sample is at most that much too
 * small. Values below 2^b have a bucket of their own: no error. One octave has 2^(b-1) buckets, so HIST_BUCKETS = 64
 * hold samples that spread over eight octaves (a factor of 256) at full width. Samples that fill more buckets than that
 * are folded to b - 1 bits (25 %), b - 2 bits (50 %), and so on: lower bounds with fewer bits are the folded bounds of
 * those with more, so that folding loses width but no count. The percentiles do not come from the buckets: they are
 * exact.
 */
#ifndef WBIT_STATS_H
#define WBIT_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"

#define HIST_BITS 4

/*
 * Fills all of `d` from n samples, which it sorts in place. Percentiles are nearest-rank: the smallest sample that at
 * least p % of the samples do not exceed. n == 0: everything NOT_MEASURED, no bucket.
 */
void distribution_from_samples(struct distribution *d, uint64_t *samples, size_t n);

/* The most that a sample lies above its bucket's bound, in thousandths of the bound. NOT_MEASURED: no bound can be given. */
uint64_t distribution_error_milli(const struct distribution *d);

/* Folds the histogram to `bits` significant bits; 0 bits: one bucket from 0. Finer than it is does nothing. */
void distribution_coarsen(struct distribution *d, unsigned bits);

#endif
