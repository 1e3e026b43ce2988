// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Room for trials: what they are said to take, what is refused, and what the harness itself takes a page. The trials here are
 * whole ones but for the migration, so they need neither a second node nor privilege.
 */
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "mapping.h"
#include "matrix.h"
#include "named.h"
#include "room.h"

#define MIB (UINT64_C(1) << 20)

extern const struct trigger trigger_move_pages, trigger_compaction;

static uint64_t needed(const char *name, const struct trigger *trigger, uint64_t entries)
{
	return memory_bytes(workload_named(name), trigger, &workload_named(name)->state, false, entries);
}

static uint64_t fitting(const struct room *room, const char *name, const struct trigger *trigger, const char **what)
{
	return room_for(room, workload_named(name), trigger, &workload_named(name)->state, what);
}

/* ---- what is said ---- */

static void a_trial_takes_the_region_and_24_bytes_a_page(void **state)
{
	(void)state;
	assert_int_equal(needed("shmem-shared", &trigger_move_pages, 1000), 32 * MIB + 1000 * (4096 + 24));
	assert_int_equal(needed("thp-anon", &trigger_move_pages, 1000), 32 * MIB + 1000 * (2 * MIB + 24));
}

static void what_copies_or_keeps_another_page_takes_it_twice(void **state)
{
	static const char *const twice[] = { "anon-fork", "ksm", "file-shared-dirty", "file-private-cow", "shmem-private-cow",
					     "swapoff-anon" };
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(twice) / sizeof(twice[0]); i++)
		assert_int_equal(needed(twice[i], &trigger_move_pages, 1000), 32 * MIB + 1000 * (2 * 4096 + 24));
}

/* A guest of 1 GiB a node had room for 57,736 of 98,000 pages in its second trial of file-shared-clean. */
static void a_ramdisk_keeps_two_files_in_memory(void **state)
{
	const struct workload *w = workload_named("file-shared-clean");

	(void)state;
	assert_int_equal(memory_bytes(w, &trigger_move_pages, &w->state, true, 1000), 32 * MIB + 1000 * (3 * 4096 + 24));
	w = workload_named("shmem-shared");
	assert_int_equal(memory_bytes(w, &trigger_move_pages, &w->state, true, 1000), 32 * MIB + 1000 * (4096 + 24));
}

static void compaction_says_what_its_pool_takes(void **state)
{
	(void)state;
	assert_true(needed("shmem-shared", &trigger_compaction, 1000) > needed("shmem-shared", &trigger_move_pages, 1000) +
		    8 * 1000 * 4096);
}

static void the_narrowest_room_decides_and_is_named(void **state)
{
	const struct room all = { 1000 * MIB, 1000 * MIB, 1000 * MIB, 1000 * MIB, false };
	struct room room = all;
	const char *what;
	uint64_t most;

	(void)state;
	room.from = 164 * MIB;
	assert_int_equal(fitting(&room, "shmem-shared", &trigger_move_pages, &what), 100 * MIB / (4096 + 24));
	assert_string_equal(what, "the source node");
	assert_int_equal(fitting(&room, "shmem-private-cow", &trigger_move_pages, &what), 100 * MIB / (2 * 4096 + 24));
	room = all;
	room.to = 74 * MIB;
	assert_int_equal(fitting(&room, "thp-anon", &trigger_move_pages, &what), 5);
	assert_string_equal(what, "the target node");
	room = all;
	room.file = 14 * MIB;
	assert_int_equal(fitting(&room, "file-shared-dirty", &trigger_move_pages, &what), 10 * MIB / 4096);
	assert_string_equal(what, "the filesystem");
	assert_true(fitting(&room, "shmem-shared", &trigger_move_pages, NULL) > 10 * MIB / 4096);
	room = (struct room){ 132 * MIB, UINT64_MAX, UINT64_MAX, UINT64_MAX, false };
	most = fitting(&room, "shmem-shared", &trigger_move_pages, &what);
	assert_string_equal(what, "memory");
	assert_true(needed("shmem-shared", &trigger_move_pages, most) <= room.memory);
	assert_true(needed("shmem-shared", &trigger_move_pages, most + 1) > room.memory);
}

static void nothing_fits_what_is_too_small_for_the_harness(void **state)
{
	const struct room room = { 32 * MIB, UINT64_MAX, UINT64_MAX, UINT64_MAX, false };

	(void)state;
	assert_int_equal(fitting(&room, "shmem-shared", &trigger_move_pages, NULL), 0);
}

static void the_largest_sizes_do_not_overflow(void **state)
{
	unsigned w, i;

	(void)state;
	for (w = 0; workloads[w]; w++)
		for (i = 0; triggers[i]; i++) {
			uint64_t entries = entries_of(workloads[w], UINT64_C(1) << 40);
			uint64_t bytes = memory_bytes(workloads[w], triggers[i], &workloads[w]->state, true, entries);

			assert_true(bytes > entries * mapped_bytes(workloads[w]->state.mapped_by));
			assert_true(bytes < INT64_MAX);
		}
}

