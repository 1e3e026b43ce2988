// SPDX-License-Identifier: GPL-2.0-or-later
/* perf's rings: tools/perf and Documentation of perf_event_open(2) for the layout of a record. */
#include <errno.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rings.h"
#include "tracepoint.h"

#define PAGE_BYTES 4096
#define SAMPLE_MAX 256	/* bytes that a record of ours takes at most; longer ones are not ours */

struct cpu_ring {
	int fds[RING_EVENTS_MAX];	/* -1: not open; the first that is open has the ring */
	struct perf_event_mmap_page *page;
};

struct rings {
	const struct ring_event *events;
	unsigned nr_events, nr_cpus, max_cpus;
	int ids[RING_EVENTS_MAX], offsets[RING_EVENTS_MAX][2];	/* -1: missing */
	size_t ring_bytes;
	struct cpu_ring *cpus;
	struct pollfd *polled;
	struct ring_record *records;
	size_t nr_records, room;
	uint64_t number;
};

/* As the kernel lays it out for PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW. */
struct sample {
	struct perf_event_header header;
	uint32_t process, thread;
	uint64_t time_ns;
	uint32_t raw_bytes;
	char raw[SAMPLE_MAX];
} __attribute__((packed));

/* ---- opening ---- */

static int look_up(struct rings *r)
{
	unsigned i, f;

	for (i = 0; i < r->nr_events; i++) {
		r->ids[i] = tracepoint_id(r->events[i].name);
		if (r->ids[i] == -ENOENT && r->events[i].optional)
			continue;
		if (r->ids[i] < 0)
			return r->ids[i];
		for (f = 0; f < 2 && r->events[i].fields[f]; f++) {
			r->offsets[i][f] = tracepoint_field(r->events[i].name, r->events[i].fields[f]);
			if (r->offsets[i][f] < 0)
				return r->offsets[i][f];
		}
	}
	return 0;
}

static int open_event(const struct rings *r, unsigned event, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = r->ids[event],
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW,
		.read_format = PERF_FORMAT_LOST,
		.disabled = 1,
		.watermark = 1,
		.wakeup_watermark = r->ring_bytes / 4,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
	int fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int open_ring(struct rings *r, struct cpu_ring *c, int cpu)
{
	int ring_fd = -1, fd;
	unsigned i;

	for (i = 0; i < r->nr_events; i++) {
		if (r->ids[i] < 0)
			continue;
		fd = open_event(r, i, cpu);
		if (fd < 0)
			return fd;
		c->fds[i] = fd;
		if (ring_fd >= 0) {
			if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, ring_fd))
				return -errno;
			continue;
		}
		ring_fd = fd;
		c->page = mmap(NULL, PAGE_BYTES + r->ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (c->page == MAP_FAILED) {
			c->page = NULL;
			return -errno;
		}
	}
	r->polled[r->nr_cpus] = (struct pollfd){ .fd = ring_fd, .events = POLLIN };
	return 0;
}

static void close_ring(struct rings *r, struct cpu_ring *c)
{
	unsigned i;

	if (c->page)
		munmap(c->page, PAGE_BYTES + r->ring_bytes);
	for (i = 0; i < RING_EVENTS_MAX; i++)
		if (c->fds[i] >= 0)
			close(c->fds[i]);
}

static int open_all(struct rings *r)
{
	unsigned cpu, i;
	int err;

	for (cpu = 0; cpu < r->max_cpus; cpu++) {
		struct cpu_ring *c = &r->cpus[r->nr_cpus];

		memset(c->fds, 0xff, sizeof(c->fds));	/* -1 */
		err = open_ring(r, c, cpu);
		if (!err) {
			r->nr_cpus++;
			continue;
		}
		close_ring(r, c);
		c->page = NULL;
		if (err != -ENODEV)	/* which is a CPU that is offline */
			return err;
	}
	for (cpu = 0; cpu < r->nr_cpus; cpu++)
		for (i = 0; i < r->nr_events; i++)
			if (r->cpus[cpu].fds[i] >= 0 && ioctl(r->cpus[cpu].fds[i], PERF_EVENT_IOC_ENABLE, 0))
				return -errno;
	return r->nr_cpus ? 0 : -ENODEV;
}

int rings_open(const struct ring_event *events, unsigned nr, unsigned kib, struct rings **out)
{
	struct rings *r = calloc(1, sizeof(*r));
	int err;

	*out = NULL;
	if (!r)
		return -ENOMEM;
	r->events = events;
	r->nr_events = nr;
	r->ring_bytes = kib * (size_t)1024;
	r->max_cpus = sysconf(_SC_NPROCESSORS_CONF);
	r->cpus = calloc(r->max_cpus, sizeof(*r->cpus));
	r->polled = calloc(r->max_cpus, sizeof(*r->polled));
	err = r->cpus && r->polled ? look_up(r) ?: open_all(r) : -ENOMEM;
	if (err) {
		rings_close(r);
		return err;
	}
	*out = r;
	return 0;
}

