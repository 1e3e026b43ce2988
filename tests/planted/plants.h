/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page faults that are planted: so many of a kind, at known addresses, and beside them what must not be taken for one.
 *
 * A write-protection fault is planted by fork(): it makes the PTEs of private memory read-only, and once the child is gone
 * the next write of each page only reuses it (do_wp_page(), mm/memory.c). A page that was written since then does not fault.
 */
#ifndef WBIT_PLANTS_H
#define WBIT_PLANTS_H

#include <stdint.h>

#include "workload.h"

enum plant {
	PLANT_FAULT,	/* a write that takes a write-protection fault */
	PLANT_HIT,	/* a write that takes none */
	PLANT_READ,	/* a read of a page that is not there: a fault, but not of a write */
	PLANT_TOUCH,	/* the first write of a page that is not there: a fault, but not of write protection */
	PLANT_OUTSIDE,	/* as PLANT_FAULT, half of them right before the region, half right behind it */
	NR_PLANTS
};

struct plants {
	struct trial t;			/* the region: base pages */
	uint64_t nr[NR_PLANTS];		/* pages of each kind */
	uint8_t *kind;			/* of each page of the region, scattered */
};

/* Maps the region and what is around it, all present. 0 or -errno. The memory goes with the process. */
int plants_make(struct plants *p, const uint64_t nr[NR_PLANTS]);

/*
 * Arms all plants: forks, waits for the child, gives hits their write bit back, takes away what is not to be there. It
 * write-protects the caller's own memory too. 0 or -errno.
 */
int plants_arm(struct plants *p);

/* Half of the outside: before the region (0) or behind it (1). */
void plants_write_outside(const struct plants *p, int behind);

/* Sets one page off. */
static inline __attribute__((always_inline)) void plants_set_off(const struct plants *p, uint64_t page)
{
	if (p->kind[page] == PLANT_READ)
		(void)page_words(&p->t, page)[1];
	else
		write_page((struct trial *)&p->t, page);
}

#endif
