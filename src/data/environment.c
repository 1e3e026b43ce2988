// SPDX-License-Identifier: GPL-2.0-or-later
/* Env lines as flat lists of keys and values, and how two of them differ. */
#include "environment.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 100
#define VALUE_MAX 400

static const char *const left_out[] = {
	"type", "schema", "run", "time", "boot_id", "argv", "labels", "why", "topology_picture", "pairs", "overhead", "entry_types", "native_policy",
	"native_policy_evidence", "unregister_restores_w", "unprotect_restores_w", "anon_unregister_drops_w",
	"not_tuned", "noise_floor",
};

static bool is_left_out(const char *key)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		if (!strcmp(key, left_out[i]))
			return true;
	}
	return false;
}

/* Takes the value over. Nulls and what is beyond the limit are left out. */
static int add_field(struct environment *environment, const char *key, char *value)
{
	struct env_field *fields;

	if (!value)
		return -ENOMEM;
	if (environment->nr == ENVIRONMENT_FIELDS_MAX) {
		free(value);
		return 0;
	}
	fields = reallocarray(environment->fields, environment->nr + 1, sizeof(*fields));
	if (fields)
		environment->fields = fields;
	if (fields)
		fields[environment->nr].key = strndup(key, KEY_MAX);
	if (!fields || !fields[environment->nr].key) {
		free(value);
		return -ENOMEM;
	}
	if (strlen(value) > VALUE_MAX)
		value[VALUE_MAX] = '\0';
	fields[environment->nr++].value = value;
	return 0;
}

static int add_group(struct environment *environment, const char *group, const json_t *members)
{
	const char *name;
	json_t *value;
	int err = 0;

	json_object_foreach((json_t *)members, name, value) {
		char key[2 * KEY_MAX + 2];

		snprintf(key, sizeof(key), "%.*s.%.*s", KEY_MAX, group, KEY_MAX, name);
		if (!err && !json_is_null(value))
			err = add_field(environment, key, json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS));
	}
	return err;
}

static int compare_fields(const void *left, const void *right)
{
	const struct env_field *a = left, *b = right;

	return strcmp(a->key, b->key);
}

int environment_take(struct environment *environment, const json_t *env)
{
	const char *key;
	json_t *value;
	int err = 0;

	json_object_foreach((json_t *)env, key, value) {
		if (err || is_left_out(key) || json_is_null(value))
			continue;
		if (json_is_object(value))
			err = add_group(environment, key, value);
		else
			err = add_field(environment, key,
					json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS));
	}
	if (environment->nr)
		qsort(environment->fields, environment->nr, sizeof(environment->fields[0]), compare_fields);
	return err;
}

void environment_free(struct environment *environment)
{
	for (unsigned i = 0; i < environment->nr; i++) {
		free(environment->fields[i].key);
		free(environment->fields[i].value);
	}
	free(environment->fields);
	memset(environment, 0, sizeof(*environment));
}

const char *environment_value(const struct environment *environment, const char *key)
{
	const struct env_field wanted = { .key = (char *)key }, *found;

	if (!environment->nr)
		return NULL;
	found = bsearch(&wanted, environment->fields, environment->nr, sizeof(wanted), compare_fields);
	return found ? found->value : NULL;
}

const char *environment_difference(const struct environment *base, const struct environment *new,
				   struct environment_walk *at, const char **base_value, const char **new_value)
{
	while (at->base < base->nr || at->new < new->nr) {
		const struct env_field *a = at->base < base->nr ? &base->fields[at->base] : NULL;
		const struct env_field *b = at->new < new->nr ? &new->fields[at->new] : NULL;
		int order = !a ? 1 : !b ? -1 : strcmp(a->key, b->key);

		at->base += order <= 0;
		at->new += order >= 0;
		*base_value = order <= 0 ? a->value : NULL;
		*new_value = order >= 0 ? b->value : NULL;
		if (order || strcmp(a->value, b->value))
			return order <= 0 ? a->key : b->key;
	}
	return NULL;
}
