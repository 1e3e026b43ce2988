/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options that `wbit run` and `wbit lab run` share: one table, from which parsing, --help and the man page come.
 */
#ifndef WBIT_OPTIONS_H
#define WBIT_OPTIONS_H

#include <argp.h>

#include "run.h"

struct measure_options {
	struct run_options run;
	const char *from, *to, *cpu;	/* as objects of hwloc's, for placement.h to resolve; NULL: a number, in `run`, or nothing */
	const char *output;	/* NULL: results/local/RUN.jsonl; "-": stdout */
	bool elsewhere;		/* those objects are of a made-up machine: placement.h */
	bool force, quiet;
	bool pages_given, runs_given;	/* on the command line */
};

void measure_options_init(struct measure_options *options);

/* An argp child; its input is a struct measure_options. A bad value is complained of and ends the parsing. */
extern const struct argp measure_argp;

/* How many blocks, unless --runs said: 12 where times are taken (clock ns, not lab-tcg), else 6. */
void measure_default_blocks(struct measure_options *options, enum platform platform);

/* Checks what only shows once all is known: globs that match nothing, sizes. 0, or STATUS_USAGE after a complaint. */
int measure_options_check(const struct measure_options *options);

/* Do the workloads and triggers that were chosen make a cell at all? STATUS_OK, or STATUS_SKIPPED after a complaint. */
int measure_options_meet(const struct measure_options *options);

/*
 * The options again as arguments (each "--name=value"), for a guest's own `wbit run`: what belongs to the host (output,
 * labels, force, quiet) left out. Returns a NULL-terminated vector to free with argv_free(), or NULL (ENOMEM).
 */
char **measure_options_argv(const struct measure_options *options);
void argv_free(char **argv);

/*
 * Opens the record file for writing: creates results/local/ for the default name, refuses to overwrite without --force,
 * says in one line what is wrong. path_out: PATH_MAX bytes, the name used. NULL after a complaint.
 */
FILE *open_output(const struct measure_options *options, const char *run_id, char *path_out);

/* Before work that takes long: would open_output() refuse to overwrite? Then it is said. STATUS_OK or STATUS_USAGE. */
int check_output(const struct measure_options *options);

/*
 * Cuts what stood behind the last record written: with --force the file keeps what it held until there is something to put
 * in its place. Called after each record.
 */
void end_output_here(FILE *file);

/* An ID for a new run: UTC time and a few random digits, e.g. 20221115T103000-4f2a. out: at least 32 bytes. */
void make_run_id(char *out);

/*
 * --events and --counters into the run's sets. 0, or EINVAL after a complaint. What a group is called here: read_counter_groups(),
 * 0 or -errno with one line in `error`; groups_free() it in any case.
 */
struct events_groups;
error_t parse_events(struct run_options *run, const char *text);
error_t parse_counters(struct run_options *run, const char *text);
int read_counter_groups(struct events_groups *groups, char *error, size_t size);

/* A decimal number in [low, high]: 0, or EINVAL after a complaint that says what would do. */
error_t parse_number(const char *option, const char *text, uint64_t low, uint64_t high, uint64_t *value);

#endif
