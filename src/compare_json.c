// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison as JSON lines: what is compared, line by line what differs, the cells of one side only, the counts. */
#include <errno.h>
#include <math.h>

#include "compare_face.h"

struct json_out {
	FILE *out;
	const struct compare_view *view;
};

/* Takes the reference. A write error stays in the stream. */
static int put(FILE *out, json_t *object)
{
	if (!object)
		return -ENOMEM;
	json_dumpf(object, out, JSON_COMPACT | JSON_ENSURE_ASCII);
	fputc('\n', out);
	json_decref(object);
	return 0;
}

/* JSON as jansson has it knows no more. */
static json_int_t clamped(uint64_t count)
{
	return count > INT64_MAX ? INT64_MAX : (json_int_t)count;
}

static json_t *reading(const struct difference *line, const struct reading *r)
{
	if (!r->measured)
		return json_null();
	if (r->word)
		return json_string(r->word);
	if (line->counted)
		return json_pack("{sI sI}", "min", clamped(r->least), "max", clamped(r->most));
	if (!r->of)
		return json_pack("{sf}", "value", r->value);
	return json_pack("{sf sf sf si si}", "value", r->value, "min", r->min, "max", r->max, "trials", (int)r->trials, "of",
			 (int)r->of);
}

/* No bound: null. */
static json_t *real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* Changes are ratios less 1, or ns, instructions, faults: "unit" says which. */
static json_t *timing(const struct timing *t)
{
	json_t *second = json_null();

	if (!t)
		return json_null();
	if (t->by == TIMING_BLOCK)
		second = json_pack("{so so so}", "change", real(t->second.value), "low", real(t->second.low), "high",
				   real(t->second.high));
	return json_pack("{ss ss sI sI sI sI so so so sf sf sf so so}", "by", timing_unit_name(t->by, false), "unit",
			 t->unit == CHANGE_RATIO ? "ratio" : t->word, "base", (json_int_t)t->nr_base, "new",
			 (json_int_t)t->nr_new, "missing_base", (json_int_t)t->missing_base, "missing_new",
			 (json_int_t)t->missing_new, "change", real(t->change.value), "low", real(t->change.low), "high",
			 real(t->change.high), "level", t->change.level, "p", t->p, "p_holm", t->p_adjusted,
			 "seen_from", real(t->floor), "hodges_lehmann", second);
}

/* As the records have it; without the key where the figure is none of a counter. */
static json_t *with_counter(json_t *object, const struct difference *line)
{
	if (line->counter)
		json_object_set_new(object, "counter", json_string(line->counter));
	return object;
}

/* As in the records: no key where the region is one VMA. */
static json_t *with_vmas(json_t *object, const struct cell *cell)
{
	if (cell->vmas > 1)
		json_object_set_new(object, "vmas", json_integer((json_int_t)cell->vmas));
	return object;
}

json_t *compare_line_json(const struct difference *line)
{
	const struct cell *cell = line->cell;
	bool figures = line->base.measured && line->new.measured && !line->base.word;
	double percent;

	return with_counter(with_vmas(json_pack("{ss ss ss ss ss ss ss so so so so so so ss so}", "workload", cell->workload, "policy", cell->policy,
			 "source", cell->source, "new_policy", line->new_cell->policy, "new_source",
			 line->new_cell->source, "trigger", cell->trigger, "figure", figure_name(line->figure),
			 "pages", line->pages ? json_integer((json_int_t)line->pages) : json_null(),
			 "base", reading(line, &line->base), "new", reading(line, &line->new),
			 "change", figures ? json_real(line->change) : json_null(),
			 "percent", difference_percent(line, &percent) ? json_real(percent) : json_null(),
			 "spread", figures ? json_real(line->spread) : json_null(), "verdict", verdict_name(line->verdict),
			 "timing", timing(line->timing)), cell), line);
}

static int see_line(void *arg, const struct difference *line, bool explained)
{
	const struct json_out *json = arg;
	json_t *object;

	(void)explained;	/* a reader that is a program has no use for brevity */
	if (!compare_is_shown(json->view, line, false))
		return 0;
	object = compare_line_json(line);
	if (object)
		json_object_set_new(object, "type", json_string("line"));
	return put(json->out, object);
}

static json_t *side(const struct compare_side *s, const char *name)
{
	const struct run_info *run = &s->summary->runs[s->run];

	return json_pack("{ss ss ss ss? ss? ss? si}", "name", name, "run", run->id, "kernel", run->kernel, "kernel_name",
			 run->name, "policy", s->policy, "source", s->source, "boots", (int)run->boots);
}

static json_t *value(const char *text)
{
	json_t *parsed = text ? json_loads(text, JSON_DECODE_ANY, NULL) : json_null();

	return parsed ? parsed : json_string(text);	/* a long one was cut */
}

static json_t *environment(const struct comparison *c)
{
	const struct environment *a = &c->base.summary->runs[c->base.run].environment;
	const struct environment *b = &c->new.summary->runs[c->new.run].environment;
	struct environment_walk at = { 0, 0 };
	const char *key, *left, *right;
	json_t *differences = json_object();

	while ((key = environment_difference(a, b, &at, &left, &right)))
		json_object_set_new(differences, key, json_pack("[oo]", value(left), value(right)));
	return differences;
}

static int put_only(FILE *out, const char *which, const struct cell **cells, unsigned nr)
{
	int err = 0;

	for (unsigned i = 0; i < nr && !err; i++)
		err = put(out, with_vmas(json_pack("{ss ss ss ss ss ss sI}", "type", "only", "side", which, "workload",
					 cells[i]->workload, "policy", cells[i]->policy, "source", cells[i]->source,
					 "trigger", cells[i]->trigger, "pages", (json_int_t)cells[i]->pages), cells[i]));
	return err;
}

int compare_json_print(FILE *out, const struct comparison *c, const struct compare_view *view)
{
	struct json_out json = { out, view };
	const struct run_info *run = &c->base.summary->runs[c->base.run];
	struct compare_tally tally;
	int err;

	err = put(out, json_pack("{ss so so ss ss sb sb so}", "type", "comparison", "base", side(&c->base, view->base_name),
				 "new", side(&c->new, view->new_name), "platform", run->platform, "clock", run->clock,
				 "counts_only", c->counts_only, "rep_caveat", compare_needs_rep_caveat(c), "environment",
				 environment(c)));
	if (!err)
		err = compare_walk(c, see_line, &json) ?: compare_count(c, &tally);
	if (!err)
		err = put_only(out, "base", c->base_only, c->nr_base_only) ?:
		      put_only(out, "new", c->new_only, c->nr_new_only);
	if (err)
		return err;
	return put(out, json_pack("{ss si si si si si}", "type", "count", "differ", (int)tally.differ, "within",
			  (int)tally.within, "inconclusive", (int)tally.inconclusive, "equal", (int)tally.equal, "not_measured",
				  (int)tally.not_measured));
}
