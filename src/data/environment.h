/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run ran on, flattened: the fields of its env line by dotted key ("tools.qemu"), each value as JSON text. Left out is
 * what names the run or follows from what it measured (its time, command line, labels, findings), not what it ran on.
 */
#ifndef WBIT_ENVIRONMENT_H
#define WBIT_ENVIRONMENT_H

#include <jansson.h>

/* More is not kept: an env line is hostile input, too. A value is kept up to 400 bytes, a key up to 100. */
#define ENVIRONMENT_FIELDS_MAX 128

struct environment {
	unsigned nr;
	struct env_field {
		char *key, *value;
	} *fields;		/* in alphabetical order of the keys */
};

int environment_take(struct environment *environment, const json_t *env);	/* 0 or -ENOMEM */
void environment_free(struct environment *environment);

/* The value as JSON text, a string in its quotes; NULL when there is none. */
const char *environment_value(const struct environment *environment, const char *key);

/*
 * Walks the keys whose values differ, those of one side included. *at starts as { 0, 0 }; returns the key, or NULL at the
 * end. base_value and new_value are NULL on the side that has none.
 */
struct environment_walk {
	unsigned base, new;
};
const char *environment_difference(const struct environment *base, const struct environment *new,
				   struct environment_walk *at, const char **base_value, const char **new_value);

#endif
