// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * move_pages(2) as other programs call it, in instructions of the exact lab: one call each, of N pages of private memory,
 *
 *	together	that moves all of them to the other node, as wbit does
 *	by_turns	that moves every other page, since each page's target is another node than that of the page before it, as
 *			stress-ng --numa does: the kernel then migrates page by page (do_pages_move(), mm/migrate.c)
 *	none		that moves none: the same targets once more
 *
 *	moves N
 *
 * One line of JSON: the least of some calls of each, and how many pages a call of each moved, by the answers of the next look.
 */
#include <numaif.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "clock.h"
#include "surroundings.h"

#define PAGE_BYTES 4096
#define CALLS 5

struct pages {
	unsigned long n;
	void **at;
	int *to, *is, *was;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* Where the pages are. */
static void look(const struct pages *p, int *nodes)
{
	if (move_pages(0, p->n, p->at, NULL, nodes, 0))
		die("move_pages");
}

/* One call, with its pages moved in *moved. */
static uint64_t move(struct pages *p, unsigned long *moved)
{
	uint64_t start, took;
	unsigned long i;

	look(p, p->was);
	start = clock_now(CLOCK_INSN);
	if (move_pages(0, p->n, p->at, p->to, p->is, MPOL_MF_MOVE) < 0)
		die("move_pages");
	took = clock_now(CLOCK_INSN) - start;
	look(p, p->is);
	for (*moved = i = 0; i < p->n; i++)
		*moved += p->is[i] != p->was[i];
	return took;
}

static void aim(struct pages *p, int even, int odd)
{
	unsigned long i;

	for (i = 0; i < p->n; i++)
		p->to[i] = i % 2 ? odd : even;
}

/* The least of some calls to the nodes even and odd; before each, all pages are on node 0, or on node 0 and 1 by turns. */
static void measure(struct pages *p, const char *name, int from_odd, int even, int odd)
{
	uint64_t least = UINT64_MAX, took;
	unsigned long moved, ignored;
	int i;

	for (i = 0; i < CALLS; i++) {
		aim(p, 0, from_odd);
		move(p, &ignored);
		aim(p, even, odd);
		took = move(p, &moved);
		least = took < least ? took : least;
	}
	printf(",\"%s\":{\"elapsed\":%lu,\"moved\":%lu}", name, (unsigned long)least, moved);
}

int main(int argc, char **argv)
{
	struct pages p = { .n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0 };
	char *memory = mmap(NULL, (p.n + 1) * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long i;

	p.at = calloc(p.n + 1, sizeof(*p.at));
	p.to = calloc(3 * (p.n + 1), sizeof(*p.to));
	if (!p.n || memory == MAP_FAILED || !p.at || !p.to)
		die("moves: takes a number of pages");
	madvise(memory, (p.n + 1) * PAGE_BYTES, MADV_NOHUGEPAGE);
	p.is = p.to + p.n;
	p.was = p.is + p.n;
	memset(p.is, 1, 2 * p.n * sizeof(*p.is));
	for (i = 0; i < p.n; i++) {
		p.at[i] = memory + i * PAGE_BYTES;
		memory[i * PAGE_BYTES] = 1;
	}
	printf("{\"pages\":%lu", p.n);
	measure(&p, "together", 0, 1, 1);
	measure(&p, "by_turns", 0, 0, 1);
	measure(&p, "none", 1, 0, 1);
	puts("}");
	return 0;
}
