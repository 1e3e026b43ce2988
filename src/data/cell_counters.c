// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters of a cell: each name's figures per page, from the trials that carried it. */
#include "cell_counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trial_figures.h"

bool counter_is_whole(const json_t *count)
{
	return !json_is_null(count) && record_count(count, "running_ns") >= record_count(count, "enabled_ns");
}

/* perf_event_open(2): of PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK is 0 and PERF_COUNT_SW_TASK_CLOCK is 1. */
bool counter_is_clock(const json_t *asked, const char *name)
{
	json_t *counter;
	size_t i;

	json_array_foreach((json_t *)asked, i, counter) {
		const char *config = json_string_value(json_object_get(counter, "config"));
		const char *kind = json_string_value(json_object_get(counter, "kind"));

		if (!strcmp(json_string_value(json_object_get(counter, "name")), name))
			return kind && config && !strcmp(kind, "software") && (!strcmp(config, "0x0") || !strcmp(config, "0x1"));
	}
	return false;
}

static struct cell_counter *find(struct cell *cell, const char *name, int *err)
{
	struct cell_counter *more;

	*err = 0;
	for (unsigned i = 0; i < cell->nr_counters; i++) {
		if (!strcmp(cell->counters[i].name, name))
			return &cell->counters[i];
	}
	*err = cell->nr_counters == CELL_COUNTERS_MAX ? -E2BIG : -ENOMEM;
	if (*err == -E2BIG)
		return NULL;
	more = reallocarray(cell->counters, cell->nr_counters + 1, sizeof(*more));
	if (!more)
		return NULL;
	cell->counters = more;
	more += cell->nr_counters;
	memset(more, 0, sizeof(*more));
	more->migrate.least = more->write.least = UINT64_MAX;
	more->name = strdup(name);
	if (!more->name)
		return NULL;
	cell->nr_counters++;
	*err = 0;
	return more;
}

static void widen(struct event_count *counted, uint64_t least, uint64_t most)
{
	counted->least = least < counted->least ? least : counted->least;
	counted->most = most > counted->most ? most : counted->most;
}

static int take_value(const struct cell *cell, const json_t *trial, uint64_t value, struct event_count *counted)
{
	uint64_t block = record_count(trial, "block"), all = faults_scaled(cell, trial, value);
	const struct sample sample = {
		.value = (double)value / (double)pages_judged(cell, trial),
		.block = block < UINT32_MAX ? (uint32_t)block : UINT32_MAX,
	};

	widen(counted, all, all);
	return spread_add(&counted->spread, sample);
}

/* Null counters have their place in the table too: it says that nothing was counted. */
static int take_phase(struct cell *cell, const json_t *trial, const json_t *asked, bool write)
{
	const char *phase = write ? "write" : "migrate";
	json_t *counters = json_object_get(json_object_get(trial, phase), "counters"), *count;
	const char *name;
	int err = 0;

	json_object_foreach(counters, name, count) {
		unsigned had = cell->nr_counters;
		struct cell_counter *counter = find(cell, name, &err);

		if (!counter)
			return err;
		if (cell->nr_counters > had)
			counter->varies = counter_is_clock(asked, name);
		if (!counter_is_whole(count))
			continue;
		counter->varies |= !record_flag(trial, "traced");
		err = take_value(cell, trial, record_count(count, "value"), write ? &counter->write : &counter->migrate);
		if (err)
			return err;
	}
	return 0;
}

int cell_counters_take(struct cell *cell, const json_t *trial, const json_t *asked)
{
	return take_phase(cell, trial, asked, false) ?: take_phase(cell, trial, asked, true);
}

static int fold(struct event_count *into, const struct event_count *from)
{
	int err = 0;

	for (unsigned i = 0; i < from->spread.n && !err; i++)
		err = spread_add(&into->spread, from->spread.samples[i]);
	widen(into, from->least, from->most);
	spread_finish(&into->spread);
	return err;
}

int cell_counters_fold(struct cell *into, const struct cell *from)
{
	int err = 0;

	for (unsigned i = 0; i < from->nr_counters && !err; i++) {
		struct cell_counter *counter = find(into, from->counters[i].name, &err);

		if (!counter)
			return err;
		counter->varies |= from->counters[i].varies;
		err = fold(&counter->migrate, &from->counters[i].migrate) ?: fold(&counter->write, &from->counters[i].write);
	}
	return err;
}

void cell_counters_finish(struct cell *cell)
{
	for (unsigned i = 0; i < cell->nr_counters; i++) {
		spread_finish(&cell->counters[i].migrate.spread);
		spread_finish(&cell->counters[i].write.spread);
	}
}

void cell_counters_free(struct cell *cell)
{
	for (unsigned i = 0; i < cell->nr_counters; i++) {
		free(cell->counters[i].name);
		spread_free(&cell->counters[i].migrate.spread);
		spread_free(&cell->counters[i].write.spread);
	}
	free(cell->counters);
}
