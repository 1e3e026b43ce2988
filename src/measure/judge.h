/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict on one trial: what was observed against what the oracle predicts from the declared state. Pure.
 *
 * In this order: did the child come through; did every page move; was the declared state reached (the entries' kinds, from
 * the twin); is the restored W as predicted; are the faults. A figure that was not measured does not speak against a
 * trial. Under POLICY_UNKNOWN nothing is expected and nothing fails for its count.
 *
 * A partial trigger (trigger.h) moves what it moves: the verdict is on the pages that moved, and when none did there is
 * nothing to judge, which is a SKIP. A race (page_state.racing) has no exact count to be held against: what it may not exceed
 * is, and that no page has lost its data.
 */
#ifndef WBIT_JUDGE_H
#define WBIT_JUDGE_H

#include "model.h"
#include "record.h"

/* Fills expected_*, outcome and reason of the record. An outcome that is not ok already stays. */
void judge(struct trial_record *r, const struct page_state *declared, enum policy policy, bool partial);

#endif
