/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of `wbit lab` share. */
#ifndef WBIT_CMD_LAB_H
#define WBIT_CMD_LAB_H

#include <argp.h>

#include "build.h"
#include "gate.h"
#include "lab.h"
#include "options.h"
#include "reader.h"
#include "record.h"
#include "summary.h"

#define LAB_KERNELS_MAX 16
#define LAB_BOOT_LIMIT_S 120
#define LAB_MODES "exact, smp, tcg, kvm"

enum { OPT_ALLOW_ROOT = 0x500 };	/* the same in all commands that build */

int lab_run(int argc, char **argv);
int lab_build_command(int argc, char **argv);
int lab_config_command(int argc, char **argv);

/* A kernel as the command line names it. */
struct lab_choice {
	const char *text;
	enum lab_kind kind;
};

struct bisect;

struct lab_run_options {
	struct measure_options measure;		/* first: measure_argp takes its address */
	enum lab_mode mode;
	unsigned cpus;				/* of --mode smp; 0: not said */
	bool keep;
	const char *append;
	uint64_t memory_bytes;			/* of a guest; 0: LAB_MEMORY_BYTES */
	unsigned boot_limit_s;
	struct lab_choice choices[LAB_KERNELS_MAX];	/* none: the stock ones */
	unsigned nr_choices;
	const char *patch;			/* the one kernel is measured with and without it; NULL: none */
	struct build_options build;
	const char *baseline;			/* FILE or FILE:RUN */
	struct gate gates[GATES_MAX];
	unsigned nr_gates;
	struct bisect *bisect;			/* NULL: git does not ask */
};

error_t parse_mode(const char *text, enum lab_mode *mode);

/* Takes a kernel from the command line: a name or a path, if it is one and there is room for it. */
error_t parse_kernel(const char *text, struct lab_choice *choices, unsigned *nr);

/* The folder with patches/ and configs/. */
const char *lab_files(void);

/* The progress of a build: steps, and on a terminal the objects done and the time left. */
struct build_progress {
	bool quiet, terminal;
	double start_s, shown_s;
	unsigned first;
};
void build_options_fill(struct build_options *options, struct build_progress *progress, bool quiet);

/* Complains, with the progress out of the way. Returns the exit status: 3 when it was interrupted. */
int build_failed(const struct build_progress *progress, int err, const char *error);

/* One kernel, fetched or, for a source tree, built as need be. 0, or -errno with the message in error. */
int lab_choice_get(const struct lab_choice *choice, const struct build_options *build, struct lab_kernel *kernel,
		   char *error);

/*
 * All that were chosen, and with --patch the patched one behind the only one. An exit status after a complaint; *err tells
 * which kind of failure it was: -ENOEXEC for what does not build.
 */
int lab_choices_get(struct lab_run_options *options, struct lab_kernel *kernels, unsigned *nr, int *err);

/*
 * The stock kernels, as far as they can be had; without any of them the spare one. What is left out is told, and which
 * columns are missing for it. Returns how many there are; *broken: one is missing for another reason than that this
 * system's package lists do not have it.
 */
unsigned lab_default_kernels(struct lab_kernel *kernels, bool update, bool *broken);

/* Finds a kernel in the cache or, with a line on stderr, fetches it. 0, or -errno with the message in error. */
int lab_kernel_get(const char *name, struct lab_kernel *kernel, char *error);

/* ---- the options of lab run: cmd_lab_options.c ---- */

extern const struct argp lab_run_argp;			/* its input is a struct lab_run_options */
#define LAB_SPARE_BYTES (UINT64_C(512) << 20)		/* of this machine's free memory, what no guest gets */
uint64_t lab_memory_here(void);				/* for guests, in LAB_MEMORY_STEPs */
int lab_run_check(const struct lab_run_options *options);	/* STATUS_OK, or STATUS_USAGE after a complaint */

/* ---- comparing: cmd_lab_compare.c ---- */

/*
 * What was not asked for: blocks by what is measured (options.h), and for a comparison of kernels two sizes, so that a
 * page's cost and a call's have a figure each, and both short enough for the time between two timer ticks.
 */
void lab_defaults(struct lab_run_options *options);

/* The first run against each other one. path: where the records are. */
void lab_compare_runs(const struct summary *summary, const char *path);

/* ---- bisecting: cmd_lab_bisect.c ---- */

/* What `git bisect run` understands. Anything else from 1 to 127 is "bad" to it, a bad option's 2 included. */
enum bisect_status {
	BISECT_GOOD = 0,
	BISECT_BAD = 1,
	BISECT_CANNOT_TELL = 125,	/* this commit does not build or boot, or a gate is undecided: skip it */
	BISECT_HOST_BROKEN = 128,	/* no commit could be told: no QEMU, no baseline, bad options; or interrupted */
};

/* Does this command line ask for it? Known before the options are parsed, since they may be wrong. */
bool bisect_asked(int argc, char *const *argv);

/* Reads the baseline and sets the options to measure its cells. NULL after a complaint. */
struct bisect *bisect_prepare(struct lab_run_options *options);
void bisect_free(struct bisect *bisect);

/*
 * What ended it early. A kernel that was not to be had: by the error of whoever resolves it, -ENOEXEC: it does not build;
 * anything else is the host's trouble. A guest that did not boot or did not come to its end is the kernel's. NULL is fine.
 */
void bisect_note_kernel(struct bisect *bisect, int err);
void bisect_note_guest(struct bisect *bisect);

/* Compares with the baseline and prints it. An enum status. */
int bisect_conclude(struct bisect *bisect, const struct summary *summary);

/* The command's status in git's language. bisect is NULL where it could not be prepared. */
int bisect_status(const struct bisect *bisect, int status);

/* ---- */

/*
 * Prints what would run, and gets nothing; the policies of a kernel are found in the guest, so their number is not known.
 * Returns the exit status.
 */
int lab_dry_run(struct lab_run_options *options);

/*
 * The notary of one guest's records. Each line is checked, gets what only the host can vouch for (run, time, kernel,
 * command line), goes to the file and into the summary. A line that a guest in its right mind would not send ends it.
 */
struct notary {
	const struct lab_run_options *options;
	const struct lab_kernel *kernel;
	const char *tools_qemu, *time, *image_sha256;
	struct summary *summary;
	struct record_sink sink;
	bool progress;
	enum { NOTARY_WANTS_ENV, NOTARY_WANTS_TRIALS, NOTARY_HAS_END } stage;
	char error[400];		/* why a line was refused; empty: none was */
};

int notary_line(void *notary, const char *line, size_t len);

#endif
