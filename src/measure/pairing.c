// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Entries under way stand without gaps in an array, so that the end of a batch, which mostly finds none, walks only what is
 * there; chains of a hash find them by key.
 */
#include <stdlib.h>
#include <string.h>

#include "pairing.h"

#define PTE_W 0x2
#define PTE_OF_A_PAGE 0x101	/* present, or PROT_NONE: else it is a swap PTE of device-private memory */
#define SWAP_TYPE_SHIFT 59
#define ENTRIES_MAX 65536	/* a batch has some hundreds (NR_MAX_BATCHED_MIGRATION, mm/migrate.c) */
#define NR_BUCKETS 16384
#define NOTHING (-1)

struct entry {
	uint64_t addr;
	uint32_t thread;
	int next;		/* in the bucket */
	unsigned number;	/* of entries with this key */
	uint8_t level, type;
	bool mixed;		/* they are of several types */
};

struct pairing {
	struct entry entries[ENTRIES_MAX];
	int nr, buckets[NR_BUCKETS];
};

struct pairing *pairing_new(void)
{
	struct pairing *p = malloc(sizeof(*p));

	if (p)
		pairing_forget(p);
	return p;
}

void pairing_free(struct pairing *p)
{
	free(p);
}

void pairing_forget(struct pairing *p)
{
	memset(p->buckets, 0xff, sizeof(p->buckets));	/* NOTHING */
	p->nr = 0;
}

static int *bucket_of(struct pairing *p, uint64_t addr, uint32_t thread, unsigned level)
{
	uint64_t mixed = ((addr >> 12) + level * 7919u + thread * 2654435761u) * UINT64_C(0x9e3779b97f4a7c15);

	return &p->buckets[mixed >> 32 & (NR_BUCKETS - 1)];
}

/* The link that leads to the entry at index i; it is in its chain. */
static int *link_to(struct pairing *p, int i)
{
	int *link = bucket_of(p, p->entries[i].addr, p->entries[i].thread, p->entries[i].level);

	while (*link != i)
		link = &p->entries[*link].next;
	return link;
}

static int find(struct pairing *p, const struct pair_event *event)
{
	int i = *bucket_of(p, event->addr, event->thread, event->level);
	const struct entry *e;

	for (; i != NOTHING; i = e->next) {
		e = &p->entries[i];
		if (e->addr == event->addr && e->thread == event->thread && e->level == event->level)
			break;
	}
	return i;
}

static void take_out(struct pairing *p, int i)
{
	int last = p->nr - 1;

	*link_to(p, i) = p->entries[i].next;
	if (i != last) {
		*link_to(p, last) = i;
		p->entries[i] = p->entries[last];
	}
	p->nr = last;
}

static void put_in(struct pairing *p, const struct pair_event *event, uint8_t type)
{
	int *bucket, i = find(p, event);

	if (i != NOTHING) {
		p->entries[i].mixed |= p->entries[i].type != type;
		p->entries[i].number++;
		return;
	}
	if (p->nr == ENTRIES_MAX)
		pairing_forget(p);
	bucket = bucket_of(p, event->addr, event->thread, event->level);
	p->entries[p->nr] = (struct entry){
		.addr = event->addr, .thread = event->thread, .next = *bucket, .number = 1, .level = event->level, .type = type,
	};
	*bucket = p->nr++;
}

static void restore(struct pairing *p, const struct pair_event *event, struct pair_counts *counts)
{
	bool page = event->pte & PTE_OF_A_PAGE, w = page && event->pte & PTE_W;
	int i = find(p, event);

	counts->restored++;
	counts->with_w += w;
	if (!page || i == NOTHING || p->entries[i].mixed)
		counts->untold++;
	else
		counts->from[p->entries[i].type][w]++;
	if (i != NOTHING && !--p->entries[i].number)
		take_out(p, i);
}

static void end_batch(struct pairing *p, uint32_t thread, struct pair_counts *counts)
{
	int i;

	for (i = p->nr - 1; i >= 0; i--)
		if (p->entries[i].thread == thread) {
			counts[p->entries[i].level].gone += p->entries[i].number;
			take_out(p, i);
		}
}

void pairing_add(struct pairing *p, const struct pair_event *event, struct pair_counts counts[NR_PAIR_LEVELS])
{
	uint8_t type = event->pte >> SWAP_TYPE_SHIFT;

	switch (event->what) {
	case PAIR_SET:
		counts[event->level].entries[type]++;
		put_in(p, event, type);
		break;
	case PAIR_RESTORE:
		restore(p, event, &counts[event->level]);
		break;
	case PAIR_BATCH_END:
		end_batch(p, event->thread, counts);
		break;
	}
}

void pair_counts_add(struct pair_counts *sum, const struct pair_counts *counts)
{
	int type;

	for (type = 0; type < NR_SWAP_TYPES; type++) {
		sum->entries[type] += counts->entries[type];
		sum->from[type][0] += counts->from[type][0];
		sum->from[type][1] += counts->from[type][1];
	}
	sum->restored += counts->restored;
	sum->with_w += counts->with_w;
	sum->untold += counts->untold;
	sum->gone += counts->gone;
}
