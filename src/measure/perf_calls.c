// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's own perf calls. */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "perf_calls.h"

static int kernel_open(struct perf_event_attr *attr, int group_fd)
{
	int fd = syscall(SYS_perf_event_open, attr, 0, -1, group_fd, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int kernel_ioctl(int fd, unsigned long request, unsigned long argument)
{
	int answer = ioctl(fd, request, argument);

	return answer < 0 ? -errno : answer;
}

static ssize_t kernel_read(int fd, void *buffer, size_t size)
{
	ssize_t n = read(fd, buffer, size);

	return n < 0 ? -errno : n;
}

static int kernel_close(int fd)
{
	return close(fd) ? -errno : 0;
}

const struct perf_calls perf_calls_kernel = { kernel_open, kernel_ioctl, kernel_read, kernel_close };
