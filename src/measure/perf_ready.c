// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/PID/syscall and /proc/PID/fd of a perf that runs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "perf_ready.h"

#define LOOK_EVERY_US 5000

static bool is_event(int folder, const char *name)
{
	char target[64];
	ssize_t n = readlinkat(folder, name, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return strstr(target, "[perf_event]");
}

static bool has_events(pid_t pid)
{
	char path[40];
	struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	folder = opendir(path);
	while (folder && !found && (entry = readdir(folder)))
		found = is_event(dirfd(folder), entry->d_name);
	if (folder)
		closedir(folder);
	return found;
}

/* 1: it sleeps in poll(2) or ppoll(2), 0: it does not, or -errno. */
static int is_polling(pid_t pid)
{
	char path[40], text[32];
	long number;
	ssize_t n;
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	err = n < 0 ? -errno : 0;
	close(fd);
	if (err)
		return err;
	text[n] = '\0';
	number = strtol(text, NULL, 10);	/* "running" is 0: read(2) */
	return number == SYS_poll || number == SYS_ppoll;
}

int perf_wait_until_polling(struct perf *perf, unsigned limit_ms)
{
	uint64_t end_ns = clock_ns(CLOCK_MONOTONIC) + limit_ms * UINT64_C(1000000);
	int polling;

	while (clock_ns(CLOCK_MONOTONIC) < end_ns) {
		if (perf_has_ended(perf))
			return -EPIPE;
		polling = has_events(perf->pid) ? is_polling(perf->pid) : 0;
		if (polling < 0 && polling != -ENOENT && polling != -ESRCH)
			return polling;
		if (polling > 0)
			return 0;
		usleep(LOOK_EVERY_US);
	}
	return -ETIMEDOUT;
}
