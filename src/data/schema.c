// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a record has to look like: the keys of each type, their shapes, and access to them by path. results/README.md
 * says the same in words. Keys that are not listed are kept and not looked at: a later wbit may have added them.
 */
#include "schema.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "reader.h"
#include "record.h"

#define SHORT_TEXT 40		/* of the input, in a message */
#define PATH_KEY_MAX 64
#define SIZE_COUNT_MAX (UINT64_C(1) << 40)	/* of pages, and bytes of a page: beyond any machine */

enum shape {
	SHAPE_COUNT,		/* an integer, 0 or more */
	SHAPE_NODE,		/* an integer, -1 or more */
	SHAPE_INTEGER,		/* of either sign */
	SHAPE_STRING,		/* not empty */
	SHAPE_BOOL,
	SHAPE_OBJECT,
	SHAPE_TEXTS,		/* an object of strings */
	SHAPE_HIST,		/* [[LOW, COUNT], ...] */
	SHAPE_COUNTERS,		/* an object of counters, or of nulls */
	SHAPE_COUNTER_LIST,	/* what they are: a list of objects */
};

enum { REQUIRED = 1, NULLABLE = 2 };

struct field {
	const char *path;	/* dotted: a key of a group */
	enum shape shape;
	unsigned flags;
	const char *choices;	/* SHAPE_STRING: "|a|b|", or NULL for any */
};

#define CLOCKS "|ns|insn|"

static const struct field env_fields[] = {
	{ "schema", SHAPE_COUNT, REQUIRED, NULL },
	{ "run", SHAPE_STRING, REQUIRED, NULL },
	{ "kernel", SHAPE_STRING, REQUIRED, NULL },
	{ "kernel_package", SHAPE_STRING, NULLABLE, NULL },
	{ "platform", SHAPE_STRING, REQUIRED, "|bare-metal|vm|lab-kvm|lab-tcg|lab-exact|lab-smp|" },
	{ "clock", SHAPE_STRING, REQUIRED, CLOCKS },
	{ "labels", SHAPE_TEXTS, NULLABLE, NULL },
	{ "seed", SHAPE_COUNT, NULLABLE, NULL },
	{ "pairs", SHAPE_BOOL, 0, NULL },
	{ "counters", SHAPE_COUNTER_LIST, NULLABLE, NULL },
};

