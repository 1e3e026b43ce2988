/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last look at a trial's record: figures that mean nothing where they were taken become null, and every null that is on
 * purpose gets its reason.
 */
#ifndef WBIT_REASONS_H
#define WBIT_REASONS_H

#include "run.h"

/* untimed: the trigger's (trigger.h). */
void give_reasons(struct trial_record *r, enum platform platform, const char *untimed);

#endif
