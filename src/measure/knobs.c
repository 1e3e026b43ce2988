// SPDX-License-Identifier: GPL-2.0-or-later
/* Knobs: which there are, read, set. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"
#include "mounts.h"

const struct knob_kind knob_kinds[NR_KNOBS] = {
	{ "/proc/sys/kernel/numa_balancing", NULL },
	{ "/sys/kernel/debug/sched/numa_balancing/scan_delay_ms", NULL },
	{ "/sys/kernel/debug/sched/numa_balancing/scan_period_min_ms", NULL },
	{ "/sys/kernel/debug/sched/numa_balancing/scan_size_mb", NULL },
	{ "/sys/kernel/mm/ksm/run", "|0|1|2|" },
	{ "/sys/kernel/mm/ksm/pages_to_scan", NULL },
	{ "/sys/kernel/mm/ksm/sleep_millisecs", NULL },
	{ "/sys/kernel/mm/transparent_hugepage/enabled", "|always|madvise|never|" },
	{ "/sys/kernel/mm/transparent_hugepage/shmem_enabled", "|always|within_size|advise|never|deny|force|" },
	{ "/proc/sys/vm/nr_overcommit_hugepages", NULL },
	{ KNOB_POLICY, "|vma|entry|vma-only|upgrade|vma-unsafe|" },
	/* Not "userspace": the speed that was set with it would be lost (drivers/cpufreq/cpufreq_userspace.c). */
	{ "/sys/devices/system/cpu/cpu%/cpufreq/scaling_governor", "|performance|powersave|ondemand|conservative|schedutil|" },
	{ "/sys/devices/system/cpu/intel_pstate/no_turbo", "|0|1|" },
	{ "/sys/devices/system/cpu/cpufreq/boost", "|0|1|" },
	{ "/proc/sys/kernel/nmi_watchdog", "|0|1|" },
};

/* The length of a CPU's number at the beginning of the text; 0: there is none. */
static size_t cpu_number(const char *text)
{
	size_t len = strspn(text, "0123456789");

	if (!len || len > 4 || (len > 1 && *text == '0') || atoi(text) > KNOB_CPU_MAX)
		return 0;
	return len;
}

static bool is_path_of(const struct knob_kind *kind, const char *path)
{
	const char *hole = strchr(kind->path, '%');
	size_t before = hole ? (size_t)(hole - kind->path) : 0, number;

	if (!hole)
		return !strcmp(path, kind->path);
	if (strncmp(path, kind->path, before))
		return false;
	number = cpu_number(path + before);
	return number && !strcmp(path + before + number, hole + 1);
}

const struct knob_kind *knob_kind(const char *path)
{
	unsigned i;

	for (i = 0; i < NR_KNOBS; i++)
		if (is_path_of(&knob_kinds[i], path))
			return &knob_kinds[i];
	return NULL;
}

bool knob_may_hold(const struct knob_kind *kind, const char *value)
{
	size_t len = strlen(value);
	char word[KNOB_VALUE_MAX + 2];

	if (!kind->words)
		return len && len <= 12 && strspn(value, "0123456789") == len;
	snprintf(word, sizeof(word), "|%.*s|", KNOB_VALUE_MAX - 1, value);
	return len && len < KNOB_VALUE_MAX && !strchr(value, '|') && strstr(kind->words, word);
}

int knob_path(const char *root, const char *knob, char path[PATH_MAX])
{
	if (!*root && !strncmp(knob, DEBUGFS "/", strlen(DEBUGFS "/")))
		return debugfs_path(knob + strlen(DEBUGFS "/"), path);
	return snprintf(path, PATH_MAX, "%s%s", root, knob) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int knob_read(const char *path, char *value, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[256], *open_mark, *close_mark;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	text[n] = '\0';
	open_mark = strchr(text, '[');
	close_mark = strchr(text, ']');
	if (open_mark && close_mark > open_mark) {
		*close_mark = '\0';
		snprintf(value, size, "%s", open_mark + 1);
	} else {
		text[strcspn(text, "\n")] = '\0';
		snprintf(value, size, "%s", text);
	}
	return 0;
}

int knob_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* ---- a workload's ---- */

static int set_one(const struct knob *knob, bool may_set, struct journal *journal, char *reason, size_t size)
{
	const struct knob_kind *kind = knob_kind(knob->path);
	char path[PATH_MAX], value[KNOB_VALUE_MAX];
	int err;

	if (!kind || !strcmp(kind->path, KNOB_POLICY)) {	/* the policy is the cell's, not the workload's */
		snprintf(reason, size, "%s is not a knob that wbit touches", knob->path);
		return -EINVAL;
	}
	err = knob_path(journal->root, knob->path, path) ?: knob_read(path, value, sizeof(value));
	if (!err && !strcmp(value, knob->value))
		return 0;
	if (!err && !may_set && !journal_tuned_away(journal, knob->path, knob->value)) {
		snprintf(reason, size, "needs %s at %s; it is %s, and a host's knobs are left alone", knob->path,
			 knob->value, value);
		return -EPERM;
	}
	if (err)
		snprintf(reason, size, "cannot set %s to %s: %s", knob->path, knob->value, strerror(-err));
	return err ?: journal_set(journal, knob->path, knob->value, reason, size);
}

int knobs_set(const struct knob knobs[KNOBS_MAX], bool may_set, struct journal *journal, char *reason, size_t size)
{
	int i, err = 0;

	for (i = 0; i < KNOBS_MAX && knobs[i].path && !err; i++)
		err = set_one(&knobs[i], may_set, journal, reason, size);
	if (err)
		knobs_put_back(knobs, journal);
	return err;
}

void knobs_put_back(const struct knob knobs[KNOBS_MAX], struct journal *journal)
{
	int i;

	for (i = 0; i < KNOBS_MAX && knobs[i].path; i++)
		journal_put_back(journal, knobs[i].path);
}
