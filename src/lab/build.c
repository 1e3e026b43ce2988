// SPDX-License-Identifier: GPL-2.0-or-later
/* Building: from a source to a kernel in the cache, step by step. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "building.h"

#define IMAGE "arch/x86/boot/bzImage"

static int store(struct cache *cache, const struct tree *tree, const char *key, const char *name,
		 const struct apt_package *package, const struct lab_origin *origin, struct lab_kernel *kernel, char *error)
{
	char image[PATH_MAX], config[PATH_MAX];

	snprintf(image, sizeof(image), "%s/" IMAGE, tree->src);
	snprintf(config, sizeof(config), "%s/.config", tree->src);
	return cache_store(cache, key, name, image, config, package, origin, error) ?:
	       cache_find(cache, key, kernel, error);
}

/* ---- Debian's source ---- */

int tree_from_source(const struct tree *tree, const struct ingredients *in, bool whole, const struct build_watch *watch,
		     char *error)
{
	char identity[1024], there[1024], new[PATH_MAX], tmp[PATH_MAX];
	int err;

	ingredients_identity(in, identity, sizeof(identity));
	if (tree_identity(tree, there, sizeof(there)) && !strcmp(identity, there))
		return 0;
	err = tree_path(tree, "new", new, error) ?: tree_path(tree, "download", tmp, error);
	if (err)
		return err;
	err = tree_remove(new) ?: tree_remove(tmp);
	if (!err && mkdir(tmp, 0700))
		err = -errno;
	if (err)
		return lab_fail(error, err, "the cache %s: %s", tree->folder, strerror(-err));
	err = source_unpack(&in->package, tmp, new, whole, watch, error);
	tree_remove(tmp);
	if (!err && in->built->patched)
		err = patches_apply(&in->series, 0, new, error);
	err = err ?: tree_adopt(tree, identity, error);
	if (err)
		tree_remove(new);
	return err;
}

static int build_own(struct tree *tree, const struct ingredients *in, const struct build_options *options, char *error)
{
	const char *name = in->built->name;

	return tree_from_source(tree, in, false, &options->watch, error) ?:
	       config_make(tree, name, in->fragment, true, &options->watch, error) ?:
	       make_kernel(tree, name, options, error);
}

/* What its kernel does not have of a tree of the switch kernel. */
static const struct patches *left_out(const struct ingredients *in)
{
	return in->built->patched ? NULL : &in->series;
}

/* Is there a tree of the switch kernel, built, that another kernel of its source can start from? */
static bool has_switch_tree(const struct cache *cache, const struct ingredients *in, char *key, size_t size)
{
	char identity[1024], start[400], image[PATH_MAX];
	struct tree tree;

	snprintf(key, size, "switch-%s", in->built->series);
	if (!strcmp(key, in->built->name) || tree_locate(&tree, cache, key) || !tree_identity(&tree, identity, sizeof(identity)))
		return false;
	snprintf(start, sizeof(start), "%s %s %s %s\n", in->package.name, in->package.version, in->package.sha256,
		 in->series.sha256);
	snprintf(image, sizeof(image), "%s/" IMAGE, tree.src);
	return !strcmp(identity, start) && !access(image, F_OK);
}

/* The tree with changes, built, put into the cache, and forgotten. */
struct variant {
	const struct patches *without, *with;	/* taken away first, then applied; NULL: none */
	const char *key, *name;
	const char *fragment;
	bool strict;
	const struct apt_package *package;
	const struct lab_origin *origin;
};

static int build_variant(struct cache *cache, const struct tree *tree, const struct variant *v,
			 const struct build_options *options, struct lab_kernel *kernel, char *error)
{
	char ignored[LAB_ERROR_MAX];
	int err;

	watch_step(&options->watch, "%s: copying the tree", v->name);
	err = tree_begin_variant(tree, &options->watch, error);
	if (!err && v->without)
		err = patches_apply(v->without, PATCHES_REVERSE, tree->src, error);
	if (!err && v->with)
		err = patches_apply(v->with, 0, tree->src, error);
	err = err ?: config_make(tree, v->name, v->fragment, v->strict, &options->watch, error) ?:
	      make_kernel(tree, v->name, options, error) ?:
	      store(cache, tree, v->key, v->name, v->package, v->origin, kernel, error);
	return tree_end_variant(tree, err ? ignored : error) ?: err;
}

static int build_locked(struct cache *cache, const char *key, const struct ingredients *in,
			const struct build_options *options, struct lab_kernel *kernel, char *error)
{
	const char *name = in->built->name;
	const struct variant other = { left_out(in), NULL, name, name, in->fragment, true, &in->package, &in->origin };
	struct tree tree;
	int err = tree_open(&tree, cache, key, &options->watch, error);

	if (err)
		return err;
	unlink(tree.log);
	if (strcmp(key, name))
		err = build_variant(cache, &tree, &other, options, kernel, error);
	else
		err = build_own(&tree, in, options, error) ?:
		      store(cache, &tree, name, name, &in->package, &in->origin, kernel, error);
	tree_close(&tree);
	return err;
}

