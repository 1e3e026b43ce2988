// SPDX-License-Identifier: GPL-2.0-or-later
/* The journal of knobs and its guard, in a folder that stands for the machine. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "machine.h"

#define HEADER "wbit-knobs-1 4711\n"
#define CPU "/sys/devices/system/cpu/cpu"
#define GOVERNOR "/cpufreq/scaling_governor"

static int set_policy(struct journal *j, const char *value)
{
	return journal_set(j, POLICY, value, error, sizeof(error));
}

/* ---- in order ---- */

static void what_is_changed_is_noted_first_and_put_back(void **state)
{
	struct journal j;
	char file[64];

	(void)state;
	journal_init(&j, root);
	assert_int_equal(set_policy(&j, "vma-only"), 0);
	assert_string_equal(get(POLICY), "vma-only");
	snprintf(file, sizeof(file), "/run/wbit/knobs-%d", (int)getpid());
	assert_int_equal(access(at(file), F_OK), 0);
	assert_int_equal(set_policy(&j, "entry"), 0);
	assert_int_equal(journal_set(&j, "/proc/sys/vm/nr_overcommit_hugepages", "9", error, sizeof(error)), 0);
	assert_int_equal(j.saved.nr, 2);
	assert_int_equal(journal_end(&j, error, sizeof(error)), 0);
	assert_string_equal(get(POLICY), "vma");
	assert_string_equal(get("/proc/sys/vm/nr_overcommit_hugepages"), "7");
	assert_int_equal(access(at(file), F_OK), -1);
	assert_int_equal(waitpid(-1, NULL, 0), -1);	/* no guard is left */
	assert_int_equal(journal_end(&j, error, sizeof(error)), 0);
}

static void a_value_that_could_not_be_put_back_is_not_changed(void **state)
{
	struct journal j;

	(void)state;
	put_text(POLICY, "a new word\n");
	journal_init(&j, root);
	assert_int_equal(set_policy(&j, "entry"), -EINVAL);
	assert_non_null(strstr(error, "holds what wbit does not know"));
	assert_string_equal(get(POLICY), "a new word");
	assert_int_equal(journal_end(&j, error, sizeof(error)), 0);
}

static void a_knob_that_is_gone_keeps_the_journal(void **state)
{
	struct journals found;
	struct journal j;

	(void)state;
	journal_init(&j, root);
	assert_int_equal(set_policy(&j, "entry"), 0);
	assert_int_equal(unlink(at(POLICY)), 0);
	assert_int_equal(journal_end(&j, error, sizeof(error)), -ENOENT);
	assert_non_null(strstr(error, "wbit doctor --restore"));
	assert_int_equal(journals_look(root, true, &found), 0);
	assert_int_equal(found.bad, 1);
	assert_non_null(strstr(found.text, "cannot put " POLICY " back to vma: No such file"));
	put_text(POLICY, "entry\n");
	assert_int_equal(journals_look(root, true, &found), 0);
	assert_int_equal(found.dead, 1);
	assert_string_equal(get(POLICY), "vma");
}

/* ---- a run in a process of its own ---- */

/* Sets the policy and waits. Its pid; its guard's in *guard. */
static pid_t start_run(pid_t *guard)
{
	int pipe_fds[2];
	struct journal j;
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	if (!pid) {
		signal(SIGSEGV, SIG_DFL);	/* cmocka's handler is inherited */
		journal_init(&j, root);
		if (set_policy(&j, "entry"))
			_exit(1);
		if (write(pipe_fds[1], &j.guard, sizeof(j.guard)) > 0)
			pause();
		_exit(2);
	}
	close(pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], guard, sizeof(*guard)), sizeof(*guard));
	close(pipe_fds[0]);
	assert_string_equal(get(POLICY), "entry");
	return pid;
}

static void end_run(pid_t pid, int number)
{
	kill(pid, number);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* The guard first, so that the run's end wakes nobody. */
static void kill_run_and_guard(pid_t pid, pid_t guard)
{
	struct journals found = { .living = 1 };
	int i;

	kill(guard, SIGKILL);
	end_run(pid, SIGKILL);
	for (i = 0; i < 500 && found.living; i++) {	/* on a busy machine the guard takes its time to die */
		usleep(10000);
		journals_look(root, false, &found);
	}
}

static bool comes_back(void)
{
	struct journals found = { 0 };
	int i;

	for (i = 0; i < 500; i++) {
		if (!strcmp(get(POLICY), "vma") && !journals_look(root, false, &found) && !found.dead && !found.living)
			return true;
		usleep(10000);
	}
	return false;
}

static void the_guard_puts_back_after_a_crash(void **state)
{
	static const int signals[] = { SIGKILL, SIGSEGV, SIGTERM };
	pid_t guard, run;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		run = start_run(&guard);
		kill(guard, SIGTERM);	/* what a terminal sends does not stop it */
		kill(guard, SIGHUP);
		end_run(run, signals[i]);
		assert_true(comes_back());
	}
}