void rings_close(struct rings *r)
{
	unsigned cpu;

	if (!r)
		return;
	for (cpu = 0; r->cpus && cpu < r->nr_cpus; cpu++)
		close_ring(r, &r->cpus[cpu]);
	free(r->cpus);
	free(r->polled);
	free(r->records);
	free(r);
}

unsigned rings_nr_cpus(const struct rings *r)
{
	return r->nr_cpus;
}

/* ---- reading ---- */

void rings_wait(struct rings *r, uint64_t ns)
{
	const struct timespec limit = { ns / 1000000000, ns % 1000000000 };

	ppoll(r->polled, r->nr_cpus, &limit, NULL);
}

/* A piece of the ring, which may go round its end. */
static void copy_out(const struct rings *r, const struct cpu_ring *c, uint64_t at, void *to, size_t bytes)
{
	const char *data = (const char *)c->page + PAGE_BYTES;
	size_t offset = at & (r->ring_bytes - 1), first = r->ring_bytes - offset;

	if (first > bytes)
		first = bytes;
	memcpy(to, data + offset, first);
	memcpy((char *)to + first, data, bytes - first);
}

static int keep(struct rings *r, const struct sample *s)
{
	struct ring_record record = { .time_ns = s->time_ns, .thread = s->thread, .number = r->number++ };
	struct ring_record *more;
	uint16_t id;
	unsigned f;

	memcpy(&id, s->raw, sizeof(id));	/* common_type */
	while (record.event < r->nr_events && r->ids[record.event] != id)
		record.event++;
	if (record.event == r->nr_events)
		return 0;
	for (f = 0; f < 2 && r->events[record.event].fields[f]; f++)
		if (r->offsets[record.event][f] + sizeof(uint64_t) <= s->raw_bytes)
			memcpy(&record.values[f], s->raw + r->offsets[record.event][f], sizeof(uint64_t));
	if (r->nr_records == r->room) {
		more = realloc(r->records, (r->room ? 2 * r->room : 4096) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		r->records = more;
		r->room = r->room ? 2 * r->room : 4096;
	}
	r->records[r->nr_records++] = record;
	return 0;
}

static int drain(struct rings *r, struct cpu_ring *c)
{
	uint64_t head = __atomic_load_n(&c->page->data_head, __ATOMIC_ACQUIRE), tail = c->page->data_tail;
	struct sample s;
	int err = 0;

	for (; tail < head && !err; tail += s.header.size) {
		copy_out(r, c, tail, &s.header, sizeof(s.header));
		if (s.header.size < sizeof(s.header))
			break;	/* no such record */
		if (s.header.type != PERF_RECORD_SAMPLE || s.header.size > sizeof(s))
			continue;
		copy_out(r, c, tail, &s, s.header.size);
		if (s.raw_bytes <= sizeof(s.raw))
			err = keep(r, &s);
	}
	__atomic_store_n(&c->page->data_tail, head, __ATOMIC_RELEASE);
	return err;
}

int rings_drain(struct rings *r)
{
	unsigned cpu;
	int err = 0;

	for (cpu = 0; cpu < r->nr_cpus && !err; cpu++)
		err = drain(r, &r->cpus[cpu]);
	return err;
}

static int by_time(const void *a, const void *b)
{
	const struct ring_record *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

void rings_hand_over(struct rings *r, uint64_t until_ns, void (*take)(void *arg, const struct ring_record *record),
		     void *arg)
{
	size_t i;

	if (!r->nr_records)
		return;
	qsort(r->records, r->nr_records, sizeof(*r->records), by_time);
	for (i = 0; i < r->nr_records && r->records[i].time_ns <= until_ns; i++)
		take(arg, &r->records[i]);
	r->nr_records -= i;
	memmove(r->records, r->records + i, r->nr_records * sizeof(*r->records));
}

void rings_drop(struct rings *r)
{
	r->nr_records = 0;
}

int rings_lost(struct rings *r, uint64_t *lost)
{
	struct {
		uint64_t value, lost;
	} count;
	unsigned cpu, i;

	*lost = 0;
	for (cpu = 0; cpu < r->nr_cpus; cpu++)
		for (i = 0; i < r->nr_events; i++) {
			if (r->cpus[cpu].fds[i] < 0)
				continue;
			if (read(r->cpus[cpu].fds[i], &count, sizeof(count)) != sizeof(count))
				return -EIO;
			*lost += count.lost;
		}
	return 0;
}
