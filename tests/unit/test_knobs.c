// SPDX-License-Identifier: GPL-2.0-or-later
/* Knobs of which each CPU has one, and knobs that are tuned for all of a run, in a folder that stands for the machine. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "machine.h"

#define HEADER "wbit-knobs-1 4711\n"
#define CPU "/sys/devices/system/cpu/cpu"
#define GOVERNOR "/cpufreq/scaling_governor"

static const char *governor(unsigned cpu)
{
	static char path[2][KNOB_PATH_MAX];
	static unsigned turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[0]), CPU "%u" GOVERNOR, cpu);
	return path[turn];
}

static void what_a_hundred_cpus_held_comes_back(void **state)
{
	struct journal j;
	unsigned cpu;

	(void)state;
	journal_init(&j, root);
	for (cpu = 0; cpu < 100; cpu++) {
		put_deep(governor(cpu), cpu % 2 ? "powersave\n" : "schedutil\n");
		assert_int_equal(journal_tune(&j, governor(cpu), "performance", error, sizeof(error)), 0);
	}
	assert_int_equal(j.saved.nr, 100);
	assert_string_equal(get(governor(99)), "performance");
	assert_int_equal(journal_end(&j, error, sizeof(error)), 0);
	for (cpu = 0; cpu < 100; cpu++)
		assert_string_equal(get(governor(cpu)), cpu % 2 ? "powersave" : "schedutil");
}

static void a_path_is_a_cpus_letter_by_letter(void **state)
{
	static const char *const wrong[] = {
		CPU "%" GOVERNOR, CPU GOVERNOR, CPU "00" GOVERNOR, CPU "01" GOVERNOR, CPU "8192" GOVERNOR, CPU "99999999999" GOVERNOR,
		CPU "-1" GOVERNOR, CPU "1x" GOVERNOR, CPU "1" GOVERNOR "/", CPU "1" GOVERNOR "x", CPU "1/../cpu1" GOVERNOR, CPU "*" GOVERNOR,
		"//sys/devices/system/cpu/cpu1" GOVERNOR, CPU "1/cpufreq", "",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_null(knob_kind(wrong[i]));
	assert_non_null(knob_kind(CPU "0" GOVERNOR));
	assert_ptr_equal(knob_kind(CPU "8191" GOVERNOR), knob_kind(CPU "0" GOVERNOR));
	for (i = 0; i < NR_KNOBS; i++)
		assert_true(strlen(knob_kinds[i].path) + 4 < KNOB_PATH_MAX);
}

static void a_cell_puts_a_tuned_knob_back_to_what_it_was_tuned_to(void **state)
{
	static const char hugepages[] = "/proc/sys/vm/nr_overcommit_hugepages";
	const struct knob its_own[KNOBS_MAX] = { { hugepages, "3" } }, original[KNOBS_MAX] = { { hugepages, "7" } };
	struct journal j;

	(void)state;
	journal_init(&j, root);
	assert_int_equal(journal_tune(&j, hugepages, "0", error, sizeof(error)), 0);
	assert_int_equal(knobs_set(its_own, true, &j, error, sizeof(error)), 0);
	assert_string_equal(get(hugepages), "3");
	knobs_put_back(its_own, &j);
	assert_string_equal(get(hugepages), "0");
	/* On a host: what --tune has taken from a cell it may have for its length, and nothing else. */
	assert_int_equal(knobs_set(its_own, false, &j, error, sizeof(error)), -EPERM);
	assert_int_equal(knobs_set(original, false, &j, error, sizeof(error)), 0);
	assert_string_equal(get(hugepages), "7");
	knobs_put_back(original, &j);
	assert_string_equal(get(hugepages), "0");
	assert_int_equal(journal_end(&j, error, sizeof(error)), 0);
	assert_string_equal(get(hugepages), "7");
}

struct told {
	unsigned nr;
	char text[400];
};

static void note_told(void *arg, const char *path, const char *before, const char *now)
{
	struct told *told = arg;
	size_t len = strlen(told->text);

	told->nr++;
	snprintf(told->text + len, sizeof(told->text) - len, "%s %s %s;", path, before, now);
}

static void each_knob_that_is_left_changed_is_told(void **state)
{
	struct told told = { 0 };
	struct journals found;

	(void)state;
	put_deep(governor(0), "performance\n");
	put_deep(governor(1), "powersave\n");		/* never changed */
	mkdir(at("/run/wbit"), 0700);
	put_text("/run/wbit/knobs-4711", HEADER CPU "0" GOVERNOR " powersave\n" CPU "1" GOVERNOR " powersave\n"
		 CPU "7" GOVERNOR " ondemand\n/proc/sys/vm/nr_overcommit_hugepages 9\n");
	assert_int_equal(journals_look_through(root, false, &found, note_told, &told), 0);
	assert_int_equal(told.nr, 3);
	assert_string_equal(told.text, CPU "0" GOVERNOR " powersave performance;" CPU "7" GOVERNOR " ondemand ;"
			    "/proc/sys/vm/nr_overcommit_hugepages 9 7;");
	assert_non_null(strstr(found.text, "and 3 more"));
	/* A CPU that is gone keeps the journal; the others are put back all the same. */
	assert_int_equal(journals_look(root, true, &found), 0);
	assert_int_equal(found.bad, 1);
	assert_string_equal(get(governor(0)), "powersave");
	assert_string_equal(get("/proc/sys/vm/nr_overcommit_hugepages"), "9");
	put_deep(governor(7), "performance\n");
	assert_int_equal(journals_look(root, true, &found), 0);
	assert_int_equal(found.dead, 1);
	assert_string_equal(get(governor(7)), "ondemand");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MACHINE(what_a_hundred_cpus_held_comes_back),
		IN_MACHINE(a_path_is_a_cpus_letter_by_letter),
		IN_MACHINE(a_cell_puts_a_tuned_knob_back_to_what_it_was_tuned_to),
		IN_MACHINE(each_knob_that_is_left_changed_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
