// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit list: what there is to choose from. */
#include <argp.h>
#include <stdio.h>

#include "face.h"
#include "lab.h"
#include "model.h"
#include "trigger.h"
#include "workloads.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)state;
	return key == ARGP_KEY_ARG ? usage_error("'%.60s': `wbit list` takes no argument", arg) : ARGP_ERR_UNKNOWN;
}

static const struct argp argp = { .parser = parse, .doc = "Workloads, policies, triggers and kernels that there are." };

int cmd_list(int argc, char **argv)
{
	static const char *const about[NR_POLICIES] = {
		[POLICY_VMA_ONLY] = "W from vma->vm_page_prot alone (no kernel does it; emulated where the kernel is `vma`)",
		[POLICY_VMA] = "W from vma->vm_page_prot, and from a writable entry (5.7 to 6.1, 6.4 to today)",
		[POLICY_ENTRY] = "W if and only if the entry is writable (6.2, 6.3; LTS 6.1.13 and later)",
	};
	unsigned i;

	if (parse_options(&argp, argc, argv, NULL))
		return STATUS_USAGE;
	printf("workloads\n");
	for (i = 0; workloads[i]; i++)
		printf("  %-28s %s\n", workloads[i]->name, workloads[i]->about);
	printf("policies\n");
	for (i = 0; i < NR_POLICIES; i++)
		printf("  %-28s %s\n", policy_name(i), about[i]);
	printf("triggers\n");
	for (i = 0; triggers[i]; i++)
		printf("  %-28s %s\n", triggers[i]->name, triggers[i]->about);
	printf("kernels of the lab\n");
	for (i = 0; lab_stock_names[i]; i++)
		printf("  %s\n", lab_stock_names[i]);
	return finish_stdout(STATUS_OK);
}
