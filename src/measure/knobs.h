/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Knobs: files under /proc/sys and /sys that a workload wants at a value. They are set in a lab guest, which is thrown
 * away after the run, and put back all the same. On a host nothing is changed: a knob that is off makes a SKIP.
 */
#ifndef WBIT_KNOBS_H
#define WBIT_KNOBS_H

#include "workload.h"

struct saved_knobs {
	unsigned nr;
	struct {
		const char *path;
		char value[64];
	} knob[KNOBS_MAX];
};

/*
 * Brings the knobs to their values. 0; -EPERM when one differs and may_set is false, -EINVAL when its path is not on the
 * list of those that wbit touches, else -errno; `reason` says which. On failure what was set is put back.
 */
int knobs_set(const struct knob knobs[KNOBS_MAX], bool may_set, struct saved_knobs *saved, char *reason, size_t size);
void knobs_restore(struct saved_knobs *saved);

/* The knobs that wbit knows, NULL-terminated, and the value of one: 0 or -errno. */
extern const char *const knobs_known[];
int knob_read(const char *path, char *value, size_t size);

#endif
