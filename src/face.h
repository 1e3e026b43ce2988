/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The face: what the commands share. Only main.c and cmd_*.c (with table.c, which they call) print to stdout, and only
 * main.c exits.
 */
#ifndef WBIT_FACE_H
#define WBIT_FACE_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

/* Exit statuses, the same for every command. */
enum status {
	STATUS_OK = 0,
	STATUS_BAD = 1,			/* a count off the oracle, a gate tripped */
	STATUS_USAGE = 2,		/* usage or environment error */
	STATUS_INCONCLUSIVE = 3,	/* interrupted, or not enough to tell */
	STATUS_SKIPPED = 77,		/* nothing could run here */
};

struct command {
	const char *name, *about;
	int (*run)(int argc, char **argv);	/* argv[0] is "wbit NAME"; returns an enum status */
};

/* NULL-terminated by name; commands.c has all, commands_guest.c what a guest needs. */
extern const struct command commands[];

int cmd_doctor(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_observe(int argc, char **argv);
int cmd_lab(int argc, char **argv);
int cmd_model(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_bundle(int argc, char **argv);
int cmd_profile(int argc, char **argv);

/*
 * One line on stderr: "wbit: ...". Control characters in the text come out as '?', but for newlines before "  | ", which
 * mark a guest's last log lines. Returns STATUS_USAGE, so that a command can end with `return complain(...)`.
 */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Parses a command's options: STATUS_OK, or STATUS_USAGE after one line on stderr. Parsers report with usage_error(),
 * which complains and returns EINVAL for them to return; argp's own second line ("Try ...") is left out.
 */
struct argp;
int parse_options(const struct argp *argp, int argc, char **argv, void *input);
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As complain(), for what does not end the command: "wbit: warning: ..." */
void warn_user(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Copies text, control characters replaced by '?', cut to size. Returns out. */
char *printable(const char *text, char *out, size_t size);

/*
 * The rest of a line, from this column on (the cursor is there): broken at spaces where it would pass 120 columns, the
 * next lines indented to the same column.
 */
void print_wrapped(FILE *out, unsigned column, const char *text);

/*
 * Flushes stdout and says so if it cannot (a full disk, /dev/full): returns status, or STATUS_USAGE when the output was
 * lost. Each command ends with it.
 */
int finish_stdout(int status);

/* The number of the signal that asked to stop, 0 before; set after catch_signals(). */
extern volatile sig_atomic_t stop;
void catch_signals(void);	/* SIGINT, SIGTERM, SIGHUP */

/* Where the scripts of the figures are: in the source tree, or in the prefix that wbit is installed in. */
const char *plots_folder(void);

/* The same for the groups of counters; NULL in a guest. */
const char *counters_folder(void);

/* Is this the program that the lab puts into its guests? Only there the lab's own options count. */
extern const bool in_guest;

struct summary;

/* The exit status that the results deserve. */
int summary_status(const struct summary *summary);

/* The table of a run or several: at most 120 columns. Returns summary_status(), or STATUS_USAGE after a complaint. */
int table_print(FILE *out, const struct summary *summary);
void table_pairs(FILE *out, const struct summary *summary);	/* of runs by pairs: node by node, what a page takes */
void table_notes(FILE *out, const struct summary *summary);	/* what its marks mean: one line for each that occurs */

#endif
