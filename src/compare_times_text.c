// SPDX-License-Identifier: GPL-2.0-or-later
/* The times of a comparison, and counters that vary as they do, as short texts: changes, intervals, and what they rest on. */
#include <math.h>
#include <string.h>

#include "compare_face.h"
#include "text.h"

#define NUMBER_MAX 48

/* Percent or ns without their unit. What is under a hundredth keeps two digits: it is not 0. */
static char *bare_amount(const struct timing *timing, double amount, bool sign, char *out, size_t size)
{
	double percent = 100 * amount, magnitude = fabs(percent);

	if (timing->unit != CHANGE_RATIO)
		return text_decimal(amount, sign, out, size);
	if (magnitude >= 1e6 || (magnitude < 0.01 && magnitude > 0))
		snprintf(out, size, sign ? "%+.2g" : "%.2g", percent);
	else if (magnitude >= 1000)
		snprintf(out, size, sign ? "%+.0f" : "%.0f", percent);
	else
		snprintf(out, size, sign ? "%+.2f" : "%.2f", percent);
	return out;
}

static const char *unit(const struct timing *timing)
{
	return timing->unit == CHANGE_RATIO ? "%" : timing->word ? timing->word : "ns";
}

char *compare_amount_text(const struct timing *timing, double amount, bool sign, char *out, size_t size)
{
	char number[NUMBER_MAX];

	if (isinf(amount))
		snprintf(out, size, "-");
	else
		snprintf(out, size, "%s %s", bare_amount(timing, amount, sign, number, sizeof(number)), unit(timing));
	return out;
}

static char *estimate_text(const struct timing *timing, const struct estimate *estimate, char *out, size_t size)
{
	char low[NUMBER_MAX], high[NUMBER_MAX];

	if (isinf(estimate->low) || isinf(estimate->high))
		snprintf(out, size, "-");
	else
		snprintf(out, size, "%s to %s %s", bare_amount(timing, estimate->low, true, low, sizeof(low)),
			 bare_amount(timing, estimate->high, true, high, sizeof(high)), unit(timing));
	return out;
}

char *compare_interval_text(const struct difference *line, char *out, size_t size)
{
	out[0] = '\0';
	if (line->timing)
		return estimate_text(line->timing, &line->timing->change, out, size);
	if (line->spread > 0 && line->figure >= FIGURE_MIGRATE)
		text_decimal(line->spread, false, out, size);
	return out;
}

char *compare_effect_text(const struct difference *line, char *out, size_t size)
{
	char change[NUMBER_MAX], percent[NUMBER_MAX];

	if (line->timing)
		return compare_amount_text(line->timing, line->timing->change.value, true, out, size);
	compare_change_text(line, change, sizeof(change));
	compare_percent_text(line, percent, sizeof(percent));
	if (percent[0] && strcmp(percent, "-"))
		snprintf(out, size, "%s%s%s%s", change, change[0] ? " (" : "", percent, change[0] ? ")" : "");
	else
		snprintf(out, size, "%s", change);
	return out;
}

const char *compare_unit_text(const struct comparison *c)
{
	static const char *const texts[] = {
		[TIMING_BLOCK] = "the change is the median over the blocks, in which the sides are pairs",
		[TIMING_TRIAL] = "trials of one run against those of another; what drifts from run to run is in the change",
		[TIMING_BOOT] = "a boot counts once, by the median of its trials",
	};

	return texts[c->by];
}

/* "5 more of base and 4 more of new" */
static size_t missing_text(size_t base, size_t new, char *out, size_t size)
{
	if (base && new)
		return (size_t)snprintf(out, size, "%zu more of base and %zu more of new", base, new);
	return (size_t)snprintf(out, size, "%zu more of %s", base ? base : new, base ? "base" : "new");
}

