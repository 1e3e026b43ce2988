// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * thp-anon: anonymous huge pages, written: remove_migration_pmd() (mm/huge_memory.c) has the same question to answer for a
 * PMD, and one fault is for 2 MiB.
 */
#include "workload.h"

const struct workload thp_anon = {
	.name  = "thp-anon",
	.about = "private anonymous huge pages, written",
	.extra = true,
	.needs = NEED_THP,
	.setup = map_thp_anon,
	.state = { .page = PAGE_ANON, .mapped_by = MAPPED_BY_PMD, .pte_write = true, .exclusive = true },
};
