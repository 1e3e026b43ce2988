// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest as far as it goes without QEMU: its image, QEMU's command line, its log, and why it ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "internal.h"

#define KILLED(signal) (signal)			/* wait status, as waitpid() gives it */
#define EXITED(status) ((status) << 8)

/* ---- the image ---- */

struct folder {
	char path[64], a[96], b[96];
	struct image_programs programs;
};

static int make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));
	FILE *file;

	strcpy(f->path, "/tmp/wbit-test-XXXXXX");
	if (!mkdtemp(f->path))
		return -1;
	snprintf(f->a, sizeof(f->a), "%s/a", f->path);
	snprintf(f->b, sizeof(f->b), "%s/b", f->path);
	snprintf(f->programs.init, sizeof(f->programs.init), "%s/init", f->path);
	snprintf(f->programs.guest, sizeof(f->programs.guest), "%s/guest", f->path);
	file = fopen(f->programs.init, "w");
	fputs("the init", file);
	fclose(file);
	file = fopen(f->programs.guest, "w");
	fputs("the guest's wbit", file);
	fclose(file);
	*state = f;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *f = *state;

	cache_discard(f->path);
	free(f);
	return 0;
}

static void equal_input_gives_equal_images(void **state)
{
	char *args[] = { "run", "--pages=1", NULL };
	char error[LAB_ERROR_MAX], a[HASH_TEXT], b[HASH_TEXT];
	struct folder *f = *state;

	assert_int_equal(image_write(f->a, &f->programs, IMAGE_RUN, args, error), 0);
	utimensat(AT_FDCWD, f->programs.init, (struct timespec[2]){ { 1, 0 }, { 1, 0 } }, 0);
	assert_int_equal(image_write(f->b, &f->programs, IMAGE_RUN, args, error), 0);
	assert_int_equal(hash_file(f->a, -1, a), 0);
	assert_int_equal(hash_file(f->b, -1, b), 0);
	assert_string_equal(a, b);
}

struct expected_entry {
	const char *name;
	mode_t mode;
	unsigned major, minor;
	const char *data;
	size_t size;
};

static void check_entry(struct archive *archive, struct archive_entry *entry, const struct expected_entry *expected)
{
	char data[64];

	assert_string_equal(archive_entry_pathname(entry), expected->name);
	assert_int_equal(archive_entry_mode(entry), expected->mode);
	assert_int_equal(archive_entry_uid(entry), 0);
	assert_int_equal(archive_entry_mtime(entry), 0);
	if (S_ISCHR(expected->mode)) {
		assert_int_equal(archive_entry_rdevmajor(entry), expected->major);
		assert_int_equal(archive_entry_rdevminor(entry), expected->minor);
	}
	if (expected->data) {
		assert_int_equal(archive_read_data(archive, data, sizeof(data)), expected->size);
		assert_memory_equal(data, expected->data, expected->size);
	}
}

static void an_image_has_programs_nodes_and_arguments(void **state)
{
	static const struct expected_entry expected[] = {
		{ "bin", S_IFDIR | 0755, 0, 0, NULL, 0 }, { "dev", S_IFDIR | 0755, 0, 0, NULL, 0 },
		{ "mnt", S_IFDIR | 0755, 0, 0, NULL, 0 },
		{ "proc", S_IFDIR | 0755, 0, 0, NULL, 0 }, { "run", S_IFDIR | 0755, 0, 0, NULL, 0 },
		{ "sys", S_IFDIR | 0755, 0, 0, NULL, 0 }, { "tmp", S_IFDIR | 0755, 0, 0, NULL, 0 },
		{ "dev/console", S_IFCHR | 0600, 5, 1, NULL, 0 }, { "dev/null", S_IFCHR | 0600, 1, 3, NULL, 0 },
		{ "dev/ttyS0", S_IFCHR | 0600, 4, 64, NULL, 0 }, { "dev/ttyS1", S_IFCHR | 0600, 4, 65, NULL, 0 },
		{ "init", S_IFREG | 0755, 0, 0, "the init", 8 },
		{ "wbit", S_IFREG | 0755, 0, 0, "the guest's wbit", 16 },
		{ "args", S_IFREG | 0644, 0, 0, "run\0a b\0", 8 },
	};
	char *args[] = { "run", "a b", NULL }, error[LAB_ERROR_MAX];
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	struct folder *f = *state;
	size_t i;

	assert_int_equal(image_write(f->a, &f->programs, IMAGE_RUN, args, error), 0);
	archive_read_support_format_cpio(archive);
	assert_int_equal(archive_read_open_filename(archive, f->a, 4096), ARCHIVE_OK);
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
		check_entry(archive, entry, &expected[i]);
	}
	assert_int_equal(archive_format(archive), ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
	assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_EOF);
	archive_read_free(archive);
}

