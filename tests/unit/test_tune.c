// SPDX-License-Identifier: GPL-2.0-or-later
/* --tune, in a folder that stands for the machine: what it sets, what it leaves, and what it says of both. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "machine.h"
#include "noise.h"
#include "tune.h"

#define CPU "/sys/devices/system/cpu/"
#define GOVERNOR "/cpufreq/scaling_governor"
#define BALANCING "/proc/sys/kernel/numa_balancing"
#define BOOST CPU "cpufreq/boost"

static struct journal journal;
static struct tuning tuning;

static void tune_machine(void)
{
	journal_init(&journal, root);
	assert_int_equal(tune(&journal, &tuning, error, sizeof(error)), 0);
}

static void end(void)
{
	assert_int_equal(journal_end(&journal, error, sizeof(error)), 0);
	tuning_free(&tuning);
}

static void expect_json(const json_t *list, const char *text)
{
	json_t *wanted = json_loads(text, 0, NULL);

	assert_non_null(wanted);
	if (!json_equal(list, wanted))
		fail_msg("%s", json_dumps(list, 0));
	json_decref(wanted);
}

/* Of the entries of `left` those that name this file; their reason. */
static const char *why(const char *knob)
{
	json_t *entry;
	size_t i;

	json_array_foreach(tuning.left, i, entry)
		if (!strcmp(json_string_value(json_object_get(entry, "knob")), knob))
			return json_string_value(json_object_get(entry, "why"));
	return "";
}

static void cpus_that_go_alike_are_one_entry(void **state)
{
	(void)state;
	put_deep(CPU "cpu0" GOVERNOR, "powersave\n");
	put_deep(CPU "cpu1" GOVERNOR, "schedutil\n");
	put_deep(CPU "cpu2" GOVERNOR, "powersave\n");
	put_deep(CPU "cpu3" GOVERNOR, "performance\n");
	put_deep(CPU "cpu4" GOVERNOR, "userspace\n");
	tune_machine();
	expect_json(tuning.set, "[{\"knob\":\"" CPU "cpu*" GOVERNOR "\",\"from\":\"powersave\",\"to\":\"performance\",\"cpus\":2},"
		    "{\"knob\":\"" CPU "cpu*" GOVERNOR "\",\"from\":\"schedutil\",\"to\":\"performance\",\"cpus\":1}]");
	assert_string_equal(why(CPU "cpu*" GOVERNOR), "holds what wbit does not know, and so could not put back");
	assert_string_equal(get(CPU "cpu1" GOVERNOR), "performance");
	assert_string_equal(get(CPU "cpu4" GOVERNOR), "userspace");
	assert_int_equal(journal.saved.nr, 3);		/* cpu3 was right */
	end();
	assert_string_equal(get(CPU "cpu0" GOVERNOR), "powersave");
	assert_string_equal(get(CPU "cpu1" GOVERNOR), "schedutil");
}

static void what_disturbs_is_set_and_comes_back(void **state)
{
	(void)state;
	put_deep(BALANCING, "2\n");
	put_deep("/proc/sys/kernel/nmi_watchdog", "1\n");
	put_deep("/sys/kernel/mm/ksm/run", "1\n");
	put_deep(CPU "intel_pstate/no_turbo", "0\n");
	put_deep(CPU "smt/active", "1\n");
	put_deep(CPU "cpu1/online", "1\n");
	put_deep("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n");
	tune_machine();
	assert_int_equal(tuning.nr_set, 4);
	assert_string_equal(get(BALANCING), "0");
	assert_string_equal(get("/proc/sys/kernel/nmi_watchdog"), "0");
	assert_string_equal(get("/sys/kernel/mm/ksm/run"), "0");
	assert_string_equal(get(CPU "intel_pstate/no_turbo"), "1");
	assert_string_equal(get(CPU "smt/active"), "1");
	assert_string_equal(get(CPU "cpu1/online"), "1");
	assert_string_equal(get("/sys/kernel/mm/transparent_hugepage/enabled"), "always");
	assert_string_equal(why(BOOST), "not there");
	assert_string_equal(why(CPU "cpu*" GOVERNOR), "not there");
	end();
	assert_string_equal(get(BALANCING), "2");
	assert_string_equal(get("/proc/sys/kernel/nmi_watchdog"), "1");
	assert_string_equal(get("/sys/kernel/mm/ksm/run"), "1");
	assert_string_equal(get(CPU "intel_pstate/no_turbo"), "0");
}

static void boost_is_left_where_single_policies_differ_from_it(void **state)
{
	(void)state;
	put_deep(BOOST, "1\n");
	put_deep(CPU "cpufreq/policy0/boost", "1\n");
	put_deep(CPU "cpufreq/policy1/boost", "0\n");
	tune_machine();
	assert_string_equal(get(BOOST), "1");
	assert_non_null(strstr(why(BOOST), "for single CPUs"));
	end();
	put_deep(CPU "cpufreq/policy1/boost", "1\n");
	tune_machine();
	assert_string_equal(get(BOOST), "0");
	end();
	assert_string_equal(get(BOOST), "1");
}

static void a_quiet_machine_is_left_alone_and_no_journal_begun(void **state)
{
	(void)state;
	put_deep(BALANCING, "0\n");
	put_deep("/sys/kernel/mm/ksm/run", "2\n");
	tune_machine();
	assert_int_equal(json_array_size(tuning.set), 0);
	assert_int_equal(access(at("/run/wbit"), F_OK), -1);
	assert_string_equal(why(BALANCING), "");
	end();
}

static void a_journal_that_cannot_be_kept_ends_the_run(void **state)
{
	(void)state;
	put_deep(BALANCING, "1\n");
	put_text("/run/wbit", "a file\n");
	journal_init(&journal, root);
	assert_int_equal(tune(&journal, &tuning, error, sizeof(error)), -EPERM);
	assert_non_null(strstr(error, "is not wbit's own folder"));
	assert_string_equal(get(BALANCING), "1");
	end();
}

/* A directory in the place of a file cannot be read: it is told, and the others are set. */
static void what_cannot_be_read_is_told(void **state)
{
	(void)state;
	put_deep(BALANCING "/x", "1\n");
	put_deep("/sys/kernel/mm/ksm/run", "1\n");
	tune_machine();
	assert_string_equal(why(BALANCING), "Input/output error");
	assert_int_equal(tuning.nr_set, 1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MACHINE(cpus_that_go_alike_are_one_entry),
		IN_MACHINE(what_disturbs_is_set_and_comes_back),
		IN_MACHINE(boost_is_left_where_single_policies_differ_from_it),
		IN_MACHINE(a_quiet_machine_is_left_alone_and_no_journal_begun),
		IN_MACHINE(a_journal_that_cannot_be_kept_ends_the_run),
		IN_MACHINE(what_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
