// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A .deb is an ar archive with compressed tars in it, control.tar.* and data.tar.*: libarchive reads both layers, one
 * through the other, and the compressed module as a third. Only a few files are wanted, and nothing in the package
 * chooses where they go.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define FILE_MAX (256u << 20)
#define CONTROL_MAX 65536

struct deb {
	const char *name;		/* what it is called in messages */
	struct archive *outer, *inner;
};

ssize_t archive_read_through(struct archive *inner, void *arg, const void **block)
{
	struct archive *outer = arg;
	la_int64_t offset;
	size_t len;
	int status = archive_read_data_block(outer, block, &len, &offset);

	if (status == ARCHIVE_EOF)
		return 0;
	if (status != ARCHIVE_OK) {
		archive_set_error(inner, EIO, "%s", archive_error_string(outer));
		return -1;
	}
	return len;
}

static void support_compressions(struct archive *a)
{
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
}

/* libarchive's words, or ours when it has none. */
static const char *words(struct archive *a, const char *otherwise)
{
	return archive_error_string(a) ?: otherwise;
}

static void deb_close(struct deb *deb)
{
	if (deb->inner)
		archive_read_free(deb->inner);
	if (deb->outer)
		archive_read_free(deb->outer);
}

/* Opens the tar whose name begins with `member`; to be closed either way. */
static int deb_open(struct deb *deb, const char *path, const char *called, const char *member, char *error)
{
	struct archive_entry *entry;
	bool found = false;

	*deb = (struct deb){ called, archive_read_new(), archive_read_new() };
	if (!deb->outer || !deb->inner)
		return lab_fail(error, -ENOMEM, "out of memory");
	archive_read_support_format_ar(deb->outer);
	if (archive_read_open_filename(deb->outer, path, 65536) == ARCHIVE_OK)
		while (!found && archive_read_next_header(deb->outer, &entry) == ARCHIVE_OK) {
			const char *name = archive_entry_pathname(entry);

			found = name && !strncmp(name, member, strlen(member));
		}
	if (!found)
		return lab_fail(error, -EBADMSG, "%s is no Debian package, or is cut off: %s", called,
				words(deb->outer, "part of it is missing"));
	support_compressions(deb->inner);
	archive_read_support_format_tar(deb->inner);
	if (archive_read_open(deb->inner, deb->outer, NULL, archive_read_through, NULL) != ARCHIVE_OK)
		return lab_fail(error, -EBADMSG, "%s is damaged or cut off: %s", called,
				words(deb->inner, "it cannot be unpacked"));
	return 0;
}

static int next_entry(const struct deb *deb, struct archive_entry **entry, char *error)
{
	int status = archive_read_next_header(deb->inner, entry);

	if (status == ARCHIVE_OK || status == ARCHIVE_WARN)
		return 1;
	return status == ARCHIVE_EOF ? 0 : lab_fail(error, -EBADMSG, "%s is damaged or cut off: %s", deb->name,
						    words(deb->inner, "it cannot be unpacked"));
}

/* ---- control: what the package is ---- */

