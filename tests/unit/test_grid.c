// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells arranged in grids, and figures as text and as data for gnuplot. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "figure.h"
#include "grid.h"
#include "records.h"
#include "text.h"

static void a_grid_has_entry_vma_and_vma_only_from_left_to_right(void **state)
{
	const struct cell *firsts[GRIDS_MAX];
	struct grid *grid;

	(void)state;
	add_env("a", "6.12", "insn");
	add_trial("a", CELL("one", "vma-only"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	add_trial("a", CELL("one", "strange"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	add_trial("a", CELL("two", "vma"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	add_env("b", "6.1", "insn");
	add_trial("b", CELL("two", "entry"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	add_env("c", "6.1", "ns");
	add_trial("c", "'workload':'one','policy':'vma','clock':'ns'", "ok", EXPECT("0", "none") TRACED("4", "0"));
	assert_int_equal(grid_firsts(&summary, firsts), 2);	/* the clocks do not mix */
	grid = grid_make(&summary, firsts[0]);
	assert_non_null(grid);
	assert_int_equal(grid->nr_columns, 4);
	assert_string_equal(grid->columns[0].policy, "entry");
	assert_string_equal(grid->columns[1].policy, "vma");
	assert_string_equal(grid->columns[2].policy, "vma-only");
	assert_string_equal(grid->columns[3].policy, "strange");
	assert_int_equal(grid->nr_workloads, 2);
	assert_null(grid->cells[0][0]);
	assert_string_equal(grid->cells[1][0]->policy, "entry");
	assert_false(grid->cut);
	free(grid);
}

static void policies_on_request_stand_right_of_the_three(void **state)
{
	static const char *const across[] = { "entry", "vma", "vma-only", "upgrade", "vma-unsafe", "unknown" };
	const struct cell *firsts[GRIDS_MAX];
	struct grid *grid;

	(void)state;
	add_env("a", "6.12", "insn");
	add_trial("a", CELL("one", "unknown"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	add_trial("a", CELL("one", "vma-unsafe"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	add_trial("a", CELL("one", "upgrade"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	add_trial("a", CELL("one", "vma-only"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	add_trial("a", CELL("one", "vma"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	add_trial("a", CELL("one", "entry"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	assert_int_equal(grid_firsts(&summary, firsts), 1);
	grid = grid_make(&summary, firsts[0]);
	assert_non_null(grid);
	assert_int_equal(grid->nr_columns, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_string_equal(grid->columns[i].policy, across[i]);
	free(grid);
}

static int add_sized(const char *trigger, unsigned pages, unsigned page_bytes)
{
	return add("{'type':'trial','run':'a','workload':'one','policy':'vma','source':'native','trigger':'%s','pages':%u,"
		   "'page_bytes':%u,'clock':'insn','block':0,'order':0,'outcome':'ok','traced':true,'expected':{},'faults':{},"
		   "'migrate':{},'write':{},'why':{}}", trigger, pages, page_bytes);
}

static void page_sizes_and_triggers_do_not_mix(void **state)
{
	const struct cell *firsts[GRIDS_MAX];

	(void)state;
	add_env("a", "6.12", "insn");
	assert_int_equal(add_sized("move_pages", 8, 4096), 0);
	assert_int_equal(add_sized("move_pages", 8, 2097152), 0);
	assert_int_equal(add_sized("mbind", 8, 2097152), 0);
	assert_int_equal(add_sized("mbind", 8, 2097152), 0);
	assert_int_equal(summary.nr_cells, 3);
	assert_int_equal(grid_firsts(&summary, firsts), 3);
	assert_int_equal(firsts[1]->page_bytes, 2097152);
	assert_string_equal(firsts[2]->trigger, "mbind");
}

static void figures_read_well(void **state)
{
	const struct spread none = { 0 }, narrow = { 3, 10111.6, 10112.4, 10113, NULL }, wide = { 3, 12, 12.5, 14, NULL };
	char text[128];

	(void)state;
	assert_string_equal(text_count(0, text, sizeof(text)), "0");
	assert_string_equal(text_count(999, text, sizeof(text)), "999");
	assert_string_equal(text_count(1234567, text, sizeof(text)), "1,234,567");
	assert_string_equal(text_count(UINT64_MAX, text, sizeof(text)), "18,446,744,073,709,551,615");
	assert_string_equal(text_per_page(4096, 4096, 4096, text, sizeof(text)), "1");
	assert_string_equal(text_per_page(0, 256, 256, text, sizeof(text)), "0..1");
	assert_string_equal(text_per_page(4095, 4095, 4096, text, sizeof(text)), "4,095 in 4,096");
	assert_string_equal(text_per_page(250, 256, 256, text, sizeof(text)), "250..256 in 256");
	assert_string_equal(text_per_page(NOT_MEASURED, NOT_MEASURED, 256, text, sizeof(text)), "?");
	assert_string_equal(text_spread(&none, text, sizeof(text)), "-");
	assert_string_equal(text_spread(&narrow, text, sizeof(text)), "10,112");
	assert_string_equal(text_spread(&wide, text, sizeof(text)), "12.5 (12.0..14.0)");
	assert_string_equal(text_kernel("6.12.117+deb12-cloud-amd64", text, sizeof(text)), "6.12.117");
	assert_string_equal(text_kernel("6.1.0-56-cloud-amd64", text, sizeof(text)), "6.1.0-56");
	assert_string_equal(text_kernel("6.13.0-rc4-mine", text, sizeof(text)), "6.13.0");
	assert_string_equal(text_kernel("next-20240101", text, sizeof(text)), "next-20240101");
	assert_string_equal(text_bytes(4096, text, sizeof(text)), "4 KiB");
	assert_string_equal(text_bytes(2 << 20, text, sizeof(text)), "2 MiB");
	assert_string_equal(text_bytes(1000, text, sizeof(text)), "1,000 bytes");
	assert_string_equal(text_count(1234567, text, 4), "1,2");	/* cut, not overrun */
}

/* gnuplot would run `...` and "< ...": nothing of that sort may get into the data. */
static void hostile_labels_are_harmless_in_figure_data(void **state)
{
	const struct cell *firsts[GRIDS_MAX];
	const struct gather gather = { 0 };
	struct figure_input input = { .gather = &gather, .formats = "svg" };
	struct grid *grid;
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);

	(void)state;
	add_env("`touch x`", "$(reboot)<\\t\\n\\u001b[2J", "insn");
	add_trial("`touch x`", CELL("< rm -rf \\\"x\\\"\\n\\n\\n{/Symbol a}\\u0007|@^~#", "entry`id`"), "ok",
		  "'reason':null," EXPECT("4", "\\\"; system(\\\"id") TRACED("0", "4"));
	assert_int_equal(grid_firsts(&summary, firsts), 1);
	grid = grid_make(&summary, firsts[0]);
	input.grid = grid;
	for (unsigned i = 0; figures[i].name; i++) {
		if (!figures[i].missing(&input))
			figures[i].write(file, &input);
	}
	fclose(file);
	free(grid);
	for (const char *c = text; *c; c++) {
		assert_null(strchr("`$\"'\\<>{}@^~|&%[]", *c));
		assert_true(*c == '\n' || *c == '\t' || (*c >= ' ' && *c <= '~'));
	}
	assert_non_null(strstr(text, "\n0\t? rm -rf ?x?"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_grid_has_entry_vma_and_vma_only_from_left_to_right),
		TEST(policies_on_request_stand_right_of_the_three),
		TEST(page_sizes_and_triggers_do_not_mix),
		TEST(figures_read_well),
		TEST(hostile_labels_are_harmless_in_figure_data),
	};

	return cmocka_run_group_tests_name("grid", tests, NULL, NULL);
}
