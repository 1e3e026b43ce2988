/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gates: how much worse the new side may be. "faults=N": write faults a page; "migrate=P%", "write=P%": of the base;
 * "migrate=N", "write=N": instructions or ns a page; "migrate.NAME=N", "write.NAME=P%": events a page of a counter, or of the
 * base's. A gate looks at a cell's figure at each size, and at the slope where there are several. What is better never trips it.
 */
#ifndef WBIT_GATE_H
#define WBIT_GATE_H

#include "compare.h"

#define GATES_MAX 8

struct gate {
	enum figure figure;	/* FIGURE_FAULTS, FIGURE_MIGRATE, FIGURE_WRITE, FIGURE_COUNTER_MIGRATE or FIGURE_COUNTER_WRITE */
	const char *counter;	/* its name, within the spec; NULL: none */
	size_t counter_len;
	double threshold;
	bool percent;
	const char *spec;	/* as given; not copied */
};

/* 0, or -EINVAL with one line that says what would do in `error`. */
int gate_parse(const char *spec, struct gate *gate, char *error, size_t error_size);

enum gate_verdict {
	GATE_NOT_ITS,		/* another figure; or nothing on the base's side that it could be held against */
	GATE_PASSES,
	GATE_UNDECIDED,		/* the spread or the interval is too wide to tell, or the new side has no figure */
	GATE_TRIPS,		/* worse by more than the threshold, whatever the spread does; of times: timing_decide() */
};

/* allowed: the threshold as a difference, in the figure's own unit. */
enum gate_verdict gate_judge(const struct gate *gate, const struct difference *line, double *allowed);

/*
 * Did fewer than half of a side's trials go the way that is compared? The others had more ticks or waits in them, which may
 * be the change's doing: such a line never passes.
 */
bool gate_of_few(const struct difference *line);

/*
 * Of times that are undecided: how many more blocks, trials or boots a side would decide, `nr_timed` being the comparison's.
 * The returns are timing_to_decide()'s.
 */
int gate_needs(const struct gate *gate, const struct difference *line, size_t nr_timed, size_t *more);

/*
 * With any gate, an outcome counts, too: a new `fail` trips (a count off the oracle), and a cell that broke, did not reach
 * its state or was skipped where the base's was ok, or a fail, is undecided.
 */
enum gate_verdict gate_judge_outcome(const struct difference *line);

#endif
