// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking for what the kinds of memory and the triggers need of the kernel's configuration: by its files and calls. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "cgroups.h"
#include "evidence.h"
#include "knobs.h"
#include "mounts.h"
#include "needs_look.h"
#include "pagemap_scan.h"
#include "workload.h"

#define THP "/sys/kernel/mm/transparent_hugepage/"

static bool has_file(const char *path, const char *without, char *reason, size_t size)
{
	if (!access(path, F_OK))
		return true;
	snprintf(reason, size, "%s", without);
	return false;
}

bool look_for_swap(char *reason, size_t size)
{
	return has_file("/proc/swaps", "this kernel has no swap (CONFIG_SWAP)", reason, size);
}

bool look_for_ksm(char *reason, size_t size)
{
	return has_file("/sys/kernel/mm/ksm/run", "this kernel has no KSM (CONFIG_KSM)", reason, size);
}

bool look_for_thp(char *reason, size_t size)
{
	char value[KNOB_VALUE_MAX];

	if (!has_file(THP "enabled", "this kernel has no transparent huge pages (CONFIG_TRANSPARENT_HUGEPAGE)", reason, size))
		return false;
	if (knob_read(THP "enabled", value, sizeof(value)) || strcmp(value, "never"))
		return true;
	snprintf(reason, size, "transparent huge pages are off: " THP "enabled says never");
	return false;
}

bool look_for_shmem_thp(char *reason, size_t size)
{
	return has_file(THP "shmem_enabled", "this kernel has no huge pages of shared memory (CONFIG_TRANSPARENT_HUGEPAGE, "
			"CONFIG_SHMEM)", reason, size);
}

bool look_for_hugetlb(char *reason, size_t size)
{
	return has_file("/sys/kernel/mm/hugepages/hugepages-2048kB", "this kernel has no hugetlb pages of 2 MiB (CONFIG_HUGETLBFS)",
			reason, size);
}

bool look_for_uffd_async(char *reason, size_t size)
{
	struct trial t = { .nr_pages = 1, .page_bytes = 4096, .len_bytes = 4096, .fd = -1, .uffd = -1 };
	uint64_t written;
	int err;

	t.region = mmap(NULL, t.len_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t.region == MAP_FAILED)
		return false;
	err = map_private_anon(&t) ?: uffd_register_async(&t) ?: pagemap_scan(&t, true, &written);
	if (t.uffd >= 0)
		close(t.uffd);
	munmap(t.region, t.len_bytes);
	if (err)
		snprintf(reason, size, "needs asynchronous userfaultfd write protection and PAGEMAP_SCAN, of 6.7 and later (%.40s)",
			 t.reason);
	return !err;
}

bool look_for_numa_balancing(char *reason, size_t size)
{
	char path[PATH_MAX];
	int err;

	if (access("/proc/sys/kernel/numa_balancing", F_OK)) {
		snprintf(reason, size, "this kernel has no NUMA balancing (CONFIG_NUMA_BALANCING)");
		return false;
	}
	err = debugfs_path("sched/numa_balancing/scan_delay_ms", path);
	if (err)
		snprintf(reason, size, "needs NUMA balancing's knobs in debugfs (%s): root, CONFIG_SCHED_DEBUG", strerror(-err));
	return !err;
}

bool look_for_cpuset(char *reason, size_t size)
{
	char root[CGROUP_PATH_MAX];

	if (cgroup_root(root))
		snprintf(reason, size, "needs cgroup v2 whose root gives its groups the cpuset controller");
	else if (access(root, W_OK))
		snprintf(reason, size, "needs to make a cgroup: run as root");
	else if (get_nprocs() > EVIDENCE_CPUS_MAX)
		snprintf(reason, size, "its worker may migrate on any CPU, and %d at the most are watched", EVIDENCE_CPUS_MAX);
	else
		return true;
	return false;
}

bool look_for_sysvipc(char *reason, size_t size)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	else
		snprintf(reason, size, "needs SysV shared memory (%s)", errno == ENOSYS ? "CONFIG_SYSVIPC" : strerror(errno));
	return id >= 0;
}
