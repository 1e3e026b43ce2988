// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells of runs by pairs of nodes, and of those that are not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "compare.h"
#include "grid.h"
#include "records.h"

static void add_env_by_pairs(const char *run)
{
	add("{'type':'env','schema':0,'run':'%s','kernel':'6.12','platform':'lab-exact','clock':'insn','pairs':true}", run);
}

#define NODES(from, to) "'from':" from ",'to':" to ","
#define FAULTS(n) EXPECT("4", "cow-reuse") TRACED("4", n)

static void each_pair_is_a_cell_where_the_run_is_by_pairs(void **state)
{
	char way[80];

	(void)state;
	add_env_by_pairs("a");
	add_trial("a", CELL("one", "vma"), "ok", NODES("0", "1") FAULTS("4"));
	add_trial("a", CELL("one", "vma"), "ok", NODES("1", "0") FAULTS("4"));
	add_trial("a", CELL("one", "vma"), "ok", NODES("0", "1") FAULTS("4"));
	assert_int_equal(summary.nr_cells, 2);
	assert_int_equal(summary.cells[0].traced.trials, 2);
	assert_true(summary.cells[1].of_pair);
	assert_int_equal(summary.cells[1].from, 1);
	assert_int_equal(summary.cells[1].to, 0);
	assert_true(cell_compare_ways(&summary.cells[0], &summary.cells[1]) < 0);
	assert_int_equal(cell_compare_ways_anywhere(&summary.cells[0], &summary.cells[1]), 0);
	assert_true(cell_is_elsewhere(&summary.cells[0], &summary.cells[1]));
	assert_string_equal(cell_way(&summary.cells[1], way, sizeof(way)), "move_pages, node 1 to 0");
}

static void without_it_a_cell_may_have_several_pairs_as_ever(void **state)
{
	char way[80];

	(void)state;
	add_env("a", "6.12", "insn");
	add_trial("a", CELL("one", "vma"), "ok", NODES("0", "1") FAULTS("4"));
	add_trial("a", CELL("one", "vma"), "ok", NODES("1", "0") FAULTS("4"));
	assert_int_equal(summary.nr_cells, 1);
	assert_false(summary.cells[0].of_pair);
	assert_string_equal(cell_way(&summary.cells[0], way, sizeof(way)), "move_pages");
}

static void what_stays_on_a_node_has_one_in_its_name(void **state)
{
	char way[80];

	(void)state;
	add_env_by_pairs("a");
	add_trial("a", CELL("one", "vma"), "ok", NODES("2", "2") FAULTS("4"));
	assert_string_equal(cell_way(&summary.cells[0], way, sizeof(way)), "move_pages, node 2");
}

static void pairs_stand_in_tables_of_their_own(void **state)
{
	const struct cell *firsts[GRIDS_MAX];
	struct grid *grid;

	(void)state;
	add_env_by_pairs("a");
	add_trial("a", CELL("one", "vma"), "ok", NODES("0", "1") FAULTS("4"));
	add_trial("a", CELL("one", "vma"), "ok", NODES("1", "0") FAULTS("4"));
	add_trial("a", CELL("two", "vma"), "ok", NODES("0", "1") FAULTS("4"));
	assert_int_equal(grid_firsts(&summary, firsts), 2);
	grid = grid_make(&summary, firsts[0]);
	assert_non_null(grid);
	assert_int_equal(grid->nr_workloads, 2);
	free(grid);
}

static void a_pair_is_compared_with_the_same_pair(void **state)
{
	const struct compare_side a = { .summary = &summary, .run = 0 }, b = { .summary = &summary, .run = 1 };
	struct comparison c;

	(void)state;
	add_env_by_pairs("a");
	add_trial("a", CELL("one", "vma"), "ok", NODES("0", "1") FAULTS("4"));
	add_trial("a", CELL("one", "vma"), "ok", NODES("1", "0") FAULTS("4"));
	add_end("a", 2);
	add_env_by_pairs("b");
	add_trial("b", CELL("one", "vma"), "ok", NODES("1", "0") FAULTS("4"));
	add_trial("b", CELL("one", "vma"), "ok", NODES("0", "1") FAULTS("4"));
	add_trial("b", CELL("one", "vma"), "ok", NODES("0", "2") FAULTS("4"));
	add_end("b", 3);
	summary_finish(&summary);
	assert_int_equal(compare_make(&c, &a, &b, 0), 0);
	assert_int_equal(c.nr_pairs, 2);
	assert_int_equal(c.nr_new_only, 1);
	assert_int_equal(c.pairs[0].base->from, c.pairs[0].new->from);
	compare_free(&c);
}

static void a_run_by_pairs_is_not_compared_with_another(void **state)
{
	const struct compare_side a = { .summary = &summary, .run = 0 }, b = { .summary = &summary, .run = 1 };
	struct comparison c;

	(void)state;
	add_env_by_pairs("a");
	add_trial("a", CELL("one", "vma"), "ok", NODES("0", "1") FAULTS("4"));
	add_end("a", 1);
	add_env("b", "6.12", "insn");
	add_trial("b", CELL("one", "vma"), "ok", NODES("0", "1") FAULTS("4"));
	add_end("b", 1);
	summary_finish(&summary);
	assert_int_equal(compare_make(&c, &a, &b, 0), -EXDEV);
	assert_non_null(strstr(c.error, "one side was measured with --pairs"));
	compare_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_pair_is_a_cell_where_the_run_is_by_pairs),
		TEST(without_it_a_cell_may_have_several_pairs_as_ever),
		TEST(what_stays_on_a_node_has_one_in_its_name),
		TEST(pairs_stand_in_tables_of_their_own),
		TEST(a_pair_is_compared_with_the_same_pair),
		TEST(a_run_by_pairs_is_not_compared_with_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
