// SPDX-License-Identifier: GPL-2.0-or-later
/* Where kernels come from, without a network: apt's words, packages, the cache, and programs that are run for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "internal.h"

#define PATTERN "^linux-image-6\\.12\\.[0-9]+(\\+deb[0-9]+)?-cloud-amd64$"

static const struct apt_package package = {
	.name = "linux-image-6.12.9-cloud-amd64", .version = "6.12.9-1", .sha256 = "deb's hash",
};

/* ---- apt's words ---- */

static void the_newest_package_goes_by_version_and_not_by_letter(void **state)
{
	static const char listing[] =
		"linux-image-6.12.9-cloud-amd64 - Linux\n"
		"linux-image-6.12.117+deb12-cloud-amd64 - Linux 6.12.999-cloud-amd64\n"
		"linux-image-6.12.38+deb12-cloud-amd64 - Linux\n"
		"linux-image-6.12.200+deb12-cloud-amd64-unsigned - Linux\n"
		"linux-image-6.12.200+deb12-rt-amd64 - Linux\n"
		"linux-image-6.13.1-cloud-amd64";
	char name[128];

	(void)state;
	assert_true(apt_newest(listing, PATTERN, NULL, name, sizeof(name)));
	assert_string_equal(name, "linux-image-6.12.117+deb12-cloud-amd64");
	assert_true(apt_newest(listing, PATTERN, "linux-image-6.12.38+deb12-cloud-amd64", name, sizeof(name)));
	assert_string_equal(name, "linux-image-6.12.9-cloud-amd64");
	assert_false(apt_newest(listing, PATTERN, "linux-image-6.12.9-cloud-amd64", name, sizeof(name)));
	assert_false(apt_newest("", PATTERN, NULL, name, sizeof(name)));
}

#define HASH "5195b288dec79e2981d6b84457f38b7ce7310a2d702930ec7d07209c7f78ce37"

static void a_package_without_a_hash_cannot_be_downloaded(void **state)
{
	static const char installed[] = "Package: p\nStatus: install ok installed\nVersion: 2\n\n";
	struct apt_package p;
	char text[400];

	(void)state;
	assert_false(apt_paragraph(installed, &p));
	assert_false(apt_paragraph("Package: p\nVersion: 1\nSHA256: short\n", &p));
	assert_false(apt_paragraph("", &p));
	snprintf(text, sizeof(text), "%sPackage: p\nVersion: 1\nDescription: x\n SHA256: no\nSHA256: " HASH "\n",
		 installed);
	assert_true(apt_paragraph(text, &p));
	assert_string_equal(p.name, "p");
	assert_string_equal(p.version, "1");
	assert_string_equal(p.sha256, HASH);
}

/* ---- the cache ---- */

struct place {
	char root[64];
	struct cache cache;
};

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	char error[LAB_ERROR_MAX];

	strcpy(p->root, "/tmp/wbit-test-XXXXXX");
	if (!mkdtemp(p->root) || setenv("XDG_CACHE_HOME", p->root, 1) || cache_open(&p->cache, error))
		return -1;
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;
	char path[128];
	static const char *const below[] = { "wbit/kernels/k", "wbit/kernels", "wbit", "" };
	size_t i;

	cache_unlock(&p->cache);
	for (i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", p->root, below[i]);
		cache_discard(path);
	}
	free(p);
	return 0;
}

static void put(const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX + 32];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void commit(struct place *p, const char *vmlinuz)
{
	char folder[PATH_MAX], error[LAB_ERROR_MAX];

	assert_int_equal(cache_lock(&p->cache, error), 0);
	assert_int_equal(cache_prepare(&p->cache, "k", folder, error), 0);
	put(folder, "vmlinuz", vmlinuz);
	put(folder, "config", "CONFIG_NUMA=y\n");
	assert_int_equal(cache_commit(&p->cache, "k", folder, &package, error), 0);
	cache_discard(folder);
	cache_unlock(&p->cache);
}

