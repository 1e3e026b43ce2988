/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to data/: which of a trial's figures stand for it. */
#ifndef WBIT_TRIAL_FIGURES_H
#define WBIT_TRIAL_FIGURES_H

#include "summary.h"

/* The keys of one timed region. */
struct region_paths {
	const char *elapsed, *oncpu, *ticks, *waits;
};
extern const struct region_paths migrate_paths, write_paths;

/*
 * Nanoseconds: the elapsed time, which is the latency. Instructions: the same, but where the thread waited virtual time
 * jumped, and what it executed itself is the figure (it holds the clock reads around the region too). NOT_MEASURED: none.
 */
uint64_t time_taken(const json_t *trial, const struct region_paths *paths);

/*
 * A trigger that moves what it can, within its node, leaves fewer pages to write and to judge than there are (results/README.md,
 * migrated). One that goes from node to node has to move all: pages that stayed are the trial's failure.
 */
uint64_t pages_judged(const struct cell *cell, const json_t *trial);

/* Faults as if all the cell's pages had been judged: exact where each page had the same, and never 0 for some. */
uint64_t faults_scaled(const struct cell *cell, const json_t *trial, uint64_t faults);

/*
 * W bits as if each of the cell's pages had come back once: of PTEs restored, of which compaction makes more than pages (one
 * that moves twice) or fewer. Not all of them is never scaled to all, nor some to none.
 */
uint64_t w_scaled(const struct cell *cell, uint64_t w, uint64_t of);

#endif
