/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cache of its own for each test, and files in it. To be included once, by a test program. */
#ifndef WBIT_TEST_PLACE_H
#define WBIT_TEST_PLACE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

struct place {
	char root[64];
	struct cache cache;
};

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	char error[LAB_ERROR_MAX];

	strcpy(p->root, "/tmp/wbit-test-XXXXXX");
	if (!mkdtemp(p->root) || setenv("XDG_CACHE_HOME", p->root, 1) || cache_open(&p->cache, error))
		return -1;
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;
	char path[128];
	static const char *const below[] = { "wbit/kernels/k", "wbit/kernels", "wbit", "" };
	size_t i;

	cache_unlock(&p->cache);
	for (i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", p->root, below[i]);
		cache_discard(path);
	}
	free(p);
	return 0;
}

static void put(const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX + 32];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

#endif
