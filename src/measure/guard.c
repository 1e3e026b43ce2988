// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guard: waits until the run has died, and finishes its journal. A run that ends in order stops its guard first.
 *
 * It shares the journal's descriptor, and with it the lock. It is in a session of its own, so that what a terminal or a
 * shell sends to the run's group does not reach it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal_file.h"

/* Everything but these three: who reads what the run writes must not have to wait for the guard. */
static void close_others(const int keep[3])
{
	int fd, limit = keep[0] > keep[1] ? keep[0] : keep[1];

	limit = limit > keep[2] ? limit : keep[2];
	for (fd = 3; fd <= limit; fd++)
		if (fd != keep[0] && fd != keep[1] && fd != keep[2])
			close(fd);
	syscall(SYS_close_range, limit + 1, ~0u, 0);
	fd = open("/dev/null", O_RDWR);
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
}

static void ignore_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM };
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

__attribute__((noreturn)) static void guard(const struct journal *j, int run)
{
	struct pollfd fds = { .fd = run, .events = POLLIN };
	const int keep[3] = { j->folder, j->file, run };

	setsid();
	ignore_signals();
	prctl(PR_SET_NAME, "wbit-guard");
	close_others(keep);
	while (poll(&fds, 1, -1) <= 0)
		;
	_exit(journal_finish(j->root, j->folder, j->file, j->name) ? 1 : 0);
}

pid_t guard_start(const struct journal *j)
{
	int run = syscall(SYS_pidfd_open, getpid(), 0);
	sigset_t all, before;
	pid_t pid;

	if (run < 0)
		return -errno;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);	/* what comes before the guard has begun must not end it either */
	pid = fork();
	if (!pid)
		guard(j, run);
	if (pid < 0)
		pid = -errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(run);
	return pid;
}

void guard_stop(pid_t guard_pid)
{
	if (guard_pid <= 0)
		return;
	kill(guard_pid, SIGKILL);
	while (waitpid(guard_pid, NULL, 0) < 0 && errno == EINTR)
		;
}