static void what_a_killed_guard_left_is_told_and_finished(void **state)
{
	struct journals found;
	pid_t guard, run;
	struct journal j;

	(void)state;
	run = start_run(&guard);
	kill_run_and_guard(run, guard);
	assert_string_equal(get(POLICY), "entry");
	assert_int_equal(journals_look(root, false, &found), 0);
	assert_int_equal(found.dead, 1);
	assert_non_null(strstr(found.text, "it is to be put back to vma"));
	journal_init(&j, root);
	assert_int_equal(journal_begin(&j, error, sizeof(error)), -EEXIST);
	assert_non_null(strstr(error, "wbit doctor --restore"));
	assert_int_equal(journals_look(root, true, &found), 0);
	assert_int_equal(found.dead, 1);
	assert_string_equal(get(POLICY), "vma");
	assert_int_equal(journals_look(root, true, &found), 0);
	assert_int_equal(found.dead + found.living + found.bad, 0);
	assert_string_equal(found.text, "");
}

static void a_living_runs_journal_is_never_touched(void **state)
{
	struct journals found;
	pid_t guard, run;
	struct journal j;
	char pid[32];

	(void)state;
	run = start_run(&guard);
	assert_int_equal(journals_look(root, true, &found), 0);
	assert_int_equal(found.living, 1);
	assert_int_equal(found.dead + found.bad, 0);
	assert_string_equal(get(POLICY), "entry");
	journal_init(&j, root);
	assert_int_equal(set_policy(&j, "vma-only"), -EBUSY);
	snprintf(pid, sizeof(pid), "(pid %d)", (int)run);
	assert_non_null(strstr(error, pid));
	assert_null(strchr(error, '\n'));
	assert_string_equal(get(POLICY), "entry");
	end_run(run, SIGKILL);
	assert_true(comes_back());
}

/* ---- hostile files ---- */

static void look_at_bad(const char *what)
{
	struct journals found;

	(void)what;	/* for whoever debugs this */
	assert_int_equal(journals_look(root, true, &found), 0);
	assert_int_equal(found.bad, 1);
	assert_int_equal(found.dead + found.living, 0);
	assert_non_null(strstr(found.text, "is not what wbit writes"));
	assert_string_equal(get(POLICY), "entry");
	assert_string_equal(get("/proc/sys/vm/nr_overcommit_hugepages"), "7");
}

static void what_wbit_did_not_write_is_not_believed(void **state)
{
	static const char *const texts[] = {
		"\n", "x\n", POLICY " vma\n", "wbit-knobs-2 1\n", "wbit-knobs-1 0\n", "wbit-knobs-1 -1\n",
		"wbit-knobs-1 12345678901\n", "wbit-knobs-1 1 2\n", HEADER "\n", HEADER "vma\n", HEADER POLICY "\n",
		HEADER POLICY " \n", HEADER POLICY " sudo\n", HEADER POLICY " vma|entry\n", HEADER POLICY " vma \n",
		HEADER POLICY " vma\n" POLICY " vma\n", HEADER "/proc/sys/kernel/core_pattern |/tmp/x\n",
		HEADER "/proc/sys/vm/nr_overcommit_hugepages 99999999999999\n", HEADER "/proc/sys/vm/nr_overcommit_hugepages -1\n",
		HEADER "/proc/sys/vm/../vm/nr_overcommit_hugepages 1\n",
		HEADER POLICY " vma\n/proc/sys/vm/nr_overcommit_hugepages 1x\n",
		HEADER POLICY " \033[31mvma\n",
		HEADER CPU "0" GOVERNOR " userspace\n", HEADER CPU "0" GOVERNOR " Performance\n", HEADER CPU "0" GOVERNOR "\n",
		HEADER CPU "%" GOVERNOR " performance\n", HEADER CPU "00" GOVERNOR " performance\n",
		HEADER CPU "8192" GOVERNOR " performance\n", HEADER CPU "1/../cpu0" GOVERNOR " performance\n",
		HEADER CPU "0/../../../../../etc/passwd performance\n", HEADER CPU "0" GOVERNOR "x performance\n",
		HEADER CPU "0" GOVERNOR " powersave\n" CPU "1" GOVERNOR " powersave\n" CPU "0" GOVERNOR " powersave\n",
		HEADER "/sys/devices/system/cpu/intel_pstate/no_turbo 2\n", HEADER "/sys/devices/system/cpu/cpufreq/boost yes\n",
		HEADER "/proc/sys/kernel/nmi_watchdog 00\n", HEADER "/sys/kernel/mm/ksm/run 3\n",
		HEADER "/sys/devices/system/cpu/cpu0/online 0\n", HEADER "/sys/devices/system/cpu/smt/control off\n",
	};
	static char long_text[(1 << 20) + 100];
	size_t i;

	(void)state;
	put_text(POLICY, "entry\n");
	mkdir(at("/run/wbit"), 0700);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put_text("/run/wbit/knobs-4711", texts[i]);
		look_at_bad(texts[i]);
	}
	put("/run/wbit/knobs-4711", HEADER POLICY " vma\0\n", strlen(HEADER POLICY) + 6);
	look_at_bad("a NUL");
	memset(long_text, 'a', sizeof(long_text));
	memcpy(long_text, HEADER, strlen(HEADER));
	put("/run/wbit/knobs-4711", long_text, 6000);
	look_at_bad("a line that is too long, and not finished");
	put("/run/wbit/knobs-4711", long_text, sizeof(long_text));
	look_at_bad("too long");
}

