/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pairs say of the policies. A pair is an entry's kind and W after; whose page it is, the VMA's default and whether the
 * page is ever written, the tracepoints do not show.
 *
 * read entry, W: the VMA's default has given it (or `upgrade`), and `entry` would have withheld it. One fault saved, at the
 * next write.
 * read entry, !W: under all policies but `entry` the default has none either, and `entry` would do the same: 0 kept. Under
 * `entry` the default may have W: so many faults at most were kept, how many is not to be seen.
 * read-exclusive, !W: the page belongs to this process alone and W was not given (only `upgrade` would); the next write, if the
 * VMA allows one, takes a fault that only reuses the page.
 * write entry, !W: vma-only does that where the default has no W.
 */
#ifndef WBIT_OBSERVE_JUDGE_H
#define WBIT_OBSERVE_JUDGE_H

#include "model.h"
#include "observe.h"

/* PTEs and PMDs together. All are NOT_MEASURED where the kinds are not known, or the counts have no pairs. */
struct observe_verdict {
	uint64_t vma_saved;
	uint64_t entry_kept, entry_kept_at_most;	/* the first is NOT_MEASURED unless the policy tells it */
	uint64_t exclusive_without_w, write_without_w;
};

void observe_judge(const struct observe_counts *counts, const struct observe_options *options, enum policy policy,
		   struct observe_verdict *verdict);

/* Are all three kinds known? A kernel before 5.19 has no read-exclusive, and this does not work there. */
bool observe_kinds_known(const struct entry_types *types);

/* Restored from entries of this kind, with or without W, or entries of it; NOT_MEASURED as above. */
uint64_t observe_from(const struct observe_counts *counts, const struct observe_options *options, enum pair_level level,
		      enum entry_kind kind, bool w);
uint64_t observe_entries(const struct observe_counts *counts, const struct observe_options *options, enum pair_level level,
			 enum entry_kind kind);

/* Sums up; only what is whole may be added. */
void observe_add(struct observe_counts *sum, const struct observe_counts *counts);
bool observe_is_whole(const struct observe_counts *counts);

#endif
