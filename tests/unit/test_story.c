// SPDX-License-Identifier: GPL-2.0-or-later
/* The oracle's reasoning: it fits its place, says what is predicted, and names what maps the page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "states.h"

enum { TEXT_MAX = 2048, GUARD = 0x5a, STRIDE = 7 };	/* texts of each seventh state: every wording is among them */

/* The story under a policy, or below 0 the one-line description. */
static int write_text(const struct page_state *state, int policy, char *text, size_t size)
{
	return policy < 0 ? model_describe(state, text, size) : model_story(state, policy, text, size);
}

static void assert_text_fits(const struct page_state *state, int policy, const char *full, size_t size)
{
	const size_t length = strlen(full), kept = size && size <= length ? size - 1 : length;
	char text[TEXT_MAX], guard[TEXT_MAX];

	memset(text, GUARD, sizeof(text));
	memset(guard, GUARD, sizeof(guard));
	assert_int_equal(write_text(state, policy, text, size), length);
	assert_memory_equal(text + size, guard, sizeof(text) - size);
	if (!size)
		return;
	assert_memory_equal(text, full, kept);
	assert_int_equal(text[kept], '\0');
}

static void text_never_overruns_its_buffer(void **state)
{
	char full[TEXT_MAX];
	unsigned n;
	int policy;

	(void)state;
	for (n = 0; n < NR_STATES; n += STRIDE) {
		const struct page_state s = nth_state(n);

		for (policy = -1; policy <= POLICY_UNKNOWN; policy++) {
			int length = write_text(&s, policy, full, sizeof(full));

			assert_in_range(length, 41, TEXT_MAX - 1);
			assert_int_equal(strlen(full), length);
			assert_int_equal(write_text(&s, policy, NULL, 0), length);
			assert_text_fits(&s, policy, full, 0);
			assert_text_fits(&s, policy, full, 1);
			assert_text_fits(&s, policy, full, 2);
			assert_text_fits(&s, policy, full, 40);
			assert_text_fits(&s, policy, full, length);
			assert_text_fits(&s, policy, full, length + 1);
		}
	}
}

static void text_keeps_to_its_columns(void **state)
{
	char text[TEXT_MAX], *line, *rest;
	unsigned n;
	int policy;

	(void)state;
	for (n = 0; n < NR_STATES; n += STRIDE) {
		const struct page_state s = nth_state(n);

		model_describe(&s, text, sizeof(text));
		assert_null(strchr(text, '\n'));
		for (policy = 0; policy <= POLICY_UNKNOWN; policy++) {
			model_story(&s, policy, text, sizeof(text));
			for (rest = text; (line = strsep(&rest, "\n"));)
				assert_in_range(strlen(line), 0, 100);
		}
	}
}

static void story_ends_with_the_faults_predicted(void **state)
{
	enum policy policy;
	char text[TEXT_MAX];
	unsigned n;

	(void)state;
	for (n = 0; n < NR_STATES; n += STRIDE) {
		const struct outcome o = nth_outcome(n);

		for (policy = 0; policy < NR_POLICIES; policy++) {
			model_story(&o.state, policy, text, sizeof(text));
			assert_int_equal(strstr(text, "1 fault a ") || strstr(text, "1 fault for each that lost W"),
					 o.by[policy].faults);
			assert_int_equal(!!strstr(text, "1 fault for each that lost W"), o.by[policy].some);
			assert_int_equal(!!strstr(text, "no fault\n"), !o.by[policy].faults);
		}
	}
}

static void story_of_the_threads_case_names_what_happens(void **state)
{
	const struct page_state merged = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true };
	char text[TEXT_MAX];

	(void)state;
	model_describe(&merged, text, sizeof(text));
	assert_string_equal(text, "shared VMA whose default is W; shmem page; PTE without W");
	model_story(&merged, POLICY_ENTRY, text, sizeof(text));
	assert_non_null(strstr(text, "the W of vm_page_prot is taken away"));
	assert_non_null(strstr(text, "wp_page_shared()"));
	model_story(&merged, POLICY_VMA, text, sizeof(text));
	assert_non_null(strstr(text, "a fault that was pending is spared"));
	assert_null(strstr(text, "wp_page_shared()"));
}

static const char *story_of(const struct page_state *state, enum policy policy)
{
	static char text[TEXT_MAX];

	model_story(state, policy, text, sizeof(text));
	return text;
}

