/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every state that the model may be asked about, for laws that hold of all. */
#ifndef WBIT_TEST_STATES_H
#define WBIT_TEST_STATES_H

#include "model.h"

/* Those included that no kernel makes. */
#define NR_STATES (4 * 3 << 11)

static struct page_state nth_state(unsigned n)
{
	return (struct page_state){
		.page = (n >> 11) % 4,
		.mapped_by = (n >> 11) / 4,
		.vma_shared = n & 1,
		.vma_write = n & 2,
		.pte_write = n & 4,
		.exclusive = n & 8,
		.mapped_twice = n & 16,
		.uffd_wp = n & 32,
		.uffd_async = n & 64,
		.dirty = n & 128,
		.tracked = n & 256,
		.hint = n & 512,
		.racing = n & 1024,
	};
}

/* One state under all policies, for the laws. */
struct outcome {
	struct page_state state;
	struct prediction by[NR_POLICIES];
};

static struct outcome nth_outcome(unsigned n)
{
	struct outcome o = { .state = nth_state(n) };
	enum policy policy;

	for (policy = 0; policy < NR_POLICIES; policy++)
		o.by[policy] = model_predict(&o.state, policy);
	return o;
}

#endif
