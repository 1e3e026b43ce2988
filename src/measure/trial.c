// SPDX-License-Identifier: GPL-2.0-or-later
/* The parent's side of a trial: fork, wait within the time limit, and say what became of the child. */
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "phase_gate.h"
#include "trial.h"

#define HEAP_PIECE_BYTES (256 << 10)	/* an allocation of that and more is mapped */
#define HEAP_ROOM_BYTES (2 << 20)	/* more than all smaller ones of a child together */

const char *phase_name(enum phase phase)
{
	static const char *const names[] = { "start", "setup", "arm", "placement", "migration", "proof of the migration",
					     "emulation", "write", "check", "teardown", "end" };

	return (size_t)phase < sizeof(names) / sizeof(names[0]) ? names[phase] : "unknown";
}

struct trial_report *trial_report_new(void)
{
	void *report = mmap(NULL, sizeof(struct trial_report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return report == MAP_FAILED ? NULL : report;
}

/* A child under way. */
struct running {
	pid_t pid;
	int pidfd;
	struct attendant *attendant;	/* NULL: there is none, or it has had to give up */
	const struct trial_report *report;
};

/* What the child says to the attendant is served here; one that cannot serve is left, and the child finds that out. */
static void serve(struct running *running)
{
	struct attendant *attendant = running->attendant;

	if (attendant->serve(attendant, running->pid, running->report))
		running->attendant = NULL;
}

/* Waits until the child has ended. 0, -ETIMEDOUT, or -ECANCELED. */
static int wait_for_end(struct running *running, unsigned limit_s, const volatile sig_atomic_t *stop)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), end = now + limit_s * UINT64_C(1000000000);
	struct timespec left;
	int n;

	for (; now < end; now = clock_ns(CLOCK_MONOTONIC)) {
		struct pollfd fds[2] = { { .fd = running->pidfd, .events = POLLIN },
					 { .fd = running->attendant ? running->attendant->fd : -1, .events = POLLIN } };

		if (*stop)
			return -ECANCELED;
		left.tv_sec = (end - now) / 1000000000;
		left.tv_nsec = (end - now) % 1000000000;
		/* A signal between the look at *stop and the wait is seen a second later at the most. */
		if (left.tv_sec >= 1)
			left = (struct timespec){ .tv_sec = 1 };
		n = ppoll(fds, 2, &left, NULL);
		if (n > 0 && fds[0].revents)
			return 0;
		if (n > 0)
			serve(running);
	}
	return -ETIMEDOUT;
}

static void set_broken(struct trial_report *report, const char *what)
{
	report->record.outcome = OUTCOME_BROKEN;
	snprintf(report->record.reason, REASON_MAX, "%s in the phase: %s", what, phase_name(report->phase));
}

/* The child's own word counts only when it came to a normal end. */
static void tell_end(struct trial_report *report, int status)
{
	char text[64];

	if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
		set_broken(report, text);
	} else if (report->err && report->phase == PHASE_CHECK) {
		report->record.outcome = OUTCOME_FAIL;
		snprintf(report->record.reason, REASON_MAX, "%.*s", REASON_MAX - 1, report->reason);
	} else if (report->err == -EPROTO) {
		report->record.outcome = OUTCOME_STATE_NOT_REACHED;
		snprintf(report->record.reason, REASON_MAX, "%.*s", REASON_MAX - 1, report->reason);
	} else if (report->err) {
		report->record.outcome = OUTCOME_BROKEN;
		snprintf(report->record.reason, REASON_MAX, "%s: %.*s", phase_name(report->phase), TRIAL_REASON_MAX - 1,
			 report->reason[0] ? report->reason : strerror(-report->err));
	} else if (report->phase != PHASE_DONE) {
		snprintf(text, sizeof(text), "ended early with status %d", WEXITSTATUS(status));
		set_broken(report, text);
	}
}

/*
 * Room in the heap for all that the child will allocate. A heap that grows in the child grows by a VMA of its own, since a
 * forked anon_vma is not merged (mm/vma.c, is_mergeable_anon_vma()); then each look-up of the region's VMA passes two pivots
 * more, and whether the heap grows would hang on what the parent happened to have freed. Larger pieces are mapped: always.
 */
static void reserve_heap(void)
{
	void *volatile room;

	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_MMAP_THRESHOLD, 2 * HEAP_ROOM_BYTES);
	room = malloc(HEAP_ROOM_BYTES);
	free(room);
	mallopt(M_MMAP_THRESHOLD, HEAP_PIECE_BYTES);
}

static int run_child(const struct trial_spec *spec, struct trial_report *report, const volatile sig_atomic_t *stop)
{
	struct running running = { .report = report, .attendant = spec->gate ? spec->gate->attendant : NULL };
	char text[64];
	int pidfd, status, err;
	pid_t pid;

	reserve_heap();
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		if (spec->journal)
			journal_leave(spec->journal);
		trial_child(spec, report);
	}
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	running.pid = pid;
	running.pidfd = pidfd;
	err = pidfd < 0 ? -errno : wait_for_end(&running, spec->time_limit_s, stop);
	if (err)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		close(pidfd);
	if (err == -ETIMEDOUT) {
		snprintf(text, sizeof(text), "hung: killed after the time limit of %u s", spec->time_limit_s);
		set_broken(report, text);
		return 0;
	}
	if (!err)
		tell_end(report, status);
	return err;
}

/* Before and after the child, the same calls whatever the policy is. */
static bool switch_holds(const struct trial_spec *spec, struct trial_record *r,
			 int (*look)(const struct policy_switch *, enum policy, char *, size_t))
{
	if (!spec->policy_switch)
		return true;
	r->kernel_policy = policy_name(spec->kernel_policy);
	if (!look(spec->policy_switch, spec->kernel_policy, r->reason, sizeof(r->reason)))
		return true;
	r->outcome = OUTCOME_BROKEN;
	return false;
}

int trial_run(const struct trial_spec *spec, struct trial_report *report, const volatile sig_atomic_t *stop)
{
	int err = 0;

	memset(report, 0, sizeof(*report));
	trial_record_init(&report->record);
	if (switch_holds(spec, &report->record, policy_switch_set))
		err = run_child(spec, report, stop);
	if (!err && report->record.outcome != OUTCOME_BROKEN)
		switch_holds(spec, &report->record, policy_switch_check);
	return err;
}
