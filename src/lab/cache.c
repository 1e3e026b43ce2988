// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cache of kernels. A kernel is a folder, kernels/NAME, that appears whole or not at all: it is prepared beside its
 * place, in NAME.tmp-XXXXXX, and moved there when all of it is on the disk. Writers hold a lock; readers need none, as
 * they check every file's hash against the manifest.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "building.h"

#define TMP_MARK ".tmp-"

int cache_join(char *out, const char *a, const char *b)
{
	return snprintf(out, PATH_MAX, "%s/%s", a, b) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* mkdir -p, with 0700 for each folder that is new. */
static int make_folders(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST) {
			int err = -errno;

			*slash = '/';
			return err;
		}
		*slash = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

int cache_open(struct cache *cache, char *error)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char kernels[PATH_MAX];
	int len, err;

	cache->lock = -1;
	if (base && base[0] == '/')	/* the standard says that a relative one does not count */
		len = snprintf(cache->path, sizeof(cache->path), "%s/wbit", base);
	else if (home && home[0] == '/')
		len = snprintf(cache->path, sizeof(cache->path), "%s/.cache/wbit", home);
	else
		return lab_fail(error, -ENOTDIR, "no place for a cache: neither XDG_CACHE_HOME nor HOME is set");
	if (len >= (int)sizeof(cache->path))
		return lab_fail(error, -ENAMETOOLONG, "no place for a cache: the name of the folder is too long");
	err = cache_join(kernels, cache->path, "kernels") ?: make_folders(kernels);
	if (err)	/* -ENOENT would say that a kernel is not in the cache */
		return lab_fail(error, err == -ENOENT ? -ENOTDIR : err, "the cache %s: %s", cache->path, strerror(-err));
	return 0;
}

void cache_empty(int folder)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(folder, entry->d_name, 0);
	if (dir)
		closedir(dir);
	else if (again >= 0)
		close(again);
}

void cache_discard(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (folder < 0)
		return;
	cache_empty(folder);
	close(folder);
	rmdir(path);
}

/* Whoever holds the lock is the only one preparing anything: what lies about belongs to a process that was killed. */
static void clear_left_overs(const struct cache *cache)
{
	char kernels[PATH_MAX], path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if (cache_join(kernels, cache->path, "kernels"))
		return;
	dir = opendir(kernels);
	while (dir && (entry = readdir(dir)))
		if (strstr(entry->d_name, TMP_MARK) && !cache_join(path, kernels, entry->d_name))
			cache_discard(path);
	if (dir)
		closedir(dir);
}

int cache_lock(struct cache *cache, char *error)
{
	char path[PATH_MAX];
	int err = cache_join(path, cache->path, "lock");

	if (!err) {
		cache->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (cache->lock < 0 || flock(cache->lock, LOCK_EX))
			err = -errno;
	}
	if (err) {
		cache_unlock(cache);
		return lab_fail(error, err, "locking the cache %s: %s", cache->path, strerror(-err));
	}
	clear_left_overs(cache);
	return 0;
}

void cache_unlock(struct cache *cache)
{
	if (cache->lock >= 0)
		close(cache->lock);
	cache->lock = -1;
}

static int check_hash(const char *path, const char *wanted)
{
	char hex[HASH_TEXT];
	int err = hash_file(path, -1, hex);

	if (err)
		return err == -ENOENT ? -EBADMSG : err;
	return strcmp(hex, wanted) ? -EBADMSG : 0;
}

/* Fills in where the kernel's files are, and holds them against the manifest. */
static int check_files(const char *folder, struct lab_kernel *kernel)
{
	char config[PATH_MAX];
	int err = cache_join(kernel->vmlinuz, folder, "vmlinuz") ?: cache_join(config, folder, "config") ?:
		  cache_join(kernel->brd, folder, "brd.ko") ?: check_hash(kernel->vmlinuz, kernel->vmlinuz_sha256);

	if (!err && kernel->config_sha256[0])
		err = check_hash(config, kernel->config_sha256);
	if (!kernel->brd_sha256[0])
		kernel->brd[0] = '\0';
	else if (!err)
		err = check_hash(kernel->brd, kernel->brd_sha256);
	return err;
}

