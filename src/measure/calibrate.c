// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calibration: pages whose entry is of a known kind show which swap type stands for it.
 *
 *   private, written                       -> write
 *   private, written, then mprotect RO     -> read-exclusive (PageAnonExclusive stays)
 *   shared, written, then mprotect RO      -> read (no page of a file is exclusive)
 *
 * Probes: two states that between them tell the three policies apart, and one for `upgrade`.
 *
 *   W entry in a VMA whose default is not W:  comes back W under vma and entry, not under vma-only
 *   read entry in a VMA whose default is W:   comes back W under vma and vma-only, not under entry
 *   read-exclusive entry of private memory that nothing tracks: comes back W under upgrade only
 *
 * The second state has two ways to it, and what the kernel can do is tried: soft-dirty tracking and a merge, uffd-wp and its
 * end. Where both can be had and contradict each other, the policy is unknown. Where neither can, NUMA balancing's hint takes W
 * as well, and where there is no soft-dirty tracking, also of the third state's pages (not before 6.2: HINT_KEEPS_W).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "calibrate.h"
#include "matrix.h"
#include "policy_switch.h"

#define PROBE_PAGES 16
#define TRIES 8

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

static const struct workload probe_by_soft_dirty = {
	.name = "probe-soft-dirty-merge", .setup = map_memfd_half_written, .arm = soft_dirty_merge,
	.write = write_nothing, .check = check_nothing,
};

static const struct workload probe_by_uffd = {
	.name = "probe-uffd-unregister", .setup = map_memfd, .arm = uffd_read_and_end,
	.write = write_nothing, .check = check_nothing,
};

static const struct workload probe_upgradable = {
	.name = "probe-upgradable", .setup = map_private_anon, .arm = soft_dirty_merge,
	.write = write_nothing, .check = check_nothing,
};

static const struct workload probe_hinted_default = {
	.name = "probe-hinted-default", .setup = map_memfd, .write = write_nothing, .check = check_nothing,
};

static const struct workload probe_hinted_upgradable = {
	.name = "probe-hinted-upgradable", .setup = map_private_anon, .write = write_nothing, .check = check_nothing,
};

/* Compaction now and then moves none of so few pages. */
static int run_until_moved(const struct trial_spec *spec, struct trial_report *report, const volatile sig_atomic_t *stop)
{
	int err, i;

	for (i = 0; i < TRIES; i++) {
		err = trial_run(spec, report, stop);
		if (err || report->record.outcome != OUTCOME_OK || report->record.migrated)
			break;
	}
	return err;
}

/* The one type that all the pages' entries have, or -1. */
static int type_seen(const struct trial_report *report)
{
	int type, seen = -1;

	if (report->record.outcome != OUTCOME_OK || !report->record.migrated)
		return -1;
	for (type = 0; type < NR_SWAP_TYPES; type++) {
		if (!report->by_type[type])
			continue;
		if (seen >= 0 || report->by_type[type] < report->record.migrated)
			return -1;
		seen = type;
	}
	return seen;
}

/* What a probe saw: how many entries of the kind it needs, and of these PTEs how many came back with W. */
struct sighting {
	uint64_t entries, w_after;	/* entries is 0 when its state was not reached */
	char reason[120];		/* of the trial, when it came to nothing */
};

static bool all_w(const struct sighting *s)
{
	return s->entries && s->w_after == s->entries;
}

static bool no_w(const struct sighting *s)
{
	return s->entries && !s->w_after;
}

/* All entries of the kind that the probe is for, and as many PTEs restored from them: the same proof as a twin's. */
static void sight(const struct trial_record *r, enum entry_kind kind, struct sighting *s)
{
	*s = (struct sighting){ 0 };
	snprintf(s->reason, sizeof(s->reason), "%.*s", (int)sizeof(s->reason) - 1, r->reason);
	if (r->outcome != OUTCOME_OK || r->migrated == NOT_MEASURED || !r->migrated || r->w_after == NOT_MEASURED)
		return;
	if (r->entries[kind] == r->entries_all && r->entries_all == r->restored && r->restored >= r->migrated &&
	    r->restored != NOT_MEASURED) {
		s->entries = r->entries[kind];
		s->w_after = r->w_after;
	}
}

