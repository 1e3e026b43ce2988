// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A .deb is an ar archive with a compressed tar, data.tar.*, in it: libarchive reads both, one through the other. Only
 * two files of it are wanted, and nothing in it chooses where they go.
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

static ssize_t read_outer(struct archive *inner, void *arg, const void **block)
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

/* Steps to the member data.tar.*. */
static int open_outer(struct archive *outer, const char *deb, char *error)
{
	struct archive_entry *entry;

	archive_read_support_format_ar(outer);
	if (archive_read_open_filename(outer, deb, 65536) == ARCHIVE_OK)
		while (archive_read_next_header(outer, &entry) == ARCHIVE_OK) {
			const char *name = archive_entry_pathname(entry);

			if (name && !strncmp(name, "data.tar", 8))
				return 0;
		}
	return lab_fail(error, -EBADMSG, "%s: no Debian package: %s", deb,
			archive_error_string(outer) ? archive_error_string(outer) : "it has no data.tar");
}

static int extract(struct archive *inner, const char *path, char *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), err = 0;
	char buffer[65536];
	size_t total = 0;
	ssize_t n;

	if (fd < 0)
		return lab_fail(error, -errno, "%s: %s", path, strerror(errno));
	while (!err && (n = archive_read_data(inner, buffer, sizeof(buffer))) != 0) {
		if (n < 0)
			err = lab_fail(error, -EBADMSG, "unpacking: %s", archive_error_string(inner));
		else if ((total += n) > FILE_MAX)
			err = lab_fail(error, -EFBIG, "unpacking: a file of more than %u MiB", FILE_MAX >> 20);
		else if ((err = write_all(fd, buffer, n)))
			lab_fail(error, err, "%s: %s", path, strerror(-err));
	}
	if (!err && fsync(fd))
		err = lab_fail(error, -errno, "%s: %s", path, strerror(errno));
	if (close(fd) && !err)
		err = lab_fail(error, -errno, "%s: %s", path, strerror(errno));
	return err;
}

static int extract_wanted(struct archive *inner, const char *folder, char *error)
{
	static const char *const prefixes[] = { "./boot/vmlinuz-", "./boot/config-" };
	static const char *const names[] = { "vmlinuz", "config" };
	struct archive_entry *entry;
	char path[PATH_MAX];
	unsigned have = 0;
	size_t i;
	int err;

	while (have != 3 && archive_read_next_header(inner, &entry) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);

		for (i = 0; i < 2; i++) {
			if (!name || strncmp(name, prefixes[i], strlen(prefixes[i])) ||
			    archive_entry_filetype(entry) != AE_IFREG || have & 1u << i)
				continue;
			if (snprintf(path, sizeof(path), "%s/%s", folder, names[i]) >= (int)sizeof(path))
				return lab_fail(error, -ENAMETOOLONG, "%s: name too long", folder);
			err = extract(inner, path, error);
			if (err)
				return err;
			have |= 1u << i;
		}
	}
	if (have != 3)
		return lab_fail(error, -EBADMSG, "the package has no boot/vmlinuz and boot/config%s%s",
				archive_error_string(inner) ? ": " : "", archive_error_string(inner) ?: "");
	return 0;
}

int deb_unpack(const char *deb, const char *folder, char *error)
{
	struct archive *outer = archive_read_new(), *inner = archive_read_new();
	int err = -ENOMEM;

	if (!outer || !inner) {
		lab_fail(error, err, "out of memory");
		goto out;
	}
	err = open_outer(outer, deb, error);
	if (err)
		goto out;
	archive_read_support_filter_gzip(inner);
	archive_read_support_filter_xz(inner);
	archive_read_support_filter_zstd(inner);
	archive_read_support_format_tar(inner);
	if (archive_read_open(inner, outer, NULL, read_outer, NULL) == ARCHIVE_OK)
		err = extract_wanted(inner, folder, error);
	else
		err = lab_fail(error, -EBADMSG, "%s: %s", deb, archive_error_string(inner));
out:
	if (inner)
		archive_read_free(inner);
	if (outer)
		archive_read_free(outer);
	return err;
}
