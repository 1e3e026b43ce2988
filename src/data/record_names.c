// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of records. */
#include "record.h"

const char *clock_unit_name(enum clock_unit unit)
{
	return unit == CLOCK_NS ? "ns" : unit == CLOCK_INSN ? "insn" : "unknown";
}

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = {
		[OUTCOME_OK] = "ok",
		[OUTCOME_FAIL] = "fail",
		[OUTCOME_STATE_NOT_REACHED] = "state-not-reached",
		[OUTCOME_BROKEN] = "broken",
		[OUTCOME_SKIP] = "skip",
	};

	return (unsigned)outcome < NR_OUTCOMES ? names[outcome] : "unknown";
}

const char *source_name(enum source source)
{
	static const char *const names[] = {
		[SOURCE_NATIVE] = "native",
		[SOURCE_SWITCH] = "switch",
		[SOURCE_EMULATED] = "emulated",
	};

	return (unsigned)source < NR_SOURCES ? names[source] : "unknown";
}
