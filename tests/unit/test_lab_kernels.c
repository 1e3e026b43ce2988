// SPDX-License-Identifier: GPL-2.0-or-later
/* Where kernels come from, without a network: apt's words, the cache, and programs that are run for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "place.h"

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

static void commit(struct place *p, const char *vmlinuz)
{
	char folder[PATH_MAX], error[LAB_ERROR_MAX];

	assert_int_equal(cache_lock(&p->cache, error), 0);
	assert_int_equal(cache_prepare(&p->cache, "k", folder, error), 0);
	put(folder, "vmlinuz", vmlinuz);
	put(folder, "config", "CONFIG_NUMA=y\n");
	assert_int_equal(cache_commit(&p->cache, "k", "k", folder, &package, NULL, error), 0);
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

static void a_cache_from_before_modules_were_kept_is_not_fetched_yet(void **state)
{
	char error[LAB_ERROR_MAX], folder[PATH_MAX];
	struct lab_kernel kernel;
	struct place *p = *state;

	commit(p, "a kernel");
	snprintf(folder, sizeof(folder), "%s/wbit/kernels/k", p->root);
	put(folder, "manifest.json", "{\"name\":\"k\",\"package\":\"p\",\"version\":\"1\",\"deb_sha256\":\"a\","
	    "\"vmlinuz_sha256\":\"b\",\"config_sha256\":\"c\"}");
	assert_int_equal(lab_kernel_find("k", &kernel, error), -ENOENT);
	commit(p, "a kernel");
	assert_int_equal(lab_kernel_find("k", &kernel, error), 0);
}

static void no_home_is_said(void **state)
{
	char error[LAB_ERROR_MAX];
	struct cache cache;

	(void)state;
	setenv("XDG_CACHE_HOME", "relative", 1);
	unsetenv("HOME");
	assert_int_equal(cache_open(&cache, error), -ENOTDIR);	/* not "no such kernel" */
	assert_non_null(strstr(error, "HOME"));
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
		cmocka_unit_test_setup_teardown(a_cache_from_before_modules_were_kept_is_not_fetched_yet, make_place,
						remove_place),
		cmocka_unit_test(no_home_is_said),
		cmocka_unit_test(a_program_gives_its_text_its_complaint_and_its_status),
		cmocka_unit_test(a_program_that_never_stops_talking_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
