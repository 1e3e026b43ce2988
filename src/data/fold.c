// SPDX-License-Identifier: GPL-2.0-or-later
/* Samples in, different stacks with their numbers out. */
#include "fold.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 4096		/* of a line; what is longer is read, and not kept */
#define UNKNOWN "[unknown]"

/* Texts, each once, with two numbers. */
struct table {
	json_t *index;		/* a text's place in `all` */
	struct entry {
		char *text;
		uint64_t self, total, mark;
	} **all;
	size_t nr, bytes;
};

struct fold {
	struct table stacks, symbols;
	pid_t *without;		/* processes, ascending once there is text */
	size_t nr_without, room;
	bool sorted;
	struct fold_window windows[FOLD_WINDOWS_MAX];
	unsigned nr_windows;
	char line[LINE_BYTES + 1];	/* NUL-terminated */
	size_t line_len;
	bool in_sample;
	pid_t pid;
	char comm[FOLD_NAME_MAX];
	char *frames[FOLD_FRAMES_MAX];	/* innermost first */
	unsigned nr_frames;
	bool cut, unwanted;
	uint64_t samples, passed_over, unresolved;
};

/* ---- the table ---- */

static struct entry *entry_new(const char *text)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (entry)
		entry->text = strdup(text);
	if (entry && entry->text)
		return entry;
	free(entry);
	return NULL;
}

static int add_entry(struct table *table, const char *text)
{
	size_t bytes = strlen(text) + 1 + sizeof(struct entry);
	struct entry **all = table->all;

	if (table->bytes + bytes > FOLD_BYTES_MAX)
		return -E2BIG;
	if (!(table->nr & (table->nr - 1)))		/* full: room for twice as many */
		all = reallocarray(all, table->nr ? 2 * table->nr : 1, sizeof(struct entry *));
	if (!all)
		return -ENOMEM;
	table->all = all;
	all[table->nr] = entry_new(text);
	if (!all[table->nr])
		return -ENOMEM;
	table->bytes += bytes;
	return json_object_set_new(table->index, text, json_integer((json_int_t)table->nr++)) ? -ENOMEM : 0;
}

/* The text's entry, new when it is; NULL with *err. Texts are ASCII. */
static struct entry *entry_of(struct table *table, const char *text, int *err)
{
	const json_t *place;

	if (!table->index)
		table->index = json_object();
	place = json_object_get(table->index, text);
	*err = !table->index ? -ENOMEM : place ? 0 : add_entry(table, text);
	return *err ? NULL : table->all[place ? (size_t)json_integer_value(place) : table->nr - 1];
}

static void table_free(struct table *table)
{
	for (size_t i = 0; i < table->nr; i++) {
		free(table->all[i]->text);
		free(table->all[i]);
	}
	free(table->all);
	json_decref(table->index);
	*table = (struct table){ 0 };
}

/* ---- a sample ---- */

/* Cut, and cleaned of what a line of folded stacks cannot hold. */
static void clean(const char *text, size_t len, char out[FOLD_NAME_MAX])
{
	size_t i;

	for (i = 0; i < len && i + 1 < FOLD_NAME_MAX; i++)
		out[i] = text[i] == ';' ? ':' : isprint((unsigned char)text[i]) ? text[i] : '?';
	while (i && out[i - 1] == ' ')
		i--;
	out[i] = '\0';
}

static void forget_frames(struct fold *f)
{
	while (f->nr_frames)
		free(f->frames[--f->nr_frames]);
	f->cut = false;
	f->in_sample = f->unwanted = false;
}

static int count_stack(struct fold *f)
{
	size_t size = FOLD_NAME_MAX + sizeof(";[cut]") + f->nr_frames * (FOLD_NAME_MAX + 1), at;
	char *stack = malloc(size);
	struct entry *entry;
	int err;

	if (!stack)
		return -ENOMEM;
	at = snprintf(stack, size, "%s%s", f->comm, f->cut ? ";[cut]" : "");
	for (unsigned i = f->nr_frames; i--;)
		at += snprintf(stack + at, size - at, ";%s", f->frames[i]);
	entry = entry_of(&f->stacks, stack, &err);
	free(stack);
	if (!entry)
		return err;
	entry->self++;
	f->samples++;
	f->unresolved += !f->nr_frames || !strcmp(f->frames[0], UNKNOWN);
	return 0;
}

