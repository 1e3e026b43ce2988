// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters of two sides: exact where twins counted, by the statistics of times where timed trials did. */
#include "sides.h"

#include "gate.h"

#define PAGES 256
#define TABLES 200
#define BLOCKS 12

static void add_run(struct summary *summary, const char *more)
{
	add(summary, "{'type':'env','schema':0,'run':'a','kernel':'6.12.1','platform':'vm','clock':'ns'%s}", more);
}

/* A twin or a timed trial with one counter in both regions; rest: further keys, each with its comma behind it. */
static void add_counted(struct summary *summary, bool traced, unsigned block, const char *name, unsigned long long migrate,
			unsigned long long write, const char *rest)
{
	add(summary, "{'type':'trial','run':'a','workload':'w','policy':'vma','source':'native','trigger':'move_pages','pages':%u,"
	    "'page_bytes':4096,'from':0,'to':1,'clock':'ns','block':%u,'order':0,'outcome':'ok','traced':%s,'expected':{},'faults':{},"
	    "'migrate':{'counters':{'%s':{'value':%llu,'enabled_ns':1,'running_ns':1}}},'write':{'counters':{'%s':{'value':%llu,"
	    "'enabled_ns':1,'running_ns':1}}},%s'why':{}}", PAGES, block, traced ? "true" : "false", name, migrate, name, write, rest);
}

/* ---- finding a counter's line ---- */

struct sought {
	const char *counter;
	bool write;
	struct difference found;
	unsigned nr;
};

static int seek(void *arg, const struct difference *line, bool explained)
{
	struct sought *sought = arg;

	assert_false(explained);
	if (!line->counter || strcmp(line->counter, sought->counter) || (line->figure == FIGURE_COUNTER_WRITE) != sought->write)
		return 0;
	sought->found = *line;
	sought->nr++;
	return 0;
}

static struct difference counter_line(const char *counter, bool write)
{
	struct sought sought = { .counter = counter, .write = write };

	assert_int_equal(compare_walk(&comparison, seek, &sought), 0);
	assert_int_equal(sought.nr, 1);
	return sought.found;
}

static unsigned counter_lines(const char *counter)
{
	struct sought sought = { .counter = counter };

	assert_int_equal(compare_walk(&comparison, seek, &sought), 0);
	return sought.nr;
}

/* ---- of twins ---- */

static void one_event_of_a_twin_is_found(void **state)
{
	struct difference line;
	double percent;

	(void)state;
	add_run(&base, "");
	add_run(&new, "");
	add_counted(&base, true, 0, "PAGE-FAULTS:u", 256, 0, "");
	add_counted(&new, true, 0, "PAGE-FAULTS:u", 257, 1, "");
	assert_int_equal(make(0), 0);
	line = counter_line("PAGE-FAULTS:u", false);
	assert_int_equal(line.verdict, VERDICT_MORE);
	assert_true(line.counted);
	assert_null(line.timing);
	assert_int_equal(line.new.most, 257);
	assert_close(line.change, 1.0 / PAGES);
	assert_true(difference_percent(&line, &percent));
	line = counter_line("PAGE-FAULTS:u", true);
	assert_int_equal(line.verdict, VERDICT_MORE);
	assert_false(difference_percent(&line, &percent));	/* from 0 */
	assert_int_equal(counts().differ, 1);
	assert_int_equal(comparison.nr_timed, 0);
}

static void equal_events_of_twins_are_equal(void **state)
{
	(void)state;
	add_run(&base, "");
	add_run(&new, "");
	add_counted(&base, true, 0, "e", 7, UINT64_C(9007199254740993), "");
	add_counted(&new, true, 0, "e", 7, UINT64_C(9007199254740992), "");	/* one double, and yet two counts */
	assert_int_equal(make(0), 0);
	assert_int_equal(counter_line("e", false).verdict, VERDICT_EQUAL);
	assert_int_equal(counter_line("e", true).verdict, VERDICT_LESS);
}

/* What was measured on one side alone says nothing, and is there for a gate to miss. */
static void a_counter_of_one_side_is_unknown(void **state)
{
	struct difference line;

	(void)state;
	add_run(&base, "");
	add_run(&new, "");
	add_counted(&base, true, 0, "old", 1, 1, "");
	add_counted(&new, true, 0, "young", 1, 1, "");
	assert_int_equal(make(0), 0);
	line = counter_line("old", true);
	assert_int_equal(line.verdict, VERDICT_UNKNOWN);
	assert_false(line.new.measured);
	line = counter_line("young", true);
	assert_int_equal(line.verdict, VERDICT_UNKNOWN);
	assert_false(line.base.measured);
	assert_int_equal(counts().differ, 0);
	assert_int_equal(counter_lines("other"), 0);
}

