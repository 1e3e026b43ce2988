// SPDX-License-Identifier: GPL-2.0-or-later
/* What differs between two cells, and between two groups of cells over their sizes. */
#include "compare.h"
#include "compare_lines.h"
#include "compare_times.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What doubles lose on the way through a slope: of the larger figure, and at all. */
#define ROUNDING 1e-9
#define ROUNDING_LEAST 1e-7

const char *figure_name(enum figure figure)
{
	static const char *const names[NR_FIGURES] = {
		"outcome", "policy", "faults", "userfaults", "kind", "w-after", "migrate", "write",
		[FIGURE_COUNTER_MIGRATE] = "migrate-counter", "write-counter",
		[FIGURE_MIGRATE_SLOPE] = "migrate-slope", "migrate-fixed", "write-slope", "write-fixed",
	};

	if (figure >= FIGURE_CHANCE && figure <= FIGURE_CHANCE_LAST)
		return chance_key(figure - FIGURE_CHANCE);
	return names[figure];
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[NR_VERDICTS] = {
		"equal", "within spread", "less", "more", "differs", "inconclusive", "unknown",
	};

	return names[verdict];
}

bool verdict_differs(enum verdict verdict)
{
	return verdict == VERDICT_LESS || verdict == VERDICT_MORE || verdict == VERDICT_DIFFERS;
}

/* ---- words and counts ---- */

static enum verdict judge_words(const struct difference *line)
{
	if (!line->base.word || !line->new.word)
		return VERDICT_UNKNOWN;
	return strcmp(line->base.word, line->new.word) ? VERDICT_DIFFERS : VERDICT_EQUAL;
}

static unsigned add_words(struct difference *line, enum figure figure, const char *base, const char *new)
{
	if (!base && !new)
		return 0;
	line->figure = figure;
	line->base = (struct reading){ .measured = base, .word = base };
	line->new = (struct reading){ .measured = new, .word = new };
	line->verdict = judge_words(line);
	return 1;
}

struct reading compare_read_count(uint64_t min, uint64_t max)
{
	if (min == NOT_MEASURED || max == NOT_MEASURED)
		return (struct reading){ .measured = false };
	return (struct reading){ .measured = true, .value = (double)min, .min = (double)min, .max = (double)max,
				 .least = min, .most = max };
}

/* Ranges that touch are no order: the trials of a side disagree, which is a finding of its own. */
static enum verdict judge_counts(const struct difference *line)
{
	const struct reading *a = &line->base, *b = &line->new;

	if (!a->measured || !b->measured)
		return VERDICT_UNKNOWN;
	if (a->least == b->least && a->most == b->most)
		return VERDICT_EQUAL;
	if (b->least > a->most)
		return VERDICT_MORE;
	return b->most < a->least ? VERDICT_LESS : VERDICT_DIFFERS;
}

unsigned compare_add_counts(struct difference *line, enum figure figure, struct reading base, struct reading new)
{
	if (!base.measured && !new.measured)
		return 0;
	line->figure = figure;
	line->counted = true;
	line->base = base;
	line->new = new;
	line->change = base.measured && new.measured ? (new.value - base.value) / (double)line->pages : 0;
	line->verdict = judge_counts(line);
	return 1;
}

/* ---- instructions and times ---- */

/* The trials of one side that are compared, sorted by value. */
struct chosen {
	struct sample *all;		/* a copy */
	const struct sample *first;
	unsigned n, of;
	bool alike;			/* they went alike; else all of them, whatever got in between */
};

static int copy_samples(struct chosen *chosen, const struct spread *spread)
{
	chosen->of = spread->n;
	chosen->all = malloc((spread->n + 1) * sizeof(*chosen->all));
	if (!chosen->all)
		return -ENOMEM;
	if (spread->n)
		memcpy(chosen->all, spread->samples, spread->n * sizeof(*chosen->all));
	return 0;
}

/* How many from here on have as many ticks and waits. */
static unsigned run_length(const struct sample *at, unsigned n)
{
	unsigned len = 1;

	while (len < n && at[len].ticks == at->ticks && at[len].waits == at->waits)
		len++;
	return len;
}

static int compare_ways(const struct sample *a, const struct sample *b)
{
	if (a->ticks != b->ticks)
		return a->ticks < b->ticks ? -1 : 1;
	return (a->waits > b->waits) - (a->waits < b->waits);
}

/* Of the ways that trials of both sides went, the one that the most of both went; of those the one least disturbed. */
static void choose_alike(struct chosen *a, struct chosen *b)
{
	unsigned i = 0, k = 0, most = 0;

	samples_sort_alike(a->all, a->of);
	samples_sort_alike(b->all, b->of);
	while (i < a->of && k < b->of) {
		int order = compare_ways(&a->all[i], &b->all[k]);
		unsigned in_a = run_length(&a->all[i], a->of - i), in_b = run_length(&b->all[k], b->of - k);
		unsigned both = in_a < in_b ? in_a : in_b;

		if (!order && both > most) {
			most = both;
			a->first = &a->all[i];
			a->n = in_a;
			b->first = &b->all[k];
			b->n = in_b;
		}
		i += order <= 0 ? in_a : 0;
		k += order >= 0 ? in_b : 0;
	}
	a->alike = b->alike = most > 0;
}

