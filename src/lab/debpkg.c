// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Installable packages by the kernel's own bindeb-pkg, for real machines: the user's configuration, the series, its option.
 * Debug information is left out (it takes 20 GB and half of the time), and so are keys that only the distribution has.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "building.h"

#define CONFIG_MAX (2u << 20)

static const char overrides[] =
	"CONFIG_SYSTEM_TRUSTED_KEYS=\"\"\nCONFIG_SYSTEM_REVOCATION_KEYS=\"\"\n"
	"CONFIG_MODULE_SIG_KEY=\"certs/signing_key.pem\"\nCONFIG_DEBUG_INFO_NONE=y\n"
	"# CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT is not set\n# CONFIG_DEBUG_INFO_DWARF4 is not set\n"
	"# CONFIG_DEBUG_INFO_DWARF5 is not set\n";
static const char option[] = "CONFIG_MIGRATE_RESTORE_POLICY=y\n";

static int read_config(const char *config, char **text, char *error)
{
	*text = read_text_file(config, CONFIG_MAX);
	if (!*text)
		return lab_fail(error, -EINVAL, "%s: %s (--config FILE names another)", config, file_error(-errno));
	if (strstr(*text, "CONFIG_"))
		return 0;
	free(*text);
	return lab_fail(error, -EINVAL, "%s is no kernel configuration", config);
}

/* Later lines win over earlier ones. */
static int write_config(const struct tree *tree, const char *config, bool patched, char *error)
{
	char path[PATH_MAX], *text;
	int fd = -1, err = read_config(config, &text, error);

	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/.config", tree->src);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : write_all(fd, text, strlen(text)) ?: write_all(fd, "\n", 1) ?:
		       write_all(fd, overrides, strlen(overrides)) ?:
		       (patched ? write_all(fd, option, strlen(option)) : 0);
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	free(text);
	return err ? lab_fail(error, err, "%s: %s", path, strerror(-err)) : 0;
}

static int check_option(const struct tree *tree, const char *called, char *error)
{
	char path[PATH_MAX], names[100], *config;
	unsigned missing;

	snprintf(path, sizeof(path), "%s/.config", tree->src);
	config = read_text_file(path, CONFIG_MAX);
	missing = config ? config_missing(option, config, true, names, sizeof(names)) : 1;
	free(config);
	return !missing ? 0 : lab_fail(error, -ENOEXEC, "%s does not build: its configuration does not take "
				       "CONFIG_MIGRATE_RESTORE_POLICY (it needs MIGRATION and DEBUG_FS)", called);
}

static int run_make(const struct tree *tree, const char *called, const struct build_options *options, char *error)
{
	char jobs[32];
	char *prepare[] = { "make", jobs, "prepare", NULL };
	char *count[] = { "make", "-n", "all", NULL };
	char *build[] = { "make", jobs, "DPKG_FLAGS=-d", "bindeb-pkg", NULL };
	struct make_job job = { tree->src, tree->log, "prepare", called, prepare, &options->watch, 0, false };
	struct make_report report;
	int err;

	snprintf(jobs, sizeof(jobs), "-j%u", options->jobs ?: (unsigned)sysconf(_SC_NPROCESSORS_ONLN));
	err = make_run(&job, &report, error);
	if (err)
		return err;
	job = (struct make_job){ tree->src, NULL, "count", called, count, &options->watch, 0, true };
	err = make_run(&job, &report, error);
	watch_step(&options->watch, "%s: building packages, %u objects (this takes hours with a distribution's configuration)",
		   called, report.steps);
	job = (struct make_job){ tree->src, tree->log, "bindeb-pkg", called, build, &options->watch, report.steps, false };
	return err ?: make_run(&job, &report, error);
}

static bool is_deb(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && !strcmp(dot, ".deb");
}

static int move_one(const char *from, const char *to, char *error)
{
	char *argv[] = { "mv", "-f", "--", (char *)from, (char *)to, NULL };
	struct child_output output;
	int err = child_run(argv, NULL, &output);

	if (err || output.status)
		err = lab_fail(error, err ?: -EIO, "%s: %s", to, err ? strerror(-err) : output.complaint);
	child_output_free(&output);
	return err;
}

