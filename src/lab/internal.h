/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the lab's files share with each other and with their unit tests; the face sees lab.h only.
 *
 * `error` is everywhere a buffer of LAB_ERROR_MAX bytes: its first line says what is wrong, further lines (the guest's
 * log) show it.
 */
#ifndef WBIT_LAB_INTERNAL_H
#define WBIT_LAB_INTERNAL_H

#include <stddef.h>
#include <stdio.h>

#include "lab.h"

#define HASH_TEXT 65		/* SHA-256 in hex and its NUL */

/* Writes the message, and returns err so that `return lab_fail(error, -EIO, ...)` reads well. */
int lab_fail(char *error, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- child.c: programs that are run to their end ---- */

struct child_output {
	char *text;		/* all of stdout, NUL-terminated; freed by child_output_free() */
	size_t len;
	char complaint[240];	/* the last line of stderr that is not empty */
	int status;		/* exit status; 128 + N when signal N killed it */
};

/* Runs argv in `folder` (NULL: here) with LC_ALL=C, stdin closed to it. -ENOENT: there is no such program. */
int child_run(char *const argv[], const char *folder, struct child_output *output);
void child_output_free(struct child_output *output);

/* The same; -ECANCELED: *stop, and it was told to end. */
int child_run_until(char *const argv[], const char *folder, const volatile sig_atomic_t *stop,
		    struct child_output *output);

/* ---- hash.c ---- */

/* SHA-256 of a file; its bytes also go to the descriptor `copy`, unless that is -1. 0 or -errno. */
int hash_file(const char *path, int copy, char hex[HASH_TEXT]);

void hash_text(const char *text, char hex[HASH_TEXT]);

/* To read. -ENXIO: a FIFO or device, which might never end; -EISDIR; else -errno. Nothing is waited for. */
int open_file(const char *path);
const char *file_error(int err);	/* strerror() that has words for -ENXIO, and for the -EBADMSG of a text file */

int write_all(int fd, const void *data, size_t len);	/* 0 or -errno */

/* ---- apt.c: packages ---- */

/*
 * The newest package of a listing of `apt-cache search` whose name matches the regular expression, among those older
 * than `below` (NULL: all). Copies its name to out; false when there is none.
 */
bool apt_newest(const char *listing, const char *pattern, const char *below, char *out, size_t size);

struct apt_package {
	char name[128], version[128];
	char sha256[HASH_TEXT];
};

/*
 * From `apt-cache show`: the first paragraph that names a SHA256. False when there is none: then the package is known
 * but cannot be downloaded.
 */
bool apt_paragraph(const char *show, struct apt_package *package);

/* "KEY: VALUE" of one line to out; false when the line is another, or the value does not fit. */
bool apt_value(const char *line, const char *key, char *out, size_t size);

/* The newest package of a series that can be downloaded. -ENOENT: none; -ENOSYS: no apt here. */
int apt_find(const char *pattern, struct apt_package *package, char *error);

/*
 * Downloads it into the folder and checks it; path: PATH_MAX bytes, the .deb's. -EBADMSG: not what apt announced;
 * -ECANCELED: *stop, which may be NULL.
 */
int apt_download(const struct apt_package *package, const char *folder, const volatile sig_atomic_t *stop, char *path,
		 char *error);

/* ---- deb.c ---- */

/*
 * Unpacks what a .deb has of boot/vmlinuz-*, boot/config-* and the brd module into the folder, as "vmlinuz", "config" and
 * "brd.ko"; what *have names already is left alone. Which of it must be there is the caller's business. `called` is the
 * package's name in messages.
 */
enum { DEB_VMLINUZ = 1, DEB_CONFIG = 2, DEB_BRD = 4, DEB_ALL = 7 };
int deb_unpack(const char *path, const char *called, const char *folder, unsigned *have, char *error);

/*
 * Reading through archives: an archive that is opened with this as its reader, and another one as its argument, reads the
 * entry at which that one stands.
 */
struct archive;
ssize_t archive_read_through(struct archive *inner, void *outer, const void **block);

/* Hands the file of this name in a .deb to take(), as the archive to read it from. -EBADMSG: it has none. */
int deb_stream(const char *path, const char *called, const char *name,
	       int (*take)(struct archive *from, void *arg, char *error), void *arg, char *error);

/* Name and version of the package in a .deb; its sha256 stays as it is. */
int deb_identify(const char *path, const char *called, struct apt_package *package, char *error);

/* ---- cache.c: the folder of kernels ---- */

struct cache {
	char path[PATH_MAX - 256];	/* ${XDG_CACHE_HOME:-$HOME/.cache}/wbit */
	int lock;			/* -1: not held */
};

int cache_open(struct cache *cache, char *error);
int cache_lock(struct cache *cache, char *error);	/* waits for another process; also clears away what one left */
void cache_unlock(struct cache *cache);

/*
 * Looks up what stands in the cache under `key`: a stock kernel's name, or what cache_key_of_deb() gives. Errors as from
 * lab_kernel_find().
 */
int cache_find(const struct cache *cache, const char *key, struct lab_kernel *kernel, char *error);

int cache_join(char *out, const char *a, const char *b);	/* A/B into PATH_MAX bytes. -ENAMETOOLONG */

#define CACHE_KEY_MAX 64
void cache_key_of_deb(const char *deb_sha256, char key[CACHE_KEY_MAX]);

/* A folder to prepare a kernel in; the lock is held. path: PATH_MAX bytes. */
int cache_prepare(const struct cache *cache, const char *key, char *path, char *error);

/* Hashes what was prepared, writes its manifest and puts it in the place of KEY, whole or not at all. */
int cache_commit(const struct cache *cache, const char *key, const char *name, const char *path,
		 const struct apt_package *package, const struct lab_origin *origin, char *error);

/*
 * All of it in one: copies a kernel's image and its configuration (NULL: none) into the place of KEY. package, origin: NULL
 * where there is none. The lock is not held before.
 */
int cache_store(struct cache *cache, const char *key, const char *name, const char *image, const char *config,
		const struct apt_package *package, const struct lab_origin *origin, char *error);
void cache_discard(const char *path);	/* a folder that holds files alone */
void cache_empty(int folder);		/* removes the files in it */

/* ---- manifest.c ---- */

/* -ENOENT: there is none, or one from when no module was kept; -EBADMSG: it is no manifest of this kernel. */
int manifest_read(const char *path, const char *key, struct lab_kernel *kernel);

/* Hashes what is in the folder, and writes down what it is. origin: NULL when it was not built here. */
int manifest_write(const char *folder, const char *key, const char *name, const struct apt_package *package,
		   const struct lab_origin *origin);

/* ---- program.c ---- */

/* Where the guest's programs are: beside this one in a build tree, below libexec once installed. folder: PATH_MAX bytes, a '/'
 * at its end; name: this program's own. */
int program_guest_folder(char *folder, char *name, size_t name_size);

/* ---- image.c ---- */

enum image_kind { IMAGE_RUN, IMAGE_SHELL, IMAGE_SCRIPT, IMAGE_PROBE };

/* The host's files that go into the image. */
struct image_programs {
	char init[PATH_MAX];		/* "wbit-init" */
	char guest[PATH_MAX];		/* NAME-guest */
	char busybox[PATH_MAX];
	char disk[PATH_MAX];		/* as disk_write() made it; empty: none, here and below */
	char module[PATH_MAX];		/* brd.ko */
	const char *script;		/* of IMAGE_SCRIPT */
	const struct guest_files *files;	/* NULL: none */
};

int image_programs_find(struct image_programs *programs, enum image_kind kind, char *error);

/* Writes the initramfs; equal input gives equal bytes. args: NULL-terminated, for IMAGE_RUN. */
int image_write(const char *path, const struct image_programs *programs, enum image_kind kind, char *const args[],
		char *error);

/* Is this program free of an interpreter, so that it runs where there are no libraries? */
bool elf_is_static(const char *path);

/* ---- disk.c: the guest's filesystem ---- */

/*
 * Makes an empty ext4 of `bytes` (a multiple of 4 KiB) and writes it to folder/disk without its zeros: the size, then each
 * other block behind its offset, as kernel/init.c reads it. Equal sizes give equal bytes.
 */
int disk_write(const char *folder, uint64_t bytes, char *error);

/* How large a filesystem is for regions of that size: two of them fit, and what ext4 keeps for itself. */
uint64_t disk_size_for(uint64_t region_bytes);

/* ---- folder.c: a guest's folder, and what is put into it before QEMU starts ---- */

struct guest_folder {
	char path[PATH_MAX];		/* empty: none */
	int lock;			/* held as long as the folder has an owner */
};

/* Makes one; before that it removes those of this user whose owner was killed. */
int folder_make(struct guest_folder *folder, char *error);

/* The kernel, checked once more, and the image. */
int folder_fill(const struct guest_folder *folder, const struct guest_config *config, enum image_kind kind, char *error);

int folder_path(const struct guest_folder *folder, const char *file, char *path, char *error);
void folder_keep(struct guest_folder *folder);		/* from now on it is the user's */
void folder_remove(struct guest_folder *folder);

/* ---- qemu.c ---- */

#define QEMU_PROGRAM "qemu-system-x86_64"
#define QEMU_LOG "log"			/* in the guest's folder */
#define QEMU_RECORDS "records"
#define QEMU_STDERR "qemu-stderr"
#define RECORDS_MAX (256u << 20)	/* bytes that a guest may send */
#define LOG_MAX (64u << 20)

struct qemu_args {
	const char *argv[64];
	unsigned n;
	char cmdline[2048];		/* the kernel's: COMMAND_LINE_SIZE */
	char smp[48], nodes[2][48];	/* LAB_SMP's */
	char memory[24], backends[LAB_NODES][64];	/* what qemu_args_give_memory() put there */
};

/* All paths in it are relative to the guest's folder, whose name could hold a comma. -E2BIG: append is too long. cpus: LAB_SMP's */
int qemu_args_build(struct qemu_args *args, enum lab_mode mode, unsigned cpus, bool shell, const char *append);

/* After that: so many bytes of memory, half on each node, instead of LAB_MEMORY_BYTES. A multiple of LAB_MEMORY_STEP. */
void qemu_args_give_memory(struct qemu_args *args, uint64_t bytes);

/* Starts QEMU in the folder. With `shell` it keeps the terminal. */
int qemu_start(const struct qemu_args *args, const char *folder, bool shell, pid_t *pid, char *error);

/* ---- log.c: what a guest's log says ---- */

#define LOG_LINE_MAX 512	/* the rest of a longer line is dropped */
#define LOG_TAIL_LINES 8
#define LOG_SHOWN 160		/* of a line, in a message */

enum guest_word { GUEST_SILENT, GUEST_UP, GUEST_EXITED, GUEST_SIGNALLED };

struct guest_log {
	char line[LOG_LINE_MAX];
	size_t len;
	uint64_t total_bytes;
	bool kernel_spoke;
	char panic[LOG_SHOWN], trouble[LOG_SHOWN];	/* the first of each; empty: none */
	char complaint[LOG_SHOWN];			/* the last "wbit: ..." or "wbit-init: ..." */
	enum guest_word word;				/* from wbit-init */
	int code;					/* exit status or signal */
	char tail[LOG_TAIL_LINES][LOG_SHOWN];
	unsigned nr_lines;
};

void guest_log_add(struct guest_log *log, const char *data, size_t len);

/* Appends the last lines to the message in `error`, each on a line of its own. */
void guest_log_append_tail(const struct guest_log *log, char *error);

/* A kernel message that means trouble: WARNING, BUG, Oops and their like. `line` with its time stamp. */
bool log_line_is_trouble(const char *line);

/* ---- guest.c ---- */

int guest_start_kind(const struct guest_config *config, enum image_kind kind, struct guest **guest, char *error);

/* ---- verdict.c: why a guest ended ---- */

struct guest_end {
	const char *name;		/* the kernel's */
	int wait_status;		/* QEMU's */
	char qemu_complaint[LOG_SHOWN];
	bool cut_line;			/* the records stop in the middle of a line */
	enum image_kind kind;
};

/* 0 when all went as it should, else -EIO and why. */
int guest_verdict(const struct guest_end *end, const struct guest_log *log, char *error);

#endif
