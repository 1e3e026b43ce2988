// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sysv-shared: a SysV shared memory segment: shmem behind another door (ipc/shm.c has vm_ops of its own), and a control like
 * shmem-shared.
 */
#include <errno.h>
#include <sys/shm.h>

#include "workload.h"

static int setup(struct trial *t)
{
	int id = shmget(IPC_PRIVATE, t->len_bytes, IPC_CREAT | 0600);

	if (id < 0)
		return trial_fail(t, errno, "shmget");
	if (shmat(id, t->region, SHM_REMAP) == (void *)-1) {
		trial_fail(t, errno, "shmat");
		shmctl(id, IPC_RMID, NULL);
		return -EIO;
	}
	shmctl(id, IPC_RMID, NULL);	/* it goes with the last process that has it mapped */
	return rewrite_pages(t);
}

const struct workload sysv_shared = {
	.name  = "sysv-shared",
	.about = "SysV shared memory, written: a control",
	.extra = true,
	.needs = NEED_SYSVIPC,
	.setup = setup,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};
