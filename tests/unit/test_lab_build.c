// SPDX-License-Identifier: GPL-2.0-or-later
/* What building decides by itself: which files are needed, which options held, what make's words mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "building.h"

static void only_what_a_small_x86_kernel_needs_is_unpacked(void **state)
{
	static const char *const needed[] = {
		"Makefile", "mm/migrate.c", "arch/x86/mm/fault.c", "arch/Kconfig", "arch/arm64/Kconfig", "drivers/gpu/Kconfig",
		"drivers/gpu/drm/Makefile", "Documentation/Kconfig", "sound/Kbuild", "drivers/net/Kconfig.debug",
		"drivers/tty/serial/8250/8250_core.c", "tools/objtool/check.c", "scripts/Makefile.build",
	};
	static const char *const unneeded[] = {
		"drivers/gpu/drm/drm_drv.c", "Documentation/index.rst", "arch/arm64/mm/fault.c", "sound/core/pcm.c",
		"drivers/net/dummy.c", "tools/testing/selftests/mm/cow.c", "arch/xtensa/mm/fault.c",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!source_wanted(needed[i]))
			fail_msg("%s is left out", needed[i]);
	for (i = 0; i < sizeof(unneeded) / sizeof(unneeded[0]); i++)
		if (source_wanted(unneeded[i]))
			fail_msg("%s is unpacked", unneeded[i]);
}

static void options_that_did_not_hold_are_named(void **state)
{
	static const char config[] = "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=m\nCONFIG_HZ=250\nCONFIG_S=\"text\"\nCONFIG_AB=y\n";
	char names[100];

	(void)state;
	assert_int_equal(config_missing("CONFIG_A=y\n# a remark\n\nCONFIG_HZ=250\nCONFIG_S=\"text\"\n", config, true, names,
					sizeof(names)), 0);
	assert_string_equal(names, "");
	assert_int_equal(config_missing("# CONFIG_B is not set\n# CONFIG_NEVER is not set\nCONFIG_B=n\n", config, true, names,
					sizeof(names)), 0);
	assert_int_equal(config_missing("CONFIG_B=y\nCONFIG_C=y\nCONFIG_HZ=25\nCONFIG_NEVER=y\n# CONFIG_A is not set\n",
					config, true, names, sizeof(names)), 5);
	assert_string_equal(names, "CONFIG_B, CONFIG_C, CONFIG_HZ, CONFIG_NEVER, CONFIG_A");
	assert_int_equal(config_missing("CONFIG_B=y\nCONFIG_C=y\n", config, true, names, 10), 2);
	assert_string_equal(names, "CONFIG_B,");
	/* Full-sized structures have two names: 6.1's, and 6.10's for the opposite. */
	assert_int_equal(config_missing("CONFIG_BASE_FULL=y\n", config, true, names, sizeof(names)), 0);
	assert_int_equal(config_missing("CONFIG_BASE_FULL=y\n", "CONFIG_BASE_SMALL=0\n", true, names, sizeof(names)), 0);
	assert_int_equal(config_missing("CONFIG_BASE_FULL=y\n", "CONFIG_BASE_SMALL=1\n", true, names, sizeof(names)), 1);
	assert_int_equal(config_missing("CONFIG_BASE_FULL=y\n", "CONFIG_BASE_SMALL=y\n", true, names, sizeof(names)), 1);
	assert_int_equal(config_missing("CONFIG_B=y\nCONFIG_MIGRATE_RESTORE_POLICY=y\n", config, false, names,
					sizeof(names)), 1);
	assert_string_equal(names, "CONFIG_B");
}

