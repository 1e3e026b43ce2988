// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's PID 1: mounts what wbit reads, runs /wbit with the arguments of /args (NUL-separated), says on the console
 * how that ended, and powers the guest off. /args empty: a shell on the console, or, where there is a /script, a shell that runs
 * it, its stdout to /dev/ttyS1. No /args: it says that the guest is up.
 *
 * /disk is made an ext4 at /mnt, on a ramdisk. A kernel without one goes on without: wbit finds that out as well.
 *
 * Records do not pass through here: wbit writes them to /dev/ttyS1 itself, which is made to carry bytes as they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ARGS_MAX 65536
#define ARGC_MAX 256

static const struct {
	const char *type, *path;
} mounts[] = {
	{ "proc", "/proc" },
	{ "sysfs", "/sys" },
	{ "devtmpfs", "/dev" },
	{ "tracefs", "/sys/kernel/tracing" },
	{ "debugfs", "/sys/kernel/debug" },
	{ "cgroup2", "/sys/fs/cgroup" },
	{ "tmpfs", "/tmp" },
	{ "tmpfs", "/run" },
};

static void say(const char *what, const char *name)
{
	printf("wbit-init: %s %s: %s\n", what, name, strerror(errno));
	fflush(stdout);
}

/* A kernel may lack one of them: wbit finds that out and says what it means. */
static void mount_all(void)
{
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++)
		if (mount(mounts[i].type, mounts[i].path, mounts[i].type, MS_NOSUID, ""))
			say("cannot mount", mounts[i].path);
}

/* One line; "wbit-init: " would make it the reason of whatever goes wrong later. */
static void no_disk(const char *what)
{
	printf("wbit-guest: no filesystem at /mnt: %s: %s\n", what, strerror(errno));
	fflush(stdout);
}

/* Only where the module is there: brd may be built in. */
static void load_brd(uint64_t bytes)
{
	int fd = open("/brd.ko", O_RDONLY | O_CLOEXEC);
	char options[64];

	if (fd < 0)
		return;
	snprintf(options, sizeof(options), "rd_nr=1 rd_size=%llu", (unsigned long long)bytes / 1024);
	if (syscall(SYS_finit_module, fd, options, 0))
		no_disk("/brd.ko");
	close(fd);
}

/* Blocks of 4 KiB, each behind its offset, as src/lab/disk.c packs them; all others are zero, as a new ramdisk is. */
static bool copy_blocks(int from, int to)
{
	struct {
		uint64_t offset;
		char block[4096];
	} record;
	ssize_t n;

	while ((n = read(from, &record, sizeof(record))) == sizeof(record))
		if (pwrite(to, record.block, sizeof(record.block), record.offset) != sizeof(record.block))
			return false;
	return n == 0;
}

static void make_disk(void)
{
	int from = open("/disk", O_RDONLY | O_CLOEXEC), to;
	uint64_t bytes, room = 0;
	bool written = false;

	if (from < 0)
		return;
	if (read(from, &bytes, sizeof(bytes)) != sizeof(bytes)) {
		no_disk("/disk");
		return;
	}
	load_brd(bytes);
	to = open("/dev/ram0", O_RDWR | O_CLOEXEC);
	if (to < 0 || ioctl(to, BLKGETSIZE64, &room))
		no_disk("/dev/ram0");
	else if (room < bytes)
		printf("wbit-guest: no filesystem at /mnt: /dev/ram0 is too small\n");
	else if (!copy_blocks(from, to))
		no_disk("writing /dev/ram0");
	else
		written = true;
	close(from);
	/* Before the mount: without CONFIG_BLK_DEV_WRITE_MOUNTED a device that is open for writing cannot be mounted. */
	if (to >= 0)
		close(to);
	if (written && mount("/dev/ram0", "/mnt", "ext4", MS_NOSUID | MS_NOATIME, "noinit_itable"))
		no_disk("ext4");
}

