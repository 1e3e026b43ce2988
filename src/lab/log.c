// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's log, line by line as it comes: what the kernel complained of, what wbit-init reported, the last lines for a
 * message. Nothing in it is trusted: lines are bounded, and only printable ASCII is kept.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define PANIC "Kernel panic - not syncing: "

/* How a kernel's message begins that means trouble. The anchor keeps out the innocent: "[Firmware Bug]: ...",
 * "RETBleed: WARNING: ...". kernel/panic.c, arch/x86/kernel/dumpstack.c, mm/page_alloc.c, kernel/watchdog.c, ... */
static const char *const trouble[] = {
	"WARNING: ", "BUG: ", "kernel BUG at ", "Oops", "general protection fault", "double fault", "stack segment",
	"divide error", "invalid opcode", "INFO: task ", "INFO: rcu", "rcu: INFO: ", "watchdog: BUG: ",
	"list_add corruption", "list_del corruption", "refcount_t: ", "UBSAN: ", PANIC,
};

/* Behind "[    0.123456] ", and behind the caller that some kernels add, "[    T1] "; NULL: no kernel message. */
static const char *kernel_message(const char *line)
{
	size_t n;

	if (*line != '[')
		return NULL;
	n = 1 + strspn(line + 1, " ");
	if (!isdigit((unsigned char)line[n]))
		return NULL;
	n += strspn(line + n, "0123456789");
	if (line[n] != '.')
		return NULL;	/* a process ID, as in "wbit[77] general protection fault" */
	n += strspn(line + n, "0123456789.");
	if (line[n] == ']' && line[n + 1] == '[')
		n += strcspn(line + n + 1, "]") + 1;
	return line[n] == ']' && line[n + 1] == ' ' ? line + n + 2 : NULL;
}

static bool starts_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static bool is_trouble(const char *message)
{
	size_t i;

	for (i = 0; message && i < sizeof(trouble) / sizeof(trouble[0]); i++)
		if (starts_with(message, trouble[i]))
			return true;
	return false;
}

/* The console is the programs' too: a kernel's message may begin in the middle of a line of theirs. NULL: none. */
static const char *trouble_in(const char *line)
{
	const char *at;

	for (at = strchr(line, '['); at; at = strchr(at + 1, '['))
		if (is_trouble(kernel_message(at)))
			return kernel_message(at);
	return NULL;
}

bool log_line_is_trouble(const char *line)
{
	return trouble_in(line);
}

static void keep(char out[LOG_SHOWN], const char *text)
{
	size_t len = strnlen(text, LOG_SHOWN - 1);

	memcpy(out, text, len);
	out[len] = '\0';
}

static void take_word(struct guest_log *log, const char *word)
{
	if (starts_with(word, "up"))
		log->word = GUEST_UP;
	else if (starts_with(word, "exit "))
		log->word = GUEST_EXITED;
	else if (starts_with(word, "signal "))
		log->word = GUEST_SIGNALLED;
	else
		return;
	log->code = atoi(word + strcspn(word, " "));
}

static void take_line(struct guest_log *log)
{
	const char *line = log->line, *message;

	log->line[log->len] = '\0';
	log->len = 0;
	if (!line[0])
		return;
	keep(log->tail[log->nr_lines++ % LOG_TAIL_LINES], line);
	if (kernel_message(line))
		log->kernel_spoke = true;
	message = trouble_in(line);
	if (message && starts_with(message, PANIC)) {
		if (!log->panic[0])
			keep(log->panic, message + strlen(PANIC));
	} else if (message) {
		if (!log->trouble[0])
			keep(log->trouble, message);
	} else if (starts_with(line, "wbit-guest: ")) {
		take_word(log, line + strlen("wbit-guest: "));
	} else if (starts_with(line, "wbit: ") || starts_with(line, "wbit-init: ")) {
		keep(log->complaint, line);
	}
}

void guest_log_add(struct guest_log *log, const char *data, size_t len)
{
	size_t i;

	log->total_bytes += len;
	for (i = 0; i < len; i++) {
		if (data[i] == '\n')
			take_line(log);
		else if (data[i] >= ' ' && data[i] <= '~' && log->len < sizeof(log->line) - 1)
			log->line[log->len++] = data[i];
	}
}

void guest_log_append_tail(const struct guest_log *log, char *error)
{
	unsigned i = log->nr_lines > LOG_TAIL_LINES ? log->nr_lines - LOG_TAIL_LINES : 0;
	size_t at = strlen(error);

	for (; i < log->nr_lines && at < LAB_ERROR_MAX; i++)
		at += snprintf(error + at, LAB_ERROR_MAX - at, "\n  | %s", log->tail[i % LOG_TAIL_LINES]);
}
