// SPDX-License-Identifier: GPL-2.0-or-later
/* The reading side of records: what is right comes through, and nothing hostile does. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include "lines.h"

static void good_records_come_through(void **state)
{
	bool truncated;

	(void)state;
	assert_int_equal(parse(ENV), 0);
	assert_int_equal(parse(TRIAL), 0);
	assert_int_equal(parse(END), 0);
	assert_int_equal(read_text(ENV "\n" TRIAL "\n" END "\n", strlen(ENV TRIAL END) + 3, &truncated), 3);
	assert_false(truncated);
	assert_int_equal(read_all(FIXTURES "/three.jsonl", &truncated), 22);
	assert_int_equal(read_text("", 0, &truncated), 0);
	assert_false(truncated);
}

static void unknown_keys_are_kept(void **state)
{
	const char *line = with("\"threads\":1", "\"threads\":1,\"later\":{\"x\":1.5}");
	json_t *object;

	(void)state;
	assert_int_equal(record_parse_line(line, strlen(line), &object, error, sizeof(error)), 0);
	assert_non_null(json_object_get(object, "later"));
	json_decref(object);
}

static void a_crosscheck_is_checked_where_it_is(void **state)
{
	(void)state;
	assert_int_equal(parse(with("\"threads\":1", "\"threads\":1,\"crosscheck\":{\"tool\":\"perf stat\",\"faults\":null}")), 0);
	refused(with("\"threads\":1", "\"threads\":1,\"crosscheck\":7"), "\"crosscheck\" is not an object");
	refused(with("\"threads\":1", "\"threads\":1,\"crosscheck\":{\"faults\":-1}"), "\"crosscheck.faults\" is not a count");
	refused(with("\"threads\":1", "\"threads\":1,\"crosscheck\":{\"tool\":[]}"), "\"crosscheck.tool\" is not a text");
}

static void a_newer_schema_is_refused_before_all_else(void **state)
{
	(void)state;
	refused("{\"type\":\"env\",\"schema\":3}", "made by a newer wbit (schema 3; this one reads up to 0)");
	refused("{\"type\":\"novelty\",\"schema\":1}", "made by a newer wbit");
	refused("{\"type\":\"env\",\"schema\":-1,\"run\":\"r\"}", "\"schema\" is not a count");
	refused("{\"type\":\"env\",\"schema\":0.5,\"run\":\"r\"}", "\"schema\" is not a count");
	refused("{\"type\":\"env\",\"run\":\"r\"}", "env record without \"schema\"");
}

static void what_is_no_record_is_refused(void **state)
{
	(void)state;
	refused("", "empty line");
	refused("hello", "no JSON");
	refused("[]", "not an object");
	refused("42", "no JSON");
	refused("null", "no JSON");
	refused("{}", "no \"type\"");
	refused("{\"type\":7}", "no \"type\"");
	refused("{\"type\":\"trail\"}", "unknown type \"trail\"");
	refused(TRIAL TRIAL, "no JSON");
	refused(TRIAL "x", "no JSON");
	refused("\xef\xbb\xbf" TRIAL, "no JSON");
	refused("{\"type\":\"end\",\"type\":\"end\"}", "duplicate");
}

static void required_keys_must_be_there(void **state)
{
	static const char *const gone[] = { "\"run\":\"r\",", "\"workload\":\"w\",", "\"policy\":\"vma\",",
		"\"source\":\"native\",", "\"trigger\":\"move_pages\",", "\"pages\":8,", "\"page_bytes\":4096,",
		"\"clock\":\"insn\",", "\"block\":0,", "\"order\":0,", "\"traced\":true,", "\"outcome\":\"ok\"," };

	(void)state;
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		refused(with(gone[i], ""), "trial record without \"");
	refused(with("\"faults\":{\"write_protect\":0},", ""), "without \"faults\"");
}

static void counts_must_be_counts(void **state)
{
	static const char *const wrong[] = { "-1", "8.0", "\"8\"", "true", "null", "[8]", "{}", "1e3" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char other[64];

		snprintf(other, sizeof(other), "\"pages\":%s", wrong[i]);
		refused(with("\"pages\":8", other), "\"pages\" is not a count");
		snprintf(other, sizeof(other), "\"write_protect\":%s", wrong[i]);
		if (strcmp(wrong[i], "null"))
			refused(with("\"write_protect\":0", other), "\"faults.write_protect\" is not a count");
		else
			assert_int_equal(parse(with("\"write_protect\":0", other)), 0);
	}
	refused(with("\"pages\":8", "\"pages\":0"), "no pages");
	refused(with("\"pages\":8", "\"pages\":99999999999999999999"), "no JSON");
	refused(with("\"pages\":8", "\"pages\":1e999"), "no JSON");
	refused(with("\"pages\":8", "\"pages\":NaN"), "no JSON");
	refused(with("\"pages\":8", "\"pages\":0x8"), "no JSON");
	refused(with("\"pages\":8", "\"pages\":9223372036854775808"), "no JSON: too big integer");
	refused(with("\"pages\":8", "\"pages\":1099511627777"), "\"pages\" is no size: more than 2^40");
	refused(with("\"page_bytes\":4096", "\"page_bytes\":9223372036854775807"), "\"page_bytes\" is no size");
	assert_int_equal(parse(with("\"pages\":8", "\"pages\":1099511627776")), 0);
	assert_int_equal(parse(with("\"start_ns\":5", "\"start_ns\":9223372036854775807")), 0);
}

static void other_shapes_are_checked_too(void **state)
{
	(void)state;
	refused(with("\"source\":\"native\"", "\"source\":\"magic\""), "\"source\" is not a known word");
	refused(with("\"source\":\"native\"", "\"source\":\"native|switch\""), "\"source\" is not a known word");
	refused(with("\"outcome\":\"ok\"", "\"outcome\":\"\""), "\"outcome\" is not a text");
	refused(with("\"clock\":\"insn\"", "\"clock\":\"s\""), "\"clock\" is not a known word");
	refused(with("\"traced\":true", "\"traced\":1"), "\"traced\" is not true or false");
	refused(with("\"from\":0", "\"from\":-2"), "\"from\" is not a node");
	assert_int_equal(parse(with("\"from\":0", "\"from\":-1")), 0);
	refused(with("{\"write_protect\":0}", "[0]"), "\"faults\" is not an object");
	refused(with("[[0,8]]", "[[0,8],[1]]"), "\"write.hist\" is not a list");
	refused(with("[[0,8]]", "[[0,-8]]"), "\"write.hist\" is not a list");
	refused(with("\"why\":{}", "\"why\":{\"w_after\":null}"), "\"why\" is not an object of texts");
	refused(with("\"workload\":\"w\"", "\"workload\":\"a\\u0000b\""), "no JSON");
}

static void deep_nesting_never_reaches_the_parser(void **state)
{
	static char line[READER_LINE_MAX];

	(void)state;
	memset(line, '[', sizeof(line) - 1);
	refused(line, "nested too deeply");
	refused("{\"a\":[[[[[[[[0]]]]]]]]}", "nested too deeply");
	refused(TRIAL_BUT_WHY "\"x\":[[[[[[[{\"a\":0}]]]]]]],\"why\":{}}", "nested too deeply");
	/* brackets within strings are no nesting */
	assert_int_equal(parse(with("\"workload\":\"w\"", "\"workload\":\"[[[[[[[[[[{{{{{{\\\"[[[[\"")), 0);
}

