// SPDX-License-Identifier: GPL-2.0-or-later
/* Conditions that need knobs: what NUMA balancing's scan leaves of W, and what hugetlb has when uffd-wp ends. */
#include "calibrate.h"
#include "conditions.h"
#include "journal.h"
#include "matrix.h"

#define PROBE_PAGES 16

static int do_nothing(struct trial *t, uint64_t page)
{
	(void)t, (void)page;
	return 0;
}

static int accept(struct trial *t)
{
	(void)t;
	return 0;
}

/* A private page with W: its entry is writable where a hint keeps W, else read-exclusive. */
static const struct workload hinted = {
	.name = "probe-hint", .setup = map_private_anon, .write = do_nothing, .check = accept,
};

static int look_at_hint(const struct trial_spec *base, struct trial_report *report, const volatile sig_atomic_t *stop,
			struct kernel_facts *facts)
{
	struct trial_spec spec = *base;
	const struct trial_record *r = &report->record;
	int err;

	spec.workload = &hinted;
	spec.trigger = &trigger_numa_balancing;
	spec.pages = PROBE_PAGES;
	spec.traced = true;
	spec.types = &facts->types;
	spec.from = base->to;	/* it pulls */
	spec.to = base->from;
	err = trial_run(&spec, report, stop);
	if (!err && r->outcome == OUTCOME_OK && r->entries_all == PROBE_PAGES && r->entries[ENTRY_WRITE] == PROBE_PAGES)
		facts->conditions |= HINT_KEEPS_W;
	return err;
}

int calibrate_conditions(const struct trial_spec *base, const struct needs_found *found, const struct calibrate_wants *wants,
			 struct journal *journal, struct trial_report *report, const volatile sig_atomic_t *stop,
			 struct kernel_facts *facts)
{
	static const struct knob overcommit[KNOBS_MAX] = { { KNOB_HUGETLB_OVERCOMMIT, HUGETLB_OVERCOMMIT } };
	const struct trigger *hints = &trigger_numa_balancing;
	char reason[200];
	int err = 0;

	if (wants->hints && !needs_missing(found, hints->needs) &&
	    !knobs_set(hints->knobs, wants->may_set, journal, reason, sizeof(reason))) {
		err = look_at_hint(base, report, stop, facts);
		knobs_put_back(hints->knobs, journal);
	}
	if (!err && wants->hugetlb && !needs_missing(found, NEED_HUGETLB | NEED_UFFD_WP) &&
	    !knobs_set(overcommit, wants->may_set, journal, reason, sizeof(reason))) {
		facts->conditions |= conditions_look_at_hugetlb();
		knobs_put_back(overcommit, journal);
	}
	return err;
}