/* Under a partial trigger another task may move pages out of sight, or into another state: tried again until one is whole. */
static int probe(struct trial_spec *spec, const struct workload *w, enum entry_kind kind, struct trial_report *report,
		 const volatile sig_atomic_t *stop, struct sighting *s)
{
	int err, tries = 0;

	spec->workload = w;
	do {
		err = run_until_moved(spec, report, stop);
		sight(&report->record, kind, s);
	} while (!err && !s->entries && spec->trigger->partial && ++tries < TRIES);
	return err;
}

/* What it takes to look for a policy. */
struct means {
	const struct needs_found *found;
	const struct calibrate_wants *wants;
	struct journal *journal;
	struct trial_report *report;
	const volatile sig_atomic_t *stop;
};

/* The pages come to this node's CPU. Where the knobs cannot be set, nothing is seen. */
static int probe_by_hint(const struct trial_spec *base, const struct workload *w, enum entry_kind kind, const struct means *by,
			 struct sighting *s)
{
	const struct trigger *hints = &trigger_numa_balancing;
	struct trial_spec spec = *base;
	int err;

	*s = (struct sighting){ 0 };
	if (needs_missing(by->found, hints->needs) ||
	    knobs_set(hints->knobs, by->wants->may_set, by->journal, s->reason, sizeof(s->reason)))
		return 0;
	spec.trigger = hints;
	spec.from = base->to;
	spec.to = base->from;
	err = probe(&spec, w, kind, by->report, by->stop, s);
	knobs_put_back(hints->knobs, by->journal);
	return err;
}

/* upgradable: of a kernel on which its state cannot be made, no entries. */
static enum policy conclude(const struct sighting *from_entry, const struct sighting *from_default,
			    const struct sighting *upgradable, char *seen, size_t size)
{
	if (!from_entry->entries || !from_default->entries) {
		snprintf(seen, size, "no probe reached the state %s%s%s",
			 from_entry->entries ? "of a read entry in a writable VMA" : "of a writable entry",
			 from_entry->entries ? (from_default->reason[0] ? ": " : "") : from_entry->reason[0] ? ": " : "",
			 from_entry->entries ? from_default->reason : from_entry->reason);
		return POLICY_UNKNOWN;
	}
	snprintf(seen, size,
		 "W came back in %" PRIu64 " of %" PRIu64 " PTEs with a writable entry, and in %" PRIu64 " of %" PRIu64
		 " with a read entry in a writable VMA", from_entry->w_after, from_entry->entries, from_default->w_after,
		 from_default->entries);
	if (all_w(from_entry) && all_w(from_default))
		return all_w(upgradable) ? POLICY_UPGRADE : POLICY_VMA;
	if (all_w(from_entry) && no_w(from_default))
		return POLICY_ENTRY;
	if (no_w(from_entry) && all_w(from_default))
		return POLICY_VMA_ONLY;
	return POLICY_UNKNOWN;
}

/* By each way that is open; what the two saw is added up, so that a contradiction is neither all nor none. */
static int probe_default(struct trial_spec *spec, const struct means *by, struct sighting *sum)
{
	const struct {
		const struct workload *workload;
		unsigned needs;
	} ways[] = { { &probe_by_soft_dirty, NEED_SOFT_DIRTY }, { &probe_by_uffd, NEED_UFFD_WP } };
	struct sighting s;
	unsigned i;
	int err;

	*sum = (struct sighting){ 0 };
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (needs_missing(by->found, ways[i].needs))
			continue;
		err = probe(spec, ways[i].workload, ENTRY_READ, by->report, by->stop, &s);
		if (err)
			return err;
		sum->entries += s.entries;
		sum->w_after += s.w_after;
		if (s.reason[0])
			memcpy(sum->reason, s.reason, sizeof(sum->reason));
	}
	return sum->entries || sum->reason[0] ? 0 : probe_by_hint(spec, &probe_hinted_default, ENTRY_READ, by, sum);
}

static int probe_upgrade(struct trial_spec *spec, const struct means *by, struct sighting *s)
{
	if (!needs_missing(by->found, NEED_SOFT_DIRTY))
		return probe(spec, &probe_upgradable, ENTRY_READ_EXCLUSIVE, by->report, by->stop, s);
	return probe_by_hint(spec, &probe_hinted_upgradable, ENTRY_READ_EXCLUSIVE, by, s);
}

