// SPDX-License-Identifier: GPL-2.0-or-later
/* The env line, gathered from /proc, /sys and libnuma. What is not there is null, with its reason under "why". */
#include <glob.h>
#include <numa.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "aa.h"
#include "clock.h"
#include "env.h"
#include "knobs.h"

static void set_text(json_t *env, const char *key, const char *text)
{
	json_object_set_new(env, key, text ? record_text(text, RECORD_LINE_MAX) : json_null());
}

/* The value of "key : value" in /proc/cpuinfo, or the first line of a file when key is NULL. NULL: not there. */
static char *line_of(const char *path, const char *key, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	char *found = NULL, *colon;

	while (f && !found && fgets(text, size, f)) {
		text[strcspn(text, "\n")] = '\0';
		if (!key)
			found = text;
		else if (!strncmp(text, key, strlen(key)) && (colon = strchr(text, ':')))
			found = colon[1] ? colon + 2 : colon + 1;
	}
	if (f)
		fclose(f);
	return found;
}

static json_t *nodes(void)
{
	json_t *list = json_array();
	int all[64], n = nodes_with_memory(all, 64), i;

	for (i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:i, s:I, s:i}", "node", all[i], "memory_bytes",
						      (json_int_t)numa_node_size64(all[i], NULL), "first_cpu",
						      cpu_of_node(all[i])));
	return list;
}

static json_t *distances(void)
{
	json_t *rows = json_array(), *row;
	int all[64], n = nodes_with_memory(all, 64), i, j;

	for (i = 0; i < n; i++) {
		row = json_array();
		for (j = 0; j < n; j++)
			json_array_append_new(row, json_integer(numa_distance(all[i], all[j])));
		json_array_append_new(rows, row);
	}
	return rows;
}

static json_t *placement(const struct places *places)
{
	json_t *list = json_array();
	unsigned i;

	for (i = 0; i < places->nr; i++)
		json_array_append_new(list, json_pack("{s:i, s:i, s:i, s:i}", "from", places->all[i].from, "to", places->all[i].to,
						      "cpu", places->all[i].cpu, "cpu_node", places->all[i].cpu_node));
	return list;
}

/* What the face told of this machine; the lab's program has no hwloc to tell it by. */
static void add_host(json_t *env, json_t *why, json_t *tools, const json_t *host)
{
	static const char *const keys[] = { "topology", "memattrs", "topology_picture" };
	static const char without[] = "the guest's program goes without hwloc";
	unsigned i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *value = json_object_get(host, keys[i]);
		const json_t *reason = json_object_get(json_object_get(host, "why"), keys[i]);

		json_object_set_new(env, keys[i], value ? json_incref(value) : json_null());
		if (!value || json_is_null(value))
			set_text(why, keys[i], json_is_string(reason) ? json_string_value(reason) : without);
	}
	if (host)
		json_object_update(tools, json_object_get(host, "tools"));
}

/* What the CPUs' files hold, each value once: "performance", or "performance,powersave". */
static void add_of_each_cpu(json_t *object, const char *kind)
{
	char paths[KNOB_PATH_MAX], value[KNOB_VALUE_MAX], all[4 * KNOB_VALUE_MAX] = "";
	char *hole;
	glob_t files;
	size_t i;

	snprintf(paths, sizeof(paths), "%s", kind);
	hole = strchr(paths, '%');
	*hole = '*';
	if (glob(paths, 0, NULL, &files))
		return;
	for (i = 0; i < files.gl_pathc; i++)
		if (!knob_read(files.gl_pathv[i], value, sizeof(value)) && !strstr(all, value) &&
		    strlen(all) + strlen(value) + 2 < sizeof(all))
			sprintf(all + strlen(all), "%s%s", *all ? "," : "", value);
	globfree(&files);
	set_text(object, paths, all);
}

static json_t *knobs(void)
{
	json_t *object = json_object();
	char path[PATH_MAX], value[KNOB_VALUE_MAX];
	unsigned i;

	for (i = 0; i < NR_KNOBS; i++) {
		const char *kind = knob_kinds[i].path;

		if (strchr(kind, '%'))
			add_of_each_cpu(object, kind);
		else if (strcmp(kind, KNOB_POLICY) && !knob_path("", kind, path) && !knob_read(path, value, sizeof(value)))
			set_text(object, kind, value);
	}
	return object;
}

/* What the switch was set to, and what the probes saw under each of its words; null: this kernel has none. */
static json_t *policy_switch(const struct kernel_facts *facts)
{
	json_t *object = json_object();
	enum policy p;

	if (facts->found_at == POLICY_UNKNOWN) {
		json_decref(object);
		return json_null();
	}
	set_text(object, "as_found", policy_name(facts->found_at));
	for (p = 0; p < NR_POLICIES; p++)
		set_text(object, policy_name(p), facts->told[p].seen);
	return object;
}

json_t *env_argv(const struct run_options *options)
{
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < options->argc; i++)
		json_array_append_new(array, record_text(options->argv[i], RECORD_LINE_MAX));
	return array;
}

json_t *env_labels(const struct run_options *options)
{
	json_t *object = json_object();
	const char *equals;
	char key[64];
	unsigned i;

	for (i = 0; i < options->nr_labels; i++) {
		equals = strchr(options->labels[i], '=');
		snprintf(key, sizeof(key), "%.*s", (int)(equals - options->labels[i]), options->labels[i]);
		set_text(object, key, equals + 1);
	}
	return object;
}

