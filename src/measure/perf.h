/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program perf as a child: started without a shell, controlled by descriptors, and always brought to its end: by SIGINT, which
 * makes it write what it has, and if it does not come to an end by SIGKILL. It is in a process group of its own, so that a Ctrl-C is
 * for wbit alone, and gets a SIGINT when wbit dies.
 *
 * What it says, on stdout and stderr, is kept in memory of its own (memfd): it never waits for a reader.
 */
#ifndef WBIT_PERF_H
#define WBIT_PERF_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PERF_CONTROL "fd:3,4"	/* what --control= takes here: its commands, and where it acknowledges them */
#define PERF_END_LIMIT_S 60	/* from SIGINT to its end: perf record has to write what it has */

struct perf {
	pid_t pid;			/* 0: none is running */
	int control_fd, ack_fd;		/* this side's; -1: not controlled */
	int said_fd;			/* all that it said; -1: it was not started */
};

#define PERF_NONE { .control_fd = -1, .ack_fd = -1, .said_fd = -1 }

/*
 * Starts argv[0], found on PATH. 0, or -errno: -ENOENT it is not installed. perf_end() and perf_free() may be called either
 * way, and again.
 */
int perf_start(struct perf *perf, char *const argv[], bool controlled);

/* Has it ended by itself? Then it is no longer running. */
bool perf_has_ended(struct perf *perf);

/* Ends it, and waits for that. What it said, and the control descriptors, stay. Its wait status; 0 when none was running. */
int perf_end(struct perf *perf);
void perf_free(struct perf *perf);

/* What it has said so far, NUL-terminated, at most `max` bytes; NULL without memory. Freed by the caller. */
char *perf_said(const struct perf *perf, size_t max);

/* Why it does not do what it should, in a line: from what it said, with what to do where that is known. Returns out. */
char *perf_why(const struct perf *perf, char *out, size_t size);

/* The same of one that did not start: err of perf_start(). Returns out. */
char *perf_why_not_started(int err, char *out, size_t size);

/*
 * Runs argv to its end and hands what it writes to stdout on, piece by piece; stop: when it becomes true, perf is ended. take: 0, or
 * -errno, which ends it as well. 0; -ECANCELED; take's error; -EIO: it failed, perf_why() tells; or -errno. Without take, stdout
 * is kept with the rest of what it says.
 */
int perf_read(struct perf *perf, char *const argv[], int (*take)(void *arg, const char *data, size_t len), void *arg,
	      const volatile sig_atomic_t *stop);

#endif
