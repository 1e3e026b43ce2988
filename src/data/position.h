/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to data/: where in a line something stands, for messages. */
#ifndef WBIT_POSITION_H
#define WBIT_POSITION_H

#include <stddef.h>

/*
 * The byte at which the value at a dotted path ("faults.reuse") begins in a line that holds one JSON object. 0 when there is
 * no such value, or when a key on the way is spelt with escapes.
 */
size_t position_of(const char *line, size_t len, const char *path);

/* The column of a byte, in characters from 1: bytes that continue a character of UTF-8 are not counted. */
unsigned position_column(const char *line, size_t len, size_t at);

#endif
