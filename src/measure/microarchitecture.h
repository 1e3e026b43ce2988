/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which group file is this CPU's. */
#ifndef WBIT_MICROARCHITECTURE_H
#define WBIT_MICROARCHITECTURE_H

/*
 * The microarchitecture's name, as counters/NAME.events has it, by vendor ("GenuineIntel", "AuthenticAMD"), family, model and
 * stepping as CPUID leaf 1 gives them, extended. "generic": none that has a file.
 *
 * The numbers are those of perf's own lists of events, tools/perf/pmu-events/arch/x86/mapfile.csv, and of
 * arch/x86/include/asm/intel-family.h and bsp_init_amd() in arch/x86/kernel/cpu/amd.c.
 */
const char *microarchitecture_of(const char *vendor, unsigned family, unsigned model, unsigned stepping);
const char *microarchitecture_here(void);

#endif
