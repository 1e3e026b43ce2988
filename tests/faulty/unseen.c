// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults in the write phase that one of wbit's two counts passes by: reads of pages that are not present, which are no
 * write-protection faults; and those of another thread, which are not in the rusage of this one.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "unseen.h"

#define STACK_BYTES 65536
#define ITS_FAULTS 7

/* ---- in the region: each page is taken away and read again before it is written ---- */

static int read_and_write(struct trial *t, uint64_t page)
{
	volatile uint64_t *words = page_words(t, page);

	if (madvise((void *)words, t->page_bytes, MADV_DONTNEED))
		return -errno;
	(void)words[0];
	return write_page(t, page);
}

const struct workload unseen_in_the_region = {
	.name  = "unseen-in-the-region",
	.about = "shmem-shared, with a read fault before each write",
	.setup = map_shared_anon,
	.write = read_and_write,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};

/* ---- of a thread: it comes with the first write and faults beside the region ---- */

struct helper {
	char *stack, *fresh;
	volatile int alive;	/* cleared by the kernel when it has ended */
	bool started;
};

static int map_and_prepare(struct trial *t)
{
	struct helper *h = calloc(1, sizeof(*h));
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	if (!h)
		return trial_fail(t, ENOMEM, "a helper");
	h->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, flags | MAP_POPULATE, -1, 0);
	h->fresh = mmap(NULL, ITS_FAULTS * 4096, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (h->stack == MAP_FAILED || h->fresh == MAP_FAILED)
		return trial_fail(t, errno, "memory for a helper");
	memset(h->stack, 1, STACK_BYTES);
	t->priv = h;
	return map_shared_anon(t);
}

static int touch_fresh_pages(void *arg)
{
	struct helper *h = arg;

	for (int i = 0; i < ITS_FAULTS; i++)
		*(volatile char *)(h->fresh + i * 4096) = 1;
	return 0;
}

/* Without pthread_create(), whose own faults would be this thread's. */
static int start_and_write(struct trial *t, uint64_t page)
{
	struct helper *h = t->priv;
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID;

	if (!h->started) {
		h->started = true;
		h->alive = 1;
		if (clone(touch_fresh_pages, h->stack + STACK_BYTES, flags, h, NULL, NULL, &h->alive) < 0)
			return -errno;
		while (h->alive)
			sched_yield();
	}
	return write_page(t, page);
}

const struct workload unseen_of_a_thread = {
	.name  = "unseen-of-a-thread",
	.about = "shmem-shared, with seven faults of another thread beside the first write",
	.setup = map_and_prepare,
	.write = start_and_write,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};
