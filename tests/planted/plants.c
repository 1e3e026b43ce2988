// SPDX-License-Identifier: GPL-2.0-or-later
/* Mapping and arming of planted faults. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plants.h"

#define PAGE_BYTES 4096

/* Fisher and Yates, by a generator of Knuth's: the same order each time. */
static void scatter(uint8_t *kind, uint64_t n)
{
	uint64_t state = 2022, i, j;
	uint8_t swap;

	for (i = n; i > 1; i--) {
		state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		j = (state >> 33) % i;
		swap = kind[i - 1];
		kind[i - 1] = kind[j];
		kind[j] = swap;
	}
}

static int lay_out(struct plants *p)
{
	uint64_t page = 0, i;
	int kind;

	p->kind = malloc(p->t.nr_pages + 1);
	if (!p->kind)
		return -ENOMEM;
	for (kind = 0; kind < PLANT_OUTSIDE; kind++)
		for (i = 0; i < p->nr[kind]; i++)
			p->kind[page++] = kind;
	scatter(p->kind, p->t.nr_pages);
	return 0;
}

int plants_make(struct plants *p, const uint64_t nr[NR_PLANTS])
{
	size_t around = (nr[PLANT_OUTSIDE] + 1) / 2 * PAGE_BYTES, len;
	char *room;
	int i;

	*p = (struct plants){ .t = { .page_bytes = PAGE_BYTES, .fd = -1, .uffd = -1 } };
	for (i = 0; i < NR_PLANTS; i++) {
		p->nr[i] = nr[i];
		p->t.nr_pages += i == PLANT_OUTSIDE ? 0 : nr[i];
	}
	p->t.len_bytes = p->t.nr_pages * PAGE_BYTES;
	len = p->t.len_bytes + 2 * around;
	room = mmap(NULL, len + PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return -errno;
	/* populated as by writing, so that a tool that watches from the start on sees none of it */
	if (madvise(room, len + PAGE_BYTES, MADV_NOHUGEPAGE) && errno != EINVAL)
		return -errno;
	if (madvise(room, len + PAGE_BYTES, MADV_POPULATE_WRITE))
		return -errno;
	p->t.region = room + around;
	return lay_out(p);
}

/* The child is gone when it has been waited for: its mappings were the first thing that it gave up. */
static int fork_and_wait(void)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(0);
	while (waitpid(pid, NULL, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int plants_arm(struct plants *p)
{
	uint64_t page;
	int err = fork_and_wait();

	for (page = 0; page < p->t.nr_pages && !err; page++) {
		if (p->kind[page] == PLANT_HIT)
			write_page(&p->t, page);
		else if (p->kind[page] != PLANT_FAULT &&
			 madvise((char *)page_words(&p->t, page), PAGE_BYTES, MADV_DONTNEED))
			err = -errno;
	}
	return err;
}

void plants_write_outside(const struct plants *p, int behind)
{
	uint64_t before = p->nr[PLANT_OUTSIDE] / 2, nr = behind ? p->nr[PLANT_OUTSIDE] - before : before, i;
	volatile char *at = p->t.region + (behind ? p->t.len_bytes : -before * PAGE_BYTES);

	for (i = 0; i < nr; i++)
		at[i * PAGE_BYTES] = 1;
}
