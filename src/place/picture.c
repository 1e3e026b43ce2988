// SPDX-License-Identifier: GPL-2.0-or-later
/* lstopo draws; its arguments are fixed, and no shell sees them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "place_fail.h"
#include "topology.h"

#define HEAD_BYTES 1024
#define STATUS_ABSENT 126	/* of the child: neither program is there */

/* Without the legend, which has the host's name and the date. */
__attribute__((noreturn)) static void draw(int fd)
{
	static const char *const programs[] = { "lstopo-no-graphics", "lstopo" };
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	unsigned i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(nothing, 0) < 0 || dup2(fd, 1) < 0 || dup2(nothing, 2) < 0)
		_exit(1);
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		execlp(programs[i], programs[i], "--of", "svg", "--no-legend", "-", (char *)NULL);
	_exit(errno == ENOENT ? STATUS_ABSENT : 1);
}

/* false: the time is up. */
static bool wait_for(pid_t pid, unsigned limit_s)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), n;
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	if (pidfd < 0)
		return false;
	do
		n = poll(&end, 1, (int)limit_s * 1000);
	while (n < 0 && errno == EINTR);
	close(pidfd);
	return n > 0;
}

/*
 * hwloc 2.9 writes viewBox='0 0 669px 562px', where SVG has numbers alone: browsers pass over it, librsvg draws nothing. Blanks in
 * the units' place are what SVG takes, and leave the file as long as it is.
 */
static void mend_view_box(int fd)
{
	char head[HEAD_BYTES + 1], *box, *end, *unit;
	ssize_t n = pread(fd, head, HEAD_BYTES, 0);

	head[n > 0 ? n : 0] = '\0';
	box = strstr(head, "viewBox='");
	end = box ? strchr(box + strlen("viewBox='"), '\'') : NULL;
	if (!end)
		return;
	*end = '\0';
	for (unit = box; (unit = strstr(unit, "px")); unit += 2)
		if (pwrite(fd, "  ", 2, unit - head) != 2)
			return;
}

int place_picture(int fd, unsigned limit_s, char *error, size_t size)
{
	struct stat st;
	bool in_time;
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return place_fail(error, size, -errno, "lstopo cannot be started: %s", strerror(errno));
	if (!pid)
		draw(fd);
	in_time = wait_for(pid, limit_s);
	if (!in_time)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!in_time)
		return place_fail(error, size, -ETIME, "lstopo took longer than %u s", limit_s);
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_ABSENT)
		return place_fail(error, size, -ENOENT, "lstopo is not installed (package hwloc-nox)");
	if (!WIFEXITED(status) || WEXITSTATUS(status) || fstat(fd, &st) || !st.st_size)
		return place_fail(error, size, -EIO, "lstopo failed with status %d", WIFEXITED(status) ? WEXITSTATUS(status) :
				  128 + WTERMSIG(status));
	mend_view_box(fd);
	return 0;
}
