// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cache of kernels. A kernel is a folder, kernels/NAME, that appears whole or not at all: it is prepared beside its
 * place, in NAME.tmp-XXXXXX, and moved there when all of it is on the disk. Writers hold a lock; readers need none, as
 * they check every file's hash against the manifest.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define TMP_MARK ".tmp-"
#define MANIFEST_MAX 65536

static int join(char *out, const char *a, const char *b)
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
	err = join(kernels, cache->path, "kernels") ?: make_folders(kernels);
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

	if (join(kernels, cache->path, "kernels"))
		return;
	dir = opendir(kernels);
	while (dir && (entry = readdir(dir)))
		if (strstr(entry->d_name, TMP_MARK) && !join(path, kernels, entry->d_name))
			cache_discard(path);
	if (dir)
		closedir(dir);
}

int cache_lock(struct cache *cache, char *error)
{
	char path[PATH_MAX];
	int err = join(path, cache->path, "lock");

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

/* A value of the manifest; false when it is missing or does not fit. */
static bool take_text(const json_t *manifest, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(manifest, key));

	return text && snprintf(out, size, "%s", text) < (int)size;
}

void cache_key_of_deb(const char *deb_sha256, char key[CACHE_KEY_MAX])
{
	snprintf(key, CACHE_KEY_MAX, "deb-%.40s", deb_sha256);
}

/* As take_text(), for what a package need not have: null. */
static bool take_optional_hash(const json_t *manifest, const char *key, char *out)
{
	out[0] = '\0';
	return json_is_null(json_object_get(manifest, key)) || take_text(manifest, key, out, HASH_TEXT);
}

/* Is it the manifest of what should stand under this key? */
static bool parse_manifest(const json_t *manifest, const char *key, struct lab_kernel *kernel)
{
	char of_deb[CACHE_KEY_MAX];

	if (!take_text(manifest, "name", kernel->name, sizeof(kernel->name)) ||
	    !take_text(manifest, "package", kernel->package, sizeof(kernel->package)) ||
	    !take_text(manifest, "version", kernel->version, sizeof(kernel->version)) ||
	    !take_text(manifest, "deb_sha256", kernel->deb_sha256, HASH_TEXT) ||
	    !take_text(manifest, "vmlinuz_sha256", kernel->vmlinuz_sha256, HASH_TEXT) ||
	    !take_optional_hash(manifest, "config_sha256", kernel->config_sha256))
		return false;
	cache_key_of_deb(kernel->deb_sha256, of_deb);
	return !strcmp(kernel->name, key) || !strcmp(of_deb, key);
}

/* -ENOENT: there is none, or one from when no module was kept; -EBADMSG: it is no manifest of this kernel. */
static int read_manifest(const char *path, const char *key, struct lab_kernel *kernel)
{
	char text[MANIFEST_MAX];
	json_t *manifest;
	int fd, err = 0;
	ssize_t n;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -EBADMSG : -errno;
	n = read(fd, text, sizeof(text));
	close(fd);
	manifest = n < 0 ? NULL : json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	if (!parse_manifest(manifest, key, kernel))
		err = -EBADMSG;
	else if (!json_object_get(manifest, "brd_sha256"))
		err = -ENOENT;
	else if (!take_optional_hash(manifest, "brd_sha256", kernel->brd_sha256))
		err = -EBADMSG;
	json_decref(manifest);
	return err;
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
	int err = join(kernel->vmlinuz, folder, "vmlinuz") ?: join(config, folder, "config") ?:
		  join(kernel->brd, folder, "brd.ko") ?: check_hash(kernel->vmlinuz, kernel->vmlinuz_sha256);

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
	err = join(kernels, cache->path, "kernels") ?: join(folder, kernels, key) ?: join(path, folder, "manifest.json");
	if (err)
		return lab_fail(error, err, "%s: %s", key, strerror(-err));
	err = access(folder, F_OK) ? -ENOENT : read_manifest(path, key, kernel);
	if (err == -ENOENT)
		return lab_fail(error, -ENOENT, "%s is not in the cache: `wbit lab fetch %s` gets it", key, key);
	err = err ?: check_files(folder, kernel);
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

/* The hash of a file that need not be there: then its text is empty. */
static int hash_optional(const char *folder, const char *file, char hex[HASH_TEXT])
{
	char path[PATH_MAX];
	int err = join(path, folder, file) ?: hash_file(path, -1, hex);

	if (err == -ENOENT)
		hex[0] = '\0';
	return err == -ENOENT ? 0 : err;
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int err = fd < 0 ? -errno : write_all(fd, text, strlen(text)) ?: write_all(fd, "\n", 1);

	if (!err && fsync(fd))
		err = -errno;
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	return err;
}

static int write_manifest(const char *folder, const char *name, const struct apt_package *package)
{
	char path[PATH_MAX], vmlinuz[HASH_TEXT], config[HASH_TEXT], brd[HASH_TEXT];
	json_t *manifest;
	char *text;
	int err;

	err = join(path, folder, "vmlinuz") ?: hash_file(path, -1, vmlinuz) ?: hash_optional(folder, "config", config) ?:
	      hash_optional(folder, "brd.ko", brd) ?: join(path, folder, "manifest.json");
	if (err)
		return err;
	manifest = json_pack("{ss ss ss ss ss ss? ss?}", "name", name, "package", package->name, "version",
			     package->version, "deb_sha256", package->sha256, "vmlinuz_sha256", vmlinuz,
			     "config_sha256", config[0] ? config : NULL, "brd_sha256", brd[0] ? brd : NULL);
	text = manifest ? json_dumps(manifest, JSON_INDENT(2)) : NULL;
	err = text ? write_text(path, text) : -ENOMEM;
	free(text);
	json_decref(manifest);
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
		 const struct apt_package *package, char *error)
{
	char kernels[PATH_MAX], there[PATH_MAX];
	int err;

	err = write_manifest(path, name, package) ?: sync_folder(path) ?: join(kernels, cache->path, "kernels") ?:
	      join(there, kernels, key) ?: swap_in(path, there) ?: sync_folder(kernels);
	return err ? lab_fail(error, err, "keeping %s in the cache: %s", name, strerror(-err)) : 0;
}
