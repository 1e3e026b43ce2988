// SPDX-License-Identifier: GPL-2.0-or-later
/* Group files: read line by line, and refused when a line is none. */
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counter_groups.h"

struct reading {
	struct events_groups *groups;
	const char *path;
	struct events_group *group;		/* that lines go to; NULL: none has begun */
	bool known;				/* an earlier file has this group */
	unsigned number, first;			/* the line; the file's first group */
	char *error;
	size_t size;
};

__attribute__((format(printf, 3, 4))) static int refuse(struct reading *r, int err, const char *format, ...)
{
	va_list args;
	int len = snprintf(r->error, r->size, "%s:%u: ", r->path, r->number);

	va_start(args, format);
	if (len >= 0 && (size_t)len < r->size)
		vsnprintf(r->error + len, r->size - (size_t)len, format, args);
	va_end(args);
	return err;
}

/* The line without its comment and the spaces at both ends. */
static char *trim(char *line)
{
	char *end;

	line[strcspn(line, "#\n")] = '\0';
	while (isspace((unsigned char)*line))
		line++;
	for (end = line + strlen(line); end > line && isspace((unsigned char)end[-1]); end--)
		;
	*end = '\0';
	return line;
}

static int begin_group(struct reading *r, char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t len = strlen(name) - 2;
	struct events_group *more;
	unsigned i;

	name[len + 1] = '\0';
	if (!len || len >= GROUP_NAME_MAX || strspn(++name, letters) != len)
		return refuse(r, -EINVAL, "a group's name has 1 to %d of a-z, 0-9, '_' and '-'", GROUP_NAME_MAX - 1);
	r->group = NULL;
	r->known = false;
	for (i = 0; i < r->groups->nr; i++) {
		if (strcmp(r->groups->groups[i].name, name))
			continue;
		r->known = true;
		if (i >= r->first)
			return refuse(r, -EINVAL, "the group %s is there twice", name);
	}
	if (r->known)
		return 0;
	if (r->groups->nr == GROUPS_MAX)
		return refuse(r, -E2BIG, "more than %d groups", GROUPS_MAX);
	more = reallocarray(r->groups->groups, r->groups->nr + 1, sizeof(*more));
	if (!more)
		return refuse(r, -ENOMEM, "out of memory");
	r->groups->groups = more;
	r->group = memset(&more[r->groups->nr++], 0, sizeof(*more));
	memcpy(r->group->name, name, len + 1);
	snprintf(r->group->file, sizeof(r->group->file), "%s", r->path);
	return 0;
}

static int add_line(struct reading *r, const char *text)
{
	struct group_line *line;

	if (r->known)
		return 0;
	if (!r->group)
		return refuse(r, -EINVAL, "events before the first [group]");
	if (r->group->nr_lines == GROUP_LINES_MAX)
		return refuse(r, -E2BIG, "more than %d lines of events in a group", GROUP_LINES_MAX);
	line = &r->group->lines[r->group->nr_lines++];
	line->number = r->number;
	if (snprintf(line->set, sizeof(line->set), "%s", text) >= (int)sizeof(line->set))
		return refuse(r, -E2BIG, "a line of events has at most %d characters", COUNTER_SET_TEXT_MAX - 1);
	return 0;
}

static int take_line(struct reading *r, char *line, size_t len)
{
	const char *c;
	char *text;

	if (strlen(line) != len)
		return refuse(r, -EINVAL, "a NUL byte");
	for (c = line; *c && *c != '\n'; c++)
		if (!isprint((unsigned char)*c) && *c != '\t')
			return refuse(r, -EINVAL, "a character that is not printable ASCII");
	text = trim(line);
	len = strlen(text);
	if (!len)
		return 0;
	if (*text == '[')
		return text[len - 1] == ']' && len > 1 ? begin_group(r, text) : refuse(r, -EINVAL, "a group begins with [NAME]");
	return add_line(r, text);
}