int lab_build(const char *name, const struct build_options *options, struct lab_kernel *kernel, bool *fresh,
	      char *error)
{
	struct ingredients in;
	struct cache cache;
	char key[64];
	int err = cache_open(&cache, error), found;

	*fresh = false;
	if (err)
		return err;
	found = cache_find(&cache, name, kernel, error);
	if (found)
		memset(kernel, 0, sizeof(*kernel));
	err = make_needs(false, error) ?: ingredients_collect(&in, name, &cache, options, kernel, error);
	if (!err && (found || strcmp(in.origin.inputs_sha256, kernel->built.inputs_sha256))) {
		*fresh = true;
		if (!has_switch_tree(&cache, &in, key, sizeof(key)))
			snprintf(key, sizeof(key), "%s", name);
		err = build_locked(&cache, key, &in, options, kernel, error);
	}
	ingredients_free(&in);
	return err;
}

/* ---- any tree ---- */

int foreign_tree(const char *path, const struct build_options *options, char *real, char *key, char *error)
{
	char sha256[HASH_TEXT];

	if (!realpath(path, real))
		return lab_fail(error, -EINVAL, "%s: %s", path, strerror(errno));
	if (!geteuid() && !options->allow_root)
		return lab_fail(error, -EPERM, "%s: a source tree's Makefiles are not run as root: build as another "
				"user, or say --allow-root-build", path);
	hash_text(real, sha256);
	snprintf(key, CACHE_KEY_MAX, "tree-%.24s", sha256);
	return 0;
}

int lab_tree_check(const char *path, const struct build_options *options, char *error)
{
	char real[PATH_MAX], key[CACHE_KEY_MAX];

	return foreign_tree(path, options, real, key, error);
}

/* Only what a name may hold in a record or on a terminal. */
static void clean_name(char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			*text = '?';
}

static int foreign_origin(const char *real, const char *files, struct lab_origin *origin, char **fragment, char *error)
{
	memset(origin, 0, sizeof(*origin));
	snprintf(origin->source, sizeof(origin->source), "source tree %.180s", strrchr(real, '/') + 1);
	clean_name(origin->source + strlen("source tree "));
	*fragment = lab_fragment(files, true, false, error);
	if (!*fragment)
		return -EIO;
	hash_text(*fragment, origin->fragment_sha256);
	return make_compiler(origin->compiler, sizeof(origin->compiler), error);
}

/* "." says nothing: then the folder's own name. */
static void name_tree(const char *path, const char *real, char *name, size_t size)
{
	char text[PATH_MAX];
	size_t len;

	snprintf(text, sizeof(text), "%s", path);
	for (len = strlen(text); len > 1 && text[len - 1] == '/'; len--)
		text[len - 1] = '\0';
	kernel_name_of_path(!strcmp(text, ".") ? strrchr(real, '/') + 1 : text, name, size);
}

int lab_build_tree(const char *path, const struct build_options *options, struct lab_kernel *kernel, char *error)
{
	char real[PATH_MAX], key[CACHE_KEY_MAX], name[sizeof(kernel->name)], *fragment = NULL;
	struct lab_origin origin;
	struct cache cache;
	struct tree tree;
	int err = foreign_tree(path, options, real, key, error) ?: make_needs(false, error) ?:
		  foreign_origin(real, options->files, &origin, &fragment, error) ?: cache_open(&cache, error);

	if (!err)
		err = tree_open(&tree, &cache, key, &options->watch, error);
	if (!err) {
		name_tree(path, real, name, sizeof(name));
		unlink(tree.log);
		watch_step(&options->watch, "%s: bringing its copy in the cache up to date", name);
		err = mirror_update(&tree, real, false, &options->watch, error) ?:
		      config_make(&tree, name, fragment, false, &options->watch, error) ?:
		      make_kernel(&tree, name, options, error) ?:
		      store(&cache, &tree, key, name, NULL, &origin, kernel, error);
		tree_close(&tree);
	}
	free(fragment);
	return err;
}

/* ---- with a patch on top ---- */

static void name_patched(const char *base, const char *patch, char *name, size_t size, struct lab_origin *origin)
{
	const char *last = strrchr(patch, '/');
	size_t len;

	last = last ? last + 1 : patch;
	snprintf(origin->patch, sizeof(origin->patch), "%.63s", last);
	clean_name(origin->patch);
	len = strlen(origin->patch);
	if (len > 6 && !strcmp(origin->patch + len - 6, ".patch"))
		len -= 6;
	snprintf(name, size, "%s%s+%.*s", strlen(base) > 26 ? "..." : "", strlen(base) > 26 ? base + strlen(base) - 26 : base,
		 (int)(len < 32 ? len : 32), origin->patch);
}

