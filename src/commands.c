// SPDX-License-Identifier: GPL-2.0-or-later
/* All commands. */
#include <stddef.h>

#include "face.h"

const bool in_guest = false;

const struct command commands[] = {
	{ "list", "workloads, policies, triggers and kernels that there are", cmd_list },
	{ "doctor", "this machine: its kernel's policy, what it lacks for measuring, what disturbs", cmd_doctor },
	{ "run", "measure on this kernel", cmd_run },
	{ "observe", "on a live system: how often migrations restore W, and from which entries", cmd_observe },
	{ "profile", "where the time of a migration, or of the writes after it, goes: perf record of that phase alone", cmd_profile },
	{ "lab", "measure in a two-node guest; fetch kernels; a shell in the guest", cmd_lab },
	{ "model", "the oracle: what each policy must do, and why", cmd_model },
	{ "compare", "two files, kernels or policies against each other; gates", cmd_compare },
	{ "plot", "figures from results", cmd_plot },
	{ "export", "records for dashboards: gobench, OpenMetrics", cmd_export },
	{ "bundle", "records, their table, figures and hashes in one archive", cmd_bundle },
	{ NULL, NULL, NULL }
};
