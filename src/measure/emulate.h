/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `vma-only`, emulated on a kernel whose policy is `vma`: after the migration, W is taken from every PTE where the VMA's
 * default protection has none. clear_refs does that and leaves exclusivity alone, so the next write takes the very same
 * path. Where the default is W, vma-only restores what vma restores and there is nothing to do.
 *
 * It looks at the VMA's flags in /proc/self/smaps and at the filesystem, never at the model: vma_wants_writenotify(),
 * mm/mmap.c (6.12: mm/vma.c). The migration itself ran under the kernel's own policy, so its latency says nothing here.
 */
#ifndef WBIT_EMULATE_H
#define WBIT_EMULATE_H

#include "workload.h"

/* 0, with *idle telling that there was nothing to do; or -errno with a reason. soft_dirty: the kernel tracks it. */
int emulate_vma_only(struct trial *t, bool soft_dirty, bool *idle);

/* Does the default protection of the region's VMA carry W? 1, 0, or -errno. */
int vma_default_writable(struct trial *t, bool soft_dirty);

/*
 * Holds the declared state against the region's VMA and filesystem: shared or private, the default protection, page_mkwrite.
 * 0; -EPROTO with the difference as the reason; or -errno. The PTEs are the traced twin's to prove.
 */
int vma_as_declared(struct trial *t, const struct page_state *declared, bool soft_dirty);

/* The same from the text of a VmFlags line ("rd wr sh ..."); page_mkwrite: its filesystem wants to know of writes. */
bool vmflags_default_writable(const char *flags, bool soft_dirty, bool page_mkwrite);

#endif