static void choose_all(struct chosen *chosen, const struct spread *spread)
{
	chosen->first = spread->samples;
	chosen->n = spread->n;
}

static struct reading read_chosen(const struct chosen *chosen)
{
	if (!chosen->n)
		return (struct reading){ .measured = false, .of = chosen->of };
	return (struct reading){
		.measured = true,
		.value = samples_median(chosen->first, chosen->n),
		.min = chosen->first[0].value,
		.max = chosen->first[chosen->n - 1].value,
		.trials = chosen->n,
		.of = chosen->of,
	};
}

static bool same_samples(const struct chosen *a, const struct chosen *b)
{
	if (a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++) {
		if (a->first[i].value != b->first[i].value)
			return false;
	}
	return true;
}

int compare_read_region(const struct comparison *c, const struct spread *base, const struct spread *new,
			struct region_pair *region)
{
	struct chosen a = { 0 }, b = { 0 };
	int err = copy_samples(&a, base) ?: copy_samples(&b, new);

	*region = (struct region_pair){ .alike = false };
	if (!err && c->exact)
		choose_alike(&a, &b);
	if (!err && !a.alike) {
		choose_all(&a, base);
		choose_all(&b, new);
	}
	if (!err) {
		region->base = read_chosen(&a);
		region->new = read_chosen(&b);
		region->same_samples = same_samples(&a, &b);
		region->alike = a.alike;
		region->waited = a.alike && a.first->waits;
	}
	free(a.all);
	free(b.all);
	return err;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static double magnitude(double value)
{
	return value < 0 ? -value : value;
}

static enum verdict judge_time(const struct timing *timing)
{
	static const enum verdict verdicts[] = {
		[TIMING_EQUAL] = VERDICT_EQUAL,
		[TIMING_LESS] = VERDICT_LESS,
		[TIMING_MORE] = VERDICT_MORE,
		[TIMING_INCONCLUSIVE] = VERDICT_INCONCLUSIVE,
	};

	return verdicts[timing_answer(timing)];
}

static enum verdict judge_change(const struct difference *line, bool same)
{
	const double lost = ROUNDING * larger(magnitude(line->base.value), magnitude(line->new.value)) + ROUNDING_LEAST;

	if (!line->base.measured || !line->new.measured)
		return VERDICT_UNKNOWN;
	if (line->timing)
		return judge_time(line->timing);
	if (same || magnitude(line->change) <= lost)
		return VERDICT_EQUAL;
	if (magnitude(line->change) <= line->doubt + lost)
		return VERDICT_WITHIN;
	return line->change > 0 ? VERDICT_MORE : VERDICT_LESS;
}

unsigned compare_add_figures(struct difference *line, enum figure figure, struct reading base, struct reading new,
			     double resolution, bool same, const struct timing *timing)
{
	if (!base.measured && !new.measured)
		return 0;
	line->figure = figure;
	line->base = base;
	line->new = new;
	line->timing = timing;
	if (base.measured && new.measured) {
		line->change = new.value - base.value;
		line->spread = larger(base.max - base.min, new.max - new.min);
	}
	if (same && !timing)
		line->spread = 0;	/* trial by trial the same: nothing is left to be unsure of */
	line->doubt = same ? 0 : larger(line->spread, resolution);
	line->verdict = judge_change(line, same);
	if (line->verdict == VERDICT_EQUAL)
		line->change = 0;
	return 1;
}

enum outcome compare_outcome(const struct cell *cell)
{
	bool ok = cell->timed.by_outcome[OUTCOME_OK] || cell->traced.by_outcome[OUTCOME_OK];

