// SPDX-License-Identifier: GPL-2.0-or-later
/* The stock kernels: which there are, and how one comes into the cache. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

const char *const lab_stock_names[] = { "stock-6.1", "stock-6.12", "stock-generic", NULL };

static const struct lab_stock stocks[] = {
	{ "stock-6.1", "^linux-image-6\\.1\\.0-[0-9]+-cloud-amd64$", "entry",
	  "Debian 12's linux-image-6.1.0-N-cloud-amd64", false },
	{ "stock-6.12", "^linux-image-6\\.12\\.[0-9]+(\\+deb[0-9]+)?-cloud-amd64$", "vma, vma-only (emulated)",
	  "Debian 12's or 13's linux-image-6.12.N+debN-cloud-amd64", false },
	{ "stock-generic", "^linux-image-[0-9]+\\.[0-9]+\\.0-[0-9]+-generic$", "vma, vma-only (emulated) if 6.4 or later",
	  "Ubuntu's linux-image-VERSION-N-generic", true },
};

const struct lab_stock *lab_stock_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(stocks) / sizeof(stocks[0]); i++)
		if (!strcmp(stocks[i].name, name))
			return &stocks[i];
	return NULL;
}

int lab_kernel_find(const char *name, struct lab_kernel *kernel, char *error)
{
	struct cache cache;
	int err = cache_open(&cache, error) ?: cache_find(&cache, name, kernel, error);

	/* once more: another process may have put a newer one there between two looks */
	return err == -EBADMSG ? cache_find(&cache, name, kernel, error) : err;
}

static int find_package(const struct lab_stock *stock, struct apt_package *package, char *error)
{
	int err = apt_find(stock->pattern, package, error);

	if (err != -ENOENT)
		return err;
	return lab_fail(error, err, "%s: apt knows no such package (`apt-get update` may help): it is %s", stock->name,
			stock->source);
}

/* Downloads one package and unpacks it; its .deb is not kept. */
static int unpack_package(const struct apt_package *package, const char *folder, unsigned *have, char *error)
{
	char deb[PATH_MAX];
	int err = apt_download(package, folder, NULL, deb, error) ?: deb_unpack(deb, package->name, folder, have, error);

	if (!err && unlink(deb))
		err = lab_fail(error, -errno, "%s: %s", deb, strerror(errno));
	return err;
}

/* Ubuntu keeps a kernel's config and modules in a package of their own. Where there is none, it goes without. */
static int unpack_modules(const struct apt_package *image, const char *folder, unsigned *have, char *error)
{
	static const char prefix[] = "linux-image-";
	struct apt_package modules;
	char pattern[200];
	int err;

	if (strncmp(image->name, prefix, strlen(prefix)))
		return 0;
	snprintf(pattern, sizeof(pattern), "^linux-modules-%s$", image->name + strlen(prefix));
	err = apt_find(pattern, &modules, error);
	if (err)
		return err == -ENOENT ? 0 : err;
	return unpack_package(&modules, folder, have, error);
}

/* Fetches, unpacks and commits; the lock is held. */
static int bring_in(const struct cache *cache, const char *name, const struct apt_package *package, char *error)
{
	char folder[PATH_MAX];
	unsigned have = 0;
	int err = cache_prepare(cache, name, folder, error);

	if (err)
		return err;
	err = unpack_package(package, folder, &have, error);
	if (!err && !(have & DEB_VMLINUZ))
		err = lab_fail(error, -EBADMSG, "%s has no boot/vmlinuz-*", package->name);
	if (!err && !(have & DEB_CONFIG))
		err = unpack_modules(package, folder, &have, error);
	err = err ?: cache_commit(cache, name, name, folder, package, NULL, error);
	cache_discard(folder);
	return err;
}

static int fetch_locked(struct cache *cache, const char *name, bool update, struct lab_kernel *kernel, char *error)
{
	struct apt_package package;
	int err = cache_find(cache, name, kernel, error);

	/* another process may have fetched it meanwhile; what is broken is replaced on demand only */
	if (!update && err != -ENOENT)
		return err;
	err = find_package(lab_stock_find(name), &package, error);
	if (err)
		return err;
	if (!strcmp(package.sha256, kernel->deb_sha256) && !cache_find(cache, name, kernel, error))
		return 0;
	return bring_in(cache, name, &package, error) ?: cache_find(cache, name, kernel, error);
}

int lab_kernel_fetch(const char *name, bool update, struct lab_kernel *kernel, char *error)
{
	struct cache cache;
	int err;

	if (!lab_stock_find(name))
		return lab_fail(error, -EINVAL, "%s is no stock kernel", name);
	err = cache_open(&cache, error);
	if (err)
		return err;
	err = update ? -ENOENT : cache_find(&cache, name, kernel, error);
	if (err != -ENOENT)
		return err;
	err = cache_lock(&cache, error) ?: fetch_locked(&cache, name, update, kernel, error);
	cache_unlock(&cache);
	return err;
}

/* ---- package files ---- */

/* "linux-image-6.12.117+deb12-cloud-amd64" is "6.12.117+deb12-cloud-amd64"; no package passes for a stock kernel. */
static const char *short_name(const char *package)
{
	static const char prefix[] = "linux-image-";
	const char *name = package + (strncmp(package, prefix, strlen(prefix)) ? 0 : strlen(prefix));

	return name[0] && !lab_stock_find(name) ? name : package;
}

/* A copy first: what is unpacked must be what was hashed. The lock is held. */
static int bring_in_file(const struct cache *cache, const char *path, const char *key, const char *sha256, char *error)
{
	char folder[PATH_MAX], copy[PATH_MAX + 8], name[64];
	struct apt_package package = { 0 };
	unsigned have = 0;
	int err = cache_prepare(cache, key, folder, error), fd;

	if (err)
		return err;
	snprintf(copy, sizeof(copy), "%s/deb", folder);
	fd = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : hash_file(path, fd, package.sha256);
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	if (err)
		lab_fail(error, err, "copying %s to the cache: %s", path, strerror(-err));
	else if (strcmp(package.sha256, sha256))
		err = lab_fail(error, -EBADMSG, "%s changes while it is read", path);
	err = err ?: deb_identify(copy, path, &package, error) ?: deb_unpack(copy, path, folder, &have, error);
	unlink(copy);
	if (!err && !(have & DEB_VMLINUZ))
		err = lab_fail(error, -EBADMSG, "%s is no kernel's package: it has no ./boot/vmlinuz-*", path);
	snprintf(name, sizeof(name), "%.63s", short_name(package.name));
	err = err ?: cache_commit(cache, key, name, folder, &package, NULL, error);
	cache_discard(folder);
	return err;
}

int lab_kernel_from_deb(const char *path, struct lab_kernel *kernel, char *error)
{
	char sha256[HASH_TEXT], key[CACHE_KEY_MAX];
	struct cache cache;
	int err = hash_file(path, -1, sha256);

	if (err)
		return lab_fail(error, err, "%s: %s", path, file_error(err));
	cache_key_of_deb(sha256, key);
	err = cache_open(&cache, error);
	if (err)
		return err;
	err = cache_find(&cache, key, kernel, error);
	if (err != -ENOENT && err != -EBADMSG)	/* the package is at hand, so what is broken is made anew */
		return err;
	err = cache_lock(&cache, error);
	if (!err && cache_find(&cache, key, kernel, error))
		err = bring_in_file(&cache, path, key, sha256, error) ?: cache_find(&cache, key, kernel, error);
	cache_unlock(&cache);
	return err;
}
