// SPDX-License-Identifier: GPL-2.0-or-later
/* One journal's file: opened with care, written line by line, read with suspicion, finished. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_file.h"

#define LINE_BYTES (KNOB_PATH_MAX + KNOB_VALUE_MAX + 2)
#define FILE_MAX (1 << 20)	/* SAVED_MAX lines have less: a path of 60 bytes, a word of 12 */

static bool is_ours(const struct stat *st, mode_t type)
{
	return (st->st_mode & S_IFMT) == type && st->st_uid == geteuid() && !(st->st_mode & 077);
}

int journal_open_folder(const char *root, bool create)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	if (snprintf(path, sizeof(path), "%s" JOURNAL_FOLDER, root) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (create && mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP || errno == ENOTDIR ? -EPERM : -errno;
	if (!fstat(fd, &st) && is_ours(&st, S_IFDIR))
		return fd;
	close(fd);
	return -EPERM;
}

bool journal_is_name(const char *name)
{
	const char *digits = name + strlen(JOURNAL_PREFIX);

	return !strncmp(name, JOURNAL_PREFIX, strlen(JOURNAL_PREFIX)) && *digits && strlen(digits) <= 10 &&
	       strspn(digits, "0123456789") == strlen(digits);
}

int journal_open_file(int folder, const char *name)
{
	/* O_NONBLOCK: a FIFO of this name must not hold us up */
	int fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	if (!fstat(fd, &st) && is_ours(&st, S_IFREG) && st.st_nlink == 1)
		return fd;
	close(fd);
	return -EPERM;
}

static bool take_header(const char *line, struct journal_text *text)
{
	const char *pid = line + strlen(JOURNAL_HEADER " ");

	if (strncmp(line, JOURNAL_HEADER " ", strlen(JOURNAL_HEADER " ")) || !isdigit((unsigned char)*pid) ||
	    strlen(pid) > 10 || pid[strspn(pid, "0123456789")])
		return false;
	text->pid = strtoul(pid, NULL, 10);
	return text->pid;
}

struct saved_knob *saved_find(const struct saved_knobs *saved, const char *path)
{
	unsigned i;

	for (i = 0; i < saved->nr; i++)
		if (!strcmp(saved->all[i].path, path))
			return &saved->all[i];
	return NULL;
}

int saved_add(struct saved_knobs *saved, const struct knob_kind *kind, const char *path, const char *value)
{
	struct saved_knob *all = saved->all, *one;

	if (saved->nr >= SAVED_MAX || strlen(path) >= KNOB_PATH_MAX)
		return -E2BIG;
	if (!(saved->nr & (saved->nr - 1)))	/* room for 1, 2, 4, ... */
		all = realloc(all, (saved->nr ? 2 * saved->nr : 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	saved->all = all;
	one = &all[saved->nr++];
	one->kind = kind;
	snprintf(one->path, sizeof(one->path), "%s", path);
	snprintf(one->value, sizeof(one->value), "%s", value);
	snprintf(one->between, sizeof(one->between), "%s", value);
	return 0;
}

static int take_knob(char *line, struct journal_text *text)
{
	char *space = strchr(line, ' ');
	const struct knob_kind *kind;

	if (!space)
		return -EBADMSG;
	*space = '\0';
	kind = knob_kind(line);
	if (!kind || !knob_may_hold(kind, space + 1) || saved_find(&text->saved, line))
		return -EBADMSG;
	return saved_add(&text->saved, kind, line, space + 1);
}

void journal_text_free(struct journal_text *text)
{
	free(text->saved.all);
	*text = (struct journal_text){ 0 };
}

static int read_lines(char *line, struct journal_text *text)
{
	int err = 0;
	char *end;

	for (; !err && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (text->pid)
			err = take_knob(line, text);
		else if (!take_header(line, text))
			err = -EBADMSG;
	}
	if (!err && strlen(line) >= LINE_BYTES)
		err = -EBADMSG;		/* an unfinished line is not longer than a line */
	if (err)
		journal_text_free(text);
	return err == -E2BIG ? -EBADMSG : err;
}

int journal_read(int file, struct journal_text *text)
{
	char *content = malloc(FILE_MAX + 2);
	ssize_t n;
	int err;

	*text = (struct journal_text){ 0 };
	if (!content)
		return -ENOMEM;
	n = pread(file, content, FILE_MAX + 1, 0);
	if (n < 0) {
		err = -errno;
	} else if (n > FILE_MAX || memchr(content, '\0', n)) {
		err = -EBADMSG;
	} else {
		content[n] = '\0';
		err = read_lines(content, text);
	}
	free(content);
	return err;
}

int journal_write_line(int file, const char *first, const char *second)
{
	char line[LINE_BYTES];
	int len = snprintf(line, sizeof(line), "%s %s\n", first, second);
	ssize_t n = len < (int)sizeof(line) ? write(file, line, len) : -1;

	if (n != len)
		return n < 0 && errno ? -errno : -ENOSPC;
	return fsync(file) ? -errno : 0;
}

int saved_put_back(const char *root, const struct saved_knob *saved)
{
	char path[PATH_MAX], value[KNOB_VALUE_MAX];
	int err = knob_path(root, saved->path, path);

	if (!err && !knob_read(path, value, sizeof(value)) && !strcmp(value, saved->value))
		return 0;	/* one that can only be read was noted, and never changed */
	err = err ?: knob_write(path, saved->value) ?: knob_read(path, value, sizeof(value));
	return err || !strcmp(value, saved->value) ? err : -EIO;
}

int journal_finish(const char *root, int folder, int file, const char *name)
{
	struct journal_text text;
	int err = journal_read(file, &text), one;
	unsigned i;

	if (err)
		return err;
	for (i = text.saved.nr; i > 0; i--) {
		one = saved_put_back(root, &text.saved.all[i - 1]);
		err = err ?: one;
	}
	journal_text_free(&text);
	if (err)
		return err;
	/* Emptied first: who still holds it open (a guard) must not put back an old value later. */
	if (ftruncate(file, 0) || unlinkat(folder, name, 0))
		return -errno;
	return 0;
}
