// SPDX-License-Identifier: GPL-2.0-or-later
/* Where tracefs and debugfs are, and a private mount where they are not. */
#include <errno.h>
#include <mntent.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "mounts.h"

#define TRACEFS "/sys/kernel/tracing"

static void mount_privately(const char *type, const char *path)
{
	if (!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		mount(type, path, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static int join(char path[PATH_MAX], const char *folder, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* In the mounts of type debugfs; getmntent() undoes the escapes of a path. */
static int find_in_mounts(const char *name, char path[PATH_MAX])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	int err = -ENODEV;

	while (err && mounts && (entry = getmntent(mounts))) {
		if (strcmp(entry->mnt_type, "debugfs") || join(path, entry->mnt_dir, name))
			continue;
		if (!access(path, F_OK))
			err = 0;
		else if (errno == EACCES || err == -ENODEV)
			err = -errno;
	}
	if (mounts)
		endmntent(mounts);
	return err;
}

int debugfs_path(const char *name, char path[PATH_MAX])
{
	int err = join(path, DEBUGFS, name);

	if (err || !access(path, F_OK))
		return err;
	return errno == EACCES ? -EACCES : find_in_mounts(name, path);
}

void mounts_prepare(const char *wanted)
{
	char path[PATH_MAX];

	if (access(TRACEFS "/events", F_OK) && errno != EACCES && access(DEBUGFS "/tracing/events", F_OK))
		mount_privately("tracefs", TRACEFS);
	if (debugfs_path(wanted, path) == -ENODEV)
		mount_privately("debugfs", DEBUGFS);
}
