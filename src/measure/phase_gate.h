/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A gate before and after one region of a trial: the child says "enable" and waits for an answer before it goes on, and "disable"
 * behind it. So a perf on the other side counts, or samples, this region and nothing else of the trial.
 *
 * The words and the answer are those of perf's control descriptors (perf record and perf stat --control, since 5.10; with the name of
 * an event since 5.12): a line each way; perf 6.1 sends "ack\n" with the NUL behind it. Who answers is perf itself, or an attendant
 * in the parent. A perf that has ended, or that does not answer in time, is an error and never a hang.
 *
 * Must be true before: SIGPIPE is ignored.
 */
#ifndef WBIT_PHASE_GATE_H
#define WBIT_PHASE_GATE_H

#include <sys/types.h>

#include "trial.h"

#define GATE_LIMIT_MS 10000	/* perf answers within a millisecond */

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
	const char *event;		/* of perf's events the one that is switched; NULL: all */
	unsigned limit_ms;		/* for each answer */
	struct attendant *attendant;	/* NULL: perf answers */
};

/* Both do nothing at another phase's region, or without a gate. 0 or -errno: -EPIPE: perf has ended. */
int gate_enable(const struct phase_gate *gate, enum phase phase);
int gate_disable(const struct phase_gate *gate, enum phase phase);

/* What such an error means, in a few words. */
const char *gate_why(int err);

/*
 * Says one word, without its newline, and waits for the answer. 0, -ETIMEDOUT: none came; -EPIPE: nobody is there;
 * -EPROTO: it was none; or another -errno.
 */
int gate_say(int control_fd, int ack_fd, const char *word, unsigned limit_ms);

/* The other side of it, for an attendant: the next word, without its newline. 0, -EPIPE or -EPROTO. And the answer to it. */
int gate_hear(int fd, char *word, size_t size);
int gate_answer(int ack_fd);

#endif