static void an_image_that_cannot_be_written_is_an_error(void **state)
{
	char error[LAB_ERROR_MAX];
	struct folder *f = *state;

	assert_int_equal(image_write("/nonexistent/image", &f->programs, IMAGE_PROBE, NULL, error), -ENOENT);
	assert_non_null(strstr(error, "No such file"));
	f->programs.guest[0] = '\0';
	assert_true(image_write(f->a, &f->programs, IMAGE_RUN, NULL, error) < 0);
}

static void a_dynamic_program_is_told_from_a_static_one(void **state)
{
	(void)state;
	assert_false(elf_is_static("/proc/self/exe"));
	assert_false(elf_is_static("/nonexistent"));
	assert_false(elf_is_static("/proc/self/cmdline"));
}

/* ---- QEMU's command line ---- */

static bool has(const struct qemu_args *args, const char *option, const char *value)
{
	unsigned i;

	for (i = 0; i < args->n; i++)
		if (!strcmp(args->argv[i], option) &&
		    (!value || (args->argv[i + 1] && !strcmp(args->argv[i + 1], value))))
			return true;
	return false;
}

static void every_guest_is_confined(void **state)
{
	struct qemu_args args;
	enum lab_mode mode;

	(void)state;
	for (mode = LAB_EXACT; mode < NR_LAB_MODES; mode++) {
		assert_int_equal(qemu_args_build(&args, mode, 2, false, NULL), 0);
		assert_string_equal(args.argv[0], QEMU_PROGRAM);
		assert_null(args.argv[args.n]);
		assert_true(has(&args, "-nodefaults", NULL));
		assert_true(has(&args, "-no-user-config", NULL));
		assert_true(has(&args, "-nic", "none"));
		assert_true(has(&args, "-sandbox",
				"on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"));
		assert_false(has(&args, "-monitor", NULL));
		assert_true(!has(&args, "-netdev", NULL) || has(&args, "-netdev", "hubport,id=turns,hubid=0"));
		assert_true(has(&args, "-serial", "file:records"));
	}
}

static void the_exact_mode_has_all_that_exactness_takes(void **state)
{
	static const char *const words[] = { "nokaslr", "norandmaps", "randomize_kstack_offset=off", "cryptomgr.notests",
					     "init_on_alloc=0", "numa_balancing=disable", "panic=-1" };
	struct qemu_args args;
	size_t i;

	(void)state;
	assert_int_equal(qemu_args_build(&args, LAB_EXACT, 2, false, NULL), 0);
	assert_true(has(&args, "-accel", "tcg,thread=single"));
	assert_true(has(&args, "-icount", "shift=0,sleep=off"));
	assert_true(has(&args, "-rtc", "base=2022-11-15,clock=vm"));
	assert_true(has(&args, "-cpu", "max,-rdrand,-rdseed"));
	assert_true(has(&args, "-smp", "1"));
	assert_true(has(&args, "-numa", "node,nodeid=1,memdev=m1"));
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_non_null(strstr(args.cmdline, words[i]));
	assert_null(strstr(args.cmdline, "quiet"));
	assert_int_equal(qemu_args_build(&args, LAB_TCG, 2, false, NULL), 0);
	assert_false(has(&args, "-icount", NULL));
}

