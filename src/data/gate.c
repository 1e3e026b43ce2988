// SPDX-License-Identifier: GPL-2.0-or-later
/* Gates: parsed, and held against the lines of a comparison. */
#include "gate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPEC_SHOWN 40
#define THRESHOLD_MAX 1e15
#define ROUNDING 1e-6		/* a page: far less than an instruction of a region */

static const struct {
	const char *name;
	enum figure figure, counter;	/* by itself; before ".NAME", NR_FIGURES: not so */
} kinds[] = {
	{ "faults", FIGURE_FAULTS, NR_FIGURES },
	{ "migrate", FIGURE_MIGRATE, FIGURE_COUNTER_MIGRATE },
	{ "write", FIGURE_WRITE, FIGURE_COUNTER_WRITE },
};

/* A decimal number, "12", "0.5": no sign, no exponent, no hexadecimal, no "nan". Returns where it ends, NULL: none. */
static const char *parse_threshold(const char *text, double *value)
{
	size_t digits = strspn(text, "0123456789"), more = 0;
	char copy[32];

	if (text[digits] == '.')
		more = 1 + strspn(text + digits + 1, "0123456789");
	if (!digits || more == 1 || digits + more >= sizeof(copy))
		return NULL;
	memcpy(copy, text, digits + more);
	copy[digits + more] = '\0';
	*value = strtod(copy, NULL);
	return *value <= THRESHOLD_MAX ? text + digits + more : NULL;
}

/* What stands before the last '=': a counter's name may have others. */
static void parse_figure(struct gate *gate, size_t len)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t name_len = strlen(kinds[i].name);

		if (len < name_len || strncmp(gate->spec, kinds[i].name, name_len))
			continue;
		if (len == name_len)
			gate->figure = kinds[i].figure;
		if (len < name_len + 2 || gate->spec[name_len] != '.')
			continue;
		gate->figure = kinds[i].counter;
		gate->counter = gate->spec + name_len + 1;
		gate->counter_len = len - name_len - 1;
	}
}

int gate_parse(const char *spec, struct gate *gate, char *error, size_t error_size)
{
	const char *equals = strrchr(spec, '='), *end;

	*gate = (struct gate){ .figure = NR_FIGURES, .spec = spec };
	if (equals)
		parse_figure(gate, (size_t)(equals - spec));
	end = equals ? parse_threshold(equals + 1, &gate->threshold) : NULL;
	gate->percent = end && !strcmp(end, "%");
	if (gate->figure == NR_FIGURES || !end || (*end && !gate->percent))
		snprintf(error, error_size, "'%.*s' is no gate: faults=N, migrate=P%%, write=P%%, or migrate=N, write=N "
			 "instructions or ns a page; of a counter migrate.NAME=N, write.NAME=P%%", SPEC_SHOWN, spec);
	else if (gate->figure == FIGURE_FAULTS && gate->percent)
		snprintf(error, error_size, "'%.*s': faults take a number a page, since no ratio to 0 exists: faults=0",
			 SPEC_SHOWN, spec);
	else
		return 0;
	return -EINVAL;
}

static bool is_its(const struct gate *gate, const struct difference *line)
{
	enum figure figure = line->figure;

	if (gate->counter)
		return figure == gate->figure && strlen(line->counter) == gate->counter_len &&
		       !strncmp(line->counter, gate->counter, gate->counter_len);
	return figure == gate->figure || (gate->figure == FIGURE_MIGRATE && figure == FIGURE_MIGRATE_SLOPE) ||
	       (gate->figure == FIGURE_WRITE && figure == FIGURE_WRITE_SLOPE);
}

static bool is_few(const struct reading *reading)
{
	return 2 * reading->trials < reading->of;
}

bool gate_of_few(const struct difference *line)
{
	return is_few(&line->base) || is_few(&line->new);
}

/* In the unit of the changes. */
static double threshold_in(const struct gate *gate, const struct difference *line)
{
	bool ratio = line->timing->unit == CHANGE_RATIO;

	if (gate->percent)
		return threshold_of(gate->threshold / 100, line->timing->unit, line->base.value);
	return ratio ? gate->threshold / line->base.value : gate->threshold;
}

static enum gate_verdict judge_time(const struct gate *gate, const struct difference *line)
{
	static const enum gate_verdict verdicts[] = {
		[DECISION_FINE] = GATE_PASSES,
		[DECISION_REGRESSION] = GATE_TRIPS,
		[DECISION_INCONCLUSIVE] = GATE_UNDECIDED,
	};

	return verdicts[timing_decide(line->timing, threshold_in(gate, line))];
}

int gate_needs(const struct gate *gate, const struct difference *line, size_t nr_timed, size_t *more)
{
	return timing_to_decide(line->timing, nr_timed, threshold_in(gate, line), more);
}

enum gate_verdict gate_judge(const struct gate *gate, const struct difference *line, double *allowed)
{
	const struct reading *a = &line->base, *b = &line->new;
	double least = line->change - line->doubt, most = line->change + line->doubt;

	*allowed = gate->percent ? gate->threshold / 100 * a->value : gate->threshold;
	if (!is_its(gate, line) || !a->measured)
		return GATE_NOT_ITS;
	if (gate->percent && line->counted)
		*allowed /= (double)line->pages;
	if (!b->measured)
		return GATE_UNDECIDED;
	if (line->timing)
		return judge_time(gate, line);
	if (gate->figure == FIGURE_FAULTS || line->counted) {
		least = (b->min - a->max) / (double)line->pages;
		most = (b->max - a->min) / (double)line->pages;
	}
	if (least > *allowed + ROUNDING)
		return GATE_TRIPS;
	return most <= *allowed + ROUNDING && !gate_of_few(line) ? GATE_PASSES : GATE_UNDECIDED;
}

enum gate_verdict gate_judge_outcome(const struct difference *line)
{
	enum outcome a, b;

	if (line->figure != FIGURE_OUTCOME)
		return GATE_NOT_ITS;
	a = compare_outcome(line->cell);
	b = compare_outcome(line->new_cell);
	if (b == OUTCOME_OK || b == a)
		return GATE_NOT_ITS;
	if (b == OUTCOME_FAIL)
		return GATE_TRIPS;
	return a == OUTCOME_OK || a == OUTCOME_FAIL ? GATE_UNDECIDED : GATE_NOT_ITS;
}
