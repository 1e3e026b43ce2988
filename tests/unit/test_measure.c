// SPDX-License-Identifier: GPL-2.0-or-later
/* Measuring without nodes and without privilege: the emulation's look at VMAs, knobs, and what becomes of children. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "emulate.h"
#include "journal.h"
#include "run.h"
#include "trial.h"

/* ---- the VMA's default, from its flags ---- */

static void a_private_mapping_never_defaults_to_w(void **state)
{
	(void)state;
	assert_false(vmflags_default_writable("rd wr mr mw me ac sd \n", true, false));
}

static void shared_memory_defaults_to_w(void **state)
{
	(void)state;
	assert_true(vmflags_default_writable("rd wr sh mr mw me ms sd \n", true, false));
}

static void active_tracking_takes_the_default_away(void **state)
{
	(void)state;
	assert_false(vmflags_default_writable("rd wr sh mr mw me ms \n", true, false));
	assert_true(vmflags_default_writable("rd wr sh mr mw me ms \n", false, false));
}

static void uffd_wp_and_page_mkwrite_take_it_away(void **state)
{
	(void)state;
	assert_false(vmflags_default_writable("rd wr sh mr mw me ms sd uw \n", true, false));
	assert_false(vmflags_default_writable("rd wr sh mr mw me ms sd \n", true, true));
}

static void flags_are_whole_words(void **state)
{
	(void)state;
	/* "sh" inside another word must not count */
	assert_false(vmflags_default_writable("rd wr xsh shx sd \n", true, false));
	assert_true(vmflags_default_writable("rd wr sh sd", true, false));
	assert_false(vmflags_default_writable("", true, false));
}

static void the_vma_of_a_region_is_found(void **state)
{
	size_t len = 16 * 4096;
	struct trial t = { .len_bytes = len, .fd = -1 };

	(void)state;
	t.region = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_int_equal(vma_default_writable(&t, false), 1);
	munmap(t.region, len);
	t.region = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_int_equal(vma_default_writable(&t, false), 0);
	munmap(t.region, len);
	assert_true(vma_default_writable(&t, false) < 0);
	assert_non_null(strstr(t.reason, "cannot be told"));
}

/* ---- knobs ---- */

static void a_knob_that_is_not_on_the_list_is_refused(void **state)
{
	const struct knob knobs[KNOBS_MAX] = { { "/proc/sys/kernel/panic", "1" } };
	struct journal journal;
	char reason[200] = "";

	(void)state;
	journal_init(&journal, "");
	assert_int_equal(knobs_set(knobs, true, &journal, reason, sizeof(reason)), -EINVAL);
	assert_string_equal(reason, "/proc/sys/kernel/panic is not a knob that wbit touches");
}

static void a_hosts_knob_is_left_alone(void **state)
{
	const struct knob knobs[KNOBS_MAX] = { { "/proc/sys/vm/nr_overcommit_hugepages", "a value that it never has" } };
	struct journal journal;
	char reason[200] = "", before[64], after[64];

	(void)state;
	journal_init(&journal, "");
	if (knob_read(knobs[0].path, before, sizeof(before)))
		skip();
	assert_int_equal(knobs_set(knobs, false, &journal, reason, sizeof(reason)), -EPERM);
	assert_non_null(strstr(reason, "left alone"));
	assert_int_equal(knob_read(knobs[0].path, after, sizeof(after)), 0);
	assert_string_equal(before, after);
}

/* ---- children: one node does for what comes before the migration ---- */

static volatile sig_atomic_t stop;

static int crash(struct trial *t)
{
	(void)t;
	signal(SIGSEGV, SIG_DFL);	/* cmocka's handler is inherited */
	return raise(SIGSEGV);
}

static int hang(struct trial *t)
{
	(void)t;
	for (;;)
		pause();
	return 0;
}

static int fail_with_reason(struct trial *t)
{
	return trial_fail(t, ENOMEM, "mmap of the region");
}

