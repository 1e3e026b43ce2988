// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ksm: pages that KSM has merged with a copy each. They are never reused, even by the last one who maps them: the first
 * write copies, whatever the policy.
 */
#include "workload.h"

const struct workload ksm = {
	.name  = "ksm",
	.about = "private anonymous memory, merged in pairs by KSM",
	.extra = true,
	.needs = NEED_OWN_MACHINE | NEED_KSM,	/* ksmd is stopped for all */
	.knobs = { KSM_KNOBS },
	.setup = map_private_anon,
	.arm   = merge_in_pairs,
	.state = { .page = PAGE_KSM },
};
