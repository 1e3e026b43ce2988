// SPDX-License-Identifier: GPL-2.0-or-later
/* Event strings into perf attributes, by libpfm4, and into groups. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"

/* Behind the kernel's perf_event.h, of which libpfm4 brings an older one otherwise. */
#include <perfmon/pfmlib_perf_event.h>

#define TEXT_ROOM 2400		/* bytes of a record's line that its counters may take, both phases together */
#define FIGURES_BYTES 64	/* of one counter's value and times in a record, as long as they usually get */
#define SHOWN 80		/* of the input, in a message */

__attribute__((format(printf, 3, 4))) static int refuse(char *error, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return -EINVAL;
}

const char *counter_kind_name(enum counter_kind kind)
{
	return kind == COUNTER_HARDWARE ? "hardware" : kind == COUNTER_SOFTWARE ? "software" : "tracepoint";
}

/*
 * Events of machines that this is not are encoded as well, so that their spelling is checked anywhere; that they are not
 * this machine's is asked of libpfm4 by itself.
 */
void counters_init(struct counters *counters, const struct perf_calls *calls)
{
	memset(counters, 0, sizeof(*counters));
	counters->calls = calls;
	setenv("LIBPFM_ENCODE_INACTIVE", "1", 1);
	pfm_initialize();
}

/* ---- one event ---- */

struct encoded {
	struct perf_event_attr attr;
	char full[COUNTER_EVENT_MAX];	/* libpfm4's string; cut where it is longer */
	char pmu[32];			/* that is not this machine's; empty: it is */
	int cpu;
};

/* levels: counted where the string does not say. A libpfm4 error. */
static int encode(const char *event, unsigned levels, struct encoded *e)
{
	char *full = NULL;
	pfm_perf_encode_arg_t arg = { .attr = &e->attr, .fstr = &full, .size = sizeof(arg) };
	pfm_event_info_t info = { .size = sizeof(info) };
	pfm_pmu_info_t pmu = { .size = sizeof(pmu) };
	int err;

	memset(e, 0, sizeof(*e));
	e->attr.size = sizeof(e->attr);
	err = pfm_get_os_event_encoding(event, levels, PFM_OS_PERF_EVENT_EXT, &arg);
	if (err)
		return err;
	snprintf(e->full, sizeof(e->full), "%s", full ? full : event);
	free(full);
	e->cpu = arg.cpu;
	if (!pfm_get_event_info(arg.idx, PFM_OS_PERF_EVENT_EXT, &info) && !pfm_get_pmu_info(info.pmu, &pmu) &&
	    !pmu.is_present)
		snprintf(e->pmu, sizeof(e->pmu), "%s", pmu.name);
	return 0;
}

/* Raw events have no name, and libpfm4 leaves the code out: "perf_raw:::u=1:...". */
static void spell_raw(struct encoded *e)
{
	char rest[COUNTER_EVENT_MAX];

	if (strncmp(e->full, "perf_raw::", 10))
		return;
	snprintf(rest, sizeof(rest), "%s", e->full + 10);
	snprintf(e->full, sizeof(e->full), "perf_raw::r%llx%.200s", (unsigned long long)e->attr.config, rest);
}

/* SYSTEM:EVENT, as tracefs spells them; an event of one letter is a modifier. */
static bool is_tracepoint(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t system = strspn(text, letters), event;

	if (!system || text[system] != ':')
		return false;
	event = strspn(text + system + 1, letters);
	return event > 2 && !text[system + 1 + event];
}

/*
 * libpfm4 knows tracepoints where a debugfs is mounted. An event that it has not is then a wrong attribute of its system, as
 * `cycles:fast` is one of cycles.
 */
static bool may_be_tracepoint(const char *text, int err)
{
	char system[COUNTER_NAME_MAX];
	struct encoded e;

	if (!is_tracepoint(text) || (err != PFM_ERR_NOTFOUND && err != PFM_ERR_ATTR && err != PFM_ERR_UMASK))
		return false;
	snprintf(system, sizeof(system), "%.*s", (int)strcspn(text, ":"), text);
	return encode(system, PFM_PLM3, &e) || e.attr.type == PERF_TYPE_TRACEPOINT;
}

static enum counter_kind kind_of(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE ? COUNTER_SOFTWARE :
	       attr->type == PERF_TYPE_TRACEPOINT ? COUNTER_TRACEPOINT : COUNTER_HARDWARE;
}

/*
 * Only faults are counted with the registers of whoever caused them, so that user and kernel can be told apart
 * (perf_swevent_event(), kernel/events/core.c); a clock ignores the two, and a switch is always the kernel's.
 */
