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

#include "record.h"
#include "schema.h"

#define NAME_SHOWN 280		/* of a file's name, in a message */

/* The deepest nesting of brackets outside strings. Not a parser: what is no JSON is refused by jansson afterwards. */
static unsigned nesting(const char *line, size_t len)
{
	unsigned depth = 0, deepest = 0;
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
			if (++depth > deepest)
				deepest = depth;
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
		}
	}
	return deepest;
}

/* NULL, or what speaks against parsing the line at all. */
static const char *unfit(const char *line, size_t len)
{
	if (!len)
		return "empty line";
	if (len > READER_LINE_MAX)
		return "line too long";
	if (memchr(line, '\0', len))
		return "NUL byte: no text";
	return nesting(line, len) > READER_DEPTH_MAX ? "nested too deeply" : NULL;
}

/* As record_parse_line(); -EBADMSG: no JSON, which may be the beginning of some when the line was cut. */
static int parse(const char *line, size_t len, json_t **object, char *error, size_t error_size)
{
	const char *unfitness = unfit(line, len);
	json_error_t json_error;
	int err = -EINVAL;

	*object = NULL;
	if (unfitness) {
		snprintf(error, error_size, "%s", unfitness);
		return -EINVAL;
	}
	records_init();
	*object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &json_error);
	if (!*object) {
		snprintf(error, error_size, "no JSON: %s (column %d)", json_error.text, json_error.column);
		return -EBADMSG;
	}
	if (json_is_object(*object))
		err = schema_check(*object, error, error_size);
	else
		snprintf(error, error_size, "no record: not an object");
	if (err) {
		json_decref(*object);
		*object = NULL;
	}
	return err;
}

int record_parse_line(const char *line, size_t len, json_t **object, char *error, size_t error_size)
{
	return parse(line, len, object, error, error_size) ? -EINVAL : 0;
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
	char what[200];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(reader->error, sizeof(reader->error), "%.*s:%llu: %s", NAME_SHOWN, reader->name,
		 (unsigned long long)reader->line, what);
	return err;
}

/* Fills the buffer up to a newline, which is eaten and not stored, or the file's end. */
static int read_line(struct record_reader *reader, size_t *len, bool *newline)
{
	int c;

	*len = 0;
	reader->line++;
	errno = 0;
	while ((c = getc_unlocked(reader->file)) != EOF && c != '\n') {
		if (*len == READER_LINE_MAX)
			return fail_line(reader, -EINVAL, "line too long: more than %d bytes", READER_LINE_MAX);
		reader->buffer[(*len)++] = (char)c;
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
	char what[200];
	size_t len;
	bool newline = false;
	int err;

	*object = NULL;
	*truncated = false;
	err = read_line(reader, &len, &newline);
	if (err)
		return err;
	if (!len && !newline)
		return 0;
	err = parse(reader->buffer, len, object, what, sizeof(what));
	if (!err)
		return 1;
	if (err == -EBADMSG && !newline && reader->buffer[0] == '{') {
		*truncated = true;
		return 0;
	}
	return fail_line(reader, -EINVAL, "%s", what);
}
