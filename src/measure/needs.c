// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking for what is needed. Each probe leaves no trace: what changes a process is tried in a child. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <numa.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evidence.h"
#include "cgroups.h"
#include "mapping.h"
#include "needs.h"
#include "needs_look.h"
#include "policy_switch.h"

/* Documentation/admin-guide/mm/pagemap.rst */
#define PAGEMAP_SOFT_DIRTY (UINT64_C(1) << 55)
#define PAGEMAP_FRAME ((UINT64_C(1) << 55) - 1)

int nodes_with_memory(int *nodes, int max)
{
	int node, n = 0;

	if (numa_available() < 0)
		return 0;
	for (node = 0; node <= numa_max_node() && n < max; node++)
		if (numa_node_size64(node, NULL) > 0)
			nodes[n++] = node;
	return n;
}

int cpu_of_node(int node)
{
	cpu_set_t allowed;
	int cpu;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return -1;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && numa_node_of_cpu(cpu) == node)
			return cpu;
	return -1;
}

int node_to_start_from(void)
{
	int nodes[64], n = nodes_with_memory(nodes, 64), i;

	for (i = 0; i < n; i++)
		if (cpu_of_node(nodes[i]) >= 0)
			return nodes[i];
	return -1;
}

static bool look_for_two_nodes(char *reason, size_t size)
{
	int nodes[64], n = nodes_with_memory(nodes, 64);

	if (n >= 2)
		return true;
	snprintf(reason, size, "needs two NUMA nodes with memory; here is %s: try --trigger compaction as root, or wbit lab run",
		 n == 1 ? "one" : "no NUMA support");
	return false;
}

static void pagemap_entries(const void *address, uint64_t nr, uint64_t *entries)
{
	off_t at = (uintptr_t)address / 4096 * sizeof(*entries);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t done = 0, size = nr * sizeof(*entries);
	ssize_t n = 1;

	memset(entries, 0, size);
	for (; fd >= 0 && done < size && n > 0; done += n > 0 ? n : 0)
		n = pread(fd, (char *)entries + done, size - done, at + done);
	if (fd >= 0)
		close(fd);
}

static uint64_t pagemap_entry(const void *address)
{
	uint64_t entry;

	pagemap_entries(address, 1, &entry);
	return entry;
}

void frames_of(const void *address, uint64_t nr, uint64_t *frames)
{
	uint64_t i;

	pagemap_entries(address, nr, frames);
	for (i = 0; i < nr; i++)
		frames[i] &= PAGEMAP_FRAME;
}

uint64_t frame_of(const void *address)
{
	return pagemap_entry(address) & PAGEMAP_FRAME;
}

static bool has_soft_dirty_bit(const volatile void *address)
{
	return pagemap_entry((const void *)address) & PAGEMAP_SOFT_DIRTY;
}

/* In a child: a written page carries the bit, clear_refs takes it away. Exit status 0: works; 1: no bit; 2: refused. */
static int try_soft_dirty(void)
{
	volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct trial t = { .fd = -1 };

	if ((void *)page == MAP_FAILED)
		return 2;
	page[0] = 1;
	if (!has_soft_dirty_bit(page))
		return 1;
	if (clear_soft_dirty(&t))
		return 2;
	return has_soft_dirty_bit(page) ? 1 : 0;
}

static bool look_for_soft_dirty(char *reason, size_t size)
{
	pid_t pid = fork();
	int status = -1;

	if (!pid)
		_exit(try_soft_dirty());
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	if (status == 0)
		return true;
	snprintf(reason, size, "%s", WIFEXITED(status) && WEXITSTATUS(status) == 1 ?
		 "this kernel has no soft-dirty tracking (CONFIG_MEM_SOFT_DIRTY)" : "cannot use /proc/self/clear_refs");
	return false;
}

static bool look_for_tracing(char *reason, size_t size)
{
	int err = evidence_possible();

	if (!err)
		return true;
	if (err == -EACCES || err == -EPERM || geteuid())
		snprintf(reason, size, "needs tracepoints through perf: run as root, or with CAP_PERFMON and a readable tracefs");
	else
		snprintf(reason, size, "needs the tracepoints of migrate: and exceptions: (%s): run as root, or mount tracefs",
			 strerror(-err));
	return false;
}

