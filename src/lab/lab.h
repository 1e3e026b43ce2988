/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab: a guest with two NUMA nodes, booted from a kernel in the cache, that measures and sends its records back.
 *
 * Held here: kernels (fetched by package, pinned, checked by hash), the guest's image, QEMU. All functions return 0 or
 * -errno, with one line for the user in `error` (LAB_ERROR_MAX bytes) after a failure; further lines, if any, show the
 * end of the guest's log. Nothing here prints.
 */
#ifndef WBIT_LAB_H
#define WBIT_LAB_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "run.h"

#define LAB_ERROR_MAX 2048

/* What a kernel was built from. */
struct lab_origin {
	char source[200];		/* "linux-source-6.12 6.12.117-1", "source tree linux"; empty: it was not built here */
	char series_sha256[65];		/* of the series' patches; empty: without */
	char patch[64], patch_sha256[65];	/* of --patch: the file's name; empty: none */
	char fragment_sha256[65];	/* the configuration that was asked for */
	char compiler[160];
	char inputs_sha256[65];		/* of all of it; empty: not known, as of a tree that may change at any time */
};

/* A kernel in the cache: ${XDG_CACHE_HOME:-$HOME/.cache}/wbit/kernels/KEY/{vmlinuz,config,brd.ko,manifest.json} */
struct lab_kernel {
	char name[64];			/* "stock-6.12"; of a package file "6.12.117+deb12-cloud-amd64"; of others their path */
	char package[128], version[128];	/* "linux-image-6.12.117+deb12-cloud-amd64", "6.12.117-1~deb12u1"; or empty */
	char vmlinuz[PATH_MAX];
	char brd[PATH_MAX];		/* the module that carries the guest's filesystem; empty: the package has none */
	char deb_sha256[65], vmlinuz_sha256[65];
	char config_sha256[65], brd_sha256[65];		/* empty: the package has none */
	struct lab_origin built;
};

/* The stock kernels by name, NULL-terminated: "stock-6.1", "stock-6.12", "stock-generic". */
extern const char *const lab_stock_names[];

struct lab_stock {
	const char *name, *pattern;	/* the packages that are it, a regular expression for apt */
	const char *columns;		/* the policies that it is expected to show; what it does show is measured */
	const char *source;		/* where there is such a package */
	bool spare;			/* taken only where none of the others can be had */
};

/* NULL: there is no such stock kernel. */
const struct lab_stock *lab_stock_find(const char *name);

/* Looks a kernel up in the cache and checks its hashes. -ENOENT: not fetched yet; -EBADMSG: not what was fetched. */
int lab_kernel_find(const char *name, struct lab_kernel *kernel, char *error);

/*
 * Fetches a stock kernel by apt (no root needed), checks the package's SHA-256 against apt's, unpacks its image and
 * config into the cache. Pinned: when it is there already and `update` is not set, nothing is contacted.
 */
int lab_kernel_fetch(const char *name, bool update, struct lab_kernel *kernel, char *error);

/*
 * Takes a kernel from a package file, through the cache, where it stands by the file's hash. -EBADMSG: it is no package,
 * or none of a kernel.
 */
int lab_kernel_from_deb(const char *path, struct lab_kernel *kernel, char *error);

/*
 * Where the files are that come with the program: share/wbit/NAME of the prefix that it is installed in, wherever that has gone;
 * `built` for a program in its build tree. out: PATH_MAX bytes. Returns out.
 */
const char *lab_share(const char *name, const char *built, char *out);

/* Files of the host for the guest: programs come with the libraries that they are linked to. */
struct guest_files {
	struct guest_file {
		char *from, *to;	/* to: an absolute path in the guest */
	} *files;
	unsigned nr;
};

/*
 * Adds FILE, or FILE:PATH with its path in the guest (default: /bin/NAME). -ENOENT, -EISDIR, ...: it cannot be read;
 * -ENOEXEC: a library that it needs is not here. guest_files_free() takes an empty one as well.
 */
