// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cpuset.mems of cgroup v2: a group of the trial's own is moved from the source node to the target, and with it its tasks'
 * memory, by a work queue that the write waits for (kernel/cgroup/cpuset.c cpuset_migrate_mm(), cpuset_write_resmask()).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroups.h"
#include "trigger.h"

#define GROUP_PREFIX "wbit-"	/* and the trial's pid */
#define CLEAN_UP_TRIES 50

struct group {
	char root[CGROUP_PATH_MAX], path[CGROUP_PATH_MAX];
};

static int put(struct trial *t, const char *folder, const char *file, int number)
{
	char path[CGROUP_PATH_MAX + 32], text[16];
	int fd, err = 0, len;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	len = snprintf(text, sizeof(text), "%d", number);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, len) != len)
		err = trial_fail(t, errno, path);
	if (fd >= 0)
		close(fd);
	return err;
}

/* Of trials that were killed, or whose own children were still in it. How many are in use, and stay. */
static unsigned remove_groups(const char *root)
{
	char path[CGROUP_PATH_MAX + 300];
	DIR *folder = opendir(root);
	struct dirent *entry;
	unsigned in_use = 0;

	while (folder && (entry = readdir(folder))) {
		const char *pid = entry->d_name + strlen(GROUP_PREFIX);

		if (strncmp(entry->d_name, GROUP_PREFIX, strlen(GROUP_PREFIX)) || !*pid || pid[strspn(pid, "0123456789")])
			continue;
		snprintf(path, sizeof(path), "%s/%s", root, entry->d_name);
		in_use += rmdir(path) != 0;
	}
	if (folder)
		closedir(folder);
	return in_use;
}

/* A child of the last trial's may be about to end still. */
static void clean_up(void)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	char root[CGROUP_PATH_MAX];
	int tries;

	if (cgroup_root(root))
		return;
	for (tries = 0; tries < CLEAN_UP_TRIES && remove_groups(root); tries++)
		nanosleep(&pause, NULL);
}

/* The group has to be there before the pages are, or entering it would move them. */
static int steer(struct trial *t, struct migration *m)
{
	struct group *g = calloc(1, sizeof(*g));

	m->priv = g;
	if (!g)
		return trial_fail(t, ENOMEM, "a cgroup's name");
	if (cgroup_root(g->root))
		return trial_fail(t, ENOENT, "a cgroup v2 with the cpuset controller");
	snprintf(g->path, sizeof(g->path), "%.200s/" GROUP_PREFIX "%d", g->root, getpid());
	if (mkdir(g->path, 0700) && errno != EEXIST)	/* of a trial with the same pid, long dead */
		return trial_fail(t, errno, g->path);
	return put(t, g->path, "cpuset.mems", t->from) ?: put(t, g->path, "cgroup.procs", getpid());
}

static int migrate(struct trial *t, struct migration *m)
{
	const struct group *g = m->priv;

	return put(t, g->path, "cpuset.mems", t->to);
}

static int prove(struct trial *t, struct migration *m, uint64_t *migrated, uint64_t *failed)
{
	const struct group *g = m->priv;
	int err = put(t, g->root, "cgroup.procs", getpid());

	if (err)
		return err;
	rmdir(g->path);	/* not while a child of the workload's is in it */
	return prove_on_target(t, m, migrated, failed);
}

const struct trigger trigger_cpuset = {
	.name = "cpuset",
	.about = "cpuset.mems of a cgroup v2 of the trial's own, which moves its tasks' memory by a work queue",
	.needs = NEED_TWO_NODES | NEED_CPUSET,
	.by_worker = true,
	.untimed = "the whole process moves, by a work queue: the call's time is not the region's",
	.steer = steer,
	.place = place_on_source,
	.prepare = prepare_nothing,
	.migrate = migrate,
	.prove = prove,
	.clean_up = clean_up,
};
