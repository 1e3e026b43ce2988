// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What resolving uffd-wp does to W. A page of shared memory is write-protected and let go again; when its next write
 * takes a fault, W was not given back. 6.1 gives it back: mm/userfaultfd.c uffd_wp_range() there uses the protection of
 * the VMA's flags; 6.12 uses vm_page_prot, which is without W then, and tries no upgrade (doc/findings.md).
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conditions.h"

#define PAGES 16

static long faults_of_writes(struct trial *t)
{
	struct rusage before, after;
	uint64_t i;

	getrusage(RUSAGE_THREAD, &before);
	getrusage(RUSAGE_THREAD, &before);
	for (i = 0; i < t->nr_pages; i++)
		write_page(t, i);
	getrusage(RUSAGE_THREAD, &after);
	return after.ru_minflt - before.ru_minflt;
}

static int unprotect(struct trial *t)
{
	return uffd_register(t) ?: uffd_protect(t, true) ?: uffd_protect(t, false);
}

/* In a child: 0 when W was given back, 1 when not, 2 when it cannot be tried. */
static int try(int (*map)(struct trial *), int (*resolve)(struct trial *), enum mapped_by mapped_by)
{
	uint64_t pages = mapped_by == MAPPED_BY_PTE ? PAGES : 1;
	size_t bytes = mapped_bytes(mapped_by);
	struct trial t = { .nr_pages = pages, .page_bytes = bytes, .len_bytes = pages * bytes, .fd = -1, .uffd = -1 };

	alarm(10);	/* a fault that nobody resolves hangs */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	t.region = mmap(NULL, t.len_bytes + bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t.region == MAP_FAILED)
		return 2;
	t.region = (char *)(((uintptr_t)t.region + bytes - 1) & ~(bytes - 1));
	if (map(&t) || resolve(&t))
		return 2;
	return faults_of_writes(&t) >= (long)pages;
}

static int try_in_a_child(int (*map)(struct trial *), int (*resolve)(struct trial *), enum mapped_by mapped_by)
{
	pid_t pid = fork();
	int status = -1;

	if (!pid)
		_exit(try(map, resolve, mapped_by));
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool restores(int (*map)(struct trial *), int (*resolve)(struct trial *), enum mapped_by mapped_by)
{
	return try_in_a_child(map, resolve, mapped_by) == 0;
}

static bool drops(int (*map)(struct trial *), int (*resolve)(struct trial *), enum mapped_by mapped_by)
{
	return try_in_a_child(map, resolve, mapped_by) == 1;
}

unsigned conditions_look_at_hugetlb(void)
{
	return restores(map_memfd_hugetlb, uffd_read_and_end, MAPPED_BY_HUGETLB) ? HUGETLB_UNREGISTER_RESTORES_W : 0;
}

unsigned conditions_look(const struct needs_found *found)
{
	unsigned conditions = 0;

	if (needs_missing(found, NEED_UFFD_WP))
		return 0;
	if (restores(map_memfd, uffd_read_and_end, MAPPED_BY_PTE))
		conditions |= UNREGISTER_RESTORES_W;
	if (restores(map_memfd, unprotect, MAPPED_BY_PTE))
		conditions |= UNPROTECT_RESTORES_W;
	if (drops(map_private_anon, uffd_protect_and_end, MAPPED_BY_PTE))
		conditions |= ANON_UNREGISTER_DROPS_W;
	return conditions;
}
