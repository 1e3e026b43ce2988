// SPDX-License-Identifier: GPL-2.0-or-later
/* The emulated policy. */
#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "emulate.h"

static bool has_flag(const char *flags, const char *flag)
{
	const char *at;

	for (at = flags; (at = strstr(at, flag)); at++)
		if ((at == flags || at[-1] == ' ') && (at[2] == ' ' || at[2] == '\n' || !at[2]))
			return true;
	return false;
}

bool vmflags_default_writable(const char *flags, bool soft_dirty, bool page_mkwrite)
{
	if (!has_flag(flags, "sh") || !has_flag(flags, "wr"))
		return false;		/* a private mapping copies on write: never W */
	if (soft_dirty && !has_flag(flags, "sd") && !has_flag(flags, "ht"))
		return false;		/* tracking is active until the VMA carries VM_SOFTDIRTY; of hugetlb there is none */
	if (has_flag(flags, "uw"))
		return false;		/* uffd-wp wants write notification since 51d3d5eb74ff */
	return !page_mkwrite;
}

/* shmem and hugetlbfs have no page_mkwrite; other filesystems are taken to have one. */
static int wants_page_mkwrite(struct trial *t)
{
	struct statfs fs;

	if (t->fd < 0)
		return 0;
	if (fstatfs(t->fd, &fs))
		return trial_fail(t, errno, "fstatfs");
	return fs.f_type != TMPFS_MAGIC && fs.f_type != HUGETLBFS_MAGIC;
}

struct vma_facts {
	bool shared, writable, page_mkwrite;
};

/* Of all VMAs that the region touches: they must agree. */
static int look_at_vmas(struct trial *t, bool soft_dirty, struct vma_facts *facts)
{
	uintptr_t low, high, at = (uintptr_t)t->region, end = at + t->len_bytes;
	int page_mkwrite = wants_page_mkwrite(t), err = -ENOENT;
	bool ours = false, writable;
	char line[512];
	FILE *smaps;

	if (page_mkwrite < 0)
		return page_mkwrite;
	facts->page_mkwrite = page_mkwrite;
	smaps = fopen("/proc/self/smaps", "re");
	if (!smaps)
		return trial_fail(t, errno, "/proc/self/smaps");
	while (err != -ENOTSUP && fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &low, &high) == 2)
			ours = low < end && high > at;
		if (!ours || strncmp(line, "VmFlags: ", 9))
			continue;
		writable = vmflags_default_writable(line + 9, soft_dirty, page_mkwrite);
		if (!err && facts->writable != writable)
			err = -ENOTSUP;
		else
			err = 0;
		facts->writable = writable;
		facts->shared = has_flag(line + 9, "sh");
	}
	fclose(smaps);
	return err ? trial_fail(t, -err, "the default protection of the region's VMA cannot be told") : 0;
}

int vma_default_writable(struct trial *t, bool soft_dirty)
{
	struct vma_facts facts = { 0 };
	int err = look_at_vmas(t, soft_dirty, &facts);

	return err ? err : facts.writable;
}

int vma_as_declared(struct trial *t, const struct page_state *declared, bool soft_dirty)
{
	struct vma_facts facts = { 0 };
	int err = look_at_vmas(t, soft_dirty, &facts);
	bool file = facts.shared && facts.page_mkwrite;

	if (err)
		return err;
	if (facts.shared == declared->vma_shared && facts.writable == declared->vma_write &&
	    file == (declared->page == PAGE_FILE))
		return 0;
	snprintf(t->reason, sizeof(t->reason), "declared: %s VMA, default %s, %s page_mkwrite; found: %s, %s, %s",
		 declared->vma_shared ? "shared" : "private", declared->vma_write ? "W" : "without W",
		 declared->page == PAGE_FILE ? "with" : "no", facts.shared ? "shared" : "private",
		 facts.writable ? "W" : "without W", file ? "with" : "no");
	return -EPROTO;
}

int emulate_vma_only(struct trial *t, bool soft_dirty, bool *idle)
{
	int writable = vma_default_writable(t, soft_dirty);

	if (writable < 0)
		return writable;
	*idle = writable;
	return writable ? 0 : clear_soft_dirty(t);
}
