// SPDX-License-Identifier: GPL-2.0-or-later
/* The traced twin's eyes: one filtered counter for each thing to see. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "evidence.h"
#include "tracepoint.h"

#define SET_ENTRY "migrate:set_migration_pte"
#define RESTORE "migrate:remove_migration_pte"
#define USER_FAULT "exceptions:page_fault_user"
#define SWAP_TYPE_SHIFT 59

static void watch(struct evidence *e, enum sight sight, const char *event, const char *field, const struct trial *t,
		  const char *condition)
{
	char filter[256];
	int fd;

	snprintf(filter, sizeof(filter), "%s >= %#" PRIxPTR " && %s < %#" PRIxPTR "%s%s", field, (uintptr_t)t->region,
		 field, (uintptr_t)t->region + t->len_bytes, condition ? " && " : "", condition ? condition : "");
	fd = tracepoint_open(event, filter);
	e->fd[sight] = fd < 0 ? -1 : fd;
	e->err[sight] = fd < 0 ? fd : 0;
}

void evidence_filter_type(char *condition, size_t size, const char *field, int type)
{
	uint64_t low = (uint64_t)type << SWAP_TYPE_SHIFT, span = UINT64_C(1) << SWAP_TYPE_SHIFT;

	snprintf(condition, size, "%s >= %#" PRIx64 " && %s <= %#" PRIx64, field, low, field, low + (span - 1));
}

void evidence_init(struct evidence *e)
{
	int i;

	for (i = 0; i < NR_SIGHTS; i++) {
		e->fd[i] = -1;
		e->err[i] = -ENODATA;
	}
}

void evidence_watch_migration(struct evidence *e, const struct trial *t, const struct entry_types *types)
{
	char condition[80];
	int kind;

	for (kind = 0; kind < NR_ENTRY_KINDS; kind++) {
		if (types->type[kind] < 0)
			continue;
		evidence_filter_type(condition, sizeof(condition), "pte", types->type[kind]);
		watch(e, SEE_READ + kind, SET_ENTRY, "addr", t, condition);
	}
	watch(e, SEE_ENTRIES, SET_ENTRY, "addr", t, NULL);
	watch(e, SEE_RESTORED, RESTORE, "addr", t, NULL);
	watch(e, SEE_W, RESTORE, "addr", t, "pte & 0x2");
	watch(e, SEE_YOUNG, RESTORE, "addr", t, "pte & 0x20");
	watch(e, SEE_DIRTY, RESTORE, "addr", t, "pte & 0x40");
}

void evidence_watch_writes(struct evidence *e, const struct trial *t)
{
	watch(e, SEE_WRITE_PROTECT, USER_FAULT, "address", t, "error_code == 7");
}

uint64_t evidence_count(const struct evidence *e, enum sight sight)
{
	return e->fd[sight] < 0 ? NOT_MEASURED : tracepoint_read(e->fd[sight]);
}

const char *evidence_why(const struct evidence *e, enum sight sight)
{
	if (e->fd[sight] >= 0)
		return "the counter did not run all the time";
	return e->err[sight] == -ENODATA ? "not watched: the entry's swap type is not known" : strerror(-e->err[sight]);
}

void evidence_close(struct evidence *e)
{
	int i;

	for (i = 0; i < NR_SIGHTS; i++)
		if (e->fd[i] >= 0)
			close(e->fd[i]);
	evidence_init(e);
}

int evidence_watch_types(int fds[NR_SWAP_TYPES], const struct trial *t)
{
	struct evidence one;
	char condition[80];
	int type;

	for (type = 0; type < NR_SWAP_TYPES; type++) {
		evidence_init(&one);
		evidence_filter_type(condition, sizeof(condition), "pte", type);
		watch(&one, SEE_ENTRIES, SET_ENTRY, "addr", t, condition);
		fds[type] = one.fd[SEE_ENTRIES];
		if (fds[type] < 0) {
			while (type--)
				close(fds[type]);
			return one.err[SEE_ENTRIES];
		}
	}
	return 0;
}

int evidence_possible(void)
{
	static const char *const events[] = { SET_ENTRY, RESTORE, USER_FAULT };
	unsigned i;
	int fd;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		fd = tracepoint_open(events[i], i == 2 ? "error_code == 7" : "pte & 0x2");
		if (fd < 0)
			return fd;
		close(fd);
	}
	return 0;
}
