// SPDX-License-Identifier: GPL-2.0-or-later
/* Percentiles, histogram and median. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "stats.h"

static uint64_t total(const struct distribution *d)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < d->nr_buckets; i++)
		sum += d->hist[i].count;
	return sum;
}

static void no_sample_gives_no_figure(void **state)
{
	struct distribution d;

	(void)state;
	distribution_from_samples(&d, NULL, 0);
	assert_true(d.p50 == NOT_MEASURED && d.p999 == NOT_MEASURED && d.max == NOT_MEASURED);
	assert_int_equal(d.nr_buckets, 0);
}

static void one_sample_is_every_percentile(void **state)
{
	uint64_t sample = 1440;
	struct distribution d;

	(void)state;
	distribution_from_samples(&d, &sample, 1);
	assert_int_equal(d.p50, 1440);
	assert_int_equal(d.p90, 1440);
	assert_int_equal(d.p999, 1440);
	assert_int_equal(d.max, 1440);
	assert_int_equal(d.nr_buckets, 1);
	assert_int_equal(d.hist[0].count, 1);
}

static void percentiles_are_nearest_rank(void **state)
{
	uint64_t samples[1000], few[] = { 50, 15, 40, 20, 35 };
	struct distribution d;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		samples[i] = 1000 - i;	/* 1 to 1000, downwards */
	distribution_from_samples(&d, samples, 1000);
	assert_int_equal(d.p50, 500);
	assert_int_equal(d.p90, 900);
	assert_int_equal(d.p99, 990);
	assert_int_equal(d.p999, 999);
	assert_int_equal(d.max, 1000);
	distribution_from_samples(&d, few, 5);
	assert_int_equal(d.p50, 35);
	assert_int_equal(d.p90, 50);
}

static void samples_come_back_sorted(void **state)
{
	uint64_t samples[] = { 3, UINT64_C(1) << 62, 0, 7 };
	struct distribution d;

	(void)state;
	distribution_from_samples(&d, samples, 4);
	assert_int_equal(samples[0], 0);
	assert_int_equal(samples[1], 3);
	assert_int_equal(samples[3], UINT64_C(1) << 62);
}

static void small_values_have_buckets_of_their_own(void **state)
{
	uint64_t samples[16];
	struct distribution d;

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		samples[i] = i;
	distribution_from_samples(&d, samples, 16);
	assert_int_equal(d.nr_buckets, 16);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(d.hist[i].low, i);
}

/* Every sample lies less than 12.5 % above the bound of its bucket, and no count is lost. */
static void buckets_are_an_eighth_wide_at_most(void **state)
{
	enum { NR = 200 };
	uint64_t samples[NR];
	struct distribution d;
	unsigned bucket = 0;
	uint64_t left;

	(void)state;
	for (unsigned i = 0; i < NR; i++)
		samples[i] = 1000 + 37 * i;	/* 1,000 to 8,363: four octaves */
	distribution_from_samples(&d, samples, NR);
	assert_true(d.nr_buckets <= HIST_BUCKETS);
	assert_int_equal(total(&d), NR);
	left = d.hist[0].count;
	for (unsigned i = 0; i < NR; i++) {
		if (!left) {
			assert_true(d.hist[bucket + 1].low > d.hist[bucket].low);
			left = d.hist[++bucket].count;
		}
		left--;
		assert_true(samples[i] >= d.hist[bucket].low);
		assert_true((samples[i] - d.hist[bucket].low) * 8 < d.hist[bucket].low);
	}
}

static void too_many_buckets_are_folded_without_loss(void **state)
{
	uint64_t samples[62 * 8];
	struct distribution d;
	size_t n = 0;

	(void)state;
	for (unsigned octave = 0; octave < 62; octave++) {
		for (unsigned eighth = 0; eighth < 8; eighth++)
			samples[n++] = (UINT64_C(1) << octave) + ((UINT64_C(1) << octave) * eighth) / 8;
	}
	distribution_from_samples(&d, samples, n);
	assert_true(d.nr_buckets <= HIST_BUCKETS && d.nr_buckets > HIST_BUCKETS / 2);
	assert_int_equal(total(&d), n);
	for (unsigned i = 1; i < d.nr_buckets; i++)
		assert_true(d.hist[i].low > d.hist[i - 1].low);
}

static void coarsening_keeps_every_count(void **state)
{
	uint64_t samples[500];
	struct distribution d;

	(void)state;
	for (unsigned i = 0; i < 500; i++)
		samples[i] = 100 + i * i;
	distribution_from_samples(&d, samples, 500);
	for (unsigned bits = 64; bits-- > 0;) {
		unsigned before = d.nr_buckets;

		distribution_coarsen(&d, bits);
		assert_true(d.nr_buckets <= before);
		assert_int_equal(total(&d), 500);
	}
	assert_int_equal(d.nr_buckets, 1);
	assert_int_equal(d.hist[0].low, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_sample_gives_no_figure),
		cmocka_unit_test(one_sample_is_every_percentile),
		cmocka_unit_test(percentiles_are_nearest_rank),
		cmocka_unit_test(samples_come_back_sorted),
		cmocka_unit_test(small_values_have_buckets_of_their_own),
		cmocka_unit_test(buckets_are_an_eighth_wide_at_most),
		cmocka_unit_test(too_many_buckets_are_folded_without_loss),
		cmocka_unit_test(coarsening_keeps_every_count),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