static void a_nul_byte_is_refused(void **state)
{
	static const char text[] = ENV "\n" "{\"type\":\0\"end\"}\n";
	bool truncated;

	(void)state;
	assert_int_equal(read_text(text, sizeof(text) - 1, &truncated), -EINVAL);
	assert_non_null(strstr(error, ":2: NUL byte"));
}

static void bytes_that_are_no_utf8_are_refused(void **state)
{
	(void)state;
	refused(with("\"workload\":\"w\"", "\"workload\":\"\xff\xfe\""), "no JSON");
	refused(with("\"workload\":\"w\"", "\"workload\":\"\xc0\xaf\""), "no JSON");
	refused(with("\"workload\":\"w\"", "\"workload\":\"a\x1b[2J\""), "no JSON");
	assert_int_equal(parse(with("\"workload\":\"w\"", "\"workload\":\"a\\u001b[2J\"")), 0);
}

static void a_long_line_is_refused_before_it_is_parsed(void **state)
{
	char *line = malloc(READER_LINE_MAX + 2);
	json_t *object;

	(void)state;
	assert_non_null(line);
	memset(line, ' ', READER_LINE_MAX + 1);
	memcpy(line, END, strlen(END));
	assert_int_equal(record_parse_line(line, READER_LINE_MAX, &object, error, sizeof(error)), 0);
	json_decref(object);
	assert_int_equal(record_parse_line(line, READER_LINE_MAX + 1, &object, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "line too long"));
	free(line);
}

/* Writes without end until nobody reads any more. */
static void *babble(void *arg)
{
	char text[4096];
	int fd = open(arg, O_WRONLY);

	memset(text, 'x', sizeof(text));
	while (fd >= 0 && write(fd, text, sizeof(text)) > 0)
		;
	close(fd);
	return NULL;
}

static void an_endless_line_ends_soon(void **state)
{
	char folder[] = "/tmp/wbit-test-reader-XXXXXX", path[64];
	bool truncated;
	pthread_t thread;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(pthread_create(&thread, NULL, babble, path), 0);
	assert_int_equal(read_all(path, &truncated), -EINVAL);
	assert_non_null(strstr(error, "/fifo:1: line too long"));
	pthread_join(thread, NULL);
	unlink(path);
	rmdir(folder);
}

