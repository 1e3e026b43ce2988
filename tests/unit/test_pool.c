// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs of one kernel taken for its boots. */
#include "sides.h"

#include <limits.h>

#include "pool.h"

static void add_run(const char *run, const char *kernel, const char *clock)
{
	add(&base, "{'type':'env','schema':0,'run':'%s','kernel':'%s','platform':'vm','clock':'%s'}", run, kernel, clock);
}

static void add_write(const char *run, const char *workload, const char *clock, unsigned block, unsigned elapsed)
{
	add(&base, "{'type':'trial','run':'%s','workload':'%s','policy':'vma','source':'native','trigger':'compaction','pages':1,"
	    "'page_bytes':4096,'from':0,'to':0,'clock':'%s','block':%u,'order':0,'outcome':'ok','traced':false,'expected':{},"
	    "'faults':{},'migrate':{},'write':{'elapsed':%u,'waits':0},'why':{}}", run, workload, clock, block, elapsed);
}

static void add_faults(const char *run, unsigned faults)
{
	add(&base, "{'type':'trial','run':'%s','workload':'w','policy':'vma','source':'native','trigger':'compaction','pages':1,"
	    "'page_bytes':4096,'from':0,'to':0,'clock':'ns','block':0,'order':0,'outcome':'ok','traced':true,'expected':{},"
	    "'faults':{'write_protect':%u},'migrate':{},'write':{},'why':{}}", run, faults);
}

static void end_run(const char *run, unsigned trials)
{
	add(&base, "{'type':'end','run':'%s','trials':%u,'ok':0,'fail':0,'broken':0,'skip':0}", run, trials);
}

static void add_counter(const char *run, const char *name, unsigned value)
{
	add(&base, "{'type':'trial','run':'%s','workload':'w','policy':'vma','source':'native','trigger':'compaction','pages':1,"
	    "'page_bytes':4096,'from':0,'to':0,'clock':'ns','block':0,'order':0,'outcome':'ok','traced':false,'expected':{},"
	    "'faults':{},'migrate':{},'write':{'counters':{'%s':{'value':%u,'enabled_ns':1,'running_ns':1}}},'why':{}}", run, name,
	    value);
}

static void counters_are_pooled_by_name(void **state)
{
	const struct cell *cell;

	(void)state;
	add_run("a", "6.12.1", "ns");
	add_counter("a", "x", 1);
	add_counter("a", "x", 3);
	end_run("a", 2);
	add_run("b", "6.12.1", "ns");
	add_counter("b", "x", 8);
	add_counter("b", "y", 5);
	end_run("b", 2);
	summary_finish(&base);
	assert_int_equal(summary_pool_kernels(&base), 0);
	cell = &base.cells[0];
	assert_int_equal(cell->nr_counters, 2);
	assert_string_equal(cell->counters[0].name, "x");
	assert_int_equal(cell->counters[0].write.spread.n, 3);
	assert_true(cell->counters[0].write.spread.median == 3 && cell->counters[0].write.spread.max == 8);
	assert_int_equal(cell->counters[0].migrate.spread.n, 0);
	assert_true(cell->counters[1].write.spread.n == 1 && cell->counters[1].write.spread.median == 5);
	assert_true(cell->counters[0].write.least == 1 && cell->counters[0].write.most == 8);
	assert_true(cell->counters[0].varies);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(cell->counters[0].write.spread.samples[i].boot, i == 2);	/* 1 and 3, then 8 */
}

/* A race has no exact number: its share of faults is a figure of chance, and a boot's. */
static void add_race(const char *run, unsigned faults)
{
	add(&base, "{'type':'trial','run':'%s','workload':'w','policy':'vma','source':'native','trigger':'compaction','pages':1,"
	    "'page_bytes':4096,'from':0,'to':0,'clock':'ns','block':0,'order':0,'outcome':'ok','traced':true,"
	    "'racing':true,'expected':{'faults':null,'kind':'shared-reuse'},'faults':{'write_protect':%u},'migrate':{},'write':{},'why':{}}", run, faults);
}

