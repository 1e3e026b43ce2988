/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reading side of records. Input is hostile: a line is bounded in length and depth before it is parsed, and every
 * key that is used has its type checked. Errors are one line: "FILE:LINE: what is wrong (column N)", in characters from 1.
 * Numbers are what JSON has: no NaN, no Inf, no integer beyond 63 bits, no real beyond a double, under whatever key.
 */
#ifndef WBIT_READER_H
#define WBIT_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <jansson.h>

#define READER_LINE_MAX 65536	/* bytes, without the '\n'; an env line may be longer than a trial's */
#define READER_DEPTH_MAX 8	/* jansson recurses: hostile nesting must not reach it */

struct record_reader {
	FILE *file;
	const char *name;	/* for messages */
	uint64_t line;		/* number of the line last read, from 1 */
	char error[512];	/* after a negative return: "FILE:LINE: what (column N)" */
	char *buffer;		/* private, READER_LINE_MAX bytes */
	size_t len;		/* private, of the line in the buffer */
};

int record_reader_open(struct record_reader *reader, const char *path);	/* "-" is stdin; 0 or -errno, error set */
void record_reader_close(struct record_reader *reader);

/*
 * The next record, as an object whose "type" is a known string, whose schema is not newer than ours, and whose known
 * keys have the types that results/README.md gives them. Unknown keys are kept.
 *
 * Returns 1 and a new reference, 0 at the end of the file, or -errno with `error` set. When the file stops in the
 * middle of a line, what there is of it is dropped: the return is 0 and *truncated is set. A last line that lacks nothing
 * but its newline counts as whole.
 */
int record_reader_next(struct record_reader *reader, json_t **object, bool *truncated);

/* The column in the line last read where the value at a dotted path begins, from 1; 1 when it is not there. */
unsigned record_reader_column(const struct record_reader *reader, const char *path);

/* The line last read, as it stood in the file, without its newline. */
const char *record_reader_line(const struct record_reader *reader, size_t *len);

/* Parses and validates one line, without its newline. Returns 0 and a new reference, or -EINVAL with `error` filled. */
int record_parse_line(const char *line, size_t len, json_t **object, char *error, size_t error_size);

/* Typed access to a validated record: default when absent or null. Dotted paths: "faults.write_protect". */
uint64_t record_count(const json_t *object, const char *path);		/* NOT_MEASURED when null or absent */
const char *record_string(const json_t *object, const char *key, const char *otherwise);
bool record_flag(const json_t *object, const char *key);

#endif
