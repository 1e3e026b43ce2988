/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy switch of a patched kernel: the debugfs file migrate_restore_policy, which reads as one of the policies' names
 * and takes them. It is root's own (0600).
 *
 * The runner sets it before each trial, whatever the trial's source, with the same calls each time, and looks before and
 * after the trial that it holds what it should. What it held at first is put back at the run's end (journal.h).
 */
#ifndef WBIT_POLICY_SWITCH_H
#define WBIT_POLICY_SWITCH_H

#include "journal.h"

struct policy_switch {
	struct journal *journal;
	enum policy as_found;
};

/*
 * Is there a switch that this process may set? 0, with what it is set to; else -errno and the reason in a line:
 * -ENOENT this kernel has none, -EACCES not root, -EPERM the kernel is locked down, -EROFS, -EBADMSG it holds no policy.
 */
int policy_switch_look(const char *root, enum policy *now, char *reason, size_t size);

/* Notes in the journal what it is set to. 0, or -errno with a line in `error` (journal_begin()). */
int policy_switch_take(struct policy_switch *sw, struct journal *journal, char *error, size_t size);

/* Sets it and reads it back. 0; -EIO: it says something else, both words in the reason; or -errno with a reason. */
int policy_switch_set(const struct policy_switch *sw, enum policy policy, char *reason, size_t size);

/* Reads it: after a trial it must still be what was set. Returns as policy_switch_set(). */
int policy_switch_check(const struct policy_switch *sw, enum policy policy, char *reason, size_t size);

#endif