static int patched_tree(const char *base, const struct patches *patch, const struct build_options *options,
			const struct lab_kernel *base_kernel, struct lab_kernel *kernel, char *error)
{
	char real[PATH_MAX], key[CACHE_KEY_MAX], to[CACHE_KEY_MAX + 16], name[sizeof(kernel->name)], *fragment = NULL;
	struct lab_origin origin;
	struct variant v = { NULL, patch, to, name, NULL, false, NULL, &origin };
	struct cache cache;
	struct tree tree;
	int err = foreign_tree(base, options, real, key, error) ?: cache_open(&cache, error) ?:
		  foreign_origin(real, options->files, &origin, &fragment, error);

	if (!err) {
		name_patched(base_kernel->name, patch->paths[0], name, sizeof(name), &origin);
		snprintf(to, sizeof(to), "%s-patched", key);
		strcpy(origin.patch_sha256, patch->sha256);
		v.fragment = fragment;
		err = tree_open(&tree, &cache, key, &options->watch, error);
	}
	if (!err) {
		err = build_variant(&cache, &tree, &v, options, kernel, error);
		tree_close(&tree);
	}
	free(fragment);
	return err;
}

/*
 * The tree that the variant starts from may be gone, or never have been built to its end: then the variant would have to
 * be built from nothing each time.
 */
static int ensure_built(struct tree *tree, const struct ingredients *in, const struct build_options *options, char *error)
{
	char image[PATH_MAX];
	int err = tree_from_source(tree, in, false, &options->watch, error);

	snprintf(image, sizeof(image), "%s/" IMAGE, tree->src);
	return err || !access(image, F_OK) ? err : build_own(tree, in, options, error);
}

static int patched_from(struct cache *cache, const char *key, const struct ingredients *in, struct variant *v,
			const struct build_options *options, struct lab_kernel *kernel, char *error)
{
	struct tree tree;
	int err = tree_open(&tree, cache, key, &options->watch, error);

	if (err)
		return err;
	unlink(tree.log);
	if (strcmp(key, in->built->name))
		v->without = left_out(in);
	else
		err = ensure_built(&tree, in, options, error);
	err = err ?: build_variant(cache, &tree, v, options, kernel, error);
	tree_close(&tree);
	return err;
}

static int patched_built(const char *base, const struct patches *patch, const struct build_options *options,
			 const struct lab_kernel *base_kernel, struct lab_kernel *kernel, char *error)
{
	char key[64], to[CACHE_KEY_MAX], name[sizeof(kernel->name)], all[200];
	struct variant v = { NULL, patch, to, name, NULL, true, NULL, NULL };
	struct ingredients in;
	struct cache cache;
	int err = cache_open(&cache, error) ?: ingredients_collect(&in, base, &cache, options, base_kernel, error);

	if (err)
		return err;
	name_patched(base, patch->paths[0], name, sizeof(name), &in.origin);
	snprintf(to, sizeof(to), "%s-patched", base);
	strcpy(in.origin.patch_sha256, patch->sha256);
	snprintf(all, sizeof(all), "%s %s", in.origin.inputs_sha256, patch->sha256);
	hash_text(all, in.origin.inputs_sha256);
	v.fragment = in.fragment;
	v.package = &in.package;
	v.origin = &in.origin;
	if (cache_find(&cache, to, kernel, error) || strcmp(kernel->built.inputs_sha256, in.origin.inputs_sha256) ||
	    strcmp(kernel->name, name)) {
		if (tree_exists(&cache, base) || !has_switch_tree(&cache, &in, key, sizeof(key)))
			snprintf(key, sizeof(key), "%s", base);
		err = patched_from(&cache, key, &in, &v, options, kernel, error);
	}
	ingredients_free(&in);
	return err;
}

int lab_build_patched(const char *base, const char *patch, const struct build_options *options,
		      const struct lab_kernel *base_kernel, struct lab_kernel *kernel, char *error)
{
	struct patches patches;
	int err = patches_of_file(patch, &patches, error) ?: make_needs(false, error);

	if (!err && lab_built_find(base))
		err = patched_built(base, &patches, options, base_kernel, kernel, error);
	else if (!err)
		err = patched_tree(base, &patches, options, base_kernel, kernel, error);
	patches_free(&patches);
	return err;
}

/* Where it does not apply, the tree may be a variant: another process's, or one that a killed process left behind. */
static int check_on_tree(const struct cache *cache, const char *key, const struct patches *patches,
			 const struct build_watch *watch, char *error)
{
	struct tree tree;
	int err;

	if (!tree_exists(cache, key) || tree_locate(&tree, cache, key) ||
	    !patches_apply(patches, PATCHES_CHECK, tree.src, error))
		return 0;
	err = tree_open(&tree, cache, key, watch, error);
	if (err)
		return err;
	if (tree_exists(cache, key))
		err = patches_apply(patches, PATCHES_CHECK, tree.src, error);
	tree_close(&tree);
	return err;
}

int lab_patch_check(const char *base, const char *patch, const struct build_options *options, char *error)
{
	struct patches patches;
	char folder[PATH_MAX];
	struct cache cache;
	int err = patches_of_file(patch, &patches, error) ?: cache_open(&cache, error);

	if (!err && lab_built_find(base))
		err = check_on_tree(&cache, base, &patches, &options->watch, error);
	else if (!err)
		err = realpath(base, folder) ? patches_apply(&patches, PATCHES_CHECK, folder, error) :
					       lab_fail(error, -EINVAL, "%s: %s", base, strerror(errno));
	patches_free(&patches);
	return err;
}
