/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures as short text, for tables and figures. All write at most `size` bytes, terminated, and return out. */
#ifndef WBIT_TEXT_H
#define WBIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "summary.h"

/* 10112 is "10,112". */
char *text_count(uint64_t value, char *out, size_t size);

/* A name; of one that does not fit its ends: "MEM_LOAD_L3_MISS..:REMOTE_DRAM:k". size: 24 at least. */
char *text_ends(const char *text, char *out, size_t size);

/* "256", "250..256", or "?" when it was not measured. */
char *text_range(uint64_t min, uint64_t max, char *out, size_t size);

/* "1", or the exact "255 in 256": rounding would hide the one page that is off. "?" when it was not measured. */
char *text_per_page(uint64_t min, uint64_t max, uint64_t pages, char *out, size_t size);

/* The median, with the range beside it where that is wider than 1 %: "6,239", "6,239 (6,120..6,301)". "-" for none. */
char *text_spread(const struct spread *spread, char *out, size_t size);

/* One decimal: "10,064.2", with its sign where that is wanted: "+12.0". What one decimal would call 0 has three digits. */
char *text_decimal(double value, bool sign, char *out, size_t size);

/* The version alone: "6.12.117+deb12-cloud-amd64" is "6.12.117", "6.1.0-56-cloud-amd64" is "6.1.0-56". */
char *text_kernel(const char *release, char *out, size_t size);

/* "4 KiB", "2 MiB" */
char *text_bytes(uint64_t bytes, char *out, size_t size);

#endif
