// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU's command line and its start. What exactness takes stands here, each part because figures moved without it: one
 * vCPU whose clock counts instructions, no source of randomness, nothing that the host's time could reach.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "internal.h"

#define NODE_BACKENDS								\
	"-object", "memory-backend-ram,id=m0,size=1G",				\
	"-object", "memory-backend-ram,id=m1,size=1G"

/* loglevel=5 rather than quiet: a WARNING has to reach the log. init_on_alloc and numa_balancing would put work of their
 * own into every page; the mitigation against a predictable stack offset draws random numbers on each system call. */
static const char cmdline[] =
	"console=ttyS0 panic=-1 loglevel=5 nokaslr norandmaps randomize_kstack_offset=off cryptomgr.notests "
	"init_on_alloc=0 numa_balancing=disable no_timer_check";

/*
 * Not nolapic_timer, though calibrating the local APIC's timer is half of the boot: with the HPET's tick a call that waits has
 * some 2,800 instructions more, and they vary by 0.04 % where the local timer's vary by 0.01 %.
 */

static const char *const common[] = {
	QEMU_PROGRAM, "-nodefaults", "-no-user-config", "-no-reboot", "-nic", "none", "-display", "none",
	"-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
	"-machine", "pc", "-m", "2G", NODE_BACKENDS, "-kernel", "vmlinuz", "-initrd", "initrd", NULL,
};

static const char *const exact[] = {
	"-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-rtc", "base=2022-11-15,clock=vm",
	"-cpu", "max,-rdrand,-rdseed", "-smp", "1",
	"-numa", "node,nodeid=0,cpus=0,memdev=m0", "-numa", "node,nodeid=1,memdev=m1", NULL,
};

static const char *const tcg[] = {
	"-accel", "tcg,thread=single", "-cpu", "max", "-smp", "2,sockets=2,cores=1,threads=1",
	"-numa", "node,nodeid=0,cpus=0,memdev=m0", "-numa", "node,nodeid=1,cpus=1,memdev=m1", NULL,
};

static const char *const kvm[] = {
	"-accel", "kvm", "-cpu", "host", "-smp", "2,sockets=2,cores=1,threads=1",
	"-numa", "node,nodeid=0,cpus=0,memdev=m0", "-numa", "node,nodeid=1,cpus=1,memdev=m1", NULL,
};

/*
 * The clock of the exact mode, of several CPUs that take turns. A turn ends when the guest executes PAUSE or HLT, or at the next
 * timer, which may be a tick of 4 million instructions away: then a writer that sleeps on a migration entry would be woken that
 * much too late. The filter buffers the packets of a port that leads nowhere; what it is here for is its timer, every 2 microseconds.
 */
static const char *const smp[] = {
	"-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-rtc", "base=2022-11-15,clock=vm",
	"-cpu", "max,-rdrand,-rdseed", "-netdev", "hubport,id=turns,hubid=0",
	"-object", "filter-buffer,id=turn,netdev=turns,interval=2", NULL,
};

static const char *const *const by_mode[] = { [LAB_EXACT] = exact, [LAB_TCG] = tcg, [LAB_KVM] = kvm, [LAB_SMP] = smp };

/* ttyS0 is the console, ttyS1 carries the records. A file does not make the guest wait, as a pipe would. */
static const char *const serial_files[] = { "-serial", "file:" QEMU_LOG, "-serial", "file:" QEMU_RECORDS, NULL };

/* mux: Ctrl-A x ends QEMU, whatever the guest does; signal=off: Ctrl-C goes to the guest. */
static const char *const serial_terminal[] = {
	"-chardev", "stdio,id=terminal,mux=on,signal=off", "-serial", "chardev:terminal",
	"-serial", "file:" QEMU_RECORDS, NULL,
};

static void add(struct qemu_args *args, const char *const *list)
{
	while (*list)
		args->argv[args->n++] = *list++;
	args->argv[args->n] = NULL;
}

/*
 * The last CPU alone is on node 1, where pages come from (places.c): QEMU 7.2 begins each round of turns with the first CPU, and what it
 * leaves of the time until the next timer is the last one's. So the writers, which PAUSE after each write, come to one write
 * a turn, and the migrating CPU has the rest.
 */
static void add_cpus(struct qemu_args *args, unsigned cpus)
{
	const char *const list[] = { "-smp", args->smp, "-numa", args->nodes[0], "-numa", args->nodes[1], NULL };

	snprintf(args->smp, sizeof(args->smp), "%u,sockets=%u,cores=1,threads=1", cpus, cpus);
	snprintf(args->nodes[0], sizeof(args->nodes[0]), "node,nodeid=0,cpus=0-%u,memdev=m0", cpus - 2);
	snprintf(args->nodes[1], sizeof(args->nodes[1]), "node,nodeid=1,cpus=%u,memdev=m1", cpus - 1);
	add(args, list);
}

