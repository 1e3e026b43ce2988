// SPDX-License-Identifier: GPL-2.0-or-later
/* Percentiles and histogram: stats.h has the reasoning. */
#include "stats.h"

#include <stdlib.h>
#include <string.h>

static int compare_counts(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static uint64_t bucket_low(uint64_t value, unsigned bits)
{
	unsigned width;

	if (!bits || !value)
		return 0;
	width = 64 - (unsigned)__builtin_clzll(value);
	return width <= bits ? value : value >> (width - bits) << (width - bits);
}

/* The rank is ceil(n * per_mille / 1000), in two parts so that no n overflows. */
static uint64_t nearest_rank(const uint64_t *sorted, size_t n, unsigned per_mille)
{
	size_t rank = n / 1000 * per_mille + (n % 1000 * per_mille + 999) / 1000;

	return sorted[rank ? rank - 1 : 0];
}

/* Returns false, with the histogram unfinished, when there are more than HIST_BUCKETS buckets. */
static bool fill_buckets(struct distribution *d, const uint64_t *sorted, size_t n, unsigned bits)
{
	d->nr_buckets = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t low = bucket_low(sorted[i], bits);

		if (!d->nr_buckets || d->hist[d->nr_buckets - 1].low != low) {
			if (d->nr_buckets == HIST_BUCKETS)
				return false;
			d->hist[d->nr_buckets].low = low;
			d->hist[d->nr_buckets++].count = 0;
		}
		d->hist[d->nr_buckets - 1].count++;
	}
	return true;
}

void distribution_from_samples(struct distribution *d, uint64_t *samples, size_t n)
{
	memset(d, 0, sizeof(*d));
	d->p50 = d->p90 = d->p99 = d->p999 = d->max = NOT_MEASURED;
	if (!n)
		return;
	qsort(samples, n, sizeof(*samples), compare_counts);
	d->p50 = nearest_rank(samples, n, 500);
	d->p90 = nearest_rank(samples, n, 900);
	d->p99 = nearest_rank(samples, n, 990);
	d->p999 = nearest_rank(samples, n, 999);
	d->max = samples[n - 1];
	for (d->hist_bits = HIST_BITS; !fill_buckets(d, samples, n, d->hist_bits); d->hist_bits--)
		;	/* ends: with 0 bits there is one bucket */
}

uint64_t distribution_error_milli(const struct distribution *d)
{
	return d->nr_buckets && d->hist_bits ? 1000u >> (d->hist_bits - 1) : NOT_MEASURED;
}

void distribution_coarsen(struct distribution *d, unsigned bits)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < d->nr_buckets; i++) {
		uint64_t low = bucket_low(d->hist[i].low, bits), count = d->hist[i].count;

		if (kept && d->hist[kept - 1].low == low) {
			d->hist[kept - 1].count += count;
			continue;
		}
		d->hist[kept].low = low;
		d->hist[kept++].count = count;
	}
	d->nr_buckets = kept;
	if (bits < d->hist_bits)
		d->hist_bits = bits;
}
