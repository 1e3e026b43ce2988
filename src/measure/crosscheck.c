// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The attendant at the gate around the writes: it brings perf up when the child waits before them, and to its end when the child waits
 * behind them. So nothing but the writes lies between.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "crosscheck.h"
#include "perf.h"
#include "perf_ready.h"
#include "perf_text.h"
#include "phase_gate.h"

#define START_LIMIT_MS 30000	/* perf reads the kernel's symbols first */
#define SAID_MAX (256u << 20)
#define EVENT_BYTES 96		/* of one fault in perf's ring, at most */
#define RING_LEAST (512u << 10)
#define RING_MOST (64u << 20)

enum tool { PERF_TRACE, PERF_STAT, NR_TOOLS };
_Static_assert(NR_TOOLS == CROSSCHECKS, "the plan counts a trial for each");

static const char *const tools[NR_TOOLS] = { "perf trace", "perf stat" };

struct check {
	enum tool tool;
	struct perf perf;
	int ack_fd;			/* where the child waits for an answer */
	uint64_t nr_pages;
	struct trace_faults faults;	/* of perf trace */
	uint64_t count;			/* what perf says, or NOT_MEASURED */
	char why[REASON_MAX];		/* not */
};

/* ---- up ---- */

static uint64_t ring_bytes(uint64_t nr_pages)
{
	uint64_t bytes = RING_LEAST;

	while (bytes < RING_MOST && bytes < 2 * EVENT_BYTES * nr_pages)
		bytes *= 2;
	return bytes;
}

static int start_perf(struct check *check, pid_t child)
{
	char thread[24], ring[24];
	char *const trace[] = { "perf", "trace", "-F", "all", "--no-syscalls", "-m", ring, "-t", thread, NULL };
	char *const count[] = { "perf", "stat", "-e", "page-faults", "-x", ";", "-D", "-1", "--control=" PERF_CONTROL, "-t",
				thread, NULL };

	snprintf(thread, sizeof(thread), "%d", child);
	snprintf(ring, sizeof(ring), "%" PRIu64 "K", ring_bytes(check->nr_pages) >> 10);
	return perf_start(&check->perf, check->tool == PERF_TRACE ? trace : count, check->tool == PERF_STAT);
}

/* From here on each fault of the child is seen. What goes wrong is noted: the trial itself goes on without perf. */
static void begin(struct check *check, pid_t child)
{
	int err;

	perf_free(&check->perf);
	check->count = NOT_MEASURED;
	check->why[0] = '\0';
	err = start_perf(check, child);
	if (err) {
		perf_why_not_started(err, check->why, sizeof(check->why));
		return;
	}
	if (check->tool == PERF_TRACE)
		err = perf_wait_until_polling(&check->perf, START_LIMIT_MS);
	else
		err = gate_say(check->perf.control_fd, check->perf.ack_fd, "enable\n", START_LIMIT_MS);
	if (!err)
		return;
	perf_end(&check->perf);
	if (err == -EPIPE)
		perf_why(&check->perf, check->why, sizeof(check->why));
	else
		snprintf(check->why, sizeof(check->why), "%s was not ready in time: %s", tools[check->tool], strerror(-err));
}

/* ---- and down ---- */

static void read_trace(struct check *check, const char *text, const struct trial_report *report)
{
	perf_trace_count(text, report->region, report->region + report->region_bytes, &check->faults);
	if (check->faults.lost)
		snprintf(check->why, sizeof(check->why), "perf trace lost events");
	else
		check->count = check->faults.inside;
}

static void read_stat(struct check *check, const char *text)
{
	if (perf_stat_count(text, "page-faults", &check->count)) {
		check->count = NOT_MEASURED;
		snprintf(check->why, sizeof(check->why), "perf stat did not count page-faults, of user and kernel, all of the time");
	}
}

static void finish(struct check *check, const struct trial_report *report)
{
	char *text;
	int err;

	if (!check->perf.pid)
		return;
	if (check->tool == PERF_STAT)
		err = gate_say(check->perf.control_fd, check->perf.ack_fd, "disable\n", GATE_LIMIT_MS);
	else
		err = perf_wait_until_polling(&check->perf, GATE_LIMIT_MS);
	perf_end(&check->perf);
	text = perf_said(&check->perf, SAID_MAX);
	if (!text || strlen(text) == SAID_MAX)
		snprintf(check->why, sizeof(check->why), "%s said more than is taken", tools[check->tool]);
	else if (err)
		snprintf(check->why, sizeof(check->why), "%s", gate_why(err));
	else if (check->tool == PERF_TRACE)
		read_trace(check, text, report);
	else
		read_stat(check, text);
	free(text);
}

