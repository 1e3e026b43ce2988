/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several runs of one kernel taken for one: the boots of a kernel. What a boot decides (where things lie in memory, what
 * else runs) is the same for all of its trials, so between kernels a boot counts once, however many trials it has.
 */
#ifndef WBIT_POOL_H
#define WBIT_POOL_H

#include "summary.h"

/*
 * Folds the cells of runs[1], runs[2], ... into those of runs[0] that differ in nothing but the run; counts widen, trials add
 * up, and each sample says which boot it is of; runs with one boot_id are of one boot. runs[0] is whole only if all are. The
 * others are left without cells, `boots` 0. The summary must be finished, and is so after. 0 or -ENOMEM, the summary then being fit for
 * summary_free() alone.
 */
int summary_pool(struct summary *summary, const unsigned *runs, unsigned nr);

/* Pools all runs of each kernel whose clock is ns: same kernel, platform, nodes and CPU. 0 or -ENOMEM, as above. */
int summary_pool_kernels(struct summary *summary);

#endif
