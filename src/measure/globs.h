/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of globs, "GLOB[,GLOB...]": how options choose workloads, policies, sources and triggers. */
#ifndef WBIT_GLOBS_H
#define WBIT_GLOBS_H

#include <stdbool.h>

bool glob_list_has(const char *globs, const char *name);	/* does one of them match? NULL: all do */

/* Is the name in the list letter by letter? */
bool glob_list_names(const char *globs, const char *name);

#endif