static void story_of_upgrade_says_why_w_is_granted_and_why_not(void **state)
{
	const struct page_state merged = { .page = PAGE_ANON, .exclusive = true };
	const struct page_state tracked = { .page = PAGE_ANON, .exclusive = true, .tracked = true };
	const struct page_state forked = { .page = PAGE_ANON };
	const struct page_state clean = { .page = PAGE_FILE, .vma_shared = true };
	const struct page_state dirty = { .page = PAGE_SHMEM, .vma_shared = true, .dirty = true };

	(void)state;
	assert_non_null(strstr(story_of(&merged, POLICY_UPGRADE), "an exclusive anonymous page: W is added"));
	assert_non_null(strstr(story_of(&tracked, POLICY_UPGRADE), "soft-dirty tracking wants the fault"));
	assert_non_null(strstr(story_of(&forked, POLICY_UPGRADE), "not exclusive: none is added"));
	assert_non_null(strstr(story_of(&clean, POLICY_UPGRADE), "clean, so a filesystem may have to be asked"));
	assert_non_null(strstr(story_of(&dirty, POLICY_UPGRADE), "dirty, so nobody is to be asked any more: W is added"));
	assert_null(strstr(story_of(&dirty, POLICY_VMA), "can_change"));
}

static void story_of_vma_unsafe_says_that_it_is_a_bug(void **state)
{
	const struct page_state armed = { .page = PAGE_SHMEM, .vma_shared = true, .uffd_wp = true };
	const struct page_state private = { .page = PAGE_ANON, .exclusive = true, .uffd_wp = true };

	(void)state;
	assert_non_null(strstr(story_of(&armed, POLICY_VMA_UNSAFE), "the bug gives W and loses the event"));
	assert_null(strstr(story_of(&armed, POLICY_VMA), "bug"));
	assert_null(strstr(story_of(&private, POLICY_VMA_UNSAFE), "bug"));
}

static void texts_name_what_maps_the_page(void **state)
{
	const struct page_state thp = { .page = PAGE_ANON, .mapped_by = MAPPED_BY_PMD, .pte_write = true, .exclusive = true };
	const struct page_state hugetlb = { .page = PAGE_SHMEM, .vma_shared = true, .mapped_by = MAPPED_BY_HUGETLB, .vma_write = true };
	const struct page_state async = { .page = PAGE_SHMEM, .vma_shared = true, .uffd_wp = true, .uffd_async = true, .dirty = true };
	const struct page_state race = { .page = PAGE_SHMEM, .vma_shared = true, .pte_write = true, .racing = true };
	char text[TEXT_MAX];

	(void)state;
	model_describe(&thp, text, sizeof(text));
	assert_string_equal(text, "private VMA whose default is !W; anonymous page of 2 MiB, exclusive; PMD with W");
	assert_non_null(strstr(story_of(&thp, POLICY_VMA_ONLY), "1 fault a PMD of 2 MiB\n"));
	assert_null(strstr(story_of(&thp, POLICY_VMA_ONLY), "PTE"));
	model_describe(&hugetlb, text, sizeof(text));
	assert_string_equal(text, "shared VMA whose default is W; hugetlb page of 2 MiB; PTE without W");
	assert_non_null(strstr(story_of(&hugetlb, POLICY_ENTRY), "1 fault a huge page of 2 MiB\n"));
	model_describe(&async, text, sizeof(text));
	assert_string_equal(text, "shared VMA whose default is !W; shmem page; PTE without W, dirty, marked uffd-wp (asynchronous)");
	assert_non_null(strstr(story_of(&async, POLICY_VMA), "takes the mark away, sends nothing"));
	model_describe(&race, text, sizeof(text));
	assert_string_equal(text, "shared VMA whose default is !W; shmem page; PTE with W; mprotect() races with the migration");
	assert_non_null(strstr(story_of(&race, POLICY_VMA), "without W where mprotect() met the entry in flight"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_never_overruns_its_buffer),
		cmocka_unit_test(text_keeps_to_its_columns),
		cmocka_unit_test(story_ends_with_the_faults_predicted),
		cmocka_unit_test(story_of_the_threads_case_names_what_happens),
		cmocka_unit_test(story_of_upgrade_says_why_w_is_granted_and_why_not),
		cmocka_unit_test(story_of_vma_unsafe_says_that_it_is_a_bug),
		cmocka_unit_test(texts_name_what_maps_the_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