static void memory_is_split_evenly_and_unasked_for_nothing_changes(void **state)
{
	struct qemu_args usual, args;
	unsigned i, differ = 0;

	(void)state;
	assert_int_equal(qemu_args_build(&usual, LAB_EXACT, 2, false, NULL), 0);
	assert_true(has(&usual, "-m", "2G"));
	assert_true(has(&usual, "-object", "memory-backend-ram,id=m0,size=1G"));
	assert_int_equal(qemu_args_build(&args, LAB_EXACT, 2, false, NULL), 0);
	qemu_args_give_memory(&args, UINT64_C(20) << 30);
	assert_true(has(&args, "-m", "20480M"));
	assert_true(has(&args, "-object", "memory-backend-ram,id=m0,size=10240M"));
	assert_true(has(&args, "-object", "memory-backend-ram,id=m1,size=10240M"));
	assert_int_equal(args.n, usual.n);
	for (i = 0; i < args.n; i++)
		differ += !!strcmp(args.argv[i], usual.argv[i]);
	assert_int_equal(differ, 3);
}

static void what_is_appended_comes_last_and_fits(void **state)
{
	struct qemu_args args;
	char text[sizeof(args.cmdline)];

	(void)state;
	assert_int_equal(qemu_args_build(&args, LAB_EXACT, 2, false, "init=/x, y"), 0);
	assert_string_equal(args.cmdline + strlen(args.cmdline) - 11, " init=/x, y");
	assert_true(has(&args, "-append", args.cmdline));
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(qemu_args_build(&args, LAB_EXACT, 2, false, text), -E2BIG);
}

/* ---- the log ---- */

static void trouble_in_the_log_is_found(void **state)
{
	static const char *const lines[] = {
		"[    1.234567] WARNING: CPU: 0 PID: 1 at mm/migrate.c:1 remove_migration_pte+0x1/0x2",
		"[   12.234567] BUG: Bad page state in process wbit  pfn:12345",
		"[    1.234567][    T1] BUG: unable to handle page fault for address: ffff",
		"[    1.234567] kernel BUG at mm/memory.c:100!",
		"[    1.234567] Oops: 0000 [#1] PREEMPT SMP NOPTI",
		"[    1.234567] general protection fault, probably for non-canonical address",
		"[    1.234567] INFO: task wbit:12 blocked for more than 120 seconds.",
		"[    1.234567] rcu: INFO: rcu_preempt self-detected stall on CPU",
		"[    1.234567] watchdog: BUG: soft lockup - CPU#0 stuck for 22s!",
		"[    1.234567] Kernel panic - not syncing: Fatal exception",
		"wbit: a line of a program[    1.234567] WARNING: CPU: 0 PID: 1 at mm/migrate.c:1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_true(log_line_is_trouble(lines[i]));
}

static void innocent_lines_are_left_alone(void **state)
{
	static const char *const lines[] = {
		"", "[", "[]", "[ 1.1", "WARNING: not from the kernel", "wbit: warning: BUG: no",
		"[    0.547526] acpi PNP0A03:00: fail to add MMCONFIG information",
		"[    0.100000] [Firmware Bug]: TSC ADJUST differs",
		"[    0.100000] RETBleed: WARNING: Spectre v2 mitigation leaves CPU vulnerable",
		"[    0.100000] Spectre V2 : WARNING: Unprivileged eBPF is enabled",
		"[    0.100000] traps: wbit[77] general protection fault ip:401000",
		"[    0.100000] DEBUG: something", "[    0.100000] reboot: Restarting system",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_false(log_line_is_trouble(lines[i]));
}

static void add_text(struct guest_log *log, const char *text)
{
	for (; *text; text++)		/* byte by byte, as it may come */
		guest_log_add(log, text, 1);
}

static void the_log_is_taken_apart_as_it_comes(void **state)
{
	struct guest_log log = { 0 };

	(void)state;
	add_text(&log, "\033c\033[2J[    0.1] hello\r\n[    0.2] WARNING: one\r\n[    0.3] WARNING: two\r\n");
	add_text(&log, "[    0.4] Kernel panic - not syncing: so be it\r\n");
	add_text(&log, "wbit: too \033bad\n\nwbit-guest: signal 11\nrest");
	assert_true(log.kernel_spoke);
	assert_string_equal(log.trouble, "WARNING: one");
	assert_string_equal(log.panic, "so be it");
	assert_string_equal(log.complaint, "wbit: too bad");
	assert_int_equal(log.word, GUEST_SIGNALLED);
	assert_int_equal(log.code, 11);
	assert_int_equal(log.nr_lines, 6);
}

static void a_message_shows_the_last_lines_within_bounds(void **state)
{
	char error[LAB_ERROR_MAX] = "why", text[2000];
	struct guest_log log = { 0 };
	int i;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < 100; i++) {
		add_text(&log, text);
		add_text(&log, "\n");
	}
	add_text(&log, "the last\n");
	guest_log_append_tail(&log, error);
	assert_memory_equal(error, "why\n  | xxx", 10);
	assert_string_equal(error + strlen(error) - 13, "\n  | the last");
	assert_true(strlen(error) < LAB_ERROR_MAX);
}

/* ---- why it ended ---- */

static const struct guest_end good_end = { .name = "stock-6.12" };

static void expect(const struct guest_end *end, const struct guest_log *log, const char *message)
{
	char error[LAB_ERROR_MAX] = "";

	assert_int_equal(guest_verdict(end, log, error), message ? -EIO : 0);
	if (message)
		assert_memory_equal(error, message, strlen(message));
}

static void a_guest_that_measured_ended_well(void **state)
{
	struct guest_log log = { .kernel_spoke = true, .word = GUEST_EXITED };
	static const int codes[] = { 0, 1, 3, 77 };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		log.code = codes[i];
		expect(&good_end, &log, NULL);
	}
}

