// SPDX-License-Identifier: GPL-2.0-or-later
/* What a guest needs: the lab's image carries this program instead of the whole. */
#include <stddef.h>

#include "face.h"

const bool in_guest = true;

const char *counters_folder(void)
{
	return NULL;
}

const struct command commands[] = {
	{ "run", "measure on this kernel", cmd_run },
	{ "observe", "how often migrations restore W, and from which entries", cmd_observe },
	{ NULL, NULL, NULL }
};
