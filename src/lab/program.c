// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where this program's own files are. An installed program finds them from its own place, so that its prefix may be
 * anywhere and move; the paths from bin to share and libexec come from cmake. A program in a build tree has cmake's cache
 * beside it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* The running program's own path, cut behind its last slash; name: its name. */
static int own_folder(char *path, char *name, size_t name_size)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	if (n < 0)
		return -errno;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash || snprintf(name, name_size, "%s", slash + 1) >= (int)name_size)
		return -ENAMETOOLONG;
	slash[1] = '\0';
	return 0;
}

/* FOLDER and what is below it; false: there is no such thing. */
static bool join_existing(char *out, const char *folder, const char *below)
{
	return snprintf(out, PATH_MAX, "%s%s", folder, below) < PATH_MAX && !access(out, F_OK);
}

static bool is_installed(const char *folder)
{
	char path[PATH_MAX];

	return !join_existing(path, folder, "CMakeCache.txt") && join_existing(path, folder, WBIT_TO_SHARE);
}

int program_guest_folder(char *folder, char *name, size_t name_size)
{
	int err = own_folder(folder, name, name_size);
	size_t len = strlen(folder);

	if (err || !is_installed(folder))
		return err;
	return snprintf(folder + len, PATH_MAX - len, "%s/", WBIT_TO_LIBEXEC) < (int)(PATH_MAX - len) ? 0 : -ENAMETOOLONG;
}

const char *lab_share(const char *name, const char *built, char *out)
{
	char folder[PATH_MAX], program[256];

	if (own_folder(folder, program, sizeof(program)) || !is_installed(folder) ||
	    snprintf(out, PATH_MAX, "%s%s/%s", folder, WBIT_TO_SHARE, name) >= PATH_MAX)
		snprintf(out, PATH_MAX, "%s", built);
	return out;
}
