/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder that stands for a machine with a policy switch, for each test. To be included once, by a test program. */
#ifndef WBIT_TEST_MACHINE_H
#define WBIT_TEST_MACHINE_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy_switch.h"

#define POLICY "/sys/kernel/debug/migrate_restore_policy"
#define IN_MACHINE(test) cmocka_unit_test_setup_teardown(test, make_machine, remove_machine)

static char root[64];
static char error[300];

static const char *at(const char *path)
{
	static char full[2][PATH_MAX];
	static unsigned turn;

	turn = !turn;
	snprintf(full[turn], PATH_MAX, "%s%s", root, path);
	return full[turn];
}

static void put(const char *path, const char *text, size_t len)
{
	int fd = open(at(path), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

static void put_text(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

/* With the folders that lead to it. */
__attribute__((unused)) static void put_deep(const char *path, const char *text)
{
	char folder[200], *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	for (slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(at(folder), 0700);
		*slash = '/';
	}
	put_text(path, text);
}

static const char *get(const char *path)
{
	static char value[KNOB_VALUE_MAX];

	return knob_read(at(path), value, sizeof(value)) ? "" : value;
}

static int make_machine(void **state)
{
	static const char *const folders[] = { "/run", "/sys", "/sys/kernel", "/sys/kernel/debug", "/proc", "/proc/sys",
					       "/proc/sys/vm" };
	size_t i;

	(void)state;
	strcpy(root, "/tmp/wbit-test-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		mkdir(at(folders[i]), 0700);
	put_text(POLICY, "vma\n");
	put_text("/proc/sys/vm/nr_overcommit_hugepages", "7\n");
	error[0] = '\0';
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int remove_machine(void **state)
{
	(void)state;
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
