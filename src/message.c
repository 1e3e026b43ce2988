// SPDX-License-Identifier: GPL-2.0-or-later
/* What the face says on stderr, how its long lines on stdout are broken, and the end of what it says there. */
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "face.h"

char *printable(const char *text, char *out, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size && text[i]; i++)
		out[i] = isprint((unsigned char)text[i]) ? text[i] : '?';
	if (size)
		out[i] = '\0';
	return out;
}

/* One line, and where a guest's last log lines come with the message, those: they are marked. */
static void say(const char *prefix, const char *format, va_list args)
{
	char text[2048], *at;

	vsnprintf(text, sizeof(text), format, args);
	for (at = text; *at; at++)
		if (!isprint((unsigned char)*at) && strncmp(at, "\n  | ", 5))
			*at = '?';
	fflush(stdout);
	fprintf(stderr, "%s%s\n", prefix, text);
}

int complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("wbit: ", format, args);
	va_end(args);
	return STATUS_USAGE;
}

int usage_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("wbit: ", format, args);
	va_end(args);
	return EINVAL;
}

static error_t silence(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->err_stream = NULL;	/* getopt has said in one line what is wrong; argp would add another */
	state->child_inputs[0] = state->input;
	return 0;
}

int parse_options(const struct argp *argp, int argc, char **argv, void *input)
{
	const struct argp_child children[] = { { argp, 0, NULL, 0 }, { 0 } };
	const struct argp whole = { .parser = silence, .children = children };

	return argp_parse(&whole, argc, argv, 0, NULL, input) ? STATUS_USAGE : STATUS_OK;
}

void warn_user(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("wbit: warning: ", format, args);
	va_end(args);
}

void print_wrapped(FILE *out, unsigned column, const char *text)
{
	size_t room = 120 - column, len, at;

	for (; (len = strlen(text)) > room; text += at + (text[at] == ' ')) {
		for (at = room; at && text[at] != ' '; at--)
			;
		if (!at)
			at = room;	/* a word that is longer than the line */
		fprintf(out, "%.*s\n%*s", (int)at, text, (int)column, "");
	}
	fprintf(out, "%s\n", text);
}

int finish_stdout(int status)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	return complain("cannot write to standard output: %s", errno ? strerror(errno) : "an earlier write failed");
}
