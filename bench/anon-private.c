// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * anon-private: a heap page. The VMA is private, so its default never has W; the PTE has it because the page was written
 * and belongs to this process alone. Only a policy that asks the migration entry brings W back.
 */
#include "workload.h"

const struct workload anon_private = {
	.name  = "anon-private",
	.about = "private anonymous memory, written",
	.setup = map_private_anon,
	.state = { .page = PAGE_ANON, .pte_write = true, .exclusive = true },
};
