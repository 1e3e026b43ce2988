// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The switch kernels and their kin: what goes into one, and whether the cache has it already. Like the stock
 * kernels they are pinned: the source's version stays what it was until an update is asked for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "building.h"

#define SWITCH_COLUMNS "vma, entry, vma-only (switch)"

const struct lab_built lab_builts[] = {
	{ "switch-6.12", "6.12", true, SWITCH_COLUMNS, false },
	{ "switch-6.1", "6.1", true, SWITCH_COLUMNS, false },
	{ "plain-6.12", "6.12", false, "vma, vma-only (emulated)", false },
	{ "plain-6.1", "6.1", false, "entry", false },
	{ "lean-6.12", "6.12", true, "as switch-6.12, without KSM, THP, swap, soft-dirty, uffd-wp on shared memory", true },
	{ NULL, NULL, false, NULL, false },
};

const struct lab_built *lab_built_find(const char *name)
{
	const struct lab_built *b;

	for (b = lab_builts; b->name; b++)
		if (!strcmp(b->name, name))
			return b;
	return NULL;
}

void ingredients_free(struct ingredients *in)
{
	patches_free(&in->series);
	free(in->fragment);
	in->fragment = NULL;
}

/* "NAME VERSION SHA256 SERIES": a tree's identity, and back. */
void ingredients_identity(const struct ingredients *in, char *text, size_t size)
{
	snprintf(text, size, "%s %s %s %s\n", in->package.name, in->package.version, in->package.sha256,
		 in->built->patched ? in->series.sha256 : "-");
}

static bool package_of_identity(const char *text, struct apt_package *package)
{
	return sscanf(text, "%127s %127s %64s", package->name, package->version, package->sha256) == 3;
}

static int find_package(struct ingredients *in, const struct cache *cache, bool update, const struct lab_kernel *cached,
			char *error)
{
	char identity[1024];
	struct tree tree;

	if (!update && cached->built.source[0]) {
		snprintf(in->package.name, sizeof(in->package.name), "%s", cached->package);
		snprintf(in->package.version, sizeof(in->package.version), "%s", cached->version);
		snprintf(in->package.sha256, sizeof(in->package.sha256), "%s", cached->deb_sha256);
		return 0;
	}
	if (!update && !tree_locate(&tree, cache, in->built->name) && tree_identity(&tree, identity, sizeof(identity)) &&
	    package_of_identity(identity, &in->package))
		return 0;
	return source_find(in->built->series, &in->package, error);
}

static void fill_origin(struct ingredients *in)
{
	struct lab_origin *o = &in->origin;
	char all[2048];

	snprintf(o->source, sizeof(o->source), "%.90s %.90s", in->package.name, in->package.version);
	if (in->built->patched)
		snprintf(o->series_sha256, sizeof(o->series_sha256), "%s", in->series.sha256);
	hash_text(in->fragment, o->fragment_sha256);
	snprintf(all, sizeof(all), "%s %s %s %s %s", o->source, in->package.sha256, o->series_sha256, o->fragment_sha256,
		 o->compiler);
	hash_text(all, o->inputs_sha256);
}

int ingredients_collect(struct ingredients *in, const char *name, const struct cache *cache,
			const struct build_options *options, const struct lab_kernel *cached, char *error)
{
	int err;

	memset(in, 0, sizeof(*in));
	in->built = lab_built_find(name);
	err = patches_of_series(options->files, in->built->series, &in->series, error) ?:
	      make_compiler(in->origin.compiler, sizeof(in->origin.compiler), error) ?:
	      find_package(in, cache, options->update, cached, error);
	if (err)
		return err;
	in->fragment = lab_fragment(options->files, in->built->patched, in->built->lean, error);
	if (!in->fragment)
		return -EIO;
	fill_origin(in);
	return 0;
}

bool lab_build_current(const struct lab_kernel *kernel, const char *files)
{
	const struct lab_built *built = lab_built_find(kernel->name);
	char error[LAB_ERROR_MAX], sha256[HASH_TEXT];
	struct patches series;
	char *fragment;
	bool same = true;

	fragment = built ? lab_fragment(files, built->patched, built->lean, error) : NULL;
	if (!fragment)
		return true;
	hash_text(fragment, sha256);
	free(fragment);
	if (strcmp(sha256, kernel->built.fragment_sha256))
		return false;
	if (built->patched && !patches_of_series(files, built->series, &series, error)) {
		same = !strcmp(series.sha256, kernel->built.series_sha256);
		patches_free(&series);
	}
	return same;
}