int cache_find(const struct cache *cache, const char *key, struct lab_kernel *kernel, char *error)
{
	char kernels[PATH_MAX], folder[PATH_MAX], path[PATH_MAX];
	int err;

	memset(kernel, 0, sizeof(*kernel));
	err = cache_join(kernels, cache->path, "kernels") ?: cache_join(folder, kernels, key) ?:
	      cache_join(path, folder, "manifest.json");
	if (err)
		return lab_fail(error, err, "%s: %s", key, strerror(-err));
	err = access(folder, F_OK) ? -ENOENT : manifest_read(path, key, kernel);
	if (err == -ENOENT)
		return lab_fail(error, -ENOENT, "%s is not in the cache: `wbit lab %s %s` %s it", key,
				lab_built_find(key) ? "build" : "fetch", key, lab_built_find(key) ? "builds" : "gets");
	err = err ?: check_files(folder, kernel);
	if (err == -EBADMSG && lab_built_find(key))
		return lab_fail(error, err, "%s is not what was built: `wbit lab build %s` builds it anew", folder, key);
	if (err == -EBADMSG)
		return lab_fail(error, err, "%s is not what was fetched: `wbit lab fetch --update %s` gets it anew",
				folder, key);
	return err ? lab_fail(error, err, "%s: %s", folder, strerror(-err)) : 0;
}

int cache_prepare(const struct cache *cache, const char *key, char *path, char *error)
{
	int err;

	if (snprintf(path, PATH_MAX, "%s/kernels/%s" TMP_MARK "XXXXXX", cache->path, key) >= PATH_MAX)
		err = -ENAMETOOLONG;
	else
		err = mkdtemp(path) ? 0 : -errno;
	return err ? lab_fail(error, err, "the cache %s: %s", cache->path, strerror(-err)) : 0;
}

static int sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = fsync(fd) ? -errno : 0;
	close(fd);
	return err;
}

/* Puts the folder `path` in the place of `there`; what was there before ends up at `path`. */
static int swap_in(const char *path, const char *there)
{
	if (!rename(path, there))
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -errno;
	if (!renameat2(AT_FDCWD, path, AT_FDCWD, there, RENAME_EXCHANGE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	cache_discard(there);	/* a filesystem without exchange: for a moment there is none */
	return rename(path, there) ? -errno : 0;
}

int cache_commit(const struct cache *cache, const char *key, const char *name, const char *path,
		 const struct apt_package *package, const struct lab_origin *origin, char *error)
{
	char kernels[PATH_MAX], there[PATH_MAX];
	int err;

	err = manifest_write(path, key, name, package, origin) ?: sync_folder(path) ?:
	      cache_join(kernels, cache->path, "kernels") ?:
	      cache_join(there, kernels, key) ?: swap_in(path, there) ?: sync_folder(kernels);
	return err ? lab_fail(error, err, "keeping %s in the cache: %s", name, strerror(-err)) : 0;
}

static int copy_in(const char *folder, const char *file, const char *from)
{
	char path[PATH_MAX], hex[HASH_TEXT];
	int err = cache_join(path, folder, file), fd;

	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : hash_file(from, fd, hex);
	if (!err && fsync(fd))
		err = -errno;
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	return err;
}

int cache_store(struct cache *cache, const char *key, const char *name, const char *image, const char *config,
		const struct apt_package *package, const struct lab_origin *origin, char *error)
{
	static const struct apt_package none;
	char folder[PATH_MAX];
	int err = cache_lock(cache, error);

	if (err)
		return err;
	err = cache_prepare(cache, key, folder, error);
	if (!err) {
		err = copy_in(folder, "vmlinuz", image) ?: (config ? copy_in(folder, "config", config) : 0);
		if (err)
			lab_fail(error, err, "keeping %s in the cache: %s", name, strerror(-err));
		err = err ?: cache_commit(cache, key, name, folder, package ?: &none, origin, error);
		cache_discard(folder);
	}
	cache_unlock(cache);
	return err;
}
