// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a value stands in a line of JSON: jansson forgets it. The line is known to be JSON: a scan for brackets will do. */
#include "position.h"

#include <stdbool.h>
#include <string.h>

static size_t skip_space(const char *line, size_t len, size_t at)
{
	while (at < len && strchr(" \t\r:,", line[at]))
		at++;
	return at;
}

/* From a string's opening quote to behind its closing one. */
static size_t skip_string(const char *line, size_t len, size_t at)
{
	for (at++; at < len && line[at] != '"'; at++)
		at += line[at] == '\\';
	return at < len ? at + 1 : len;
}

/* From a value's first byte to the comma or bracket behind it. */
static size_t skip_value(const char *line, size_t len, size_t at)
{
	unsigned depth = 0;

	while (at < len) {
		char c = line[at];

		if (c == '"') {
			at = skip_string(line, len, at);
			continue;
		}
		if (!depth && (c == ',' || c == '}' || c == ']'))
			break;
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		at++;
	}
	return at;
}

size_t position_of(const char *line, size_t len, const char *path)
{
	size_t at = skip_space(line, len, 0) + 1, key_len = strcspn(path, ".");

	while ((at = skip_space(line, len, at)) < len && line[at] == '"') {
		size_t key = at + 1, value;

		at = skip_string(line, len, at);
		value = skip_space(line, len, at);
		if (at - key - 1 != key_len || memcmp(line + key, path, key_len)) {
			at = skip_value(line, len, value);
			continue;
		}
		if (!path[key_len])
			return value;
		if (value >= len || line[value] != '{')
			return 0;
		path += key_len + 1;
		key_len = strcspn(path, ".");
		at = value + 1;
	}
	return 0;
}

unsigned position_column(const char *line, size_t len, size_t at)
{
	unsigned column = 1;

	for (size_t i = 0; i < at && i < len; i++)
		column += (line[i] & 0xc0) != 0x80;
	return column;
}