static bool knows_levels(const struct perf_event_attr *attr)
{
	switch (kind_of(attr)) {
	case COUNTER_HARDWARE:
		return true;
	case COUNTER_TRACEPOINT:
		return false;
	default:
		return attr->config == PERF_COUNT_SW_PAGE_FAULTS || attr->config == PERF_COUNT_SW_PAGE_FAULTS_MIN ||
		       attr->config == PERF_COUNT_SW_PAGE_FAULTS_MAJ || attr->config == PERF_COUNT_SW_ALIGNMENT_FAULTS ||
		       attr->config == PERF_COUNT_SW_EMULATION_FAULTS;
	}
}

static int check_use(const char *text, const struct encoded *e, char *error, size_t size)
{
	const struct perf_event_attr *attr = &e->attr;

	if (attr->sample_period || attr->freq || attr->precise_ip)
		return refuse(error, size, "-e: '%.*s': period, freq and precise are for sampling, and wbit counts: leave them out",
			      SHOWN, text);
	if (attr->exclude_host || e->cpu >= 0)
		return refuse(error, size, "-e: '%.*s': wbit counts its own thread, on no other CPU and in no guest: leave that "
			      "modifier out", SHOWN, text);
	if (attr->exclusive)
		return refuse(error, size, "-e: '%.*s': excl is for a user of the PMU who is alone there, and wbit counts in groups: "
			      "leave it out", SHOWN, text);
	if (attr->exclude_user && attr->exclude_kernel)
		return refuse(error, size, "-e: '%.*s': it counts neither user nor kernel: leave u=0 and k=0 out", SHOWN, text);
	return 0;
}

/* ---- into the groups ---- */

static size_t bytes_in_record(const struct counters *counters, const struct counter_group *g)
{
	size_t bytes = 0;
	unsigned i;

	for (i = 0; i < g->nr; i++)
		bytes += 2 * (strlen(counters->all[g->members[i]].name) + FIGURES_BYTES);
	return bytes;
}

/* Groups of software events are all on the twin, and in its record. */
static bool is_there(const struct counters *counters, unsigned set, const char *name, bool hardware)
{
	unsigned i;

	for (i = 0; i < counters->nr; i++)
		if (!strcmp(counters->all[i].name, name) &&
		    (counters->all[i].set == set || (!hardware && counters->all[i].kind != COUNTER_HARDWARE)))
			return true;
	return false;
}

/* Does another event go by this name? Whoever reads the records could not tell the two apart. */
static bool is_taken(const struct counters *counters, const char *name, const char *event)
{
	unsigned i;

	for (i = 0; i < counters->nr; i++)
		if (!strcmp(counters->all[i].name, name) && strcmp(counters->all[i].event, event))
			return true;
	return false;
}

/* Software events of all sets are one group: of several, those begun first would count the calls that begin the others. */
static struct counter_group *group_of(struct counters *counters, bool hardware)
{
	struct counter_group *g;
	unsigned i;

	for (i = 0; i < counters->nr_groups; i++) {
		g = &counters->groups[i];
		if (g->hardware == hardware && (!hardware || counters->all[g->members[0]].set == counters->nr_sets))
			return g;
	}
	g = &counters->groups[counters->nr_groups++];
	*g = (struct counter_group){ .hardware = hardware };
	return g;
}

/* Does one more group's event fit where it will stand? Software events: with those of all sets. */
static bool has_room(const struct counters *counters, const struct counter_group *g, size_t bytes)
{
	unsigned nr = 0, i;

	for (i = 0; i < counters->nr_groups; i++) {
		if (g->hardware ? &counters->groups[i] != g : counters->groups[i].hardware)
			continue;
		nr += counters->groups[i].nr;
		bytes += bytes_in_record(counters, &counters->groups[i]);
	}
	return nr < COUNTER_GROUP_MAX && bytes <= TEXT_ROOM;
}

static int push(struct counters *counters, const char *name, const char *level, const struct encoded *e, char *error,
		size_t size)
{
	bool hardware = kind_of(&e->attr) == COUNTER_HARDWARE;
	struct counted *c = &counters->all[counters->nr];
	struct counter_group *g;

	if (counters->nr == COUNTERS_MAX)
		return refuse(error, size, "-e: more than %d counters (an event that does not say :u or :k is two)", COUNTERS_MAX);
	memset(c, 0, sizeof(*c));
	if (snprintf(c->name, sizeof(c->name), "%s%s", name, level) >= (int)sizeof(c->name))
		return refuse(error, size, "-e: '%.*s': the name is longer than %d characters: give it another, NAME=EVENT", SHOWN,
			      name, COUNTER_NAME_MAX - 3);
	if (is_taken(counters, c->name, e->full))
		return refuse(error, size, "-e: '%.*s': another event goes by this name: give one of them another, NAME=EVENT", SHOWN,
			      name);
	if (is_there(counters, counters->nr_sets, c->name, hardware))
		return 0;
	g = group_of(counters, hardware);
	if (!has_room(counters, g, 2 * (strlen(c->name) + FIGURES_BYTES)))
		return refuse(error, size, "-e: '%.*s': %s, and a record has room for %d at most, fewer with long names: %s", SHOWN,
			      name, hardware ? "too many events in one set" : "too many software events and tracepoints",
			      COUNTER_GROUP_MAX, hardware ? "several -e take turns" : "leave some out");
	snprintf(c->event, sizeof(c->event), "%s", e->full);
	c->kind = kind_of(&e->attr);
	c->set = counters->nr_sets;
	c->attr = e->attr;
	c->attr.exclude_hv = c->attr.exclude_guest = 1;
	c->attr.pinned = 0;
	c->overhead = NOT_MEASURED;
	if (e->pmu[0])
		snprintf(c->why, sizeof(c->why), "no PMU: this CPU's is not %s", e->pmu);
	g->members[g->nr++] = counters->nr++;
	return 0;
}