static void write_part(const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/configs/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void the_word_of_a_later_part_of_the_configuration_counts(void **state)
{
	char folder[] = "/tmp/wbit-parts-XXXXXX", path[PATH_MAX], error[LAB_ERROR_MAX], *text;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/configs", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	write_part(folder, "lab.config", "# a remark\nCONFIG_KSM=y\nCONFIG_KSM_X=y\n# CONFIG_A is not set\nCONFIG_SWAP=y\n");
	write_part(folder, "switch.config", "CONFIG_A=y\n");
	write_part(folder, "lean.config", "# CONFIG_KSM is not set\nCONFIG_SWAP=n\n");
	text = lab_fragment(folder, true, true, error);
	assert_string_equal(text, "# a remark\nCONFIG_KSM_X=y\nCONFIG_A=y\n# CONFIG_KSM is not set\nCONFIG_SWAP=n\n");
	free(text);
	text = lab_fragment(folder, false, false, error);
	assert_non_null(strstr(text, "CONFIG_SWAP=y\n"));
	assert_null(strstr(text, "CONFIG_A=y"));
	free(text);
	assert_int_equal(tree_remove(folder), 0);
	assert_null(lab_fragment(folder, false, true, error));
}

static void report(struct make_report *r, const char *text)
{
	memset(r, 0, sizeof(*r));
	make_report_add(r, text, strlen(text));
	make_report_add(r, "\n", 1);
}

static void objects_are_counted_as_they_are_made_and_as_a_dry_run_lists_them(void **state)
{
	struct make_report r;

	(void)state;
	report(&r, "  UPD     include/x\n  CC      mm/a.o\n  AS      b.o\n  AR      built-in.a\n  CCX y\n  HOSTCC  z");
	assert_int_equal(r.steps, 2);
	report(&r, "set -e;  echo '  CC      mm/a.o'; gcc -c a.c\nset -e; echo '  LD      x'; ld\n"
	       "set -e; echo '  AS      b.o'; gcc");
	assert_int_equal(r.steps, 2);
}

static void the_compilers_first_errors_and_what_make_gave_up_are_kept(void **state)
{
	struct make_report r;
	char many[2000] = "";
	int i;

	(void)state;
	report(&r, "mm/migrate.c:7:1: error: expected ';'\nnoise\nmm/migrate.c:9:1: \033[31merror: more\n"
	       "make[3]: *** [scripts/Makefile.build:229: mm/migrate.o] Error 1\nmake[2]: *** [Makefile:478: mm] Error 2");
	assert_int_equal(r.nr_errors, 2);
	assert_string_equal(r.errors[0], "mm/migrate.c:7:1: error: expected ';'");
	assert_string_equal(r.errors[1], "mm/migrate.c:9:1: ?[31merror: more");
	assert_string_equal(r.target, "mm/migrate.o");
	assert_false(r.disk_full);
	for (i = 0; i < 40; i++)
		strcat(many, "x: error: the same again\n");
	report(&r, many);
	assert_int_equal(r.nr_errors, MAKE_TAIL);
	report(&r, "cc1: fatal error: writing to a.s: No space left on device");
	assert_true(r.disk_full);
	report(&r, "make: *** [");
	assert_string_equal(r.target, "");
	report(&r, "make: *** []");
	assert_string_equal(r.target, "");
}

static void a_line_without_end_is_bounded(void **state)
{
	struct make_report r = { 0 };
	char block[4096];
	int i;

	(void)state;
	memset(block, 'x', sizeof(block));
	for (i = 0; i < 100; i++)
		make_report_add(&r, block, sizeof(block));
	make_report_add(&r, "\n", 1);
	assert_int_equal(r.nr_tail, 1);
	assert_int_equal(strlen(r.tail[0]), MAKE_SHOWN - 1);
}

static void built_kernels_come_in_pairs(void **state)
{
	const struct lab_built *b;
	char twin[64];

	(void)state;
	for (b = lab_builts; b->name; b++) {
		snprintf(twin, sizeof(twin), "%s-%s", b->patched ? "plain" : "switch", b->series);
		assert_non_null(lab_built_find(twin));
		assert_true(lab_built_find(twin)->patched != b->patched);
	}
	assert_true(lab_built_find("lean-6.12")->lean);
	assert_false(lab_built_find("switch-6.12")->lean);
	assert_null(lab_built_find("6.12"));
	assert_null(lab_built_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_a_small_x86_kernel_needs_is_unpacked),
		cmocka_unit_test(options_that_did_not_hold_are_named),
		cmocka_unit_test(the_word_of_a_later_part_of_the_configuration_counts),
		cmocka_unit_test(objects_are_counted_as_they_are_made_and_as_a_dry_run_lists_them),
		cmocka_unit_test(the_compilers_first_errors_and_what_make_gave_up_are_kept),
		cmocka_unit_test(a_line_without_end_is_bounded),
		cmocka_unit_test(built_kernels_come_in_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
