// SPDX-License-Identifier: GPL-2.0-or-later
/* Which figures of a trial are null on purpose, and why. */
#include "reasons.h"
#include "stats.h"

static const struct region region_not_measured = { NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED };

static void why_null(struct trial_record *r, const char *key, uint64_t figure, const char *reason)
{
	if (figure == NOT_MEASURED)
		trial_record_why(r, key, reason);
}

static void forget_times(struct trial_record *r, enum platform platform, const char *untimed)
{
	if (!r->traced && platform == PLATFORM_LAB_TCG) {
		r->migrate = r->write = region_not_measured;
		r->latency = (struct distribution){ NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED,
						    0, 0, { { 0 } } };
		r->batch = batch_not_measured;
		trial_record_why(r, "migrate", "lab-tcg gives counts only");
		trial_record_why(r, "write", "lab-tcg gives counts only");
	}
	if (untimed) {
		r->migrate = region_not_measured;
		trial_record_why(r, "migrate", untimed);
	}
	if (r->source == SOURCE_EMULATED) {
		r->migrate = region_not_measured;
		trial_record_why(r, "migrate", "emulated: the migration ran under the kernel's own policy");
	}
}

/* Of a trial with writers beside, the write that is timed is no page's first. */
static void give_reasons_beside(struct trial_record *r, enum platform platform)
{
	static const char written[] = "writers beside the migration had written the pages before";
	struct beside *b = &r->beside;

	if (!r->traced && r->write.elapsed != NOT_MEASURED) {
		r->write = region_not_measured;
		distribution_from_samples(&r->latency, NULL, 0);
		r->batch = batch_not_measured;
		trial_record_why(r, "write", written);
	}
	why_null(r, "faults.reuse", r->faults.reuse, written);
	if (!r->traced && platform == PLATFORM_LAB_TCG) {
		distribution_from_samples(&b->latency, NULL, 0);
		trial_record_why(r, "beside", "lab-tcg gives counts only");
	}
	if (r->traced) {
		b->met = b->waited = NOT_MEASURED;
		trial_record_why(r, "beside", "traced: a tracepoint lengthens the path that it watches");
	} else {
		trial_record_why(r, "beside.faults.write_protect", "timed: traced twins show it");
		trial_record_why(r, "beside.faults.not_present", "timed: traced twins show it");
	}
}

void give_reasons(struct trial_record *r, enum platform platform, const char *untimed)
{
	static const char timed[] = "timed: its traced twin shows it";
	static const char traced[] = "traced: a tracepoint lengthens the path that it watches";

	forget_times(r, platform, untimed);
	if (r->outcome == OUTCOME_BROKEN || r->outcome == OUTCOME_SKIP) {
		trial_record_why(r, "*", "nothing was judged: see the reason");
		return;
	}
	if (r->beside.threads)
		give_reasons_beside(r, platform);
	if (!r->traced) {
		why_null(r, "entries", r->entries[0], timed);
		why_null(r, "restored", r->restored, timed);
		why_null(r, "w_before", r->w_before, timed);
		why_null(r, "w_after", r->w_after, timed);
		why_null(r, "dirty_after", r->dirty_after, timed);
		why_null(r, "young_after", r->young_after, timed);
		why_null(r, "faults.write_protect", r->faults.write_protect, timed);
	}
	why_null(r, "faults.userfault", r->faults.userfault, "no userfaultfd in this workload");
	if (r->traced) {
		trial_record_why(r, "migrate", traced);
		trial_record_why(r, "write", traced);
	}
	if (r->migrate.elapsed != NOT_MEASURED)
		why_null(r, "migrate.ticks", r->migrate.ticks, "counted in the exact lab only");
	if (r->write.elapsed != NOT_MEASURED)
		why_null(r, "write.ticks", r->write.ticks, "counted in the exact lab only");
}
