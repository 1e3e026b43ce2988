// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The writing side of records: figures in, lines out.
 *
 * Held here: the order of keys, nulls and their reasons; record_sink.c has the length of a line. Must be true before:
 * records_init() ran before any JSON object was made.
 */
#include "record.h"

#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "record_room.h"
#include "stats.h"

#define KEY_MAX 64

static const char not_measured[] = "not measured";
static const char not_predicted[] = "not predicted";

void records_init(void)
{
	json_object_seed(1);
}

const struct batch batch_not_measured = { NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED };

static void beside_init(struct beside *b)
{
	b->writes = b->met = b->waited = NOT_MEASURED;
	b->faults.write_protect = b->faults.not_present = b->faults.page_faults = NOT_MEASURED;
	distribution_from_samples(&b->latency, NULL, 0);
}

void trial_record_init(struct trial_record *r)
{
	memset(r, 0, sizeof(*r));
	r->migrated = r->failed = NOT_MEASURED;
	for (unsigned i = 0; i < 3; i++)
		r->entries[i] = NOT_MEASURED;
	r->entries_all = r->restored = NOT_MEASURED;
	r->w_before = r->w_after = r->dirty_after = r->young_after = NOT_MEASURED;
	r->expected_faults = NOT_MEASURED;
	r->faults.write_protect = r->faults.page_faults = r->faults.reuse = r->faults.userfault = NOT_MEASURED;
	r->migrate.elapsed = r->migrate.oncpu = r->migrate.ticks = r->migrate.waits = NOT_MEASURED;
	r->write = r->migrate;
	distribution_from_samples(&r->latency, NULL, 0);
	r->batch = batch_not_measured;
	beside_init(&r->beside);
	r->crosscheck.faults = r->crosscheck.expected = NOT_MEASURED;
}

void trial_record_counter(struct trial_record *r, const char *name)
{
	static const struct record_count none = { NOT_MEASURED, NOT_MEASURED, NOT_MEASURED };

	if (r->nr_counters < RECORD_COUNTERS_MAX)
		r->counters[r->nr_counters++] = (struct record_counter){ name, { none, none } };
}

static bool has_why(const struct trial_record *r, const char *key)
{
	for (unsigned i = 0; i < r->nr_why; i++) {
		if (!strcmp(r->why[i].key, key))
			return true;
	}
	return false;
}

void trial_record_why(struct trial_record *r, const char *key, const char *reason)
{
	if (r->nr_why == WHY_MAX || has_why(r, key))
		return;
	r->why[r->nr_why].key = key;
	r->why[r->nr_why++].reason = reason;
}

json_t *record_text(const char *text, size_t max)
{
	size_t len = strnlen(text, max);
	json_t *string = json_stringn(text, len);
	char *copy;

	if (string)
		return string;
	copy = strndup(text, len);
	if (!copy)
		return NULL;
	for (char *c = copy; *c; c++) {
		if (*c & 0x80)
			*c = '?';
	}
	string = json_string(copy);
	free(copy);
	return string;
}

/* A trial's line in the making. */
struct line {
	const struct trial_record *r;
	json_t *object, *why;
	const struct record_room *room;
	bool failed;		/* out of memory */
};

static void put(struct line *line, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		line->failed = true;
}

static void put_text(struct line *line, const char *key, const char *text)
{
	put(line, line->object, key, text ? record_text(text, RECORD_LINE_MAX) : json_null());
}

static void put_why(struct line *line, const char *key, const char *reason)
{
	if (!json_object_get(line->why, key) && !json_object_get(line->why, WHY_ALL))
		put(line, line->why, key, record_text(reason, line->room->reason_max));
}

static bool is_null(uint64_t value)
{
	return value > INT64_MAX;
}

static void put_figure(struct line *line, json_t *object, const char *key, uint64_t value)
{
	put(line, object, key, is_null(value) ? json_null() : json_integer((json_int_t)value));
}

/* A figure outside the groups. */
static void put_single(struct line *line, const char *key, uint64_t value)
{
	put_figure(line, line->object, key, value);
	if (is_null(value))
		put_why(line, key, value == NOT_MEASURED ? not_measured : "out of range");
}

struct figure {
	const char *key;
	uint64_t value;
};

/* Notes what is null in a group and has no reason yet: all of it under the group's name, or else one by one. */
static void explain_group(struct line *line, const char *name, const struct figure *figures, size_t n,
			  const char *reason)
{
	char key[KEY_MAX];
	bool alike = true;

	if (json_object_get(line->why, name))
		return;
	for (size_t i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "%s.%s", name, figures[i].key);
		alike = alike && figures[i].value == NOT_MEASURED && !json_object_get(line->why, key);
	}
	if (alike) {
		put_why(line, name, reason);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "%s.%s", name, figures[i].key);
		if (is_null(figures[i].value))
			put_why(line, key, figures[i].value == NOT_MEASURED ? reason : "out of range");
	}
}

