// SPDX-License-Identifier: GPL-2.0-or-later
/* Group files: those of the tree, every event of them encoded whatever machine this is, and files that are broken. */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "counter_groups.h"
#include "microarchitecture.h"

#define COUNTERS_FOLDER FIXTURES "/../../counters"

static struct events_groups groups;
static char error[600], folder[64], path[128];

static int fresh(void **state)
{
	(void)state;
	groups = (struct events_groups){ 0, NULL };
	error[0] = '\0';
	strcpy(folder, "/tmp/wbit-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/a.events", folder);
	return 0;
}

static int away(void **state)
{
	char second[128];

	(void)state;
	groups_free(&groups);
	snprintf(second, sizeof(second), "%s/b.events", folder);
	unlink(path);
	unlink(second);
	return rmdir(folder);
}

static void put_at(const char *name, const char *text, size_t len)
{
	char file[128];
	FILE *f;

	snprintf(file, sizeof(file), "%s/%s", folder, name);
	f = fopen(file, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	fclose(f);
}

static void put(const char *text)
{
	put_at("a.events", text, strlen(text));
}

/* ---- those of the tree ---- */

/* As a machine of the microarchitecture takes it; returns the most counters that a set of hardware events has. */
static unsigned encode_all(const struct events_groups *all)
{
	struct counters *counters = malloc(sizeof(*counters));
	unsigned g, i, most = 0;

	for (g = 0; g < all->nr; g++) {
		counters_init(counters, &perf_calls_kernel);
		for (i = 0; i < all->groups[g].nr_lines; i++)
			if (counters_add(counters, all->groups[g].lines[i].set, error, sizeof(error)))
				fail_msg("%s:%u: %s", all->groups[g].file, all->groups[g].lines[i].number, error);
		for (i = 0; i < counters->nr_groups; i++)
			if (counters->groups[i].hardware && counters->groups[i].nr > most)
				most = counters->groups[i].nr;
	}
	free(counters);
	return most;
}

static void every_event_of_every_file_encodes(void **state)
{
	glob_t files;
	size_t i;

	(void)state;
	assert_int_equal(glob(COUNTERS_FOLDER "/*.events", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 11);
	for (i = 0; i < files.gl_pathc; i++) {
		if (groups_read(&groups, files.gl_pathv[i], error, sizeof(error)))
			fail_msg("%s", error);
		assert_true(groups.nr > 0);
		assert_in_range(encode_all(&groups), 1, 4);
		groups_free(&groups);
	}
	globfree(&files);
}

static void every_microarchitecture_has_the_five_groups(void **state)
{
	static const char *const names[] = { "skx", "clx", "icx", "spr", "emr", "gnr", "zen2", "zen3", "zen4", "zen5", "generic" };
	static const char *const wanted[] = { "faults", "cycles", "tlb", "walks", "remote" };
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (groups_read_all(&groups, NULL, COUNTERS_FOLDER, names[i], error, sizeof(error)))
			fail_msg("%s", error);
		for (k = 0; k < sizeof(wanted) / sizeof(wanted[0]); k++)
			if (!groups_find(&groups, wanted[k]))
				fail_msg("%s has no group %s", names[i], wanted[k]);
		assert_null(groups_find(&groups, "none"));
		groups_free(&groups);
	}
}

static void a_broken_event_of_a_file_does_not_encode(void **state)
{
	struct counters *counters = malloc(sizeof(*counters));

	(void)state;
	put("[tlb]\nicx::DTLB_STORE_MISSES:WALK_COMPLETE\n");
	assert_int_equal(groups_read(&groups, path, error, sizeof(error)), 0);
	counters_init(counters, &perf_calls_kernel);
	assert_int_equal(counters_add(counters, groups.groups[0].lines[0].set, error, sizeof(error)), -EINVAL);
	free(counters);
}

/* ---- the format ---- */

static void lines_comments_and_spaces(void **state)
{
	(void)state;
	put("# all of it\n\n  [tlb]   # misses\n\tperf::CYCLES,perf::INSTRUCTIONS  # a set\nperf::BRANCHES\n[w-2_x]\r\nperf::CYCLES");
	assert_int_equal(groups_read(&groups, path, error, sizeof(error)), -EINVAL);	/* a carriage return */
	groups_free(&groups);
	put("# all of it\n\n  [tlb]   # misses\n\tperf::CYCLES,perf::INSTRUCTIONS  # a set\nperf::BRANCHES\n[w-2_x]\nperf::CYCLES");
	assert_int_equal(groups_read(&groups, path, error, sizeof(error)), 0);
	assert_int_equal(groups.nr, 2);
	assert_string_equal(groups.groups[0].name, "tlb");
	assert_int_equal(groups.groups[0].nr_lines, 2);
	assert_string_equal(groups.groups[0].lines[0].set, "perf::CYCLES,perf::INSTRUCTIONS");
	assert_int_equal(groups.groups[0].lines[1].number, 5);
	assert_string_equal(groups.groups[1].name, "w-2_x");
	assert_string_equal(groups.groups[1].lines[0].set, "perf::CYCLES");
}

static void ones_own_file_comes_first(void **state)
{
	(void)state;
	put("[tlb]\nperf::BRANCHES\n[mine]\nperf::CYCLES\n");
	put_at("b.events", "[mine]\nperf::BRANCHES\n", 22);
	assert_int_equal(groups_read_all(&groups, folder, COUNTERS_FOLDER, "icx", error, sizeof(error)), 0);
	assert_string_equal(groups_find(&groups, "tlb")->lines[0].set, "perf::BRANCHES");
	assert_string_equal(groups_find(&groups, "mine")->lines[0].set, "perf::CYCLES");
	assert_non_null(strstr(groups_find(&groups, "walks")->file, "icx.events"));
	assert_non_null(strstr(groups_find(&groups, "faults")->file, "generic.events"));
}

static void a_folder_may_have_any_name(void **state)
{
	char odd[128], file[160];

	(void)state;
	snprintf(odd, sizeof(odd), "%s/[a]*?\\b", folder);
	assert_int_equal(mkdir(odd, 0700), 0);
	put_at("[a]*?\\b/c.events", "[mine]\nperf::CYCLES\n", 20);
	assert_int_equal(groups_read_all(&groups, odd, NULL, "icx", error, sizeof(error)), 0);
	snprintf(file, sizeof(file), "%s/c.events", odd);
	unlink(file);
	rmdir(odd);
	assert_non_null(groups_find(&groups, "mine"));
}

static void assert_broken(const char *text, size_t len, const char *says)
{
	groups_free(&groups);
	put_at("a.events", text, len);
	if (!groups_read(&groups, path, error, sizeof(error)))
		fail_msg("taken, instead of: %s", says);
	if (!strstr(error, says))
		fail_msg("'%s' does not say '%s'", error, says);
}

static void broken_files_are_refused_with_their_line(void **state)
{
	static char text[GROUP_FILE_MAX + 4096];
	unsigned i;
	size_t len;

	(void)state;
#define BROKEN(text, says) assert_broken(text, sizeof(text) - 1, says)
	BROKEN("perf::CYCLES\n", "a.events:1: events before the first [group]");
	BROKEN("[tlb\n", "a.events:1: a group begins with [NAME]");
	BROKEN("[]\n", "a group's name has");
	BROKEN("[TLB]\n", "a group's name has");
	BROKEN("[a/b]\n", "a group's name has");
	BROKEN("[abcdefghijklmnopqrstuvwxyz0123456]\n", "a group's name has");
	BROKEN("[tlb]\n", "the group tlb has no events");
	BROKEN("[tlb]\na\n[tlb]\nb\n", "a.events:3: the group tlb is there twice");
	BROKEN("[tlb]\nperf::\033[31m\n", "a.events:2: a character that is not printable");
	BROKEN("[tlb]\nperf\xc3\xa9\n", "not printable");
	BROKEN("[tlb]\nper\0f\n", "a NUL byte");
	BROKEN("[tlb]\nperf::CYCLES\0", "a NUL byte");
	BROKEN("[tlb]\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", "a.events:10: more than 8 lines");
	for (i = 0, len = 0; i <= GROUPS_MAX; i++)
		len += (size_t)sprintf(text + len, "[g%u]\na\n", i);
	assert_broken(text, len, "more than 32 groups");
	len = (size_t)sprintf(text, "[g]\n");
	memset(text + len, 'a', COUNTER_SET_TEXT_MAX);
	assert_broken(text, len + COUNTER_SET_TEXT_MAX, "at most 1023 characters");
	memset(text + len, 'a', 3 * COUNTER_SET_TEXT_MAX);
	assert_broken(text, len + 3 * COUNTER_SET_TEXT_MAX, "a line has at most");
	memset(text, '\n', sizeof(text));
	assert_broken(text, sizeof(text), "at most 65536 bytes");
	groups_free(&groups);
	assert_int_equal(groups_read(&groups, "/nonexistent/a.events", error, sizeof(error)), -ENOENT);
	assert_int_equal(groups_read(&groups, "/dev/zero", error, sizeof(error)), -E2BIG);	/* and comes to an end */
	assert_int_equal(groups_read(&groups, folder, error, sizeof(error)) != 0, 1);
}

/* ---- whose CPU ---- */

static void models_and_their_names(void **state)
{
	(void)state;
	assert_string_equal(microarchitecture_of("GenuineIntel", 6, 0x55, 4), "skx");
	assert_string_equal(microarchitecture_of("GenuineIntel", 6, 0x55, 7), "clx");
	assert_string_equal(microarchitecture_of("GenuineIntel", 6, 0x6a, 6), "icx");
	assert_string_equal(microarchitecture_of("GenuineIntel", 6, 0x8f, 8), "spr");
	assert_string_equal(microarchitecture_of("GenuineIntel", 6, 0xcf, 2), "emr");
	assert_string_equal(microarchitecture_of("GenuineIntel", 6, 0xad, 1), "gnr");
	assert_string_equal(microarchitecture_of("AuthenticAMD", 0x17, 0x01, 2), "generic");
	assert_string_equal(microarchitecture_of("AuthenticAMD", 0x17, 0x31, 0), "zen2");
	assert_string_equal(microarchitecture_of("AuthenticAMD", 0x17, 0x71, 0), "zen2");
	assert_string_equal(microarchitecture_of("AuthenticAMD", 0x19, 0x01, 1), "zen3");
	assert_string_equal(microarchitecture_of("AuthenticAMD", 0x19, 0x50, 0), "zen3");
	assert_string_equal(microarchitecture_of("AuthenticAMD", 0x19, 0x11, 1), "zen4");
	assert_string_equal(microarchitecture_of("AuthenticAMD", 0x19, 0xa0, 2), "zen4");
	assert_string_equal(microarchitecture_of("AuthenticAMD", 0x1a, 0x02, 1), "zen5");
	assert_string_equal(microarchitecture_of("AuthenticAMD", 0x1a, 0x11, 0), "zen5");
	assert_string_equal(microarchitecture_of("AuthenticAMD", 0x1b, 0x11, 0), "generic");
	assert_string_equal(microarchitecture_of("GenuineIntel", 6, 0x9e, 0), "generic");
	assert_non_null(microarchitecture_here());
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fresh, away)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_event_of_every_file_encodes),
		CASE(every_microarchitecture_has_the_five_groups),
		CASE(a_broken_event_of_a_file_does_not_encode),
		CASE(lines_comments_and_spaces),
		CASE(ones_own_file_comes_first),
		CASE(a_folder_may_have_any_name),
		CASE(broken_files_are_refused_with_their_line),
		CASE(models_and_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
