/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of counters; nothing where none were asked for. At most 120 columns. */
#ifndef WBIT_TABLE_COUNTERS_H
#define WBIT_TABLE_COUNTERS_H

#include <stdio.h>

struct summary;

void table_counters(FILE *out, const struct summary *summary);

#endif
