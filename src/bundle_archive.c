// SPDX-License-Identifier: GPL-2.0-or-later
/* A bundle's archive: a gzipped tar with fixed owners, modes, times and order. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "face.h"

#define TOP "wbit-bundle"
#define MTIME 1668508200	/* 2022-11-15 10:30 UTC, in the days of the thread; tar warns of 0 */

static int add_header(struct archive *a, const char *member, la_int64_t size)
{
	struct archive_entry *entry = archive_entry_new();
	char name[sizeof(TOP) + 1 + BUNDLE_NAME_MAX];
	int status;

	if (!entry)
		return -ENOMEM;
	snprintf(name, sizeof(name), TOP "/%s", member);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, S_IFREG | 0644);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_mtime(entry, MTIME, 0);
	archive_entry_set_size(entry, size);
	status = archive_write_header(a, entry);
	archive_entry_free(entry);
	return status == ARCHIVE_OK ? 0 : -EIO;
}

static int add_member(struct archive *a, const char *path, const char *member)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), err;
	char block[65536];
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	err = fstat(fd, &st) ? -errno : add_header(a, member, st.st_size);
	while (!err && (n = read(fd, block, sizeof(block))) > 0)
		err = archive_write_data(a, block, (size_t)n) == n ? 0 : -EIO;
	if (!err && n < 0)
		err = -errno;
	close(fd);
	return err;
}

static int set_up(struct archive *a, FILE *out)
{
	/* gzip's own time stamp would make each archive another one */
	return archive_write_add_filter_gzip(a) == ARCHIVE_OK &&
	       archive_write_set_filter_option(a, "gzip", "timestamp", NULL) == ARCHIVE_OK &&
	       archive_write_set_format_pax_restricted(a) == ARCHIVE_OK &&
	       archive_write_open_FILE(a, out) == ARCHIVE_OK ? 0 : -EIO;
}

int bundle_pack(const struct bundle *bundle, FILE *out)
{
	struct archive *a = archive_write_new();
	int err = a ? set_up(a, out) : -ENOMEM, status = STATUS_OK;
	char path[PATH_MAX];

	for (unsigned i = 0; i < bundle->nr_members && !err; i++) {
		snprintf(path, sizeof(path), "%s/%s", bundle->work, bundle->members[i]);
		err = add_member(a, path, bundle->members[i]);
	}
	if (!err && archive_write_close(a) != ARCHIVE_OK)
		err = -EIO;
	if (err)
		status = complain("cannot write the archive: %s",
				  a && archive_errno(a) ? strerror(archive_errno(a)) : strerror(-err));
	if (a)
		archive_write_free(a);
	return status;
}
