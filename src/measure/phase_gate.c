// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines through a gate, and how long they are waited for. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "phase_gate.h"

/* The linker marks where a section of this name begins and ends. */
#define GATE_TEXT __attribute__((section("gate_code"), noinline))
extern const char __start_gate_code[], __stop_gate_code[];

#define ANSWER_MAX 16
#define LOOK_NS 1000000

void gate_text(uint64_t *low, uint64_t *high)
{
	*low = (uintptr_t)__start_gate_code;
	*high = (uintptr_t)__stop_gate_code;
}

uint64_t gate_tsc_of_ns(uint64_t ns)
{
	uint64_t start_ns = clock_ns(CLOCK_MONOTONIC_RAW), start = __rdtsc(), now_ns, ticks;

	do {
		now_ns = clock_ns(CLOCK_MONOTONIC_RAW);
		ticks = __rdtsc() - start;
	} while (now_ns - start_ns < LOOK_NS);
	return (uint64_t)((double)ns * (double)ticks / (double)(now_ns - start_ns));
}

int gate_init(struct phase_gate *gate, enum phase phase, const char *event)
{
	int n;

	*gate = (struct phase_gate){ .phase = phase, .control_fd = -1, .ack_fd = -1, .limit_ms = GATE_LIMIT_MS };
	snprintf(gate->enable, sizeof(gate->enable), "enable%s%s\n", event ? " " : "", event ? event : "");
	n = snprintf(gate->disable, sizeof(gate->disable), "disable%s%s\n", event ? " " : "", event ? event : "");
	return n < (int)sizeof(gate->disable) ? 0 : -ENAMETOOLONG;
}

/* ---- in the section: no calls to anything outside of it ---- */

/* -errno, as the kernel answers it */
static inline __attribute__((always_inline)) long call_kernel(long number, long a, long b, long c)
{
	long answer;

	__asm__ volatile("syscall" : "=a"(answer) : "0"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return answer;
}

GATE_TEXT static int say(int fd, const char *text)
{
	const volatile char *end = text;	/* volatile: else this becomes a call of strlen() */
	long len, n;

	while (*end)
		end++;
	len = end - text;
	do
		n = call_kernel(SYS_write, fd, (long)text, len);
	while (n == -EINTR);
	if (n < 0)
		return (int)n;
	return n == len ? 0 : -EIO;	/* so little text goes into a pipe in one piece */
}

GATE_TEXT static int wait_for(int fd, unsigned limit_ms)
{
	struct pollfd fds = { .fd = fd, .events = POLLIN };
	long n;

	do
		n = call_kernel(SYS_poll, (long)&fds, 1, limit_ms);
	while (n == -EINTR);
	return n > 0 ? 0 : n < 0 ? (int)n : -ETIMEDOUT;
}

/* "ack" and a newline; NULs around it, of this answer or the one before, are passed over. */
GATE_TEXT static int hear_ack(int fd, unsigned limit_ms)
{
	char piece[ANSWER_MAX], answer[3] = { 0 };
	unsigned len = 0, pieces;
	long n, i;
	int err;

	for (pieces = 0; pieces < ANSWER_MAX; pieces++) {
		err = wait_for(fd, limit_ms);
		if (err)
			return err;
		n = call_kernel(SYS_read, fd, (long)piece, sizeof(piece));
		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? (int)n : -EPIPE;
		for (i = 0; i < n; i++) {
			if (piece[i] == '\n')
				return len == 3 && answer[0] == 'a' && answer[1] == 'c' && answer[2] == 'k' ? 0 : -EPROTO;
			if (!piece[i])
				continue;
			if (len == sizeof(answer))
				return -EPROTO;
			answer[len++] = piece[i];
		}
	}
	return -EPROTO;
}

/* A part of `most` that nothing else hangs on: the last digits of the time, stirred. */
GATE_TEXT static void dither(uint64_t most)
{
	uint64_t start = __rdtsc(), random = start;

	random = (random ^ random >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	random = (random ^ random >> 27) * UINT64_C(0x94d049bb133111eb);
	random = (random ^ random >> 31) % most;
	while (__rdtsc() - start < random)
		;
}

GATE_TEXT int gate_say(int control_fd, int ack_fd, const char *line, unsigned limit_ms)
{
	int err = say(control_fd, line);

	return err ? err : hear_ack(ack_fd, limit_ms);
}

GATE_TEXT int gate_enable(const struct phase_gate *gate, enum phase phase)
{
	int err;

	if (!gate || gate->phase != phase)
		return 0;
	err = gate_say(gate->control_fd, gate->ack_fd, gate->enable, gate->limit_ms);
	if (!err && gate->dither_tsc)
		dither(gate->dither_tsc);
	return err;
}

GATE_TEXT int gate_disable(const struct phase_gate *gate, enum phase phase)
{
	if (!gate || gate->phase != phase)
		return 0;
	return gate_say(gate->control_fd, gate->ack_fd, gate->disable, gate->limit_ms);
}

/* ---- outside ---- */

const char *gate_why(int err)
{
	switch (err) {
	case -EPIPE:
		return "perf has ended";
	case -ETIMEDOUT:
		return "perf does not answer";
	case -EPROTO:
		return "perf's answer is none";
	default:
		return "perf's control";
	}
}

int gate_hear(int fd, char *line, size_t size)
{
	size_t len = 0;
	ssize_t n;

	for (;;) {
		n = read(fd, line + len, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		if (line[len] == '\n')
			break;
		if (++len == size)
			return -EPROTO;
	}
	line[len] = '\0';
	return 0;
}

int gate_answer(int ack_fd)
{
	return say(ack_fd, "ack\n");
}
