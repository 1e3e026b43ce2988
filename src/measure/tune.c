// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets what disturbs, file by file; and keeps account of what was set and what was not. */
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "noise.h"
#include "record.h"
#include "tune.h"

#define WHY_BYTES 200

/* ---- the account ---- */

/* One file more of the entry that has this text under this key; or a new entry. */
static void account(json_t *list, const struct noise_setting *s, const char *key, const char *text, const char *to)
{
	bool each_cpu = strchr(s->paths, '*');
	json_t *entry, *old;
	size_t i;

	json_array_foreach(list, i, entry) {
		old = json_object_get(entry, key);
		if (strcmp(json_string_value(json_object_get(entry, "knob")), s->paths) || !old ||
		    strcmp(json_string_value(old), text))
			continue;
		json_object_set_new(entry, "cpus", json_integer(json_integer_value(json_object_get(entry, "cpus")) + 1));
		return;
	}
	entry = json_pack("{ss so}", "knob", s->paths, key, record_text(text, WHY_BYTES));
	if (to)
		json_object_set_new(entry, "to", json_string(to));
	if (each_cpu)
		json_object_set_new(entry, "cpus", json_integer(1));
	json_array_append_new(list, entry);
}

/* A reason without the name of the file, so that those of all CPUs are one. */
static void leave(struct tuning *t, const struct noise_setting *s, int err, const char *reason)
{
	t->nr_denied += err == -EACCES || err == -EPERM || err == -EROFS;
	account(t->left, s, "why", err ? strerror(-err) : reason, NULL);
}

/* ---- setting ---- */

/* Do the finer files hold what this one holds? If not they could not be put back. */
static bool would_lose(const struct noise_setting *s, const char *root, const char *value)
{
	char pattern[PATH_MAX], one[KNOB_VALUE_MAX];
	bool lost = false;
	glob_t files;
	size_t i;

	if (!s->finer || snprintf(pattern, sizeof(pattern), "%s%s", root, s->finer) >= (int)sizeof(pattern) ||
	    glob(pattern, 0, NULL, &files))
		return false;
	for (i = 0; i < files.gl_pathc; i++)
		lost |= !knob_read(files.gl_pathv[i], one, sizeof(one)) && strcmp(one, value);
	globfree(&files);
	return lost;
}

/* knob: its path without the root. Only an error that ends the run comes back. */
static int tune_one(struct journal *j, struct tuning *t, const struct noise_setting *s, const char *file, const char *knob,
		    char *error, size_t size)
{
	char value[KNOB_VALUE_MAX], why[PATH_MAX + 100];
	int err = knob_read(file, value, sizeof(value));

	if (!knob_kind(knob))
		return 0;	/* a name that the glob takes and wbit does not */
	if (!err && !fnmatch(s->quiet, value, FNM_EXTMATCH))
		return 0;
	if (!err && access(file, W_OK))
		err = -errno;
	if (err) {
		leave(t, s, err, NULL);
		return 0;
	}
	if (!knob_may_hold(knob_kind(knob), value)) {
		leave(t, s, 0, "holds what wbit does not know, and so could not put back");
		return 0;
	}
	if (would_lose(s, j->root, value)) {
		leave(t, s, 0, "setting it would set what is set otherwise for single CPUs, for good");
		return 0;
	}
	err = journal_begin(j, error, size);
	if (err)
		return err;
	err = journal_tune(j, knob, s->tuned, why, sizeof(why));
	if (err) {
		leave(t, s, err == -EIO ? 0 : err, "does not take it");
		return 0;
	}
	t->nr_set++;
	account(t->set, s, "from", value, s->tuned);
	return 0;
}

static int tune_setting(struct journal *j, struct tuning *t, const struct noise_setting *s, char *error, size_t size)
{
	char pattern[PATH_MAX];
	glob_t files;
	int err = 0;
	size_t i;

	if (snprintf(pattern, sizeof(pattern), "%s%s", j->root, s->paths) >= (int)sizeof(pattern))
		return -ENAMETOOLONG;
	if (glob(pattern, 0, NULL, &files)) {
		leave(t, s, 0, "not there");
		json_object_del(json_array_get(t->left, json_array_size(t->left) - 1), "cpus");
		return 0;
	}
	for (i = 0; i < files.gl_pathc && !err; i++)
		err = tune_one(j, t, s, files.gl_pathv[i], files.gl_pathv[i] + strlen(j->root), error, size);
	globfree(&files);
	return err;
}

int tune(struct journal *j, struct tuning *t, char *error, size_t size)
{
	int err = 0;
	size_t i;

	*t = (struct tuning){ .set = json_array(), .left = json_array() };
	for (i = 0; i < NR_NOISE_SETTINGS && !err; i++)
		if (noise_settings[i].tuned)
			err = tune_setting(j, t, &noise_settings[i], error, size);
	if (!err && !t->nr_set && t->nr_denied) {
		snprintf(error, size, "--tune: nothing could be set, for want of privilege: run as root, where /sys can be written");
		err = -EACCES;
	}
	return err;
}

void tuning_free(struct tuning *t)
{
	json_decref(t->set);
	json_decref(t->left);
	*t = (struct tuning){ 0 };
}
