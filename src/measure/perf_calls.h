/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls that counting takes, in a table: a test puts its own in their place. */
#ifndef WBIT_PERF_CALLS_H
#define WBIT_PERF_CALLS_H

#include <linux/perf_event.h>
#include <stddef.h>
#include <sys/types.h>

/* Each returns what the call returns, or -errno. */
struct perf_calls {
	int (*open)(struct perf_event_attr *attr, int group_fd);	/* perf_event_open(2), of this thread on any CPU */
	int (*ioctl)(int fd, unsigned long request, unsigned long argument);
	ssize_t (*read)(int fd, void *buffer, size_t size);
	int (*close)(int fd);
};

extern const struct perf_calls perf_calls_kernel;

#endif
