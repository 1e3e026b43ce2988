// SPDX-License-Identifier: GPL-2.0-or-later
#include "timing.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unpaired.h"

const char *timing_unit_name(enum timing_unit unit, bool plural)
{
	static const char *const names[][2] = {
		[TIMING_BLOCK] = { "block", "blocks" },
		[TIMING_TRIAL] = { "trial", "trials" },
		[TIMING_BOOT] = { "boot", "boots" },
	};

	return names[unit][plural];
}

/* ---- the values ---- */

struct values {
	double *base, *new;
	size_t nr_base, nr_new;
};

static struct sample *sorted_copy(const struct spread *spread)
{
	struct sample *samples = malloc((spread->n + 1) * sizeof(*samples));

	if (samples && spread->n)
		memcpy(samples, spread->samples, spread->n * sizeof(*samples));
	if (samples)
		samples_sort_blocks(samples, spread->n);
	return samples;
}

static int compare_blocks(const struct sample *a, const struct sample *b)
{
	if (a->boot != b->boot)
		return a->boot < b->boot ? -1 : 1;
	return (a->block > b->block) - (a->block < b->block);
}

static void take_pairs(struct values *v, const struct sample *base, size_t nr_base, const struct sample *new, size_t nr_new)
{
	size_t i = 0, k = 0;

	while (i < nr_base && k < nr_new) {
		int order = compare_blocks(&base[i], &new[k]);

		if (!order) {
			v->base[v->nr_base++] = base[i].value;
			v->new[v->nr_new++] = new[k].value;
		}
		i += order <= 0;
		k += order >= 0;
	}
}