static void a_kernel_is_found_as_it_was_put_there(void **state)
{
	char error[LAB_ERROR_MAX];
	struct lab_kernel kernel;
	struct place *p = *state;
	struct stat st;

	assert_int_equal(lab_kernel_find("k", &kernel, error), -ENOENT);
	commit(p, "a kernel");
	assert_int_equal(lab_kernel_find("k", &kernel, error), 0);
	assert_string_equal(kernel.package, package.name);
	assert_string_equal(kernel.version, package.version);
	assert_string_equal(kernel.deb_sha256, package.sha256);
	assert_int_equal(stat(p->cache.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	commit(p, "a newer kernel");
	assert_int_equal(lab_kernel_find("k", &kernel, error), 0);
	assert_int_equal(stat(kernel.vmlinuz, &st), 0);
	assert_int_equal(st.st_size, strlen("a newer kernel"));
}

static void a_kernel_that_was_changed_is_refused(void **state)
{
	char error[LAB_ERROR_MAX], folder[PATH_MAX];
	struct lab_kernel kernel;
	struct place *p = *state;

	snprintf(folder, sizeof(folder), "%s/wbit/kernels/k", p->root);
	commit(p, "a kernel");
	put(folder, "vmlinuz", "b kernel");
	assert_int_equal(lab_kernel_find("k", &kernel, error), -EBADMSG);
	assert_non_null(strstr(error, "--update"));
	put(folder, "vmlinuz", "a kernel");
	assert_int_equal(lab_kernel_find("k", &kernel, error), 0);
	put(folder, "config", "");
	assert_int_equal(lab_kernel_find("k", &kernel, error), -EBADMSG);
	commit(p, "a kernel");
	put(folder, "manifest.json", "{\"name\": \"another\"}");
	assert_int_equal(lab_kernel_find("k", &kernel, error), -EBADMSG);
	put(folder, "manifest.json", "");
	assert_int_equal(lab_kernel_find("k", &kernel, error), -EBADMSG);
}

static void what_a_killed_fetch_left_is_no_kernel_and_is_cleared(void **state)
{
	char error[LAB_ERROR_MAX], folder[PATH_MAX];
	struct lab_kernel kernel;
	struct place *p = *state;

	assert_int_equal(cache_prepare(&p->cache, "k", folder, error), 0);
	put(folder, "vmlinuz", "half a ker");
	assert_int_equal(lab_kernel_find("k", &kernel, error), -ENOENT);
	assert_int_equal(cache_lock(&p->cache, error), 0);
	assert_int_equal(access(folder, F_OK), -1);
}

static void no_home_is_said(void **state)
{
	char error[LAB_ERROR_MAX];
	struct cache cache;

	(void)state;
	setenv("XDG_CACHE_HOME", "relative", 1);
	unsetenv("HOME");
	assert_int_equal(cache_open(&cache, error), -ENOENT);
	assert_non_null(strstr(error, "HOME"));
}

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

/* A .deb whose data.tar.xz holds the named file and a config. */
static void write_deb(const char *path, const char *name)
{
	struct archive *tar = archive_write_new(), *ar = archive_write_new();
	static char data[65536];
	size_t size;

	archive_write_add_filter_xz(tar);
	archive_write_set_format_ustar(tar);
	assert_int_equal(archive_write_open_memory(tar, data, sizeof(data), &size), ARCHIVE_OK);
	add(tar, "./boot/", S_IFDIR, NULL, 0);
	add(tar, "./boot/config-6.12.9", S_IFREG, "CONFIG_NUMA=y\n", 14);
	add(tar, name, S_IFREG, "a kernel", 8);
	assert_int_equal(archive_write_close(tar), ARCHIVE_OK);
	archive_write_set_format_ar_svr4(ar);
	assert_int_equal(archive_write_open_filename(ar, path), ARCHIVE_OK);
	add(ar, "debian-binary", S_IFREG, "2.0\n", 4);
	add(ar, "data.tar.xz", S_IFREG, data, size);
	assert_int_equal(archive_write_close(ar), ARCHIVE_OK);
	archive_write_free(tar);
	archive_write_free(ar);
}

static void a_package_gives_its_kernel_and_config(void **state)
{
	char deb[128], path[128], error[LAB_ERROR_MAX], text[32] = "";
	struct place *p = *state;
	FILE *file;

	snprintf(deb, sizeof(deb), "%s/p.deb", p->root);
	write_deb(deb, "./boot/vmlinuz-6.12.9");
	assert_int_equal(deb_unpack(deb, p->root, error), 0);
	snprintf(path, sizeof(path), "%s/vmlinuz", p->root);
	file = fopen(path, "r");
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, "a kernel");
}

static void a_package_without_a_kernel_is_refused(void **state)
{
	char deb[128], error[LAB_ERROR_MAX];
	struct place *p = *state;

	snprintf(deb, sizeof(deb), "%s/p.deb", p->root);
	write_deb(deb, "./boot/../vmlinuz-6.12.9");
	assert_int_equal(deb_unpack(deb, p->root, error), -EBADMSG);
	put(p->root, "p.deb", "!<arch>\nnonsense");
	assert_int_equal(deb_unpack(deb, p->root, error), -EBADMSG);
	put(p->root, "p.deb", "");
	assert_int_equal(deb_unpack(deb, p->root, error), -EBADMSG);
}

/* ---- programs ---- */

static void a_program_gives_its_text_its_complaint_and_its_status(void **state)
{
	char *argv[] = { "sh", "-c", "pwd; echo one >&2; echo two >&2; echo >&2; exit 5", NULL };
	char *killed[] = { "sh", "-c", "kill -9 $$", NULL };
	char *missing[] = { "/nonexistent/program", NULL };
	struct child_output output;

	(void)state;
	assert_int_equal(child_run(argv, "/", &output), 0);
	assert_string_equal(output.text, "/\n");
	assert_string_equal(output.complaint, "two");
	assert_int_equal(output.status, 5);
	child_output_free(&output);
	assert_int_equal(child_run(killed, NULL, &output), 0);
	assert_int_equal(output.status, 128 + 9);
	child_output_free(&output);
	assert_int_equal(child_run(missing, NULL, &output), -ENOENT);
	child_output_free(&output);
}

static void a_program_that_never_stops_talking_is_stopped(void **state)
{
	char *argv[] = { "yes", NULL };
	struct child_output output;

	(void)state;
	assert_int_equal(child_run(argv, NULL, &output), -EOVERFLOW);
	child_output_free(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_package_goes_by_version_and_not_by_letter),
		cmocka_unit_test(a_package_without_a_hash_cannot_be_downloaded),
		cmocka_unit_test_setup_teardown(a_kernel_is_found_as_it_was_put_there, make_place, remove_place),
		cmocka_unit_test_setup_teardown(a_kernel_that_was_changed_is_refused, make_place, remove_place),
		cmocka_unit_test_setup_teardown(what_a_killed_fetch_left_is_no_kernel_and_is_cleared, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(a_package_gives_its_kernel_and_config, make_place, remove_place),
		cmocka_unit_test_setup_teardown(a_package_without_a_kernel_is_refused, make_place, remove_place),
		cmocka_unit_test(no_home_is_said),
		cmocka_unit_test(a_program_gives_its_text_its_complaint_and_its_status),
		cmocka_unit_test(a_program_that_never_stops_talking_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
