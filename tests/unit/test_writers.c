// SPDX-License-Identifier: GPL-2.0-or-later
/* Beside the migration: which pages are which writer's, which cells may have them, what is judged of them; a race that was none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "judge.h"
#include "matrix.h"
#include "named.h"
#include "plan.h"
#include "writers.h"

static void each_page_is_one_writers_in_each_round(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 3, 7, 64, 255, 256, 1000 };
	unsigned char seen[1000];
	unsigned s, n, k;
	uint64_t i;

	(void)state;
	for (s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (n = 1; n <= 5; n++) {
			memset(seen, 0, sizeof(seen));
			for (k = 0; k < n; k++)
				for (i = 0; i < writers_pages(k, n, sizes[s]); i++) {
					assert_true(writers_page(k, n, sizes[s], i) < sizes[s]);
					seen[writers_page(k, n, sizes[s], i)]++;
				}
			for (i = 0; i < sizes[s]; i++)
				assert_int_equal(seen[i], 1);
		}
}

static void neighbours_in_time_are_far_apart(void **state)
{
	uint64_t i, a, b;

	(void)state;
	for (i = 0; i + 1 < 256; i++) {
		a = writers_page(0, 1, 256, i);
		b = writers_page(0, 1, 256, i + 1);
		assert_true((a > b ? a - b : b - a) > 64);
	}
}

static void writers_are_barred_where_they_would_end_the_state(void **state)
{
	const struct page_state written = { .page = PAGE_ANON, .pte_write = true, .exclusive = true };
	const struct page_state tracked = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true };
	struct page_state racing = written;
	const struct trigger *move_pages = trigger_named("move_pages");

	(void)state;
	racing.racing = true;
	assert_null(writers_barred(&written, move_pages, SOURCE_NATIVE));
	assert_null(writers_barred(&written, move_pages, SOURCE_SWITCH));
	assert_non_null(strstr(writers_barred(&tracked, move_pages, SOURCE_NATIVE), "end the declared state"));
	assert_non_null(strstr(writers_barred(&racing, move_pages, SOURCE_NATIVE), "its own"));
	assert_non_null(strstr(writers_barred(&written, move_pages, SOURCE_EMULATED), "emulation"));
	assert_non_null(strstr(writers_barred(&written, trigger_named("compaction"), SOURCE_NATIVE), "which pages move"));
	assert_non_null(strstr(writers_barred(&written, trigger_named("numa-balancing"), SOURCE_NATIVE), "hinting"));
}

static const char *skip_with(unsigned nr_cpus)
{
	const struct needs_found found = { .have = ~(unsigned)NEED_SWITCH, .nr_cpus = nr_cpus };
	const struct kernel_facts facts = { .policy = POLICY_ENTRY, .found_at = POLICY_UNKNOWN };
	const struct run_options options = { .workloads = workloads, .workload_glob = "anon-private", .pages = { 256 },
					     .nr_sizes = 1, .blocks = 6, .threads = { 0, 2 }, .nr_threads = 2 };
	const char *skip;
	struct plan plan;

	assert_int_equal(plan_build(&plan, &options, &found, &facts), 0);
	assert_int_equal(plan.nr_groups, 2);
	assert_int_equal(plan.groups[0].beside, 0);
	assert_null(plan.groups[0].variants[0].skip);
	assert_int_equal(plan.groups[1].beside, 2);
	skip = plan.groups[1].variants[0].skip;
	/* a twin and six timed trials; with writers beside a twin for each block besides */
	assert_int_equal(plan.nr_trials, skip ? 7 + 1 : 7 + 13);
	plan_free(&plan);
	return skip;
}

static void each_writer_needs_a_cpu_besides_the_migrating_one(void **state)
{
	(void)state;
	assert_non_null(strstr(skip_with(2), "needs a CPU for each"));
	assert_null(skip_with(3));
}

/* A twin of 256 written private pages under vma-only, of which the writers paid 40 and the first write the others. */
static struct trial_record twin_beside(uint64_t faults)
{
	struct trial_record r;

	trial_record_init(&r);
	r.pages = r.migrated = r.entries[ENTRY_WRITE] = r.entries_all = r.restored = r.w_before = 256;
	r.failed = r.w_after = r.entries[ENTRY_READ] = r.entries[ENTRY_READ_EXCLUSIVE] = 0;
	r.traced = true;
	r.beside.threads = 1;
	r.beside.faults.write_protect = 40;
	r.faults.write_protect = r.faults.page_faults = faults;
	return r;
}

static void the_writers_and_the_first_write_pay_once_a_page_together(void **state)
{
	const struct page_state written = { .page = PAGE_ANON, .pte_write = true, .exclusive = true };
	struct trial_record r = twin_beside(256);

	(void)state;
	judge(&r, &written, POLICY_VMA_ONLY, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
	r = twin_beside(255);
	judge(&r, &written, POLICY_VMA_ONLY, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	r = twin_beside(257);
	judge(&r, &written, POLICY_VMA_ONLY, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	r = twin_beside(257);
	r.entries[ENTRY_WRITE] = r.entries_all = r.restored = 257;	/* a page that was tried twice may have paid twice */
	judge(&r, &written, POLICY_VMA_ONLY, false);
	assert_int_equal(r.outcome, OUTCOME_OK);
}

static void not_one_write_protection_fault_is_forgiven_under_vma(void **state)
{
	const struct page_state written = { .page = PAGE_ANON, .pte_write = true, .exclusive = true };
	struct trial_record r = twin_beside(1);

	(void)state;
	r.w_after = 256;
	judge(&r, &written, POLICY_VMA, false);
	assert_int_equal(r.outcome, OUTCOME_FAIL);
	assert_string_equal(r.reason, "1 write-protection faults, expected 0");
}

/* -EPROTO is a state that was not reached, which is tried again; any other error is a broken trial. */
static void a_race_that_meets_no_entry_is_not_an_error(void **state)
{
	static char page[4096];
	struct trial t = { .nr_pages = 1, .page_bytes = sizeof(page), .len_bytes = sizeof(page), .region = page };
	int tries, err = 0;

	(void)state;
	page[0] = 1;
	/* Another test's compaction may have the page in flight just then. Not each time. */
	for (tries = 0; tries < 50 && !err; tries++)
		err = wait_for_flight(&t);
	assert_int_equal(err, -EPROTO);
	assert_string_equal(t.reason, "the first page's migration entry was not met: the race was none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_page_is_one_writers_in_each_round),
		cmocka_unit_test(neighbours_in_time_are_far_apart),
		cmocka_unit_test(writers_are_barred_where_they_would_end_the_state),
		cmocka_unit_test(each_writer_needs_a_cpu_besides_the_migrating_one),
		cmocka_unit_test(the_writers_and_the_first_write_pay_once_a_page_together),
		cmocka_unit_test(not_one_write_protection_fault_is_forgiven_under_vma),
		cmocka_unit_test(a_race_that_meets_no_entry_is_not_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
