// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reading side of records: bytes from anywhere become lines of a bounded length, and those become objects, or an
 * error. What an object has to look like: schema.c.
 */
#include "reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "position.h"
#include "record.h"
#include "schema.h"

#define NAME_SHOWN 240		/* of a file's name, in a message */
#define TOKEN_CUT_MAX 12	/* bytes that jansson goes back in an escape that the line's end cut: "\\ud83d\\ude0" */

/* What is wrong with a line, and where: a byte of it. */
struct fault {
	char what[200];
	size_t at;
};

__attribute__((format(printf, 3, 4)))
static int refuse(struct fault *fault, size_t at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(fault->what, sizeof(fault->what), format, args);
	va_end(args);
	fault->at = at;
	return -EINVAL;
}

/*
 * The first bracket outside strings that opens one level too many; len: there is none. Not a parser: what is no JSON is
 * refused by jansson afterwards.
 */
static size_t too_deep(const char *line, size_t len)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		char c = line[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			if (++depth > READER_DEPTH_MAX)
				return i;
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
		}
	}
	return len;
}

/* What speaks against parsing the line at all. */
static int check_fitness(const char *line, size_t len, struct fault *fault)
{
	const char *nul = memchr(line, '\0', len);
	size_t deep;

	if (!len)
		return refuse(fault, 0, "empty line");
	if (len > READER_LINE_MAX)
		return refuse(fault, READER_LINE_MAX, "line too long: more than %d bytes", READER_LINE_MAX);
	if (nul)
		return refuse(fault, (size_t)(nul - line), "NUL byte: no text");
	deep = too_deep(line, len);
	return deep == len ? 0 : refuse(fault, deep, "nested too deeply: more than %d levels", READER_DEPTH_MAX);
}

/* May more of the line have made it JSON? What jansson refuses for good stays wrong, whatever follows. */
static bool is_beginning(const json_error_t *error, size_t len)
{
	switch (json_error_code(error)) {
	case json_error_duplicate_key:
	case json_error_numeric_overflow:
	case json_error_null_character:
	case json_error_null_byte_in_key:
	case json_error_end_of_input_expected:
		return false;
	default:
		return (size_t)error->position + TOKEN_CUT_MAX >= len;
	}
}

/* As record_parse_line(); -EBADMSG: no JSON, which may be the beginning of some when the line was cut. */
static int parse(const char *line, size_t len, json_t **object, struct fault *fault)
{
	int err = check_fitness(line, len, fault);
	json_error_t json_error;
	const char *path = "";

	*object = NULL;
	if (err)
		return err;
	records_init();
	*object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &json_error);
	if (!*object) {
		refuse(fault, json_error.position > 0 ? (size_t)json_error.position - 1 : 0, "no JSON: %s", json_error.text);
		return is_beginning(&json_error, len) ? -EBADMSG : -EINVAL;
	}
	if (json_is_object(*object))
		err = schema_check(*object, fault->what, sizeof(fault->what), &path);
	else
		err = refuse(fault, 0, "no record: not an object");
	if (err) {
		json_decref(*object);
		*object = NULL;
		fault->at = position_of(line, len, path);
	}
	return err;
}

int record_parse_line(const char *line, size_t len, json_t **object, char *error, size_t error_size)
{
	struct fault fault;

	if (!parse(line, len, object, &fault))
		return 0;
	snprintf(error, error_size, "%s (column %u)", fault.what, position_column(line, len, fault.at));
	return -EINVAL;
}

int record_reader_open(struct record_reader *reader, const char *path)
{
	bool is_stdin = !strcmp(path, "-");

	memset(reader, 0, sizeof(*reader));
	reader->name = is_stdin ? "stdin" : path;
	reader->file = is_stdin ? stdin : fopen(path, "re");
	if (reader->file)
		reader->buffer = malloc(READER_LINE_MAX);
	if (!reader->buffer) {
		int err = -errno;

		snprintf(reader->error, sizeof(reader->error), "%s: %s", reader->name, strerror(-err));
		record_reader_close(reader);
		return err;
	}
	return 0;
}

void record_reader_close(struct record_reader *reader)
{
	if (reader->file && reader->file != stdin)
		fclose(reader->file);
	free(reader->buffer);
	reader->file = NULL;
	reader->buffer = NULL;
}

__attribute__((format(printf, 3, 4)))
static int fail_line(struct record_reader *reader, int err, const char *format, ...)
{
	char what[240];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(reader->error, sizeof(reader->error), "%.*s:%llu: %s", NAME_SHOWN, reader->name,
		 (unsigned long long)reader->line, what);
	return err;
}

/* Fills the buffer up to a newline, which is eaten and not stored, or the file's end. */
static int read_line(struct record_reader *reader, bool *newline)
{
	int c;

	reader->len = 0;
	reader->line++;
	errno = 0;
	while ((c = getc_unlocked(reader->file)) != EOF && c != '\n') {
		if (reader->len == READER_LINE_MAX)
			return fail_line(reader, -EINVAL, "line too long: more than %d bytes (column %u)", READER_LINE_MAX,
					 position_column(reader->buffer, reader->len, reader->len));
		reader->buffer[reader->len++] = (char)c;
	}
	if (c == EOF && ferror(reader->file)) {
		int err = errno ? -errno : -EIO;

		return fail_line(reader, err, "%s", strerror(-err));
	}
	*newline = c == '\n';
	return 0;
}

int record_reader_next(struct record_reader *reader, json_t **object, bool *truncated)
{
	struct fault fault;
	bool newline = false;
	int err;

	*object = NULL;
	*truncated = false;
	err = read_line(reader, &newline);
	if (err)
		return err;
	if (!reader->len && !newline)
		return 0;
	err = parse(reader->buffer, reader->len, object, &fault);
	if (!err)
		return 1;
	if (err == -EBADMSG && !newline && reader->buffer[0] == '{') {
		*truncated = true;
		return 0;
	}
	return fail_line(reader, -EINVAL, "%s (column %u)", fault.what,
			 position_column(reader->buffer, reader->len, fault.at));
}

unsigned record_reader_column(const struct record_reader *reader, const char *path)
{
	return position_column(reader->buffer, reader->len, position_of(reader->buffer, reader->len, path));
}

const char *record_reader_line(const struct record_reader *reader, size_t *len)
{
	*len = reader->len;
	return reader->buffer;
}
