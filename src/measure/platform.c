// SPDX-License-Identifier: GPL-2.0-or-later
/* What kind of machine the figures come from. The lab tells its guest; elsewhere CPUID's hypervisor bit does. */
#include <cpuid.h>
#include <string.h>

#include "run.h"

static const char *const names[NR_PLATFORMS] = { "bare-metal", "vm", "lab-kvm", "lab-tcg", "lab-exact", "lab-smp" };

const char *platform_name(enum platform platform)
{
	return platform < NR_PLATFORMS ? names[platform] : "unknown";
}

enum platform platform_by_name(const char *name)
{
	unsigned i;

	for (i = 0; i < NR_PLATFORMS; i++)
		if (!strcmp(name, names[i]))
			break;
	return i;
}

enum platform platform_here(void)
{
	unsigned a, b, c = 0, d;

	__get_cpuid(1, &a, &b, &c, &d);
	return c & (1u << 31) ? PLATFORM_VM : PLATFORM_BARE_METAL;
}
