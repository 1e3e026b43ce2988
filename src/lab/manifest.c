// SPDX-License-Identifier: GPL-2.0-or-later
/* manifest.json of a kernel in the cache: what it is, the hashes of its files, what it was built from. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define MANIFEST_MAX 65536

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

/* The texts of "built"; in the order of struct lab_origin. */
static const struct {
	const char *key;
	size_t offset, size;
} origin_keys[] = {
#define ORIGIN(member) { #member, offsetof(struct lab_origin, member), sizeof(((struct lab_origin *)0)->member) }
	ORIGIN(source), ORIGIN(series_sha256), ORIGIN(patch), ORIGIN(patch_sha256), ORIGIN(fragment_sha256),
	ORIGIN(compiler), ORIGIN(inputs_sha256),
#undef ORIGIN
};
#define NR_ORIGIN_KEYS (sizeof(origin_keys) / sizeof(origin_keys[0]))

static bool parse_origin(const json_t *built, struct lab_origin *origin)
{
	size_t i;

	for (i = 0; built && i < NR_ORIGIN_KEYS; i++)
		if (!take_text(built, origin_keys[i].key, (char *)origin + origin_keys[i].offset, origin_keys[i].size))
			return false;
	return true;
}

static json_t *pack_origin(const struct lab_origin *origin)
{
	json_t *built = json_object();
	size_t i;

	for (i = 0; i < NR_ORIGIN_KEYS; i++)
		json_object_set_new(built, origin_keys[i].key,
				    json_string((const char *)origin + origin_keys[i].offset));
	return built;
}

/* Is it the manifest of what should stand under this key? Those without a key of their own are of packages. */
static bool parse_manifest(const json_t *manifest, const char *key, struct lab_kernel *kernel)
{
	char of_deb[CACHE_KEY_MAX], own[CACHE_KEY_MAX];

	if (!parse_origin(json_object_get(manifest, "built"), &kernel->built) ||
	    !take_text(manifest, "name", kernel->name, sizeof(kernel->name)) ||
	    !take_text(manifest, "package", kernel->package, sizeof(kernel->package)) ||
	    !take_text(manifest, "version", kernel->version, sizeof(kernel->version)) ||
	    !take_text(manifest, "deb_sha256", kernel->deb_sha256, HASH_TEXT) ||
	    !take_text(manifest, "vmlinuz_sha256", kernel->vmlinuz_sha256, HASH_TEXT) ||
	    !take_optional_hash(manifest, "config_sha256", kernel->config_sha256))
		return false;
	if (take_text(manifest, "key", own, sizeof(own)))
		return !strcmp(own, key);
	cache_key_of_deb(kernel->deb_sha256, of_deb);
	return !strcmp(kernel->name, key) || !strcmp(of_deb, key);
}

/* -ENOENT: there is none, or one from when no module was kept; -EBADMSG: it is no manifest of this kernel. */
int manifest_read(const char *path, const char *key, struct lab_kernel *kernel)
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

/* The hash of a file that need not be there: then its text is empty. */
static int hash_optional(const char *folder, const char *file, char hex[HASH_TEXT])
{
	char path[PATH_MAX];
	int err = cache_join(path, folder, file) ?: hash_file(path, -1, hex);

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

int manifest_write(const char *folder, const char *key, const char *name, const struct apt_package *package,
		   const struct lab_origin *origin)
{
	char path[PATH_MAX], vmlinuz[HASH_TEXT], config[HASH_TEXT], brd[HASH_TEXT];
	json_t *manifest;
	char *text;
	int err;

	err = cache_join(path, folder, "vmlinuz") ?: hash_file(path, -1, vmlinuz) ?: hash_optional(folder, "config", config) ?:
	      hash_optional(folder, "brd.ko", brd) ?: cache_join(path, folder, "manifest.json");
	if (err)
		return err;
	manifest = json_pack("{ss ss ss ss ss ss? ss?}", "name", name, "package", package->name, "version",
			     package->version, "deb_sha256", package->sha256, "vmlinuz_sha256", vmlinuz,
			     "config_sha256", config[0] ? config : NULL, "brd_sha256", brd[0] ? brd : NULL);
	json_object_set_new(manifest, "key", json_string(key));
	if (origin)
		json_object_set_new(manifest, "built", pack_origin(origin));
	text = manifest ? json_dumps(manifest, JSON_INDENT(2)) : NULL;
	err = text ? write_text(path, text) : -ENOMEM;
	free(text);
	json_decref(manifest);
	return err;
}
