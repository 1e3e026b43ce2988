/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Knobs: files under /proc/sys and /sys that wbit may set, and what they may hold. Those that a workload wants at a value
 * are set in a lab guest, which is thrown away after the run; on a host a knob that is off makes a SKIP. The policy
 * switch of a patched kernel is set anywhere, and so is what disturbs times, where --tune asks for it (tune.h). Whatever is
 * set is journalled first and put back (journal.h).
 */
#ifndef WBIT_KNOBS_H
#define WBIT_KNOBS_H

#include <limits.h>

#include "workload.h"

#define NR_KNOBS 15
#define KNOB_VALUE_MAX 64
#define KNOB_PATH_MAX 80
#define KNOB_CPU_MAX 8191	/* CONFIG_NR_CPUS goes up to 8,192 on x86 */
#define KNOB_POLICY "/sys/kernel/debug/migrate_restore_policy"
#define KNOB_POLICY_NAME "migrate_restore_policy"	/* in debugfs, wherever that is mounted */

/* A file; or one for each CPU: then '%' stands in the path for the CPU's number, in decimal and without zeros before it. */
struct knob_kind {
	const char *path;
	const char *words;	/* "|a|b|": what it may hold; NULL: a number */
};

extern const struct knob_kind knob_kinds[NR_KNOBS];

/* The kind of a file by its path, letter by letter; NULL: it is not one that wbit touches, and no kind's path with its '%' is. */
const struct knob_kind *knob_kind(const char *path);
bool knob_may_hold(const struct knob_kind *kind, const char *value);

/*
 * Where a knob's file is. root: "" for this machine; a test puts a folder before the paths. 0 or -errno, as
 * debugfs_path() has it for the policy switch.
 */
int knob_path(const char *root, const char *knob, char path[PATH_MAX]);

/* The value in any file of this sort: its first line, or the word in brackets where choices are listed. 0 or -errno. */
int knob_read(const char *path, char *value, size_t size);
int knob_write(const char *path, const char *value);	/* 0 or -errno */

struct journal;

/*
 * Brings a workload's knobs to their values. 0; -EPERM when one differs and may_set is false, -EINVAL when its path is not
 * one that wbit touches, else -errno; `reason` says which. On failure what was set is put back. One that held the value
 * until --tune changed it may be brought back to it whatever may_set says.
 */
int knobs_set(const struct knob knobs[KNOBS_MAX], bool may_set, struct journal *journal, char *reason, size_t size);
void knobs_put_back(const struct knob knobs[KNOBS_MAX], struct journal *journal);

#endif
