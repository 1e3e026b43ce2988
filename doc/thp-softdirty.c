// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * thp-softdirty: are pages that nobody has written reported as soft-dirty once they have been migrated?
 *
 *	cc -O2 -static doc/thp-softdirty.c -o thp-softdirty
 *	printf '/bin/thp-softdirty\n' >script && wbit lab shell switch-6.12 --script script --add thp-softdirty
 *
 * A huge page and the same memory in base pages are written, soft-dirty is cleared, and both are moved to the other node by
 * move_pages(2) without being touched. pagemap's bit 55 is looked at before and after. Needs two nodes.
 *
 * Exit status: 0 none is reported, 1 some are, 2 something failed, 77 not to be had here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HUGE_BYTES (2UL << 20)
#define PAGES (HUGE_BYTES / 4096)
#define SOFT_DIRTY (UINT64_C(1) << 55)
#define MOVE (1 << 1)	/* MPOL_MF_MOVE */

static void die(const char *what)
{
	fprintf(stderr, "thp-softdirty: %s: %s\n", what, strerror(errno));
	exit(2);
}

static unsigned soft_dirty(const char *memory)
{
	uint64_t entries[PAGES];
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	unsigned n = 0;

	if (fd < 0 || pread(fd, entries, sizeof(entries), (uintptr_t)memory / 4096 * 8) != sizeof(entries))
		die("/proc/self/pagemap");
	close(fd);
	for (size_t i = 0; i < PAGES; i++)
		n += !!(entries[i] & SOFT_DIRTY);
	return n;
}

static void clear(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "4", 1) != 1)
		die("/proc/self/clear_refs");
	close(fd);
}

/* One address moves a huge page. Returns how many of the pages are on the node then. */
static unsigned move(char *memory, unsigned nr, int node)
{
	void *pages[PAGES];
	int nodes[PAGES], status[PAGES];
	unsigned i, moved = 0;

	for (i = 0; i < nr; i++) {
		pages[i] = memory + i * (HUGE_BYTES / nr);
		nodes[i] = node;
		status[i] = -ENOENT;
	}
	if (syscall(SYS_move_pages, 0, (unsigned long)nr, pages, nodes, status, MOVE) < 0)
		die("move_pages");
	for (i = 0; i < nr; i++)
		moved += status[i] == node;
	return moved;
}

static int node_of(char *memory)
{
	void *page = memory;
	int status = -1;

	if (syscall(SYS_move_pages, 0, 1UL, &page, NULL, &status, MOVE) < 0)
		die("move_pages");
	return status;
}

static unsigned show(const char *what, char *memory, unsigned nr, int advice)
{
	unsigned written, cleared, moved, after;

	if (madvise(memory, HUGE_BYTES, advice) && advice == MADV_HUGEPAGE) {
		fprintf(stderr, "thp-softdirty: no transparent huge pages here\n");
		exit(77);
	}
	for (size_t i = 0; i < PAGES; i++)
		memory[i * 4096] = 1;
	written = soft_dirty(memory);
	clear();
	cleared = soft_dirty(memory);
	if (written != PAGES || cleared) {
		fprintf(stderr, "thp-softdirty: no soft-dirty tracking here\n");
		exit(77);
	}
	moved = move(memory, nr, !node_of(memory));
	after = soft_dirty(memory);
	if (moved != nr) {
		fprintf(stderr, "thp-softdirty: %u of %u moved: are there two nodes?\n", moved, nr);
		exit(77);
	}
	printf("%s: %3u of %lu pages are soft-dirty after the migration, none was before\n", what, after, PAGES);
	return after;
}

int main(void)
{
	char *room = mmap(NULL, 3 * HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *huge;
	unsigned base, whole;

	if (room == MAP_FAILED)
		die("mmap");
	huge = (char *)(((uintptr_t)room + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1));
	base = show("base pages", huge + HUGE_BYTES, PAGES, MADV_NOHUGEPAGE);
	whole = show("huge page ", huge, 1, MADV_HUGEPAGE);
	return base || whole;
}
