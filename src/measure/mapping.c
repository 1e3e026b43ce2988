// SPDX-License-Identifier: GPL-2.0-or-later
/* The building blocks of workloads: mappings with marked pages, soft-dirty, and the check of the data. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/memfd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "mapping.h"
#include "workload.h"

int trial_fail(struct trial *t, int err_number, const char *what)
{
	snprintf(t->reason, sizeof(t->reason), "%.100s: %s", what, strerror(err_number));
	return err_number ? -err_number : -EIO;
}

static void mark_pages(struct trial *t)
{
	uint64_t i;

	for (i = 0; i < t->nr_pages; i++)
		page_words(t, i)[0] = page_mark(i);
}

static int map_and_mark(struct trial *t, int flags, int fd)
{
	if (mmap(t->region, t->len_bytes, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0) == MAP_FAILED)
		return trial_fail(t, errno, "mmap of the region");
	mark_pages(t);
	return 0;
}

int map_private_anon(struct trial *t)
{
	return map_and_mark(t, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

int map_thp_anon(struct trial *t)
{
	if (mmap(t->region, t->len_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return trial_fail(t, errno, "mmap of the region");
	if (madvise(t->region, t->len_bytes, MADV_HUGEPAGE))
		return trial_fail(t, errno, "MADV_HUGEPAGE");
	mark_pages(t);
	return 0;
}

int map_shared_anon(struct trial *t)
{
	return map_and_mark(t, MAP_SHARED | MAP_ANONYMOUS, -1);
}

static int make_memfd(struct trial *t, size_t len_bytes, unsigned flags)
{
	t->fd = memfd_create("wbit", MFD_CLOEXEC | flags);
	if (t->fd < 0)
		return trial_fail(t, errno, "memfd_create");
	return ftruncate(t->fd, len_bytes) ? trial_fail(t, errno, "ftruncate of the memfd") : 0;
}

int map_memfd(struct trial *t)
{
	return make_memfd(t, t->len_bytes, 0) ?: map_and_mark(t, MAP_SHARED, t->fd);
}

int map_memfd_hugetlb(struct trial *t)
{
	return make_memfd(t, t->len_bytes, MFD_HUGETLB | MFD_HUGE_2MB) ?: map_and_mark(t, MAP_SHARED, t->fd);
}

int map_memfd_privately(struct trial *t)
{
	return map_memfd(t) ?: map_and_mark(t, MAP_PRIVATE, t->fd);
}

int map_memfd_half_written(struct trial *t)
{
	return make_memfd(t, 2 * t->len_bytes, 0) ?: map_and_mark(t, MAP_SHARED, t->fd);
}

bool filesystem_with_page_mkwrite(char *folder)
{
	const char *const candidates[] = { getenv("TMPDIR"), "/mnt", "/var/tmp", "." };
	struct statfs fs;
	unsigned i;

	for (i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		if (!candidates[i] || statfs(candidates[i], &fs) || access(candidates[i], W_OK))
			continue;
		if (fs.f_type != EXT4_SUPER_MAGIC && fs.f_type != XFS_SUPER_MAGIC)
			continue;
		snprintf(folder, PATH_MAX, "%s", candidates[i]);
		return true;
	}
	return false;
}

/* Nameless, so that nothing is left behind, and new, so that no page of it is anywhere yet. */
static int make_file(struct trial *t)
{
	char folder[PATH_MAX];

	if (!filesystem_with_page_mkwrite(folder))
		return trial_fail(t, ENOENT, "a folder on ext4 or xfs");
	t->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (t->fd < 0)
		return trial_fail(t, errno, folder);
	return ftruncate(t->fd, t->len_bytes) ? trial_fail(t, errno, "ftruncate of the file") : 0;
}

int map_file(struct trial *t)
{
	return make_file(t) ?: map_and_mark(t, MAP_SHARED, t->fd);
}

int map_file_privately(struct trial *t)
{
	return make_file(t) ?: map_and_mark(t, MAP_PRIVATE, t->fd);
}

int map_adjacent_half(struct trial *t)
{
	int flags = MAP_FIXED | (t->fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED);

	if (mmap(t->region + t->len_bytes, t->len_bytes, PROT_READ | PROT_WRITE, flags, t->fd,
		 t->fd < 0 ? 0 : t->len_bytes) == MAP_FAILED)
		return trial_fail(t, errno, "mmap of the adjacent half");
	return 0;
}

int rewrite_pages(struct trial *t)
{
	mark_pages(t);
	return 0;
}

int read_pages(struct trial *t)
{
	uint64_t i;

	for (i = 0; i < t->nr_pages; i++)
		if (page_words(t, i)[0] != page_mark(i))
			return trial_fail(t, EIO, "reading the pages back");
	return 0;
}

int zap_pages(struct trial *t)
{
	return madvise(t->region, t->len_bytes, MADV_DONTNEED) ? trial_fail(t, errno, "MADV_DONTNEED") : 0;
}

int fork_holder(struct trial *t)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return trial_fail(t, errno, "fork");
	if (pid)
		return 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent)
		pause();
	_exit(0);
}

int clear_soft_dirty(struct trial *t)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return trial_fail(t, errno, "/proc/self/clear_refs");
	if (write(fd, "4", 1) != 1)
		err = trial_fail(t, errno, "/proc/self/clear_refs");
	close(fd);
	return err;
}

int check_pages(struct trial *t)
{
	uint64_t i;

	for (i = 0; i < t->nr_pages; i++) {
		uint64_t written = is_to_be_written(t, i) ? page_written(i) : 0;

		if (page_words(t, i)[0] == page_mark(i) && page_words(t, i)[1] == written)
			continue;
		snprintf(t->reason, sizeof(t->reason), "data lost: page %" PRIu64 " does not hold what was written", i);
		return -EIO;
	}
	return 0;
}
