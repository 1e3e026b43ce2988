/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a cell's timed trials, and what they amount to. */
#ifndef WBIT_SAMPLE_H
#define WBIT_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#define SAMPLE_MANY UINT16_MAX	/* ticks or waits: as many or more, or not measured */

/* One timed trial, per page. */
struct sample {
	double value;
	uint32_t block;
	uint32_t boot;		/* of several runs that were pooled (pool.h); else 0 */
	uint16_t ticks, waits;	/* what got in between */
};

/* Minimum, maximum and median of a figure over a cell's trials, per page. n == 0: not measured. */
struct spread {
	unsigned n;
	double min, median, max;
	struct sample *samples;		/* by spread_finish() in ascending order of their values */
};

int spread_add(struct spread *spread, struct sample sample);	/* 0 or -ENOMEM */
void spread_finish(struct spread *spread);			/* sorts; minimum, median and maximum */
void spread_free(struct spread *spread);

/* The median of sorted samples, the mean of the middle two when n is even; n must not be 0. */
double samples_median(const struct sample *sorted, size_t n);

/*
 * Sorts by ticks, then waits, then value, so that trials that went alike stand together: a tick or a wait more is some
 * thousand instructions that say nothing of the code under test.
 */
void samples_sort_alike(struct sample *samples, size_t n);

/* Sorts by boot, then block, then value. */
void samples_sort_blocks(struct sample *samples, size_t n);

#endif
