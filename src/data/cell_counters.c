// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters of a cell: each name's figures per page, from the trials that carried it. */
#include "cell_counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trial_figures.h"

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
	more->name = strdup(name);
	if (!more->name)
		return NULL;
	cell->nr_counters++;
	*err = 0;
	return more;
}

/* Null counters have their place in the table too: it says that nothing was counted. */
static int take_phase(struct cell *cell, const json_t *trial, const char *phase, size_t spread)
{
	json_t *counters = json_object_get(json_object_get(trial, phase), "counters"), *count;
	uint64_t block = record_count(trial, "block");
	const char *name;
	int err = 0;

	json_object_foreach(counters, name, count) {
		struct cell_counter *counter = find(cell, name, &err);
		struct sample sample = { .block = block < UINT32_MAX ? (uint32_t)block : UINT32_MAX };

		if (!counter)
			return err;
		if (json_is_null(count) || record_count(count, "running_ns") < record_count(count, "enabled_ns"))
			continue;	/* nothing was counted, or, as another program's record may have it, a part */
		sample.value = (double)record_count(count, "value") / (double)pages_judged(cell, trial);
		err = spread_add((struct spread *)((char *)counter + spread), sample);
		if (err)
			return err;
	}
	return 0;
}

int cell_counters_take(struct cell *cell, const json_t *trial)
{
	return take_phase(cell, trial, "migrate", offsetof(struct cell_counter, migrate)) ?:
	       take_phase(cell, trial, "write", offsetof(struct cell_counter, write));
}

static int add_samples(struct spread *into, const struct spread *from)
{
	int err = 0;

	for (unsigned i = 0; i < from->n && !err; i++)
		err = spread_add(into, from->samples[i]);
	spread_finish(into);
	return err;
}

int cell_counters_fold(struct cell *into, const struct cell *from)
{
	int err = 0;

	for (unsigned i = 0; i < from->nr_counters && !err; i++) {
		struct cell_counter *counter = find(into, from->counters[i].name, &err);

		if (counter)
			err = add_samples(&counter->migrate, &from->counters[i].migrate) ?:
			      add_samples(&counter->write, &from->counters[i].write);
	}
	return err;
}

void cell_counters_finish(struct cell *cell)
{
	for (unsigned i = 0; i < cell->nr_counters; i++) {
		spread_finish(&cell->counters[i].migrate);
		spread_finish(&cell->counters[i].write);
	}
}

void cell_counters_free(struct cell *cell)
{
	for (unsigned i = 0; i < cell->nr_counters; i++) {
		free(cell->counters[i].name);
		spread_free(&cell->counters[i].migrate);
		spread_free(&cell->counters[i].write);
	}
	free(cell->counters);
}