static void a_file_that_is_not_wbits_own_is_not_believed(void **state)
{
	const char *good = HEADER POLICY " vma\n";

	(void)state;
	put_text(POLICY, "entry\n");
	mkdir(at("/run/wbit"), 0700);
	put_text("/run/good", good);
	assert_int_equal(symlink(at("/run/good"), at("/run/wbit/knobs-1")), 0);
	look_at_bad("a symbolic link");
	unlink(at("/run/wbit/knobs-1"));
	assert_int_equal(link(at("/run/good"), at("/run/wbit/knobs-1")), 0);
	look_at_bad("a second name of another file");
	unlink(at("/run/wbit/knobs-1"));
	assert_int_equal(mkfifo(at("/run/wbit/knobs-1"), 0600), 0);
	look_at_bad("a FIFO");
	unlink(at("/run/wbit/knobs-1"));
	put_text("/run/wbit/knobs-1", good);
	assert_int_equal(chmod(at("/run/wbit/knobs-1"), 0666), 0);
	look_at_bad("open to others");
}

static void a_line_that_was_not_finished_does_not_count(void **state)
{
	struct journals found;

	(void)state;
	put_text(POLICY, "entry\n");
	mkdir(at("/run/wbit"), 0700);
	put_text("/run/wbit/knobs-4711", HEADER "/proc/sys/vm/nr_overcommit_hugepages 5\n" POLICY " vm");
	put_text("/run/wbit/notes", "none of wbit's\n");
	assert_int_equal(journals_look(root, true, &found), 0);
	assert_int_equal(found.dead, 1);
	assert_int_equal(found.bad, 0);
	assert_string_equal(get("/proc/sys/vm/nr_overcommit_hugepages"), "5");
	assert_string_equal(get(POLICY), "entry");
	assert_int_equal(access(at("/run/wbit/notes"), F_OK), 0);
}

static void expect_refused_folder(void)
{
	struct journals found;
	struct journal j;

	journal_init(&j, root);
	assert_int_equal(set_policy(&j, "entry"), -EPERM);
	assert_non_null(strstr(error, "is not wbit's own folder"));
	assert_int_equal(journals_look(root, true, &found), -EPERM);
	assert_string_equal(get(POLICY), "vma");
}

static void a_folder_that_is_not_wbits_own_is_refused(void **state)
{
	(void)state;
	mkdir(at("/run/elsewhere"), 0700);
	assert_int_equal(symlink(at("/run/elsewhere"), at("/run/wbit")), 0);
	expect_refused_folder();
	unlink(at("/run/wbit"));
	put_text("/run/wbit", "a file");
	expect_refused_folder();
	unlink(at("/run/wbit"));
	mkdir(at("/run/wbit"), 0755);
	expect_refused_folder();
	if (!geteuid()) {
		chmod(at("/run/wbit"), 0700);
		assert_int_equal(chown(at("/run/wbit"), 65534, 65534), 0);
		expect_refused_folder();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MACHINE(what_is_changed_is_noted_first_and_put_back),
		IN_MACHINE(a_value_that_could_not_be_put_back_is_not_changed),
		IN_MACHINE(a_knob_that_is_gone_keeps_the_journal),
		IN_MACHINE(the_guard_puts_back_after_a_crash),
		IN_MACHINE(what_a_killed_guard_left_is_told_and_finished),
		IN_MACHINE(a_living_runs_journal_is_never_touched),
		IN_MACHINE(what_wbit_did_not_write_is_not_believed),
		IN_MACHINE(a_file_that_is_not_wbits_own_is_not_believed),
		IN_MACHINE(a_line_that_was_not_finished_does_not_count),
		IN_MACHINE(a_folder_that_is_not_wbits_own_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
