// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * userfaultfd write protection of a trial's region. User-mode faults only, so that no privilege is needed
 * (UFFD_USER_MODE_ONLY, fs/userfaultfd.c userfaultfd_syscall_allowed()).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)	/* since 6.7 */
#endif

static int uffd_open(struct trial *t, uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };

	t->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (t->uffd < 0)
		return trial_fail(t, errno, "userfaultfd");
	return ioctl(t->uffd, UFFDIO_API, &api) ? trial_fail(t, errno, "UFFDIO_API") : 0;
}

static struct uffdio_range region_range(const struct trial *t)
{
	return (struct uffdio_range){ (uintptr_t)t->region, t->len_bytes };
}

int uffd_register(struct trial *t)
{
	struct uffdio_register reg = { .range = region_range(t), .mode = UFFDIO_REGISTER_MODE_WP };
	int err = 0;

	if (t->uffd < 0)
		err = uffd_open(t, UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
	if (err)
		return err;
	return ioctl(t->uffd, UFFDIO_REGISTER, &reg) ? trial_fail(t, errno, "UFFDIO_REGISTER") : 0;
}

int uffd_register_async(struct trial *t)
{
	return uffd_open(t, UFFD_FEATURE_WP_ASYNC) ?: uffd_register(t);
}

int uffd_protect(struct trial *t, bool protect)
{
	struct uffdio_writeprotect wp = { .range = region_range(t), .mode = protect ? UFFDIO_WRITEPROTECT_MODE_WP : 0 };

	return ioctl(t->uffd, UFFDIO_WRITEPROTECT, &wp) ? trial_fail(t, errno, "UFFDIO_WRITEPROTECT") : 0;
}

int uffd_unregister(struct trial *t)
{
	struct uffdio_range range = region_range(t);

	return ioctl(t->uffd, UFFDIO_UNREGISTER, &range) ? trial_fail(t, errno, "UFFDIO_UNREGISTER") : 0;
}

int uffd_protect_and_end(struct trial *t)
{
	return uffd_register(t) ?: uffd_protect(t, true) ?: uffd_unregister(t);
}

int uffd_read_and_end(struct trial *t)
{
	return zap_pages(t) ?: uffd_register(t) ?: read_pages(t) ?: uffd_unregister(t);
}

/* Resolves write-protection events until the process ends. An event that cannot be resolved leaves the writer hanging. */
static void *handle_events(void *arg)
{
	struct trial *t = arg;
	struct uffd_msg msg;

	while (read(t->uffd, &msg, sizeof(msg)) == sizeof(msg)) {
		struct uffdio_writeprotect wp = {
			.range = { msg.arg.pagefault.address & ~(t->page_bytes - 1), t->page_bytes },
		};

		if (msg.event != UFFD_EVENT_PAGEFAULT || !(msg.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP))
			continue;
		__atomic_fetch_add(&t->userfaults, 1, __ATOMIC_RELAXED);
		if (ioctl(t->uffd, UFFDIO_WRITEPROTECT, &wp))
			break;
	}
	return NULL;
}

int uffd_handle(struct trial *t)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, handle_events, t);

	if (err)
		return trial_fail(t, err, "pthread_create");
	pthread_detach(thread);
	return 0;
}
