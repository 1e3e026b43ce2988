// SPDX-License-Identifier: GPL-2.0-or-later
/* The notary: a guest's lines become records that name what the host knows better. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cmd_lab.h"
#include "env.h"
#include "face.h"

__attribute__((format(printf, 2, 3))) static int refuse(struct notary *n, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(n->error, sizeof(n->error), format, args);
	va_end(args);
	return -EBADMSG;
}

static const char *clock_of(enum lab_mode mode)
{
	return clock_unit_name(mode == LAB_EXACT || mode == LAB_SMP ? CLOCK_INSN : CLOCK_NS);
}

/* What a kernel was built from: only those that were carry these keys. */
static void add_origin(json_t *env, const struct lab_origin *built)
{
	const struct {
		const char *key, *text;
	} facts[] = {
		{ "kernel_source", built->source },
		{ "kernel_series_sha256", built->series_sha256 },
		{ "kernel_patch", built->patch },
		{ "kernel_patch_sha256", built->patch_sha256 },
		{ "kernel_fragment_sha256", built->fragment_sha256 },
		{ "kernel_compiler", built->compiler },
	};
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (facts[i].text[0])
			json_object_set_new(env, facts[i].key, json_string(facts[i].text));
}

/* A null of the env line has its reason beside it. */
static void give_reason(json_t *why, const char *key, const char *reason)
{
	if (reason)
		json_object_set_new(why, key, json_string(reason));
	else
		json_object_del(why, key);
}

static int vouch_for(struct notary *n, json_t *env)
{
	const struct lab_kernel *kernel = n->kernel;
	char package[sizeof(kernel->package) + sizeof(kernel->version) + 1];
	json_t *facts, *why = json_object_get(env, "why");
	bool config = kernel->config_sha256[0], packaged = kernel->package[0];
	int err;

	snprintf(package, sizeof(package), "%s %s", kernel->package, kernel->version);
	facts = json_pack("{ss ss so so ss ss? ss ss ss? s{ss}}", "time", n->time, "wbit", WBIT_VERSION,
			  "argv", env_argv(&n->options->measure.run), "labels", env_labels(&n->options->measure.run),
			  "kernel_name", kernel->name, "kernel_package", packaged ? package : NULL,
			  "kernel_sha256", kernel->vmlinuz_sha256, "image_sha256", n->image_sha256,
			  "kernel_config_hash", config ? kernel->config_sha256 : NULL, "tools", "qemu", n->tools_qemu);
	err = facts ? json_object_update(env, facts) : -1;
	json_decref(facts);
	if (!json_is_object(why)) {
		why = json_object();
		json_object_set_new(env, "why", why);
	}
	give_reason(why, "kernel_config_hash", config ? NULL : packaged ? "the package has no boot/config-*" :
		    "an image says nothing of its configuration");
	give_reason(why, "kernel_package", packaged ? NULL : kernel->built.source[0] ? "it was built from a source tree" :
		    "it is an image from no package");
	if (n->options->memory_bytes)
		json_object_set_new(env, "guest_memory_bytes", json_integer((json_int_t)n->options->memory_bytes));
	add_origin(env, &kernel->built);
	return err ? refuse(n, "out of memory") : 0;
}

static int take_env(struct notary *n, json_t *env)
{
	const char *platform = record_string(env, "platform", "?"), *clock = record_string(env, "clock", "?");

	if (n->stage != NOTARY_WANTS_ENV)
		return refuse(n, "the guest sent a second env line");
	if (strcmp(platform, platform_name(lab_platform(n->options->mode))) || strcmp(clock, clock_of(n->options->mode)))
		return refuse(n, "the guest says that it runs on %.40s with the clock %.10s, which is not so", platform,
			      clock);
	n->stage = NOTARY_WANTS_TRIALS;
	return vouch_for(n, env);
}

static int take_trial(struct notary *n, const json_t *trial)
{
	const char *clock = record_string(trial, "clock", "?"), *outcome = record_string(trial, "outcome", "?");
	unsigned i;

	if (n->stage != NOTARY_WANTS_TRIALS)
		return refuse(n, "the guest sent a trial outside a run");
	if (strcmp(clock, clock_of(n->options->mode)))
		return refuse(n, "the guest sent a trial with the clock %.10s", clock);
	n->sink.tally.trials++;
	for (i = 0; i < NR_OUTCOMES; i++)
		if (!strcmp(outcome, outcome_name(i)))
			n->sink.tally.by_outcome[i]++;
	if (n->progress)
		fprintf(stderr, "\r\033[K%s: %llu trials ...", n->kernel->name,
			(unsigned long long)n->sink.tally.trials);
	return 0;
}

static int take_end(struct notary *n, const json_t *end)
{
	uint64_t said = record_count(end, "trials");

	if (n->stage != NOTARY_WANTS_TRIALS)
		return refuse(n, "the guest sent an end line outside a run");
	if (said != n->sink.tally.trials)
		return refuse(n, "the guest counts %llu trials, but %llu came", (unsigned long long)said,
			      (unsigned long long)n->sink.tally.trials);
	n->stage = NOTARY_HAS_END;
	return 0;
}

static int take(struct notary *n, json_t *record)
{
	const char *type = record_string(record, "type", "?");
	int err;

	if (json_object_set_new(record, "run", json_string(n->sink.run)))
		return refuse(n, "out of memory");
	if (!strcmp(type, "env"))
		err = take_env(n, record);
	else if (!strcmp(type, "trial"))
		err = take_trial(n, record);
	else
		err = take_end(n, record);
	if (err)
		return err;
	err = record_write_object(&n->sink, record);
	if (!err && summary_add(n->summary, record))
		err = refuse(n, "%s", n->summary->error);
	return err;
}

int notary_line(void *arg, const char *line, size_t len)
{
	struct notary *n = arg;
	char why[200];
	json_t *record;
	int err;

	if (record_parse_line(line, len, &record, why, sizeof(why)))
		return refuse(n, "the guest sent a line that is no record: %s", why);
	err = take(n, record);
	json_decref(record);
	return err;
}
