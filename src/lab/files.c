// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of the host that a user puts into the guest. What a program is linked to is asked of ldd, which runs its loader. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

static int take(struct guest_files *files, const char *from, const char *to, char *error)
{
	struct guest_file *more;
	unsigned i;

	for (i = 0; i < files->nr; i++)
		if (!strcmp(files->files[i].to, to))
			return !strcmp(files->files[i].from, from) ? 0 :
			       lab_fail(error, -EEXIST, "two files for the guest's %s", to);
	more = realloc(files->files, (files->nr + 1) * sizeof(*more));
	if (!more)
		return lab_fail(error, -ENOMEM, "out of memory");
	files->files = more;
	more[files->nr] = (struct guest_file){ strdup(from), strdup(to) };
	files->nr++;
	if (!more[files->nr - 1].from || !more[files->nr - 1].to)
		return lab_fail(error, -ENOMEM, "out of memory");
	return 0;
}

/* A line of ldd: "libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x...)", or a path alone; the vdso has none. */
static int take_library(struct guest_files *files, char *line, const char *program, char *error)
{
	char *path = strstr(line, "=> ");

	if (path && !strncmp(path + 3, "not found", 9))
		return lab_fail(error, -ENOEXEC, "%s needs a library that is not here: %s", program, line + strspn(line, "\t "));
	path = path ? path + 3 : line + strspn(line, "\t ");
	if (*path != '/')
		return 0;
	path[strcspn(path, " ")] = '\0';
	return take(files, path, path, error);
}

static int take_libraries(struct guest_files *files, const char *program, char *error)
{
	char *argv[] = { "ldd", (char *)program, NULL };
	struct child_output output;
	char *at, *line;
	int err = child_run(argv, NULL, &output);

	if (err)
		return lab_fail(error, err, "ldd: %s", strerror(-err));
	if (output.status)	/* no program, or a static one: it needs nothing */
		goto out;
	at = output.text;
	while (!err && (line = strsep(&at, "\n")))
		err = take_library(files, line, program, error);
out:
	child_output_free(&output);
	return err;
}

int guest_file_look(const char *path, char *error)
{
	struct stat st;

	if (stat(path, &st) || access(path, R_OK))
		return lab_fail(error, -errno, "%.200s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return lab_fail(error, -EISDIR, "%.200s is no file", path);
	if (st.st_size > GUEST_FILE_MAX)
		return lab_fail(error, -EFBIG, "%.200s is larger than the %u MiB that a file in the guest may have", path,
				GUEST_FILE_MAX >> 20);
	return 0;
}

static bool names_a_file(const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return *name && strcmp(name, ".") && strcmp(name, "..") && !strstr(path, "/../");
}

int guest_files_add(struct guest_files *files, const char *spec, char *error)
{
	const char *colon = strrchr(spec, ':'), *name;
	char from[PATH_MAX], to[PATH_MAX];
	int err;

	if (colon && (colon[1] != '/' || !names_a_file(colon + 1)))
		return lab_fail(error, -EINVAL, "%.100s: the path in the guest, after ':', begins with '/' and ends in a file's name",
				spec);
	if (snprintf(from, sizeof(from), "%.*s", colon ? (int)(colon - spec) : (int)strlen(spec), spec) >= (int)sizeof(from))
		return lab_fail(error, -ENAMETOOLONG, "%.100s: name too long", spec);
	name = strrchr(from, '/') ? strrchr(from, '/') + 1 : from;
	if (snprintf(to, sizeof(to), "%s%s", colon ? "" : "/bin/", colon ? colon + 1 : name) >= (int)sizeof(to))
		return lab_fail(error, -ENAMETOOLONG, "%.100s: name too long", spec);
	err = guest_file_look(from, error);
	return err ?: take(files, from, to, error) ?: take_libraries(files, from, error);
}

void guest_files_free(struct guest_files *files)
{
	unsigned i;

	for (i = 0; i < files->nr; i++) {
		free(files->files[i].from);
		free(files->files[i].to);
	}
	free(files->files);
	*files = (struct guest_files){ NULL, 0 };
}
