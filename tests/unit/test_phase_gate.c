// SPDX-License-Identifier: GPL-2.0-or-later
/* The gate around a phase, with a perf of the test's own at the other end: one that answers, one that dies, one that is silent. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "clock.h"
#include "phase_gate.h"

/* The other end: reads so many lines, and answers each with `answer`; "" is silence. Then it closes its ends. */
struct peer {
	int control[2], ack[2];
	const char *answer;
	size_t answer_len;
	unsigned lines;
	char heard[512];
	pthread_t thread;
};

static void *be_perf(void *arg)
{
	struct peer *p = arg;
	char line[GATE_LINE_MAX];

	for (unsigned i = 0; i < p->lines && !gate_hear(p->control[0], line, sizeof(line)); i++) {
		strncat(p->heard, line, sizeof(p->heard) - strlen(p->heard) - 1);
		strncat(p->heard, "|", sizeof(p->heard) - strlen(p->heard) - 1);
		if (p->answer_len && write(p->ack[1], p->answer, p->answer_len) < 0)
			break;
	}
	if (!p->answer_len)	/* silent, and there */
		return NULL;
	close(p->control[0]);
	close(p->ack[1]);
	return NULL;
}

static struct phase_gate with_peer(struct peer *p, const char *event, const char *answer, size_t answer_len, unsigned lines)
{
	struct phase_gate gate;

	assert_int_equal(gate_init(&gate, PHASE_WRITE, event), 0);
	*p = (struct peer){ .answer = answer, .answer_len = answer_len, .lines = lines };
	assert_int_equal(pipe2(p->control, O_CLOEXEC), 0);
	assert_int_equal(pipe2(p->ack, O_CLOEXEC), 0);
	gate.control_fd = p->control[1];
	gate.ack_fd = p->ack[0];
	gate.limit_ms = 100;
	assert_int_equal(pthread_create(&p->thread, NULL, be_perf, p), 0);
	return gate;
}

static void no_peer(struct peer *p)
{
	pthread_join(p->thread, NULL);
	close(p->control[1]);
	close(p->ack[0]);
	if (!p->answer_len) {
		close(p->control[0]);
		close(p->ack[1]);
	}
}

static void perf_is_told_before_and_behind_the_phase(void **state)
{
	struct peer p;
	struct phase_gate gate = with_peer(&p, NULL, "ack\n", 4, 2);

	(void)state;
	assert_int_equal(gate_enable(&gate, PHASE_WRITE), 0);
	assert_int_equal(gate_disable(&gate, PHASE_WRITE), 0);
	no_peer(&p);
	assert_string_equal(p.heard, "enable|disable|");
}

static void one_event_is_named(void **state)
{
	struct peer p;
	struct phase_gate gate = with_peer(&p, "cpu-clock", "ack\n", 4, 2);

	(void)state;
	assert_int_equal(gate_enable(&gate, PHASE_WRITE), 0);
	assert_int_equal(gate_disable(&gate, PHASE_WRITE), 0);
	no_peer(&p);
	assert_string_equal(p.heard, "enable cpu-clock|disable cpu-clock|");
}

static void the_nul_of_perf_6_1_is_passed_over(void **state)
{
	struct peer p;
	struct phase_gate gate = with_peer(&p, NULL, "ack\n\0", 5, 3);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(gate_enable(&gate, PHASE_WRITE), 0);
	no_peer(&p);
}

static void other_phases_and_no_gate_say_nothing(void **state)
{
	struct phase_gate gate;

	(void)state;
	assert_int_equal(gate_init(&gate, PHASE_MIGRATE, NULL), 0);	/* its descriptors are -1: a word would fail */
	assert_int_equal(gate_enable(&gate, PHASE_WRITE), 0);
	assert_int_equal(gate_disable(&gate, PHASE_WRITE), 0);
	assert_int_equal(gate_enable(NULL, PHASE_WRITE), 0);
	assert_int_equal(gate_disable(NULL, PHASE_MIGRATE), 0);
	assert_int_equal(gate_enable(&gate, PHASE_MIGRATE), -EBADF);
}

static void a_perf_that_died_is_an_error(void **state)
{
	struct peer p;
	struct phase_gate gate = with_peer(&p, NULL, "ack\n", 4, 1);
	int err;

	(void)state;
	assert_int_equal(gate_enable(&gate, PHASE_WRITE), 0);
	pthread_join(p.thread, NULL);
	err = gate_disable(&gate, PHASE_WRITE);
	assert_int_equal(err, -EPIPE);
	assert_string_equal(gate_why(err), "perf has ended");
	close(p.control[1]);
	close(p.ack[0]);
}

