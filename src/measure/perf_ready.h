/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When perf trace, which has no control descriptors, has its events running, and when it has read them all. */
#ifndef WBIT_PERF_READY_H
#define WBIT_PERF_READY_H

#include "perf.h"

/*
 * Waits until perf has opened events and sleeps in poll(2). Of perf trace this means at its start that the events are enabled, and later
 * that all records have been read, since each one wakes it (tools/perf/builtin-trace.c trace__run(), no_buffering); a SIGINT before that
 * would make it leave the rest unread. 0; -EPIPE: it has ended; -ETIMEDOUT; -EACCES or another -errno: /proc does not tell.
 */
int perf_wait_until_polling(struct perf *perf, unsigned limit_ms);

#endif
