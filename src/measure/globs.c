// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of globs. */
#include "globs.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#define GLOB_MAX 128	/* of one: longer than any name */

static bool any_glob(const char *globs, const char *name, int (*differs)(const char *glob, const char *name))
{
	char glob[GLOB_MAX];

	for (size_t len; ; globs += len + 1) {
		len = strcspn(globs, ",");
		if (len < sizeof(glob)) {
			snprintf(glob, sizeof(glob), "%.*s", (int)len, globs);
			if (!differs(glob, name))
				return true;
		}
		if (!globs[len])
			return false;
	}
}

static int matches_not(const char *glob, const char *name)
{
	return fnmatch(glob, name, 0);
}

bool glob_list_has(const char *globs, const char *name)
{
	return !globs || any_glob(globs, name, matches_not);
}

bool glob_list_names(const char *globs, const char *name)
{
	return any_glob(globs, name, strcmp);
}
