// SPDX-License-Identifier: GPL-2.0-or-later
/* The one flag that a signal sets: whoever runs something long looks at it. */
#include <signal.h>

#include "face.h"

volatile sig_atomic_t stop;

static void on_signal(int number)
{
	stop = number;
}

/* No SA_RESTART: waits end at once. */
void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}
