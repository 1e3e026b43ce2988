// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines of a comparison as short texts. */
#include <string.h>

#include "compare_face.h"
#include "face.h"
#include "text.h"

#define NUMBER_MAX 48
#define NAME_SHOWN 40		/* bytes of a counter's name */

static bool over_sizes(enum figure figure)
{
	return figure >= FIGURE_MIGRATE_SLOPE;
}

/* Faults and events: so many a page, or in all of the pages. */
static bool is_per_page(const struct difference *line)
{
	return line->counted && line->figure != FIGURE_W_AFTER;
}

/* Events by the million, and no whole number a page: "2,592,407.3" is shorter than their number in all. JSON has that. */
static bool is_long(const struct difference *line, uint64_t count)
{
	return line->counter && count >= 1000000 && count % line->pages;
}

static char *per_page_text(const struct difference *line, const struct reading *r, char *out, size_t size)
{
	if (r->least == r->most && is_long(line, r->least))
		return text_decimal((double)r->least / (double)line->pages, false, out, size);
	return text_per_page(r->least, r->most, line->pages, out, size);
}

/* "migrate cycles:k 256": a name came with a record, and is hostile. */
static char *counter_text(const struct difference *line, char *out, size_t size)
{
	char name[NAME_SHOWN + 1], clean[NAME_SHOWN + 1];

	snprintf(out, size, "%s %s %llu", line->figure == FIGURE_COUNTER_WRITE ? "write" : "migrate",
		 printable(text_ends(line->counter, name, sizeof(name)), clean, sizeof(clean)), (unsigned long long)line->pages);
	return out;
}

char *compare_figure_text(const struct difference *line, char *out, size_t size)
{
	static const char *const names[NR_FIGURES] = {
		"outcome", "policy", "faults", "uffd", "kind", "W after", "migrate", "write",
		[FIGURE_MIGRATE_SLOPE] = "migrate slope", "migrate fixed", "write slope", "write fixed",
	};
	const bool chance = line->figure >= FIGURE_CHANCE && line->figure <= FIGURE_CHANCE_LAST;

	if (line->counter)
		return counter_text(line, out, size);
	if (over_sizes(line->figure) || line->figure == FIGURE_POLICY)
		snprintf(out, size, "%s", names[line->figure]);
	else
		snprintf(out, size, "%s %llu", chance ? chance_name(line->figure - FIGURE_CHANCE) : names[line->figure], (unsigned long long)line->pages);
	return out;
}

char *compare_reading_text(const struct difference *line, const struct reading *reading, char *out, size_t size)
{
	char number[NUMBER_MAX];

	if (!reading->measured)
		snprintf(out, size, "?");
	else if (reading->word)
		snprintf(out, size, "%s", reading->word);
	else if (is_per_page(line))
		per_page_text(line, reading, out, size);
	else if (line->figure == FIGURE_W_AFTER)
		text_range(reading->least, reading->most, out, size);
	else
		snprintf(out, size, "%s%s", text_decimal(reading->value, false, number, sizeof(number)),
			 reading->trials < reading->of ? "*" : "");
	return out;
}

/* Counts to the last one: "+1" a page, or "+3 in 256". */
static void count_change(const struct difference *line, char *out, size_t size)
{
	uint64_t before = line->base.least, after = line->new.least, change = after > before ? after - before : before - after;
	char number[NUMBER_MAX], of[NUMBER_MAX] = "", all[NUMBER_MAX];

	out[0] = '\0';
	if (before != line->base.most || after != line->new.most || !change)
		return;
	if (is_long(line, change)) {
		text_decimal(line->change, true, out, size);
		return;
	}
	if (is_per_page(line) && change % line->pages == 0)
		change /= line->pages;
	else if (is_per_page(line))
		snprintf(of, sizeof(of), " in %.40s", text_count(line->pages, all, sizeof(all)));
	snprintf(out, size, "%c%s%s", after < before ? '-' : '+', text_count(change, number, sizeof(number)), of);
}

char *compare_change_text(const struct difference *line, char *out, size_t size)
{
	out[0] = '\0';
	if (!line->base.measured || !line->new.measured || line->base.word)
		return out;
	if (line->counted)
		count_change(line, out, size);
	else if (line->verdict == VERDICT_EQUAL)
		snprintf(out, size, "0");
	else
		text_decimal(line->change, true, out, size);
	return out;
}

char *compare_percent_text(const struct difference *line, char *out, size_t size)
{
	double percent;

	out[0] = '\0';
	if (line->verdict == VERDICT_EQUAL || line->base.word || !line->base.measured || !line->new.measured)
		return out;
	if (!difference_percent(line, &percent))
		snprintf(out, size, "-");
	else if (percent >= 1000)
		snprintf(out, size, percent < 1e6 ? "%+.0f %%" : "%+.1e %%", percent);
	else
		snprintf(out, size, "%+.2f %%", percent);
	return out;
}

char *compare_verdict_text(const struct difference *line, char *out, size_t size)
{
	snprintf(out, size, "%s", line->verdict == VERDICT_WITHIN ? "within" : verdict_name(line->verdict));
	return out;
}

bool compare_is_shown(const struct compare_view *view, const struct difference *line, bool explained)
{
	return view->all || (verdict_differs(line->verdict) && !explained);
}

int compare_print(FILE *out, const struct comparison *comparison, const struct compare_view *view)
{
	if (view->format == COMPARE_TABLE)
		return compare_table_print(out, comparison, view);
	return view->format == COMPARE_JSON ? compare_json_print(out, comparison, view) :
					      compare_markup_print(out, comparison, view);
}

char *compare_cell_text(const struct comparison *c, const struct cell *base, const struct cell *new, char *out,
			size_t size)
{
	if (c->base.policy)
		snprintf(out, size, "%s", "");
	else if (new && strcmp(base->policy, new->policy))
		snprintf(out, size, "%s", base->source);
	else if (new && strcmp(base->source, new->source))
		snprintf(out, size, "%s", base->policy);
	else
		snprintf(out, size, "%s %s", base->policy, base->source);
	return out;
}
