/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A gate before and after one region of a trial: the child says "enable" and waits for an answer before it goes on, and "disable"
 * behind it. So a perf on the other side counts, or samples, this region and nothing else of the trial.
 *
 * The words and the answer are those of perf's control descriptors (perf record and perf stat --control, since 5.10; with the name of
 * an event since 5.12): a line each way; perf 6.1 sends "ack\n" with the NUL behind it. Who answers is perf itself, or an attendant
 * in the parent. A perf that has ended, or that does not answer in time, is an error and never a hang.
 *
 * While the event is on, the child is in the region, or in the gate: the gate's code has a section to itself and calls nothing, so that
 * samples of it can be told by their addresses (gate_text()) and left out.
 *
 * Must be true before: SIGPIPE is ignored.
 */
#ifndef WBIT_PHASE_GATE_H
#define WBIT_PHASE_GATE_H

#include <sys/types.h>

#include "trial.h"

#define GATE_LIMIT_MS 10000	/* perf answers within a millisecond */
#define GATE_LINE_MAX 320

/* Another in perf's place, called by trial_run() in the parent whenever the child has said something. */
struct attendant {
	int fd;			/* where its words arrive */
	/* 0, or -errno: then nothing more is served, and the child finds the gate closed */
	int (*serve)(struct attendant *attendant, pid_t child, const struct trial_report *report);
	void *arg;
};

struct phase_gate {
	enum phase phase;		/* PHASE_MIGRATE or PHASE_WRITE */
	int control_fd, ack_fd;		/* the child's ends */
	unsigned limit_ms;		/* for each answer */
	/*
	 * A sampled event begins a new period in each child, so that all samples would fall into the same places behind the region's
	 * beginning. A part of so many TSC ticks, another one each time, goes by between the answer and the region. 0: none.
	 */
	uint64_t dither_tsc;
	struct attendant *attendant;	/* NULL: perf answers */
	char enable[GATE_LINE_MAX], disable[GATE_LINE_MAX];	/* lines; by gate_init() */
};

/* event: the one of perf's events that is switched; NULL: all. 0, or -ENAMETOOLONG. */
int gate_init(struct phase_gate *gate, enum phase phase, const char *event);

/* Both do nothing at another phase's region, or without a gate. 0 or -errno: -EPIPE: perf has ended. */
int gate_enable(const struct phase_gate *gate, enum phase phase);
int gate_disable(const struct phase_gate *gate, enum phase phase);

/* What such an error means, in a few words. */
const char *gate_why(int err);

/*
 * Says a line, its newline included, and waits for the answer, limit_ms for each piece of it. 0, -ETIMEDOUT: none came; -EPIPE: nobody
 * is there; -EPROTO: it was none; or another -errno.
 */
int gate_say(int control_fd, int ack_fd, const char *line, unsigned limit_ms);

/* The other side of it, for an attendant: the next line, without its newline. 0, -EPIPE or -EPROTO. And the answer to it. */
int gate_hear(int fd, char *line, size_t size);
int gate_answer(int ack_fd);

/* Where the gate's code is, [low, high), in this process and those that it forked. */
void gate_text(uint64_t *low, uint64_t *high);

/* TSC ticks in so many ns, by a look at both clocks that takes a millisecond. */
uint64_t gate_tsc_of_ns(uint64_t ns);

#endif