static void a_perf_that_dies_while_it_is_waited_for_is_an_error(void **state)
{
	struct peer p;
	struct phase_gate gate = with_peer(&p, NULL, "ac", 2, 1);	/* dies in the middle of its answer */

	(void)state;
	assert_int_equal(gate_enable(&gate, PHASE_WRITE), -EPIPE);
	no_peer(&p);
}

static void a_silent_perf_ends_in_an_error_and_in_time(void **state)
{
	struct peer p;
	struct phase_gate gate = with_peer(&p, NULL, "", 0, 1);
	uint64_t start = clock_ns(CLOCK_MONOTONIC), took_ms;
	int err = gate_enable(&gate, PHASE_WRITE);

	(void)state;
	took_ms = (clock_ns(CLOCK_MONOTONIC) - start) / 1000000;
	assert_int_equal(err, -ETIMEDOUT);
	assert_string_equal(gate_why(err), "perf does not answer");
	assert_in_range(took_ms, 90, 5000);
	no_peer(&p);
}

static void another_answer_is_none(void **state)
{
	static const char *const answers[] = { "nack\n", "acknowledged\n", "\n", "ac\n", "ACK\n" };
	struct phase_gate gate;
	struct peer p;

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		gate = with_peer(&p, NULL, answers[i], strlen(answers[i]), 1);
		assert_int_equal(gate_enable(&gate, PHASE_WRITE), -EPROTO);
		no_peer(&p);
	}
}

static void an_endless_answer_ends(void **state)
{
	static const char nuls[4096];
	struct peer p;
	struct phase_gate gate = with_peer(&p, NULL, nuls, sizeof(nuls), 1);

	(void)state;
	assert_int_equal(gate_enable(&gate, PHASE_WRITE), -EPROTO);
	no_peer(&p);
}

static void lines_are_bounded_on_both_sides(void **state)
{
	char name[GATE_LINE_MAX], line[8];
	struct phase_gate gate;
	int fds[2];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(gate_init(&gate, PHASE_WRITE, name), -ENAMETOOLONG);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], "0123456789\n", 11), 11);
	assert_int_equal(gate_hear(fds[0], line, sizeof(line)), -EPROTO);
	close(fds[1]);
	assert_int_equal(gate_hear(fds[0], line, sizeof(line)), 0);	/* the rest of it */
	assert_int_equal(gate_hear(fds[0], line, sizeof(line)), -EPIPE);
	close(fds[0]);
}

static void a_part_of_the_dither_goes_by(void **state)
{
	uint64_t most = gate_tsc_of_ns(2000000), start, took, longest = 0;
	struct peer p;
	struct phase_gate gate = with_peer(&p, NULL, "ack\n", 4, 40);

	(void)state;
	gate.dither_tsc = most;
	assert_true(most > 0);
	for (int i = 0; i < 40; i++) {
		start = __rdtsc();
		assert_int_equal(gate_enable(&gate, PHASE_WRITE), 0);
		took = __rdtsc() - start;
		longest = took > longest ? took : longest;
	}
	no_peer(&p);
	assert_true(longest > most / 4);	/* forty draws that all lie below a quarter: one in 10^24 */
}

static void the_gates_code_has_a_place_of_its_own(void **state)
{
	uint64_t low, high, enable = (uintptr_t)gate_enable, why = (uintptr_t)gate_why;

	(void)state;
	gate_text(&low, &high);
	assert_true(low < high);
	assert_true(enable >= low && enable < high);
	assert_false(why >= low && why < high);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(perf_is_told_before_and_behind_the_phase),
		cmocka_unit_test(one_event_is_named),
		cmocka_unit_test(the_nul_of_perf_6_1_is_passed_over),
		cmocka_unit_test(other_phases_and_no_gate_say_nothing),
		cmocka_unit_test(a_perf_that_died_is_an_error),
		cmocka_unit_test(a_perf_that_dies_while_it_is_waited_for_is_an_error),
		cmocka_unit_test(a_silent_perf_ends_in_an_error_and_in_time),
		cmocka_unit_test(another_answer_is_none),
		cmocka_unit_test(an_endless_answer_ends),
		cmocka_unit_test(lines_are_bounded_on_both_sides),
		cmocka_unit_test(a_part_of_the_dither_goes_by),
		cmocka_unit_test(the_gates_code_has_a_place_of_its_own),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