int qemu_args_build(struct qemu_args *args, enum lab_mode mode, unsigned cpus, bool shell, const char *append)
{
	const char *const kernel[] = { "-append", args->cmdline, NULL };
	int len;

	args->n = 0;
	len = snprintf(args->cmdline, sizeof(args->cmdline), "%s%s%s", cmdline, append ? " " : "", append ?: "");
	if (len >= (int)sizeof(args->cmdline))
		return -E2BIG;
	add(args, common);
	add(args, by_mode[mode]);
	if (mode == LAB_SMP)
		add_cpus(args, cpus < 2 ? 2 : cpus);
	add(args, shell ? serial_terminal : serial_files);
	add(args, kernel);
	return 0;
}

/* In the place of what stands there, so that the command line of a guest with the usual memory is what it always was. */
void qemu_args_give_memory(struct qemu_args *args, uint64_t bytes)
{
	unsigned i, node = 0;

	snprintf(args->memory, sizeof(args->memory), "%" PRIu64 "M", bytes >> 20);
	for (i = 1; i < args->n; i++) {
		if (!strcmp(args->argv[i - 1], "-m"))
			args->argv[i] = args->memory;
		if (strncmp(args->argv[i], "memory-backend-ram,", 19) || node == LAB_NODES)
			continue;
		snprintf(args->backends[node], sizeof(args->backends[node]), "memory-backend-ram,id=m%u,size=%" PRIu64 "M",
			 node, bytes / LAB_NODES >> 20);
		args->argv[i] = args->backends[node++];
	}
}

static void limit(int resource, rlim_t most)
{
	const struct rlimit r = { most, most };

	setrlimit(resource, &r);
}

static int redirect(const char *path, int flags, int to)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd >= 0 && dup2(fd, to) == to ? 0 : -errno;
}

/* Returns only when it could not become QEMU. */
static int become_qemu(const struct qemu_args *args, const char *folder, bool shell, pid_t parent)
{
	sigset_t none;
	int err;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return -ESRCH;
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, RECORDS_MAX + (1u << 20));
	if (chdir(folder))
		return -errno;
	err = redirect(QEMU_STDERR, O_WRONLY | O_CREAT | O_TRUNC, 2);
	if (!err && !shell) {
		setpgid(0, 0);		/* Ctrl-C is for wbit, which then ends QEMU */
		err = redirect("/dev/null", O_RDONLY, 0) ?: redirect("/dev/null", O_WRONLY, 1);
	}
	if (err)
		return err;
	execvp(QEMU_PROGRAM, (char *const *)args->argv);
	return -errno;
}

int qemu_start(const struct qemu_args *args, const char *folder, bool shell, pid_t *pid, char *error)
{
	pid_t parent = getpid(), child;
	int failure[2], err = 0;

	if (pipe2(failure, O_CLOEXEC))
		return lab_fail(error, -errno, "pipe: %s", strerror(errno));
	child = fork();
	if (!child) {
		err = become_qemu(args, folder, shell, parent);
		_exit(write_all(failure[1], &err, sizeof(err)) ? 126 : 127);
	}
	if (child < 0)
		err = -errno;
	close(failure[1]);
	/* the pipe closes without a word when exec succeeds */
	if (child > 0 && read(failure[0], &err, sizeof(err)) < 0)
		err = -errno;
	close(failure[0]);
	*pid = child > 0 ? child : 0;
	if (err == -ENOENT)
		return lab_fail(error, err, QEMU_PROGRAM " is not installed: the package is qemu-system-x86");
	return err ? lab_fail(error, err, "starting " QEMU_PROGRAM ": %s", strerror(-err)) : 0;
}

int lab_qemu_version(char *line, size_t size, char *error)
{
	char *argv[] = { QEMU_PROGRAM, "--version", NULL };
	struct child_output output;
	int err = child_run(argv, NULL, &output);

	if (err == -ENOENT)
		lab_fail(error, err, QEMU_PROGRAM " is not installed: the package is qemu-system-x86");
	else if (err)
		lab_fail(error, err, QEMU_PROGRAM ": %s", strerror(-err));
	else if (output.status)
		err = lab_fail(error, -EIO, QEMU_PROGRAM " --version: %s", output.complaint);
	else
		snprintf(line, size, "%.*s", (int)strcspn(output.text, "\n"), output.text);
	child_output_free(&output);
	return err;
}
