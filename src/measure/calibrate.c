// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calibration: pages whose entry is of a known kind show which swap type stands for it.
 *
 *   private, written                       -> write
 *   private, written, then mprotect RO     -> read-exclusive (PageAnonExclusive stays)
 *   shared, written, then mprotect RO      -> read (no page of a file is exclusive)
 *
 * Probes: two states that between them tell the three policies apart.
 *
 *   W entry in a VMA whose default is not W:  comes back W under vma and entry, not under vma-only
 *   read entry in a VMA whose default is W:   comes back W under vma and vma-only, not under entry
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "calibrate.h"

#define PROBE_PAGES 16

static int write_nothing(struct trial *t, uint64_t page)
{
	(void)t, (void)page;
	return 0;
}

static int check_nothing(struct trial *t)
{
	(void)t;
	return 0;
}

static int protect(struct trial *t)
{
	return mprotect(t->region, t->len_bytes, PROT_READ) ? trial_fail(t, errno, "mprotect") : 0;
}

static int soft_dirty_merge(struct trial *t)
{
	return clear_soft_dirty(t) ?: map_adjacent_half(t);
}

static const struct workload known[NR_ENTRY_KINDS] = {
	[ENTRY_READ] = { .name = "known-read", .setup = map_shared_anon, .arm = protect,
			 .write = write_nothing, .check = check_nothing },
	[ENTRY_READ_EXCLUSIVE] = { .name = "known-read-exclusive", .setup = map_private_anon, .arm = protect,
				   .write = write_nothing, .check = check_nothing },
	[ENTRY_WRITE] = { .name = "known-write", .setup = map_private_anon,
			  .write = write_nothing, .check = check_nothing },
};

static const struct workload probe_default = {
	.name = "probe-read-entry-default-w", .setup = map_memfd_half_written, .arm = soft_dirty_merge,
	.write = write_nothing, .check = check_nothing,
};

/* The one type that all the pages' entries have, or -1. */
static int type_seen(const struct trial_report *report)
{
	int type;

	if (report->record.outcome != OUTCOME_OK)
		return -1;
	for (type = 0; type < NR_SWAP_TYPES; type++)
		if (report->by_type[type] == PROBE_PAGES)
			return type;
	return -1;
}

/* Runs a probe; how many of its PTEs came back with W, provided that all its entries were of the kind it needs. */
static int probe(struct trial_spec *spec, const struct workload *w, enum entry_kind kind, struct trial_report *report,
		 const volatile sig_atomic_t *stop, uint64_t *w_after)
{
	int err;

	spec->workload = w;
	err = trial_run(spec, report, stop);
	if (err)
		return err;
	*w_after = NOT_MEASURED;
	if (report->record.outcome == OUTCOME_OK && report->record.entries[kind] == PROBE_PAGES)
		*w_after = report->record.w_after;
	return 0;
}

static void conclude(struct kernel_facts *facts, uint64_t from_entry, uint64_t from_default)
{
	bool entry_w = from_entry == PROBE_PAGES, default_w = from_default == PROBE_PAGES;

	facts->policy = POLICY_UNKNOWN;
	if (from_entry == NOT_MEASURED || from_default == NOT_MEASURED) {
		snprintf(facts->policy_reason, sizeof(facts->policy_reason), "a probe did not reach its state");
		return;
	}
	snprintf(facts->policy_reason, sizeof(facts->policy_reason),
		 "W came back in %d of %d PTEs with a writable entry, and in %d of %d with a read entry in a writable VMA",
		 (int)from_entry, PROBE_PAGES, (int)from_default, PROBE_PAGES);
	if ((!entry_w && from_entry) || (!default_w && from_default))
		return;
	if (entry_w)
		facts->policy = default_w ? POLICY_VMA : POLICY_ENTRY;
	else if (default_w)
		facts->policy = POLICY_VMA_ONLY;
}

static int find_types(struct trial_spec *spec, struct trial_report *report, const volatile sig_atomic_t *stop,
		      struct kernel_facts *facts)
{
	int kind, err;

	for (kind = 0; kind < NR_ENTRY_KINDS; kind++) {
		spec->workload = &known[kind];
		err = trial_run(spec, report, stop);
		if (err)
			return err;
		facts->types.type[kind] = type_seen(report);
	}
	if (facts->types.type[ENTRY_READ_EXCLUSIVE] == facts->types.type[ENTRY_READ])
		facts->types.type[ENTRY_READ_EXCLUSIVE] = -1;	/* before 5.19 (6c287605fd56) there was no such kind */
	return 0;
}

int calibrate(const struct trial_spec *base, const struct needs_found *found, struct trial_report *report,
	      const volatile sig_atomic_t *stop, struct kernel_facts *facts)
{
	struct trial_spec spec = *base;
	uint64_t from_entry, from_default;
	const char *missing = needs_missing(found, NEED_TRACING | NEED_SOFT_DIRTY | spec.trigger->needs);
	int err;

	memset(&facts->types, -1, sizeof(facts->types));
	facts->policy = POLICY_UNKNOWN;
	if (missing) {
		snprintf(facts->policy_reason, sizeof(facts->policy_reason), "%s", missing);
		return 0;
	}
	spec.pages = PROBE_PAGES;
	spec.traced = true;
	spec.types = NULL;
	err = find_types(&spec, report, stop, facts);
	if (err)
		return err;
	spec.types = &facts->types;
	err = probe(&spec, &known[ENTRY_WRITE], ENTRY_WRITE, report, stop, &from_entry);
	if (!err)
		err = probe(&spec, &probe_default, ENTRY_READ, report, stop, &from_default);
	if (!err)
		conclude(facts, from_entry, from_default);
	return err;
}
