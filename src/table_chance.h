/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the table for what differs from trial to trial. */
#ifndef WBIT_TABLE_CHANCE_H
#define WBIT_TABLE_CHANCE_H

#include <stdio.h>

#include "summary.h"

bool table_has_chance(const struct cell *const *cells, unsigned nr, enum chance chance);
void table_chance_legend(FILE *out, const struct summary *summary);

#endif