static void an_error_names_file_and_line(void **state)
{
	static const char text[] = ENV "\n" TRIAL "\n" "{\"type\":\"trial\"}\n";
	const char *path = file_of(text, sizeof(text) - 1);
	char wanted[100];
	bool truncated;

	(void)state;
	snprintf(wanted, sizeof(wanted), "%s:3: trial record without \"run\" (column 1)", path);
	assert_int_equal(read_all(path, &truncated), -EINVAL);
	assert_string_equal(error, wanted);
	unlink(path);
}

/* Cut at any byte, a file reads as far as it goes; only in a line's middle is it cut off. */
static void a_file_cut_off_anywhere_is_told(void **state)
{
	static const char text[] = ENV "\n" TRIAL "\n";
	const size_t first = strlen(ENV), whole = sizeof(text) - 1;

	(void)state;
	for (size_t len = 0; len <= whole; len++) {
		bool truncated = false;
		int n = read_text(text, len, &truncated);
		/* an object without its newline is whole */
		int expected = len < first ? 0 : len < whole - 1 ? 1 : 2;
		bool between = len == 0 || len == first || len == first + 1 || len >= whole - 1;

		assert_int_equal(n, expected);
		assert_int_equal(truncated, !between);
	}
}

static void garbage_at_the_end_is_no_cut(void **state)
{
	static const char tail[] = ENV "\nrubbish", newer[] = ENV "\n{\"type\":\"end\",\"schema\":9}";
	bool truncated;

	(void)state;
	assert_int_equal(read_text(tail, sizeof(tail) - 1, &truncated), -EINVAL);
	assert_false(truncated);
	assert_int_equal(read_text(newer, sizeof(newer) - 1, &truncated), -EINVAL);
	assert_non_null(strstr(error, "newer wbit"));
}

static void files_that_cannot_be_read_say_why(void **state)
{
	struct record_reader reader;
	bool truncated;

	(void)state;
	assert_int_equal(record_reader_open(&reader, "/nonexistent/file"), -ENOENT);
	assert_string_equal(reader.error, "/nonexistent/file: No such file or directory");
	record_reader_close(&reader);
	assert_int_equal(read_all("/", &truncated), -EISDIR);
}

static void access_gives_the_default_for_what_is_not_there(void **state)
{
	json_t *object;

	(void)state;
	assert_int_equal(record_parse_line(TRIAL, strlen(TRIAL), &object, error, sizeof(error)), 0);
	assert_int_equal(record_count(object, "faults.write_protect"), 0);
	assert_true(record_count(object, "faults.nothing") == NOT_MEASURED);
	assert_true(record_count(object, "nothing.at.all") == NOT_MEASURED);
	assert_true(record_count(object, "migrate.elapsed") == NOT_MEASURED);
	assert_true(record_count(object, "workload") == NOT_MEASURED);
	assert_true(record_count(object, "workload.deeper") == NOT_MEASURED);
	assert_string_equal(record_string(object, "expected.kind", "?"), "none");
	assert_string_equal(record_string(object, "reason", "?"), "?");
	assert_string_equal(record_string(object, "pages", "?"), "?");
	assert_true(record_flag(object, "traced"));
	assert_false(record_flag(object, "emulation_idle"));
	json_decref(object);
}

/* Every prefix, and every byte replaced: never a crash, never an object together with an error. */
static void mangled_lines_do_no_harm(void **state)
{
	char line[sizeof(TRIAL)];

	(void)state;
	for (size_t i = 0; i < sizeof(TRIAL) - 1; i++) {
		strcpy(line, TRIAL);
		line[i] = '\0';
		assert_int_equal(parse(line), -EINVAL);
		for (const char *c = "\"{}[],:-0x\\\xff\x01"; *c; c++) {
			strcpy(line, TRIAL);
			line[i] = *c;
			parse(line);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_records_come_through),
		cmocka_unit_test(unknown_keys_are_kept),
		cmocka_unit_test(a_crosscheck_is_checked_where_it_is),
		cmocka_unit_test(a_newer_schema_is_refused_before_all_else),
		cmocka_unit_test(what_is_no_record_is_refused),
		cmocka_unit_test(required_keys_must_be_there),
		cmocka_unit_test(counts_must_be_counts),
		cmocka_unit_test(other_shapes_are_checked_too),
		cmocka_unit_test(deep_nesting_never_reaches_the_parser),
		cmocka_unit_test(a_nul_byte_is_refused),
		cmocka_unit_test(bytes_that_are_no_utf8_are_refused),
		cmocka_unit_test(a_long_line_is_refused_before_it_is_parsed),
		cmocka_unit_test(an_endless_line_ends_soon),
		cmocka_unit_test(an_error_names_file_and_line),
		cmocka_unit_test(a_file_cut_off_anywhere_is_told),
		cmocka_unit_test(garbage_at_the_end_is_no_cut),
		cmocka_unit_test(files_that_cannot_be_read_say_why),
		cmocka_unit_test(access_gives_the_default_for_what_is_not_there),
		cmocka_unit_test(mangled_lines_do_no_harm),
	};

	return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
