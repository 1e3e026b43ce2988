// SPDX-License-Identifier: GPL-2.0-or-later
/* Gates held against a comparison: what trips them and what cannot be told, a line each. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "compare_face.h"
#include "face.h"
#include "text.h"

#define TEXT_MAX 200
#define TOLD_MAX 40		/* undecided cells that get a line; tripped ones all do */

struct gating {
	FILE *out;
	const struct comparison *comparison;
	const struct compare_view *view;
	struct gate_count *count;
	unsigned held[GATES_MAX];	/* lines that a gate looked at */
	unsigned told;
};

/* Between tables in LaTeX a comment, in Markdown a paragraph. */
static void put_line(FILE *out, const struct compare_view *view, const char *text)
{
	char escaped[40 * TEXT_MAX];
	bool plain = view->format == COMPARE_TABLE;

	fprintf(out, "%s%s\n", view->format == COMPARE_LATEX ? "% " : plain ? "" : "\n",
		plain ? text : compare_escape(view->format, text, escaped, sizeof(escaped)));
}

static void tell(struct gating *g, bool trips, const char *gate, const struct difference *line, const char *what)
{
	char clean[2 * TEXT_MAX], spec[TEXT_MAX];
	json_t *object;

	if (!trips && g->told++ >= TOLD_MAX)
		return;
	gate = printable(gate, spec, sizeof(spec));
	if (g->view->format != COMPARE_JSON) {
		char text[3 * TEXT_MAX];

		snprintf(text, sizeof(text), "gate %s %s: %s", gate, trips ? "trips" : "undecided",
			 printable(what, clean, sizeof(clean)));
		put_line(g->out, g->view, text);
		return;
	}
	object = line ? compare_line_json(line) : json_object();
	json_object_set_new(object, "type", json_string("gate"));
	json_object_set_new(object, "gate", json_string(gate));
	json_object_set_new(object, "gate_verdict", json_string(trips ? "trips" : "undecided"));
	json_object_set_new(object, "text", json_string(printable(what, clean, sizeof(clean))));
	json_dumpf(object, g->out, JSON_COMPACT | JSON_ENSURE_ASCII);
	fputc('\n', g->out);
	json_decref(object);
}

/* Between policies the gate is about the new one. */
static char *cell_text(const struct gating *g, const struct cell *base, const struct cell *new, char *out, size_t size)
{
	const struct compare_side *side = &g->comparison->new;

	if (!side->policy)
		return compare_cell_text(g->comparison, base, new, out, size);
	snprintf(out, size, "%s %s", side->policy, side->source);
	return out;
}

/* "anon-private vma native, migrate 256: 10,064.2 -> 10,400.0, +335.8 (+3.34 %)" */
static int describe(const struct gating *g, const struct difference *line, char *out, size_t size)
{
	char cell[TEXT_MAX], figure[TEXT_MAX], base[TEXT_MAX], new[TEXT_MAX], effect[TEXT_MAX];

	cell_text(g, line->cell, line->new_cell, cell, sizeof(cell));
	compare_effect_text(line, effect, sizeof(effect));
	return snprintf(out, size, "%.40s %.40s, %.90s: %.40s -> %.40s%s%.50s", line->cell->workload, cell,
			compare_figure_text(line, figure, sizeof(figure)),
			compare_reading_text(line, &line->base, base, sizeof(base)),
			compare_reading_text(line, &line->new, new, sizeof(new)), effect[0] ? ", " : "", effect);
}

/* "; interval -0.5 to +6.0 %; allowed: +2.00 %; some 20 more blocks may decide" */
static void describe_time(const struct gating *g, const struct gate *gate, const struct difference *line,
			  enum gate_verdict verdict, double allowed, char *out, size_t size)
{
	const struct timing *t = line->timing;
	double share = t->unit == CHANGE_RATIO ? allowed / line->base.value : allowed;
	char interval[TEXT_MAX], number[TEXT_MAX];
	size_t more, len;
	int err;

	len = (size_t)snprintf(out, size, "; interval %.60s; allowed: %.40s", compare_interval_text(line, interval, sizeof(interval)),
			       compare_amount_text(t, share, true, number, sizeof(number)));
	if (verdict == GATE_TRIPS)
		return;
	err = gate_needs(gate, line, g->comparison->nr_timed, &more);
	if (err == -ERANGE)
		snprintf(out + len, size - len, "; no number of %s that can be told would decide", timing_unit_name(t->by, true));
	else
		snprintf(out + len, size - len, "; %s %zu more %s%s", err ? "it takes at least" : "it may take some", more,
			 timing_unit_name(t->by, more != 1), t->by == TIMING_BLOCK ? "" : " a side");
}

