// SPDX-License-Identifier: GPL-2.0-or-later
/* The policy switch, in a folder that stands for the machine. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "machine.h"
#include "trial.h"

static void a_switch_that_is_missing_or_odd_is_told(void **state)
{
	enum policy now;

	(void)state;
	assert_int_equal(policy_switch_look(root, &now, error, sizeof(error)), 0);
	assert_int_equal(now, POLICY_VMA);
	put_text(POLICY, "both\033[31m\n");
	assert_int_equal(policy_switch_look(root, &now, error, sizeof(error)), -EBADMSG);
	assert_string_equal(error, "the policy switch holds 'both?[31m', which is no policy");
	unlink(at(POLICY));
	assert_int_equal(policy_switch_look(root, &now, error, sizeof(error)), -ENOENT);
	assert_non_null(strstr(error, "this kernel has no policy switch"));
}

static void someone_without_the_right_is_told(void **state)
{
	enum policy now;
	int status;
	pid_t pid;

	(void)state;
	if (geteuid())
		skip();
	pid = fork();
	if (!pid) {
		if (setresuid(65534, 65534, 65534))
			_exit(2);
		_exit(policy_switch_look(root, &now, error, sizeof(error)) != -EACCES || !strstr(error, "needs root"));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A file that takes every word and keeps none. */
static void break_switch(void)
{
	unlink(at(POLICY));
	assert_int_equal(symlink("/dev/null", at(POLICY)), 0);
}

static void a_switch_that_does_not_hold_breaks_the_trial(void **state)
{
	static const struct workload w = { .name = "none" };
	struct trial_report *report = trial_report_new();
	struct policy_switch sw;
	struct trial_spec spec = { .workload = &w, .policy_switch = &sw, .kernel_policy = POLICY_ENTRY };
	volatile sig_atomic_t stop = 0;
	struct journal j;

	(void)state;
	journal_init(&j, root);
	assert_int_equal(policy_switch_take(&sw, &j, error, sizeof(error)), 0);
	assert_int_equal(sw.as_found, POLICY_VMA);
	break_switch();
	assert_int_equal(trial_run(&spec, report, &stop), 0);
	assert_int_equal(report->record.outcome, OUTCOME_BROKEN);
	assert_string_equal(report->record.reason, "the policy switch was set to entry and says ''");
	assert_string_equal(report->record.kernel_policy, "entry");
	unlink(at(POLICY));
	assert_int_equal(trial_run(&spec, report, &stop), 0);
	assert_int_equal(report->record.outcome, OUTCOME_BROKEN);
	assert_non_null(strstr(report->record.reason, "cannot set " POLICY " to entry: No such file"));
	put_text(POLICY, "entry\n");
	assert_int_equal(journal_end(&j, error, sizeof(error)), 0);
	assert_string_equal(get(POLICY), "vma");
}

static int meddle(struct trial *t)
{
	(void)t;
	put_text(POLICY, "vma-only\n");
	return -EPROTO;
}

static const struct trigger no_trigger = { .name = "none", .partial = true };

static void a_switch_that_someone_else_turns_breaks_the_trial(void **state)
{
	static const struct workload w = { .name = "meddles", .setup = meddle };
	struct trial_report *report = trial_report_new();
	struct policy_switch sw;
	struct trial_spec spec = { .workload = &w, .trigger = &no_trigger, .pages = 1, .time_limit_s = 5,
				   .policy_switch = &sw, .kernel_policy = POLICY_ENTRY };
	volatile sig_atomic_t stop = 0;
	struct journal j;

	(void)state;
	journal_init(&j, root);
	assert_int_equal(policy_switch_take(&sw, &j, error, sizeof(error)), 0);
	assert_int_equal(trial_run(&spec, report, &stop), 0);
	assert_int_equal(report->record.outcome, OUTCOME_BROKEN);
	assert_string_equal(report->record.reason, "the policy switch was set to entry and says 'vma-only'");
	assert_int_equal(journal_end(&j, error, sizeof(error)), 0);
	assert_string_equal(get(POLICY), "vma");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MACHINE(a_switch_that_is_missing_or_odd_is_told),
		IN_MACHINE(someone_without_the_right_is_told),
		IN_MACHINE(a_switch_that_does_not_hold_breaks_the_trial),
		IN_MACHINE(a_switch_that_someone_else_turns_breaks_the_trial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