	return cell->worst == OUTCOME_SKIP && ok ? OUTCOME_OK : cell->worst;
}

int compare_pair(const struct comparison *c, const struct compare_pair *pair, struct difference lines[DIFFERENCES_MAX])
{
	const struct cell *a = pair->base, *b = pair->new;
	enum outcome before = compare_outcome(a), after = compare_outcome(b);
	bool race = a->race || b->race;		/* its counts differ from run to run: none is held against another */
	struct region_pair migrate, write;
	unsigned n = 0;
	int err = 0;

	for (unsigned i = 0; i < DIFFERENCES_MAX; i++)
		lines[i] = (struct difference){ .pages = a->pages, .cell = a, .new_cell = b };
	n += add_words(&lines[n], FIGURE_OUTCOME, outcome_name(before), outcome_name(after));
	if (!c->base.policy)
		n += add_words(&lines[n], FIGURE_POLICY, a->policy, b->policy);
	if (!race)
		n += compare_add_counts(&lines[n], FIGURE_FAULTS, compare_read_count(a->faults_min, a->faults_max),
				compare_read_count(b->faults_min, b->faults_max));
	n += compare_add_counts(&lines[n], FIGURE_USERFAULTS, compare_read_count(a->userfaults_min, a->userfaults_max),
			compare_read_count(b->userfaults_min, b->userfaults_max));
	if (before == OUTCOME_OK && after == OUTCOME_OK)	/* what was expected is then what was seen */
		n += add_words(&lines[n], FIGURE_KIND, a->expected_kind, b->expected_kind);
	if (!race && !a->racing && !b->racing)	/* one that comes back read-only gets W from the race's own mprotect() */
		n += compare_add_counts(&lines[n], FIGURE_W_AFTER, compare_read_count(a->w_after_min, a->w_after_max),
				compare_read_count(b->w_after_min, b->w_after_max));
	if (c->counts_only)
		return (int)n;
	err = compare_read_region(c, &a->migrate, &b->migrate, &migrate) ?: compare_read_region(c, &a->write, &b->write, &write);
	if (err)
		return err;
	n += compare_add_figures(&lines[n], FIGURE_MIGRATE, migrate.base, migrate.new, COMPARE_RESOLUTION, migrate.same_samples,
			 compare_timing(pair, REGION_MIGRATE));
	n += compare_add_figures(&lines[n], FIGURE_WRITE, write.base, write.new, COMPARE_RESOLUTION, write.same_samples,
			 compare_timing(pair, REGION_WRITE));
	for (unsigned i = 0; i < NR_CHANCES && !c->exact; i++) {
		struct region_pair chance;

		err = compare_read_region(c, &a->chances[i], &b->chances[i], &chance);
		if (err)
			return err;
		n += compare_add_figures(&lines[n], FIGURE_CHANCE + i, chance.base, chance.new, 0, chance.same_samples,
				 compare_timing(pair, REGION_CHANCE + i));
	}
	return (int)n;
}

/* ---- over sizes ---- */

static const struct spread *region_spread(const struct cell *cell, bool write)
{
	return write ? &cell->write : &cell->migrate;
}

/* The smallest or the largest size of which both sides have this region; NULL: there is none. */
static const struct compare_pair *measured_pair(const struct compare_group *group, bool write, bool largest)
{
	for (unsigned i = 0; i < group->nr_pairs; i++) {
		const struct compare_pair *pair = &group->pairs[largest ? group->nr_pairs - 1 - i : i];

		if (region_spread(pair->base, write)->n && region_spread(pair->new, write)->n)
			return pair;
	}
	return NULL;
}

/* From what a page costs at two sizes, to what one page more costs and what is left at no pages, each with its bounds. */
static void fit(const struct reading *small, double few, const struct reading *large, double many, struct reading *slope,
		struct reading *fixed)
{
	double low = small->value * few, high = large->value * many;
	double doubt = ((small->max - small->min) * few + (large->max - large->min) * many) / (many - few);

	*slope = (struct reading){ .measured = true, .value = (high - low) / (many - few) };
	*fixed = (struct reading){ .measured = true, .value = low - slope->value * few };
	slope->min = slope->value - doubt / 2;
	slope->max = slope->value + doubt / 2;
	doubt = (small->max - small->min) * few + doubt * few;
	fixed->min = fixed->value - doubt / 2;
	fixed->max = fixed->value + doubt / 2;
}

static int add_slope(const struct comparison *c, const struct compare_group *group, bool write, struct difference *lines)
{
	const struct compare_pair *small = measured_pair(group, write, false), *large = measured_pair(group, write, true);
	struct reading slopes[2], fixed[2];
	struct region_pair few, many;
	double pages[2];
	bool same;
	int n, err;

	if (!small || small == large)
		return 0;
	err = compare_read_region(c, region_spread(small->base, write), region_spread(small->new, write), &few) ?:
	      compare_read_region(c, region_spread(large->base, write), region_spread(large->new, write), &many);
	if (err)
		return err;
	if (!few.alike || !many.alike || few.waited != many.waited)
		return 0;
	pages[0] = (double)small->base->pages;
	pages[1] = (double)large->base->pages;
	fit(&few.base, pages[0], &many.base, pages[1], &slopes[0], &fixed[0]);
	fit(&few.new, pages[0], &many.new, pages[1], &slopes[1], &fixed[1]);
	same = few.same_samples && many.same_samples;
	for (unsigned i = 0; i < 2; i++)
		lines[i] = (struct difference){ .cell = large->base, .new_cell = large->new };
	n = (int)compare_add_figures(&lines[0], write ? FIGURE_WRITE_SLOPE : FIGURE_MIGRATE_SLOPE, slopes[0], slopes[1],
			     COMPARE_RESOLUTION, same, NULL);
	n += (int)compare_add_figures(&lines[1], write ? FIGURE_WRITE_FIXED : FIGURE_MIGRATE_FIXED, fixed[0], fixed[1],
			      COMPARE_RESOLUTION * pages[0], same, NULL);
	return n;
}

int compare_sizes(const struct comparison *c, const struct compare_group *group, struct difference lines[DIFFERENCES_MAX])
{
	int n = 0, more;

	if (!c->exact)
		return 0;
	n = add_slope(c, group, false, lines);
	if (n < 0)
		return n;
	more = add_slope(c, group, true, lines + n);
	return more < 0 ? more : n + more;
}