static const struct field trial_fields[] = {
	{ "run", SHAPE_STRING, REQUIRED, NULL },
	{ "workload", SHAPE_STRING, REQUIRED, NULL },
	{ "policy", SHAPE_STRING, REQUIRED, NULL },
	{ "source", SHAPE_STRING, REQUIRED, "|native|switch|emulated|" },
	{ "kernel_policy", SHAPE_STRING, 0, NULL },
	{ "emulation_idle", SHAPE_BOOL, 0, NULL },
	{ "racing", SHAPE_BOOL, 0, NULL },
	{ "condition", SHAPE_STRING, 0, NULL },
	{ "attempts", SHAPE_COUNT, 0, NULL },
	{ "trigger", SHAPE_STRING, REQUIRED, NULL },
	{ "pages", SHAPE_COUNT, REQUIRED, NULL },
	{ "page_bytes", SHAPE_COUNT, REQUIRED, NULL },
	{ "from", SHAPE_NODE, NULLABLE, NULL },
	{ "to", SHAPE_NODE, NULLABLE, NULL },
	{ "threads", SHAPE_COUNT, NULLABLE, NULL },
	{ "clock", SHAPE_STRING, REQUIRED, CLOCKS },
	{ "vmas", SHAPE_COUNT, 0, NULL },
	{ "block", SHAPE_COUNT, REQUIRED, NULL },
	{ "order", SHAPE_COUNT, REQUIRED, NULL },
	{ "start_ns", SHAPE_COUNT, NULLABLE, NULL },
	{ "traced", SHAPE_BOOL, REQUIRED, NULL },
	{ "outcome", SHAPE_STRING, REQUIRED, "|ok|fail|state-not-reached|broken|skip|" },
	{ "reason", SHAPE_STRING, NULLABLE, NULL },
	{ "migrated", SHAPE_COUNT, NULLABLE, NULL },
	{ "failed", SHAPE_COUNT, NULLABLE, NULL },
	{ "w_before", SHAPE_COUNT, NULLABLE, NULL },
	{ "w_after", SHAPE_COUNT, NULLABLE, NULL },
	{ "dirty_after", SHAPE_COUNT, NULLABLE, NULL },
	{ "young_after", SHAPE_COUNT, NULLABLE, NULL },
	{ "entries", SHAPE_OBJECT, 0, NULL },
	{ "entries.read", SHAPE_COUNT, NULLABLE, NULL },
	{ "entries.read_exclusive", SHAPE_COUNT, NULLABLE, NULL },
	{ "entries.write", SHAPE_COUNT, NULLABLE, NULL },
	{ "entries.all", SHAPE_COUNT, NULLABLE, NULL },
	{ "restored", SHAPE_COUNT, NULLABLE, NULL },
	{ "expected", SHAPE_OBJECT, REQUIRED, NULL },
	{ "expected.faults", SHAPE_COUNT, NULLABLE, NULL },
	{ "expected.kind", SHAPE_STRING, NULLABLE, NULL },
	{ "faults", SHAPE_OBJECT, REQUIRED, NULL },
	{ "faults.write_protect", SHAPE_COUNT, NULLABLE, NULL },
	{ "faults.page_faults", SHAPE_COUNT, NULLABLE, NULL },
	{ "faults.reuse", SHAPE_COUNT, NULLABLE, NULL },
	{ "faults.userfault", SHAPE_COUNT, NULLABLE, NULL },
	{ "migrate", SHAPE_OBJECT, REQUIRED, NULL },
	{ "migrate.elapsed", SHAPE_COUNT, NULLABLE, NULL },
	{ "migrate.oncpu", SHAPE_COUNT, NULLABLE, NULL },
	{ "migrate.ticks", SHAPE_COUNT, NULLABLE, NULL },
	{ "migrate.waits", SHAPE_COUNT, NULLABLE, NULL },
	{ "migrate.counters", SHAPE_COUNTERS, 0, NULL },
	{ "write", SHAPE_OBJECT, REQUIRED, NULL },
	{ "write.elapsed", SHAPE_COUNT, NULLABLE, NULL },
	{ "write.oncpu", SHAPE_COUNT, NULLABLE, NULL },
	{ "write.ticks", SHAPE_COUNT, NULLABLE, NULL },
	{ "write.waits", SHAPE_COUNT, NULLABLE, NULL },
	{ "write.p50", SHAPE_COUNT, NULLABLE, NULL },
	{ "write.p90", SHAPE_COUNT, NULLABLE, NULL },
	{ "write.p99", SHAPE_COUNT, NULLABLE, NULL },
	{ "write.p999", SHAPE_COUNT, NULLABLE, NULL },
	{ "write.max", SHAPE_COUNT, NULLABLE, NULL },
	{ "write.hist", SHAPE_HIST, NULLABLE, NULL },
	{ "write.hist_error_milli", SHAPE_COUNT, NULLABLE, NULL },
	{ "write.batch", SHAPE_OBJECT, NULLABLE, NULL },
	{ "write.batch.pages", SHAPE_COUNT, 0, NULL },
	{ "write.batch.elapsed", SHAPE_COUNT, 0, NULL },
	{ "write.batch.sampled_pages", SHAPE_COUNT, 0, NULL },
	{ "write.batch.sampled_elapsed", SHAPE_COUNT, 0, NULL },
	{ "write.batch.difference_milli", SHAPE_INTEGER, 0, NULL },
	{ "write.counters", SHAPE_COUNTERS, 0, NULL },
	{ "beside", SHAPE_OBJECT, 0, NULL },
	{ "beside.threads", SHAPE_COUNT, 0, NULL },
	{ "beside.writes", SHAPE_COUNT, NULLABLE, NULL },
	{ "beside.met", SHAPE_COUNT, NULLABLE, NULL },
	{ "beside.waited", SHAPE_COUNT, NULLABLE, NULL },
	{ "beside.p50", SHAPE_COUNT, NULLABLE, NULL },
	{ "beside.p90", SHAPE_COUNT, NULLABLE, NULL },
	{ "beside.p99", SHAPE_COUNT, NULLABLE, NULL },
	{ "beside.p999", SHAPE_COUNT, NULLABLE, NULL },
	{ "beside.max", SHAPE_COUNT, NULLABLE, NULL },
	{ "beside.hist", SHAPE_HIST, NULLABLE, NULL },
	{ "beside.hist_error_milli", SHAPE_COUNT, NULLABLE, NULL },
	{ "beside.faults", SHAPE_OBJECT, 0, NULL },
	{ "beside.faults.write_protect", SHAPE_COUNT, NULLABLE, NULL },
	{ "beside.faults.not_present", SHAPE_COUNT, NULLABLE, NULL },
	{ "beside.faults.page_faults", SHAPE_COUNT, NULLABLE, NULL },
	{ "crosscheck", SHAPE_OBJECT, 0, NULL },
	{ "crosscheck.tool", SHAPE_STRING, 0, NULL },
	{ "crosscheck.faults", SHAPE_COUNT, NULLABLE, NULL },
	{ "crosscheck.expected", SHAPE_COUNT, NULLABLE, NULL },
	{ "why", SHAPE_TEXTS, REQUIRED, NULL },
};