/* Bytes as they are, and as fast as the port can. Kept open, so that its settings stay. */
static int open_records(void)
{
	int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios t;

	if (fd < 0 || tcgetattr(fd, &t)) {
		say("cannot use", "/dev/ttyS1");
		return fd;
	}
	cfmakeraw(&t);
	cfsetspeed(&t, B115200);
	t.c_cflag |= CLOCAL;
	if (tcsetattr(fd, TCSANOW, &t))
		say("cannot set up", "/dev/ttyS1");
	return fd;
}

/* Splits text at its NULs; argv[0] is there already. False when there is too much of it. */
static int split(char *text, ssize_t len, char **argv)
{
	int argc = 1;
	char *at;

	for (at = text; at < text + len && argc < ARGC_MAX - 1; at += strlen(at) + 1)
		argv[argc++] = at;
	argv[argc] = NULL;
	return at >= text + len;
}

__attribute__((noreturn)) static void exec_wbit(char *text, ssize_t len)
{
	char *argv[ARGC_MAX] = { "wbit" };
	int nothing = open("/dev/null", O_RDONLY);

	setenv("HOME", "/tmp", 1);
	if (nothing >= 0)
		dup2(nothing, 0);
	if (split(text, len, argv))
		execv("/wbit", argv);
	else
		errno = E2BIG;
	say("cannot run", "/wbit");
	_exit(127);
}

/* What it prints goes where records go; what it complains of, to the console. */
static void redirect_script(void)
{
	int nothing = open("/dev/null", O_RDONLY), out = open("/dev/ttyS1", O_WRONLY | O_NOCTTY);

	if (nothing >= 0)
		dup2(nothing, 0);
	if (out >= 0)
		dup2(out, 1);
}

/* A session of its own with the serial port as its terminal: Ctrl-C then reaches what runs in the shell. */
__attribute__((noreturn)) static void exec_shell(void)
{
	bool script = !access("/script", R_OK);
	int tty = -1;

	setsid();
	if (script)
		redirect_script();
	else
		tty = open("/dev/ttyS0", O_RDWR);
	if (tty >= 0 && !ioctl(tty, TIOCSCTTY, 0)) {
		dup2(tty, 0);
		dup2(tty, 1);
		dup2(tty, 2);
	}
	setenv("PATH", "/bin:/", 1);
	setenv("HOME", "/", 1);
	execl("/bin/busybox", "sh", "-c", script ? "/bin/busybox --install -s /bin; exec sh /script" :
	      "/bin/busybox --install -s /bin; exec sh", NULL);
	say("cannot run", "/bin/busybox");
	_exit(127);
}

/* Runs the child to its end; orphans of it are reaped on the way. */
static int run(char *text, ssize_t len)
{
	int status = 0;
	pid_t pid = fork(), ended;

	if (!pid && len > 0)
		exec_wbit(text, len);
	if (!pid)
		exec_shell();
	if (pid < 0) {
		say("cannot start", "a process");
		return -1;
	}
	do
		ended = wait(&status);
	while (ended != pid && (ended > 0 || errno == EINTR));
	return status;
}

static void report(int status)
{
	if (WIFSIGNALED(status))
		printf("\nwbit-guest: signal %d\n", WTERMSIG(status));
	else
		printf("\nwbit-guest: exit %d\n", WEXITSTATUS(status));
}

int main(void)
{
	static char text[ARGS_MAX];
	int args, records;
	ssize_t len = 0;

	mount_all();
	make_disk();
	records = open_records();
	args = open("/args", O_RDONLY | O_CLOEXEC);
	if (args >= 0)
		len = read(args, text, sizeof(text) - 1);
	if (args < 0)
		printf("\nwbit-guest: up\n");
	else if (len < 0)
		say("cannot read", "/args");
	else
		report(run(text, len));
	fflush(stdout);
	tcdrain(1);
	tcdrain(records);
	sync();
	reboot(LINUX_REBOOT_CMD_RESTART);	/* -no-reboot makes that the end of QEMU */
	say("cannot", "reboot");
	return 1;
}
