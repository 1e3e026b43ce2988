/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that build kernels share with each other and with their unit tests. */
#ifndef WBIT_BUILDING_H
#define WBIT_BUILDING_H

#include "build.h"
#include "internal.h"

#define BUILD_TIMESTAMP "Tue Nov 15 10:30:00 UTC 2022"
#define TREE_IDENTITY ".wbit-tree"	/* in a tree that is whole: what it was made from */

/* ---- tree.c: a folder to build in ---- */

struct tree {
	char folder[PATH_MAX - 256];	/* CACHE/trees/KEY */
	char src[PATH_MAX - 128];	/* its tree, in which everything is built */
	char log[PATH_MAX - 128];	/* all that the last build said */
	int lock;			/* held from tree_open() to tree_close(); -1: not */
};

/* Makes the folder if need be and locks it; waits, and says so, while another process builds there. */
int tree_open(struct tree *tree, const struct cache *cache, const char *key, const struct build_watch *watch, char *error);
void tree_close(struct tree *tree);
/* The names alone; nothing is made or locked. -ENAMETOOLONG */
int tree_locate(struct tree *tree, const struct cache *cache, const char *key);
bool tree_exists(const struct cache *cache, const char *key);

/* FOLDER/NAME. -ENAMETOOLONG with a message. path: PATH_MAX bytes. */
int tree_path(const struct tree *tree, const char *name, char *path, char *error);

/* What the tree in src was made from; false: there is no whole tree. */
bool tree_identity(const struct tree *tree, char *text, size_t size);

/* Writes the identity into FOLDER/new and puts that in the place of src. */
int tree_adopt(const struct tree *tree, const char *identity, char *error);

/* Removes what is there, whatever it is; follows no link. 0 also when there is nothing. */
int tree_remove(const char *path);

/*
 * From begin to end src is a copy of the tree, with its times, to be changed and built; then the tree as it was stands
 * there again. tree_open() ends what a killed process had begun.
 */
int tree_begin_variant(const struct tree *tree, const struct build_watch *watch, char *error);
int tree_end_variant(const struct tree *tree, char *error);

/* ---- unpack.c: Debian's source package ---- */

/* The newest linux-source-SERIES that apt knows. */
int source_find(const char *series, struct apt_package *package, char *error);

/*
 * Unpacks the source into the folder `to` (made here): from /usr/src where just this version is installed, else it is
 * downloaded into `tmp`. Without `whole` what no small x86 kernel is built from is left out (source_wanted()).
 */
int source_unpack(const struct apt_package *package, const char *tmp, const char *to, bool whole,
		  const struct build_watch *watch, char *error);

/* Is this file of a kernel tree needed for a small x86 build? `path` from the top of the tree. */
bool source_wanted(const char *path);

/* Patterns of git apply for what source_wanted() leaves out, NULL-terminated. */
extern const char *const source_unwanted[];

/* ---- mirror.c: a foreign tree ---- */

/*
 * Brings the tree in src up to date with the foreign one: what changed there gets a new time here, what vanished there goes,
 * what was built here stays, and what was built there does not come along. `whole`: as for source_unpack().
 */
int mirror_update(const struct tree *tree, const char *path, bool whole, const struct build_watch *watch, char *error);

/* ---- patches.c ---- */

#define PATCHES_MAX 64

struct patches {
	char *paths[PATCHES_MAX + 1];	/* in the order to apply them; NULL-terminated */
	unsigned nr;
	char sha256[HASH_TEXT];		/* of them all */
};

/* The series FILES/patches/SERIES/NNNN-*.patch. Freed by patches_free(). */
int patches_of_series(const char *files, const char *series, struct patches *patches, char *error);
int patches_of_file(const char *path, struct patches *patches, char *error);
void patches_free(struct patches *patches);

/* Applies all of them to the folder, or takes them away, or changes nothing. -ENOEXEC: one does not apply. */
enum { PATCHES_REVERSE = 1, PATCHES_CHECK = 2 /* only look whether they would */ };
int patches_apply(const struct patches *patches, unsigned flags, const char *folder, char *error);

