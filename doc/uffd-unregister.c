// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uffd-unregister: does the end of a uffd-wp registration leave pages write-protected that nothing protects any more?
 *
 *	cc -O2 doc/uffd-unregister.c -o uffd-unregister && ./uffd-unregister [PAGES]
 *
 * Each row makes pages, registers and unregisters them (or does not: the controls), and counts the page faults of one write
 * a page. No migration takes place. A fault means: the PTE was without W, in a mapping whose default is W (memfd, shared)
 * or whose page belongs to this process alone (private). No privileges: the userfaultfd handles user-mode faults only.
 *
 * Exit status: 0 no page of shared memory pays, 1 some do, 2 the controls pay or something failed, 77 no uffd-wp here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
#define MAX_PAGES (1UL << 20)

struct row {
	const char *what;
	bool shared;	/* a memfd; else private anonymous memory */
	bool zap;	/* drop the PTEs once the data is there */
	bool reg;
	bool read;	/* after the registration, so that PTEs are made while it lasts */
	bool protect;	/* UFFDIO_WRITEPROTECT */
};

static const struct row rows[] = {
	{ "memfd, written", .shared = true },
	{ "memfd, written, registered, unregistered", .shared = true, .reg = true },
	{ "memfd, written, registered, protected, unregistered", .shared = true, .reg = true, .protect = true },
	{ "memfd, zapped, read", .shared = true, .zap = true, .read = true },
	{ "memfd, zapped, registered, read, unregistered", .shared = true, .zap = true, .reg = true, .read = true },
	{ "private, written", .shared = false },
	{ "private, written, registered, unregistered", .reg = true },
	{ "private, written, registered, protected, unregistered", .reg = true, .protect = true },
};

static unsigned long nr_pages = 256;
static size_t page_bytes;

static void die(const char *what)
{
	fprintf(stderr, "uffd-unregister: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* -1: uffd-wp of shared memory cannot be had here. */
static int open_uffd(void)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
	};
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (uffd >= 0 && ioctl(uffd, UFFDIO_API, &api)) {
		close(uffd);
		return -1;
	}
	return uffd;
}

static void touch(volatile char *region, bool write)
{
	unsigned long i;

	for (i = 0; i < nr_pages; i++) {
		if (write)
			region[i * page_bytes] = 1;
		else
			(void)region[i * page_bytes];
	}
}

static long faults(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_THREAD, &usage))
		die("getrusage");
	return usage.ru_minflt + usage.ru_majflt;
}

static char *map(bool shared)
{
	int fd = shared ? memfd_create("uffd-unregister", MFD_CLOEXEC) : -1;
	char *region;

	if (shared && (fd < 0 || ftruncate(fd, nr_pages * page_bytes)))
		die("memfd");
	region = mmap(NULL, nr_pages * page_bytes, PROT_READ | PROT_WRITE,
		      shared ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, fd, 0);
	if (region == MAP_FAILED)
		die("mmap");
	if (shared)
		close(fd);
	if (madvise(region, nr_pages * page_bytes, MADV_NOHUGEPAGE) && errno != EINVAL)
		die("MADV_NOHUGEPAGE");
	return region;
}

/* Faults of the last write to each page. */
static long measure(const struct row *row, int uffd)
{
	char *region = map(row->shared);
	struct uffdio_range range = { (uintptr_t)region, nr_pages * page_bytes };
	struct uffdio_register reg = { .range = range, .mode = UFFDIO_REGISTER_MODE_WP };
	struct uffdio_writeprotect wp = { .range = range, .mode = UFFDIO_WRITEPROTECT_MODE_WP };
	long before;

	touch(region, true);
	if (row->zap && madvise(region, range.len, MADV_DONTNEED))
		die("MADV_DONTNEED");
	if (row->reg && ioctl(uffd, UFFDIO_REGISTER, &reg))
		die("UFFDIO_REGISTER");
	if (row->read)
		touch(region, false);
	if (row->protect && ioctl(uffd, UFFDIO_WRITEPROTECT, &wp))
		die("UFFDIO_WRITEPROTECT");
	if (row->reg && ioctl(uffd, UFFDIO_UNREGISTER, &range))
		die("UFFDIO_UNREGISTER");

	before = faults();
	touch(region, true);
	before = faults() - before;
	munmap(region, range.len);
	return before;
}

int main(int argc, char **argv)
{
	int uffd = open_uffd(), status = 0;
	unsigned i;

	page_bytes = sysconf(_SC_PAGESIZE);
	if (argc > 1)
		nr_pages = strtoul(argv[1], NULL, 10);
	if (argc > 2 || !nr_pages || nr_pages > MAX_PAGES) {
		fprintf(stderr, "usage: uffd-unregister [PAGES], 1 to %lu\n", MAX_PAGES);
		return 2;
	}
	if (uffd < 0) {
		fprintf(stderr, "uffd-unregister: no userfaultfd with write protection of shared memory here\n");
		return 77;
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		long paid = measure(&rows[i], uffd);

		printf("%7ld of %lu pages pay a write fault: %s\n", paid, nr_pages, rows[i].what);
		if (paid && !rows[i].reg)
			status = 2;
		else if (paid && rows[i].shared && !status)
			status = 1;
	}
	return status;
}
