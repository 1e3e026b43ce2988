// SPDX-License-Identifier: GPL-2.0-or-later
/* Trials as lines of Go's benchmark format: export.h says which. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cell_counters.h"
#include "export.h"
#include "trial_figures.h"

#define WORD_MAX 100
#define VALUE_MAX 200

double export_faults(uint64_t faults, uint64_t pages)
{
	return (double)faults / (double)pages + 1;
}

char *export_word(const char *text, char *out, size_t size)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t i = 0;

	for (; i + 1 < size && text[i]; i++)
		out[i] = strchr(safe, text[i]) ? text[i] : '_';
	out[i] = '\0';
	return out;
}

/* A configuration line's value: printable ASCII that neither begins nor ends with a space. */
static int set_config(json_t *config, const char *key, const char *text)
{
	char value[VALUE_MAX];
	size_t len = 0;

	for (; text && len + 1 < sizeof(value) && text[len]; len++)
		value[len] = text[len] >= ' ' && text[len] <= '~' ? text[len] : '?';
	while (len && value[len - 1] == ' ')
		len--;
	value[len] = '\0';
	return json_object_set_new(config, key, json_string(value + strspn(value, " "))) ? -ENOMEM : 0;
}

/* Labels are keys, too: "label-" and what a key may have, in lower case. */
static int set_labels(json_t *config, const json_t *env)
{
	const char *key;
	json_t *value;
	int err = 0;

	json_object_foreach(json_object_get(env, "labels"), key, value) {
		char clean[WORD_MAX] = "label-";

		export_word(key, clean + strlen(clean), sizeof(clean) - strlen(clean));
		for (char *c = clean; *c; c++)
			*c += *c >= 'A' && *c <= 'Z' ? 'a' - 'A' : 0;
		err = err ?: set_config(config, clean, json_string_value(value));
	}
	return err;
}

static int note_env(struct gobench *gobench, const json_t *env)
{
	json_t *config = json_object();
	int err = json_object_set_new(gobench->configs, record_string(env, "run", ""), config) ? -ENOMEM : 0;

	err = err ?: set_config(config, "kernel", record_string(env, "kernel_name", record_string(env, "kernel", NULL)));
	err = err ?: set_config(config, "release", record_string(env, "kernel", NULL));
	err = err ?: set_config(config, "platform", record_string(env, "platform", NULL));
	err = err ?: set_config(config, "clock", record_string(env, "clock", NULL));
	err = err ?: set_config(config, "cpu", record_string(env, "cpu", NULL));
	return err ?: set_labels(config, env);
}

/* The lines of a run, and empty ones for what the run before had and this one does not: those take it back. */
static void print_config(struct gobench *gobench, const char *run)
{
	const json_t *old = gobench->current ? json_object_get(gobench->configs, gobench->current) : NULL;
	json_t *new = json_object_get(gobench->configs, run), *value;
	const char *key;
	void *at;

	gobench->current = json_object_iter_key(json_object_iter_at(gobench->configs, run));
	for (at = json_object_iter((json_t *)old); at; at = json_object_iter_next((json_t *)old, at))
		if (!json_object_get(new, json_object_iter_key(at)))
			fprintf(gobench->out, "%s:\n", json_object_iter_key(at));
	json_object_foreach(new, key, value)
		fprintf(gobench->out, "%s:%s%s\n", key, json_string_length(value) ? " " : "", json_string_value(value));
	fputc('\n', gobench->out);
}

static void print_name(FILE *out, const struct run_info *run, const json_t *trial)
{
	static const char *const parts[] = { "workload", "policy", "source", "trigger" };
	char word[WORD_MAX];

	fputs("BenchmarkRestore", out);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		fprintf(out, "/%s=%s", parts[i], export_word(record_string(trial, parts[i], "?"), word, sizeof(word)));
	fprintf(out, "/page_bytes=%" PRIu64, record_count(trial, "page_bytes"));
	if (record_count(trial, "vmas") != NOT_MEASURED)
		fprintf(out, "/vmas=%" PRIu64, record_count(trial, "vmas"));
	if (record_count(trial, "beside.threads") != NOT_MEASURED)
		fprintf(out, "/beside=%" PRIu64, record_count(trial, "beside.threads"));
	if (run->by_pairs && record_count(trial, "from") != NOT_MEASURED && record_count(trial, "to") != NOT_MEASURED)
		fprintf(out, "/from_node=%" PRIu64 "/to_node=%" PRIu64, record_count(trial, "from"), record_count(trial, "to"));
	fprintf(out, "/pages=%" PRIu64 "\t%" PRIu64, record_count(trial, "pages"), record_count(trial, "pages"));
}

/* ---- what a trial has ---- */

#define UNIT_MAX 160		/* "migrate-", a counter's name of up to 127 bytes, "/page" */

/* Of two units that are one the first stays. */
static int put_value(json_t *values, const char *unit, double amount, uint64_t pages)
{
	if (json_object_get(values, unit))
		return 0;
	return json_object_set_new(values, unit, json_real(amount / (double)pages)) ? -ENOMEM : 0;
}

