// SPDX-License-Identifier: GPL-2.0-or-later
/* Why a guest ended: from QEMU's exit, the kernel's log and what wbit-init reported, in this order, to one line. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "internal.h"

/* Exit statuses of wbit that come with records, whatever these say. */
static bool has_measured(int status)
{
	return status == 0 || status == 1 || status == 3 || status == 77;
}

static int qemu_verdict(const struct guest_end *end, char *error)
{
	if (WIFSIGNALED(end->wait_status))
		return lab_fail(error, -EIO, "%s: QEMU was killed by signal %d (%s)", end->name,
				WTERMSIG(end->wait_status), strsignal(WTERMSIG(end->wait_status)));
	if (WEXITSTATUS(end->wait_status))
		return lab_fail(error, -EIO, "%s: QEMU failed: %s", end->name,
				end->qemu_complaint[0] ? end->qemu_complaint : "without a word");
	return 0;
}

static int kernel_verdict(const struct guest_end *end, const struct guest_log *log, char *error)
{
	if (log->panic[0])
		return lab_fail(error, -EIO, "%s: kernel panic: %s%s%s", end->name, log->panic,
				log->trouble[0] ? ", after: " : "", log->trouble);
	if (log->trouble[0])
		return lab_fail(error, -EIO, "%s: the kernel complained: %s", end->name, log->trouble);
	return 0;
}

static int wbit_verdict(const struct guest_end *end, const struct guest_log *log, char *error)
{
	const char *program = end->kind == IMAGE_SCRIPT ? "the script" : "wbit";

	if (log->word == GUEST_SIGNALLED)
		return lab_fail(error, -EIO, "%s: %s was killed by signal %d (%s) in the guest", end->name, program, log->code,
				strsignal(log->code));
	if (log->word == GUEST_EXITED && end->kind != IMAGE_SCRIPT && !has_measured(log->code))
		return lab_fail(error, -EIO, "%s: wbit ended with status %d in the guest: %s", end->name, log->code,
				log->complaint[0] ? log->complaint : "without a word");
	if (log->word == GUEST_SILENT)
		return lab_fail(error, -EIO, "%s: %s%s%s%s", end->name, log->kernel_spoke ?
				"the guest ended before " : "the guest never booted: not a word from its kernel",
				!log->kernel_spoke ? "" : end->kind == IMAGE_SCRIPT ? "the script did" : "wbit did",
				log->complaint[0] ? ": " : "", log->complaint);
	if (end->cut_line)
		return lab_fail(error, -EIO, "%s: the guest's last line was cut off", end->name);
	return 0;
}

int guest_verdict(const struct guest_end *end, const struct guest_log *log, char *error)
{
	int err = qemu_verdict(end, error);

	if (end->kind == IMAGE_SHELL)	/* its log went to the user */
		return err;
	err = err ?: kernel_verdict(end, log, error) ?: wbit_verdict(end, log, error);
	/* when wbit itself said what is wrong, that is all there is to it */
	if (err && !(log->word == GUEST_EXITED && log->complaint[0]))
		guest_log_append_tail(log, error);
	return err;
}