static int serve(struct attendant *attendant, pid_t child, const struct trial_report *report)
{
	struct check *check = attendant->arg;
	char word[32];
	int err = gate_hear(attendant->fd, word, sizeof(word));

	if (err)
		return err;
	if (!strcmp(word, "enable"))
		begin(check, child);
	else
		finish(check, report);
	return gate_answer(check->ack_fd);
}

/* ---- what it comes to ---- */

/* wbit's own number of what the tool counts. Of a trial with writers beside, those of the thread that writes last. */
static uint64_t own_count(const struct trial_record *r, enum tool tool)
{
	if (tool == PERF_STAT)
		return r->faults.page_faults;
	if (!r->beside.threads || r->faults.write_protect == NOT_MEASURED)
		return r->faults.write_protect;
	return r->faults.write_protect - r->beside.faults.write_protect;
}

/* Where perf knew the mappings, faults of the region may be among those that it tells by their file: what is missing may be there. */
static bool may_be_elsewhere(const struct check *check, uint64_t expected)
{
	return check->tool == PERF_TRACE && check->count != NOT_MEASURED && check->count < expected && check->faults.places;
}

static void conclude(struct check *check, struct trial_record *r)
{
	struct crosscheck *c = &r->crosscheck;

	c->tool = tools[check->tool];
	c->expected = own_count(r, check->tool);
	if (r->outcome != OUTCOME_OK && r->outcome != OUTCOME_FAIL)
		check->count = NOT_MEASURED;
	if (may_be_elsewhere(check, c->expected)) {
		check->count = NOT_MEASURED;
		snprintf(check->why, sizeof(check->why), "perf trace told %" PRIu64 " faults by their file, not by their address",
			 check->faults.places);
	}
	c->faults = check->count;
	if (c->faults == NOT_MEASURED)
		trial_record_why(r, "crosscheck.faults", check->why[0] ? check->why : "the trial did not come to its writes");
	if (c->faults == NOT_MEASURED || c->expected == NOT_MEASURED || c->faults == c->expected || r->outcome != OUTCOME_OK)
		return;
	r->outcome = OUTCOME_FAIL;
	snprintf(r->reason, sizeof(r->reason), "crosscheck: %s counts %" PRIu64 " faults %s, wbit %" PRIu64, c->tool, c->faults,
		 check->tool == PERF_TRACE ? "in the region" : "of the thread", c->expected);
}

static int check_by(struct run *run, const struct group *g, unsigned v, struct check *check, int control[2], int ack[2])
{
	struct attendant attendant = { .fd = control[0], .serve = serve, .arg = check };
	struct phase_gate gate;
	int err = gate_init(&gate, PHASE_WRITE, NULL);

	if (err)
		return err;
	gate.control_fd = control[1];
	gate.ack_fd = ack[0];
	gate.limit_ms = START_LIMIT_MS + PERF_END_LIMIT_S * 1000;
	gate.attendant = &attendant;
	check->ack_fd = ack[1];
	run_show_progress(run, g, v);
	err = run_trial(run, g, v, true, &gate);
	perf_free(&check->perf);
	if (err)
		return err;
	conclude(check, &run->report->record);
	return run_record_trial(run, g);
}

static void close_pipe(const int fds[2])
{
	if (fds[0] >= 0)
		close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
}

static int check_variant(struct run *run, const struct group *g, unsigned v, enum tool tool)
{
	struct check check = { .tool = tool, .perf = PERF_NONE, .nr_pages = g->pages, .count = NOT_MEASURED };
	int control[2] = { -1, -1 }, ack[2] = { -1, -1 };
	int err = pipe2(control, O_CLOEXEC) || pipe2(ack, O_CLOEXEC) ? -errno : check_by(run, g, v, &check, control, ack);

	close_pipe(control);
	close_pipe(ack);
	return err;
}

int crosscheck_group(struct run *run, const struct group *g, const enum outcome *twin)
{
	unsigned v, tool;
	int err = 0;

	for (v = 0; v < g->nr_variants && !err; v++)
		for (tool = 0; tool < NR_TOOLS && twin[v] == OUTCOME_OK && !err; tool++)
			err = run_budget_spent(run) ? -ETIME : check_variant(run, g, v, tool);
	return err;
}
