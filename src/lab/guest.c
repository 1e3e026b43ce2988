// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest under way: its folder, QEMU's process, and what it sends. Several may run at a time; each keeps its own clock
 * from its start, so one that is consumed late is judged by what it had sent by then.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "reader.h"

#define POLL_MS 20

struct guest {
	char name[64];
	struct guest_folder folder;
	char image_sha256[HASH_TEXT];
	enum image_kind kind;
	unsigned boot_limit_s, silence_limit_s, total_limit_s;
	bool keep;
	pid_t pid;			/* 0: not started, or over and reaped */
	int pidfd, records, log_fd;
	int wait_status;
	uint64_t start_ms, heard_ms;	/* heard_ms: when it last sent a byte, as far as was looked */
	uint64_t records_bytes, nr_lines;
	size_t len;			/* of the beginning of a line, in buffer */
	struct guest_log log;
	char buffer[READER_LINE_MAX + 1];
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

/* ---- start ---- */

static int open_output(const struct guest *guest, const char *file, int *fd, char *error)
{
	char path[PATH_MAX];
	int err = folder_path(&guest->folder, file, path, error);

	if (err)
		return err;
	*fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	return *fd < 0 ? lab_fail(error, -errno, "%s: %s", path, strerror(errno)) : 0;
}

static int hash_image(struct guest *guest, char *error)
{
	char path[PATH_MAX];
	int err = folder_path(&guest->folder, "initrd", path, error);

	if (err)
		return err;
	err = hash_file(path, -1, guest->image_sha256);
	return err ? lab_fail(error, err, "%s: %s", path, strerror(-err)) : 0;
}

static int boot(struct guest *guest, const struct guest_config *config, char *error)
{
	bool shell = guest->kind == IMAGE_SHELL;
	struct qemu_args args;
	int err;

	err = folder_make(&guest->folder, error) ?: folder_fill(&guest->folder, config, guest->kind, error) ?:
	      hash_image(guest, error) ?:
	      open_output(guest, QEMU_LOG, &guest->log_fd, error) ?:
	      open_output(guest, QEMU_RECORDS, &guest->records, error);
	if (err)
		return err;
	if (qemu_args_build(&args, config->mode, config->cpus, shell, config->append))
		return lab_fail(error, -E2BIG, "the kernel's command line is too long");
	if (config->memory_bytes)
		qemu_args_give_memory(&args, config->memory_bytes);
	err = qemu_start(&args, guest->folder.path, shell, &guest->pid, error);
	if (err)
		return err;
	guest->pidfd = syscall(SYS_pidfd_open, guest->pid, 0);	/* -1: an old kernel; poll() then only sleeps */
	guest->start_ms = guest->heard_ms = now_ms();
	return 0;
}

int guest_start_kind(const struct guest_config *config, enum image_kind kind, struct guest **out, char *error)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	int err;

	*out = NULL;
	if (!guest)
		return lab_fail(error, -ENOMEM, "out of memory");
	guest->kind = kind;
	guest->pidfd = guest->records = guest->log_fd = guest->folder.lock = -1;
	guest->boot_limit_s = config->boot_limit_s;
	guest->silence_limit_s = config->silence_limit_s;
	guest->total_limit_s = config->total_limit_s;
	snprintf(guest->name, sizeof(guest->name), "%s", config->kernel->name);
	err = boot(guest, config, error);
	if (err) {
		guest_free(guest);
		return err;
	}
	guest->keep = config->keep;
	if (guest->keep)
		folder_keep(&guest->folder);
	*out = guest;
	return 0;
}

int guest_start(const struct guest_config *config, struct guest **guest, char *error)
{
	return guest_start_kind(config, config->guest_argv ? IMAGE_RUN : config->script ? IMAGE_SCRIPT : IMAGE_SHELL,
				guest, error);
}

/* ---- what it sends ---- */

/* Hands over the whole lines in the buffer; what is left of it moves to the front. */
static int hand_over(struct guest *guest, const struct guest_lines *lines)
{
	char *at = guest->buffer, *end = guest->buffer + guest->len, *newline;
	int err = 0;

	while (err >= 0 && (newline = memchr(at, '\n', end - at))) {
		*newline = '\0';
		guest->nr_lines++;
		if (lines->line)
			err = lines->line(lines->arg, at, newline - at);
		at = newline + 1;
	}
	guest->len = end - at;
	memmove(guest->buffer, at, guest->len);
	return err < 0 ? err : 0;
}

static int take_records(struct guest *guest, const struct guest_lines *lines, char *error)
{
	for (;;) {
		ssize_t n = read(guest->records, guest->buffer + guest->len, sizeof(guest->buffer) - guest->len);
		int err;

		if (n <= 0)
			return n ? lab_fail(error, -errno, "%s: its records: %s", guest->name, strerror(errno)) : 0;
		guest->len += n;
		guest->records_bytes += n;
		guest->heard_ms = now_ms();
		err = hand_over(guest, lines);
		if (err)
			return err;
		if (guest->len == sizeof(guest->buffer))
			return lab_fail(error, -EOVERFLOW, "%s: the guest sent a line of more than %d bytes",
					guest->name, READER_LINE_MAX);
		if (guest->records_bytes > RECORDS_MAX)
			return lab_fail(error, -EOVERFLOW, "%s: the guest sent more than %u MiB", guest->name,
					RECORDS_MAX >> 20);
	}
}

