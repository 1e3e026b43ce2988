// SPDX-License-Identifier: GPL-2.0-or-later
/* Filtered tracepoint counters through perf_event_open. */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record.h"
#include "tracepoint.h"

static const char *const roots[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

static int tracepoint_id(const char *event)
{
	const char *colon = strchr(event, ':');
	char path[200];
	int id = -1, err = -ENOENT;
	unsigned i;
	FILE *f;

	for (i = 0; i < sizeof(roots) / sizeof(roots[0]) && id < 0; i++) {
		snprintf(path, sizeof(path), "%s/events/%.*s/%s/id", roots[i], (int)(colon - event), event, colon + 1);
		f = fopen(path, "re");
		if (!f) {
			if (errno != ENOENT)
				err = -errno;
			continue;
		}
		if (fscanf(f, "%d", &id) != 1)
			id = -1;
		fclose(f);
	}
	return id < 0 ? err : id;
}

static int open_for(const char *event, const char *filter, pid_t pid, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.disabled = 1,
	};
	int id = tracepoint_id(event), fd, err;

	if (id < 0)
		return id;
	attr.config = id;
	fd = syscall(SYS_perf_event_open, &attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter) || ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int tracepoint_open(const char *event, const char *filter)
{
	return open_for(event, filter, 0, -1);
}

int tracepoint_open_on_cpu(const char *event, const char *filter, int cpu)
{
	return open_for(event, filter, -1, cpu);
}

uint64_t tracepoint_read(int fd)
{
	struct {
		uint64_t value, enabled, running;
	} count;

	if (read(fd, &count, sizeof(count)) != sizeof(count) || count.running < count.enabled)
		return NOT_MEASURED;
	return count.value;
}
