// SPDX-License-Identifier: GPL-2.0-or-later
/* A file that appears whole or not at all: written beside its place, and renamed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "face.h"
#include "whole_file.h"

static int cannot_write(const struct whole_file *whole, int err)
{
	return complain("cannot write %s: %s", strcmp(whole->path, "-") ? whole->path : "standard output", strerror(err));
}

static int is_there(const struct whole_file *whole)
{
	return complain("%s is there already: choose another file, or --force to overwrite it", whole->path);
}

static FILE *open_beside(struct whole_file *whole)
{
	mode_t mask = umask(0);
	FILE *file;
	int fd;

	umask(mask);
	if (snprintf(whole->temporary, PATH_MAX, "%s.XXXXXX", whole->path) >= PATH_MAX) {
		whole->temporary[0] = '\0';
		errno = ENAMETOOLONG;
		return NULL;
	}
	fd = mkostemp(whole->temporary, O_CLOEXEC);
	if (fd < 0) {
		whole->temporary[0] = '\0';
		return NULL;
	}
	fchmod(fd, 0666 & ~mask);
	file = fdopen(fd, "w+");
	if (!file)
		close(fd);
	return file;
}

int whole_open(struct whole_file *whole, const char *path, bool force)
{
	struct stat st;
	bool there = strcmp(path, "-") && !stat(path, &st);

	*whole = (struct whole_file){ .path = path, .force = force };
	if (there && S_ISDIR(st.st_mode))
		return cannot_write(whole, EISDIR);
	if (there && S_ISREG(st.st_mode) && !force)
		return is_there(whole);
	if (strcmp(path, "-") && (!there || S_ISREG(st.st_mode)))
		whole->file = open_beside(whole);
	else
		whole->file = tmpfile();
	return whole->file ? STATUS_OK : cannot_write(whole, errno);
}

static int copy_out(struct whole_file *whole)
{
	bool is_stdout = !strcmp(whole->path, "-");
	FILE *out = is_stdout ? stdout : fopen(whole->path, "we");
	char block[65536];
	size_t n;
	int err = 0;

	if (!out)
		return cannot_write(whole, errno);
	rewind(whole->file);
	while (!err && (n = fread(block, 1, sizeof(block), whole->file)) > 0)
		err = fwrite(block, 1, n, out) == n ? 0 : errno;
	if (!err && ferror(whole->file))
		err = EIO;
	if ((is_stdout ? fflush(out) : fclose(out)) && !err)
		err = errno;
	return err ? cannot_write(whole, err) : STATUS_OK;
}

/* Not every filesystem knows how to rename without replacing: there the first look has to do. */
static int put_in_place(struct whole_file *whole)
{
	int failed = renameat2(AT_FDCWD, whole->temporary, AT_FDCWD, whole->path, whole->force ? 0 : RENAME_NOREPLACE);

	if (failed && (errno == EINVAL || errno == ENOSYS))
		failed = rename(whole->temporary, whole->path);
	if (failed)
		return errno == EEXIST ? is_there(whole) : cannot_write(whole, errno);
	whole->temporary[0] = '\0';
	return STATUS_OK;
}

int whole_commit(struct whole_file *whole)
{
	errno = 0;
	if (fflush(whole->file) || ferror(whole->file))
		return cannot_write(whole, errno ?: EIO);
	if (!whole->temporary[0])
		return copy_out(whole);
	if (fsync(fileno(whole->file)))
		return cannot_write(whole, errno);
	return put_in_place(whole);
}

void whole_drop(struct whole_file *whole)
{
	if (whole->file)
		fclose(whole->file);
	if (whole->temporary[0])
		unlink(whole->temporary);
	whole->file = NULL;
	whole->temporary[0] = '\0';
}
