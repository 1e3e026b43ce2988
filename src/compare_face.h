/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How comparisons are shown: shared by `wbit compare` and `wbit lab run`. */
#ifndef WBIT_COMPARE_FACE_H
#define WBIT_COMPARE_FACE_H

#include <argp.h>
#include <limits.h>
#include <stdio.h>

#include "compare.h"
#include "gate.h"

/* FILE or FILE:RUN */
struct compare_input {
	char path[PATH_MAX];
	struct summary summary;
	bool one_run;		/* the argument named one */
	unsigned run;		/* which, then */
};

/*
 * Reads all of the file and finds the run. STATUS_OK, or STATUS_USAGE after a complaint; compare_input_free() either way. A
 * zeroed input may be freed, too.
 */
int compare_input_read(struct compare_input *input, const char *argument);

/* Takes the runs of one kernel for its boots (pool.h), unless the argument named one run. STATUS_OK, or a complaint's. */
int compare_input_pool(struct compare_input *input);

void compare_input_free(struct compare_input *input);

enum compare_format { COMPARE_TABLE, COMPARE_MARKDOWN, COMPARE_LATEX, COMPARE_JSON };

struct compare_view {
	const char *base_name, *new_name;	/* "FILE:RUN" */
	bool all;				/* what is equal, too */
	enum compare_format format;
	const struct gate *gates;
	unsigned nr_gates;
};

/* What the gates came to, over all comparisons of a command. */
struct gate_count {
	unsigned passed, undecided, tripped;
};

/* All return 0 or -ENOMEM. Text of the records is cleaned on its way out. */
int compare_table_print(FILE *out, const struct comparison *comparison, const struct compare_view *view);
int compare_markup_print(FILE *out, const struct comparison *comparison, const struct compare_view *view);
int compare_json_print(FILE *out, const struct comparison *comparison, const struct compare_view *view);

/* Cleaned, then escaped for Markdown or LaTeX; cut before an escape that does not fit. Returns out. */
char *compare_escape(enum compare_format format, const char *text, char *out, size_t size);

/* By the view's format one of these. */
int compare_print(FILE *out, const struct comparison *comparison, const struct compare_view *view);

/* Is the line shown? What differs, and is not told by another line; with --all everything. */
bool compare_is_shown(const struct compare_view *view, const struct difference *line, bool explained);

/* One line for each gate that trips or stays undecided, and for each cell it is so for. 0 or -ENOMEM; adds to *count. */
int compare_gates(FILE *out, const struct comparison *comparison, const struct compare_view *view,
		  struct gate_count *count);

/* One line that counts; nothing without gates. Returns an enum status. */
int compare_gates_status(FILE *out, const struct compare_view *view, const struct gate_count *count);

/* --gate: 0, or EINVAL after a complaint. */
error_t parse_gate(const char *text, struct gate gates[GATES_MAX], unsigned *nr);

/* The texts of a line; each writes at most `size` bytes, terminated, and returns out. */
char *compare_figure_text(const struct difference *line, char *out, size_t size);	/* "migrate 256" */
char *compare_reading_text(const struct difference *line, const struct reading *reading, char *out, size_t size);
char *compare_change_text(const struct difference *line, char *out, size_t size);	/* "+12.0"; empty: none */
char *compare_percent_text(const struct difference *line, char *out, size_t size);	/* "+0.12 %"; "-": no ratio to 0 */
char *compare_effect_text(const struct difference *line, char *out, size_t size);	/* "+12.0 (+0.14 %)"; times: "+5.02 %" */
char *compare_interval_text(const struct difference *line, char *out, size_t size);	/* "-0.5 to +6.0 %"; else the spread */
char *compare_verdict_text(const struct difference *line, char *out, size_t size);	/* "" for none */

/* A change in the timing's unit: "+5.02 %", "+12.0 ns". sign: with its sign. */
char *compare_amount_text(const struct timing *timing, double amount, bool sign, char *out, size_t size);

/* What lies behind a time's verdict: "12 blocks, p 0.0063; seen from 1.3 %; Hodges-Lehmann +4.9 % (+4.2 to +5.8 %)" */
char *compare_evidence_text(const struct comparison *comparison, const struct difference *line, char *out, size_t size);

/* What counts as one time, in a sentence. */
const char *compare_unit_text(const struct comparison *comparison);

/* Why times and counters are inconclusive, and what could have been seen; empty in a comparison without. */
char *compare_times_text(const struct comparison *comparison, const struct compare_tally *tally, char *out, size_t size);

char *compare_cell_text(const struct comparison *comparison, const struct cell *base, const struct cell *new,
			char *out, size_t size);	/* "vma native"; "native" where the policies differ */

/* A line of a comparison as an object, for JSON; a new reference, NULL: out of memory. */
json_t *compare_line_json(const struct difference *line);

#endif