/* SHA-256 of the kernel's config; the lab sets it for its guests. */
static void config_hash(json_t *env, json_t *why, const char *release)
{
	char path[300], hash[SHA256_DIGEST_STRING_LENGTH];

	snprintf(path, sizeof(path), "/boot/config-%s", release);
	if (SHA256File(path, hash) || SHA256File("/proc/config.gz", hash)) {
		set_text(env, "kernel_config_hash", hash);
	} else {
		set_text(env, "kernel_config_hash", NULL);
		set_text(why, "kernel_config_hash", "neither /boot/config-RELEASE nor /proc/config.gz can be read");
	}
}

/* What a clock read and an empty region cost: recorded, never subtracted. */
static json_t *overhead(const struct trial_spec *base)
{
	struct stopwatch *watch = malloc(sizeof(*watch));
	uint64_t least = UINT64_MAX, last, now;
	struct region region = { 0 };
	int i;

	if (!watch)
		return json_null();
	stopwatch_init(watch, base->clock, base->exact, base->cpu);
	stopwatch_overhead(watch, &region);
	stopwatch_close(watch);
	free(watch);
	last = clock_now(base->clock);
	for (i = 0; i < 64; i++) {
		now = clock_now(base->clock);
		if (now - last < least)
			least = now - last;
		last = now;
	}
	return json_pack("{s:I, s:I, s:I, s:I}", "clock_read", (json_int_t)least, "sample",
			 (json_int_t)sample_ticks_to_units(&base->sample_clock, base->sample_clock.least), "region_elapsed",
			 (json_int_t)region.elapsed, "region_oncpu", (json_int_t)region.oncpu);
}

/* Of single writes, and what khz it was found to have. */
static json_t *sample_clock(const struct sample_clock *clock, json_t *why)
{
	if (clock->why)
		set_text(why, "sample_clock", clock->why);
	if (!clock->khz)
		return json_pack("{s:s}", "source", sample_source_name(clock->source));
	return json_pack("{s:s, s:I, s:I}", "source", sample_source_name(clock->source), "khz", (json_int_t)clock->khz, "error_ppm",
			 (json_int_t)clock->error_ppm);
}

static json_t *entry_types(const struct entry_types *types)
{
	json_t *object = json_object();
	int kind;

	for (kind = 0; kind < NR_ENTRY_KINDS; kind++)
		json_object_set_new(object, entry_name(kind), types->type[kind] < 0 ? json_null() :
				    json_integer(types->type[kind]));
	return object;
}

json_t *env_describe(const struct run_options *options, const struct places *places, const struct trial_spec *base,
		     const struct kernel_facts *facts)
{
	json_t *env = json_object(), *why = json_object(), *tools = json_object();
	char text[2048], stamp[32];
	time_t now = time(NULL);
	struct utsname name;

	uname(&name);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	set_text(env, "time", stamp);
	set_text(env, "wbit", WBIT_VERSION);
	set_text(env, "wbit_build", WBIT_BUILD);
	json_object_set_new(env, "argv", env_argv(options));
	json_object_set_new(env, "labels", env_labels(options));
	set_text(env, "kernel", name.release);
	set_text(env, "kernel_version", name.version);
	config_hash(env, why, name.release);
	set_text(env, "cmdline", line_of("/proc/cmdline", NULL, text, sizeof(text)));
	set_text(env, "platform", platform_name(options->platform));
	set_text(env, "clock", clock_unit_name(base->clock));
	if (options->platform == PLATFORM_BARE_METAL || options->platform == PLATFORM_VM)	/* a guest boots for each run */
		set_text(env, "boot_id", line_of("/proc/sys/kernel/random/boot_id", NULL, text, sizeof(text)));
	set_text(env, "cpu", line_of("/proc/cpuinfo", "model name", text, sizeof(text)));
	set_text(env, "microcode", line_of("/proc/cpuinfo", "microcode", text, sizeof(text)));
	add_host(env, why, tools, options->host);
	json_object_set_new(env, "nodes", nodes());
	json_object_set_new(env, "distances", distances());
	json_object_set_new(env, "placement", placement(places));
	if (options->pairs)
		json_object_set_new(env, "pairs", json_true());
	json_object_set_new(env, "knobs", knobs());
	json_object_set_new(env, "seed", json_integer(options->seed));
	set_text(env, "native_policy", policy_name(facts->policy));
	set_text(env, "native_policy_evidence", facts->policy_reason);
	json_object_set_new(env, "policy_switch", policy_switch(facts));
	json_object_set_new(env, "unregister_restores_w", json_boolean(facts->conditions & UNREGISTER_RESTORES_W));
	json_object_set_new(env, "unprotect_restores_w", json_boolean(facts->conditions & UNPROTECT_RESTORES_W));
	json_object_set_new(env, "anon_unregister_drops_w", json_boolean(facts->conditions & ANON_UNREGISTER_DROPS_W));
	json_object_set_new(env, "entry_types", entry_types(&facts->types));
	json_object_set_new(env, "overhead", overhead(base));
	json_object_set_new(env, "sample_clock", sample_clock(&base->sample_clock, why));
	json_object_set_new(env, "tools", tools);
	json_object_set_new(env, "why", why);
	return env;
}

void env_add_noise(json_t *env, const struct tuning *tuning, const struct aa *aa)
{
	json_t *why = json_object_get(env, "why");

	if (tuning->set) {
		json_object_set(env, "tuned", tuning->set);
		json_object_set(env, "not_tuned", tuning->left);
	} else {
		json_object_set_new(env, "tuned", json_null());
		set_text(why, "tuned", "not asked for (--tune)");
	}
	json_object_set_new(env, "noise_floor", aa->floor ? json_incref(aa->floor) : json_null());
	if (aa->floor)
		json_object_update(why, aa->why_parts);
	else
		set_text(why, "noise_floor", aa->why);
}