static int take_log(struct guest *guest, char *error)
{
	char buffer[16384];
	ssize_t n;

	while ((n = read(guest->log_fd, buffer, sizeof(buffer))) > 0) {
		guest_log_add(&guest->log, buffer, n);
		guest->heard_ms = now_ms();
		if (guest->log.total_bytes > LOG_MAX)
			return lab_fail(error, -EOVERFLOW, "%s: the guest's log grew beyond %u MiB", guest->name,
					LOG_MAX >> 20);
	}
	return n < 0 ? lab_fail(error, -errno, "%s: its log: %s", guest->name, strerror(errno)) : 0;
}

/* ---- limits and the end ---- */

/* Has QEMU ended? It is reaped then. */
static bool reap(struct guest *guest)
{
	pid_t pid = guest->pid ? waitpid(guest->pid, &guest->wait_status, WNOHANG) : 0;

	if (pid == guest->pid || (pid < 0 && errno == ECHILD))
		guest->pid = 0;
	return !guest->pid;
}

static int too_late(const struct guest *guest, int err, const char *what, unsigned limit_s, char *error)
{
	const struct guest_log *log = &guest->log;

	lab_fail(error, err, "%s: %s within %u s%s%s", guest->name, what, limit_s,
		 log->trouble[0] || log->panic[0] ? "; its kernel had complained: " : "",
		 log->trouble[0] ? log->trouble : log->panic);
	guest_log_append_tail(log, error);
	return err;
}

static bool passed(unsigned limit_s, uint64_t since_ms)
{
	return limit_s && now_ms() - since_ms > limit_s * 1000ull;
}

static int check_limits(const struct guest *guest, char *error)
{
	if (!guest->nr_lines && passed(guest->boot_limit_s, guest->start_ms))
		return too_late(guest, -ETIMEDOUT, guest->log.kernel_spoke ? "no record came" :
				"not a word came from the kernel", guest->boot_limit_s, error);
	if (passed(guest->total_limit_s, guest->start_ms))
		return too_late(guest, -ETIME, "the guest did not end", guest->total_limit_s, error);
	if (guest->nr_lines && passed(guest->silence_limit_s, guest->heard_ms))
		return too_late(guest, -ETIMEDOUT, "the guest hangs: nothing more came", guest->silence_limit_s, error);
	return 0;
}

static void last_complaint_of_qemu(const struct guest *guest, char out[LOG_SHOWN])
{
	struct guest_log log = { 0 };
	char path[PATH_MAX], buffer[4096];
	ssize_t n;
	int fd;

	out[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/" QEMU_STDERR, guest->folder.path) >= (int)sizeof(path))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, buffer, sizeof(buffer))) > 0)
		guest_log_add(&log, buffer, n);
	if (fd >= 0)
		close(fd);
	guest_log_add(&log, "\n", 1);
	if (log.nr_lines)
		snprintf(out, LOG_SHOWN, "%s", log.tail[(log.nr_lines - 1) % LOG_TAIL_LINES]);
}

static int verdict(struct guest *guest, char *error)
{
	struct guest_end end = {
		.name = guest->name,
		.wait_status = guest->wait_status,
		.cut_line = guest->len > 0,
		.kind = guest->kind,
	};

	guest_log_add(&guest->log, "\n", 1);
	last_complaint_of_qemu(guest, end.qemu_complaint);
	return guest_verdict(&end, &guest->log, error);
}

static void stop_qemu(struct guest *guest)
{
	if (!guest->pid)
		return;
	kill(guest->pid, SIGKILL);
	while (waitpid(guest->pid, &guest->wait_status, 0) < 0 && errno == EINTR)
		;
	guest->pid = 0;
}

int guest_consume(struct guest *guest, const struct guest_lines *lines, const volatile sig_atomic_t *stop, char *error)
{
	bool ended;
	int err;

	error[0] = '\0';
	do {
		struct pollfd fd = { .fd = guest->pidfd, .events = POLLIN };

		ended = reap(guest);	/* before reading: what it sent until then is all there is */
		err = take_log(guest, error) ?: take_records(guest, lines, error);
		if (!err && !ended && stop && *stop)
			err = lab_fail(error, -ECANCELED, "%s: interrupted", guest->name);
		if (!err && !ended)
			err = check_limits(guest, error);
		if (!err && !ended)
			poll(&fd, 1, POLL_MS);
	} while (!err && !ended);
	if (err) {
		stop_qemu(guest);
		return err;
	}
	return verdict(guest, error);
}

pid_t guest_pid(const struct guest *guest)
{
	return guest->pid;
}

const char *guest_image_sha256(const struct guest *guest)
{
	return guest->image_sha256;
}

const char *guest_folder(const struct guest *guest)
{
	return guest->folder.path;
}

int guest_exit_status(const struct guest *guest)
{
	return guest->log.word == GUEST_EXITED ? guest->log.code : -1;
}

void guest_free(struct guest *guest)
{
	if (!guest)
		return;
	stop_qemu(guest);
	if (guest->pidfd >= 0)
		close(guest->pidfd);
	if (guest->records >= 0)
		close(guest->records);
	if (guest->log_fd >= 0)
		close(guest->log_fd);
	if (!guest->keep)
		folder_remove(&guest->folder);
	else if (guest->folder.lock >= 0)
		close(guest->folder.lock);
	free(guest);
}
