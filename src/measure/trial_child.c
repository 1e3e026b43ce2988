// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The child's course of a trial. Between the phases that count, all memory that the harness will touch in the next timed
 * region is written once more: fork, clear_refs and soft-dirty write-protect it along with the workload's pages, and its
 * faults would land in the count.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <unistd.h>

#include "clock.h"
#include "emulate.h"
#include "stats.h"
#include "surroundings.h"
#include "tracepoint.h"
#include "trial.h"

struct course {
	const struct trial_spec *spec;
	const struct workload *w;
	struct trial_report *report;
	struct trial_record *r;
	struct trial t;
	struct migration m;
	struct evidence evidence;
	struct stopwatch watch;
	uint64_t *samples, nr_samples;
	int vmstat_fd;
	int type_fds[NR_SWAP_TYPES];
	sem_t gate;			/* opens when the migration is about to start */
	struct writers *writers;	/* NULL: none */
};

/* ---- surroundings ---- */

/* Room for the region, at a boundary of its page size, and as much before and behind it. */
static int reserve_region(struct trial *t)
{
	size_t slack = t->page_bytes == 4096 ? 0 : t->page_bytes;
	void *room = mmap(NULL, 3 * t->len_bytes + slack, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		return trial_fail(t, errno, "reserving address space");
	t->reserved = (char *)(((uintptr_t)room + slack) & ~(t->page_bytes - 1));
	t->region = t->reserved + t->len_bytes;
	return 0;
}

/*
 * Cuts the region into VMAs of about equal length: what nobody dumps is another VMA than what is, and nothing else about it is
 * different (MADV_DONTDUMP, mm/madvise.c).
 */
static int cut_region(const struct trial_spec *spec, struct trial *t)
{
	uint64_t nr = spec->nr_vmas < t->nr_pages ? spec->nr_vmas : t->nr_pages, i, from, to;

	for (i = 1; i < nr; i += 2) {
		from = t->nr_pages * i / nr;
		to = t->nr_pages * (i + 1) / nr;
		if (madvise(t->region + from * t->page_bytes, (to - from) * t->page_bytes, MADV_DONTDUMP))
			return trial_fail(t, errno, "cutting the region into VMAs");
	}
	return 0;
}

static int settle(struct course *c)
{
	struct trial *t = &c->t;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	err = pin_to(c->spec->cpu);
	if (err)
		return trial_fail(t, -err, "pinning to a CPU");
	err = c->spec->clock == CLOCK_INSN ? run_undisturbed() : 0;
	if (err)
		return trial_fail(t, -err, "SCHED_FIFO");
	err = c->spec->trigger->partial ? 0 : bind_memory(t->from);
	if (err)
		return trial_fail(t, -err, "binding memory to the source node");
	if (t->page_bytes == 4096 && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		return trial_fail(t, errno, "PR_SET_THP_DISABLE");
	err = reserve_region(t);
	if (err)
		return err;
	err = migration_init(&c->m, t);
	if (err)
		return trial_fail(t, -err, "memory for the page list");
	c->samples = calloc(t->nr_pages, sizeof(*c->samples));
	c->vmstat_fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
	stopwatch_init(&c->watch, c->spec->clock, c->spec->exact, c->spec->cpu);
	return c->samples ? 0 : trial_fail(t, ENOMEM, "memory for the samples");
}

/* ---- what the harness touches ---- */

/* /proc/vmstat pgreuse: system-wide. NOT_MEASURED when the kernel has none. Uses the stopwatch's buffer. */
static uint64_t reused_pages(struct course *c)
{
	size_t at = 0, size = sizeof(c->watch.text) - 1;
	const char *found;
	ssize_t n;

	while (at < size && (n = pread(c->vmstat_fd, c->watch.text + at, size - at, at)) > 0)
		at += n;
	c->watch.text[at] = '\0';
	found = strstr(c->watch.text, "\npgreuse ");
	return found ? strtoull(found + 9, NULL, 10) : NOT_MEASURED;
}

static void touch_stack(void)
{
	volatile char stack[32768];
	size_t i;

	for (i = 0; i < sizeof(stack); i += 512)
		stack[i] = 0;
}

static void touch(void *memory, size_t len)
{
	volatile char *at = memory;
	size_t i;

	for (i = 0; i < len; i += 1024)
		at[i] = at[i];
	if (len)
		at[len - 1] = at[len - 1];
}

/*
 * The kernel writes the thread's restartable-sequences area whenever the thread was preempted (kernel/rseq.c): a page of the
 * harness's that no code here touches. The flags are the word of it that the kernel leaves alone.
 */
static void touch_rseq(void)
{
	volatile struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);

	if (__rseq_size)
		area->flags = area->flags;
}

/* Goes through all that a region touches once, for nothing, so that the region itself meets no fault of the harness. */
static void rehearse(struct course *c)
{
	struct region nothing;

	touch_stack();
	touch_rseq();
	touch(c, sizeof(*c));
	touch(c->report, sizeof(*c->report));
	touch(c->samples, c->t.nr_pages * sizeof(*c->samples));
	touch(c->m.addresses, c->t.nr_pages * sizeof(*c->m.addresses));
	touch(c->m.nodes, c->t.nr_pages * sizeof(*c->m.nodes));
	touch(c->m.status, c->t.nr_pages * sizeof(*c->m.status));
	reused_pages(c);
	stopwatch_start(&c->watch);
	stopwatch_stop(&c->watch, &nothing);
}

/* ---- migration ---- */

static void *run_during(void *arg)
{
	struct course *c = arg;

	pin_to(c->spec->other_cpu);
	run_fairly();
	sem_wait(&c->gate);
	return (void *)(intptr_t)c->w->during(&c->t);
}

static int migrate(struct course *c)
{
	const struct trigger *trigger = c->spec->trigger;
	void *answer = NULL;
	pthread_t thread;
	int err;

	if (c->w->during) {
		sem_init(&c->gate, 0, 0);
		err = pthread_create(&thread, NULL, run_during, c);
		if (err)
			return trial_fail(&c->t, err, "pthread_create");
	}
	if (c->spec->writers.nr) {
		c->writers = writers_start(&c->spec->writers, &c->t);
		if (!c->writers)
			return -ECHILD;
	}
	err = trigger->prepare(&c->t, &c->m);
	rehearse(c);
	if (c->w->during)
		sem_post(&c->gate);
	if (c->writers)
		writers_watch(c->writers);
	if (!err && c->spec->traced) {
		err = trigger->migrate(&c->t, &c->m);
	} else if (!err) {
		stopwatch_align(&c->watch);
		stopwatch_start(&c->watch);
		err = trigger->migrate(&c->t, &c->m);
		stopwatch_stop(&c->watch, &c->r->migrate);
	}
	if (c->w->during) {
		pthread_join(thread, &answer);
		if (!err)
			err = (int)(intptr_t)answer;
	}
	if (c->writers)
		err = err ?: writers_end(c->writers, c->r);
	return err;
}

static int place(struct course *c)
{
	int err = c->spec->trigger->place(&c->t, &c->m);

	if (!err && c->spec->traced && c->spec->declared)
		err = vma_as_declared(&c->t, c->spec->declared, c->spec->soft_dirty);
	if (err || !c->spec->traced)
		return err;
	if (!c->spec->types)
		return evidence_watch_types(c->type_fds, &c->t);
	evidence_watch_migration(&c->evidence, &c->t, c->spec->types, c->spec->trigger->by_worker);
	return 0;
}

static uint64_t see(struct course *c, enum sight sight, const char *key)
{
	uint64_t count = evidence_count(&c->evidence, sight);

	if (count == NOT_MEASURED)
		trial_record_why(c->r, key, evidence_why(&c->evidence, sight));
	return count;
}

static void count_entries(struct course *c)
{
	struct trial_record *r = c->r;

	r->entries[ENTRY_READ] = see(c, SEE_READ, "entries.read");
	r->entries[ENTRY_READ_EXCLUSIVE] = see(c, SEE_READ_EXCLUSIVE, "entries.read_exclusive");
	r->entries[ENTRY_WRITE] = see(c, SEE_WRITE, "entries.write");
	r->entries_all = see(c, SEE_ENTRIES, "entries.all");
	r->restored = see(c, SEE_RESTORED, "restored");
	r->w_before = see(c, SEE_WRITE, "w_before");
	r->w_after = see(c, SEE_W, "w_after");
	r->young_after = see(c, SEE_YOUNG, "young_after");
	r->dirty_after = see(c, SEE_DIRTY, "dirty_after");
}

static int prove(struct course *c)
{
	struct trial_record *r = c->r;
	int type;

	if (c->spec->traced && !c->spec->types)
		for (type = 0; type < NR_SWAP_TYPES; type++)
			c->report->by_type[type] = tracepoint_read(c->type_fds[type]);
	else if (c->spec->traced)
		count_entries(c);
	evidence_close(&c->evidence);
	r->migrated = r->failed = 0;
	return c->spec->trigger->prove(&c->t, &c->m, &r->migrated, &r->failed);
}

static int emulate(struct course *c)
{
	int err = emulate_vma_only(&c->t, c->spec->soft_dirty, &c->r->emulation_idle);

	if (err || c->r->emulation_idle)
		return err;
	c->r->w_after = NOT_MEASURED;
	trial_record_why(c->r, "w_after", "W was dropped after the restore, which no tracepoint shows");
	return 0;
}

/* ---- write ---- */

/* One copy for each clock and for the default write, so that nothing but the store stands between the clock reads. */
static inline __attribute__((always_inline)) int timed_writes(struct course *c, enum clock_unit unit,
							      int (*write)(struct trial *, uint64_t))
{
	uint64_t i, nr = c->t.nr_pages, last = clock_now(unit), now;
	const int *moved = c->t.moved;
	uint64_t *sample = c->samples;
	int err = 0;

	for (i = 0; i < nr && !err; i++) {
		if (moved && !moved[i])
			continue;
		err = write(&c->t, i);
		now = clock_now(unit);
		*sample++ = now - last;
		last = now;
	}
	c->nr_samples = sample - c->samples;
	return err;
}

static int write_all(struct course *c)
{
	bool insn = c->spec->clock == CLOCK_INSN;

	if (c->w->write)
		return insn ? timed_writes(c, CLOCK_INSN, c->w->write) : timed_writes(c, CLOCK_NS, c->w->write);
	return insn ? timed_writes(c, CLOCK_INSN, write_page) : timed_writes(c, CLOCK_NS, write_page);
}

/* A page's first write after the migration is a writer's or this thread's: both together are what is predicted. */
static void add_writers_faults(struct trial_record *r)
{
	if (r->beside.threads && r->faults.write_protect != NOT_MEASURED)
		r->faults.write_protect = r->beside.faults.write_protect == NOT_MEASURED ? NOT_MEASURED :
					  r->faults.write_protect + r->beside.faults.write_protect;
}

static int write_phase(struct course *c)
{
	struct trial_record *r = c->r;
	struct rusage before, after;
	uint64_t reused;
	int err;

	rehearse(c);
	reused = reused_pages(c);
	if (c->spec->traced) {
		evidence_watch_writes(&c->evidence, &c->t);
		getrusage(RUSAGE_THREAD, &before);
		getrusage(RUSAGE_THREAD, &before);
		err = write_all(c);
		getrusage(RUSAGE_THREAD, &after);
		r->faults.write_protect = see(c, SEE_WRITE_PROTECT, "faults.write_protect");
		add_writers_faults(r);
		r->faults.page_faults = after.ru_minflt - before.ru_minflt + after.ru_majflt - before.ru_majflt;
		evidence_close(&c->evidence);
	} else {
		stopwatch_align(&c->watch);
		stopwatch_start(&c->watch);
		err = write_all(c);
		stopwatch_stop(&c->watch, &r->write);
		r->faults.page_faults = stopwatch_faults(&c->watch);
	}
	if (c->t.uffd >= 0)
		r->faults.userfault = __atomic_load_n(&c->t.userfaults, __ATOMIC_RELAXED);
	if (reused != NOT_MEASURED && !c->writers)
		r->faults.reuse = reused_pages(c) - reused;
	return err;
}

/* ---- the course ---- */

static int run_phase(struct course *c, enum phase phase)
{
	switch (phase) {
	case PHASE_START:
		return settle(c);
	case PHASE_SETUP:
		return (c->spec->trigger->steer ? c->spec->trigger->steer(&c->t, &c->m) : 0) ?: c->w->setup(&c->t);
	case PHASE_ARM:
		return (c->w->arm ? c->w->arm(&c->t) : 0) ?: cut_region(c->spec, &c->t);
	case PHASE_PLACE:
		return place(c);
	case PHASE_MIGRATE:
		return migrate(c);
	case PHASE_PROVE:
		return prove(c);
	case PHASE_EMULATE:
		return c->spec->source == SOURCE_EMULATED ? emulate(c) : 0;
	case PHASE_WRITE:
		return write_phase(c);
	case PHASE_CHECK:
		return (c->writers ? writers_check(c->writers, &c->t) : 0) ?:
		       (c->w->check ? c->w->check(&c->t) : check_pages(&c->t));
	default:
		if (c->w->teardown)
			c->w->teardown(&c->t);
		else if (c->t.fd >= 0)
			close(c->t.fd);
		return 0;
	}
}

void trial_child(const struct trial_spec *spec, struct trial_report *report)
{
	struct course *c = calloc(1, sizeof(*c));
	enum phase phase;

	if (!c)
		_exit(1);
	c->spec = spec;
	c->w = spec->workload;
	c->report = report;
	c->r = &report->record;
	c->t = (struct trial){
		.nr_pages = spec->pages,
		.page_bytes = spec->declared ? mapped_bytes(spec->declared->mapped_by) : 4096,
		.from = spec->from,
		.to = spec->to,
		.declared = spec->declared,
		.fd = -1,
		.uffd = -1,
	};
	c->t.len_bytes = c->t.nr_pages * c->t.page_bytes;
	c->r->beside.threads = spec->writers.nr;
	evidence_init(&c->evidence);
	for (phase = PHASE_START; phase < PHASE_DONE; phase++) {
		report->phase = phase;
		report->err = run_phase(c, phase);
		if (report->err) {
			memcpy(report->reason, c->t.reason, sizeof(report->reason));
			_exit(0);
		}
	}
	migration_free(&c->m);		/* qsort() sorts in a copy: there is room for it now */
	if (!spec->traced)
		distribution_from_samples(&c->r->latency, c->samples, c->nr_samples);
	report->phase = PHASE_DONE;
	_exit(0);
}
