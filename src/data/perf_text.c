// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of perf trace and perf stat. */
#include "perf_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LINE_LEN_MAX 1024	/* a fault's line is shorter; a longer one is none */
#define FIELD_MAX 64

/* "0x" and hexadecimal digits, at most 16, and then a blank: what the number ends with. */
static bool read_address(const char *text, uint64_t *address)
{
	char *end;

	if (text[0] != '0' || text[1] != 'x' || !isxdigit((unsigned char)text[2]))
		return false;
	errno = 0;
	*address = strtoull(text, &end, 16);
	return !errno && end - text <= 18 && *end == ' ';
}

static bool names_memory_without_file(const char *place, size_t len)
{
	static const char *const names[] = { "//anon", "[heap]", "[stack]", "[anon" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (len >= strlen(names[i]) && !memcmp(place, names[i], strlen(names[i])))
			return true;
	return false;
}

/* The last of it: a name before could be anything. */
static const char *last(const char *line, const char *what)
{
	const char *found = NULL, *next;

	for (next = strstr(line, what); next; next = strstr(next + 1, what))
		found = next;
	return found;
}

static bool is_fault(const char *line)
{
	const char *minor = strstr(line, "minfault ["), *major = strstr(line, "majfault [");

	return minor || major;
}

enum trace_line perf_trace_line(const char *line, uint64_t *address)
{
	const char *place, *at;

	if (strnlen(line, LINE_LEN_MAX) == LINE_LEN_MAX)
		return TRACE_OTHER;
	if (!is_fault(line))
		return strstr(line, "LOST ") && strstr(line, " events") ? TRACE_LOST : TRACE_OTHER;
	place = last(line, "] => ");
	if (!place)
		return TRACE_OTHER;
	place += strlen("] => ");
	if (read_address(place, address))
		return TRACE_FAULT;
	at = last(place, "@");
	if (!at || !read_address(at + 1, address))
		return TRACE_OTHER;
	return names_memory_without_file(place, at - place) ? TRACE_FAULT : TRACE_PLACE;
}

/* Copies the line at text, and returns where the next one begins; NULL: that was the last. */
static const char *next_line(const char *text, char line[LINE_LEN_MAX + 1])
{
	size_t len = strcspn(text, "\n"), kept = len < LINE_LEN_MAX ? len : LINE_LEN_MAX;

	memcpy(line, text, kept);
	line[kept] = '\0';
	return text[len] ? text + len + 1 : NULL;
}

void perf_trace_count(const char *text, uint64_t low, uint64_t high, struct trace_faults *faults)
{
	char line[LINE_LEN_MAX + 1];
	uint64_t address;

	*faults = (struct trace_faults){ 0 };
	while (text) {
		text = next_line(text, line);
		switch (perf_trace_line(line, &address)) {
		case TRACE_FAULT:
			*(address >= low && address < high ? &faults->inside : &faults->outside) += 1;
			break;
		case TRACE_PLACE:
			faults->places++;
			break;
		case TRACE_LOST:
			faults->lost++;
			break;
		case TRACE_OTHER:
			break;
		}
	}
}

/* A field up to ';', and behind it the next; NULL: there is none, or it is too long. */
static const char *field(const char *text, char out[FIELD_MAX])
{
	size_t len = text ? strcspn(text, ";") : 0;

	if (!text || !text[len] || len >= FIELD_MAX)
		return NULL;
	memcpy(out, text, len);
	out[len] = '\0';
	return text + len + 1;
}

static int stat_line(const char *line, const char *event, uint64_t *count)
{
	char value[FIELD_MAX], unit[FIELD_MAX], name[FIELD_MAX], run[FIELD_MAX], percent[FIELD_MAX], *end;
	const char *rest = field(field(field(line, value), unit), name);

	if (!rest || strcmp(name, event))
		return -ENOENT;
	if (!field(field(rest, run), percent) || strcmp(percent, "100.00") || !isdigit((unsigned char)value[0]))
		return -ENODATA;
	errno = 0;
	*count = strtoull(value, &end, 10);
	return errno || *end || *count > INT64_MAX ? -ENODATA : 0;
}

int perf_stat_count(const char *text, const char *event, uint64_t *count)
{
	char line[LINE_LEN_MAX + 1];
	int err = -ENOENT;

	while (text && err == -ENOENT) {
		text = next_line(text, line);
		err = stat_line(line, event, count);
	}
	return err;
}
