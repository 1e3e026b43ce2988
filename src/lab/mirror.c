// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A foreign tree's mirror. make goes by times, and the times over there mean nothing here: a file may go back to older content
 * with an older time, or change while its last state is compiled. So a file that may have changed (its size, inode or one
 * of its times is another than at the last visit) is compared, and what differs is written anew, with the time of now.
 *
 * What belongs to the tree git says, by its own lists where there is a repository, else by the .gitignore files alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "building.h"

#define VISITED "visited"	/* in the tree's folder: a line "STAMP\tPATH\0" for each file, in git's order */
#define COPY_BYTES 65536

struct entry {
	const char *path;
	char *stamp;			/* NULL: not known */
	bool same;			/* as at the last visit */
};

struct entries {
	struct entry *all;		/* by path, each once */
	size_t nr;
	char *text;			/* holds the paths; NULL: someone else does */
};

/* ---- what there is ---- */

static int list_by_git(const char *path, const char *scratch, struct child_output *output)
{
	char *own[] = { "env", "-u", "GIT_DIR", "-u", "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE", "git", "-c", "safe.directory=*",
			"-c", "core.fsmonitor=false", "ls-files", "-z", "-co", "--exclude-standard", NULL };
	char dir[PATH_MAX + 16], work[PATH_MAX + 16], git[PATH_MAX];
	char *init[] = { "git", "init", "-q", "--bare", (char *)scratch, NULL };
	/* Debian's tree ignores all that is in its top folder: taken back, and what is built there named instead */
	char *bare[] = { "git", dir, work, "ls-files", "-z", "-o", "--exclude-standard", "-x", "!/*", "-x", "/.*", "-x", "*.o",
			 "-x", "*.a", "-x", "/vmlinux*", "-x", "/System.map", "-x", "/Module.symvers", "-x", "/modules.*",
			 NULL };
	int err;

	snprintf(git, sizeof(git), "%s/.git", path);
	if (!access(git, F_OK))
		return child_run(own, path, output);
	snprintf(dir, sizeof(dir), "--git-dir=%s", scratch);
	snprintf(work, sizeof(work), "--work-tree=%s", path);
	err = child_run(init, NULL, output);
	if (err || output->status)
		return err;
	child_output_free(output);
	return child_run(bare, path, output);
}

static int list_files(const struct tree *tree, const char *from, struct child_output *output, char *error)
{
	char scratch[PATH_MAX];
	int err = tree_path(tree, "git", scratch, error);

	if (err)
		return err;
	err = list_by_git(from, scratch, output);
	if (err == -ENOENT || (!err && output->status == 127))
		return lab_fail(error, -ENOSYS, "there is no git on this system: source trees need it");
	if (err || output->status)
		return lab_fail(error, err ?: -EIO, "%s: git ls-files: %s", from, err ? strerror(-err) : output->complaint);
	return 0;
}

/* ---- lists of files ---- */

