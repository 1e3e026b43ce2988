/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of `wbit lab` share. */
#ifndef WBIT_CMD_LAB_H
#define WBIT_CMD_LAB_H

#include <argp.h>

#include "lab.h"
#include "options.h"
#include "reader.h"
#include "record.h"
#include "summary.h"

#define LAB_KERNELS_MAX 16
#define LAB_BOOT_LIMIT_S 120
#define LAB_MODES "exact, tcg, kvm"

int lab_run(int argc, char **argv);

struct lab_run_options {
	struct measure_options measure;		/* first: measure_argp takes its address */
	enum lab_mode mode;
	bool keep;
	const char *append;
	unsigned boot_limit_s;
	const char *names[LAB_KERNELS_MAX];	/* as given; none: the stock ones */
	bool from_deb[LAB_KERNELS_MAX];		/* the name is that of a package file */
	unsigned nr_names;
};

error_t parse_mode(const char *text, enum lab_mode *mode);

/* Takes a kernel's name from the command line, if there is such a kernel and room for it. */
error_t parse_kernel(const char *name, const char **names, unsigned *nr);

/*
 * The stock kernels, as far as they can be had; without any of them the spare one. What is left out is told, and which
 * columns are missing for it. Returns how many there are; *broken: one is missing for another reason than that this
 * system's package lists do not have it.
 */
unsigned lab_default_kernels(struct lab_kernel *kernels, bool update, bool *broken);

/* Finds a kernel in the cache or, with a line on stderr, fetches it. 0, or -errno with the message in error. */
int lab_kernel_get(const char *name, struct lab_kernel *kernel, char *error);

/*
 * The notary of one guest's records. Each line is checked, gets what only the host can vouch for (run, time, kernel,
 * command line), goes to the file and into the summary. A line that a guest in its right mind would not send ends it.
 */
struct notary {
	const struct lab_run_options *options;
	const struct lab_kernel *kernel;
	const char *tools_qemu, *time;
	struct summary *summary;
	struct record_sink sink;
	bool progress;
	enum { NOTARY_WANTS_ENV, NOTARY_WANTS_TRIALS, NOTARY_HAS_END } stage;
	char error[400];		/* why a line was refused; empty: none was */
};

int notary_line(void *notary, const char *line, size_t len);

#endif
