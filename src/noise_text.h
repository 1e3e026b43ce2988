/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run says of its noise below the table: what was tuned, what could not be, and what the A/A pass found. */
#ifndef WBIT_NOISE_TEXT_H
#define WBIT_NOISE_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* From the run's env line. Nothing for what was not asked for. */
void noise_print(FILE *out, const json_t *env);

#endif
