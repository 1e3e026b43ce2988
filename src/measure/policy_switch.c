// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's policy switch: looked for, taken, set, checked. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy_switch.h"

/* A word of someone else's making on its way into a reason. */
static const char *word(const char *value, char out[24])
{
	size_t i;

	for (i = 0; i + 1 < 24 && value[i]; i++)
		out[i] = value[i] > ' ' && value[i] < 127 ? value[i] : '?';
	out[i] = '\0';
	return out;
}

static void tell_why(int err, char *reason, size_t size)
{
	switch (err) {
	case -ENOENT:
		snprintf(reason, size, "this kernel has no policy switch: no file " KNOB_POLICY_NAME " in debugfs");
		break;
	case -ENODEV:
		snprintf(reason, size, "needs debugfs for the policy switch, which is not mounted: run as root");
		break;
	case -EACCES:
		snprintf(reason, size, "needs root for the policy switch: debugfs is root's own");
		break;
	case -EPERM:
		snprintf(reason, size, "the policy switch is refused (EPERM): a locked-down kernel (Secure Boot) opens no "
			 "debugfs file");
		break;
	case -EROFS:
		snprintf(reason, size, "the policy switch cannot be written: debugfs is mounted read-only here");
		break;
	default:
		snprintf(reason, size, "the policy switch cannot be used: %s", strerror(-err));
	}
}

static int try_to_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int policy_switch_look(const char *root, enum policy *now, char *reason, size_t size)
{
	char path[PATH_MAX], value[KNOB_VALUE_MAX], clean[24];
	int err = knob_path(root, KNOB_POLICY, path) ?: try_to_open(path) ?: knob_read(path, value, sizeof(value));

	*now = POLICY_UNKNOWN;
	if (err) {
		tell_why(err, reason, size);
		return err;
	}
	if (!knob_may_hold(knob_kind(KNOB_POLICY), value)) {
		snprintf(reason, size, "the policy switch holds '%s', which is no policy", word(value, clean));
		return -EBADMSG;
	}
	*now = policy_by_name(value);
	return 0;
}

int policy_switch_take(struct policy_switch *sw, struct journal *journal, char *error, size_t size)
{
	sw->journal = journal;
	return journal_note(journal, KNOB_POLICY, error, size) ?: policy_switch_look(journal->root, &sw->as_found, error, size);
}

int policy_switch_check(const struct policy_switch *sw, enum policy policy, char *reason, size_t size)
{
	char path[PATH_MAX], value[KNOB_VALUE_MAX], clean[24];
	int err = knob_path(sw->journal->root, KNOB_POLICY, path) ?: knob_read(path, value, sizeof(value));

	if (err)
		snprintf(reason, size, "the policy switch cannot be read: %s", strerror(-err));
	else if (strcmp(value, policy_name(policy))) {
		snprintf(reason, size, "the policy switch was set to %s and says '%s'", policy_name(policy),
			 word(value, clean));
		err = -EIO;
	}
	return err;
}

int policy_switch_set(const struct policy_switch *sw, enum policy policy, char *reason, size_t size)
{
	return journal_set(sw->journal, KNOB_POLICY, policy_name(policy), reason, size) ?:
	       policy_switch_check(sw, policy, reason, size);
}
