// SPDX-License-Identifier: GPL-2.0-or-later
/* What building takes, and which compiler it is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "building.h"

static const struct tool {
	const char *program, *header;	/* one of them */
	const char *package;
	bool deb;			/* only to make a package */
} needs[] = {
	{ "make", NULL, "make", false },
	{ "gcc", NULL, "gcc", false },
	{ "ld", NULL, "binutils", false },
	{ "flex", NULL, "flex", false },
	{ "bison", NULL, "bison", false },
	{ "bc", NULL, "bc", false },
	{ "git", NULL, "git", false },
	{ NULL, "libelf.h", "libelf-dev", false },
	{ NULL, "openssl/opensslv.h", "libssl-dev", true },
	{ "dpkg-buildpackage", NULL, "dpkg-dev", true },
	{ "dh_listpackages", NULL, "debhelper", true },
	{ "fakeroot", NULL, "fakeroot", true },
	{ "rsync", NULL, "rsync", true },
	{ "cpio", NULL, "cpio", true },
	{ "depmod", NULL, "kmod", true },
};

static bool in_path(const char *program)
{
	const char *path = getenv("PATH") ?: "/usr/bin:/bin";
	char name[PATH_MAX];

	while (*path) {
		size_t len = strcspn(path, ":");

		snprintf(name, sizeof(name), "%.*s/%s", (int)len, path, program);
		if (!access(name, X_OK))
			return true;
		path += len + (path[len] == ':');
	}
	snprintf(name, sizeof(name), "/usr/sbin/%s", program);	/* depmod, where the user's path has no such folder */
	return !access(name, X_OK);
}

/* As the compiler finds it: where such headers are is the distribution's choice. */
static bool has_header(const char *header)
{
	char *argv[] = { "gcc", "-E", "-x", "c", "-include", (char *)header, "/dev/null", NULL };
	struct child_output output;
	bool has = !child_run(argv, NULL, &output) && !output.status;

	child_output_free(&output);
	return has;
}

int make_needs(bool deb, char *error)
{
	char missing[300] = "";
	size_t at = 0, i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if ((deb || !needs[i].deb) &&
		    !(needs[i].program ? in_path(needs[i].program) : has_header(needs[i].header)))
			at += snprintf(missing + at, sizeof(missing) - at, " %s", needs[i].package);
	if (!at)
		return 0;
	return lab_fail(error, -ENOSYS, "building a kernel needs more: apt-get install --no-install-recommends%s", missing);
}

static int first_line_of(const char *program, char *line, size_t size, char *error)
{
	char *argv[] = { (char *)program, "--version", NULL };
	struct child_output output;
	int err = child_run(argv, NULL, &output), len;

	len = err ? 0 : (int)strcspn(output.text, "\n");
	if (!err && (output.status || !len))
		err = -EIO;
	if (err)
		lab_fail(error, err == -ENOENT ? -ENOSYS : err, "%s --version: %s", program, strerror(-err));
	else
		snprintf(line, size, "%.*s", len, output.text);
	child_output_free(&output);
	return err == -ENOENT ? -ENOSYS : err;
}

int make_compiler(char *line, size_t size, char *error)
{
	char gcc[79], ld[79];
	int err = first_line_of("gcc", gcc, sizeof(gcc), error) ?: first_line_of("ld", ld, sizeof(ld), error);

	if (!err)
		snprintf(line, size, "%s; %s", gcc, ld);
	return err;
}
