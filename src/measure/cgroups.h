/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where groups with a cpuset of their own can be made. */
#ifndef WBIT_CGROUPS_H
#define WBIT_CGROUPS_H

#include <stdbool.h>

#define CGROUP_PATH_MAX 256

/* The root of cgroup v2 as /proc/self/mounts has it, where its groups get the cpuset controller. 0 or -ENOENT. */
int cgroup_root(char root[CGROUP_PATH_MAX]);

/* Gives it to them where only that is missing: in a lab's guest. */
void cgroup_enable_cpuset(void);

#endif
