// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's ext4, for workloads on a filesystem with page_mkwrite. mke2fs makes it on the host (busybox's would be an
 * ext2 layout, whose page_mkwrite takes another path). What could differ from machine to machine or from day to day is
 * fixed: features, UUIDs, times; and everything is initialised, so that no thread of the guest's ext4 has work left.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define BLOCK_BYTES 4096
#define UNIT_BYTES (64ull << 20)
#define OWN_BYTES (16ull << 20)		/* journal, inode tables, bitmaps, and some room */
#define FEATURES "none,has_journal,ext_attr,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file," \
		 "dir_nlink,extra_isize,metadata_csum"

uint64_t disk_size_for(uint64_t region_bytes)
{
	return (2 * region_bytes + OWN_BYTES + UNIT_BYTES - 1) / UNIT_BYTES * UNIT_BYTES;
}

static int run_mke2fs(const char *folder, const char *file, char *error)
{
	char path[1024];
	char *argv[] = {
		/* users have no sbin in their PATH; the host's own mke2fs.conf has no say */
		"env", "-i", path, "LC_ALL=C", "MKE2FS_CONFIG=/nonexistent/mke2fs.conf",
		"E2FSPROGS_FAKE_TIME=1668470400", "SOURCE_DATE_EPOCH=1668470400",
		"mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-I", "256", "-N", "1024", "-m", "0",
		"-J", "size=4", "-O", FEATURES, "-U", "77b17000-0000-4000-8000-000000000001",
		"-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0,"
		      "hash_seed=77b17000-0000-4000-8000-000000000002",
		(char *)file, NULL
	};
	struct child_output output;
	int err;

	snprintf(path, sizeof(path), "PATH=/usr/sbin:/sbin:/usr/bin:/bin:%.900s", getenv("PATH") ?: "");
	err = child_run(argv, folder, &output);
	if (!err && output.status == 127)	/* of env, as of a shell: no such program */
		err = lab_fail(error, -ENOENT, "mke2fs is not installed: the package is e2fsprogs");
	else if (!err && output.status)
		err = lab_fail(error, -EIO, "mke2fs: %s", output.complaint[0] ? output.complaint : "it failed without a word");
	else if (err)
		lab_fail(error, err, "mke2fs: %s", strerror(-err));
	child_output_free(&output);
	return err;
}

static bool is_zero(const char *block)
{
	return !block[0] && !memcmp(block, block + 1, BLOCK_BYTES - 1);
}

static int pack_blocks(int from, int to, uint64_t bytes)
{
	struct {
		uint64_t offset;
		char block[BLOCK_BYTES];
	} record;
	off_t at = 0;
	int err = write_all(to, &bytes, sizeof(bytes));

	while (!err && (at = lseek(from, at, SEEK_DATA)) >= 0) {
		at -= at % BLOCK_BYTES;
		record.offset = at;
		if (pread(from, record.block, BLOCK_BYTES, at) != BLOCK_BYTES)
			err = -EIO;
		else if (!is_zero(record.block))
			err = write_all(to, &record, sizeof(record));
		at += BLOCK_BYTES;
	}
	return err ?: errno == ENXIO ? 0 : -errno;	/* ENXIO: no more data */
}

int disk_write(const char *folder, uint64_t bytes, char *error)
{
	char whole[PATH_MAX], packed[PATH_MAX];
	int from = -1, to = -1, err;

	if (snprintf(whole, sizeof(whole), "%s/ext4", folder) >= (int)sizeof(whole) ||
	    snprintf(packed, sizeof(packed), "%s/disk", folder) >= (int)sizeof(packed))
		return lab_fail(error, -ENAMETOOLONG, "%s: name too long", folder);
	from = open(whole, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	to = open(packed, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (from < 0 || to < 0 || ftruncate(from, bytes)) {
		err = lab_fail(error, -errno, "the guest's filesystem in %s: %s", folder, strerror(errno));
		goto out;
	}
	err = run_mke2fs(folder, "ext4", error);
	if (err)
		goto out;
	err = pack_blocks(from, to, bytes);
	if (err)
		lab_fail(error, err, "the guest's filesystem in %s: %s", folder, strerror(-err));
out:
	if (to >= 0 && close(to) && !err)
		err = lab_fail(error, -errno, "%s: %s", packed, strerror(errno));
	if (from >= 0)
		close(from);
	unlink(whole);
	return err;
}