static void each_bad_end_has_its_own_line(void **state)
{
	struct guest_end killed = good_end, failed = good_end, cut = good_end;
	const struct guest_log exited = { .word = GUEST_EXITED }, crashed = { .word = GUEST_SIGNALLED, .code = SIGSEGV };
	const struct guest_log refused = { .word = GUEST_EXITED, .code = 2, .complaint = "wbit: no" };
	const struct guest_log silent = { 0 }, early = { .kernel_spoke = true };
	const struct guest_log panic = { .panic = "Fatal", .trouble = "BUG: x" }, warned = { .trouble = "WARNING: y" };

	(void)state;
	killed.wait_status = KILLED(SIGKILL);
	failed.wait_status = EXITED(1);
	strcpy(failed.qemu_complaint, "no memory");
	cut.cut_line = true;
	expect(&killed, &exited, "stock-6.12: QEMU was killed by signal 9 (Killed)");
	expect(&failed, &silent, "stock-6.12: QEMU failed: no memory");
	expect(&good_end, &panic, "stock-6.12: kernel panic: Fatal, after: BUG: x");
	expect(&good_end, &warned, "stock-6.12: the kernel complained: WARNING: y");
	expect(&good_end, &crashed, "stock-6.12: wbit was killed by signal 11");
	expect(&good_end, &refused, "stock-6.12: wbit ended with status 2 in the guest: wbit: no");
	expect(&good_end, &silent, "stock-6.12: the guest never booted");
	expect(&good_end, &early, "stock-6.12: the guest ended before wbit did");
	expect(&cut, &exited, "stock-6.12: the guest's last line was cut off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(equal_input_gives_equal_images, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(an_image_has_programs_nodes_and_arguments, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(an_image_that_cannot_be_written_is_an_error, make_folder, remove_folder),
		cmocka_unit_test(a_dynamic_program_is_told_from_a_static_one),
		cmocka_unit_test(every_guest_is_confined),
		cmocka_unit_test(the_exact_mode_has_all_that_exactness_takes),
		cmocka_unit_test(memory_is_split_evenly_and_unasked_for_nothing_changes),
		cmocka_unit_test(what_is_appended_comes_last_and_fits),
		cmocka_unit_test(trouble_in_the_log_is_found),
		cmocka_unit_test(innocent_lines_are_left_alone),
		cmocka_unit_test(the_log_is_taken_apart_as_it_comes),
		cmocka_unit_test(a_message_shows_the_last_lines_within_bounds),
		cmocka_unit_test(a_guest_that_measured_ended_well),
		cmocka_unit_test(each_bad_end_has_its_own_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
