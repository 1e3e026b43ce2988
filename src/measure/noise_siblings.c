// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What runs on the SMT siblings of the CPU that measures: their busy time of /proc/stat, over a short window. Of its columns
 * (Documentation/filesystems/proc.rst) idle and iowait are idleness; guest time is in user and nice already.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "knobs.h"
#include "noise.h"
#include "places.h"

#define WINDOW_MS 200
#define LOUD_PERCENT 5		/* one of the window's twenty ticks, at 100 Hz */
#define SIBLINGS_MAX 16		/* Xeon Phi has four of a core */
#define STAT_MAX (1 << 20)	/* of some 100 bytes a CPU; the CPUs come first */

size_t noise_siblings(const char *list, int but, int *cpus, size_t max)
{
	size_t nr = 0;
	long from, to;
	char *end;

	while (*list >= '0' && *list <= '9') {
		from = to = strtol(list, &end, 10);
		if (*end == '-')
			to = strtol(end + 1, &end, 10);
		for (; from <= to && nr < max; from++)
			if (from != but)
				cpus[nr++] = (int)from;
		list = *end == ',' ? end + 1 : end;
	}
	return nr;
}

int noise_cpu_time(const char *stat, int cpu, struct cpu_time *time)
{
	uint64_t column[8] = { 0 };
	char name[20];
	const char *line;

	snprintf(name, sizeof(name), "\ncpu%d ", cpu);
	line = strstr(stat, name);
	if (!line)
		return -ENOENT;
	/* user, nice, system, idle, iowait, irq, softirq, steal */
	if (sscanf(line + strlen(name), "%" SCNu64 "%" SCNu64 "%" SCNu64 "%" SCNu64 "%" SCNu64 "%" SCNu64 "%" SCNu64 "%" SCNu64,
		   &column[0], &column[1], &column[2], &column[3], &column[4], &column[5], &column[6], &column[7]) != 8)
		return -EBADMSG;
	time->busy = column[0] + column[1] + column[2] + column[5] + column[6] + column[7];
	time->all = time->busy + column[3] + column[4];
	return 0;
}

static int look_at_times(const int *cpus, size_t nr, struct cpu_time *times)
{
	FILE *f = fopen("/proc/stat", "re");
	char *text = f ? malloc(STAT_MAX) : NULL;
	int err = text ? 0 : -ENOENT;
	size_t i;

	if (text) {
		text[fread(text, 1, STAT_MAX - 1, f)] = '\0';
		for (i = 0; i < nr && !err; i++)
			err = noise_cpu_time(text, cpus[i], &times[i]);
	}
	free(text);
	if (f)
		fclose(f);
	return err;
}

/* In percent, of the sibling that is busiest; *which: it. */
static int busiest(const int *cpus, size_t nr, int *which, unsigned *percent)
{
	const struct timespec window = { .tv_nsec = WINDOW_MS * 1000000 };
	struct cpu_time before[SIBLINGS_MAX], after[SIBLINGS_MAX];
	uint64_t all, busy;
	size_t i;
	int err = look_at_times(cpus, nr, before);

	nanosleep(&window, NULL);
	err = err ?: look_at_times(cpus, nr, after);
	*which = cpus[0];
	*percent = 0;
	for (i = 0; i < nr && !err; i++) {
		all = after[i].all - before[i].all;
		busy = after[i].busy - before[i].busy;
		if (all && busy <= all && 100 * busy / all > *percent) {
			*percent = 100 * busy / all;
			*which = cpus[i];
		}
	}
	return err;
}

/* Of a run that leaves the choice to wbit. */
static int measuring_cpu(void)
{
	const struct run_options options = { .from = -1, .to = -1, .cpu = -1, .platform = platform_here() };
	struct places places = { 0 };
	char error[200];
	int cpu = places_choose(&options, &places, error, sizeof(error)) ? 0 : places.all[0].cpu;

	places_free(&places);
	return cpu;
}

void noise_look_at_siblings(struct noise *n)
{
	int cpu = measuring_cpu(), cpus[SIBLINGS_MAX], which;
	char path[80], list[64] = "";
	unsigned percent;
	size_t nr;

	*n = (struct noise){ .name = "SMT siblings' load", .level = NOISE_ABSENT };
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
	nr = knob_read(path, list, sizeof(list)) ? 0 : noise_siblings(list, cpu, cpus, SIBLINGS_MAX);
	if (!nr) {
		snprintf(n->found, sizeof(n->found), "CPU %d, which would measure, has its core to itself", cpu);
	} else if (busiest(cpus, nr, &which, &percent)) {
		snprintf(n->found, sizeof(n->found), "not told by /proc/stat");
	} else {
		n->level = percent < LOUD_PERCENT ? NOISE_QUIET : NOISE_LOUD;
		snprintf(n->found, sizeof(n->found), "CPU %d was busy for %u %% of %d ms: it shares a core with CPU %d, which would "
			 "measure", which, percent, WINDOW_MS, cpu);
		n->how = percent < LOUD_PERCENT ? NULL : "stop what runs there (ps -eo psr,pid,comm), or measure on an idle core: "
			 "taskset -c CPU wbit run";
	}
}
