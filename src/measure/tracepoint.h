/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracepoints as filtered counters: perf counts the hits of this task that a filter lets through. A counter has no ring,
 * so nothing can be lost, and any number of pages fits.
 *
 * Filters: kernel/trace/trace_events_filter.c; they apply to counting events too (perf_tp_event_match()).
 */
#ifndef WBIT_TRACEPOINT_H
#define WBIT_TRACEPOINT_H

#include <stdint.h>

/*
 * Opens a counter of `event` ("migrate:remove_migration_pte") for the calling thread on any CPU, counting at once.
 * Returns a file descriptor to close, or -errno: -ENOENT no such tracepoint, -EACCES or -EPERM no privilege, -EINVAL the
 * filter names a field that this kernel does not have.
 */
int tracepoint_open(const char *event, const char *filter);

/* The same for all tasks on one CPU, which takes CAP_PERFMON. filter: NULL lets all through. */
int tracepoint_open_on_cpu(const char *event, const char *filter, int cpu);

/* The number that a record of the event carries as its common_type, or -errno. */
int tracepoint_id(const char *event);

/* Where a field of eight bytes is in the event's raw record, from its format file; -ENOENT: there is none. */
int tracepoint_field(const char *event, const char *field);

/* The hits so far; NOT_MEASURED when the counter did not run all the time. */
uint64_t tracepoint_read(int fd);

#endif
