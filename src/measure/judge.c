// SPDX-License-Identifier: GPL-2.0-or-later
/* Observed against predicted, with both numbers in every reason. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "judge.h"

#define SURELY_NOT_NOISE 64	/* reuse is counted system-wide: so many are no other task's */

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

static bool moved(struct trial_record *r, bool partial)
{
	uint64_t n = r->migrated == NOT_MEASURED ? 0 : r->migrated;

	if (partial && !n)
		verdict(r, OUTCOME_SKIP, "none of %" PRIu64 " pages moved", r->pages);
	else if (!partial && n != r->pages)
		verdict(r, OUTCOME_FAIL, "%" PRIu64 " of %" PRIu64 " pages moved to node %d", n, r->pages, r->to);
	else
		return true;
	return false;
}

static const char *figure(uint64_t value, char text[24])
{
	if (value == NOT_MEASURED)
		return "?";
	snprintf(text, 24, "%" PRIu64, value);
	return text;
}

/*
 * A page that a second process maps has an entry there too, and the twin sees both. A partial trigger may move a page
 * more than once, but all entries are of the one kind.
 */
static bool state_reached(struct trial_record *r, const struct page_state *declared, enum entry_kind kind, bool partial)
{
	uint64_t entries = r->migrated * (declared->mapped_twice ? 2 : 1), others;
	char text[NR_ENTRY_KINDS][24];

	if (!r->traced)
		return true;
	if (r->restored == NOT_MEASURED || r->restored != r->entries_all) {
		verdict(r, OUTCOME_STATE_NOT_REACHED, "%s entries were seen set and %s restored: the twin did not see all",
			figure(r->entries_all, text[0]), figure(r->restored, text[1]));
		return false;
	}
	if (r->entries[kind] == NOT_MEASURED) {
		verdict(r, OUTCOME_STATE_NOT_REACHED, "the entries' kinds are not known, so the declared state is not proved");
		return false;
	}
	others = r->entries_all - r->entries[kind];
	if (!others && (r->entries[kind] == entries || ((partial || r->beside.threads) && r->entries[kind] > entries)))
		return true;
	if (declared->racing && r->entries_all == entries)
		return true;		/* of which kind an entry is hangs on who came first */
	verdict(r, OUTCOME_STATE_NOT_REACHED, "declared: %" PRIu64 " %s entries; observed: %s read, %s read-exclusive, %s write",
		entries, entry_name(kind), figure(r->entries[ENTRY_READ], text[0]),
		figure(r->entries[ENTRY_READ_EXCLUSIVE], text[1]), figure(r->entries[ENTRY_WRITE], text[2]));
	return false;
}

static bool is_off(const struct trial_record *r, const struct prediction *expected, uint64_t faults, uint64_t judged)
{
	if (faults == NOT_MEASURED)
		return false;
	if (r->beside.threads && faults > r->expected_faults)	/* a page that was restored twice may have faulted twice */
		return !r->expected_faults || !r->traced || faults > r->restored;
	if (r->beside.threads && !r->traced)
		return false;		/* the writers had the rest of them */
	return expected->some ? faults > judged : faults != r->expected_faults;
}

/*
 * Were the pages reused, all of them? The kernel counts those of all tasks: where it counted far more than there are here, nothing is
 * known of these, and the count is no figure of this trial.
 */
static bool all_were_reused(struct trial_record *r, uint64_t faults)
{
	if (r->faults.reuse == NOT_MEASURED || r->faults.reuse < faults)
		return false;
	if (r->faults.reuse - faults < SURELY_NOT_NOISE)
		return true;
	r->faults.reuse = NOT_MEASURED;
	trial_record_why(r, "faults.reuse", "more pages were reused than this trial has: other tasks' are among them");
	return false;
}

/* The faults by the best evidence there is: the tracepoint's, else all page faults of the thread. */
static bool faults_match(struct trial_record *r, const struct prediction *expected, uint64_t judged)
{
	bool traced = r->faults.write_protect != NOT_MEASURED;
	uint64_t faults = traced ? r->faults.write_protect : r->faults.page_faults;

	if (r->traced && !traced)
		verdict(r, OUTCOME_SKIP, "the faults could not be counted");
	else if (is_off(r, expected, faults, judged))
		verdict(r, OUTCOME_FAIL, "%" PRIu64 " %s faults, expected %" PRIu64, faults,
			traced ? "write-protection" : "page", expected->some ? judged : r->expected_faults);
	else if (expected->kind != FAULT_USERFAULT && r->faults.userfault != NOT_MEASURED && r->faults.userfault)
		verdict(r, OUTCOME_FAIL, "%" PRIu64 " userfault events arrived, expected 0", r->faults.userfault);
	else if (r->traced && r->faults.reuse != NOT_MEASURED && fault_counts_as_reuse(expected->kind) &&
		 r->faults.reuse < faults)
		verdict(r, OUTCOME_FAIL, "%" PRIu64 " pages reused, expected %" PRIu64 " (%s)", r->faults.reuse, faults,
			fault_name(expected->kind));
	else if (r->traced && expected->kind == FAULT_COW_COPY && faults >= SURELY_NOT_NOISE && all_were_reused(r, faults))
		verdict(r, OUTCOME_FAIL, "%" PRIu64 " pages reused where %" PRIu64 " were to be copied", r->faults.reuse, faults);
	else
		return true;
	return false;
}

/* An event that does not arrive is what userfaultfd's users must never see, so it is said first. */
static bool events_arrive(struct trial_record *r, const struct prediction *expected)
{
	uint64_t arrived = r->faults.userfault == NOT_MEASURED ? 0 : r->faults.userfault;

	if (expected->kind != FAULT_USERFAULT || arrived == r->expected_faults)
		return true;
	if (arrived < r->expected_faults)
		verdict(r, OUTCOME_FAIL, "%" PRIu64 " of %" PRIu64 " userfault events lost: written without the fault that was "
			"asked for", r->expected_faults - arrived, r->expected_faults);
	else
		verdict(r, OUTCOME_FAIL, "%" PRIu64 " userfault events arrived, expected %" PRIu64, arrived, r->expected_faults);
	return false;
}

static void restored_as_predicted(struct trial_record *r, const struct prediction *expected)
{
	uint64_t w_after = expected->w_after ? r->entries[expected->entry] : 0;

	if (r->w_after != NOT_MEASURED && r->w_after != w_after)
		verdict(r, OUTCOME_FAIL, "W restored in %" PRIu64 " PTEs, expected %" PRIu64, r->w_after, w_after);
}

void judge(struct trial_record *r, const struct page_state *declared, enum policy policy, bool partial)
{
	struct prediction expected = model_predict(declared, policy == POLICY_UNKNOWN ? POLICY_VMA : policy);
	uint64_t judged = partial && r->migrated != NOT_MEASURED ? r->migrated : r->pages;

	if (policy != POLICY_UNKNOWN && !expected.some) {
		r->expected_faults = expected.faults * judged;
		r->expected_kind = fault_name(expected.kind);
	} else if (policy != POLICY_UNKNOWN) {
		r->expected_kind = fault_name(expected.kind);
		trial_record_why(r, "expected.faults", "a race: anything from none to all");
	} else {
		trial_record_why(r, "expected.faults", "the kernel's policy is not known");
	}
	if (r->outcome != OUTCOME_OK || !moved(r, partial) || !state_reached(r, declared, expected.entry, partial))
		return;
	if (policy != POLICY_UNKNOWN && events_arrive(r, &expected) && faults_match(r, &expected, judged) && r->traced &&
	    !declared->racing)
		restored_as_predicted(r, &expected);
}
