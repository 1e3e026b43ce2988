/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernels that are built here: the switch kernels, their plain twins and a lean one from Debian's source, and any source tree.
 *
 * A build happens in a copy of the source in the cache, trees/KEY/src, never in the user's tree; it stays there, so that the
 * next build is incremental and an interrupted one goes on where it was. The kernel goes into the cache as others do.
 * Errors as everywhere in the lab (lab.h). Of their own: -ENOEXEC: what was given does not build (its patch does not apply,
 * its configuration or compilation fails); -ECANCELED: *stop; -EPERM: root would run foreign Makefiles; -ENOSPC.
 */
#ifndef WBIT_BUILD_H
#define WBIT_BUILD_H

#include "lab.h"

/* What a word on the command line names. */
enum lab_kind { LAB_KIND_STOCK, LAB_KIND_BUILT, LAB_KIND_DEB, LAB_KIND_IMAGE, LAB_KIND_TREE };

/* "switch-6.12", "plain-6.1", "lean-6.12": from Debian's source package linux-source-SERIES. */
struct lab_built {
	const char *name, *series;
	bool patched;			/* with the series of patches in it, and its option */
	const char *columns;		/* as in struct lab_stock */
	bool lean;			/* without what a kernel may lack: configs/lean.config */
};
extern const struct lab_built lab_builts[];	/* ends in a name that is NULL */
const struct lab_built *lab_built_find(const char *name);

/*
 * A bare word that names a kernel is that kernel; else it is a path, told apart by what the file holds. -EINVAL: it is none
 * of these, and error says what there is.
 */
int lab_kernel_kind(const char *text, enum lab_kind *kind, char *error);

/* Who looks on. All may be NULL. `text` may hold what came from outside: printable() it. */
struct build_watch {
	void (*step)(void *arg, const char *text);
	void (*objects)(void *arg, unsigned done, unsigned total);	/* total 0: not known */
	void (*warn)(void *arg, const char *text);
	void *arg;
	const volatile sig_atomic_t *stop;
};

struct build_options {
	const char *files;		/* the folder that has patches/ and configs/ */
	unsigned jobs;			/* 0: as many as CPUs */
	bool update;			/* take the newest source that apt knows */
	bool allow_root;		/* a foreign tree may be built as root */
	struct build_watch watch;
};

/* Builds one of lab_builts into the cache. Nothing is done, and *fresh is false, when it is there from the same input. */
int lab_build(const char *name, const struct build_options *options, struct lab_kernel *kernel, bool *fresh,
	      char *error);

/* Was the cached kernel built from the series and configuration that are in `files` now? */
bool lab_build_current(const struct lab_kernel *kernel, const char *files);

/* Could this tree be built by this user? -EPERM */
int lab_tree_check(const char *path, const struct build_options *options, char *error);
int lab_build_tree(const char *path, const struct build_options *options, struct lab_kernel *kernel, char *error);

/*
 * The same with a patch on top, as a second kernel: `base` is one of lab_builts or a tree that was just built. Its name is
 * "BASE+PATCH".
 */
int lab_build_patched(const char *base, const char *patch, const struct build_options *options,
		      const struct lab_kernel *base_kernel, struct lab_kernel *kernel, char *error);

/* Would the patch apply? Looked at before anything is built, as far as there is a tree to look at. -ENOEXEC: no. */
int lab_patch_check(const char *base, const char *patch, const struct build_options *options, char *error);

/*
 * Builds installable packages of `source` (one of lab_builts; or a tree as it is) with the
 * configuration `config`, by the kernel's own bindeb-pkg. `made`: names of the files that it put into `output`, one a line.
 */
int lab_build_deb(const char *source, const char *config, const char *output, const struct build_options *options,
		  char *made, size_t size, char *error);

/* The configuration that is asked for: with the series' option, without what lean kernels lack. To be freed; NULL: an error. */
char *lab_fragment(const char *files, bool patched, bool lean, char *error);

/* A kernel image in a file, by way of the cache. -EBADMSG: it is none. */
int lab_kernel_from_image(const char *path, struct lab_kernel *kernel, char *error);

#endif
