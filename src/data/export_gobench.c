// SPDX-License-Identifier: GPL-2.0-or-later
/* Trials as lines of Go's benchmark format: export.h says which. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

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

static void print_trial(struct gobench *gobench, const struct cell *like, const struct run_info *run,
			const json_t *trial)
{
	static const struct {
		const char *name;
		const struct region_paths *paths;
	} regions[] = { { "migrate", &migrate_paths }, { "write", &write_paths } };
	uint64_t pages = pages_judged(like, trial), faults = record_count(trial, "faults.write_protect");
	bool timed = !record_flag(trial, "traced") && strcmp(run->platform, "lab-tcg");

	if (record_flag(trial, "traced") ? faults == NOT_MEASURED :
	    !timed || (time_taken(trial, &migrate_paths) == NOT_MEASURED && time_taken(trial, &write_paths) == NOT_MEASURED))
		return;
	if (!gobench->current || strcmp(gobench->current, run->id))
		print_config(gobench, run->id);
	print_name(gobench->out, run, trial);
	if (!timed)
		fprintf(gobench->out, "\t%.9g faults/page", export_faults(faults, pages));
	for (size_t i = 0; timed && i < 2; i++) {
		uint64_t taken = time_taken(trial, regions[i].paths);

		if (taken != NOT_MEASURED)
			fprintf(gobench->out, "\t%.9g %s-%s/page", (double)taken / (double)pages, regions[i].name,
				run->clock);
	}
	fputc('\n', gobench->out);
}

int gobench_begin(struct gobench *gobench, FILE *out)
{
	*gobench = (struct gobench){ .out = out, .configs = json_object() };
	fputs("# wbit " WBIT_VERSION ". faults/page: write faults per page written, the first touch included.\n"
	      "Unit faults/page better=lower assume=exact\n", out);
	for (size_t i = 0; i < 4; i++)
		fprintf(out, "Unit %s-%s/page better=lower\n", i % 2 ? "write" : "migrate", i / 2 ? "ns" : "insn");
	return gobench->configs ? 0 : -ENOMEM;
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
	const struct cell like = { .pages = record_count(record, "pages") };

	if (!strcmp(type, "env"))
		return note_env(gobench, record);
	if (strcmp(type, "trial") || !run)
		return 0;
	if (!strcmp(outcome, "ok") || (!strcmp(outcome, "fail") && record_flag(record, "traced")))
		print_trial(gobench, &like, run, record);
	return 0;
}

void gobench_end(struct gobench *gobench)
{
	json_decref(gobench->configs);
	gobench->configs = NULL;
}
