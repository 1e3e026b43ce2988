// SPDX-License-Identifier: GPL-2.0-or-later
/* --events and --counters: what is to be counted, checked as far as it can be before anything runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "counter_groups.h"
#include "face.h"
#include "microarchitecture.h"
#include "options.h"

/* Takes it behind the sets that are there: they share some limits. 0 or -errno, error set. */
static int take_set(struct run_options *run, const char *set, char *error, size_t size)
{
	struct counters all;
	int err;

	if (run->nr_counter_sets == COUNTER_SETS_MAX) {
		snprintf(error, size, "-e: at most %d sets of events", COUNTER_SETS_MAX);
		return -E2BIG;
	}
	if (snprintf(run->counter_sets[run->nr_counter_sets], COUNTER_SET_TEXT_MAX, "%s", set) >= COUNTER_SET_TEXT_MAX) {
		snprintf(error, size, "-e: a set of events has at most %d characters: several -e take turns", COUNTER_SET_TEXT_MAX - 1);
		return -E2BIG;
	}
	err = counters_take(&all, run->counter_sets, run->nr_counter_sets + 1, error, size);
	run->nr_counter_sets += !err;
	return err;
}

error_t parse_events(struct run_options *run, const char *text)
{
	char error[400];

	return take_set(run, text, error, sizeof(error)) ? usage_error("%s", error) : 0;
}

static error_t take_group(struct run_options *run, const struct events_group *group)
{
	char error[400];
	unsigned i;

	for (i = 0; i < group->nr_lines; i++)
		if (take_set(run, group->lines[i].set, error, sizeof(error)))
			return usage_error("%s:%u: %s", group->file, group->lines[i].number,
					   strncmp(error, "-e: ", 4) ? error : error + 4);
	return 0;
}

/* "tlb, walks" */
static const char *group_names(const struct events_groups *groups, char *out, size_t size)
{
	size_t at = 0;
	unsigned i;

	out[0] = '\0';
	for (i = 0; i < groups->nr && at < size; i++)
		at += snprintf(out + at, size - at, "%s%s", i ? ", " : "", groups->groups[i].name);
	return out;
}

int read_counter_groups(struct events_groups *groups, char *error, size_t size)
{
	const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME");
	char users[PATH_MAX] = "";

	if (config && *config == '/')	/* one that is not absolute is to be ignored: XDG Base Directory Specification */
		snprintf(users, sizeof(users), "%s/wbit/counters", config);
	else if (home && *home)
		snprintf(users, sizeof(users), "%s/.config/wbit/counters", home);
	*groups = (struct events_groups){ 0, NULL };
	return groups_read_all(groups, *users ? users : NULL, counters_folder(), microarchitecture_here(), error, size);
}

static error_t take_named(struct run_options *run, const char *name)
{
	const struct events_group *group;
	struct events_groups groups;
	char error[PATH_MAX + 200], names[400];
	error_t err;

	if (read_counter_groups(&groups, error, sizeof(error))) {
		groups_free(&groups);
		return usage_error("--counters: %s", error);
	}
	group = groups_find(&groups, name);
	err = group ? take_group(run, group) :
	      usage_error("--counters: no group '%.40s': there are %s, or FILE:NAME with a '/' in it", name,
			  group_names(&groups, names, sizeof(names)));
	groups_free(&groups);
	return err;
}

static error_t take_file(struct run_options *run, const char *path, const char *name)
{
	struct events_groups groups = { 0, NULL };
	char error[PATH_MAX + 200], names[400];
	bool found = false;
	error_t err = 0;
	unsigned i;

	if (groups_read(&groups, path, error, sizeof(error)))
		err = usage_error("--counters: %s", error);
	for (i = 0; i < groups.nr && !err; i++) {
		if (name && strcmp(groups.groups[i].name, name))
			continue;
		found = true;
		err = take_group(run, &groups.groups[i]);
	}
	if (!err && !found)
		err = name ? usage_error("--counters: no group '%.40s' in %s: there are %s", name, path,
					 group_names(&groups, names, sizeof(names))) :
			     usage_error("--counters: %s has no group", path);
	groups_free(&groups);
	return err;
}

/* A file has a '/' or ends in .events, with a group's name behind a colon or not. */
static error_t take_choice(struct run_options *run, char *text)
{
	char *colon = strrchr(text, ':'), *name = NULL;
	size_t len;

	if (colon && !strchr(colon, '/')) {
		*colon = '\0';
		name = colon + 1;
	}
	len = strlen(text);
	if (strchr(text, '/') || (len > 7 && !strcmp(text + len - 7, ".events")))
		return take_file(run, text, name);
	if (name)
		*colon = ':';
	return take_named(run, text);
}

error_t parse_counters(struct run_options *run, const char *text)
{
	char *copy, *at, *choice;
	error_t err = 0;

	if (in_guest)
		return usage_error("--counters: a guest has no files of groups: -e takes events");
	copy = at = strdup(text);
	if (!copy)
		return usage_error("out of memory");
	while (!err && (choice = strsep(&at, ",")))
		err = take_choice(run, choice);
	free(copy);
	return err;
}
