// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Debian's kernel source: a tar in a package, whose hash apt vouches for. It is unpacked as it is read, without the package
 * or the tar ever being unpacked themselves; two thirds of it are drivers that no small kernel has and that are left out.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "building.h"

/* Where an x86 kernel of our configuration has no object from. What Kconfig and make read stays. */
static const char *const left_out[] = {
	"Documentation/", "drivers/gpu/", "drivers/net/", "drivers/media/", "drivers/scsi/", "drivers/infiniband/",
	"drivers/staging/", "drivers/accel/", "sound/", "tools/testing/", NULL,
};
const char *const source_unwanted[] = {
	"--exclude=Documentation/*", "--exclude=tools/testing/*", "--exclude=sound/*", "--exclude=drivers/gpu/*",
	"--exclude=drivers/net/*", "--exclude=drivers/media/*", "--exclude=drivers/scsi/*",
	"--exclude=drivers/infiniband/*", "--exclude=drivers/staging/*", "--exclude=drivers/accel/*",
	"--exclude=arch/[!x]*/*", "--exclude=arch/xtensa/*", NULL,
};

static bool begins(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

bool source_wanted(const char *path)
{
	const char *last = strrchr(path, '/');
	size_t i;

	last = last ? last + 1 : path;
	if (begins(last, "Kconfig") || begins(last, "Makefile") || begins(last, "Kbuild"))
		return true;
	if (begins(path, "arch/") && strchr(path + 5, '/') && !begins(path + 5, "x86/"))
		return false;
	for (i = 0; left_out[i]; i++)
		if (begins(path, left_out[i]))
			return false;
	return true;
}

struct unpacking {
	const char *to;
	bool whole;
	const struct build_watch *watch;
	unsigned long files;
};

static int unpack_file(struct archive *tar, struct archive_entry *entry, const char *path, char *error)
{
	mode_t mode = archive_entry_perm(entry) & 0100 ? 0755 : 0644;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode), err = 0, status;
	const void *block;
	la_int64_t offset;
	size_t len;

	if (fd < 0)
		return lab_fail(error, -errno, "%s: %s", path, strerror(errno));
	while (!err && (status = archive_read_data_block(tar, &block, &len, &offset)) != ARCHIVE_EOF) {
		if (status != ARCHIVE_OK)
			err = lab_fail(error, -EBADMSG, "the kernel source is damaged: %s", archive_error_string(tar));
		else if ((err = write_all(fd, block, len)))
			lab_fail(error, err, "%s: %s", path, strerror(-err));
	}
	if (close(fd) && !err)
		err = lab_fail(error, -errno, "%s: %s", path, strerror(errno));
	return err;
}

/* "linux-source-6.12/mm/migrate.c" is mm/migrate.c. NULL: the top itself, or a name that a source tree does not have. */
static const char *below_top(const char *name)
{
	const char *path = name ? strchr(name, '/') : NULL;

	if (!path || !path[1] || name[0] == '/' || strstr(name, "../"))
		return NULL;
	return path + 1;
}

static int unpack_entry(struct unpacking *u, struct archive *tar, struct archive_entry *entry, char *error)
{
	const char *name = below_top(archive_entry_pathname(entry));
	char path[PATH_MAX];
	int err = 0;

	if (!name || (!u->whole && archive_entry_filetype(entry) == AE_IFREG && !source_wanted(name)))
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", u->to, name) >= (int)sizeof(path))
		return lab_fail(error, -ENAMETOOLONG, "%s: name too long", u->to);
	switch (archive_entry_filetype(entry)) {
	case AE_IFDIR:
		err = mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
		break;
	case AE_IFLNK:
		err = symlink(archive_entry_symlink(entry), path) ? -errno : 0;
		break;
	case AE_IFREG:
		u->files++;
		return unpack_file(tar, entry, path, error);
	default:
		return 0;
	}
	return err ? lab_fail(error, err, "%s: %s", path, strerror(-err)) : 0;
}

static int unpack_tar(struct unpacking *u, struct archive *tar, char *error)
{
	struct archive_entry *entry;
	int err = 0, status = ARCHIVE_OK;

	while (!err && (status = archive_read_next_header(tar, &entry)) == ARCHIVE_OK) {
		if (watch_stopped(u->watch))
			return watch_cancelled(error);
		err = unpack_entry(u, tar, entry, error);
	}
	if (!err && (status != ARCHIVE_EOF || !u->files))
		err = lab_fail(error, -EBADMSG, "the kernel source is damaged: %s", archive_error_string(tar) ?: "it is empty");
	return err;
}

/* `from`: the archive in whose entry the tar is; NULL: the tar is the file `path`. */
static int unpack_from(struct unpacking *u, struct archive *from, const char *path, char *error)
{
	struct archive *tar = archive_read_new();
	int err, status;

	if (!tar)
		return lab_fail(error, -ENOMEM, "out of memory");
	archive_read_support_filter_xz(tar);
	archive_read_support_filter_zstd(tar);
	archive_read_support_format_tar(tar);
	status = from ? archive_read_open(tar, from, NULL, archive_read_through, NULL) :
			archive_read_open_filename(tar, path, 1 << 20);
	err = status == ARCHIVE_OK ? unpack_tar(u, tar, error) :
	      lab_fail(error, -EBADMSG, "the kernel source: %s", archive_error_string(tar));
	archive_read_free(tar);
	return err;
}

static int take(struct archive *from, void *unpacking, char *error)
{
	return unpack_from(unpacking, from, NULL, error);
}

int source_find(const char *series, struct apt_package *package, char *error)
{
	char pattern[64];
	int err;

	snprintf(pattern, sizeof(pattern), "^linux-source-%s$", series);
	err = apt_find(pattern, package, error);
	if (err == -ENOENT)
		lab_fail(error, err, "apt knows no package linux-source-%s (`apt-get update` may help): Debian 12 has it",
			 series);
	return err;
}

/* Is the source of just this version installed? Then its tar need not be fetched. */
static bool is_installed(const struct apt_package *package, const char *tar)
{
	char *argv[] = { "dpkg-query", "-W", "-f=${db:Status-Status} ${Version}", (char *)package->name, NULL };
	char wanted[sizeof(package->version) + 16];
	struct child_output output;
	bool same;

	snprintf(wanted, sizeof(wanted), "installed %s", package->version);
	same = !child_run(argv, NULL, &output) && !strcmp(output.text, wanted) && !access(tar, R_OK);
	child_output_free(&output);
	return same;
}

int source_unpack(const struct apt_package *package, const char *tmp, const char *to, bool whole,
		  const struct build_watch *watch, char *error)
{
	struct unpacking u = { to, whole, watch, 0 };
	char tar[300], deb[PATH_MAX];
	int err;

	if (mkdir(to, 0700))
		return lab_fail(error, -errno, "%s: %s", to, strerror(errno));
	snprintf(tar, sizeof(tar), "/usr/src/%s.tar.xz", package->name);
	if (is_installed(package, tar)) {
		watch_step(watch, "unpacking %s %s, which is installed", package->name, package->version);
		return unpack_from(&u, NULL, tar, error);
	}
	watch_step(watch, "downloading %s %s", package->name, package->version);
	err = apt_download(package, tmp, watch->stop, deb, error);
	if (err)
		return err;
	watch_step(watch, "unpacking %s %s", package->name, package->version);
	snprintf(tar, sizeof(tar), "./usr/src/%s.tar.xz", package->name);
	return deb_stream(deb, package->name, tar, take, &u, error);
}