static json_t *put_group(struct line *line, const char *name, const struct figure *figures, size_t n)
{
	json_t *group = json_object();

	for (size_t i = 0; i < n; i++)
		put_figure(line, group, figures[i].key, figures[i].value);
	explain_group(line, name, figures, n, not_measured);
	put(line, line->object, name, group);
	return json_object_get(line->object, name);
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void put_identity(struct line *line, const char *run)
{
	const struct trial_record *r = line->r;

	put_text(line, "type", "trial");
	put_text(line, "run", run);
	put_text(line, "workload", r->workload);
	put_text(line, "policy", r->policy);
	put_text(line, "source", source_name(r->source));
	if (r->kernel_policy)
		put_text(line, "kernel_policy", r->kernel_policy);
	if (r->emulation_idle)
		put(line, line->object, "emulation_idle", json_true());
	if (r->racing)
		put(line, line->object, "racing", json_true());
	if (r->condition)
		put_text(line, "condition", r->condition);
	put_text(line, "trigger", r->trigger);
	put_single(line, "pages", r->pages);
	put_single(line, "page_bytes", r->page_bytes);
	if (r->vmas > 1)
		put_single(line, "vmas", r->vmas);
	put(line, line->object, "from", json_integer(r->from));
	put(line, line->object, "to", json_integer(r->to));
	put_single(line, "threads", r->threads);
	put_text(line, "clock", clock_unit_name(r->clock));
	put_single(line, "block", r->block);
	put_single(line, "order", r->order);
	put_single(line, "start_ns", r->start_ns);
	put(line, line->object, "traced", json_boolean(r->traced));
	if (r->attempts > 1)
		put_single(line, "attempts", r->attempts);
	put_text(line, "outcome", outcome_name(r->outcome));
	put_text(line, "reason", r->reason[0] ? r->reason : NULL);
}

static void put_counts(struct line *line)
{
	const struct trial_record *r = line->r;
	const struct figure entries[] = {
		{ "read", r->entries[ENTRY_READ] },
		{ "read_exclusive", r->entries[ENTRY_READ_EXCLUSIVE] },
		{ "write", r->entries[ENTRY_WRITE] },
		{ "all", r->entries_all },
	};
	const struct figure faults[] = {
		{ "write_protect", r->faults.write_protect },
		{ "page_faults", r->faults.page_faults },
		{ "reuse", r->faults.reuse },
		{ "userfault", r->faults.userfault },
	};
	/* A kind needs a reason when it is null, as a figure does; its text is no figure. */
	const struct figure expected[] = {
		{ "faults", r->expected_faults },
		{ "kind", r->expected_kind ? 0 : NOT_MEASURED },
	};
	json_t *group;

	put_single(line, "migrated", r->migrated);
	put_single(line, "failed", r->failed);
	put_single(line, "w_before", r->w_before);
	put_single(line, "w_after", r->w_after);
	put_single(line, "dirty_after", r->dirty_after);
	put_single(line, "young_after", r->young_after);
	put_single(line, "restored", r->restored);
	put_group(line, "entries", entries, COUNT_OF(entries));
	group = json_object();
	put_figure(line, group, "faults", r->expected_faults);
	put(line, group, "kind", r->expected_kind ? record_text(r->expected_kind, KEY_MAX) : json_null());
	explain_group(line, "expected", expected, COUNT_OF(expected), not_predicted);
	put(line, line->object, "expected", group);
	put_group(line, "faults", faults, COUNT_OF(faults));
}

static json_t *hist_json(const struct distribution *d)
{
	json_t *hist;

	if (!d->nr_buckets)
		return json_null();
	hist = json_array();
	for (unsigned i = 0; i < d->nr_buckets; i++) {
		json_int_t low = (json_int_t)d->hist[i].low, count = (json_int_t)d->hist[i].count;

		json_array_append_new(hist, json_pack("[II]", low, count));
	}
	return hist;
}

static json_t *count_json(const struct record_count *count)
{
	if (is_null(count->value) || is_null(count->enabled_ns) || is_null(count->running_ns))
		return json_null();
	return json_pack("{s:I, s:I, s:I}", "value", (json_int_t)count->value, "enabled_ns", (json_int_t)count->enabled_ns,
			 "running_ns", (json_int_t)count->running_ns);
}

static void put_counters(struct line *line, json_t *group, unsigned phase, const char *key)
{
	const struct trial_record *r = line->r;
	json_t *counters = json_object(), *count;
	bool all = true;

	for (unsigned i = 0; i < r->nr_counters; i++) {
		count = line->room->no_counters ? json_null() : count_json(&r->counters[i].in[phase]);
		all = all && !json_is_null(count);
		put(line, counters, r->counters[i].name, count);
	}
	if (line->room->no_counters)
		put_why(line, key, "no room for it in the line");
	else if (!all)
		put_why(line, key, not_measured);
	put(line, group, "counters", counters);
}

/* null where nothing was written in batch. The difference is a page's, in thousandths. */
static json_t *batch_json(const struct batch *b)
{
	if (b->pages == NOT_MEASURED || !b->sampled_pages || !b->pages)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "pages", (json_int_t)b->pages, "elapsed", (json_int_t)b->elapsed,
			 "sampled_pages", (json_int_t)b->sampled_pages, "sampled_elapsed", (json_int_t)b->sampled_elapsed,
			 "difference_milli", (json_int_t)(b->sampled_elapsed * 1000 / b->sampled_pages) -
					     (json_int_t)(b->elapsed * 1000 / b->pages));
}

