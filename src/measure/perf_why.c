// SPDX-License-Identifier: GPL-2.0-or-later
/* perf explains itself in paragraphs; here they become a line that says what to do. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "perf.h"

#define SAID_MAX 16384
#define LINE_MAX_SHOWN 160

/* What perf says of itself while all is well, of each command and at its end; and a heading. */
static bool is_chatter(const char *line, size_t len)
{
	static const char *const chatter[] = { "Events ", "Event ", "[ perf record" };

	for (size_t i = 0; i < sizeof(chatter) / sizeof(chatter[0]); i++)
		if (len >= strlen(chatter[i]) && !memcmp(line, chatter[i], strlen(chatter[i])))
			return true;
	return !len || (len == 6 && !memcmp(line, "Error:", 6));
}

/* The first line that tells something, without control characters and the blanks around it. */
static void first_line(const char *text, char *out, size_t size)
{
	size_t at = 0;

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		text += strspn(text, " \t\r");
		if (!is_chatter(text, strcspn(text, "\n")))
			break;
	}
	if (!strncmp(text, "Error:", 6))
		text += 6 + strspn(text + 6, " \t");
	for (; text[at] && text[at] != '\n' && at + 1 < size; at++)
		out[at] = isprint((unsigned char)text[at]) ? text[at] : '?';
	while (at && out[at - 1] == ' ')
		at--;
	out[at] = '\0';
}

static char *not_for_this_kernel(char *out, size_t size)
{
	struct utsname name;

	snprintf(out, size, "there is no perf for this kernel: apt-get install linux-tools-%.64s",
		 uname(&name) ? "generic" : name.release);
	return out;
}

char *perf_why(const struct perf *perf, char *out, size_t size)
{
	char *said = perf_said(perf, SAID_MAX), line[LINE_MAX_SHOWN];

	if (!said) {
		snprintf(out, size, "out of memory");
		return out;
	}
	first_line(said, line, sizeof(line));
	if (strstr(said, "perf not found for kernel"))
		not_for_this_kernel(out, size);
	else if (strstr(said, "perf_event_paranoid"))
		snprintf(out, size, "perf may not: run as root, or lower kernel.perf_event_paranoid (%s)", line);
	else if (line[0])
		snprintf(out, size, "perf: %s", line);
	else
		snprintf(out, size, "perf ended and said nothing");
	free(said);
	return out;
}

char *perf_why_not_started(int err, char *out, size_t size)
{
	if (err == -ENOENT)
		snprintf(out, size, "perf is not installed: apt-get install --no-install-recommends linux-perf (Debian), or "
			 "linux-tools-generic (Ubuntu)");
	else
		snprintf(out, size, "perf cannot be started: %s", strerror(-err));
	return out;
}
