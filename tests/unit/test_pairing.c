// SPDX-License-Identifier: GPL-2.0-or-later
/* Which entry a restored PTE came from, and what that says of the policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "observe_judge.h"

enum { READ = 28, EXCLUSIVE = 29, WRITE = 30 };

#define PRESENT 0x1
#define PRESENT_W 0x3
#define PROT_NONE_W 0x102
#define ADDR 0x7f0000001000

struct fixture {
	struct pairing *pairing;
	struct pair_counts counts[NR_PAIR_LEVELS];
};

static struct fixture begin(void)
{
	struct fixture f = { pairing_new(), { { .restored = 0 } } };

	assert_non_null(f.pairing);
	return f;
}

static void set(struct fixture *f, uint32_t thread, uint64_t addr, int type)
{
	const struct pair_event e = { .addr = addr, .pte = (uint64_t)type << 59 | 0x1234500, .thread = thread, .what = PAIR_SET };

	pairing_add(f->pairing, &e, f->counts);
}

static void restore(struct fixture *f, uint32_t thread, uint64_t addr, uint64_t pte)
{
	const struct pair_event e = { .addr = addr, .pte = pte, .thread = thread, .what = PAIR_RESTORE };

	pairing_add(f->pairing, &e, f->counts);
}

static void end_batch(struct fixture *f, uint32_t thread)
{
	const struct pair_event e = { .thread = thread, .what = PAIR_BATCH_END };

	pairing_add(f->pairing, &e, f->counts);
}

/* All of the PTEs: from a type with W and without, and what else was counted. */
static void expect(struct fixture *f, int type, uint64_t w, uint64_t no_w, uint64_t untold, uint64_t gone)
{
	const struct pair_counts *c = &f->counts[PAIR_PTE];

	assert_int_equal(c->from[type][1], w);
	assert_int_equal(c->from[type][0], no_w);
	assert_int_equal(c->untold, untold);
	assert_int_equal(c->gone, gone);
	pairing_free(f->pairing);
}

static void a_batch_is_paired_page_by_page(void **state)
{
	struct fixture f = begin();
	int i;

	(void)state;
	for (i = 0; i < 512; i++)
		set(&f, 7, ADDR + i * 4096, i % 2 ? WRITE : READ);
	for (i = 511; i >= 0; i--)
		restore(&f, 7, ADDR + i * 4096, i % 4 == 1 ? PRESENT : PRESENT_W);
	end_batch(&f, 7);
	assert_int_equal(f.counts[PAIR_PTE].restored, 512);
	assert_int_equal(f.counts[PAIR_PTE].with_w, 384);
	assert_int_equal(f.counts[PAIR_PTE].entries[READ], 256);
	assert_int_equal(f.counts[PAIR_PTE].from[READ][1], 256);
	expect(&f, WRITE, 128, 128, 0, 0);
}

static void two_threads_at_one_address_are_kept_apart(void **state)
{
	struct fixture f = begin();

	(void)state;
	set(&f, 7, ADDR, READ);
	set(&f, 8, ADDR, WRITE);
	restore(&f, 8, ADDR, PRESENT_W);
	restore(&f, 7, ADDR, PRESENT);
	assert_int_equal(f.counts[PAIR_PTE].from[WRITE][1], 1);
	expect(&f, READ, 0, 1, 0, 0);
}

static void entries_of_one_kind_at_one_address_are_paired(void **state)
{
	struct fixture f = begin();

	(void)state;
	set(&f, 7, ADDR, READ);
	set(&f, 7, ADDR, READ);
	restore(&f, 7, ADDR, PRESENT);
	restore(&f, 7, ADDR, PRESENT_W);
	expect(&f, READ, 1, 1, 0, 0);
}

static void entries_of_two_kinds_at_one_address_are_not_guessed(void **state)
{
	struct fixture f = begin();

	(void)state;
	set(&f, 7, ADDR, READ);
	set(&f, 7, ADDR, WRITE);
	restore(&f, 7, ADDR, PRESENT_W);
	restore(&f, 7, ADDR, PRESENT_W);
	set(&f, 7, ADDR, READ);		/* and then all is as if new */
	restore(&f, 7, ADDR, PRESENT);
	expect(&f, READ, 0, 1, 2, 0);
}

static void what_fork_copied_is_untold(void **state)
{
	struct fixture f = begin();

	(void)state;
	set(&f, 7, ADDR, READ);
	restore(&f, 7, ADDR, PRESENT);
	restore(&f, 7, ADDR, PRESENT);
	expect(&f, READ, 0, 1, 1, 0);
}

static void an_entry_that_was_unmapped_ends_with_its_batch(void **state)
{
	struct fixture f = begin();

	(void)state;
	set(&f, 7, ADDR, READ);
	set(&f, 8, ADDR + 4096, WRITE);
	end_batch(&f, 7);
	set(&f, 7, ADDR, WRITE);	/* another page, there again */
	restore(&f, 7, ADDR, PRESENT_W);
	restore(&f, 8, ADDR + 4096, PRESENT_W);
	expect(&f, WRITE, 2, 0, 0, 1);
}

static void after_a_loss_nothing_goes_on(void **state)
{
	struct fixture f = begin();

	(void)state;
	set(&f, 7, ADDR, READ);
	pairing_forget(f.pairing);
	restore(&f, 7, ADDR, PRESENT_W);
	expect(&f, READ, 0, 0, 1, 0);
}