static void what_does_not_fit_is_refused_with_the_figure_that_does(void **state)
{
	const struct room room = { 132 * MIB, UINT64_MAX, UINT64_MAX, UINT64_MAX, false };
	struct group group = { .workload = workload_named("shmem-shared"), .trigger = &trigger_move_pages, .pages = 1 << 20 };
	const struct plan plan = { .groups = &group, .nr_groups = 1 };
	char error[400], figure[40];

	(void)state;
	group.state = group.workload->state;
	assert_int_equal(plan_fits(&plan, &room, error, sizeof(error)), -EINVAL);
	snprintf(figure, sizeof(figure), "room for %" PRIu64 " pages", fitting(&room, "shmem-shared", &trigger_move_pages, NULL));
	assert_non_null(strstr(error, figure));
	group.pages = fitting(&room, "shmem-shared", &trigger_move_pages, NULL);
	assert_int_equal(plan_fits(&plan, &room, error, sizeof(error)), 0);
}

static void base_pages_and_entries_agree(void **state)
{
	const struct workload *huge = workload_named("thp-anon"), *small = workload_named("anon-private");
	uint64_t n;

	(void)state;
	for (n = 1; n < 100; n++) {
		assert_int_equal(entries_of(huge, base_pages_of(huge, n)), n);
		assert_int_equal(entries_of(huge, base_pages_of(huge, n) + 1), n + 1);
		assert_int_equal(base_pages_of(small, n), n);
	}
}

/* ---- what the harness takes ---- */

/* What the trial's process has allocated when it checks its pages; in memory that it shares with this one. */
static uint64_t *allocated;

static int look(struct trial *t)
{
	struct mallinfo2 info = mallinfo2();

	*allocated = info.uordblks + info.hblkhd;
	return check_pages(t);
}

static int nothing(struct trial *t, struct migration *m)
{
	(void)t, (void)m;
	return 0;
}

static int none(struct trial *t, struct migration *m, uint64_t *migrated, uint64_t *failed)
{
	(void)t, (void)m;
	*migrated = *failed = 0;
	return 0;
}

static const struct trial_report *whole_trial(uint64_t pages)
{
	static const struct trigger trigger = { .name = "none", .partial = true, .place = nothing, .prepare = nothing,
						.migrate = nothing, .prove = none };
	const struct workload w = { .name = "shared", .setup = map_shared_anon, .check = look };
	const struct trial_spec spec = { .workload = &w, .trigger = &trigger, .pages = pages, .clock = CLOCK_NS, .time_limit_s = 100 };
	static volatile sig_atomic_t stop;
	static struct trial_report *report;

	report = report ? report : trial_report_new();
	assert_non_null(report);
	assert_int_equal(trial_run(&spec, report, &stop), 0);
	return report;
}

static void a_trial_keeps_24_bytes_a_page_and_no_byte_more(void **state)
{
	const uint64_t pages = 131072, slack = 64 << 10;
	uint64_t fixed;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	assert_string_equal(whole_trial(1)->record.reason, "");
	fixed = *allocated;
	assert_string_equal(whole_trial(pages)->record.reason, "");
	assert_in_range(*allocated - fixed, 24 * (pages - 1), 24 * pages + slack);
}

/* WBIT_FULL: a million pages too, 4 GiB, where this machine has them. */
static void with_all_it_takes_a_trial_stays_within_32_mib_and_24_bytes_a_page(void **state)
{
	static const uint64_t sizes[] = { 1, 256, 65536, 1048576 };
	struct rusage usage;
	uint64_t own, fixed = 0;
	unsigned i;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	for (i = 0; i < 4; i++) {
		if (sizes[i] > 65536 && (!getenv("WBIT_FULL") || memory_available() < 2 * 4096 * sizes[i]))
			break;
		assert_string_equal(whole_trial(sizes[i])->record.reason, "");
		assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);	/* the largest child, which the last one is */
		own = ((uint64_t)usage.ru_maxrss << 10) - (sizes[i] > 1024 ? sizes[i] * 4096 : 0);
		print_message("%" PRIu64 " pages: %" PRIu64 " KiB besides the region\n", sizes[i], own >> 10);
		fixed = fixed ? fixed : own;
		assert_true(own <= 32 * MIB + 24 * sizes[i]);
		assert_true(own <= fixed + 3 * MIB + 24 * sizes[i]);	/* at a million pages, an array of 4 bytes more shows */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_all_it_takes_a_trial_stays_within_32_mib_and_24_bytes_a_page),
		cmocka_unit_test(a_trial_keeps_24_bytes_a_page_and_no_byte_more),
		cmocka_unit_test(a_trial_takes_the_region_and_24_bytes_a_page),
		cmocka_unit_test(what_copies_or_keeps_another_page_takes_it_twice),
		cmocka_unit_test(a_ramdisk_keeps_two_files_in_memory),
		cmocka_unit_test(compaction_says_what_its_pool_takes),
		cmocka_unit_test(the_narrowest_room_decides_and_is_named),
		cmocka_unit_test(nothing_fits_what_is_too_small_for_the_harness),
		cmocka_unit_test(the_largest_sizes_do_not_overflow),
		cmocka_unit_test(what_does_not_fit_is_refused_with_the_figure_that_does),
		cmocka_unit_test(base_pages_and_entries_agree),
	};

	allocated = mmap(NULL, sizeof(*allocated), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return allocated == MAP_FAILED ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
