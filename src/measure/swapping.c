// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Swapping out and in again, by a swap file of the trial's own. It is the whole machine's while it is on, so workloads that use
 * it run in a lab's guest only.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <unistd.h>

#include "mapping.h"
#include "workload.h"

#define SPARE_PAGES 256
#define TRIES 20

/* mm/swapfile.c read_swap_header(), include/linux/swap.h union swap_header: the first page of a swap file. */
struct header {
	char bootbits[1024];
	uint32_t version, last_page, nr_badpages;
	char rest[4096 - 1024 - 12 - 10];
	char magic[10];
};

static int write_swap_file(struct trial *t, int fd, uint64_t nr_pages)
{
	struct header header = { .version = 1, .last_page = nr_pages, .magic = "SWAPSPACE2" };
	static const char zeros[4096];
	uint64_t i;

	if (write(fd, &header, sizeof(header)) != sizeof(header))
		return trial_fail(t, errno, "writing a swap file");
	for (i = 0; i < nr_pages; i++)
		if (write(fd, zeros, sizeof(zeros)) != sizeof(zeros))
			return trial_fail(t, errno, "writing a swap file");
	return fsync(fd) ? trial_fail(t, errno, "fsync of a swap file") : 0;
}

static void name_swap_file(char path[PATH_MAX])
{
	char folder[PATH_MAX - 32] = "/";

	filesystem_with_page_mkwrite(folder);
	snprintf(path, PATH_MAX, "%s/wbit-swap", folder);
}

void swap_clean_up(void)
{
	char path[PATH_MAX];

	name_swap_file(path);
	if (access(path, F_OK))
		return;
	swapoff(path);
	unlink(path);
}

static int start_swapping(struct trial *t)
{
	char path[PATH_MAX];
	int fd, err;

	swap_clean_up();
	name_swap_file(path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return trial_fail(t, errno, path);
	err = write_swap_file(t, fd, t->len_bytes / 4096 + SPARE_PAGES);
	close(fd);
	if (!err && swapon(path, 0))
		err = trial_fail(t, errno, "swapon");
	return err;
}

/* mincore(2) knows of neither page cache nor swap cache that a page is in. */
static int count_resident(struct trial *t, uint64_t *resident)
{
	unsigned char in[256];
	uint64_t at, i, n;

	*resident = 0;
	for (at = 0; at < t->nr_pages; at += n) {
		n = t->nr_pages - at < sizeof(in) ? t->nr_pages - at : sizeof(in);
		if (mincore(t->region + at * t->page_bytes, n * t->page_bytes, in))
			return trial_fail(t, errno, "mincore");
		for (i = 0; i < n; i++)
			*resident += in[i] & 1;
	}
	return 0;
}

/* Pages in a CPU's batch are on no LRU list yet and are passed over: each call drains some. */
static int page_out(struct trial *t)
{
	uint64_t resident = t->nr_pages;
	int err = 0, tries;

	for (tries = 0; !err && resident && tries < TRIES; tries++) {
		if (madvise(t->region, t->len_bytes, MADV_PAGEOUT))
			return trial_fail(t, errno, "MADV_PAGEOUT");
		err = count_resident(t, &resident);
	}
	if (!err && resident) {
		snprintf(t->reason, sizeof(t->reason), "%" PRIu64 " of %" PRIu64 " pages are not swapped out", resident, t->nr_pages);
		err = -EPROTO;
	}
	return err;
}

static int stop_swapping(struct trial *t)
{
	char path[PATH_MAX];
	int err = 0;

	name_swap_file(path);
	if (swapoff(path))
		err = trial_fail(t, errno, "swapoff");
	unlink(path);
	return err;
}

int swap_out_and_in(struct trial *t)
{
	return start_swapping(t) ?: page_out(t) ?: stop_swapping(t);	/* swap_clean_up() ends what goes wrong */
}
