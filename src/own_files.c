// SPDX-License-Identifier: GPL-2.0-or-later
/* Where wbit's own scripts and configurations are: in the source tree, or in the prefix that it is installed in. */
#include <limits.h>
#include <stdlib.h>

#include "cmd_lab.h"
#include "face.h"
#include "lab.h"

const char *plots_folder(void)
{
	static char folder[PATH_MAX];

	return lab_share("plots", WBIT_PLOTS, folder);
}

const char *counters_folder(void)
{
	static char folder[PATH_MAX];

	return lab_share("counters", WBIT_COUNTERS, folder);
}

const char *lab_files(void)
{
	static char folder[PATH_MAX];

	return getenv("WBIT_KERNEL_FILES") ?: lab_share("kernel", WBIT_KERNEL, folder);
}
