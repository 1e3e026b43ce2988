// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hugetlb-uffd-unregister: hugetlb pages of a VMA that was registered for uffd-wp. When that ends, the kernel goes through
 * the PTEs with a default that still has no W (hugetlb_change_protection()), and only then is the default W again.
 */
#include "workload.h"

const struct workload hugetlb_uffd_unregister = {
	.name  = "hugetlb-uffd-unregister",
	.about = "hugetlb PTEs without W since uffd-wp ended, in a VMA whose default is W again",
	.extra = true,
	.needs = NEED_UFFD_WP | NEED_HUGETLB,
	.knobs = { { KNOB_HUGETLB_OVERCOMMIT, HUGETLB_OVERCOMMIT } },
	.setup = map_memfd_hugetlb,
	.arm   = uffd_read_and_end,
	.state = { .page = PAGE_SHMEM, .mapped_by = MAPPED_BY_HUGETLB, .vma_shared = true, .vma_write = true },
	.where = { HUGETLB_UNREGISTER_RESTORES_W,
		   { .page = PAGE_SHMEM, .mapped_by = MAPPED_BY_HUGETLB, .vma_shared = true, .vma_write = true,
		     .pte_write = true } },
};
