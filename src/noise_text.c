// SPDX-License-Identifier: GPL-2.0-or-later
/* The env line's `tuned`, `not_tuned` and `noise_floor` in words. */
#include <stdarg.h>
#include <string.h>

#include "face.h"
#include "noise_text.h"

#define BLOCKS_MIN 6		/* that have an interval */
#define TEXT_BYTES 1500		/* of eight settings at most */

struct text {
	char bytes[TEXT_BYTES];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->bytes + text->len, sizeof(text->bytes) - text->len, format, args);
	va_end(args);
	text->len += n > 0 ? (size_t)n : 0;
	if (text->len >= sizeof(text->bytes))
		text->len = sizeof(text->bytes) - 1;
}

static const char *member(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "?";
}

static void print_text(FILE *out, const char *title, const struct text *text)
{
	char clean[TEXT_BYTES];

	fprintf(out, "%s: ", title);
	print_wrapped(out, (unsigned)strlen(title) + 2, printable(text->bytes, clean, sizeof(clean)));
}

static void print_tuned(FILE *out, const json_t *set)
{
	struct text text = { .len = 0 };
	json_t *entry, *cpus;
	size_t i;

	json_array_foreach(set, i, entry) {
		cpus = json_object_get(entry, "cpus");
		add(&text, "%s%s %s -> %s", i ? "; " : "", member(entry, "knob"), member(entry, "from"), member(entry, "to"));
		if (cpus)
			add(&text, " on %d CPUs", (int)json_integer_value(cpus));
	}
	if (!text.len)
		add(&text, "nothing: what could be set was as it should be");
	print_text(out, "tuned", &text);
}

static void print_not_tuned(FILE *out, const json_t *left)
{
	struct text text = { .len = 0 };
	json_t *entry;
	size_t i;

	json_array_foreach(left, i, entry)
		add(&text, "%s%s: %s", i ? "; " : "", member(entry, "knob"), member(entry, "why"));
	if (text.len)
		print_text(out, "not tuned", &text);
}

/* "2.1 %": three digits below one. */
static void add_percent(struct text *text, const json_t *ppm)
{
	double percent = (double)json_integer_value(ppm) / 1e4;

	add(text, percent < 1 ? "%.2f %%" : "%.1f %%", percent);
}

/* A figure of both regions, as far as it was found: "1.2 % in migrate, 4.6 % in write". False: of none. */
static bool add_regions(struct text *text, const json_t *floor, const char *key)
{
	static const char *const regions[] = { "migrate", "write" };
	bool any = false;
	json_t *ppm;
	size_t i;

	for (i = 0; i < 2; i++) {
		ppm = json_object_get(json_object_get(floor, regions[i]), key);
		if (!json_is_integer(ppm))
			continue;
		add(text, "%s", any ? ", " : "");
		add_percent(text, ppm);
		add(text, " in %s", regions[i]);
		any = true;
	}
	return any;
}

static void print_floor(FILE *out, const json_t *floor)
{
	int pairs = (int)json_integer_value(json_object_get(floor, "pairs"));
	int blocks = (int)json_integer_value(json_object_get(floor, "blocks"));
	struct text text = { .len = 0 }, resolved = { .len = 0 };

	if (!add_regions(&text, floor, "floor_ppm"))
		add(&text, "no time was taken");
	add(&text, " (%s under %s by %s against itself, %d pairs)", member(floor, "workload"), member(floor, "policy"),
	    member(floor, "trigger"), pairs);
	if (add_regions(&resolved, floor, "resolves_ppm"))
		add(&text, "; within this run %d blocks resolve differences of at least %s", blocks, resolved.bytes);
	else if (blocks < BLOCKS_MIN)
		add(&text, "; within this run %d blocks resolve nothing: six have an interval", blocks);
	else
		add(&text, "; what %d blocks resolve so few pairs do not show: more blocks, a larger --budget, or fewer pages", blocks);
	print_text(out, "noise floor", &text);
}

void noise_print(FILE *out, const json_t *env)
{
	const json_t *floor = json_object_get(env, "noise_floor"), *why = json_object_get(env, "why");
	const char *reason = member(why, "noise_floor");
	struct text text = { .len = 0 };

	if (json_is_array(json_object_get(env, "tuned"))) {
		print_tuned(out, json_object_get(env, "tuned"));
		print_not_tuned(out, json_object_get(env, "not_tuned"));
	}
	if (json_is_object(floor)) {
		print_floor(out, floor);
	} else if (!strstr(reason, "--no-aa")) {
		add(&text, "not found: %s", reason);
		print_text(out, "noise floor", &text);
	}
}