static void a_pmd_is_no_pte(void **state)
{
	struct fixture f = begin();
	const struct pair_event pmd = { .addr = ADDR, .pte = (uint64_t)WRITE << 59, .thread = 7, .what = PAIR_SET,
					.level = PAIR_PMD };

	(void)state;
	pairing_add(f.pairing, &pmd, f.counts);
	restore(&f, 7, ADDR, PRESENT_W);
	assert_int_equal(f.counts[PAIR_PMD].entries[WRITE], 1);
	expect(&f, WRITE, 0, 0, 1, 0);
}

static void the_w_of_a_swap_pte_is_no_w(void **state)
{
	struct fixture f = begin();

	(void)state;
	set(&f, 7, ADDR, WRITE);
	restore(&f, 7, ADDR, UINT64_C(26) << 59 | 0x2);
	set(&f, 7, ADDR, WRITE);
	restore(&f, 7, ADDR, PROT_NONE_W);
	assert_int_equal(f.counts[PAIR_PTE].with_w, 1);
	expect(&f, WRITE, 1, 0, 1, 0);
}

static void more_entries_than_there_is_room_for_are_untold(void **state)
{
	struct fixture f = begin();
	uint64_t i, n = 100000;

	(void)state;
	for (i = 0; i < n; i++)
		set(&f, 7, ADDR + i * 4096, WRITE);
	for (i = 0; i < n; i++)
		restore(&f, 7, ADDR + i * 4096, PRESENT_W);
	assert_int_equal(f.counts[PAIR_PTE].restored, n);
	assert_int_equal(f.counts[PAIR_PTE].from[WRITE][1] + f.counts[PAIR_PTE].untold, n);
	assert_true(f.counts[PAIR_PTE].from[WRITE][1] > 0);
	pairing_free(f.pairing);
}

/* ---- the verdict ---- */

static const struct observe_options known = {
	.types = { { [ENTRY_READ] = READ, [ENTRY_READ_EXCLUSIVE] = EXCLUSIVE, [ENTRY_WRITE] = WRITE } },
};

static struct observe_counts seen(void)
{
	struct observe_counts c = { .ns = 1 };

	c.level[PAIR_PTE].from[READ][1] = 3;
	c.level[PAIR_PTE].from[READ][0] = 5;
	c.level[PAIR_PTE].from[EXCLUSIVE][0] = 7;
	c.level[PAIR_PTE].from[WRITE][0] = 11;
	c.level[PAIR_PMD].from[READ][1] = 100;
	return c;
}

static void expect_verdict(const struct observe_verdict *v, uint64_t saved, uint64_t kept, uint64_t at_most, uint64_t exclusive,
			   uint64_t write)
{
	assert_true(v->vma_saved == saved && v->entry_kept == kept && v->entry_kept_at_most == at_most);
	assert_true(v->exclusive_without_w == exclusive && v->write_without_w == write);
}

static void under_vma_entry_kept_nothing(void **state)
{
	struct observe_counts c = seen();
	struct observe_verdict v;

	(void)state;
	observe_judge(&c, &known, POLICY_VMA, &v);
	expect_verdict(&v, 103, 0, 0, 7, 11);
}

static void under_entry_what_it_kept_is_bounded_not_known(void **state)
{
	struct observe_counts c = seen();
	struct observe_verdict v;

	(void)state;
	observe_judge(&c, &known, POLICY_ENTRY, &v);
	expect_verdict(&v, 103, NOT_MEASURED, 5, 7, 11);
	c.level[PAIR_PTE].from[READ][0] = 0;
	observe_judge(&c, &known, POLICY_ENTRY, &v);
	expect_verdict(&v, 103, 0, 0, 7, 11);
}

static void an_unknown_policy_is_treated_as_entry(void **state)
{
	struct observe_counts c = seen();
	struct observe_verdict v;

	(void)state;
	observe_judge(&c, &known, POLICY_UNKNOWN, &v);
	expect_verdict(&v, 103, NOT_MEASURED, 5, 7, 11);
}

static void nothing_is_said_without_pairs_kinds_or_all_records(void **state)
{
	struct observe_options options = known;
	struct observe_counts c = seen();
	struct observe_verdict v;

	(void)state;
	options.counts = true;
	observe_judge(&c, &options, POLICY_VMA, &v);
	expect_verdict(&v, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED);
	options = known;
	options.types.type[ENTRY_READ] = -1;
	observe_judge(&c, &options, POLICY_VMA, &v);
	expect_verdict(&v, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED);
	c.lost = 1;
	observe_judge(&c, &known, POLICY_VMA, &v);
	expect_verdict(&v, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_is_paired_page_by_page),
		cmocka_unit_test(two_threads_at_one_address_are_kept_apart),
		cmocka_unit_test(entries_of_one_kind_at_one_address_are_paired),
		cmocka_unit_test(entries_of_two_kinds_at_one_address_are_not_guessed),
		cmocka_unit_test(what_fork_copied_is_untold),
		cmocka_unit_test(an_entry_that_was_unmapped_ends_with_its_batch),
		cmocka_unit_test(after_a_loss_nothing_goes_on),
		cmocka_unit_test(a_pmd_is_no_pte),
		cmocka_unit_test(the_w_of_a_swap_pte_is_no_w),
		cmocka_unit_test(more_entries_than_there_is_room_for_are_untold),
		cmocka_unit_test(under_vma_entry_kept_nothing),
		cmocka_unit_test(under_entry_what_it_kept_is_bounded_not_known),
		cmocka_unit_test(an_unknown_policy_is_treated_as_entry),
		cmocka_unit_test(nothing_is_said_without_pairs_kinds_or_all_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
