// SPDX-License-Identifier: GPL-2.0-or-later
/* cgroup v2, as far as the cpuset trigger wants it. */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroups.h"

#define SUBTREE "cgroup.subtree_control"

static bool find_mount(char root[CGROUP_PATH_MAX])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *m;
	bool found = false;

	while (mounts && !found && (m = getmntent(mounts)))
		if (!strcmp(m->mnt_type, "cgroup2") && strlen(m->mnt_dir) < CGROUP_PATH_MAX - 40) {
			snprintf(root, CGROUP_PATH_MAX, "%s", m->mnt_dir);
			found = true;
		}
	if (mounts)
		endmntent(mounts);
	return found;
}

int cgroup_root(char root[CGROUP_PATH_MAX])
{
	char path[CGROUP_PATH_MAX + 40], text[256] = "";
	FILE *f;

	if (!find_mount(root))
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/" SUBTREE, root);
	f = fopen(path, "re");
	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	return strstr(text, "cpuset") ? 0 : -ENOENT;
}

void cgroup_enable_cpuset(void)
{
	char root[CGROUP_PATH_MAX], path[CGROUP_PATH_MAX + 40];
	int fd;

	if (!find_mount(root))
		return;
	snprintf(path, sizeof(path), "%s/" SUBTREE, root);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "+cpuset", 7) != 7)
		errno = 0;	/* cgroup_root() will say that it is not there */
	close(fd);
}
