/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last look at a trial's record: figures that mean nothing where they were taken become null, and every null that is on
 * purpose gets its reason.
 */
#ifndef WBIT_REASONS_H
#define WBIT_REASONS_H

#include "run.h"

/* partial: the trigger moves what it moves (trigger.h). by_write: the write itself is what migrates. */
void give_reasons(struct trial_record *r, enum platform platform, bool partial, bool by_write);

#endif
