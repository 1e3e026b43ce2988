// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures of single trials and their medians: chance.h. */
#include "chance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paired.h"
#include "reader.h"
#include "record.h"
#include "text.h"

#define ALPHA 0.05
#define NUMBER_MAX 40

static const struct {
	const char *name, *key, *path;
	bool traced, time;
} chances[NR_CHANCES] = {
	[CHANCE_ABSENT] = { "absent", "beside-absent", "beside.faults.not_present", true, false },
	[CHANCE_NO_W] = { "no W", "beside-no-w", "beside.faults.write_protect", true, false },
	[CHANCE_P50] = { "met p50", "beside-p50", "beside.p50", false, true },
	[CHANCE_P99] = { "met p99", "beside-p99", "beside.p99", false, true },
	[CHANCE_MAX] = { "met max", "beside-max", "beside.max", false, true },
	[CHANCE_SHARE] = { "share", "fault-share", "faults.write_protect", true, false },
};

const char *chance_name(enum chance chance)
{
	return chances[chance].name;
}

const char *chance_key(enum chance chance)
{
	return chances[chance].key;
}

int chance_take(struct spread spreads[NR_CHANCES], const json_t *trial, bool times)
{
	const uint64_t block = record_count(trial, "block"), pages = record_count(trial, "pages");
	const bool traced = record_flag(trial, "traced"), race = record_flag(trial, "racing");
	int err = 0;

	for (unsigned i = 0; i < NR_CHANCES && !err; i++) {
		const uint64_t count = record_count(trial, chances[i].path);
		struct sample sample = { .value = (double)count, .block = (uint32_t)block };

		if (count == NOT_MEASURED || chances[i].traced != traced || (chances[i].time && !times))
			continue;
		if (i == CHANCE_SHARE && (!race || !pages))
			continue;
		if (i == CHANCE_SHARE)
			sample.value /= (double)pages;
		err = spread_add(&spreads[i], sample);
	}
	return err;
}

static char *number(double value, char *out, size_t size)
{
	if (value >= 1e6) {
		snprintf(out, size, "%.3fM", value / 1e6);
		return out;
	}
	if (value == (double)(uint64_t)value || value >= 100)
		return text_count((uint64_t)(value + 0.5), out, size);
	snprintf(out, size, value < 2 ? "%.3f" : "%.1f", value);
	return out;
}

bool chance_has_interval(const struct spread *spread)
{
	return spread->n >= sign_pairs_min(ALPHA);
}

char *chance_text(const struct spread *spread, char *out, size_t size)
{
	char middle[NUMBER_MAX], low[NUMBER_MAX], high[NUMBER_MAX];
	double *values = spread->n ? malloc(spread->n * sizeof(*values)) : NULL;
	struct estimate median;
	int err;

	snprintf(out, size, "-");
	if (!values)
		return out;
	for (unsigned i = 0; i < spread->n; i++)
		values[i] = spread->samples[i].value;
	err = paired_median(values, spread->n, ALPHA, &median);
	free(values);
	if (!err)
		snprintf(out, size, "%s (%s..%s)", number(median.value, middle, sizeof(middle)),
			 number(median.low, low, sizeof(low)), number(median.high, high, sizeof(high)));
	else if (err == -ENODATA)
		snprintf(out, size, "%s", number(median.value, middle, sizeof(middle)));
	return out;
}
