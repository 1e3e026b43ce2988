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
#define SET_ENTRY_PMD "thp:set_migration_pmd"
#define RESTORE_PMD "thp:remove_migration_pmd"
#define USER_FAULT "exceptions:page_fault_user"
#define SWAP_TYPE_SHIFT 59

static void close_counter(struct counter *counter)
{
	unsigned i;

	for (i = 0; i < counter->nr; i++)
		close(counter->fd[i]);
	counter->nr = 0;
}

enum whose { OWN, EVERYONES };

static void open_counter(struct counter *counter, const char *event, const char *filter, enum whose whose)
{
	int cpu, nr_cpus = whose == OWN ? 1 : (int)sysconf(_SC_NPROCESSORS_CONF), fd;

	*counter = (struct counter){ .err = nr_cpus > EVIDENCE_CPUS_MAX ? -E2BIG : 0 };
	for (cpu = 0; cpu < nr_cpus && !counter->err; cpu++) {
		fd = whose == OWN ? tracepoint_open(event, filter) : tracepoint_open_on_cpu(event, filter, cpu);
		if (fd >= 0)
			counter->fd[counter->nr++] = fd;
		else if (fd != -ENODEV || whose == OWN)		/* which is a CPU that is offline */
			counter->err = fd;
	}
	if (counter->err)
		close_counter(counter);
}

static void watch(struct evidence *e, enum sight sight, const struct trial *t, const char *event, const char *field,
		  const char *condition, enum whose whose)
{
	char filter[256];

	snprintf(filter, sizeof(filter), "%s >= %#" PRIxPTR " && %s < %#" PRIxPTR "%s%s", field, (uintptr_t)t->region,
		 field, (uintptr_t)t->region + t->len_bytes, condition ? " && " : "", condition ? condition : "");
	open_counter(&e->of[sight], event, filter, whose);
}

static bool by_pmd(const struct trial *t)
{
	return t->declared && t->declared->mapped_by == MAPPED_BY_PMD;
}

void evidence_filter_type(char *condition, size_t size, const char *field, int type)
{
	uint64_t low = (uint64_t)type << SWAP_TYPE_SHIFT, span = UINT64_C(1) << SWAP_TYPE_SHIFT;

	snprintf(condition, size, "%s >= %#" PRIx64 " && %s <= %#" PRIx64, field, low, field, low + (span - 1));
}

void evidence_init(struct evidence *e)
{
	int i;

	for (i = 0; i < NR_SIGHTS; i++)
		e->of[i] = (struct counter){ .err = -ENODATA };
}

static void watch_bit(struct evidence *e, enum sight sight, const struct trial *t, unsigned bit, enum whose whose)
{
	char condition[40];

	snprintf(condition, sizeof(condition), "%s & %#x", by_pmd(t) ? "pmd" : "pte", bit);
	watch(e, sight, t, by_pmd(t) ? RESTORE_PMD : RESTORE, "addr", condition, whose);
}

void evidence_watch_migration(struct evidence *e, const struct trial *t, const struct entry_types *types, bool by_worker)
{
	const char *set = by_pmd(t) ? SET_ENTRY_PMD : SET_ENTRY;
	enum whose whose = by_worker ? EVERYONES : OWN;
	char condition[100];
	int kind;

	for (kind = 0; kind < NR_ENTRY_KINDS; kind++) {
		if (types->type[kind] < 0)
			continue;
		evidence_filter_type(condition, sizeof(condition), by_pmd(t) ? "pmd" : "pte", types->type[kind]);
		watch(e, SEE_READ + kind, t, set, "addr", condition, whose);
	}
	watch(e, SEE_ENTRIES, t, set, "addr", NULL, whose);
	watch(e, SEE_RESTORED, t, by_pmd(t) ? RESTORE_PMD : RESTORE, "addr", NULL, whose);
	watch_bit(e, SEE_W, t, 0x2, whose);
	watch_bit(e, SEE_YOUNG, t, 0x20, whose);
	watch_bit(e, SEE_DIRTY, t, 0x40, whose);
}

void evidence_watch_writes(struct evidence *e, const struct trial *t)
{
	watch(e, SEE_WRITE_PROTECT, t, USER_FAULT, "address", "error_code == 7", OWN);
}

void evidence_watch_writer(struct evidence *e, const struct trial *t)
{
	evidence_watch_writes(e, t);
	watch(e, SEE_NOT_PRESENT, t, USER_FAULT, "address", "error_code == 6", OWN);
}

uint64_t evidence_count(const struct evidence *e, enum sight sight)
{
	const struct counter *counter = &e->of[sight];
	uint64_t sum = 0, one;
	unsigned i;

	for (i = 0; i < counter->nr; i++) {
		one = tracepoint_read(counter->fd[i]);
		if (one == NOT_MEASURED)
			return NOT_MEASURED;
		sum += one;
	}
	return counter->nr ? sum : NOT_MEASURED;
}

const char *evidence_why(const struct evidence *e, enum sight sight)
{
	if (e->of[sight].nr)
		return "the counter did not run all the time";
	return e->of[sight].err == -ENODATA ? "not watched: the entry's swap type is not known" : strerror(-e->of[sight].err);
}

void evidence_close(struct evidence *e)
{
	int i;

	for (i = 0; i < NR_SIGHTS; i++)
		close_counter(&e->of[i]);
	evidence_init(e);
}

int evidence_watch_types(int fds[NR_SWAP_TYPES], const struct trial *t)
{
	struct evidence one;
	char condition[100];
	int type;

	for (type = 0; type < NR_SWAP_TYPES; type++) {
		evidence_init(&one);
		evidence_filter_type(condition, sizeof(condition), "pte", type);
		watch(&one, SEE_ENTRIES, t, SET_ENTRY, "addr", condition, OWN);
		if (!one.of[SEE_ENTRIES].nr) {
			while (type--)
				close(fds[type]);
			return one.of[SEE_ENTRIES].err;
		}
		fds[type] = one.of[SEE_ENTRIES].fd[0];
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