/* A ':' is as good in a unit as it is in the name: "migrate-cycles:k/page". The units of times are taken. */
static void unit_of(const char *region, const char *name, char unit[UNIT_MAX])
{
	char clean[128];

	export_word(name, clean, sizeof(clean));
	for (size_t i = 0; clean[i]; i++) {
		if (name[i] == ':')
			clean[i] = ':';
	}
	snprintf(unit, UNIT_MAX, "%s-%s%s/page", region, clean, !strcmp(clean, "ns") || !strcmp(clean, "insn") ? "_" : "");
}

/* What twins count is exact, but for clocks: benchstat is told so, once a unit. */
static int declare(struct gobench *gobench, const struct run_info *run, const json_t *trial, const char *name, const char *unit)
{
	if (!record_flag(trial, "traced") || counter_is_clock(run->counters, name) || json_object_get(gobench->units, unit))
		return 0;
	fprintf(gobench->out, "Unit %s assume=exact\n", unit);
	return json_object_set_new(gobench->units, unit, json_true()) ? -ENOMEM : 0;
}

static int put_counters(struct gobench *gobench, const struct run_info *run, const json_t *trial, const char *region, uint64_t pages,
			json_t *values)
{
	json_t *counters = json_object_get(json_object_get(trial, region), "counters"), *count;
	char unit[UNIT_MAX];
	const char *name;
	int err = 0;

	json_object_foreach(counters, name, count) {
		if (!counter_is_whole(count))
			continue;
		unit_of(region, name, unit);
		err = err ?: declare(gobench, run, trial, name, unit) ?:
		      put_value(values, unit, (double)record_count(count, "value"), pages);
	}
	return err;
}

static int put_time(const struct run_info *run, const json_t *trial, const char *region, const struct region_paths *paths,
		    uint64_t pages, json_t *values)
{
	uint64_t taken = time_taken(trial, paths);
	char unit[UNIT_MAX];

	snprintf(unit, sizeof(unit), "%s-%.100s/page", region, run->clock);
	return taken == NOT_MEASURED ? 0 : put_value(values, unit, (double)taken, pages);
}

static int put_values(struct gobench *gobench, const struct run_info *run, const json_t *trial, uint64_t pages, json_t *values)
{
	uint64_t faults = record_count(trial, "faults.write_protect");
	bool traced = record_flag(trial, "traced"), ok = !strcmp(record_string(trial, "outcome", ""), "ok");
	int err = 0;

	if (!traced && !strcmp(run->platform, "lab-tcg"))
		return 0;
	if (traced && faults != NOT_MEASURED)
		err = put_value(values, "faults/page", export_faults(faults, pages), 1);
	if (!traced)
		err = put_time(run, trial, "migrate", &migrate_paths, pages, values) ?:
		      put_time(run, trial, "write", &write_paths, pages, values);
	if (err || !ok)
		return err;
	return put_counters(gobench, run, trial, "migrate", pages, values) ?: put_counters(gobench, run, trial, "write", pages, values);
}

static int print_trial(struct gobench *gobench, const struct run_info *run, const json_t *trial)
{
	const struct cell like = { .pages = record_count(trial, "pages") };
	json_t *values = json_object(), *value;
	const char *unit;
	int err = values ? put_values(gobench, run, trial, pages_judged(&like, trial), values) : -ENOMEM;

	if (!err && json_object_size(values)) {
		if (!gobench->current || strcmp(gobench->current, run->id))
			print_config(gobench, run->id);
		print_name(gobench->out, run, trial);
		json_object_foreach(values, unit, value)
			fprintf(gobench->out, "\t%.9g %s", json_real_value(value), unit);
		fputc('\n', gobench->out);
	}
	json_decref(values);
	return err;
}

int gobench_begin(struct gobench *gobench, FILE *out)
{
	*gobench = (struct gobench){ .out = out, .configs = json_object(), .units = json_object() };
	fputs("# wbit " WBIT_VERSION ". faults/page: write faults per page written, the first touch included.\n"
	      "Unit faults/page better=lower assume=exact\n", out);
	for (size_t i = 0; i < 4; i++)
		fprintf(out, "Unit %s-%s/page better=lower\n", i % 2 ? "write" : "migrate", i / 2 ? "ns" : "insn");
	return gobench->configs && gobench->units ? 0 : -ENOMEM;
}

static const struct run_info *run_of(const struct summary *summary, const char *id)
{
	for (unsigned i = summary->nr_runs; i-- > 0;)
		if (!strcmp(summary->runs[i].id, id))
			return &summary->runs[i];
	return NULL;
}

int gobench_record(struct gobench *gobench, const struct summary *summary, const json_t *record)
{
	const char *type = record_string(record, "type", ""), *outcome = record_string(record, "outcome", "");
	const struct run_info *run = run_of(summary, record_string(record, "run", ""));

	if (!strcmp(type, "env"))
		return note_env(gobench, record);
	if (strcmp(type, "trial") || !run)
		return 0;
	if (!strcmp(outcome, "ok") || (!strcmp(outcome, "fail") && record_flag(record, "traced")))
		return print_trial(gobench, run, record);
	return 0;
}

void gobench_end(struct gobench *gobench)
{
	json_decref(gobench->configs);
	json_decref(gobench->units);
	gobench->configs = gobench->units = NULL;
}