static void figures_of_chance_have_their_boots(void **state)
{
	const struct spread *share;

	(void)state;
	add_run("a", "6.12.1", "ns");
	add_race("a", 0);
	end_run("a", 1);
	add_run("b", "6.12.1", "ns");
	add_race("b", 1);
	end_run("b", 1);
	summary_finish(&base);
	assert_int_equal(summary_pool_kernels(&base), 0);
	share = &base.cells[0].chances[CHANCE_SHARE];
	assert_int_equal(share->n, 2);
	assert_int_equal(share->samples[0].boot + share->samples[1].boot, 1);
}

static void runs_of_a_kernel_become_boots_of_one(void **state)
{
	const struct cell *cell;
	unsigned boots[2] = { 0, 0 };

	(void)state;
	add_run("a", "6.12.1", "ns");
	add_write("a", "w", "ns", 0, 100);
	add_faults("a", 0);
	end_run("a", 2);
	add_run("b", "6.12.2", "ns");
	end_run("b", 0);
	add_run("c", "6.12.1", "ns");
	for (unsigned i = 0; i < 20; i++)
		add_write("c", "w", "ns", i, 10 + i);
	add_write("c", "only", "ns", 0, 7);
	add_faults("c", 1);
	end_run("c", 22);
	summary_finish(&base);
	assert_int_equal(summary_pool_kernels(&base), 0);
	assert_int_equal(base.runs[0].boots, 2);
	assert_int_equal(base.runs[1].boots, 1);
	assert_int_equal(base.runs[2].boots, 0);
	assert_true(base.runs[0].ended);
	cell = &base.cells[0];
	assert_int_equal(cell->run, 0);
	assert_int_equal(cell->timed.trials, 21);
	assert_int_equal(cell->faults_min, 0);
	assert_int_equal(cell->faults_max, 1);
	assert_int_equal(cell->write.n, 21);
	assert_close(cell->write.median, 20);
	for (unsigned i = 0; i < cell->write.n; i++) {
		assert_in_range(cell->write.samples[i].boot, 0, 1);
		boots[cell->write.samples[i].boot]++;
	}
	assert_int_equal(boots[0], 1);
	assert_int_equal(boots[1], 20);
	assert_int_equal(base.cells[1].run, UINT_MAX);	/* folded */
	assert_string_equal(base.cells[2].workload, "only");
	assert_int_equal(base.cells[2].run, 0);
}

static void runs_of_one_boot_are_one(void **state)
{
	static const char *const boots[] = { "x", "x", "y", "x" };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		const char run[] = { (char)('a' + i), '\0' };

		add(&base, "{'type':'env','schema':0,'run':'%s','kernel':'6.12.1','platform':'vm','clock':'ns','boot_id':'%s'}", run,
		    boots[i]);
		add_write(run, "w", "ns", 0, i);
		end_run(run, 1);
	}
	summary_finish(&base);
	assert_int_equal(summary_pool_kernels(&base), 0);
	assert_int_equal(base.runs[0].boots, 2);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(base.cells[0].write.samples[i].boot, i == 2 ? 2 : 0);
}

static void one_cut_off_run_cuts_all(void **state)
{
	(void)state;
	add_run("a", "6.12.1", "ns");
	end_run("a", 0);
	add_run("b", "6.12.1", "ns");
	summary_finish(&base);
	assert_int_equal(summary_pool_kernels(&base), 0);
	assert_int_equal(base.runs[0].boots, 2);
	assert_false(base.runs[0].ended);
}

static void what_counts_instructions_is_left_alone(void **state)
{
	(void)state;
	add_run("a", "6.12.1", "insn");
	add_write("a", "w", "insn", 0, 5);
	end_run("a", 1);
	add_run("b", "6.12.1", "insn");
	add_write("b", "w", "insn", 0, 5);
	end_run("b", 1);
	summary_finish(&base);
	assert_int_equal(summary_pool_kernels(&base), 0);
	assert_int_equal(base.runs[0].boots, 1);
	assert_int_equal(base.runs[1].boots, 1);
	assert_int_equal(base.cells[1].run, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counters_are_pooled_by_name),
		TEST(figures_of_chance_have_their_boots),
		TEST(runs_of_a_kernel_become_boots_of_one),
		TEST(runs_of_one_boot_are_one),
		TEST(one_cut_off_run_cuts_all),
		TEST(what_counts_instructions_is_left_alone),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
