// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking for what is needed. Each probe leaves no trace: what changes a process is tried in a child. */
#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evidence.h"
#include "needs.h"

#define PAGEMAP_SOFT_DIRTY (UINT64_C(1) << 55)	/* Documentation/admin-guide/mm/pagemap.rst */

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
	snprintf(reason, size, "needs two NUMA nodes with memory; this machine has %s (try: wbit lab run)",
		 n == 1 ? "one" : "no NUMA support");
	return false;
}

static int soft_dirty_bit(const void *address)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = pread(fd, &entry, sizeof(entry), (uintptr_t)address / sysconf(_SC_PAGESIZE) * sizeof(entry));
	close(fd);
	return n == sizeof(entry) ? !!(entry & PAGEMAP_SOFT_DIRTY) : -EIO;
}

/* In a child: a written page carries the bit, clear_refs takes it away. Exit status 0: works; 1: no bit; 2: refused. */
static int try_soft_dirty(void)
{
	volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct trial t = { .fd = -1 };

	if (page == MAP_FAILED)
		return 2;
	page[0] = 1;
	if (soft_dirty_bit((void *)page) <= 0)
		return 1;
	if (clear_soft_dirty(&t))
		return 2;
	return soft_dirty_bit((void *)page) == 0 ? 0 : 1;
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
	if (err == -EACCES || err == -EPERM)
		snprintf(reason, size, "needs tracepoints through perf: run as root, or with CAP_PERFMON and a readable tracefs");
	else
		snprintf(reason, size, "needs the tracepoints of migrate: and exceptions: (%s); is tracefs mounted?",
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

void needs_look(struct needs_found *found)
{
	static bool (*const look[NR_NEEDS])(char *, size_t) = {
		look_for_two_nodes, look_for_soft_dirty, look_for_tracing, look_for_second_cpu
	};
	int i;

	memset(found, 0, sizeof(*found));
	for (i = 0; i < NR_NEEDS; i++)
		if (look[i](found->reason[i], sizeof(found->reason[i])))
			found->have |= 1u << i;
}

const char *needs_missing(const struct needs_found *found, unsigned needs)
{
	int i;

	for (i = 0; i < NR_NEEDS; i++)
		if (needs & ~found->have & (1u << i))
			return found->reason[i];
	return NULL;
}
