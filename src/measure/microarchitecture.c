// SPDX-License-Identifier: GPL-2.0-or-later
/* CPUID's numbers and the names that go with them. */
#include <cpuid.h>
#include <string.h>

#include "microarchitecture.h"

#define INTEL "GenuineIntel"
#define AMD "AuthenticAMD"

static const struct {
	const char *vendor;
	unsigned family, first_model, last_model, first_stepping, last_stepping;
	const char *name;
} table[] = {
	{ INTEL, 0x06, 0x55, 0x55, 0, 4, "skx" },	/* Skylake-SP */
	{ INTEL, 0x06, 0x55, 0x55, 5, 15, "clx" },	/* Cascade Lake, Cooper Lake */
	{ INTEL, 0x06, 0x6a, 0x6a, 0, 15, "icx" },	/* Ice Lake-SP */
	{ INTEL, 0x06, 0x6c, 0x6c, 0, 15, "icx" },	/* Ice Lake-D */
	{ INTEL, 0x06, 0x8f, 0x8f, 0, 15, "spr" },	/* Sapphire Rapids */
	{ INTEL, 0x06, 0xcf, 0xcf, 0, 15, "emr" },	/* Emerald Rapids */
	{ INTEL, 0x06, 0xad, 0xae, 0, 15, "gnr" },	/* Granite Rapids, -X and -D */
	{ AMD, 0x17, 0x30, 0x4f, 0, 15, "zen2" },
	{ AMD, 0x17, 0x60, 0x7f, 0, 15, "zen2" },
	{ AMD, 0x17, 0x84, 0x87, 0, 15, "zen2" },
	{ AMD, 0x17, 0x90, 0xaf, 0, 15, "zen2" },
	{ AMD, 0x19, 0x00, 0x0f, 0, 15, "zen3" },
	{ AMD, 0x19, 0x20, 0x5f, 0, 15, "zen3" },
	{ AMD, 0x19, 0x10, 0x1f, 0, 15, "zen4" },
	{ AMD, 0x19, 0x60, 0xaf, 0, 15, "zen4" },
	{ AMD, 0x1a, 0x00, 0x2f, 0, 15, "zen5" },
	{ AMD, 0x1a, 0x40, 0x4f, 0, 15, "zen5" },
	{ AMD, 0x1a, 0x60, 0x77, 0, 15, "zen5" },
};

const char *microarchitecture_of(const char *vendor, unsigned family, unsigned model, unsigned stepping)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].vendor, vendor) && table[i].family == family && model >= table[i].first_model &&
		    model <= table[i].last_model && stepping >= table[i].first_stepping &&
		    stepping <= table[i].last_stepping)
			return table[i].name;
	return "generic";
}

/* Intel SDM volume 2, CPUID: the extended family counts where the family is 15, the extended model there and where it is 6. */
const char *microarchitecture_here(void)
{
	unsigned eax, ebx, ecx, edx, family, model;
	char vendor[13] = "";

	if (!__get_cpuid(0, &eax, &ebx, &ecx, &edx))
		return "generic";
	memcpy(vendor, &ebx, 4);
	memcpy(vendor + 4, &edx, 4);
	memcpy(vendor + 8, &ecx, 4);
	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
		return "generic";
	family = eax >> 8 & 0xf;
	model = eax >> 4 & 0xf;
	if (family == 0xf || family == 6)
		model |= eax >> 12 & 0xf0;
	if (family == 0xf)
		family += eax >> 20 & 0xff;
	return microarchitecture_of(vendor, family, model, eax & 0xf);
}
