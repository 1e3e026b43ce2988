/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filesystems of the kernel's own that wbit reads and writes files of: tracefs and debugfs. */
#ifndef WBIT_MOUNTS_H
#define WBIT_MOUNTS_H

#include <limits.h>

#define DEBUGFS "/sys/kernel/debug"	/* where it is looked for first */

/*
 * Makes tracefs and debugfs visible where they are not mounted: in a mount namespace of this process's own, so that the
 * host's mounts stay as they are. Without the privilege for it nothing happens. wanted: the file of debugfs that it is for.
 */
void mounts_prepare(const char *wanted);

/*
 * The path of a file of debugfs, below /sys/kernel/debug or wherever /proc/self/mounts has one. 0; -ENOENT: debugfs is
 * there and the file is not; -ENODEV: no debugfs is mounted; -EACCES: this user may not look.
 */
int debugfs_path(const char *name, char path[PATH_MAX]);

#endif
