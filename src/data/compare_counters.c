// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The counters of a comparison: which belong together, and their lines. Counts of twins are exact, as faults are; hardware
 * events and clocks come out otherwise from trial to trial, as times do, and so does whatever hangs on a race.
 */
#include "compare.h"
#include "compare_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct spread *counter_region(const struct cell_counter *counter, bool write)
{
	static const struct spread none;

	return !counter ? &none : write ? &counter->write.spread : &counter->migrate.spread;
}

/* Runs name their counters in one order, mostly: the one at the same place is looked at first. */
static const struct cell_counter *find(const struct cell *cell, const char *name, unsigned place)
{
	if (place < cell->nr_counters && !strcmp(cell->counters[place].name, name))
		return &cell->counters[place];
	for (unsigned i = 0; i < cell->nr_counters; i++) {
		if (!strcmp(cell->counters[i].name, name))
			return &cell->counters[i];
	}
	return NULL;
}

static bool hangs_on_chance(const struct cell *cell)
{
	return cell->race || cell->racing || cell->beside;
}

static int match(struct compare_pair *pair)
{
	const struct cell *a = pair->base, *b = pair->new;
	bool chance = hangs_on_chance(a) || hangs_on_chance(b);
	unsigned nr = 0;

	if (!a->nr_counters && !b->nr_counters)
		return 0;
	pair->counters = calloc((size_t)a->nr_counters + b->nr_counters, sizeof(*pair->counters));
	if (!pair->counters)
		return -ENOMEM;
	for (unsigned i = 0; i < a->nr_counters; i++)
		pair->counters[nr++] = (struct compare_counter){ .base = &a->counters[i], .new = find(b, a->counters[i].name, i) };
	for (unsigned i = 0; i < b->nr_counters; i++) {
		if (!find(a, b->counters[i].name, i))
			pair->counters[nr++].new = &b->counters[i];
	}
	for (unsigned i = 0; i < nr; i++) {
		struct compare_counter *c = &pair->counters[i];

		c->exact = !chance && !(c->base && c->base->varies) && !(c->new && c->new->varies);
	}
	pair->nr_counters = nr;
	return 0;
}

int compare_match_counters(struct comparison *c)
{
	int err = 0;

	for (unsigned i = 0; i < c->nr_pairs && !err; i++)
		err = match(&c->pairs[i]);
	return err;
}

static struct reading read_events(const struct cell_counter *counter, bool write)
{
	const struct event_count *count;

	if (!counter_region(counter, write)->n)
		return (struct reading){ .measured = false };
	count = write ? &counter->write : &counter->migrate;
	return compare_read_count(count->least, count->most);
}

int compare_counter(const struct comparison *c, const struct compare_pair *pair, unsigned number, struct difference *line)
{
	const struct compare_counter *counter = &pair->counters[number / 2];
	const bool write = number % 2;
	const enum figure figure = write ? FIGURE_COUNTER_WRITE : FIGURE_COUNTER_MIGRATE;
	const struct spread *base = counter_region(counter->base, write), *new = counter_region(counter->new, write);
	struct region_pair region;
	int err;

	*line = (struct difference){
		.pages = pair->base->pages, .cell = pair->base, .new_cell = pair->new,
		.counter = counter->base ? counter->base->name : counter->new->name,
	};
	if (counter->exact)
		return (int)compare_add_counts(line, figure, read_events(counter->base, write), read_events(counter->new, write));
	if (c->counts_only)
		return 0;
	err = compare_read_region(c, base, new, &region);
	if (err)
		return err;
	return (int)compare_add_figures(line, figure, region.base, region.new, 0, region.same_samples,
					counter->timings[write]);
}
