/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The looks of needs.c that are in needs_kinds.c: true, or false with a line that says what is missing. */
#ifndef WBIT_NEEDS_LOOK_H
#define WBIT_NEEDS_LOOK_H

#include <stdbool.h>
#include <stddef.h>

bool look_for_swap(char *reason, size_t size);
bool look_for_ksm(char *reason, size_t size);
bool look_for_thp(char *reason, size_t size);
bool look_for_shmem_thp(char *reason, size_t size);
bool look_for_hugetlb(char *reason, size_t size);
bool look_for_uffd_async(char *reason, size_t size);
bool look_for_numa_balancing(char *reason, size_t size);
bool look_for_cpuset(char *reason, size_t size);
bool look_for_sysvipc(char *reason, size_t size);

#endif