/* ---- config.c ---- */

/* Configures the tree from the text of a fragment. strict: an option that does not hold is an error, not a warning. */
int config_make(const struct tree *tree, const char *called, const char *fragment, bool strict,
		const struct build_watch *watch, char *error);

/*
 * Names of the options of the fragment that the configuration does not have, ", " between them; how many there are. Without
 * with_switch, the switch's own option is not missed: a foreign tree has the series or has not.
 */
unsigned config_missing(const char *fragment, const char *config, bool with_switch, char *names, size_t size);

/* The whole of a text file, to be freed; NULL and errno. */
char *read_text_file(const char *path, size_t max);

/* ---- built.c: what goes into one of lab_builts ---- */

struct ingredients {
	const struct lab_built *built;
	struct apt_package package;
	struct patches series;		/* of its source's version, whether it is patched or not */
	char *fragment;
	struct lab_origin origin;
};

/* `cached`: what the cache has, zeroed when nothing; the version of its source is kept. To be freed also after an error. */
int ingredients_collect(struct ingredients *in, const char *name, const struct cache *cache,
			const struct build_options *options, const struct lab_kernel *cached, char *error);
void ingredients_free(struct ingredients *in);
void ingredients_identity(const struct ingredients *in, char *text, size_t size);	/* of its tree */

/* ---- build.c ---- */

/* Puts the unpacked and patched source into the place of src, unless it is there. */
int tree_from_source(const struct tree *tree, const struct ingredients *in, bool whole, const struct build_watch *watch,
		     char *error);

/* Where a foreign tree really is (PATH_MAX bytes) and the key of its mirror. -EPERM: root may not build it. */
int foreign_tree(const char *path, const struct build_options *options, char *real, char *key, char *error);

/* ---- make.c: the one that runs make; tools.c ---- */

#define MAKE_SHOWN 200		/* of a line */
#define MAKE_TAIL 6

struct make_report {
	unsigned steps;				/* lines like "  CC      mm/migrate.o" */
	char errors[MAKE_TAIL][MAKE_SHOWN];	/* the first ones of the compiler */
	char tail[MAKE_TAIL][MAKE_SHOWN];	/* the last lines of all */
	unsigned nr_errors, nr_tail;
	char target[MAKE_SHOWN];		/* the first that make gave up: "mm/migrate.o" */
	bool disk_full;
	char line[512];
	size_t len;
};

void make_report_add(struct make_report *report, const char *data, size_t len);

struct make_job {
	const char *src;		/* where */
	const char *log;		/* appended to; NULL: none */
	const char *what;		/* for messages: "configure", "compile" */
	const char *called;		/* the kernel's name, in messages */
	char *const *argv;
	const struct build_watch *watch;
	unsigned total;			/* steps to come, for watch->objects(); 0: not known, nothing is told */
	bool may_fail;			/* how it ends is not looked at: a dry run */
};

/* Runs it in an environment of its own, in which equal input gives equal output; *stop ends it and all its children. */
int make_run(const struct make_job *job, struct make_report *report, char *error);

/* Programs and headers that a build takes. -ENOENT: some are missing, and which packages have them. */
int make_needs(bool deb, char *error);

/* One line about gcc and ld. */
int make_compiler(char *line, size_t size, char *error);

/* prepare, count, compile: leaves arch/x86/boot/bzImage. */
int make_kernel(const struct tree *tree, const char *called, const struct build_options *options, char *error);

/* ---- kernel_file.c ---- */

/*
 * What a kernel is called that is named by its path: the path, or its end from a slash on. "a/linux" and "b/linux" must
 * not both be "linux". Only what a name may hold in a record or on a terminal.
 */
void kernel_name_of_path(const char *path, char *name, size_t size);

/* ---- helpers for a watch whose parts may be NULL ---- */

void watch_step(const struct build_watch *watch, const char *format, ...) __attribute__((format(printf, 2, 3)));
void watch_warn(const struct build_watch *watch, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool watch_stopped(const struct build_watch *watch);
int watch_cancelled(char *error);	/* -ECANCELED and its line */

#endif