static void note(struct gating *g, enum gate_verdict verdict)
{
	g->count->passed += verdict == GATE_PASSES;
	g->count->undecided += verdict == GATE_UNDECIDED;
	g->count->tripped += verdict == GATE_TRIPS;
}

static void hold(struct gating *g, const struct gate *gate, const struct difference *line)
{
	char text[2 * TEXT_MAX], number[40], spread[40];
	double allowed;
	enum gate_verdict verdict = gate_judge(gate, line, &allowed);
	int len;

	if (verdict == GATE_NOT_ITS)
		return;
	g->held[gate - g->view->gates]++;
	note(g, verdict);
	if (verdict == GATE_PASSES)
		return;
	len = describe(g, line, text, sizeof(text));
	if (line->timing)
		describe_time(g, gate, line, verdict, allowed, text + len, sizeof(text) - (size_t)len);
	else if (verdict == GATE_TRIPS)
		snprintf(text + len, sizeof(text) - (size_t)len, "; allowed: %s",
			 text_decimal(allowed, true, number, sizeof(number)));
	else if (!line->new.measured)
		snprintf(text + len, sizeof(text) - (size_t)len, "; the new side has no figure");
	else if (gate_of_few(line))
		snprintf(text + len, sizeof(text) - (size_t)len, "; only %u of %u and %u of %u trials went alike",
			 line->base.trials, line->base.of, line->new.trials, line->new.of);
	else
		snprintf(text + len, sizeof(text) - (size_t)len, "; allowed: %s, and %s may be noise",
			 text_decimal(allowed, true, number, sizeof(number)),
			 text_decimal(line->doubt, false, spread, sizeof(spread)));
	tell(g, verdict == GATE_TRIPS, gate->spec, line, text);
}

static int see_line(void *arg, const struct difference *line, bool explained)
{
	enum gate_verdict outcome = gate_judge_outcome(line);
	struct gating *g = arg;
	char text[2 * TEXT_MAX];

	(void)explained;
	if (outcome != GATE_NOT_ITS) {
		note(g, outcome);
		describe(g, line, text, sizeof(text));
		tell(g, outcome == GATE_TRIPS, "(any)", line, text);
	}
	for (unsigned i = 0; i < g->view->nr_gates; i++)
		hold(g, &g->view->gates[i], line);
	return 0;
}

static void miss_cell(struct gating *g, const struct cell *cell)
{
	char text[TEXT_MAX], name[TEXT_MAX];

	if (!cell_ran(cell))
		return;
	cell_text(g, cell, NULL, name, sizeof(name));
	snprintf(text, sizeof(text), "%.40s %.40s, %" PRIu64 " pages: not on the new side", cell->workload, name,
		 cell->pages);
	g->count->undecided++;
	tell(g, false, "(any)", NULL, text);
}

int compare_gates(FILE *out, const struct comparison *c, const struct compare_view *view, struct gate_count *count)
{
	struct gating g = { .out = out, .comparison = c, .view = view, .count = count };
	int err = view->nr_gates ? compare_walk(c, see_line, &g) : 0;
	char text[TEXT_MAX];

	if (err || !view->nr_gates)
		return err;
	for (unsigned i = 0; i < c->nr_base_only; i++)
		miss_cell(&g, c->base_only[i]);
	for (unsigned i = 0; i < view->nr_gates; i++) {
		if (g.held[i])
			continue;
		count->undecided++;
		tell(&g, false, view->gates[i].spec, NULL, "no cell of the base has such a figure");
	}
	if (g.told > TOLD_MAX && view->format != COMPARE_JSON) {
		snprintf(text, sizeof(text), "and %u more are undecided", g.told - TOLD_MAX);
		put_line(out, view, text);
	}
	return 0;
}

int compare_gates_status(FILE *out, const struct compare_view *view, const struct gate_count *count)
{
	char text[TEXT_MAX];

	if (!view->nr_gates)
		return STATUS_OK;
	snprintf(text, sizeof(text), "gates: %u passed, %u tripped, %u undecided", count->passed, count->tripped,
		 count->undecided);
	if (view->format != COMPARE_JSON)
		put_line(out, view, text);
	if (count->tripped)
		return STATUS_BAD;
	return count->undecided ? STATUS_INCONCLUSIVE : STATUS_OK;
}
