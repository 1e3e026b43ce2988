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

/* A file of the event's, where tracefs is. NULL: *err says why. */
static FILE *open_event_file(const char *event, const char *file, int *err)
{
	const char *colon = strchr(event, ':');
	char path[200];
	unsigned i;
	FILE *f;

	*err = -ENOENT;
	for (i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		snprintf(path, sizeof(path), "%s/events/%.*s/%s/%s", roots[i], (int)(colon - event), event, colon + 1, file);
		f = fopen(path, "re");
		if (f)
			return f;
		if (errno != ENOENT)
			*err = -errno;
	}
	return NULL;
}

int tracepoint_id(const char *event)
{
	int id = -1, err;
	FILE *f = open_event_file(event, "id", &err);

	if (!f)
		return err;
	if (fscanf(f, "%d", &id) != 1)
		id = -ENOENT;
	fclose(f);
	return id;
}

/* A line of it: "	field:unsigned long addr;	offset:8;	size:8;	signed:0;" */
int tracepoint_field(const char *event, const char *field)
{
	int offset = -1, err, at;
	char line[256], *name;
	unsigned size;
	FILE *f = open_event_file(event, "format", &err);

	if (!f)
		return err;
	while (offset < 0 && fgets(line, sizeof(line), f)) {
		name = strchr(line, ';');
		if (!name || !strstr(line, "field:"))
			continue;
		*name = '\0';
		if (sscanf(name + 1, " offset:%d; size:%u;", &at, &size) == 2 && size == sizeof(uint64_t) &&
		    (name = strrchr(line, ' ')) && !strcmp(name + 1, field))
			offset = at;
	}
	fclose(f);
	return offset < 0 ? -ENOENT : offset;
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
	if ((filter && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter)) || ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)) {
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
