// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Workloads that go wrong, each in one way: the whole program is built a second time with these, so that the tests see
 * what it makes of them in a real guest. trial-*: the run goes on. guest-*: the guest or its log suffers.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include "unseen.h"
#include "workloads.h"

/* ---- the state is declared and not made ---- */

static const struct workload skips_arming = {
	.name  = "trial-skips-arming",
	.about = "shmem-softdirty-merge without its arming",
	.setup = map_memfd_half_written,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true },
};

/* ---- pages that move_pages refuses: mapped twice, which the declared state does not say ---- */

static int fork_a_holder(struct trial *t)
{
	pid_t pid = fork();

	if (pid < 0)
		return trial_fail(t, errno, "fork");
	if (pid)
		return 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static int map_and_fork(struct trial *t)
{
	int err = map_private_anon(t);

	return err ? err : fork_a_holder(t);
}

static const struct workload moves_nothing = {
	.name  = "trial-moves-nothing",
	.about = "no page moves",
	.setup = map_and_fork,
	.state = { .page = PAGE_ANON, .pte_write = true, .exclusive = true },
};

/* ---- the oracle has a wrong row: __wrap_model_predict() below, for states with `hint` ---- */

static const struct workload wrong_oracle = {
	.name  = "trial-wrong-oracle",
	.about = "shmem-shared against an oracle that expects a fault",
	.setup = map_shared_anon,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true, .hint = true },
};

struct prediction __real_model_predict(const struct page_state *state, enum policy policy);
struct prediction __wrap_model_predict(const struct page_state *state, enum policy policy);

struct prediction __wrap_model_predict(const struct page_state *state, enum policy policy)
{
	struct prediction p = __real_model_predict(state, policy);

	if (state->hint) {
		p.faults = 1;
		p.kind = FAULT_SHARED_REUSE;
	}
	return p;
}

/* ---- children that do not come through ---- */

static int crash(struct trial *t, uint64_t page)
{
	(void)t;
	return page == 7 ? raise(SIGSEGV) : 0;
}

static const struct workload crashes = {
	.name  = "trial-crashes",
	.about = "SIGSEGV at the eighth page",
	.setup = map_shared_anon,
	.write = crash,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};

static int hang(struct trial *t)
{
	(void)t;
	for (;;)
		pause();
	return 0;
}

static const struct workload hangs = {
	.name  = "trial-hangs",
	.about = "never comes back from arming",
	.setup = map_shared_anon,
	.arm   = hang,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};

/* ---- data that is lost ---- */

static int write_wrong(struct trial *t, uint64_t page)
{
	page_words(t, page)[1] = 0;
	return 0;
}

static const struct workload loses_data = {
	.name  = "trial-loses-data",
	.about = "writes something else than it should",
	.setup = map_shared_anon,
	.write = write_wrong,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};

/* ---- this one is right: `during` runs beside the migration ---- */

static int note_that_it_ran(struct trial *t)
{
	t->priv = t;
	return 0;
}

static int check_that_it_ran(struct trial *t)
{
	if (t->priv)
		return check_pages(t);
	return trial_fail(t, ECHILD, "during() did not run");
}

static const struct workload beside = {
	.name   = "trial-beside",
	.about  = "does something beside the migration",
	.setup  = map_shared_anon,
	.during = note_that_it_ran,
	.check  = check_that_it_ran,
	.state  = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};

/* ---- declarations that the VMA and its filesystem contradict ---- */

static const struct workload not_a_file = {
	.name  = "trial-not-a-file",
	.about = "shared memory under soft-dirty tracking, declared a file that wants page_mkwrite",
	.setup = map_memfd,
	.arm   = clear_soft_dirty,
	.state = { .page = PAGE_FILE, .vma_shared = true },
};

static const struct workload not_private = {
	.name  = "trial-not-private",
	.about = "shared memory, declared private",
	.setup = map_shared_anon,
	.state = { .page = PAGE_ANON, .pte_write = true, .exclusive = true },
};

/* ---- knobs: one that is set and put back, one that may not be touched ---- */

static int check_knob(struct trial *t)
{
	char value[8] = "";
	int fd = open("/proc/sys/vm/nr_overcommit_hugepages", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, value, sizeof(value) - 1) < 0)
		return trial_fail(t, errno, "nr_overcommit_hugepages");
	close(fd);
	return strcmp(value, "2\n") ? trial_fail(t, EINVAL, "the knob was not set") : check_pages(t);
}

static const struct workload knob = {
	.name  = "trial-knob",
	.about = "wants a knob at a value",
	.knobs = { { "/proc/sys/vm/nr_overcommit_hugepages", "2" } },
	.setup = map_shared_anon,
	.check = check_knob,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};

static const struct workload forbidden_knob = {
	.name  = "trial-forbidden-knob",
	.about = "wants a knob that wbit does not touch",
	.knobs = { { "/proc/sys/kernel/panic", "7" } },
	.setup = map_shared_anon,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};

/* ---- the guest's filesystem: ext4, and large enough for two regions ---- */

static int look_for_ext4(struct trial *t)
{
	struct statfs fs;

	if (statfs("/mnt", &fs) || fs.f_type != EXT4_SUPER_MAGIC)
		return trial_fail(t, ENODEV, "no ext4 at /mnt");
	if (fs.f_bavail * (uint64_t)fs.f_bsize < 2 * t->len_bytes || access("/mnt", W_OK))
		return trial_fail(t, ENOSPC, "/mnt");
	return map_shared_anon(t);
}

static const struct workload disk = {
	.name  = "trial-disk",
	.about = "needs the guest's ext4",
	.setup = look_for_ext4,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};

/* ---- what the guest's log must give away ---- */

static int write_file(struct trial *t, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return trial_fail(t, errno, path);
	close(fd);
	return map_shared_anon(t);
}

static int warn(struct trial *t)
{
	return write_file(t, "/dev/kmsg", "<4>WARNING: CPU: 0 PID: 1 at mm/migrate.c:1 remove_migration_pte+0x1/0x2\n");
}

static const struct workload warns = {
	.name  = "guest-warns",
	.about = "a WARNING in the kernel's log",
	.setup = warn,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};

/* A panic leaves in the port's buffer what has not gone out: what came before is what is to be kept, so that goes out first. */
static int panic_now(struct trial *t)
{
	int fd = open("/dev/ttyS1", O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || tcdrain(fd))
		return trial_fail(t, errno, "/dev/ttyS1");
	close(fd);
	return write_file(t, "/proc/sysrq-trigger", "c");
}

static const struct workload panics = {
	.name  = "guest-panics",
	.about = "the guest's kernel panics",
	.setup = panic_now,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};

/* ---- a guest that writes past wbit to where the records go ---- */

static int scribble(struct trial *t)
{
	return write_file(t, "/dev/ttyS1", "\033[2J\033]0;title\007{\"type\":\"end\"}\rwbit: all is well\n");
}

static const struct workload scribbles = {
	.name  = "guest-scribbles",
	.about = "words of its own among the records",
	.setup = scribble,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};

/* They run in this order: &panics, which ends a run, after those that a test wants to see before it. */
const struct workload *const workloads[] = {
	&beside, &not_a_file, &not_private, &skips_arming, &moves_nothing, &wrong_oracle, &crashes, &hangs, &loses_data,
	&knob, &forbidden_knob, &disk, &unseen_in_the_region, &unseen_of_a_thread, &warns, &panics, &scribbles, NULL
};
