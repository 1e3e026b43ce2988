// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of globs. */
#include "globs.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#define GLOB_MAX 128	/* of one: longer than any name */

bool glob_list_has(const char *globs, const char *name)
{
	char glob[GLOB_MAX];

	if (!globs)
		return true;
	for (size_t len; ; globs += len + 1) {
		len = strcspn(globs, ",");
		if (len < sizeof(glob)) {
			snprintf(glob, sizeof(glob), "%.*s", (int)len, globs);
			if (!fnmatch(glob, name, 0))
				return true;
		}
		if (!globs[len])
			return false;
	}
}