static void put_regions(struct line *line, const struct distribution *d)
{
	const struct region *m = &line->r->migrate, *w = &line->r->write;
	const struct figure migrate[] = {
		{ "elapsed", m->elapsed }, { "oncpu", m->oncpu }, { "ticks", m->ticks }, { "waits", m->waits },
	};
	const struct figure write[] = {
		{ "elapsed", w->elapsed }, { "oncpu", w->oncpu }, { "ticks", w->ticks }, { "waits", w->waits },
		{ "p50", d->p50 }, { "p90", d->p90 }, { "p99", d->p99 }, { "p999", d->p999 }, { "max", d->max },
		{ "hist", d->nr_buckets ? 0 : NOT_MEASURED }, { "hist_error_milli", distribution_error_milli(d) },
		{ "batch", line->r->batch.pages },
	};
	json_t *group = put_group(line, "migrate", migrate, COUNT_OF(migrate));

	put_counters(line, group, 0, "migrate.counters");
	group = put_group(line, "write", write, COUNT_OF(write));
	put(line, group, "hist", hist_json(d));		/* keeps its place, before the counters */
	put(line, group, "batch", batch_json(&line->r->batch));
	put_counters(line, group, 1, "write.counters");
}

static void put_crosscheck(struct line *line)
{
	const struct crosscheck *c = &line->r->crosscheck;
	const struct figure figures[] = { { "faults", c->faults }, { "expected", c->expected } };

	if (c->tool)
		put(line, put_group(line, "crosscheck", figures, COUNT_OF(figures)), "tool", record_text(c->tool, KEY_MAX));
}

static void put_beside(struct line *line, const struct distribution *d)
{
	const struct beside *b = &line->r->beside;
	const struct figure figures[] = {
		{ "writes", b->writes }, { "met", b->met }, { "waited", b->waited },
		{ "p50", d->p50 }, { "p90", d->p90 }, { "p99", d->p99 }, { "p999", d->p999 }, { "max", d->max },
		{ "hist", d->nr_buckets ? 0 : NOT_MEASURED }, { "hist_error_milli", distribution_error_milli(d) },
	};
	const struct figure faults[] = {
		{ "write_protect", b->faults.write_protect }, { "not_present", b->faults.not_present },
		{ "page_faults", b->faults.page_faults },
	};
	json_t *group, *kinds = json_object();

	if (!b->threads) {
		json_decref(kinds);
		return;
	}
	group = put_group(line, "beside", figures, COUNT_OF(figures));
	put(line, group, "threads", json_integer(b->threads));
	put(line, group, "hist", hist_json(d));
	for (size_t i = 0; i < COUNT_OF(faults); i++)
		put_figure(line, kinds, faults[i].key, faults[i].value);
	explain_group(line, "beside.faults", faults, COUNT_OF(faults), not_measured);
	put(line, group, "faults", kinds);
}

json_t *record_trial_json(const struct trial_record *r, const char *run, const struct record_room *room)
{
	struct line line = { .r = r, .object = json_object(), .why = json_object(), .room = room };
	struct distribution latency = r->latency, beside = r->beside.latency;

	distribution_coarsen(&latency, room->hist_bits);
	distribution_coarsen(&beside, room->hist_bits);
	for (unsigned i = 0; i < r->nr_why; i++)
		put_why(&line, r->why[i].key, r->why[i].reason);
	put_identity(&line, run);
	put_counts(&line);
	put_regions(&line, &latency);
	put_beside(&line, &beside);
	put_crosscheck(&line);
	put(&line, line.object, "why", line.why);
	if (!line.failed)
		return line.object;
	json_decref(line.object);
	return NULL;
}