static int leave(struct trial *t)
{
	(void)t;
	_exit(3);
	return 0;
}

static int ask_to_stop(struct trial *t)
{
	(void)t;
	kill(getppid(), SIGUSR1);
	return hang(t);
}

static void on_stop(int number)
{
	stop = number;
}

static const struct trigger no_trigger = { .name = "none", .partial = true };

static int run_with_setup(int (*setup)(struct trial *), struct trial_report **report)
{
	static struct trial_report *shared;
	const struct workload w = { .name = "test", .setup = setup };
	const struct trial_spec spec = { .workload = &w, .trigger = &no_trigger, .pages = 1, .clock = CLOCK_NS,
					 .time_limit_s = 1 };

	shared = shared ? shared : trial_report_new();
	*report = shared;
	stop = 0;
	return trial_run(&spec, shared, &stop);
}

static void a_child_that_crashes_is_broken_with_its_signal_and_phase(void **state)
{
	struct trial_report *report;

	(void)state;
	assert_int_equal(run_with_setup(crash, &report), 0);
	assert_int_equal(report->record.outcome, OUTCOME_BROKEN);
	assert_string_equal(report->record.reason, "killed by signal 11 (Segmentation fault) in the phase: setup");
}

static void a_child_that_hangs_is_killed_after_the_limit(void **state)
{
	struct trial_report *report;

	(void)state;
	assert_int_equal(run_with_setup(hang, &report), 0);
	assert_int_equal(report->record.outcome, OUTCOME_BROKEN);
	assert_string_equal(report->record.reason, "hung: killed after the time limit of 1 s in the phase: setup");
}

static void a_callbacks_error_is_broken_with_its_reason(void **state)
{
	struct trial_report *report;

	(void)state;
	assert_int_equal(run_with_setup(fail_with_reason, &report), 0);
	assert_int_equal(report->record.outcome, OUTCOME_BROKEN);
	assert_string_equal(report->record.reason, "setup: mmap of the region: Cannot allocate memory");
}

static void a_child_that_leaves_early_is_broken(void **state)
{
	struct trial_report *report;

	(void)state;
	assert_int_equal(run_with_setup(leave, &report), 0);
	assert_int_equal(report->record.outcome, OUTCOME_BROKEN);
	assert_string_equal(report->record.reason, "ended early with status 3 in the phase: setup");
}

static void a_stop_kills_the_child_at_once(void **state)
{
	struct sigaction action = { .sa_handler = on_stop };
	struct trial_report *report;

	(void)state;
	sigaction(SIGUSR1, &action, NULL);
	assert_int_equal(run_with_setup(ask_to_stop, &report), -ECANCELED);
}

static void platforms_have_names(void **state)
{
	enum platform p;

	(void)state;
	for (p = 0; p < NR_PLATFORMS; p++)
		assert_int_equal(platform_by_name(platform_name(p)), p);
	assert_int_equal(platform_by_name("moon"), NR_PLATFORMS);
	assert_string_equal(platform_name(NR_PLATFORMS), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_private_mapping_never_defaults_to_w),
		cmocka_unit_test(shared_memory_defaults_to_w),
		cmocka_unit_test(active_tracking_takes_the_default_away),
		cmocka_unit_test(uffd_wp_and_page_mkwrite_take_it_away),
		cmocka_unit_test(flags_are_whole_words),
		cmocka_unit_test(the_vma_of_a_region_is_found),
		cmocka_unit_test(a_knob_that_is_not_on_the_list_is_refused),
		cmocka_unit_test(a_hosts_knob_is_left_alone),
		cmocka_unit_test(a_child_that_crashes_is_broken_with_its_signal_and_phase),
		cmocka_unit_test(a_child_that_hangs_is_killed_after_the_limit),
		cmocka_unit_test(a_callbacks_error_is_broken_with_its_reason),
		cmocka_unit_test(a_child_that_leaves_early_is_broken),
		cmocka_unit_test(a_stop_kills_the_child_at_once),
		cmocka_unit_test(platforms_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