static int compare_doubles(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* The median of each boot's trials; or, without boots, each trial. Returns how many. */
static size_t take_units(double *out, const struct sample *samples, size_t n, bool boots)
{
	size_t nr = 0, in_boot = 0;

	for (size_t i = 0; i < n; i++) {
		out[nr + in_boot++] = samples[i].value;
		if (boots && i + 1 < n && samples[i + 1].boot == samples[i].boot)
			continue;
		qsort(out + nr, in_boot, sizeof(*out), compare_doubles);
		out[nr] = median_of_sorted(out + nr, in_boot);
		nr++;
		in_boot = 0;
	}
	return nr;
}

static void values_free(struct values *v)
{
	free(v->base);
	free(v->new);
}

static int values_make(struct values *v, const struct spread *base, const struct spread *new, enum timing_unit by)
{
	struct sample *a = sorted_copy(base), *b = sorted_copy(new);
	int err = 0;

	*v = (struct values){
		.base = calloc(base->n + 1, sizeof(double)),
		.new = calloc(new->n + 1, sizeof(double)),
	};
	if (!a || !b || !v->base || !v->new) {
		err = -ENOMEM;
	} else if (by == TIMING_BLOCK) {
		take_pairs(v, a, base->n, b, new->n);
	} else {
		v->nr_base = take_units(v->base, a, base->n, by == TIMING_BOOT);
		v->nr_new = take_units(v->new, b, new->n, by == TIMING_BOOT);
	}
	if (err)
		values_free(v);
	free(a);
	free(b);
	return err;
}

/* ---- the estimates ---- */

/* Too few values are an estimate, too: an unbounded one. */
static int unless_few(int err)
{
	return err == -ENODATA ? 0 : err;
}

static int estimate_pairs(const struct values *v, double alpha, struct timing *timing, struct estimate *estimate)
{
	double *change = malloc((v->nr_base + 1) * sizeof(*change));
	struct sign_test signs;
	int err = change ? 0 : -ENOMEM;

	timing->unit = CHANGE_RATIO;
	if (!err)
		err = paired_changes(v->base, v->new, v->nr_base, &timing->unit, change) ?:
		      unless_few(paired_median(change, v->nr_base, alpha, estimate)) ?:
		      unless_few(paired_hodges_lehmann(change, v->nr_base, TIMING_ALPHA, &timing->second)) ?:
		      sign_test(change, v->nr_base, &signs);
	if (!err)
		timing->p = signs.p;
	free(change);
	return err;
}

static int estimate_unpaired(const struct values *v, double alpha, struct timing *timing, struct estimate *estimate)
{
	struct mann_whitney ranks;
	int err;

	timing->unit = CHANGE_RATIO;
	err = unless_few(unpaired_ratio(v->base, v->nr_base, v->new, v->nr_new, alpha, estimate));
	if (err == -EDOM) {
		timing->unit = CHANGE_DIFFERENCE;
		err = unless_few(unpaired_shift(v->base, v->nr_base, v->new, v->nr_new, alpha, estimate));
	}
	err = err ?: mann_whitney(v->base, v->nr_base, v->new, v->nr_new, &ranks);
	if (!err)
		timing->p = ranks.p;
	timing->second = *estimate;
	return err;
}

static int estimate_values(const struct values *v, double alpha, struct timing *timing, struct estimate *estimate)
{
	if (v->nr_base && v->nr_new)
		return timing->by == TIMING_BLOCK ? estimate_pairs(v, alpha, timing, estimate) :
						    estimate_unpaired(v, alpha, timing, estimate);
	estimate->value = 0;
	timing->second = (struct estimate){ 0 };
	estimate_unbounded(&timing->second);
	return unless_few(estimate_unbounded(estimate));
}

static size_t lacking(size_t n, size_t least)
{
	return n < least ? least - n : 0;
}

/* Four and four trials have an interval at 95 %; fewer on one side take more on the other, which is there or not. */
static void note_missing(struct timing *timing)
{
	size_t least = timing->by == TIMING_BLOCK ? sign_pairs_min(TIMING_ALPHA) :
		       timing->by == TIMING_BOOT ? TIMING_BOOTS_MIN : isinf(timing->change.low) ? 4 : 0;

	timing->missing_base = lacking(timing->nr_base, least);
	timing->missing_new = lacking(timing->nr_new, least);
	if (!timing->missing_base && !timing->missing_new)
		return;
	timing->p = 1;
	estimate_unbounded(&timing->change);
	estimate_unbounded(&timing->second);
}

int timing_estimate(const struct spread *base, const struct spread *new, enum timing_unit by, struct timing *timing)
{
	struct values values;
	int err = values_make(&values, base, new, by);

	if (err)
		return err;
	*timing = (struct timing){ .by = by, .word = "ns", .nr_base = values.nr_base, .nr_new = values.nr_new, .p = 1, .p_adjusted = 1 };
	err = estimate_values(&values, TIMING_ALPHA, timing, &timing->change);
	values_free(&values);
	note_missing(timing);
	timing->strict = timing->change;
	timing->floor = INFINITY;
	return err;
}

static bool has_values(const struct timing *timing)
{
	return !timing->missing_base && !timing->missing_new;
}

int timing_tighten(const struct spread *base, const struct spread *new, size_t m, struct timing *timing)
{
	struct timing scratch = *timing;	/* what has no alpha stays as it is */
	struct values values;
	int err = 0;

	if (!has_values(timing))
		return 0;
	if (m > 1) {
		err = values_make(&values, base, new, timing->by);
		if (err)
			return err;
		err = estimate_values(&values, TIMING_ALPHA / (double)m, &scratch, &timing->strict);
		values_free(&values);
	}
	timing->floor = fmax(timing->strict.high - timing->strict.value, timing->strict.value - timing->strict.low);
	return err;
}

/* ---- what they say ---- */

int timing_adjust(struct timing **timings, size_t nr, size_t *m)
{
	double *p = malloc((nr + 1) * sizeof(*p));
	int err;

	*m = 0;
	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		if (has_values(timings[i]))
			p[(*m)++] = timings[i]->p;
	}
	err = holm_adjust(p, *m);
	for (size_t i = 0, k = 0; i < nr && !err; i++) {
		if (has_values(timings[i]))
			timings[i]->p_adjusted = p[k++];
	}
	free(p);
	return err;
}

enum timing_answer timing_answer(const struct timing *timing)
{
	const struct estimate *change = &timing->change;

	if (change->low == 0 && change->high == 0)
		return TIMING_EQUAL;
	if (timing->p_adjusted > TIMING_ALPHA || (change->low <= 0 && change->high >= 0))
		return TIMING_INCONCLUSIVE;
	return change->low > 0 ? TIMING_MORE : TIMING_LESS;
}

enum decision timing_decide(const struct timing *timing, double threshold)
{
	if (decide(&timing->strict, threshold) == DECISION_REGRESSION)
		return DECISION_REGRESSION;
	return decide(&timing->change, threshold) == DECISION_FINE ? DECISION_FINE : DECISION_INCONCLUSIVE;
}

int timing_to_decide(const struct timing *timing, size_t m, double threshold, size_t *more)
{
	size_t n = timing->nr_base < timing->nr_new ? timing->nr_base : timing->nr_new;
	bool over = timing->change.value > threshold;
	const struct estimate *estimate = over ? &timing->strict : &timing->change;

	if (!has_values(timing)) {
		*more = timing->missing_base > timing->missing_new ? timing->missing_base : timing->missing_new;
		return -ENODATA;
	}
	if (timing->by == TIMING_BLOCK)
		return blocks_to_decide(estimate, n, over && m > 1 ? TIMING_ALPHA / (double)m : TIMING_ALPHA, threshold, more);
	return samples_to_decide(estimate, n, threshold, more);
}
