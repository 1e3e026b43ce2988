// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs that are run to their end, without a shell: their stdout as text, their last complaint as one line. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

#define OUTPUT_MAX (16u << 20)
#define STOP_POLL_MS 100

int lab_fail(char *error, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, LAB_ERROR_MAX, format, args);
	va_end(args);
	return err;
}

struct pipes {
	int out[2], complaints[2], failure[2];	/* failure: errno of an exec that did not happen */
};

static void close_pipes(struct pipes *p)
{
	int *fds = (int *)p;
	size_t i;

	for (i = 0; i < sizeof(*p) / sizeof(int); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static int open_pipes(struct pipes *p)
{
	*p = (struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if (pipe2(p->out, O_CLOEXEC) || pipe2(p->complaints, O_CLOEXEC) || pipe2(p->failure, O_CLOEXEC)) {
		int err = -errno;

		close_pipes(p);
		return err;
	}
	return 0;
}

__attribute__((noreturn)) static void exec_child(char *const argv[], const char *folder, const struct pipes *p)
{
	int nothing = open("/dev/null", O_RDONLY), err;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(p->out[1], 1) == 1 && dup2(p->complaints[1], 2) == 2 &&
	    !setenv("LC_ALL", "C", 1) && (!folder || !chdir(folder)))
		execvp(argv[0], argv);
	err = errno;
	_exit(write_all(p->failure[1], &err, sizeof(err)) ? 126 : 127);
}

/* Keeps the last line that is not empty; what came before is dropped. */
static void take_complaint(struct child_output *output, char *line, size_t *len, const char *data, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (data[i] != '\n') {
			if (*len < sizeof(output->complaint) - 1)
				line[(*len)++] = data[i];
			continue;
		}
		if (*len) {
			memcpy(output->complaint, line, *len);
			output->complaint[*len] = '\0';
		}
		*len = 0;
	}
}

static int take_text(struct child_output *output, const char *data, size_t n)
{
	char *text;

	if (output->len + n > OUTPUT_MAX)
		return -EOVERFLOW;
	text = realloc(output->text, output->len + n + 1);
	if (!text)
		return -ENOMEM;
	memcpy(text + output->len, data, n);
	output->text = text;
	output->len += n;
	text[output->len] = '\0';
	return 0;
}

static int take_all(struct child_output *output, int out, int complaints, const volatile sig_atomic_t *stop)
{
	struct pollfd fds[2] = { { .fd = out, .events = POLLIN }, { .fd = complaints, .events = POLLIN } };
	char buffer[4096], line[sizeof(output->complaint)];
	size_t line_len = 0;
	int err = 0, i;

	while (!err && (fds[0].fd >= 0 || fds[1].fd >= 0)) {
		if (stop && *stop)
			return -ECANCELED;
		fds[0].revents = fds[1].revents = 0;
		if (poll(fds, 2, stop ? STOP_POLL_MS : -1) < 0 && errno != EINTR)
			return -errno;
		for (i = 0; i < 2 && !err; i++) {
			ssize_t n;

			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			n = read(fds[i].fd, buffer, sizeof(buffer));
			if (n <= 0)
				fds[i].fd = -1;
			else if (i == 0)
				err = take_text(output, buffer, n);
			else
				take_complaint(output, line, &line_len, buffer, n);
		}
	}
	take_complaint(output, line, &line_len, "\n", 1);
	return err;
}

int child_run_until(char *const argv[], const char *folder, const volatile sig_atomic_t *stop,
		    struct child_output *output)
{
	int failure = 0, status = 0, err;
	struct pipes p;
	pid_t pid;

	memset(output, 0, sizeof(*output));
	err = take_text(output, "", 0) ?: open_pipes(&p);
	if (err)
		return err;
	pid = fork();
	if (!pid)
		exec_child(argv, folder, &p);
	err = pid < 0 ? -errno : 0;
	close(p.out[1]);
	close(p.complaints[1]);
	close(p.failure[1]);
	p.out[1] = p.complaints[1] = p.failure[1] = -1;
	if (!err)
		err = take_all(output, p.out[0], p.complaints[0], stop);
	if (!err && read(p.failure[0], &failure, sizeof(failure)) == sizeof(failure))
		err = -failure;
	close_pipes(&p);
	if (err && pid > 0)
		kill(pid, SIGTERM);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	output->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return err;
}

int child_run(char *const argv[], const char *folder, struct child_output *output)
{
	return child_run_until(argv, folder, NULL, output);
}

void child_output_free(struct child_output *output)
{
	free(output->text);
	output->text = NULL;
}
