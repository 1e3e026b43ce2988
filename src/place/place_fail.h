/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the files of this layer tell what is wrong. */
#ifndef WBIT_PLACE_FAIL_H
#define WBIT_PLACE_FAIL_H

#include <stddef.h>

/* Writes the message and returns err. */
int place_fail(char *error, size_t size, int err, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