static const struct field end_fields[] = {
	{ "run", SHAPE_STRING, REQUIRED, NULL },
	{ "trials", SHAPE_COUNT, REQUIRED, NULL },
	{ "ok", SHAPE_COUNT, REQUIRED, NULL },
	{ "fail", SHAPE_COUNT, REQUIRED, NULL },
	{ "state_not_reached", SHAPE_COUNT, 0, NULL },
	{ "broken", SHAPE_COUNT, REQUIRED, NULL },
	{ "skip", SHAPE_COUNT, REQUIRED, NULL },
	{ "cut_short", SHAPE_STRING, NULLABLE, NULL },
};

#define FIELDS(table) table, sizeof(table) / sizeof((table)[0])

static const struct record_type {
	const char *name;
	const struct field *fields;
	size_t nr_fields;
} record_types[] = {
	{ "trial", FIELDS(trial_fields) },
	{ "env", FIELDS(env_fields) },
	{ "end", FIELDS(end_fields) },
};

struct message {
	char *text;
	size_t size;
	const char **path;
};

__attribute__((format(printf, 3, 4)))
static int refuse(struct message message, const char *path, const char *format, ...)
{
	va_list args;

	*message.path = path;
	va_start(args, format);
	vsnprintf(message.text, message.size, format, args);
	va_end(args);
	return -EINVAL;
}

/* The value at a dotted path; NULL when it, or a group on the way, is absent. */
static json_t *at_path(const json_t *object, const char *path)
{
	char key[PATH_KEY_MAX];
	const char *dot;

	for (; (dot = strchr(path, '.')); path = dot + 1) {
		if ((size_t)(dot - path) >= sizeof(key))
			return NULL;
		memcpy(key, path, (size_t)(dot - path));
		key[dot - path] = '\0';
		object = json_object_get(object, key);
	}
	return json_object_get(object, path);
}

