// SPDX-License-Identifier: GPL-2.0-or-later
/* Knobs: read, set, put back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "knobs.h"

const char *const knobs_known[] = {
	"/proc/sys/kernel/numa_balancing",
	"/sys/kernel/mm/ksm/run",
	"/sys/kernel/mm/transparent_hugepage/enabled",
	"/sys/kernel/mm/transparent_hugepage/shmem_enabled",
	"/proc/sys/vm/nr_hugepages",
	NULL
};

static bool is_allowed(const char *path)
{
	unsigned i;

	for (i = 0; knobs_known[i]; i++)
		if (!strcmp(path, knobs_known[i]))
			return true;
	return false;
}

/* Files that list their choices mark the one in force: "always [madvise] never". */
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

static int knob_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int knob_set(const struct knob *knob, bool may_set, struct saved_knobs *saved, char *reason, size_t size)
{
	char value[64];
	int err;

	if (!is_allowed(knob->path)) {
		snprintf(reason, size, "%s is not a knob that wbit touches", knob->path);
		return -EINVAL;
	}
	err = knob_read(knob->path, value, sizeof(value));
	if (!err && !strcmp(value, knob->value))
		return 0;
	if (!err && !may_set) {
		snprintf(reason, size, "needs %s at %s; it is %s, and a host's knobs are left alone", knob->path,
			 knob->value, value);
		return -EPERM;
	}
	if (!err)
		err = knob_write(knob->path, knob->value);
	if (err) {
		snprintf(reason, size, "cannot set %s to %s: %s", knob->path, knob->value, strerror(-err));
		return err;
	}
	saved->knob[saved->nr].path = knob->path;
	memcpy(saved->knob[saved->nr++].value, value, sizeof(value));
	return 0;
}

int knobs_set(const struct knob knobs[KNOBS_MAX], bool may_set, struct saved_knobs *saved, char *reason, size_t size)
{
	int i, err;

	saved->nr = 0;
	for (i = 0; i < KNOBS_MAX && knobs[i].path; i++) {
		err = knob_set(&knobs[i], may_set, saved, reason, size);
		if (err) {
			knobs_restore(saved);
			return err;
		}
	}
	return 0;
}

void knobs_restore(struct saved_knobs *saved)
{
	while (saved->nr) {
		saved->nr--;
		knob_write(saved->knob[saved->nr].path, saved->knob[saved->nr].value);
	}
}
