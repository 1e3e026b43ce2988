/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What perf prints, line by line: the faults of `perf trace -F all --no-syscalls`, and a count of `perf stat -x ;`. Lines are
 * hostile: nothing is taken from one that is not whole.
 */
#ifndef WBIT_PERF_TEXT_H
#define WBIT_PERF_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum trace_line {
	TRACE_OTHER,	/* no fault: a warning, an empty line */
	TRACE_FAULT,	/* a fault, with its address */
	TRACE_PLACE,	/* a fault, told by a file and an offset in it: perf knew the mapping */
	TRACE_LOST,	/* events that found no room; how many does not matter */
};

/*
 * tools/perf/builtin-trace.c trace__pgfault(): "TIME ( DURATION): [COMM/TID] minfault [PLACE] => PLACE (xy)". Of memory without a file
 * (//anon, [heap], [stack]) the number behind '@' is the address itself (util/map.c, identity__map_ip).
 */
enum trace_line perf_trace_line(const char *line, uint64_t *address);

/* The faults of a whole text. */
struct trace_faults {
	uint64_t inside, outside;	/* of [low, high) */
	uint64_t places;		/* told by a file: inside or outside */
	uint64_t lost;			/* lines that tell of lost events */
};
void perf_trace_count(const char *text, uint64_t low, uint64_t high, struct trace_faults *faults);

/*
 * The count of `event` in what `perf stat -x ;` printed: "COUNT;UNIT;EVENT;RUN-TIME;PERCENT;...". 0; -ENOENT: there is no line of
 * this very event (of "page-faults:u" neither); -ENODATA: not counted, not supported, or not all of the time.
 */
int perf_stat_count(const char *text, const char *event, uint64_t *count);

#endif