static bool is_count(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_hist(const json_t *value)
{
	size_t i;
	json_t *bucket;

	if (!json_is_array(value))
		return false;
	json_array_foreach(value, i, bucket) {
		if (json_array_size(bucket) != 2 || !is_count(json_array_get(bucket, 0)) ||
		    !is_count(json_array_get(bucket, 1)))
			return false;
	}
	return true;
}

#define COUNTERS_MAX 256		/* of a line; a record of ours has fewer */
#define COUNTER_NAME_MAX 128

static bool is_counter_name(const char *name)
{
	return *name && strlen(name) < COUNTER_NAME_MAX;
}

static bool is_counters(json_t *value)
{
	const char *name;
	json_t *counter;

	if (!json_is_object(value) || json_object_size(value) > COUNTERS_MAX)
		return false;
	json_object_foreach(value, name, counter) {
		if (!is_counter_name(name) ||
		    (!json_is_null(counter) && (!is_count(json_object_get(counter, "value")) ||
						!is_count(json_object_get(counter, "enabled_ns")) ||
						!is_count(json_object_get(counter, "running_ns")))))
			return false;
	}
	return true;
}

static bool is_counter_list(const json_t *value)
{
	size_t i;
	json_t *counter;

	if (!json_is_array(value) || json_array_size(value) > COUNTERS_MAX)
		return false;
	json_array_foreach(value, i, counter) {
		const char *name = json_string_value(json_object_get(counter, "name"));
		const json_t *why = json_object_get(counter, "why");

		if (!name || !is_counter_name(name) || (why && !json_is_null(why) && !json_is_string(why)))
			return false;
	}
	return true;
}

static bool is_texts(json_t *value)
{
	const char *key;
	json_t *text;

	if (!json_is_object(value))
		return false;
	json_object_foreach(value, key, text) {
		if (!json_is_string(text))
			return false;
	}
	return true;
}

static bool is_choice(const char *text, const char *choices)
{
	char wanted[SHORT_TEXT];
	int len = snprintf(wanted, sizeof(wanted), "|%s|", text);

	return len < (int)sizeof(wanted) && !strchr(text, '|') && strstr(choices, wanted);
}

/* NULL when the value is what the field takes, else what it should have been. */
static const char *wrong_shape(const struct field *field, json_t *value)
{
	switch (field->shape) {
	case SHAPE_COUNT:
		return is_count(value) ? NULL : "a count";
	case SHAPE_NODE:
		return json_is_integer(value) && json_integer_value(value) >= -1 ? NULL : "a node";
	case SHAPE_INTEGER:
		return json_is_integer(value) ? NULL : "an integer";
	case SHAPE_STRING:
		if (!json_string_length(value))
			return "a text";
		return !field->choices || is_choice(json_string_value(value), field->choices) ? NULL : "a known word";
	case SHAPE_BOOL:
		return json_is_boolean(value) ? NULL : "true or false";
	case SHAPE_OBJECT:
		return json_is_object(value) ? NULL : "an object";
	case SHAPE_TEXTS:
		return is_texts(value) ? NULL : "an object of texts";
	case SHAPE_HIST:
		return is_hist(value) ? NULL : "a list of [low, count]";
	case SHAPE_COUNTERS:
		return is_counters(value) ? NULL : "an object of counters";
	case SHAPE_COUNTER_LIST:
		return is_counter_list(value) ? NULL : "a list of counters";
	}
	return "known to the reader";
}

static int check_fields(const json_t *object, const struct record_type *type, struct message message)
{
	for (size_t i = 0; i < type->nr_fields; i++) {
		const struct field *field = &type->fields[i];
		json_t *value = at_path(object, field->path);
		const char *wanted;

		if (!value) {
			if (field->flags & REQUIRED)
				return refuse(message, "", "%s record without \"%s\"", type->name, field->path);
			continue;
		}
		if (json_is_null(value) && field->flags & NULLABLE)
			continue;
		wanted = wrong_shape(field, value);
		if (wanted)
			return refuse(message, field->path, "\"%s\" is not %s", field->path, wanted);
	}
	return 0;
}

static int check_trial(const json_t *object, struct message message)
{
	static const char *const sizes[] = { "pages", "page_bytes" };

	for (size_t i = 0; i < 2; i++) {
		if (!record_count(object, sizes[i]))
			return refuse(message, sizes[i], "a trial of no pages");
		if (record_count(object, sizes[i]) > SIZE_COUNT_MAX)
			return refuse(message, sizes[i], "\"%s\" is no size: more than 2^40", sizes[i]);
	}
	return 0;
}

int schema_check(const json_t *object, char *error, size_t error_size, const char **path)
{
	struct message message = { error, error_size, path };
	const json_t *schema = json_object_get(object, "schema");
	const char *name = json_string_value(json_object_get(object, "type"));

	/* before all else: a newer record may look like anything */
	if (is_count(schema) && json_integer_value(schema) > RECORD_SCHEMA)
		return refuse(message, "schema", "made by a newer wbit (schema %lld; this one reads up to %d)",
			      (long long)json_integer_value(schema), RECORD_SCHEMA);
	if (!name)
		return refuse(message, "type", "no record: it has no \"type\"");
	for (size_t i = 0; i < sizeof(record_types) / sizeof(record_types[0]); i++) {
		const struct record_type *type = &record_types[i];
		int err;

		if (strcmp(type->name, name))
			continue;
		err = check_fields(object, type, message);
		return err || type->fields != trial_fields ? err : check_trial(object, message);
	}
	return refuse(message, "type", "unknown type \"%.*s\"", SHORT_TEXT, name);
}

uint64_t record_count(const json_t *object, const char *path)
{
	const json_t *value = at_path(object, path);

	return is_count(value) ? (uint64_t)json_integer_value(value) : NOT_MEASURED;
}

const char *record_string(const json_t *object, const char *key, const char *otherwise)
{
	const char *text = json_string_value(at_path(object, key));

	return text ? text : otherwise;
}

bool record_flag(const json_t *object, const char *key)
{
	return json_is_true(at_path(object, key));
}