/* Nanoseconds ride on twins, and differ each time. */
static void a_clock_is_no_count(void **state)
{
	static const char asked[] = ",'counters':[{'name':'TASK-CLOCK','kind':'software','config':'0x1','why':null}]";

	(void)state;
	add_run(&base, asked);
	add_run(&new, asked);
	add_counted(&base, true, 0, "TASK-CLOCK", 100000, 50000, "");
	add_counted(&new, true, 0, "TASK-CLOCK", 120000, 50001, "");
	assert_int_equal(make(0), 0);
	assert_int_equal(counter_line("TASK-CLOCK", false).verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(counts().differ, 0);
	assert_int_equal(counts().counters.missing_base, 3);
	assert_int_equal(counts().times.missing_base, 0);
}

static void a_race_is_no_count_either(void **state)
{
	(void)state;
	add_run(&base, "");
	add_run(&new, "");
	add_counted(&base, true, 0, "PAGE-FAULTS:u", 0, 100, "'racing':true,");
	add_counted(&new, true, 0, "PAGE-FAULTS:u", 0, 120, "'racing':true,");
	assert_int_equal(make(0), 0);
	assert_int_equal(counter_line("PAGE-FAULTS:u", true).verdict, VERDICT_INCONCLUSIVE);
}

static void mixed_sides_compare_the_counts_of_twins_alone(void **state)
{
	const struct compare_side a = { .summary = &base }, b = { .summary = &new };

	(void)state;
	add_run(&base, ",'cpu':'x'");
	add_run(&new, ",'cpu':'y'");
	add_counted(&base, true, 0, "e", 1, 1, "");
	add_counted(&new, true, 0, "e", 1, 2, "");
	add_counted(&base, false, 0, "cycles:k", 1000, 1000, "");
	add_counted(&new, false, 0, "cycles:k", 1000, 1000, "");
	add_end(&base);
	add_end(&new);
	assert_int_equal(compare_make(&comparison, &a, &b, COMPARE_ALLOW_MIXED), 0);
	assert_int_equal(counter_line("e", true).verdict, VERDICT_MORE);
	assert_int_equal(counter_lines("cycles:k"), 0);
}

/* ---- of timed trials ---- */

static uint64_t seed;

/* SplitMix64 (Steele, Lea and Flood 2014); 0 <= result < 1 */
static double draw(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

/* Cycles of a region: 2 % of noise to either side, and now and then an interrupt in between. */
static unsigned long long cycles(double factor)
{
	return (unsigned long long)(PAGES * 4000 * factor * (0.98 + 0.04 * draw()) + (draw() < 0.05 ? 200000 : 0));
}

static void add_blocks(struct summary *summary, double factor)
{
	add_run(summary, "");
	for (unsigned block = 0; block < BLOCKS; block++)
		add_counted(summary, false, block, "cycles:k", cycles(factor), cycles(factor), "");
}

/* How many of the tables call the planted factor a difference. */
static unsigned found(double factor, enum verdict wanted)
{
	unsigned nr = 0;

	seed = 2022;
	for (unsigned i = 0; i < TABLES; i++) {
		enum verdict migrate, write;

		fresh(NULL);
		add_blocks(&base, 1);
		add_blocks(&new, factor);
		assert_int_equal(make(0), 0);
		assert_int_equal(comparison.nr_timed, 2);
		migrate = counter_line("cycles:k", false).verdict;
		write = counter_line("cycles:k", true).verdict;
		nr += wanted == NR_VERDICTS ? verdict_differs(migrate) || verdict_differs(write) :
					      migrate == wanted && write == wanted;
		away(NULL);
	}
	print_message("factor %.2f: %u of %u tables\n", factor, nr, TABLES);
	return nr;
}

static void five_percent_more_cycles_are_found(void **state)
{
	(void)state;
	assert_true(found(1.05, VERDICT_MORE) >= TABLES * 19 / 20);
	assert_true(found(1 / 1.05, VERDICT_LESS) >= TABLES * 19 / 20);
}

static void the_same_cycles_differ_no_more_often_than_promised(void **state)
{
	(void)state;
	assert_true(found(1, NR_VERDICTS) <= TABLES / 20);
}

static void policies_of_a_run_pair_by_blocks(void **state)
{
	const struct compare_side a = { &base, 0, "vma", "native" }, b = { &base, 0, "entry", "native" };
	struct difference line;

	(void)state;
	add_run(&base, "");
	for (unsigned block = 0; block < BLOCKS; block++) {
		for (unsigned entry = 0; entry < 2; entry++)	/* each block four times the one before: drift */
			add(&base, "{'type':'trial','run':'a','workload':'w','policy':'%s','source':'native','trigger':'move_pages',"
			    "'pages':1,'page_bytes':4096,'from':0,'to':1,'clock':'ns','block':%u,'order':0,'outcome':'ok','traced':false,"
			    "'expected':{},'faults':{},'migrate':{},'write':{'counters':{'c':{'value':%u,'enabled_ns':1,'running_ns':1}}},"
			    "'why':{}}", entry ? "entry" : "vma", block, (100 + 5 * entry) << 2 * block);
	}
	add_end(&base);
	assert_int_equal(compare_make(&comparison, &a, &b, 0), 0);
	line = counter_line("c", true);
	assert_int_equal(line.verdict, VERDICT_MORE);
	assert_int_equal(line.timing->by, TIMING_BLOCK);
	assert_int_equal(line.timing->nr_base, BLOCKS);
	assert_close(line.timing->change.value, 0.05);
	assert_string_equal(line.timing->word, "events");
}

/* A set that has its turn in every other block, or less often, has trials too few. */
static void what_few_blocks_carried_is_inconclusive(void **state)
{
	(void)state;
	add_run(&base, "");
	add_run(&new, "");
	for (unsigned block = 0; block < 3; block++) {
		add_counted(&base, false, block, "c", 1000, 1000, "");
		add_counted(&new, false, block, "c", 2000, 2000, "");
	}
	assert_int_equal(make(0), 0);
	assert_int_equal(counter_line("c", true).verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(counts().inconclusive, 1);
	assert_int_equal(counts().counters.missing_new, 1);
}

/* ---- gates ---- */

static enum gate_verdict judge(const char *spec, const struct difference *line)
{
	struct gate gate;
	double allowed;
	char error[200];

	if (gate_parse(spec, &gate, error, sizeof(error)))
		fail_msg("%s", error);
	return gate_judge(&gate, line, &allowed);
}

static void gates_name_a_counter_and_its_region(void **state)
{
	struct difference line;

	(void)state;
	add_run(&base, "");
	add_run(&new, "");
	add_counted(&base, true, 0, "a.b=c:u", 512, 512, "");
	add_counted(&new, true, 0, "a.b=c:u", 512, 518, "");
	assert_int_equal(make(0), 0);
	line = counter_line("a.b=c:u", true);
	assert_int_equal(judge("write.a.b=c:u=0", &line), GATE_TRIPS);
	assert_int_equal(judge("write.a.b=c:u=0.1", &line), GATE_PASSES);	/* 6 more in 256 pages */
	assert_int_equal(judge("write.a.b=c:u=1%", &line), GATE_TRIPS);
	assert_int_equal(judge("write.a.b=c:u=2%", &line), GATE_PASSES);
	assert_int_equal(judge("migrate.a.b=c:u=0", &line), GATE_NOT_ITS);
	assert_int_equal(judge("write.a.b=c=0", &line), GATE_NOT_ITS);
	assert_int_equal(judge("write.a.b=c:uu=0", &line), GATE_NOT_ITS);
	assert_int_equal(judge("write=0", &line), GATE_NOT_ITS);
	assert_int_equal(judge("faults=0", &line), GATE_NOT_ITS);
	line = counter_line("a.b=c:u", false);
	assert_int_equal(judge("migrate.a.b=c:u=0", &line), GATE_PASSES);
	line = line_of(FIGURE_OUTCOME, PAGES);
	assert_int_equal(judge("migrate.a.b=c:u=0", &line), GATE_NOT_ITS);
}

static void a_counter_that_the_new_side_lacks_is_undecided(void **state)
{
	struct difference line;

	(void)state;
	add_run(&base, "");
	add_run(&new, "");
	add_counted(&base, true, 0, "c", 1, 1, "");
	add_counted(&new, true, 0, "d", 1, 1, "");
	assert_int_equal(make(0), 0);
	line = counter_line("c", true);
	assert_int_equal(judge("write.c=0", &line), GATE_UNDECIDED);
}

static void bad_gates_of_counters_are_refused(void **state)
{
	static const char *const bad[] = { "write.=0", "write.c", "write.c=", "write.c=x", "faults.c=0", "writes.c=0", ".c=0", "write:c=0" };
	struct gate gate;
	char error[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (gate_parse(bad[i], &gate, error, sizeof(error)) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_event_of_a_twin_is_found),
		TEST(equal_events_of_twins_are_equal),
		TEST(a_counter_of_one_side_is_unknown),
		TEST(a_clock_is_no_count),
		TEST(a_race_is_no_count_either),
		TEST(mixed_sides_compare_the_counts_of_twins_alone),
		cmocka_unit_test(five_percent_more_cycles_are_found),
		cmocka_unit_test(the_same_cycles_differ_no_more_often_than_promised),
		TEST(policies_of_a_run_pair_by_blocks),
		TEST(what_few_blocks_carried_is_inconclusive),
		TEST(gates_name_a_counter_and_its_region),
		TEST(a_counter_that_the_new_side_lacks_is_undecided),
		TEST(bad_gates_of_counters_are_refused),
	};

	return cmocka_run_group_tests_name("compare_counters", tests, NULL, NULL);
}