static bool look_for_second_cpu(char *reason, size_t size)
{
	cpu_set_t allowed;

	if (!sched_getaffinity(0, sizeof(allowed), &allowed) && CPU_COUNT(&allowed) >= 2)
		return true;
	snprintf(reason, size, "needs a second CPU");
	return false;
}

/* In this process: a page of memfd that is registered, protected and let go again. */
static bool look_for_uffd_wp(char *reason, size_t size)
{
	struct trial t = { .nr_pages = 1, .page_bytes = 4096, .len_bytes = 4096, .fd = -1, .uffd = -1 };
	int err;

	t.region = mmap(NULL, t.len_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t.region == MAP_FAILED)
		err = trial_fail(&t, errno, "mmap");
	else
		err = map_memfd(&t) ?: uffd_register(&t) ?: uffd_protect(&t, true) ?: uffd_unregister(&t);
	if (t.uffd >= 0)
		close(t.uffd);
	if (t.fd >= 0)
		close(t.fd);
	if (t.region != MAP_FAILED)
		munmap(t.region, t.len_bytes);
	if (err)
		snprintf(reason, size, "needs userfaultfd write protection of shmem (%.80s)", t.reason);
	return !err;
}

bool has_capability(int capability)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned long long effective = 0;
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "CapEff: %llx", &effective) == 1)
			break;
	if (status)
		fclose(status);
	return effective & 1ull << capability;
}

static bool look_for_move_all(char *reason, size_t size)
{
	if (has_capability(CAP_SYS_NICE))
		return true;
	snprintf(reason, size, "needs CAP_SYS_NICE to move pages that another process maps too: run as root");
	return false;
}

static bool look_for_filesystem(char *reason, size_t size)
{
	char folder[PATH_MAX];

	if (filesystem_with_page_mkwrite(folder))
		return true;
	snprintf(reason, size, "needs a writable folder on ext4 or xfs: TMPDIR, /mnt, /var/tmp and this one are none");
	return false;
}

static bool look_for_compaction(char *reason, size_t size)
{
	volatile char page = 0;

	if (access("/proc/sys/vm/compact_memory", F_OK))
		snprintf(reason, size, "this kernel has no compaction (CONFIG_COMPACTION)");
	else if (access("/proc/sys/vm/compact_memory", W_OK) || !frame_of((const void *)&page))
		snprintf(reason, size, "needs to compact memory and to see frame numbers: run as root");
	else
		return true;
	return false;
}

static bool look_for_switch(char *reason, size_t size)
{
	enum policy now;

	return !policy_switch_look("", &now, reason, size);
}

static bool look_for_own_machine(char *reason, size_t size)
{
	snprintf(reason, size, "only in a guest of the lab, since other processes would feel it: wbit lab run");
	return false;
}

void needs_look(struct needs_found *found, bool own_machine)
{
	static bool (*const look[NR_NEEDS])(char *, size_t) = {
		look_for_two_nodes, look_for_soft_dirty, look_for_tracing, look_for_second_cpu,
		look_for_uffd_wp, look_for_move_all, look_for_filesystem, look_for_compaction,
		look_for_switch, look_for_own_machine, look_for_swap, look_for_ksm, look_for_thp, look_for_shmem_thp,
		look_for_hugetlb, look_for_uffd_async, look_for_numa_balancing, look_for_cpuset, look_for_sysvipc
	};
	cpu_set_t allowed;
	int i;

	memset(found, 0, sizeof(*found));
	found->nr_cpus = sched_getaffinity(0, sizeof(allowed), &allowed) ? 1 : CPU_COUNT(&allowed);
	if (own_machine)
		cgroup_enable_cpuset();
	for (i = 0; i < NR_NEEDS; i++)
		if (look[i](found->reason[i], sizeof(found->reason[i])))
			found->have |= 1u << i;
	if (own_machine)
		found->have |= NEED_OWN_MACHINE;
}

const char *needs_missing(const struct needs_found *found, unsigned needs)
{
	int i;

	for (i = 0; i < NR_NEEDS; i++)
		if (needs & ~found->have & (1u << i))
			return found->reason[i];
	return NULL;
}