char *compare_evidence_text(const struct comparison *c, const struct difference *line, char *out, size_t size)
{
	const struct timing *t = line->timing;
	char amount[NUMBER_MAX], second[2 * NUMBER_MAX], interval[2 * NUMBER_MAX];
	size_t len;

	if (t->by == TIMING_BLOCK)
		len = (size_t)snprintf(out, size, "%zu %s", t->nr_base, timing_unit_name(t->by, t->nr_base != 1));
	else
		len = (size_t)snprintf(out, size, "%zu and %zu %s", t->nr_base, t->nr_new, timing_unit_name(t->by, true));
	if (t->missing_base || t->missing_new) {
		len += (size_t)snprintf(out + len, size - len, "; it takes ");
		if (t->by == TIMING_BLOCK)
			snprintf(out + len, size - len, "%zu more", t->missing_base);
		else
			missing_text(t->missing_base, t->missing_new, out + len, size - len);
		return out;
	}
	len += (size_t)snprintf(out + len, size - len, ", p %.2g%s; ", t->p_adjusted, c->nr_timed > 1 ? " by Holm" : "");
	if (isinf(t->floor))
		len += (size_t)snprintf(out + len, size - len, "too few to call any effect among %zu lines", c->nr_timed);
	else
		len += (size_t)snprintf(out + len, size - len, "seen from %s on",
					compare_amount_text(t, t->floor, false, amount, sizeof(amount)));
	if (t->by == TIMING_BLOCK)
		snprintf(out + len, size - len, "; Hodges-Lehmann %s (%s)",
			 compare_amount_text(t, t->second.value, true, second, sizeof(second)),
			 estimate_text(t, &t->second, interval, sizeof(interval)));
	return out;
}

static size_t missing_sentence(const struct comparison *c, const struct compare_reach *reach, const char *what, char *out,
			       size_t size)
{
	char missing[NUMBER_MAX * 2];

	missing_text(reach->missing_base, reach->missing_new, missing, sizeof(missing));
	if (c->by == TIMING_BOOT)
		return (size_t)snprintf(out, size, "%s%s are inconclusive: here a boot counts once, and it takes %d a side: %s, "
					"each a run after a reboot, in one file a side", reach->timed ? "some " : "", what,
					TIMING_BOOTS_MIN, missing);
	if (c->by == TIMING_TRIAL)
		return (size_t)snprintf(out, size, "some %s are inconclusive for want of trials: %s", what, missing);
	return (size_t)snprintf(out, size, "some %s are inconclusive for want of blocks: %zu more", what,
				reach->missing_base > reach->missing_new ? reach->missing_base : reach->missing_new);
}

/* what: "times", of which there is an effect "in time" */
static size_t reach_text(const struct comparison *c, const struct compare_reach *reach, const char *what, const char *in, char *out,
			 size_t size)
{
	const struct timing ratio = { .unit = CHANGE_RATIO };
	char least[NUMBER_MAX], most[NUMBER_MAX];
	size_t len = 0;

	out[0] = '\0';
	if (reach->missing_base || reach->missing_new)
		len = missing_sentence(c, reach, what, out, size);
	if (reach->timed && isinf(reach->floor_min))
		len += (size_t)snprintf(out + len, size - len, "%stoo few %s to call any effect in %s among %zu lines", len ? "; " : "",
					timing_unit_name(c->by, true), in, c->nr_timed);
	else if (reach->timed && isinf(reach->floor_max))
		len += (size_t)snprintf(out + len, size - len, "%sthe smallest effect in %s that could have been seen: %s on the best "
					"line, none on others", len ? "; " : "", in,
					compare_amount_text(&ratio, reach->floor_min, false, least, sizeof(least)));
	else if (reach->timed)
		len += (size_t)snprintf(out + len, size - len, "%sthe smallest effect in %s that could have been seen: %s%s%s",
					len ? "; " : "", in, compare_amount_text(&ratio, reach->floor_min, false, least, sizeof(least)),
					reach->timed > 1 ? " on the best line, on the worst " : "", reach->timed > 1 ?
					compare_amount_text(&ratio, reach->floor_max, false, most, sizeof(most)) : "");
	return len;
}

char *compare_times_text(const struct comparison *c, const struct compare_tally *tally, char *out, size_t size)
{
	size_t len = reach_text(c, &tally->times, "times", "time", out, size);
	char more[4 * NUMBER_MAX + 200];

	if (len < size && reach_text(c, &tally->counters, "counters", "a counter", more, sizeof(more)))
		snprintf(out + len, size - len, "%s%s", len ? "; " : "", more);
	return out;
}