/* The file is line by line "Key: value"; it comes from anywhere, so only what a name may hold is taken. */
static bool parse_control(const char *text, struct apt_package *package)
{
	static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
	static const char version_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.:~";

	package->name[0] = package->version[0] = '\0';
	while (*text) {
		apt_value(text, "Package", package->name, sizeof(package->name));
		apt_value(text, "Version", package->version, sizeof(package->version));
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return package->name[0] && !package->name[strspn(package->name, name_bytes)] &&
	       package->version[0] && !package->version[strspn(package->version, version_bytes)];
}

int deb_identify(const char *path, const char *called, struct apt_package *package, char *error)
{
	char text[CONTROL_MAX];
	struct archive_entry *entry;
	struct deb deb;
	bool good = false;
	int err = deb_open(&deb, path, called, "control.tar", error);

	while (!err && (err = next_entry(&deb, &entry, error)) > 0) {
		const char *name = archive_entry_pathname(entry);
		la_ssize_t n;

		err = 0;
		if (!name || (strcmp(name, "./control") && strcmp(name, "control")))
			continue;
		n = archive_read_data(deb.inner, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		good = parse_control(text, package);
		break;
	}
	if (!err && !good)
		err = lab_fail(error, -EBADMSG, "%s does not say in order which package it is", called);
	deb_close(&deb);
	return err;
}

/* ---- data: one large file, or what is wanted of a kernel ---- */

int deb_stream(const char *path, const char *called, const char *wanted_name,
	       int (*take)(struct archive *from, void *arg, char *error), void *arg, char *error)
{
	struct archive_entry *entry;
	struct deb deb;
	bool found = false;
	int err = deb_open(&deb, path, called, "data.tar", error);

	while (!err && !found && (err = next_entry(&deb, &entry, error)) > 0) {
		const char *name = archive_entry_pathname(entry);

		err = 0;
		found = name && !strcmp(name, wanted_name);
		if (found)
			err = take(deb.inner, arg, error);
	}
	if (!err && !found)
		err = lab_fail(error, -EBADMSG, "%s has no %s", called, wanted_name);
	deb_close(&deb);
	return err;
}

static const struct wanted {
	const char *prefixes[2], *infix, *name;
} wanted[] = {
	{ { "./boot/vmlinuz-" }, "", "vmlinuz" },
	{ { "./boot/config-" }, "", "config" },
	{ { "./lib/modules/", "./usr/lib/modules/" }, "/kernel/drivers/block/brd.ko", "brd.ko" },
};

#define NR_WANTED 3
#define BRD 2	/* the only one that may be compressed once more */

static int which_wanted(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	int i, j;

	if (!name || archive_entry_filetype(entry) != AE_IFREG)
		return -1;
	for (i = 0; i < NR_WANTED; i++)
		for (j = 0; j < 2 && wanted[i].prefixes[j]; j++)
			if (!strncmp(name, wanted[i].prefixes[j], strlen(wanted[i].prefixes[j])) &&
			    strstr(name, wanted[i].infix))
				return i;
	return -1;
}

static int extract(const struct deb *deb, struct archive *from, const char *path, char *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), err = 0;
	char buffer[65536];
	size_t total = 0;
	ssize_t n;

	if (fd < 0)
		return lab_fail(error, -errno, "%s: %s", path, strerror(errno));
	while (!err && (n = archive_read_data(from, buffer, sizeof(buffer))) != 0) {
		if (n < 0)
			err = lab_fail(error, -EBADMSG, "%s is damaged or cut off: %s", deb->name,
				       words(from, "it cannot be unpacked"));
		else if ((total += n) > FILE_MAX)
			err = lab_fail(error, -EFBIG, "%s: a file in it has more than %u MiB", deb->name, FILE_MAX >> 20);
		else if ((err = write_all(fd, buffer, n)))
			lab_fail(error, err, "%s: %s", path, strerror(-err));
	}
	if (!err && fsync(fd))
		err = lab_fail(error, -errno, "%s: %s", path, strerror(errno));
	if (close(fd) && !err)
		err = lab_fail(error, -errno, "%s: %s", path, strerror(errno));
	return err;
}

/* brd.ko, brd.ko.xz, brd.ko.zst, ...: with no compression at all the filters pass it on as it is. */
static int extract_module(const struct deb *deb, const char *path, char *error)
{
	struct archive *raw = archive_read_new();
	struct archive_entry *entry;
	int err;

	if (!raw)
		return lab_fail(error, -ENOMEM, "out of memory");
	support_compressions(raw);
	archive_read_support_format_raw(raw);
	if (archive_read_open(raw, deb->inner, NULL, archive_read_through, NULL) == ARCHIVE_OK &&
	    archive_read_next_header(raw, &entry) == ARCHIVE_OK)
		err = extract(deb, raw, path, error);
	else
		err = lab_fail(error, -EBADMSG, "%s: its brd module: %s", deb->name, words(raw, "it cannot be unpacked"));
	archive_read_free(raw);
	return err;
}

static int extract_wanted(const struct deb *deb, const char *folder, unsigned *have, char *error)
{
	struct archive_entry *entry;
	char path[PATH_MAX];
	int err = 0, i;

	while (*have != DEB_ALL && (err = next_entry(deb, &entry, error)) > 0) {
		i = which_wanted(entry);
		if (i < 0 || *have & 1u << i)
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", folder, wanted[i].name) >= (int)sizeof(path))
			return lab_fail(error, -ENAMETOOLONG, "%s: name too long", folder);
		err = i == BRD ? extract_module(deb, path, error) : extract(deb, deb->inner, path, error);
		if (err)
			return err;
		*have |= 1u << i;
	}
	return err < 0 ? err : 0;
}

/* All that is wanted may stand before the place where a file is cut off: the rest is read, though not unpacked. */
static int check_rest(const struct deb *deb, char *error)
{
	const void *block;
	la_int64_t offset;
	size_t len;
	int status;

	do
		status = archive_read_data_block(deb->outer, &block, &len, &offset);
	while (status == ARCHIVE_OK);
	return status == ARCHIVE_EOF ? 0 : lab_fail(error, -EBADMSG, "%s is damaged or cut off: %s", deb->name,
						    words(deb->outer, "it ends too early"));
}

int deb_unpack(const char *path, const char *called, const char *folder, unsigned *have, char *error)
{
	struct deb deb;
	int err = deb_open(&deb, path, called, "data.tar", error) ?: extract_wanted(&deb, folder, have, error) ?:
		  check_rest(&deb, error);

	deb_close(&deb);
	return err;
}
