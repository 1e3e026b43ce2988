/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stacks of a profile, folded: equal ones counted once, in the format that flame graph tools take, "comm;outermost;...;innermost N"; and
 * the symbols by their share.
 *
 * Read is what `perf script -F comm,pid,ip,sym,dso` prints: for each sample a line "COMM PID", then the innermost frame first one a
 * line ("\tADDRESS SYMBOL (FILE)"), then an empty line. It is hostile: names are cut and cleaned, ';' becomes ':', and what there may be of
 * stacks, frames and bytes is bounded.
 */
#ifndef WBIT_FOLD_H
#define WBIT_FOLD_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define FOLD_FRAMES_MAX 256	/* of a stack; outer ones beyond are "[cut]". perf records at most 127 */
#define FOLD_NAME_MAX 200	/* bytes of a symbol; the rest is cut off */
#define FOLD_BYTES_MAX (64u << 20)	/* of all different stacks together */

struct fold;

/*
 * Addresses whose samples are passed over. perf prints user addresses as they are, or, since some version, as the offset in their file:
 * then file is its path, as perf prints it.
 */
struct fold_window {
	const char *file;	/* NULL: addresses as they are */
	uint64_t low, high;	/* [low, high) */
};

#define FOLD_WINDOWS_MAX 2

/* Passed over are samples with a frame in one of the windows, whose `file` has to live as long as the fold. NULL: no memory. */
struct fold *fold_new(const struct fold_window *windows, unsigned nr_windows);

/* And those of this process; before any text is taken. 0 or -ENOMEM. */
int fold_pass_over(struct fold *fold, pid_t pid);
void fold_free(struct fold *fold);

/* Text as it comes, in any pieces; fold_end() after the last. 0, -EPROTO: that is no such text, -E2BIG: more than is taken, -ENOMEM. */
int fold_take(struct fold *fold, const char *data, size_t len);
int fold_end(struct fold *fold);

uint64_t fold_samples(const struct fold *fold);		/* without those passed over */
uint64_t fold_passed_over(const struct fold *fold);
uint64_t fold_unresolved(const struct fold *fold);	/* samples whose innermost frame has no symbol */

/* By name. An output error is the stream's. */
int fold_write(struct fold *fold, FILE *out);

/* A symbol: in how many samples it is the innermost frame, and in how many it is anywhere in the stack. */
struct fold_symbol {
	const char *name;	/* the fold's */
	uint64_t self, total;
};

/* The first nr of them, by `self`, then by name. How many there are, or -ENOMEM. */
int fold_top(struct fold *fold, struct fold_symbol *top, unsigned nr);

#endif
