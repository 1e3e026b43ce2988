// SPDX-License-Identifier: GPL-2.0-or-later
/* perf's start, its end, and what it had to say. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "perf.h"

#define STOP_POLL_MS 100
#define FREE_FD 10		/* above those that perf gets */

enum { CONTROL, ACK, FAILURE, TEXT, NR_PIPES };

struct pipes {
	int fds[NR_PIPES][2];	/* read, write; -1: none */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_pipes(struct pipes *p)
{
	for (int i = 0; i < NR_PIPES; i++) {
		close_fd(&p->fds[i][0]);
		close_fd(&p->fds[i][1]);
	}
}

/* Above the numbers that become perf's, so that none of them is overwritten before it is in its place. */
static int open_pipe(int fds[2])
{
	int low[2], err = 0;

	if (pipe2(low, O_CLOEXEC))
		return -errno;
	for (int i = 0; i < 2; i++) {
		fds[i] = fcntl(low[i], F_DUPFD_CLOEXEC, FREE_FD);
		if (fds[i] < 0)
			err = -errno;
		close(low[i]);
	}
	return err;
}

static int open_said(void)
{
	int low = memfd_create("perf", MFD_CLOEXEC), fd;

	if (low < 0)
		return -errno;
	fd = fcntl(low, F_DUPFD_CLOEXEC, FREE_FD);
	fd = fd < 0 ? -errno : fd;
	close(low);
	return fd;
}

__attribute__((noreturn)) static void become_perf(char *const argv[], struct pipes *p, int said)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC), out = p->fds[TEXT][1] >= 0 ? p->fds[TEXT][1] : said, err;
	bool placed = nothing >= 0 && dup2(nothing, 0) == 0 && dup2(out, 1) == 1 && dup2(said, 2) == 2;

	if (placed && p->fds[CONTROL][0] >= 0)
		placed = dup2(p->fds[CONTROL][0], 3) == 3 && dup2(p->fds[ACK][1], 4) == 4;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGINT);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (placed && !setenv("LC_ALL", "C", 1) && !setenv("PERF_PAGER", "cat", 1))
		execvp(argv[0], argv);
	err = errno;
	_exit(write(p->fds[FAILURE][1], &err, sizeof(err)) == sizeof(err) ? 127 : 126);
}

static int start(struct perf *perf, char *const argv[], struct pipes *p)
{
	int failure = 0;
	ssize_t n;

	perf->said_fd = open_said();
	if (perf->said_fd < 0)
		return perf->said_fd;
	fcntl(perf->said_fd, F_SETFL, O_APPEND);
	perf->pid = fork();
	if (perf->pid < 0) {
		perf->pid = 0;
		return -errno;
	}
	if (!perf->pid)
		become_perf(argv, p, perf->said_fd);
	close_fd(&p->fds[FAILURE][1]);
	do
		n = read(p->fds[FAILURE][0], &failure, sizeof(failure));
	while (n < 0 && errno == EINTR);
	return n == sizeof(failure) ? -failure : 0;
}

static int start_with(struct perf *perf, char *const argv[], struct pipes *p)
{
	int err = open_pipe(p->fds[FAILURE]) ?: start(perf, argv, p);

	if (!err) {
		perf->control_fd = p->fds[CONTROL][1];
		perf->ack_fd = p->fds[ACK][0];
		p->fds[CONTROL][1] = p->fds[ACK][0] = -1;
	} else {
		perf_end(perf);
	}
	return err;
}

#define NO_PIPES { { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } } }

int perf_start(struct perf *perf, char *const argv[], bool controlled)
{
	struct pipes p = NO_PIPES;
	int err = 0;

	*perf = (struct perf)PERF_NONE;
	if (controlled)
		err = open_pipe(p.fds[CONTROL]) ?: open_pipe(p.fds[ACK]);
	err = err ?: start_with(perf, argv, &p);
	close_pipes(&p);
	return err;
}

bool perf_has_ended(struct perf *perf)
{
	if (perf->pid && waitpid(perf->pid, NULL, WNOHANG) == perf->pid)
		perf->pid = 0;
	return !perf->pid;
}

int perf_end(struct perf *perf)
{
	struct pollfd fds = { .events = POLLIN };
	int status = 0, n;

	if (!perf->pid)
		return 0;
	kill(perf->pid, SIGINT);
	fds.fd = syscall(SYS_pidfd_open, perf->pid, 0);
	do
		n = fds.fd < 0 ? 0 : poll(&fds, 1, PERF_END_LIMIT_S * 1000);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		kill(perf->pid, SIGKILL);
	close_fd(&fds.fd);
	while (waitpid(perf->pid, &status, 0) < 0 && errno == EINTR)
		;
	perf->pid = 0;
	return status;
}

void perf_free(struct perf *perf)
{
	perf_end(perf);
	close_fd(&perf->control_fd);
	close_fd(&perf->ack_fd);
	close_fd(&perf->said_fd);
}

char *perf_said(const struct perf *perf, size_t max)
{
	off_t len = perf->said_fd < 0 ? 0 : lseek(perf->said_fd, 0, SEEK_END);
	size_t size = len < 0 ? 0 : (size_t)len < max ? (size_t)len : max, at = 0;
	char *text = malloc(size + 1);
	ssize_t n;

	while (text && at < size && (n = pread(perf->said_fd, text + at, size - at, at)) > 0)
		at += n;
	if (text)
		text[at] = '\0';
	return text;
}

static int pass_on(struct perf *perf, int fd, int (*take)(void *arg, const char *data, size_t len), void *arg,
		   const volatile sig_atomic_t *stop)
{
	struct pollfd fds = { .fd = fd, .events = POLLIN };
	char data[65536];
	ssize_t n;
	int err = 0, status = 0;

	while (fd >= 0 && !err) {
		if (*stop)
			return -ECANCELED;
		if (poll(&fds, 1, STOP_POLL_MS) <= 0)
			continue;
		n = read(fd, data, sizeof(data));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		err = take(arg, data, n);
	}
	if (err)
		return err;
	while (waitpid(perf->pid, &status, 0) < 0 && errno == EINTR)
		;
	perf->pid = 0;
	return status ? -EIO : 0;
}

int perf_read(struct perf *perf, char *const argv[], int (*take)(void *arg, const char *data, size_t len), void *arg,
	      const volatile sig_atomic_t *stop)
{
	struct pipes p = NO_PIPES;
	int err;

	*perf = (struct perf)PERF_NONE;
	err = (take ? open_pipe(p.fds[TEXT]) : 0) ?: start_with(perf, argv, &p);
	close_fd(&p.fds[TEXT][1]);
	if (!err)
		err = pass_on(perf, p.fds[TEXT][0], take, arg, stop);
	close_pipes(&p);
	perf_end(perf);
	return err;
}