static int push_tracepoint(struct counters *counters, const char *name, const char *event, char *error, size_t size)
{
	struct encoded e = { .attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(e.attr) }, .cpu = -1 };

	snprintf(e.full, sizeof(e.full), "%s", event);
	return push(counters, name, "", &e, error, size);
}

static int push_levels(struct counters *counters, const char *name, const char *event, char *error, size_t size)
{
	struct encoded user, kernel;
	int err = encode(event, PFM_PLM3, &user) ?: encode(event, PFM_PLM0, &kernel);
	bool said;

	if (may_be_tracepoint(event, err))
		return push_tracepoint(counters, name, event, error, size);
	if (err)
		return refuse(error, size, "-e: '%.*s': %s: it takes PMU::EVENT:UMASK by libpfm4's names, such as perf::PAGE-FAULTS, "
			      "or SYSTEM:EVENT for a tracepoint; `wbit list` shows groups of them", SHOWN, event, pfm_strerror(err));
	if (user.attr.type == PERF_TYPE_TRACEPOINT)
		return push_tracepoint(counters, name, strncmp(event, "perf::", 6) ? event : event + 6, error, size);
	err = check_use(event, &user, error, size);
	if (err)
		return err;
	spell_raw(&user);
	spell_raw(&kernel);
	said = user.attr.exclude_kernel == kernel.attr.exclude_kernel && user.attr.exclude_user == kernel.attr.exclude_user;
	if (said && !knows_levels(&user.attr))
		return refuse(error, size, "-e: '%.*s': this event does not tell user and kernel apart: leave :u and :k out", SHOWN,
			      event);
	if (said)
		return push(counters, name, "", &user, error, size);
	if (knows_levels(&user.attr))
		return push(counters, name, ":u", &user, error, size) ?: push(counters, name, ":k", &kernel, error, size);
	if (encode(event, PFM_PLM0 | PFM_PLM3, &user))
		return refuse(error, size, "-e: '%.*s': not encoded", SHOWN, event);
	return push(counters, name, "", &user, error, size);
}

/* ---- a set ---- */

/* "NAME=" in front of an event; libpfm4's own '=' stand behind a colon. NULL: there is none. */
static const char *behind_name(const char *text)
{
	size_t len = strcspn(text, "=:");

	return len && text[len] == '=' ? text + len + 1 : NULL;
}

static int add_event(struct counters *counters, const char *text, char *error, size_t size)
{
	const char *event = behind_name(text) ?: text, *colons = strstr(event, "::"), *c;
	char name[COUNTER_SET_TEXT_MAX];

	for (c = text; *c; c++)
		if (!isgraph((unsigned char)*c) || strchr("\"\\", *c))
			return refuse(error, size, "-e: '%.*s': an event is made of printable characters without spaces and quotes",
				      SHOWN, text);
	if (!*event)
		return refuse(error, size, "-e: an event is missing: EVENT[,EVENT...]");
	if (event != text)
		snprintf(name, sizeof(name), "%.*s", (int)(event - text - 1), text);
	else
		snprintf(name, sizeof(name), "%s", colons ? colons + 2 : event);
	return push_levels(counters, name, event, error, size);
}

int counters_add(struct counters *counters, const char *set, char *error, size_t size)
{
	char copy[COUNTER_SET_TEXT_MAX], *at = copy, *event;
	int err = 0;

	if (counters->nr_sets == COUNTER_SETS_MAX)
		return refuse(error, size, "-e: at most %d sets of events", COUNTER_SETS_MAX);
	if (snprintf(copy, sizeof(copy), "%s", set) >= (int)sizeof(copy))
		return refuse(error, size, "-e: a set of events has at most %d characters: several -e take turns",
			      COUNTER_SET_TEXT_MAX - 1);
	while (!err && (event = strsep(&at, ",")))
		err = add_event(counters, event, error, size);
	counters->nr_sets += !err;
	return err;
}

unsigned counters_usable(const struct counters *counters, unsigned set)
{
	unsigned i, n = 0;

	for (i = 0; i < counters->nr; i++)
		n += counters->all[i].set == set && !counters->all[i].why[0];
	return n;
}
