// SPDX-License-Identifier: GPL-2.0-or-later
/* How busy a CPU's siblings are: from lists of CPUs and texts of /proc/stat, also such as no kernel writes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "noise.h"

static void siblings_are_all_but_the_cpu_itself(void **state)
{
	int cpus[4] = { 0 };

	(void)state;
	assert_int_equal(noise_siblings("0", 0, cpus, 4), 0);
	assert_int_equal(noise_siblings("0,64", 0, cpus, 4), 1);
	assert_int_equal(cpus[0], 64);
	assert_int_equal(noise_siblings("2-3", 3, cpus, 4), 1);
	assert_int_equal(cpus[0], 2);
	assert_int_equal(noise_siblings("0-1,8,72-73", 8, cpus, 4), 4);
	assert_int_equal(cpus[3], 73);
	assert_int_equal(noise_siblings("0-2000000000", 0, cpus, 4), 4);	/* no more than there is room for */
	assert_int_equal(noise_siblings("", 0, cpus, 4), 0);
	assert_int_equal(noise_siblings("none", 0, cpus, 4), 0);
	assert_int_equal(noise_siblings("5-2", 0, cpus, 4), 0);
}

static void busy_is_all_but_idle_and_iowait(void **state)
{
	static const char stat[] = "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 1 2 4 1000 2000 8 16 32 64 128\ncpu10 7 0 0 1 0 0 0 0 0 0\nintr 5\n";
	struct cpu_time time;

	(void)state;
	assert_int_equal(noise_cpu_time(stat, 0, &time), 0);
	assert_int_equal(time.busy, 63);
	assert_int_equal(time.all, 3063);
	assert_int_equal(noise_cpu_time(stat, 10, &time), 0);
	assert_int_equal(time.busy, 7);
	assert_int_equal(noise_cpu_time(stat, 1, &time), -ENOENT);
	assert_int_equal(noise_cpu_time("", 0, &time), -ENOENT);
	assert_int_equal(noise_cpu_time("cpu \ncpu0 1 2 3\n", 0, &time), -EBADMSG);
	assert_int_equal(noise_cpu_time("cpu \ncpu0 a b c d e f g h\n", 0, &time), -EBADMSG);
}

static void what_tune_sets_is_quiet_by_the_same_table(void **state)
{
	struct noise noises[NR_NOISES];
	unsigned tuned = 0;
	size_t i;

	(void)state;
	for (i = 0; i < NR_NOISE_SETTINGS; i++)
		tuned += noise_settings[i].tuned != NULL;
	assert_int_equal(tuned, 6);
	assert_int_equal(noise_look(noises), NR_NOISES - 1);	/* two drivers have a file each for turbo */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siblings_are_all_but_the_cpu_itself),
		cmocka_unit_test(busy_is_all_but_idle_and_iowait),
		cmocka_unit_test(what_tune_sets_is_quiet_by_the_same_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
