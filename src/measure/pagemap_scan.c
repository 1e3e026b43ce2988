// SPDX-License-Identifier: GPL-2.0-or-later
/* PAGEMAP_SCAN. include/uapi/linux/fs.h */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/types.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pagemap_scan.h"

#define RANGES 64
#define SCAN_WP_MATCHING (1 << 0)
#define SCAN_CHECK_WPASYNC (1 << 1)
#define IS_WRITTEN (1 << 1)

struct page_range {
	__u64 start, end, categories;
};

struct scan {
	__u64 size, flags, start, end, walk_end, vec, vec_len, max_pages;
	__u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define SCAN_IOCTL _IOWR('f', 16, struct scan)

int pagemap_scan(struct trial *t, bool protect, uint64_t *written)
{
	struct page_range ranges[RANGES];
	struct scan scan = {
		.size = sizeof(scan),
		.flags = protect ? SCAN_WP_MATCHING | SCAN_CHECK_WPASYNC : 0,
		.start = (uintptr_t)t->region,
		.end = (uintptr_t)t->region + t->len_bytes,
		.vec = (uintptr_t)ranges,
		.vec_len = RANGES,
		.category_mask = IS_WRITTEN,
		.return_mask = IS_WRITTEN,
	};
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), n = 0, i, err = 0;

	*written = 0;
	if (fd < 0)
		return trial_fail(t, errno, "/proc/self/pagemap");
	while (!err && scan.start < scan.end) {
		n = ioctl(fd, SCAN_IOCTL, &scan);
		if (n < 0)
			err = trial_fail(t, errno, "PAGEMAP_SCAN");
		for (i = 0; i < n; i++)
			*written += (ranges[i].end - ranges[i].start) / t->page_bytes;
		scan.start = scan.walk_end;
	}
	close(fd);
	return err;
}

int protect_by_scan(struct trial *t)
{
	uint64_t written;

	return pagemap_scan(t, true, &written);
}

int check_by_scan(struct trial *t)
{
	uint64_t i, seen, written = 0;
	int err = pagemap_scan(t, false, &seen) ?: check_pages(t);

	for (i = 0; i < t->nr_pages; i++)
		written += is_to_be_written(t, i);
	if (err || seen == written)
		return err;
	snprintf(t->reason, sizeof(t->reason), "PAGEMAP_SCAN says that %" PRIu64 " pages were written, where %" PRIu64 " were", seen,
		 written);
	return -EIO;
}
