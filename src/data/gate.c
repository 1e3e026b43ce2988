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
	enum figure figure;
} kinds[] = { { "faults", FIGURE_FAULTS }, { "migrate", FIGURE_MIGRATE }, { "write", FIGURE_WRITE } };

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

int gate_parse(const char *spec, struct gate *gate, char *error, size_t error_size)
{
	const char *equals = strchr(spec, '='), *end;

	*gate = (struct gate){ .figure = NR_FIGURES, .spec = spec };
	for (size_t i = 0; equals && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].name) == (size_t)(equals - spec) && !strncmp(spec, kinds[i].name, strlen(kinds[i].name)))
			gate->figure = kinds[i].figure;
	}
	end = equals ? parse_threshold(equals + 1, &gate->threshold) : NULL;
	gate->percent = end && !strcmp(end, "%");
	if (gate->figure == NR_FIGURES || !end || (*end && !gate->percent))
		snprintf(error, error_size, "'%.*s' is no gate: faults=N, migrate=P%%, write=P%%, or migrate=N, write=N "
			 "instructions a page", SPEC_SHOWN, spec);
	else if (gate->figure == FIGURE_FAULTS && gate->percent)
		snprintf(error, error_size, "'%.*s': faults take a number a page, since no ratio to 0 exists: faults=0",
			 SPEC_SHOWN, spec);
	else
		return 0;
	return -EINVAL;
}

static bool is_its(const struct gate *gate, enum figure figure)
{
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

enum gate_verdict gate_judge(const struct gate *gate, const struct difference *line, double *allowed)
{
	const struct reading *a = &line->base, *b = &line->new;
	double least = line->change - line->doubt, most = line->change + line->doubt;

	*allowed = gate->percent ? gate->threshold / 100 * a->value : gate->threshold;
	if (!is_its(gate, line->figure) || !a->measured)
		return GATE_NOT_ITS;
	if (!b->measured || line->verdict == VERDICT_NONE)
		return GATE_UNDECIDED;
	if (gate->figure == FIGURE_FAULTS) {
		least = (b->min - a->max) / (double)line->pages;
		most = (b->max - a->min) / (double)line->pages;
	}
	if (least > *allowed + ROUNDING)
		return GATE_TRIPS;
	return most <= *allowed + ROUNDING && !gate_of_few(line) ? GATE_PASSES : GATE_UNDECIDED;
}

enum gate_verdict gate_judge_outcome(const struct difference *line)
{
	const struct cell *a = line->cell, *b = line->new_cell;

	if (line->figure != FIGURE_OUTCOME || b->worst == OUTCOME_OK || b->worst == a->worst)
		return GATE_NOT_ITS;
	if (b->worst == OUTCOME_FAIL)
		return GATE_TRIPS;
	return a->worst == OUTCOME_OK || a->worst == OUTCOME_FAIL ? GATE_UNDECIDED : GATE_NOT_ITS;
}
