// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * anon-fork-gone: fork() made the page shared and write-protected it, and the child is gone: the page is this process's
 * alone, and nobody has noted that yet. The fault does, by the number of references.
 */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static int arm(struct trial *t)
{
	pid_t pid = fork();

	if (pid < 0)
		return trial_fail(t, errno, "fork");
	if (!pid)
		_exit(0);
	while (waitpid(pid, NULL, 0) < 0)
		if (errno != EINTR)
			return trial_fail(t, errno, "waitpid");
	return 0;
}

const struct workload anon_fork_gone = {
	.name  = "anon-fork-gone",
	.about = "private anonymous memory, written, then forked, the child gone",
	.extra = true,
	.setup = map_private_anon,
	.arm   = arm,
	.state = { .page = PAGE_ANON },
};