/* The policy that the probes show, under whatever the switch is set to. */
static int find_policy(struct trial_spec *spec, const struct means *by, enum policy *policy, char *seen, size_t size)
{
	struct sighting from_entry, from_default, upgradable = { 0 };
	int err = probe(spec, &known[ENTRY_WRITE], ENTRY_WRITE, by->report, by->stop, &from_entry);

	if (!err)
		err = probe_default(spec, by, &from_default);
	if (!err)
		err = probe_upgrade(spec, by, &upgradable);
	if (!err)
		*policy = conclude(&from_entry, &from_default, &upgradable, seen, size);
	return err;
}

/* What the probes show of a policy that does what its word says. That `vma-unsafe` is unsafe, its cells show. */
static enum policy shown_by(enum policy policy)
{
	return policy == POLICY_VMA_UNSAFE ? POLICY_VMA : policy;
}

/* A word of the switch is believed when the probes show its policy. The evidence goes into the env line. */
static int try_words(struct trial_spec *spec, const struct means *by, struct kernel_facts *facts)
{
	enum policy p, shown = POLICY_UNKNOWN;
	int err = 0;

	for (p = 0; p < NR_POLICIES && !err; p++) {
		if (!(by->wants->policies & 1u << p) ||
		    policy_switch_set(spec->policy_switch, p, facts->told[p].why_not, sizeof(facts->told[p].why_not)))
			continue;
		spec->kernel_policy = p;
		err = find_policy(spec, by, &shown, facts->told[p].seen, sizeof(facts->told[p].seen));
		if (!err && shown != shown_by(p))
			snprintf(facts->told[p].why_not, sizeof(facts->told[p].why_not),
				 "the switch at %s does not give it: the probes show %s: %.130s", policy_name(p),
				 policy_name(shown), facts->told[p].seen);
	}
	return err;
}

static int find_types(struct trial_spec *spec, struct trial_report *report, const volatile sig_atomic_t *stop,
		      struct kernel_facts *facts)
{
	int kind, err, tries;

	for (kind = 0; kind < NR_ENTRY_KINDS; kind++) {
		spec->workload = &known[kind];
		facts->types.type[kind] = -1;
		/* Another task that compacts meanwhile moves pages out of this one's sight. */
		for (tries = 0; tries < TRIES && facts->types.type[kind] < 0; tries++) {
			err = run_until_moved(spec, report, stop);
			if (err)
				return err;
			facts->types.type[kind] = type_seen(report);
			if (!spec->trigger->partial)
				break;
		}
	}
	if (facts->types.type[ENTRY_READ_EXCLUSIVE] == facts->types.type[ENTRY_READ])
		facts->types.type[ENTRY_READ_EXCLUSIVE] = -1;	/* before 5.19 (6c287605fd56) there was no such kind */
	return 0;
}

int calibrate(const struct trial_spec *base, const struct needs_found *found, const struct calibrate_wants *wants,
	      struct journal *journal, struct trial_report *report, const volatile sig_atomic_t *stop,
	      struct kernel_facts *facts)
{
	const char *missing = needs_missing(found, NEED_TRACING | base->trigger->needs);
	const struct means by = { found, wants, journal, report, stop };
	struct trial_spec spec = *base;
	int err;

	memset(&facts->types, -1, sizeof(facts->types));
	memset(facts->told, 0, sizeof(facts->told));
	facts->found_at = base->policy_switch ? base->policy_switch->as_found : POLICY_UNKNOWN;
	facts->policy = POLICY_UNKNOWN;
	facts->conditions = conditions_look(found);
	if (missing) {
		snprintf(facts->policy_reason, sizeof(facts->policy_reason), "%s", missing);
		return 0;
	}
	spec.pages = PROBE_PAGES;
	spec.traced = true;
	spec.types = NULL;
	spec.kernel_policy = facts->found_at;
	err = find_types(&spec, report, stop, facts);
	if (err)
		return err;
	spec.types = &facts->types;
	err = find_policy(&spec, &by, &facts->policy, facts->policy_reason, sizeof(facts->policy_reason));
	if (!err && spec.policy_switch)
		err = try_words(&spec, &by, facts);
	spec.kernel_policy = facts->found_at;
	return err ?: calibrate_conditions(&spec, found, wants, journal, report, stop, facts);
}