static int check_lines(struct reading *r)
{
	unsigned i;

	for (i = r->first; i < r->groups->nr; i++)
		if (!r->groups->groups[i].nr_lines)
			return refuse(r, -EINVAL, "the group %s has no events", r->groups->groups[i].name);
	return 0;
}

/* As fgets(), but a NUL is a byte as any other: how many there are, 0 at the end. */
static size_t read_line(FILE *f, char *line, size_t size)
{
	size_t len = 0;
	int c = 0;

	while (len < size - 1 && c != '\n' && (c = getc(f)) != EOF)
		line[len++] = (char)c;
	line[len] = '\0';
	return len;
}

int groups_read(struct events_groups *groups, const char *path, char *error, size_t size)
{
	struct reading r = { .groups = groups, .path = path, .first = groups->nr, .error = error, .size = size };
	char line[2 * COUNTER_SET_TEXT_MAX];
	FILE *f = fopen(path, "re");
	size_t total = 0, len;
	int err = f ? 0 : -errno;

	if (err) {
		snprintf(error, size, "%s: %s", path, strerror(-err));
		return err;
	}
	while (!err && (len = read_line(f, line, sizeof(line)))) {
		total += len;
		r.number++;
		if (total > GROUP_FILE_MAX)
			err = refuse(&r, -E2BIG, "a file of groups has at most %d bytes", GROUP_FILE_MAX);
		else if (len == sizeof(line) - 1 && line[len - 1] != '\n')
			err = refuse(&r, -E2BIG, "a line has at most %zu characters", sizeof(line) - 2);
		else
			err = take_line(&r, line, len);
	}
	if (!err && ferror(f)) {
		err = -EIO;
		snprintf(error, size, "%s: cannot be read", path);
	}
	fclose(f);
	return err ?: check_lines(&r);
}

/* A pattern for glob() of the *.events in a folder. What is special to it in the folder's own name is meant as it stands. -ENAMETOOLONG */
static int folder_pattern(const char *folder, char pattern[PATH_MAX])
{
	size_t len = 0;

	for (; *folder && len < PATH_MAX - 2; folder++) {
		if (strchr("*?[]\\", *folder))
			pattern[len++] = '\\';
		pattern[len++] = *folder;
	}
	return *folder || snprintf(pattern + len, PATH_MAX - len, "/*.events") >= (int)(PATH_MAX - len) ? -ENAMETOOLONG : 0;
}

static int read_folder(struct events_groups *groups, const char *folder, char *error, size_t size)
{
	char pattern[PATH_MAX];
	glob_t found;
	size_t i;
	int err = 0;

	if (!folder || folder_pattern(folder, pattern) || glob(pattern, 0, NULL, &found))
		return 0;
	for (i = 0; i < found.gl_pathc && !err; i++)
		err = groups_read(groups, found.gl_pathv[i], error, size);
	globfree(&found);
	return err;
}

static int read_own(struct events_groups *groups, const char *folder, const char *name, char *error, size_t size)
{
	char path[PATH_MAX];

	if (!folder || snprintf(path, sizeof(path), "%s/%s.events", folder, name) >= (int)sizeof(path))
		return 0;
	return groups_read(groups, path, error, size);
}

int groups_read_all(struct events_groups *groups, const char *users, const char *own, const char *microarchitecture, char *error,
		    size_t size)
{
	int err = read_folder(groups, users, error, size);

	if (!err && strcmp(microarchitecture, "generic"))
		err = read_own(groups, own, microarchitecture, error, size);
	return err ?: read_own(groups, own, "generic", error, size);
}

const struct events_group *groups_find(const struct events_groups *groups, const char *name)
{
	unsigned i;

	for (i = 0; i < groups->nr; i++)
		if (!strcmp(groups->groups[i].name, name))
			return &groups->groups[i];
	return NULL;
}

void groups_free(struct events_groups *groups)
{
	free(groups->groups);
	*groups = (struct events_groups){ 0, NULL };
}
