// SPDX-License-Identifier: GPL-2.0-or-later
/* A whole comparison, line by line, and its pairs counted by their worst line. */
#include "compare.h"

#include <stddef.h>

static bool is_migrate(enum figure figure)
{
	return figure == FIGURE_MIGRATE || figure == FIGURE_MIGRATE_SLOPE || figure == FIGURE_MIGRATE_FIXED;
}

/* Does a slope or a fixed cost of the line's region differ? */
static bool is_explained(const struct difference *line, const struct difference *sizes, int nr_sizes)
{
	if (line->figure != FIGURE_MIGRATE && line->figure != FIGURE_WRITE)
		return false;
	for (int i = 0; i < nr_sizes; i++) {
		if (verdict_differs(sizes[i].verdict) && is_migrate(sizes[i].figure) == is_migrate(line->figure))
			return true;
	}
	return false;
}

struct walk {
	const struct comparison *comparison;
	int (*see)(void *arg, const struct difference *line, bool explained);
	void *arg;
};

static int walk_counters(const struct walk *walk, const struct compare_pair *pair, bool figures)
{
	struct difference line;
	int err = 0;

	for (unsigned i = 0; i < 2 * pair->nr_counters && !err; i++) {
		err = compare_counter(walk->comparison, pair, i, &line);
		if (err > 0)
			err = line.counted != figures ? walk->see(walk->arg, &line, false) : 0;
	}
	return err;
}

/* The lines of a group's pairs: counts and words, or else instructions and times. */
static int walk_pairs(const struct walk *walk, const struct compare_group *group, bool figures,
		      const struct difference *sizes, int nr_sizes)
{
	struct difference lines[DIFFERENCES_MAX];
	int err = 0;

	for (unsigned p = 0; p < group->nr_pairs && !err; p++) {
		int nr = compare_pair(walk->comparison, &group->pairs[p], lines);

		err = nr < 0 ? nr : 0;
		for (int i = 0; i < nr && !err; i++) {
			bool again = lines[i].figure == FIGURE_POLICY && p;

			if ((lines[i].figure >= FIGURE_MIGRATE) == figures)
				err = walk->see(walk->arg, &lines[i], again || is_explained(&lines[i], sizes, nr_sizes));
		}
		err = err ? err : walk_counters(walk, &group->pairs[p], figures);
	}
	return err;
}

int compare_walk(const struct comparison *c, int (*see)(void *arg, const struct difference *line, bool explained), void *arg)
{
	const struct walk walk = { c, see, arg };
	int err = 0;

	for (unsigned i = 0; i < c->nr_groups && !err; i++) {
		const struct compare_group *group = &c->groups[i];
		struct difference sizes[DIFFERENCES_MAX];
		int nr = compare_sizes(c, group, sizes);

		err = nr < 0 ? nr : walk_pairs(&walk, group, false, sizes, nr);
		for (int k = 0; k < nr && !err; k++)
			err = see(arg, &sizes[k], false);
		err = err ? err : walk_pairs(&walk, group, true, sizes, nr);
	}
	return err;
}

bool difference_percent(const struct difference *line, double *percent)
{
	if (!line->base.measured || !line->new.measured || line->base.word || line->base.value == 0)
		return false;
	*percent = 100 * (line->new.value - line->base.value) / line->base.value;
	return true;
}

static double size_of(const struct difference *line)
{
	double percent = 0;

	difference_percent(line, &percent);
	return percent < 0 ? -percent : percent;
}

static void count_timing(struct compare_reach *reach, const struct timing *timing)
{
	if (timing->missing_base > reach->missing_base)
		reach->missing_base = timing->missing_base;
	if (timing->missing_new > reach->missing_new)
		reach->missing_new = timing->missing_new;
	if (timing->missing_base || timing->missing_new || timing->unit != CHANGE_RATIO)
		return;
	if (!reach->timed || timing->floor < reach->floor_min)
		reach->floor_min = timing->floor;
	if (!reach->timed++ || timing->floor > reach->floor_max)
		reach->floor_max = timing->floor;
}

/* What lines of a pair there are. */
struct seen {
	bool differs, within, inconclusive;
};

static void count_line(struct compare_tally *tally, struct seen *seen, const struct difference *line)
{
	seen->differs |= verdict_differs(line->verdict);
	seen->inconclusive |= line->verdict == VERDICT_INCONCLUSIVE;
	if (line->timing)
		count_timing(line->counter ? &tally->counters : &tally->times, line->timing);
	if (line->verdict != VERDICT_WITHIN)
		return;
	seen->within = true;
	if (!tally->widest.cell || size_of(line) > size_of(&tally->widest))
		tally->widest = *line;
}

static void count_pair(struct compare_tally *tally, const struct compare_pair *pair, const struct seen *seen)
{
	if (seen->differs)
		tally->differ++;
	else if (seen->within)
		tally->within++;
	else if (seen->inconclusive)
		tally->inconclusive++;
	else if (cell_ran(pair->base) || cell_ran(pair->new))
		tally->equal++;
	else
		tally->not_measured++;
}

int compare_count(const struct comparison *c, struct compare_tally *tally)
{
	*tally = (struct compare_tally){ .differ = 0 };
	for (unsigned i = 0; i < c->nr_pairs; i++) {
		const struct compare_pair *pair = &c->pairs[i];
		struct difference lines[DIFFERENCES_MAX];
		struct seen seen = { .differs = false };
		int nr = compare_pair(c, pair, lines);

		for (int k = 0; k < nr; k++)
			count_line(tally, &seen, &lines[k]);
		for (unsigned k = 0; k < 2 * pair->nr_counters && nr >= 0; k++) {
			nr = compare_counter(c, pair, k, lines);
			if (nr > 0)
				count_line(tally, &seen, lines);
		}
		if (nr < 0)
			return nr;
		count_pair(tally, pair, &seen);
	}
	return 0;
}
