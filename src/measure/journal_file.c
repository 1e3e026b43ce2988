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


#define FILE_MAX 4096

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

static bool take_knob(char *line, struct journal_text *text)
{
	char *space = strchr(line, ' ');
	const struct knob_kind *kind;
	unsigned i;

	if (!space)
		return false;
	*space = '\0';
	kind = knob_kind(line);
	if (!kind || !knob_may_hold(kind, space + 1))
		return false;
	for (i = 0; i < text->nr; i++)
		if (text->saved[i].kind == kind)
			return false;
	text->saved[text->nr].kind = kind;
	snprintf(text->saved[text->nr++].value, KNOB_VALUE_MAX, "%s", space + 1);
	return true;
}

int journal_read(int file, struct journal_text *text)
{
	char content[FILE_MAX + 1], *line = content, *end;
	ssize_t n = pread(file, content, sizeof(content), 0);
	bool good;

	*text = (struct journal_text){ 0 };
	if (n < 0)
		return -errno;
	if (n > FILE_MAX || memchr(content, '\0', n))
		return -EBADMSG;
	content[n] = '\0';
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		good = text->pid ? take_knob(line, text) : take_header(line, text);
		if (!good) {
			*text = (struct journal_text){ 0 };
			return -EBADMSG;
		}
	}
	return 0;
}

int journal_write_line(int file, const char *first, const char *second)
{
	char line[KNOB_VALUE_MAX + 100];
	int len = snprintf(line, sizeof(line), "%s %s\n", first, second);
	ssize_t n = len < (int)sizeof(line) ? write(file, line, len) : -1;

	if (n != len)
		return n < 0 && errno ? -errno : -ENOSPC;
	return fsync(file) ? -errno : 0;
}

int saved_put_back(const char *root, const struct saved_knob *saved)
{
	char path[PATH_MAX], value[KNOB_VALUE_MAX];
	int err = knob_path(root, saved->kind, path) ?: knob_write(path, saved->value) ?:
		  knob_read(path, value, sizeof(value));

	return err || !strcmp(value, saved->value) ? err : -EIO;
}

int journal_finish(const char *root, int folder, int file, const char *name)
{
	struct journal_text text;
	int err = journal_read(file, &text), one;
	unsigned i;

	if (err)
		return err;
	for (i = text.nr; i > 0; i--) {
		one = saved_put_back(root, &text.saved[i - 1]);
		err = err ?: one;
	}
	if (err)
		return err;
	/* Emptied first: who still holds it open (a guard) must not put back an old value later. */
	if (ftruncate(file, 0) || unlinkat(folder, name, 0))
		return -errno;
	return 0;
}