static int by_number(const void *left, const void *right)
{
	const pid_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static bool is_passed_over(struct fold *f)
{
	if (!f->sorted && f->nr_without)
		qsort(f->without, f->nr_without, sizeof(*f->without), by_number);
	f->sorted = true;
	return f->nr_without && bsearch(&f->pid, f->without, f->nr_without, sizeof(*f->without), by_number);
}

static int end_sample(struct fold *f)
{
	int err = 0;

	if (f->in_sample && (f->unwanted || is_passed_over(f)))
		f->passed_over++;
	else if (f->in_sample)
		err = count_stack(f);

	forget_frames(f);
	return err;
}

/* "COMM PID", with blanks around both; COMM may hold blanks, too. */
static int begin_sample(struct fold *f, const char *line, size_t len)
{
	size_t digits = 0, start = 0;
	int err = end_sample(f);

	while (len && line[len - 1] == ' ')
		len--;
	while (digits < len && isdigit((unsigned char)line[len - 1 - digits]))
		digits++;
	while (start < len && line[start] == ' ')
		start++;
	if (!digits || digits > 10 || len - digits <= start || line[len - digits - 1] != ' ')
		return -EPROTO;
	f->pid = (pid_t)strtoul(line + len - digits, NULL, 10);
	clean(line + start, len - digits - start, f->comm);
	f->in_sample = true;
	return err;
}

static bool is_in_window(const struct fold *f, uint64_t address, const char *file)
{
	for (unsigned i = 0; i < f->nr_windows; i++) {
		const struct fold_window *w = &f->windows[i];

		if (address >= w->low && address < w->high && (!w->file || !strcmp(w->file, file)))
			return true;
	}
	return false;
}

/* Cuts " (FILE)" off the line's end, and returns FILE; "": there is none. */
static const char *cut_file(char *line, size_t *len)
{
	size_t at;

	if (!*len || line[*len - 1] != ')')
		return "";
	for (at = *len - 1; at && !(line[at] == '(' && line[at - 1] == ' ');)
		at--;
	if (!at)
		return "";
	line[*len - 1] = '\0';
	*len = at - 1;
	return line + at + 1;
}

/* Runs of frames without a symbol are one: what walks a stack without frame pointers meets many. */
static int add_frame(struct fold *f, const char *text, size_t len)
{
	char name[FOLD_NAME_MAX];

	clean(text, len, name);
	if (!name[0])
		snprintf(name, sizeof(name), "%s", UNKNOWN);
	if (f->nr_frames && !strcmp(name, UNKNOWN) && !strcmp(f->frames[f->nr_frames - 1], UNKNOWN))
		return 0;
	if (f->nr_frames == FOLD_FRAMES_MAX) {
		f->cut = true;
		return 0;
	}
	f->frames[f->nr_frames] = strdup(name);
	if (!f->frames[f->nr_frames])
		return -ENOMEM;
	f->nr_frames++;
	return 0;
}

/* "\tADDRESS SYMBOL (FILE)" */
static int take_frame(struct fold *f, char *line, size_t len)
{
	const char *file = cut_file(line, &len);
	size_t at = 0, digits;
	uint64_t address;

	while (at < len && (line[at] == '\t' || line[at] == ' '))
		at++;
	for (digits = 0; at + digits < len && isxdigit((unsigned char)line[at + digits]);)
		digits++;
	if (!f->in_sample || !digits || digits > 16 || (at + digits < len && line[at + digits] != ' '))
		return -EPROTO;
	address = strtoull(line + at, NULL, 16);
	f->unwanted |= is_in_window(f, address, file);
	at += digits;
	while (at < len && line[at] == ' ')
		at++;
	return add_frame(f, line + at, len - at);
}

static int take_line(struct fold *f)
{
	size_t len = f->line_len < LINE_BYTES ? f->line_len : LINE_BYTES;

	f->line_len = 0;
	f->line[len] = '\0';
	if (!len)
		return end_sample(f);
	return f->line[0] == '\t' ? take_frame(f, f->line, len) : begin_sample(f, f->line, len);
}

/* ---- text in ---- */

struct fold *fold_new(const struct fold_window *windows, unsigned nr_windows)
{
	struct fold *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->nr_windows = nr_windows < FOLD_WINDOWS_MAX ? nr_windows : FOLD_WINDOWS_MAX;
	for (unsigned i = 0; i < f->nr_windows; i++)
		f->windows[i] = windows[i];
	return f;
}

int fold_pass_over(struct fold *f, pid_t pid)
{
	if (f->nr_without == f->room) {
		size_t room = f->room ? 2 * f->room : 64;
		pid_t *more = reallocarray(f->without, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		f->without = more;
		f->room = room;
	}
	f->without[f->nr_without++] = pid;
	f->sorted = false;
	return 0;
}

void fold_free(struct fold *f)
{
	if (!f)
		return;
	forget_frames(f);
	free(f->without);
	table_free(&f->stacks);
	table_free(&f->symbols);
	free(f);
}

int fold_take(struct fold *f, const char *data, size_t len)
{
	int err = 0;

	for (size_t i = 0; i < len && !err; i++) {
		if (data[i] == '\n') {
			err = take_line(f);
			continue;
		}
		if (f->line_len < LINE_BYTES)
			f->line[f->line_len++] = data[i];
	}
	return err;
}

int fold_end(struct fold *f)
{
	int err = f->line_len ? take_line(f) : 0;

	return err ? err : end_sample(f);
}

uint64_t fold_samples(const struct fold *f)
{
	return f->samples;
}

uint64_t fold_passed_over(const struct fold *f)
{
	return f->passed_over;
}

uint64_t fold_unresolved(const struct fold *f)
{
	return f->unresolved;
}

/* ---- stacks out ---- */

static int by_text(const void *left, const void *right)
{
	const struct entry *const *a = left, *const *b = right;

	return strcmp((*a)->text, (*b)->text);
}

static int by_self(const void *left, const void *right)
{
	const struct entry *const *a = left, *const *b = right;

	if ((*a)->self != (*b)->self)
		return (*a)->self < (*b)->self ? 1 : -1;
	return by_text(left, right);
}

/* What the table holds, in order; NULL: no memory. */
static struct entry **sorted(const struct table *table, int (*order)(const void *, const void *))
{
	struct entry **list = calloc(table->nr + 1, sizeof(*list));

	if (list && table->nr) {
		memcpy(list, table->all, table->nr * sizeof(*list));
		qsort(list, table->nr, sizeof(*list), order);
	}
	return list;
}

int fold_write(struct fold *f, FILE *out)
{
	struct entry **list = sorted(&f->stacks, by_text);

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < f->stacks.nr; i++)
		fprintf(out, "%s %llu\n", list[i]->text, (unsigned long long)list[i]->self);
	free(list);
	return 0;
}

/* Each symbol of a stack once in `total`, the last in `self`. mark: of the stack, never 0. */
static int add_symbols(struct table *symbols, const struct entry *stack, uint64_t mark)
{
	char *copy = strdup(stack->text), *rest = copy, *name;
	struct entry *entry;
	int err = copy ? 0 : -ENOMEM;

	strsep(&rest, ";");	/* the command's name */
	while (!err && (name = strsep(&rest, ";"))) {
		entry = entry_of(symbols, name, &err);
		if (!entry)
			break;
		if (entry->mark != mark)
			entry->total += stack->self;
		entry->mark = mark;
		if (!rest)
			entry->self += stack->self;
	}
	free(copy);
	return err;
}

int fold_top(struct fold *f, struct fold_symbol *top, unsigned nr)
{
	struct entry **list;
	int err = 0;

	table_free(&f->symbols);
	for (size_t i = 0; i < f->stacks.nr && !err; i++)
		err = add_symbols(&f->symbols, f->stacks.all[i], i + 1);
	list = err ? NULL : sorted(&f->symbols, by_self);
	if (!list)
		return err ? err : -ENOMEM;
	if (nr > f->symbols.nr)
		nr = (unsigned)f->symbols.nr;
	for (unsigned i = 0; i < nr; i++)
		top[i] = (struct fold_symbol){ list[i]->text, list[i]->self, list[i]->total };
	free(list);
	return (int)nr;
}
