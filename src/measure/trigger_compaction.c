// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compaction: migration without a second node. It moves movable pages from a zone's low end to free places at its high end
 * until the two scanners meet (mm/compaction.c compact_zone()), so which pages move cannot be told, but it can be steered:
 *
 *   1. take a pool of memory, and let its lowest frames go again: the workload's pages are allocated there;
 *   2. let the rest go but for one page in each pageblock: a block that is free as a whole is no target
 *      (suitable_migration_target()), one with a page in it is, and its free part is large enough for large folios, which
 *      compaction also meets and gives up over when there is no room for them.
 *
 * Nearly all of the region moves then. Proof is the frame number in pagemap, before and after. Memory of other processes
 * moves along. The call takes as long as the zone is large: its time is not the region's.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "needs.h"
#include "trigger.h"

#define POOL_PAGES_MAX 32768	/* 128 MiB; of a small machine a part of its memory, where fewer low frames are taken */
#define POOL_PART 16
#define PAGEBLOCK_SHIFT 9	/* pageblock_order of x86-64, include/linux/pageblock-flags.h */

struct page_at {
	uint64_t frame;
	char *address;
};

struct pool {
	struct page_at *pages;	/* ascending frames */
	size_t nr, nr_given;	/* the first nr_given were let go for the region */
};

static int by_frame(const void *a, const void *b)
{
	const struct page_at *x = a, *y = b;

	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static void let_go(const struct page_at *page)
{
	madvise(page->address, 4096, MADV_DONTNEED);
}

static size_t pool_pages(uint64_t nr_pages)
{
	uint64_t part = (uint64_t)get_phys_pages() / POOL_PART;

	return (part < POOL_PAGES_MAX ? part : POOL_PAGES_MAX) + 8 * nr_pages;
}

static uint64_t memory_bytes(uint64_t nr_pages)
{
	/* The list of the pool twice, since qsort() sorts in a copy; and the region's frame numbers once more in prove(). */
	return pool_pages(nr_pages) * (4096 + 2 * sizeof(struct page_at)) + nr_pages * sizeof(uint64_t);
}

static int take_pool(struct trial *t, struct pool *pool)
{
	uint64_t *frames;
	char *memory;
	size_t i;

	pool->nr = pool_pages(t->nr_pages);
	pool->pages = calloc(pool->nr, sizeof(*pool->pages));
	frames = calloc(pool->nr, sizeof(*frames));
	memory = mmap(NULL, pool->nr * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (!pool->pages || !frames || memory == MAP_FAILED)
		return trial_fail(t, ENOMEM, "memory to steer the compaction with");
	madvise(memory, pool->nr * 4096, MADV_DONTFORK);
	frames_of(memory, pool->nr, frames);
	for (i = 0; i < pool->nr; i++)
		pool->pages[i] = (struct page_at){ frames[i], memory + i * 4096 };
	free(frames);
	qsort(pool->pages, pool->nr, sizeof(*pool->pages), by_frame);
	return 0;
}

/* The last pages that are let go are the first to be taken again, so the lowest goes last. */
static int steer(struct trial *t, struct migration *m)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	int err = pool ? take_pool(t, pool) : -ENOMEM;
	size_t i;

	if (err)
		return err;
	pool->nr_given = t->nr_pages + t->nr_pages / 4;
	for (i = pool->nr_given; i--;)
		let_go(&pool->pages[i]);
	m->priv = pool;
	return 0;
}

static void open_the_rest(const struct pool *pool)
{
	uint64_t block, last = UINT64_MAX;
	size_t i;

	for (i = pool->nr_given; i < pool->nr; i++) {
		block = pool->pages[i].frame >> PAGEBLOCK_SHIFT;
		if (block == last)
			let_go(&pool->pages[i]);
		last = block;
	}
}

/* The frames stand in m->addresses, which no call needs here, and which are as wide. */
static int place(struct trial *t, struct migration *m)
{
	uint64_t i;

	open_the_rest(m->priv);
	frames_of(t->region, m->nr_pages, (uint64_t *)m->addresses);
	for (i = 0; i < m->nr_pages; i++)
		if (!m->addresses[i])
			return trial_fail(t, EPERM, "frame numbers of the region's pages");
	return 0;
}

static int migrate(struct trial *t, struct migration *m)
{
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC), err = 0;

	(void)m;
	if (fd < 0 || write(fd, "1", 1) != 1)
		err = trial_fail(t, errno, "/proc/sys/vm/compact_memory");
	if (fd >= 0)
		close(fd);
	return err;
}

static int prove(struct trial *t, struct migration *m, uint64_t *migrated, uint64_t *failed)
{
	uint64_t *frames = calloc(m->nr_pages, sizeof(*frames)), i;

	if (!frames)
		return trial_fail(t, ENOMEM, "memory for frame numbers");
	frames_of(t->region, m->nr_pages, frames);
	*migrated = 0;
	for (i = 0; i < m->nr_pages; i++) {
		m->status[i] = frames[i] && frames[i] != (uintptr_t)m->addresses[i];
		*migrated += m->status[i];
	}
	free(frames);
	*failed = m->nr_pages - *migrated;
	t->moved = m->status;
	return 0;
}

const struct trigger trigger_compaction = {
	.name = "compaction",
	.about = "/proc/sys/vm/compact_memory: on one node too; only pages whose frame changed are judged",
	.needs = NEED_COMPACTION,
	.partial = true,
	.untimed = "compaction goes through the whole node: its time is not the region's",
	.memory_bytes = memory_bytes,
	.steer = steer,
	.place = place,
	.prepare = prepare_nothing,
	.migrate = migrate,
	.prove = prove,
};
