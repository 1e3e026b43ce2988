// SPDX-License-Identifier: GPL-2.0-or-later
/* The words through a gate, and how long they are waited for. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "phase_gate.h"

#define WORD_MAX 320
#define ANSWER_MAX 16

static int say(int fd, const char *text, size_t len)
{
	ssize_t n;

	do
		n = write(fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;	/* so little text goes into a pipe in one piece */
}

/* Waits until something can be read. */
static int wait_for(int fd, uint64_t until_ns)
{
	struct pollfd fds = { .fd = fd, .events = POLLIN };
	uint64_t now;
	int n;

	for (;;) {
		now = clock_ns(CLOCK_MONOTONIC);
		n = now < until_ns ? poll(&fds, 1, (until_ns - now) / 1000000 + 1) : 0;
		if (n > 0)
			return 0;
		if (!n)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

/* "ack" and a newline; NULs around it, of this answer or the one before, are passed over. */
static int hear_ack(int fd, unsigned limit_ms)
{
	uint64_t until_ns = clock_ns(CLOCK_MONOTONIC) + limit_ms * UINT64_C(1000000);
	char answer[ANSWER_MAX], byte;
	size_t len = 0;
	ssize_t n;
	int err;

	for (;;) {
		err = wait_for(fd, until_ns);
		if (err)
			return err;
		n = read(fd, &byte, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		if (byte == '\n')
			return len == 3 && !memcmp(answer, "ack", 3) ? 0 : -EPROTO;
		if (byte && len == sizeof(answer))
			return -EPROTO;
		if (byte)
			answer[len++] = byte;
	}
}

int gate_say(int control_fd, int ack_fd, const char *word, unsigned limit_ms)
{
	char line[WORD_MAX];
	int len = snprintf(line, sizeof(line), "%s\n", word);

	if (len >= (int)sizeof(line))
		return -ENAMETOOLONG;
	return say(control_fd, line, len) ?: hear_ack(ack_fd, limit_ms);
}

static int pass(const struct phase_gate *gate, enum phase phase, const char *verb)
{
	char word[WORD_MAX];

	if (!gate || gate->phase != phase)
		return 0;
	if (!gate->event)
		return gate_say(gate->control_fd, gate->ack_fd, verb, gate->limit_ms);
	if (snprintf(word, sizeof(word), "%s %s", verb, gate->event) >= (int)sizeof(word))
		return -ENAMETOOLONG;
	return gate_say(gate->control_fd, gate->ack_fd, word, gate->limit_ms);
}

int gate_enable(const struct phase_gate *gate, enum phase phase)
{
	return pass(gate, phase, "enable");
}

int gate_disable(const struct phase_gate *gate, enum phase phase)
{
	return pass(gate, phase, "disable");
}

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

int gate_hear(int fd, char *word, size_t size)
{
	size_t len = 0;
	ssize_t n;

	for (;;) {
		n = read(fd, word + len, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		if (word[len] == '\n')
			break;
		if (++len == size)
			return -EPROTO;
	}
	word[len] = '\0';
	return 0;
}

int gate_answer(int ack_fd)
{
	return say(ack_fd, "ack\n", 4);
}
