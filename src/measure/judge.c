// SPDX-License-Identifier: GPL-2.0-or-later
/* Observed against predicted, with both numbers in every reason. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "judge.h"

static void verdict(struct trial_record *r, enum outcome outcome, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void verdict(struct trial_record *r, enum outcome outcome, const char *format, ...)
{
	va_list args;

	r->outcome = outcome;
	va_start(args, format);
	vsnprintf(r->reason, sizeof(r->reason), format, args);
	va_end(args);
}

static bool moved(struct trial_record *r)
{
	if (r->migrated == r->pages)
		return true;
	verdict(r, OUTCOME_FAIL, "%" PRIu64 " of %" PRIu64 " pages moved to node %d", r->migrated == NOT_MEASURED ? 0 :
		r->migrated, r->pages, r->to);
	return false;
}

/* A page that a second process maps has an entry there too, and the twin sees both. */
static bool state_reached(struct trial_record *r, const struct page_state *declared, enum entry_kind kind)
{
	uint64_t entries = r->pages * (declared->mapped_twice ? 2 : 1);

	if (!r->traced || r->entries[kind] == entries)
		return true;
	if (r->entries[kind] == NOT_MEASURED) {
		verdict(r, OUTCOME_STATE_NOT_REACHED, "the entries' kinds are not known, so the declared state is not proved");
		return false;
	}
	verdict(r, OUTCOME_STATE_NOT_REACHED,
		"declared: %" PRIu64 " %s entries; observed: %" PRIu64 " read, %" PRIu64 " read-exclusive, %" PRIu64 " write",
		entries, entry_name(kind), r->entries[ENTRY_READ], r->entries[ENTRY_READ_EXCLUSIVE],
		r->entries[ENTRY_WRITE]);
	return false;
}

static bool counts_match(struct trial_record *r, const struct page_state *declared, const struct prediction *expected)
{
	uint64_t w_after = expected->w_after ? r->pages * (declared->mapped_twice ? 2 : 1) : 0;
	uint64_t faults = r->faults.write_protect != NOT_MEASURED ? r->faults.write_protect : r->faults.page_faults;

	if (faults != NOT_MEASURED && faults != r->expected_faults)
		verdict(r, OUTCOME_FAIL, "%" PRIu64 " %s faults, expected %" PRIu64, faults,
			r->faults.write_protect != NOT_MEASURED ? "write-protection" : "page", r->expected_faults);
	else if (r->w_after != NOT_MEASURED && r->w_after != w_after)
		verdict(r, OUTCOME_FAIL, "W restored in %" PRIu64 " PTEs, expected %" PRIu64, r->w_after, w_after);
	else if (r->traced && r->faults.reuse != NOT_MEASURED && fault_counts_as_reuse(expected->kind) &&
		 r->faults.reuse < faults)
		verdict(r, OUTCOME_FAIL, "%" PRIu64 " pages reused, expected %" PRIu64 " (%s)", r->faults.reuse, faults,
			fault_name(expected->kind));
	else
		return true;
	return false;
}

void judge(struct trial_record *r, const struct page_state *declared, enum policy policy)
{
	struct prediction expected = model_predict(declared, policy == POLICY_UNKNOWN ? POLICY_VMA : policy);

	if (policy != POLICY_UNKNOWN) {
		r->expected_faults = expected.faults * r->pages;
		r->expected_kind = fault_name(expected.kind);
	} else {
		trial_record_why(r, "expected.faults", "the kernel's policy is not known");
	}
	if (r->outcome != OUTCOME_OK || !moved(r) || !state_reached(r, declared, expected.entry))
		return;
	if (policy != POLICY_UNKNOWN)
		counts_match(r, declared, &expected);
}
