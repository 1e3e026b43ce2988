// SPDX-License-Identifier: GPL-2.0-or-later
/* Package files as kernels, the guest's filesystem, and the folder that all of it is put into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "place.h"

/* ---- packages ---- */

static void add(struct archive *a, const char *name, mode_t type, const void *data, size_t size)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, type | 0644);
	archive_entry_set_size(entry, size);
	assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
	if (size)
		assert_int_equal(archive_write_data(a, data, size), size);
	archive_entry_free(entry);
}

struct tar {
	struct archive *archive;
	char data[65536];
	size_t size;
};

static void tar_begin(struct tar *tar, int (*compression)(struct archive *))
{
	tar->archive = archive_write_new();
	compression(tar->archive);
	archive_write_set_format_ustar(tar->archive);
	assert_int_equal(archive_write_open_memory(tar->archive, tar->data, sizeof(tar->data), &tar->size), ARCHIVE_OK);
}

static void tar_end(struct tar *tar)
{
	assert_int_equal(archive_write_close(tar->archive), ARCHIVE_OK);
	archive_write_free(tar->archive);
}

/* A module as packages have it: "the module", compressed by xz. */
static size_t pack_module(char *out, size_t size)
{
	struct archive *raw = archive_write_new();
	size_t used;

	archive_write_add_filter_xz(raw);
	archive_write_set_format_raw(raw);
	assert_int_equal(archive_write_open_memory(raw, out, size, &used), ARCHIVE_OK);
	add(raw, "x", S_IFREG, "the module", 10);
	assert_int_equal(archive_write_close(raw), ARCHIVE_OK);
	archive_write_free(raw);
	return used;
}

/* A .deb of the package whose data.tar, compressed in either way, holds a config, the named file and brd. */
static void write_deb(const char *path, const char *name, const char *control, bool zstd)
{
	int (*const compression)(struct archive *) = zstd ? archive_write_add_filter_zstd : archive_write_add_filter_xz;
	static struct tar data, about;
	struct archive *ar = archive_write_new();
	char module[4096];
	size_t size = pack_module(module, sizeof(module));

	tar_begin(&data, compression);
	add(data.archive, "./boot/", S_IFDIR, NULL, 0);
	add(data.archive, "./boot/config-6.12.9", S_IFREG, "CONFIG_NUMA=y\n", 14);
	add(data.archive, name, S_IFREG, "a kernel", 8);
	add(data.archive, "./usr/lib/modules/6.12.9/kernel/drivers/block/brd.ko.xz", S_IFREG, module, size);
	tar_end(&data);
	tar_begin(&about, compression);
	add(about.archive, "./control", S_IFREG, control, strlen(control));
	tar_end(&about);
	archive_write_set_format_ar_svr4(ar);
	assert_int_equal(archive_write_open_filename(ar, path), ARCHIVE_OK);
	add(ar, "debian-binary", S_IFREG, "2.0\n", 4);
	add(ar, zstd ? "control.tar.zst" : "control.tar.xz", S_IFREG, about.data, about.size);
	add(ar, zstd ? "data.tar.zst" : "data.tar.xz", S_IFREG, data.data, data.size);
	assert_int_equal(archive_write_close(ar), ARCHIVE_OK);
	archive_write_free(ar);
}

#define CONTROL "Package: linux-image-6.12.9-cloud-amd64\nVersion: 6.12.9-1~x\nDescription: y\n"

static void check_file(const char *path, const char *expected)
{
	char text[32] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, expected);
}

static void a_package_gives_its_kernel_config_and_module(void **state)
{
	char deb[128], path[128], error[LAB_ERROR_MAX];
	struct place *p = *state;
	unsigned have;
	int zstd;

	for (zstd = 0; zstd < 2; zstd++) {
		snprintf(deb, sizeof(deb), "%s/p.deb", p->root);
		write_deb(deb, "./boot/vmlinuz-6.12.9", CONTROL, zstd);
		have = 0;
		assert_int_equal(deb_unpack(deb, "p", p->root, &have, error), 0);
		assert_int_equal(have, DEB_ALL);
		snprintf(path, sizeof(path), "%s/vmlinuz", p->root);
		check_file(path, "a kernel");
		assert_int_equal(unlink(path), 0);
		snprintf(path, sizeof(path), "%s/brd.ko", p->root);
		check_file(path, "the module");
		assert_int_equal(unlink(path), 0);
		snprintf(path, sizeof(path), "%s/config", p->root);
		assert_int_equal(unlink(path), 0);
	}
}

static void a_package_file_is_a_kernel_under_its_own_name(void **state)
{
	char deb[128], error[LAB_ERROR_MAX], key[CACHE_KEY_MAX], folder[PATH_MAX];
	struct lab_kernel kernel;
	struct place *p = *state;

	snprintf(deb, sizeof(deb), "%s/p.deb", p->root);
	write_deb(deb, "./boot/vmlinuz-6.12.9", CONTROL, true);
	assert_int_equal(lab_kernel_from_deb(deb, &kernel, error), 0);
	assert_string_equal(kernel.name, "6.12.9-cloud-amd64");
	assert_string_equal(kernel.version, "6.12.9-1~x");
	assert_int_not_equal(kernel.brd[0], 0);
	cache_key_of_deb(kernel.deb_sha256, key);
	snprintf(folder, sizeof(folder), "%s/wbit/kernels/%s", p->root, key);
	put(folder, "vmlinuz", "b kernel");		/* what was tampered with is made anew: the package is at hand */
	assert_int_equal(lab_kernel_from_deb(deb, &kernel, error), 0);
	check_file(kernel.vmlinuz, "a kernel");
	cache_discard(folder);
}

