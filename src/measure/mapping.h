/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where workloads find their files. The building blocks themselves are declared in workload.h. */
#ifndef WBIT_MAPPING_H
#define WBIT_MAPPING_H

#include <stdbool.h>

/* A folder on a filesystem with page_mkwrite that may be written to: its name (PATH_MAX bytes). */
bool filesystem_with_page_mkwrite(char *folder);

#endif