/*
 * bindeb-pkg leaves them beside its tree, in our folder. The C library's headers are not handed over: installed with the
 * others they would take the place of the distribution's own. to NULL: removes them all.
 */
static int take_packages(const struct tree *tree, const char *to, char *made, size_t size, char *error)
{
	DIR *dir = opendir(tree->folder);
	struct dirent *entry;
	char path[PATH_MAX];
	size_t at = 0;
	int err = 0;

	while (!err && dir && (entry = readdir(dir))) {
		if (!is_deb(entry->d_name))
			continue;
		err = tree_path(tree, entry->d_name, path, error);
		if (!err && !to)
			unlink(path);
		if (err || !to || !strncmp(entry->d_name, "linux-libc-dev", 14))
			continue;
		err = move_one(path, to, error);
		if (!err && at < size)
			at += snprintf(made + at, size - at, "%s/%s\n", to, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return err || !to || at ? err : lab_fail(error, -ENOEXEC, "bindeb-pkg left no package; the whole log is %s", tree->log);
}

static int build_packages(const struct tree *tree, const char *called, const char *config, bool patched,
			  const struct build_options *options, char *error)
{
	char *argv[] = { "make", "olddefconfig", NULL };
	const struct make_job job = { tree->src, tree->log, "configure", called, argv, &options->watch, 0, false };
	struct make_report report;

	watch_step(&options->watch, "%s: configuring as %s", called, config);
	return take_packages(tree, NULL, NULL, 0, error) ?: write_config(tree, config, patched, error) ?:
	       make_run(&job, &report, error) ?: (patched ? check_option(tree, called, error) : 0) ?:
	       run_make(tree, called, options, error);
}

/* A whole tree of its own: the others lack the drivers. */
static int prepare_source(struct tree *tree, struct cache *cache, const char *name, const struct build_options *options,
			  char *error)
{
	static const struct lab_kernel nothing;
	struct ingredients in;
	char key[64];
	int err = ingredients_collect(&in, name, cache, options, &nothing, error);

	snprintf(key, sizeof(key), "deb-%s", in.built->series);
	err = err ?: tree_open(tree, cache, key, &options->watch, error) ?:
	      tree_from_source(tree, &in, true, &options->watch, error);
	ingredients_free(&in);
	return err;
}

static int prepare_tree(struct tree *tree, struct cache *cache, const char *path, const struct build_options *options,
			char *error)
{
	char real[PATH_MAX], key[CACHE_KEY_MAX], own[CACHE_KEY_MAX + 8];
	int err = foreign_tree(path, options, real, key, error);

	snprintf(own, sizeof(own), "deb-%s", err ? "" : key);
	return err ?: tree_open(tree, cache, own, &options->watch, error) ?:
	       mirror_update(tree, real, true, &options->watch, error);
}

/* What can be refused is refused before the hours that the build takes. */
static int check_places(const char *config, const char *output, char *error)
{
	struct stat st;
	char *text;
	int err = read_config(config, &text, error);

	if (err)
		return err;
	free(text);
	if (stat(output, &st))
		return lab_fail(error, -EINVAL, "%s: %s", output, strerror(errno));
	if (!S_ISDIR(st.st_mode))	/* mv would put each package in the place of the one before, and of the file */
		return lab_fail(error, -EINVAL, "%s is no folder: --output takes the one that the packages go to", output);
	return access(output, W_OK | X_OK) ? lab_fail(error, -EINVAL, "%s: %s", output, strerror(errno)) : 0;
}

int lab_build_deb(const char *source, const char *config, const char *output, const struct build_options *options,
		  char *made, size_t size, char *error)
{
	const struct lab_built *built = lab_built_find(source);
	struct tree tree = { .lock = -1 };
	struct cache cache;
	int err = built ? 0 : lab_tree_check(source, options, error);

	err = err ?: check_places(config, output, error) ?: make_needs(true, error) ?: cache_open(&cache, error);
	if (!err)
		err = built ? prepare_source(&tree, &cache, source, options, error) :
			      prepare_tree(&tree, &cache, source, options, error);
	if (!err) {
		unlink(tree.log);
		err = build_packages(&tree, source, config, built && built->patched, options, error) ?:
		      take_packages(&tree, output, made, size, error);
	}
	tree_close(&tree);
	return err;
}
