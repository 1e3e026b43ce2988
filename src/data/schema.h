/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to data/: the shape of records. */
#ifndef WBIT_SCHEMA_H
#define WBIT_SCHEMA_H

#include <stddef.h>
#include <jansson.h>

/*
 * 0, or -EINVAL with what is wrong in `error`: a newer schema first, then the type, then each known key. *path: of the value
 * that is wrong, a static string; "" where it is the record as a whole.
 */
int schema_check(const json_t *object, char *error, size_t error_size, const char **path);

#endif
