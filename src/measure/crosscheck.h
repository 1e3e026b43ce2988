/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second opinion: after the trials of a cell, its traced twin twice more, once with `perf trace -F all` and once with `perf stat -e
 * page-faults` at the child's thread from just before its writes until just behind them.
 *
 * perf trace tells each fault's address: those in the region have to be as many as faults.write_protect. perf stat counts all faults of
 * the thread: as many as faults.page_faults. perf gets both from the kernel's software events (mm/memory.c mm_account_fault(),
 * arch/x86/mm/fault.c do_user_addr_fault()), which nothing else here reads. Another number is a FAIL of the trial, whatever the oracle
 * says. Where perf is missing, may not, or has lost events there is no number, and its reason stands in the record.
 */
#ifndef WBIT_CROSSCHECK_H
#define WBIT_CROSSCHECK_H

#include "run_state.h"

/* Each variant whose twin was ok. 0, -ECANCELED, -ETIME (the budget), or -errno. */
int crosscheck_group(struct run *run, const struct group *g, const enum outcome *twin);

#endif
