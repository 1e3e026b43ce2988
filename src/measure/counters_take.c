// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sets of events, encoded by a process of its own: libpfm4 makes tables, of all tracepoints above all, and each piece of memory that
 * is mapped here makes a page fault's look-up of its VMA longer in every trial (in the exact lab 68 instructions a fault).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "counters.h"

struct answer {
	int err;
	char error[400];
};

static bool write_all(int fd, const void *from, size_t size)
{
	const char *at = from;
	ssize_t n = 1;

	for (; size && n > 0; at += n > 0 ? n : 0, size -= n > 0 ? n : 0)
		n = write(fd, at, size);
	return !size;
}

static bool read_all(int fd, void *to, size_t size)
{
	char *at = to;
	ssize_t n;

	while (size) {
		n = read(fd, at, size);
		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		at += n > 0 ? n : 0;
		size -= n > 0 ? n : 0;
	}
	return true;
}

__attribute__((noreturn))
static void encode_and_exit(struct counters *counters, const char (*sets)[COUNTER_SET_TEXT_MAX], unsigned nr, int fd)
{
	struct answer answer = { 0 };
	unsigned i;

	counters_init(counters, &perf_calls_kernel);
	for (i = 0; i < nr && !answer.err; i++)
		answer.err = counters_add(counters, sets[i], answer.error, sizeof(answer.error));
	_exit(!write_all(fd, &answer, sizeof(answer)) || !write_all(fd, counters, sizeof(*counters)));
}

int counters_take(struct counters *counters, const char (*sets)[COUNTER_SET_TEXT_MAX], unsigned nr, char *error, size_t size)
{
	struct answer answer = { .err = -ECHILD, .error = "the events could not be encoded" };
	int fds[2], status;
	pid_t pid;

	if (pipe(fds)) {
		snprintf(error, size, "no pipe: %s", strerror(errno));
		return -errno;
	}
	fflush(NULL);
	pid = fork();
	if (!pid)
		encode_and_exit(counters, sets, nr, fds[1]);
	close(fds[1]);
	if (pid > 0 && read_all(fds[0], &answer, sizeof(answer)) && !read_all(fds[0], counters, sizeof(*counters)))
		answer = (struct answer){ .err = -EIO, .error = "the events could not be encoded" };
	close(fds[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (answer.err)
		snprintf(error, size, "%s", answer.error);
	return answer.err;
}