int guest_files_add(struct guest_files *files, const char *spec, char *error);

#define GUEST_FILE_MAX (64u << 20)

/* A file that can be read and is not too large to be one of the guest's: 0, or -errno with the reason. */
int guest_file_look(const char *path, char *error);
void guest_files_free(struct guest_files *files);

enum lab_mode { LAB_EXACT, LAB_TCG, LAB_KVM, LAB_SMP, NR_LAB_MODES };

#define LAB_CPUS_MAX 16		/* of --cpus */

enum platform lab_platform(enum lab_mode mode);	/* what a guest's figures are taken on */

#define LAB_NODES 2
#define LAB_MEMORY_BYTES (UINT64_C(2) << 30)	/* of a guest, half on each node */
#define LAB_MEMORY_STEP (UINT64_C(2) << 20)

struct guest_config {
	const struct lab_kernel *kernel;
	enum lab_mode mode;
	unsigned cpus;			/* of LAB_SMP, 2 or more; the other modes have their own number */
	char *const *guest_argv;	/* options of its `wbit run`, --platform and --output apart; NULL: a shell */
	const char *script;		/* without guest_argv: a script for the shell, whose stdout is the lines; NULL: a terminal */
	const struct guest_files *files;	/* more that goes into the image, or NULL */
	const char *append;		/* more of the kernel's command line, or NULL */
	uint64_t memory_bytes;		/* 0: LAB_MEMORY_BYTES */
	uint64_t region_bytes;		/* of the largest region: the guest's filesystem holds two of them */
	unsigned boot_limit_s;		/* until the first record line; 0 means no limit, here and below */
	unsigned silence_limit_s;	/* from then on, without a byte of records or log: the guest hangs */
	unsigned total_limit_s;		/* until the guest has powered off */
	bool keep;			/* leave the guest's folder (image, log, records) behind */
};

/* A guest under way. Opaque: lab/guest.c. */
struct guest;

/* Packs the image into a folder of its own (mkdtemp) and starts QEMU. */
int guest_start(const struct guest_config *config, struct guest **guest, char *error);

/*
 * Hands over each line that the guest sends, as it comes, until the guest ends. `line` is NUL-terminated, without its
 * newline; it is raw guest output: hostile. A negative return of line() stops the guest and comes back from here.
 *
 * -ETIMEDOUT: it did not boot in time, or hangs; -ETIME: total_limit_s passed; -ECANCELED: *stop; -EIO: it crashed,
 * panicked or was killed, its wbit did, or its log has a WARNING, BUG or Oops (error: which, and the last lines of its
 * log); -EOVERFLOW: it sent more than it may. All lines that were whole by then have been handed over.
 */
struct guest_lines {
	int (*line)(void *arg, const char *line, size_t len);
	void *arg;
};
int guest_consume(struct guest *guest, const struct guest_lines *lines, const volatile sig_atomic_t *stop, char *error);

pid_t guest_pid(const struct guest *guest);
const char *guest_folder(const struct guest *guest);
const char *guest_image_sha256(const struct guest *guest);	/* of the initramfs: its programs, options and disk */
int guest_exit_status(const struct guest *guest);	/* of the guest's wbit, -1 when it did not say */

/* Kills QEMU if it still runs, removes the folder unless it is kept. NULL is fine. */
void guest_free(struct guest *guest);

/* QEMU's own first line about its version. -ENOENT: it is not installed. */
int lab_qemu_version(char *line, size_t size, char *error);

/*
 * Does KVM boot a guest here? A short probe with this kernel; its answer is remembered in the cache per host kernel and
 * boot. 0: yes; -ENOTSUP: no, and why in error.
 */
int lab_kvm_works(const struct lab_kernel *kernel, const volatile sig_atomic_t *stop, char *error);

/* The same without a probe: -ENOENT when there is no answer to remember since the host's boot. */
int lab_kvm_remembered(char *error);

#endif