static void entries_free(struct entries *e)
{
	size_t i;

	for (i = 0; i < e->nr; i++)
		free(e->all[i].stamp);
	free(e->all);
	free(e->text);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static size_t count_texts(const char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += !text[i];
	return n;
}

/* Size, inode and times: one of them differs when a file was written. NULL: gone, no file, or no memory. */
static char *stamp_of(int top, const char *path)
{
	struct stat st;
	char *stamp;

	if (fstatat(top, path, &st, AT_SYMLINK_NOFOLLOW) || !(S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)))
		return NULL;
	if (asprintf(&stamp, "%o %jd %ju %jd.%09ld %jd.%09ld", (unsigned)st.st_mode, (intmax_t)st.st_size,
		     (uintmax_t)st.st_ino, (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec,
		     st.st_ctim.tv_nsec) < 0)
		return NULL;
	return stamp;
}

static bool is_below(const char *path)
{
	return path[0] && path[0] != '/' && strncmp(path, "../", 3) && !strstr(path, "/../");
}

/* What is there now, of what git lists. */
static int entries_now(struct entries *e, const struct child_output *list, bool whole, int top)
{
	const char *path;

	e->all = calloc(count_texts(list->text, list->len) + 1, sizeof(*e->all));
	if (!e->all)
		return -ENOMEM;
	for (path = list->text; path < list->text + list->len; path += strlen(path) + 1) {
		char *stamp = is_below(path) && (whole || source_wanted(path)) ? stamp_of(top, path) : NULL;

		if (stamp)
			e->all[e->nr++] = (struct entry){ path, stamp, false };
	}
	qsort(e->all, e->nr, sizeof(*e->all), by_path);
	return 0;
}

/* What was there at the last visit: "STAMP\tPATH\0" each. -ENOENT: there was none. */
static int entries_read(struct entries *e, const char *visited)
{
	int fd = open(visited, O_RDONLY | O_CLOEXEC), err = 0;
	struct stat st;
	char *at, *tab;

	if (fd < 0)
		return -errno;
	e->text = fstat(fd, &st) ? NULL : malloc(st.st_size + 1);
	if (!e->text || read(fd, e->text, st.st_size) != st.st_size)
		err = e->text ? -EIO : -ENOMEM;
	close(fd);
	if (err)
		return err;
	e->all = calloc(count_texts(e->text, st.st_size) + 1, sizeof(*e->all));
	if (!e->all)
		return -ENOMEM;
	e->text[st.st_size] = '\0';
	for (at = e->text; at < e->text + st.st_size; at = tab + 1 + strlen(tab + 1) + 1) {
		tab = strchr(at, '\t');
		if (!tab || !is_below(tab + 1))
			return -EBADMSG;
		e->all[e->nr++] = (struct entry){ tab + 1, strndup(at, tab - at), false };
	}
	return 0;
}

/* Whole or not at all. A file that is not known to be the same gets no stamp before it is. */
static int entries_write(const struct entries *e, const char *visited, bool done)
{
	char tmp[PATH_MAX + 8];
	FILE *file;
	size_t i;
	int err;

	snprintf(tmp, sizeof(tmp), "%s.tmp", visited);
	file = fopen(tmp, "we");
	if (!file)
		return -errno;
	for (i = 0; i < e->nr; i++)
		fprintf(file, "%s\t%s%c", done || e->all[i].same ? e->all[i].stamp : "-", e->all[i].path, '\0');
	err = ferror(file) ? -ENOSPC : 0;
	if (fclose(file) && !err)
		err = -errno;
	return err ?: rename(tmp, visited) ? err ?: -errno : 0;
}

/* ---- bringing up to date ---- */

static void remove_vanished(int mirror, const char *path)
{
	char parent[PATH_MAX], *slash;

	unlinkat(mirror, path, 0);
	snprintf(parent, sizeof(parent), "%s", path);
	while ((slash = strrchr(parent, '/'))) {	/* folders that are empty now */
		*slash = '\0';
		if (unlinkat(mirror, parent, AT_REMOVEDIR))
			break;
	}
}

/* Marks what is as it was, and removes from the mirror what is no more. */
static void compare_lists(const struct entries *old, struct entries *now, int mirror)
{
	size_t i = 0, j = 0;

	while (i < old->nr) {
		int order = j < now->nr ? strcmp(old->all[i].path, now->all[j].path) : -1;

		if (order < 0)
			remove_vanished(mirror, old->all[i++].path);
		else if (order > 0)
			j++;
		else
			now->all[j].same = old->all[i].stamp && !strcmp(old->all[i].stamp, now->all[j].stamp), i++;
	}
}

static int make_parents(int mirror, const char *path)
{
	char parent[PATH_MAX], *slash;

	snprintf(parent, sizeof(parent), "%s", path);
	for (slash = strchr(parent, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(mirror, parent, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

/* Where there was a folder that the tree has no more, what was built in it may have stayed. */
static int clear_way(int mirror, const char *path)
{
	char there[PATH_MAX];

	if (snprintf(there, sizeof(there), "/proc/self/fd/%d/%s", mirror, path) >= (int)sizeof(there))
		return -ENAMETOOLONG;
	return tree_remove(there);
}

static int copy_link(int top, int mirror, const char *path)
{
	char target[PATH_MAX], there[PATH_MAX];
	ssize_t n = readlinkat(top, path, target, sizeof(target) - 1), m;

	if (n < 0)
		return -errno;
	target[n] = '\0';
	m = readlinkat(mirror, path, there, sizeof(there));
	if (m == n && !memcmp(target, there, n))
		return 0;
	return clear_way(mirror, path) ?: make_parents(mirror, path) ?: symlinkat(target, mirror, path) ? -errno : 0;
}

static bool equal_content(int a, int b)
{
	char one[COPY_BYTES], other[COPY_BYTES];
	off_t at = 0;
	ssize_t n;

	do {
		n = pread(a, one, sizeof(one), at);
		if (n < 0 || pread(b, other, sizeof(other), at) != n || memcmp(one, other, n))
			return false;
		at += n;
	} while (n > 0);
	return true;
}

static int copy_bytes(int from, int to)
{
	char buffer[COPY_BYTES];
	off_t at = 0;
	ssize_t n;
	int err = 0;

	while (!err && (n = pread(from, buffer, sizeof(buffer), at)) != 0) {
		err = n < 0 ? -errno : write_all(to, buffer, n);
		at += n;
	}
	return err;
}

static int write_anew(int from, int mirror, const char *path, mode_t mode)
{
	char tmp[PATH_MAX + 16];
	int err, to;

	snprintf(tmp, sizeof(tmp), "%s.wbit-new", path);
	unlinkat(mirror, tmp, 0);
	err = make_parents(mirror, path);
	to = err ? -1 : openat(mirror, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	err = err ?: to < 0 ? err ?: -errno : copy_bytes(from, to);
	if (to >= 0 && close(to) && !err)
		err = -errno;
	if (!err && renameat(mirror, tmp, mirror, path))
		err = errno != EISDIR ? -errno : clear_way(mirror, path) ?: renameat(mirror, tmp, mirror, path) ? -errno : 0;
	if (err)
		unlinkat(mirror, tmp, 0);
	return err;
}

static int copy_file(int top, int mirror, const char *path)
{
	int from = openat(top, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK), to, err = 0;
	struct stat st, there;

	if (from < 0)
		return errno == ELOOP ? copy_link(top, mirror, path) : -errno;
	to = openat(mirror, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fstat(from, &st))
		err = -errno;
	else if (to < 0 || fstat(to, &there) || (st.st_mode & 0100) != (there.st_mode & 0100) || !equal_content(from, to))
		err = write_anew(from, mirror, path, st.st_mode & 0100 ? 0755 : 0644);
	if (to >= 0)
		close(to);
	close(from);
	return err;
}

static int copy_all(const struct entries *now, int top, int mirror, const char *from, const struct build_watch *watch,
		    char *error)
{
	size_t i;
	int err;

	for (i = 0; i < now->nr; i++) {
		if (watch_stopped(watch))
			return watch_cancelled(error);
		err = now->all[i].same ? 0 : copy_file(top, mirror, now->all[i].path);
		if (err)
			return lab_fail(error, err, "copying %s/%s to the cache: %s", from, now->all[i].path, strerror(-err));
	}
	return 0;
}

static int update(struct entries *now, const char *visited, int top, int mirror, const char *from,
		  const struct build_watch *watch, char *error)
{
	struct entries old = { 0 };
	int err = entries_read(&old, visited);

	if (err == -ENOENT)
		err = 0;
	if (!err) {
		compare_lists(&old, now, mirror);
		err = entries_write(now, visited, false);
	}
	if (!err) {
		err = copy_all(now, top, mirror, from, watch, error);
		if (err) {
			entries_free(&old);
			return err;
		}
		err = entries_write(now, visited, true);
	}
	entries_free(&old);
	return err ? lab_fail(error, err, "%s: %s", visited, strerror(-err)) : 0;
}

/* A list that says nothing is that of a machine which died before it was on the disk. */
static bool visit_is_known(const char *visited)
{
	struct entries e = { 0 };
	bool known = !entries_read(&e, visited) && e.nr;

	entries_free(&e);
	return known;
}

int mirror_update(const struct tree *tree, const char *from, bool whole, const struct build_watch *watch, char *error)
{
	struct child_output list = { 0 };
	struct entries now = { 0 };
	char visited[PATH_MAX];
	int top = -1, mirror = -1, err = tree_path(tree, VISITED, visited, error) ?: list_files(tree, from, &list, error);

	if (!err && !visit_is_known(visited))	/* nothing is known of what is there */
		err = tree_remove(tree->src) ?: tree_remove(visited);
	if (!err && mkdir(tree->src, 0700) && errno != EEXIST)
		err = -errno;
	if (!err) {
		top = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		mirror = open(tree->src, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		err = top < 0 || mirror < 0 ? -errno : entries_now(&now, &list, whole, top);
		if (err)
			lab_fail(error, err, "%s: %s", from, strerror(-err));
	}
	err = err ?: update(&now, visited, top, mirror, from, watch, error);
	if (top >= 0)
		close(top);
	if (mirror >= 0)
		close(mirror);
	entries_free(&now);
	child_output_free(&list);
	return err;
}
