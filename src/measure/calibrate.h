/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the run must know of its kernel before it measures, found by trials of its own that are not recorded: the swap
 * type of each kind of migration entry, and the kernel's policy. Never by version.
 */
#ifndef WBIT_CALIBRATE_H
#define WBIT_CALIBRATE_H

#include "conditions.h"
#include "trial.h"

/* What is asked of it, since each takes trials. */
struct calibrate_wants {
	unsigned policies;	/* 1 << enum policy, or-ed: words of the policy switch to try */
	bool may_set;		/* knobs: a lab's guest */
	bool hints;		/* NUMA balancing is among the triggers: HINT_KEEPS_W */
	bool hugetlb;		/* hugetlb is among the workloads: HUGETLB_UNREGISTER_RESTORES_W */
};

struct kernel_facts {
	struct entry_types types;
	unsigned conditions;		/* enum condition, or-ed */
	enum policy policy;		/* POLICY_UNKNOWN when the probes contradict each other, or could not run */
	char policy_reason[200];	/* why it is unknown; else what was seen */
	enum policy found_at;		/* what the policy switch was set to; POLICY_UNKNOWN: there is none */
	struct {			/* what the policy switch does when it is set to each policy */
		char seen[200];		/* by the probes; empty: not tried */
		char why_not[200];	/* it does not follow that policy; empty: it does, or was not tried */
	} told[NR_POLICIES];
};

/*
 * `base` says where and how (nodes, CPU, trigger, clock); its workload and traced fields are set here. With
 * a policy switch in it the kernel is probed as it was found, then once for each word of the switch.
 * 0 (whatever was found), -ECANCELED, or -errno when no trial could be started.
 */
int calibrate(const struct trial_spec *base, const struct needs_found *found, const struct calibrate_wants *wants,
	      struct journal *journal, struct trial_report *report, const volatile sig_atomic_t *stop,
	      struct kernel_facts *facts);

/*
 * The conditions that need knobs set for a moment, put back at once. 0 (a condition that cannot be looked into does not
 * hold), -ECANCELED, or -errno when no trial could be started.
 */
int calibrate_conditions(const struct trial_spec *base, const struct needs_found *found, const struct calibrate_wants *wants,
			 struct journal *journal, struct trial_report *report, const volatile sig_atomic_t *stop,
			 struct kernel_facts *facts);

#endif
