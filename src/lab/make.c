// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Running make: in an environment of its own, so that equal input gives equal bytes; in a process group of its own, so that
 * it ends with all its children. What it says goes to a log and is watched for progress and for what went wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "building.h"

#define POLL_MS 100
#define PATIENCE_MS 5000	/* between SIGTERM, at which make cleans up, and SIGKILL */
#define BOOT_OBJECTS 40		/* arch/x86/boot has 40: a dry run stops before it in a tree that was never linked */

/* ---- what it says ---- */

static bool is_step(const char *line)
{
	return !strncmp(line, "  CC ", 5) || !strncmp(line, "  AS ", 5);
}

/* "make[3]: *** [scripts/Makefile.build:229: mm/migrate.o] Error 1" */
static void take_target(struct make_report *report, const char *line)
{
	const char *at = strstr(line, "*** ["), *end;

	if (!at || report->target[0] || strncmp(line, "make", 4))
		return;
	end = strchr(at, ']');
	if (!end)
		return;
	for (at = end; at[-1] != ' ' && at[-1] != '['; at--)
		;
	snprintf(report->target, sizeof(report->target), "%.*s", (int)(end - at), at);
}

static void keep(char out[MAKE_SHOWN], const char *line)
{
	snprintf(out, MAKE_SHOWN, "%.*s", MAKE_SHOWN - 1, line);
}

static void take_line(struct make_report *report)
{
	const char *line = report->line;

	report->line[report->len] = '\0';
	report->len = 0;
	if (!line[0])
		return;
	if (is_step(line) || strstr(line, "echo '  CC ") || strstr(line, "echo '  AS "))
		report->steps++;
	keep(report->tail[report->nr_tail++ % MAKE_TAIL], line);
	take_target(report, line);
	if (strstr(line, "No space left on device"))
		report->disk_full = true;
	if ((strstr(line, "error: ") || strstr(line, "undefined reference") || strstr(line, "ERROR: ")) &&
	    report->nr_errors < MAKE_TAIL)
		keep(report->errors[report->nr_errors++], line);
}

void make_report_add(struct make_report *report, const char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (data[i] == '\n')
			take_line(report);
		else if (report->len < sizeof(report->line) - 1 && data[i])
			report->line[report->len++] = data[i] >= ' ' && data[i] <= '~' ? data[i] : '?';
	}
}

static void append_lines(const struct make_report *report, char *error)
{
	unsigned n = report->nr_errors ?: report->nr_tail, i = n > MAKE_TAIL ? n - MAKE_TAIL : 0;
	size_t at = strlen(error);

	for (; i < n && at < LAB_ERROR_MAX; i++)
		at += snprintf(error + at, LAB_ERROR_MAX - at, "\n  | %s",
			       report->nr_errors ? report->errors[i] : report->tail[i % MAKE_TAIL]);
}

/* ---- the process ---- */

/* Of the caller's environment only what finds programs and places: MAKEFLAGS, KCONFIG_*, CROSS_COMPILE, ARCH and the like would
 * make another kernel of the same source. */
static char **environment(void)
{
	static const char *const passed[] = { "PATH", "HOME", "TMPDIR", "USER", "LOGNAME" };
	static const char *const fixed[] = {
		"LC_ALL=C", "KBUILD_BUILD_TIMESTAMP=" BUILD_TIMESTAMP, "KBUILD_BUILD_USER=wbit", "KBUILD_BUILD_HOST=lab",
		"KBUILD_BUILD_VERSION=1", "LOCALVERSION=-wbit", "SOURCE_DATE_EPOCH=1668508200", "GIT_DIR=/dev/null",
	};
	const size_t nr_passed = sizeof(passed) / sizeof(passed[0]), nr_fixed = sizeof(fixed) / sizeof(fixed[0]);
	char **envp = calloc(nr_passed + nr_fixed + 1, sizeof(*envp));
	size_t i, n = 0;

	for (i = 0; envp && i < nr_passed; i++)
		if (getenv(passed[i]) && asprintf(&envp[n], "%s=%s", passed[i], getenv(passed[i])) >= 0)
			n++;
	for (i = 0; envp && i < nr_fixed; i++)
		envp[n++] = strdup(fixed[i]);
	return envp;
}

__attribute__((noreturn)) static void exec_make(const struct make_job *job, char **envp, int out)
{
	int nothing = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(out, 1) == 1 && dup2(out, 2) == 2 && !chdir(job->src))
		execvpe(job->argv[0], job->argv, envp);
	dprintf(out, "%s: %s\n", job->argv[0], strerror(errno));
	_exit(127);
}

