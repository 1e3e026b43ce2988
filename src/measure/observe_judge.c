// SPDX-License-Identifier: GPL-2.0-or-later
/* Pure: what was counted, in terms of kinds and policies. */
#include "observe_judge.h"

bool observe_kinds_known(const struct entry_types *types)
{
	int kind;

	for (kind = 0; kind < NR_ENTRY_KINDS; kind++)
		if (types->type[kind] < 0)
			return false;
	return true;
}

bool observe_is_whole(const struct observe_counts *counts)
{
	return !counts->lost && !counts->stopped;
}

uint64_t observe_from(const struct observe_counts *counts, const struct observe_options *options, enum pair_level level,
		      enum entry_kind kind, bool w)
{
	if (options->counts || !observe_is_whole(counts) || !observe_kinds_known(&options->types))
		return NOT_MEASURED;
	return counts->level[level].from[options->types.type[kind]][w];
}

uint64_t observe_entries(const struct observe_counts *counts, const struct observe_options *options, enum pair_level level,
			 enum entry_kind kind)
{
	if (!observe_is_whole(counts) || !observe_kinds_known(&options->types))
		return NOT_MEASURED;
	return counts->level[level].entries[options->types.type[kind]];
}

static uint64_t both_levels(const struct observe_counts *counts, const struct observe_options *options,
			    enum entry_kind kind, bool w)
{
	uint64_t ptes = observe_from(counts, options, PAIR_PTE, kind, w);

	return ptes == NOT_MEASURED ? ptes : ptes + observe_from(counts, options, PAIR_PMD, kind, w);
}

void observe_judge(const struct observe_counts *counts, const struct observe_options *options, enum policy policy,
		   struct observe_verdict *verdict)
{
	bool from_default = policy != POLICY_ENTRY && policy != POLICY_UNKNOWN;
	uint64_t at_most = both_levels(counts, options, ENTRY_READ, false);

	verdict->vma_saved = both_levels(counts, options, ENTRY_READ, true);
	if (at_most != NOT_MEASURED && from_default)
		at_most = 0;
	verdict->entry_kept_at_most = at_most;
	verdict->entry_kept = at_most ? NOT_MEASURED : 0;
	verdict->exclusive_without_w = both_levels(counts, options, ENTRY_READ_EXCLUSIVE, false);
	verdict->write_without_w = both_levels(counts, options, ENTRY_WRITE, false);
}

void observe_add(struct observe_counts *sum, const struct observe_counts *counts)
{
	int level;

	for (level = 0; level < NR_PAIR_LEVELS; level++) {
		pair_counts_add(&sum->level[level], &counts->level[level]);
		sum->entries_all[level] += counts->entries_all[level];
	}
	sum->ns += counts->ns;
}