static void a_package_file_that_is_none_is_refused(void **state)
{
	static const char *const controls[] = { "Package: a\n", "Version: 1\nPackage: ../a\n", "",
						"Package: a\x1b[31m\nVersion: 1\n" };
	char deb[128], error[LAB_ERROR_MAX];
	struct lab_kernel kernel;
	struct place *p = *state;
	struct stat st;
	size_t i;

	snprintf(deb, sizeof(deb), "%s/p.deb", p->root);
	assert_int_equal(lab_kernel_from_deb(deb, &kernel, error), -ENOENT);
	write_deb(deb, "./boot/../vmlinuz-6.12.9", CONTROL, false);
	assert_int_equal(lab_kernel_from_deb(deb, &kernel, error), -EBADMSG);
	assert_non_null(strstr(error, "no ./boot/vmlinuz-*"));
	for (i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
		write_deb(deb, "./boot/vmlinuz-6.12.9", controls[i], false);
		assert_int_equal(lab_kernel_from_deb(deb, &kernel, error), -EBADMSG);
	}
	write_deb(deb, "./boot/vmlinuz-6.12.9", CONTROL, false);
	assert_int_equal(stat(deb, &st), 0);
	for (i = 0; i < (size_t)st.st_size; i += 7) {
		assert_int_equal(truncate(deb, st.st_size - 8 - i < 1 ? 0 : st.st_size - 8 - i), 0);
		assert_int_equal(lab_kernel_from_deb(deb, &kernel, error), -EBADMSG);
		if (st.st_size < 16 + (off_t)i)
			break;
	}
	put(p->root, "p.deb", "!<arch>\nnonsense");
	assert_int_equal(lab_kernel_from_deb(deb, &kernel, error), -EBADMSG);
	put(p->root, "p.deb", "");
	assert_int_equal(lab_kernel_from_deb(deb, &kernel, error), -EBADMSG);
}

/* ---- the guest's filesystem ---- */

static void equal_sizes_give_equal_filesystems(void **state)
{
	char path[128], error[LAB_ERROR_MAX], a[HASH_TEXT], b[HASH_TEXT];
	struct place *p = *state;
	struct stat st;

	snprintf(path, sizeof(path), "%s/disk", p->root);
	assert_int_equal(disk_write(p->root, 64 << 20, error), 0);
	assert_int_equal(hash_file(path, -1, a), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 256 << 10);		/* zeros are left out */
	assert_int_equal(unlink(path), 0);
	sleep(1);
	assert_int_equal(disk_write(p->root, 64 << 20, error), 0);
	assert_int_equal(hash_file(path, -1, b), 0);
	assert_string_equal(a, b);
	assert_int_equal(disk_write(p->root, 64 << 20, error), -EEXIST);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(disk_write("/nonexistent", 64 << 20, error), -ENOENT);
}

static void two_of_the_largest_region_fit_the_filesystem(void **state)
{
	(void)state;
	assert_int_equal(disk_size_for(0), 64 << 20);
	assert_int_equal(disk_size_for(16 << 20), 64 << 20);
	assert_true(disk_size_for(384ull << 20) > 768ull << 20);
}

/* ---- a guest's folder ---- */

static void only_a_folder_without_an_owner_is_cleared_away(void **state)
{
	char error[LAB_ERROR_MAX], path[PATH_MAX];
	struct guest_folder owned, left, kept, next;
	struct place *p = *state;

	setenv("TMPDIR", p->root, 1);
	assert_int_equal(folder_make(&owned, error), 0);
	assert_int_equal(folder_make(&left, error), 0);
	assert_int_equal(folder_make(&kept, error), 0);
	put(left.path, "records", "x");
	folder_keep(&kept);
	close(left.lock);				/* as the kernel does for a process that is killed */
	close(kept.lock);
	snprintf(path, sizeof(path), "%s/wbit-linked", p->root);
	assert_int_equal(symlink(owned.path, path), 0);
	assert_int_equal(folder_make(&next, error), 0);
	assert_int_equal(access(owned.path, F_OK), 0);
	assert_int_equal(access(kept.path, F_OK), 0);
	assert_int_equal(access(left.path, F_OK), -1);
	folder_remove(&owned);
	folder_remove(&next);
	cache_discard(kept.path);
	unsetenv("TMPDIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_package_gives_its_kernel_config_and_module, make_place, remove_place),
		cmocka_unit_test_setup_teardown(a_package_file_is_a_kernel_under_its_own_name, make_place, remove_place),
		cmocka_unit_test_setup_teardown(a_package_file_that_is_none_is_refused, make_place, remove_place),
		cmocka_unit_test_setup_teardown(equal_sizes_give_equal_filesystems, make_place, remove_place),
		cmocka_unit_test_setup_teardown(only_a_folder_without_an_owner_is_cleared_away, make_place, remove_place),
		cmocka_unit_test(two_of_the_largest_region_fit_the_filesystem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
