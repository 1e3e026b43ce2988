// SPDX-License-Identifier: GPL-2.0-or-later
/* Patches, by git apply: all of them or none. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "building.h"

#define PATCH_MAX (16u << 20)

char *read_text_file(const char *path, size_t max)
{
	int fd = open_file(path), err = 0;
	char *text = fd < 0 ? NULL : malloc(max + 1);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	while (text && len < max && ((n = read(fd, text + len, max - len)) > 0 || (n < 0 && errno == EINTR)))
		len += n > 0 ? n : 0;
	if (!text || n < 0)
		err = text ? errno : ENOMEM;
	else if (len == max || memchr(text, '\0', len))
		err = len == max ? EFBIG : EBADMSG;
	else
		text[len] = '\0';
	close(fd);
	if (!err)
		return text;
	free(text);
	errno = err;
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int hash_all(struct patches *patches, char *error)
{
	SHA2_CTX context;
	unsigned i;

	SHA256Init(&context);
	for (i = 0; i < patches->nr; i++) {
		char *text = read_text_file(patches->paths[i], PATCH_MAX);

		if (!text)
			return lab_fail(error, errno == ENOENT ? -EINVAL : -errno, "%s: %s", patches->paths[i],
					file_error(-errno));
		SHA256Update(&context, (uint8_t *)text, strlen(text));
		free(text);
	}
	SHA256End(&context, patches->sha256);
	return 0;
}

static int collect(const char *folder, struct patches *patches)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int err = dir ? 0 : -errno;

	while (!err && dir && (entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (!dot || strcmp(dot, ".patch"))
			continue;
		if (patches->nr == PATCHES_MAX)
			err = -E2BIG;
		else if (asprintf(&patches->paths[patches->nr], "%s/%s", folder, entry->d_name) < 0)
			err = -ENOMEM;
		else
			patches->nr++;
	}
	if (dir)
		closedir(dir);
	patches->paths[patches->nr] = NULL;
	return err ?: patches->nr ? err : -ENOENT;
}

int patches_of_series(const char *files, const char *series, struct patches *patches, char *error)
{
	char folder[PATH_MAX];
	int err;

	memset(patches, 0, sizeof(*patches));
	snprintf(folder, sizeof(folder), "%s/patches/%s", files, series);
	err = collect(folder, patches);
	if (err)
		return lab_fail(error, err == -ENOENT ? -ENODATA : err, "%s: %s", folder,
				err == -ENOENT ? "there are no patches" : strerror(-err));
	qsort(patches->paths, patches->nr, sizeof(patches->paths[0]), by_name);
	return hash_all(patches, error);
}

int patches_of_file(const char *path, struct patches *patches, char *error)
{
	memset(patches, 0, sizeof(*patches));
	patches->paths[0] = realpath(path, NULL);
	if (!patches->paths[0])
		return lab_fail(error, errno == ENOMEM ? -ENOMEM : -EINVAL, "%s: %s", path, strerror(errno));
	patches->nr = 1;
	return hash_all(patches, error);
}

void patches_free(struct patches *patches)
{
	unsigned i;

	for (i = 0; i < patches->nr; i++)
		free(patches->paths[i]);
	patches->nr = 0;
	patches->paths[0] = NULL;
}

/* ---- applying ---- */

/*
 * Git must not find a repository around the cache (a home folder kept in git, say): in a subfolder of one it would pass over
 * all files without a word. Nor may the environment of a `git bisect run` point it to another one.
 */
#define ARGV_FIXED 24

static unsigned begin_argv(char **argv, char *ceiling)
{
	static const char *const words[] = {
		"env", "-u", "GIT_DIR", "-u", "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE", "-u", "GIT_PREFIX", NULL, "git", "-c",
		"core.autocrlf=false", "apply", "--numstat", "--whitespace=nowarn",
	};
	unsigned i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		argv[i] = words[i] ? (char *)words[i] : ceiling;
	return i;
}

int patches_apply(const struct patches *patches, unsigned flags, const char *folder, char *error)
{
	char *argv[ARGV_FIXED + PATCHES_MAX + 200], ceiling[PATH_MAX + 40];
	unsigned n = begin_argv(argv, ceiling), i;
	struct child_output output;
	int err;

	snprintf(ceiling, sizeof(ceiling), "GIT_CEILING_DIRECTORIES=%s", folder);
	*strrchr(ceiling, '/') = '\0';	/* the folder itself would not hold git back */
	for (i = 0; source_unwanted[i]; i++)
		argv[n++] = (char *)source_unwanted[i];
	argv[n++] = flags & PATCHES_CHECK ? "--check" : "--apply";
	if (flags & PATCHES_REVERSE)
		argv[n++] = "--reverse";
	for (i = 0; i < patches->nr; i++)
		argv[n++] = patches->paths[flags & PATCHES_REVERSE ? patches->nr - 1 - i : i];
	argv[n] = NULL;
	err = child_run(argv, folder, &output);
	if (err)
		lab_fail(error, err, "git apply: %s", strerror(-err));
	else if (output.status == 127)
		err = lab_fail(error, -ENOSYS, "there is no git on this system: patches need it");
	else if (output.status)
		err = lab_fail(error, strstr(output.complaint, "No space left") ? -ENOSPC : -ENOEXEC,
			       "%s does not apply: %s", patches->nr == 1 ? patches->paths[0] : "the series of patches",
			       output.complaint);
	else if (!output.len)
		err = lab_fail(error, -ENOEXEC, "%s changes nothing that is built", patches->paths[0]);
	child_output_free(&output);
	return err;
}