static int start(const struct make_job *job, int *out, pid_t *pid)
{
	char **envp = environment();
	int pipes[2], err = 0, i;

	if (!envp)
		return -ENOMEM;
	if (pipe2(pipes, O_CLOEXEC)) {
		err = -errno;
	} else {
		*pid = fork();
		if (!*pid)
			exec_make(job, envp, pipes[1]);
		err = *pid < 0 ? -errno : 0;
		close(pipes[1]);
		*out = pipes[0];
	}
	for (i = 0; envp[i]; i++)
		free(envp[i]);
	free(envp);
	return err;
}

static void end_all(pid_t pid)
{
	int left;

	kill(-pid, SIGTERM);
	for (left = PATIENCE_MS; left > 0; left -= POLL_MS) {
		const struct timespec pause = { .tv_nsec = POLL_MS * 1000000 };

		if (waitpid(pid, NULL, WNOHANG))
			break;
		nanosleep(&pause, NULL);
	}
	kill(-pid, SIGKILL);	/* also what make has left behind */
}

/* Until all that hold the pipe are gone. -ECANCELED: stopped. */
static int listen_to(const struct make_job *job, int out, int log, struct make_report *report)
{
	char buffer[16384];
	ssize_t n;

	for (;;) {
		struct pollfd fd = { .fd = out, .events = POLLIN };

		if (watch_stopped(job->watch))
			return -ECANCELED;
		if (poll(&fd, 1, POLL_MS) <= 0)
			continue;
		n = read(out, buffer, sizeof(buffer));
		if (n <= 0)
			break;
		if (log >= 0 && write_all(log, buffer, n) == -ENOSPC)
			report->disk_full = true;
		make_report_add(report, buffer, n);
		if (job->total && job->watch->objects)
			job->watch->objects(job->watch->arg, report->steps, job->total);
	}
	make_report_add(report, "\n", 1);
	return 0;
}

static int judge(const struct make_job *job, const struct make_report *report, int status, char *error)
{
	const char *step = job->what, *last = strrchr(report->target, '/');

	if ((WIFEXITED(status) && !WEXITSTATUS(status)) || job->may_fail)
		return 0;
	if (report->disk_full)
		return lab_fail(error, -ENOSPC, "%s: No space left on device in the cache (%s)", job->called, job->src);
	last = last ? last + 1 : report->target;
	if (!strcmp(step, "compile") && (!strncmp(last, "vmlinux", 7) || !strcmp(last, "bzImage")))
		step = "link";
	lab_fail(error, -ENOEXEC, "%s does not build: %s failed%s%s; the whole log is %s", job->called, step,
		 report->target[0] ? " at " : "", report->target, job->log ?: "gone");
	append_lines(report, error);
	return -ENOEXEC;
}

int make_run(const struct make_job *job, struct make_report *report, char *error)
{
	int log = job->log ? open(job->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	int out = -1, status = 0, err;
	pid_t pid = 0;

	memset(report, 0, sizeof(*report));
	err = start(job, &out, &pid);
	if (err) {
		lab_fail(error, err, "%s: %s", job->argv[0], strerror(-err));
	} else {
		err = listen_to(job, out, log, report);
		if (err)
			end_all(pid);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		err = err || watch_stopped(job->watch) ? watch_cancelled(error) : judge(job, report, status, error);
	}
	if (out >= 0)
		close(out);
	if (log >= 0)
		close(log);
	return err;
}

/* ---- a kernel ---- */

int make_kernel(const struct tree *tree, const char *called, const struct build_options *options, char *error)
{
	const char *src = tree->src;
	char jobs[32], image[PATH_MAX];
	char *prepare[] = { "make", jobs, "prepare", NULL };
	char *count[] = { "make", "-n", "bzImage", NULL };
	char *build[] = { "make", jobs, "bzImage", NULL };
	struct make_job job = { src, tree->log, "prepare", called, prepare, &options->watch, 0, false };
	struct make_report report;
	unsigned total;
	int err;

	snprintf(jobs, sizeof(jobs), "-j%u", options->jobs ?: (unsigned)sysconf(_SC_NPROCESSORS_ONLN));
	snprintf(image, sizeof(image), "%s/arch/x86/boot/bzImage", src);
	watch_step(&options->watch, "%s: preparing", called);
	err = make_run(&job, &report, error);
	if (err)
		return err;
	job = (struct make_job){ src, NULL, "count", called, count, &options->watch, 0, true };
	err = make_run(&job, &report, error);
	if (err)
		return err;
	total = report.steps + (report.steps && access(image, F_OK) ? BOOT_OBJECTS : 0);
	watch_step(&options->watch, "%s: compiling %u objects", called, total);
	job = (struct make_job){ src, tree->log, "compile", called, build, &options->watch, total, false };
	err = make_run(&job, &report, error);
	if (!err && access(image, R_OK))
		err = lab_fail(error, -ENOEXEC, "%s does not build: make leaves no arch/x86/boot/bzImage; the whole log is %s",
			       called, tree->log);
	return err;
}
