// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Folders to build in: CACHE/trees/KEY/{src,log,lock}. A tree is made beside its place, in `new`, and moved there when it is
 * whole and says what it was made from; what a killed process left is made anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "building.h"

#define LOCK_POLL_NS 100000000

/* ---- watch ---- */

static void tell(void (*how)(void *arg, const char *text), void *arg, const char *format, va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, args);
	if (how)
		how(arg, text);
}

void watch_step(const struct build_watch *watch, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(watch->step, watch->arg, format, args);
	va_end(args);
}

void watch_warn(const struct build_watch *watch, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(watch->warn, watch->arg, format, args);
	va_end(args);
}

bool watch_stopped(const struct build_watch *watch)
{
	return watch->stop && *watch->stop;
}

int watch_cancelled(char *error)
{
	return lab_fail(error, -ECANCELED, "interrupted");
}

/* ---- whole trees ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path) && errno != ENOENT ? -errno : 0;
}

int tree_remove(const char *path)
{
	int err = nftw(path, remove_one, 64, FTW_DEPTH | FTW_PHYS);

	return err == -1 ? (errno == ENOENT ? 0 : -errno) : err;
}

static int tree_copy(const char *from, const char *to, const struct build_watch *watch, char *error)
{
	char *argv[] = { "cp", "-a", "--reflink=auto", "--", (char *)from, (char *)to, NULL };
	struct child_output output;
	int err = child_run_until(argv, NULL, watch->stop, &output);

	child_output_free(&output);
	if (watch_stopped(watch))
		return watch_cancelled(error);
	if (!err && output.status)
		err = lab_fail(error, strstr(output.complaint, "No space left") ? -ENOSPC : -EIO, "copying a tree: %s",
			       output.complaint);
	else if (err)
		lab_fail(error, err, "cp: %s", strerror(-err));
	return err;
}

/* ---- the folder ---- */

static int fail_at(const char *path, int err, char *error)
{
	return lab_fail(error, err == -ENOENT ? -ENOTDIR : err, "the cache %s: %s", path, strerror(-err));
}

int tree_locate(struct tree *tree, const struct cache *cache, const char *key)
{
	if (snprintf(tree->folder, sizeof(tree->folder), "%s/trees/%s", cache->path, key) >= (int)sizeof(tree->folder))
		return -ENAMETOOLONG;
	snprintf(tree->src, sizeof(tree->src), "%s/src", tree->folder);
	snprintf(tree->log, sizeof(tree->log), "%s/log", tree->folder);
	tree->lock = -1;
	return 0;
}

static int wait_for_lock(const struct tree *tree, const struct build_watch *watch, char *error)
{
	const struct timespec pause = { .tv_nsec = LOCK_POLL_NS };
	bool told = false;

	while (flock(tree->lock, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail_at(tree->folder, -errno, error);
		if (watch_stopped(watch))
			return watch_cancelled(error);
		if (!told)
			watch_step(watch, "waiting for another process that builds in %s", tree->folder);
		told = true;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int tree_open(struct tree *tree, const struct cache *cache, const char *key, const struct build_watch *watch, char *error)
{
	char trees[PATH_MAX], path[PATH_MAX];
	int err = tree_locate(tree, cache, key);

	tree->lock = -1;
	if (err)
		return fail_at(cache->path, err, error);
	snprintf(trees, sizeof(trees), "%s/trees", cache->path);
	if ((mkdir(trees, 0700) && errno != EEXIST) || (mkdir(tree->folder, 0700) && errno != EEXIST))
		return fail_at(tree->folder, -errno, error);
	err = tree_path(tree, "lock", path, error);
	if (err)
		return err;
	tree->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (tree->lock < 0)
		return fail_at(path, -errno, error);
	err = wait_for_lock(tree, watch, error) ?: tree_end_variant(tree, error);
	if (err)
		tree_close(tree);
	return err;
}

void tree_close(struct tree *tree)
{
	if (tree->lock >= 0)
		close(tree->lock);
	tree->lock = -1;
}

bool tree_exists(const struct cache *cache, const char *key)
{
	char identity[1024];
	struct tree tree;

	return !tree_locate(&tree, cache, key) && tree_identity(&tree, identity, sizeof(identity));
}

int tree_path(const struct tree *tree, const char *name, char *path, char *error)
{
	if (snprintf(path, PATH_MAX, "%s/%s", tree->folder, name) < PATH_MAX)
		return 0;
	return fail_at(tree->folder, -ENAMETOOLONG, error);
}

/*
 * ---- variants ----
 *
 * A variant is built at the very place of its tree, for make would build all of it anew elsewhere (objtool's build has
 * absolute names in its commands). As long as it is there the tree stands aside as `base`: so whoever finds a `base`
 * knows that src is a variant, also after a crash.
 */

int tree_begin_variant(const struct tree *tree, const struct build_watch *watch, char *error)
{
	char base[PATH_MAX];
	int err = tree_path(tree, "base", base, error);

	if (err)
		return err;
	if (rename(tree->src, base))
		return fail_at(tree->src, -errno, error);
	return tree_copy(base, tree->src, watch, error);
}

int tree_end_variant(const struct tree *tree, char *error)
{
	char base[PATH_MAX];
	int err = tree_path(tree, "base", base, error);

	if (err || access(base, F_OK))
		return err;
	err = tree_remove(tree->src);
	if (!err && rename(base, tree->src))
		err = -errno;
	return err ? fail_at(tree->folder, err, error) : 0;
}

/* ---- what it was made from ---- */

bool tree_identity(const struct tree *tree, char *text, size_t size)
{
	char path[PATH_MAX];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/" TREE_IDENTITY, tree->src);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, size - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

int tree_adopt(const struct tree *tree, const char *identity, char *error)
{
	char new[PATH_MAX], path[PATH_MAX];
	int err = tree_path(tree, "new", new, error) ?: tree_path(tree, "new/" TREE_IDENTITY, path, error), fd;

	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : write_all(fd, identity, strlen(identity));
	if (!err && syncfs(fd))	/* the tree before its name, also when the machine dies */
		err = -errno;
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	err = err ?: tree_remove(tree->src);
	if (!err && rename(new, tree->src))
		err = -errno;
	return err ? fail_at(tree->folder, err, error) : 0;
}
