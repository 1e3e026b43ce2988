// SPDX-License-Identifier: GPL-2.0-or-later
/* The migration of a trial: placed, caused and proved by the trigger, with whatever runs beside it. */
#include <errno.h>
#include <pthread.h>

#include "emulate.h"
#include "surroundings.h"
#include "tracepoint.h"
#include "trial_course.h"

static void *run_during(void *arg)
{
	struct course *c = arg;

	pin_to(c->spec->other_cpu);
	run_fairly();
	sem_wait(&c->gate);
	return (void *)(intptr_t)c->w->during(&c->t);
}

int migrate_phase(struct course *c)
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
	err = err ?: region_begin(c, PHASE_MIGRATE);
	if (!err) {
		err = trigger->migrate(&c->t, &c->m);
		err = region_end(c, PHASE_MIGRATE, &c->r->migrate) ?: err;
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

int place_phase(struct course *c)
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

int prove_phase(struct course *c)
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
