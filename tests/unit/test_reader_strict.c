// SPDX-License-Identifier: GPL-2.0-or-later
/* The reading side of records: numbers that JSON does not have, where an error stands, and what is a cut and what is not. */
#include "lines.h"

/* Also where nothing looks: under a key that this version does not know, and within a list. */
static void numbers_that_json_does_not_have_are_refused_anywhere(void **state)
{
	static const char *const wrong[] = { "NaN", "nan", "Infinity", "-Infinity", "Inf", "1e999", "-1e999", "1e400",
		"9223372036854775808", "-9223372036854775809", "0x10", "01", "+1", ".5", "1.", "1e", "--1" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char other[80];

		snprintf(other, sizeof(other), "\"threads\":1,\"later\":%s", wrong[i]);
		refused(with("\"threads\":1", other), "no JSON");
		snprintf(other, sizeof(other), "\"threads\":1,\"later\":[{\"x\":%s}]", wrong[i]);
		refused(with("\"threads\":1", other), "no JSON");
	}
	assert_int_equal(parse(with("\"threads\":1", "\"threads\":1,\"later\":1e-999")), 0);
	assert_int_equal(parse(with("\"threads\":1", "\"threads\":1,\"later\":-9223372036854775808")), 0);
}

/* The column of the value, in characters: of a group's key, behind text that is not ASCII, behind quotes in a text. */
static void an_error_names_the_column(void **state)
{
	(void)state;
	refused("{\"type\":\"end\",\"run\":7}", "\"run\" is not a text (column 21)");
	refused("{ \"type\" : \"end\" , \"run\" : [\"r\"] }", "\"run\" is not a text (column 28)");
	refused("{\"x\":\"\xc3\xa4\xe2\x82\xac\",\"type\":\"end\",\"run\":7}", "\"run\" is not a text (column 30)");
	refused("{\"x\":\"\\\\\\\",\\\"run\\\":1\",\"y\":{\"run\":[1,\"}\"]},\"type\":\"end\",\"run\":7}", "(column 62)");
	refused("{\"type\":\"end\"}", "end record without \"run\" (column 1)");
	refused("{\"type\":\"novelty\"}", "unknown type \"novelty\" (column 9)");
	refused("{\"type\":\"env\",\"schema\":3}", "(column 24)");
	refused("{\"a\":[[[[[[[[0]]]]]]]]}", "nested too deeply: more than 8 levels (column 13)");
	refused("{\"a\":1,\"a\":2}", "no JSON: duplicate object key near '\"a\"' (column 10)");
	refused("{\"type\":\"end\",\"run\":1e999}", "real number overflow near '1e999' (column 25)");
	refused("{\"type\":NaN}", "invalid token near 'NaN' (column 11)");
	refused("{\"type\":\"trial\"", "(column 15)");
}

static void what_cannot_be_the_beginning_of_a_record_is_no_cut(void **state)
{
	static const char *const wrong[] = { "{\"type\":NaN,\"and so on\":1", "{\"a\":1e999", "{\"a\":1,\"a\":2",
		"{\"a\":1}}", "{\"a\":99999999999999999999", "{'a':1,\"and so on\":1" };
	bool truncated;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[512];
		int len = snprintf(text, sizeof(text), ENV "\n%s", wrong[i]);

		assert_int_equal(read_text(text, (size_t)len, &truncated), -EINVAL);
		assert_false(truncated);
		assert_non_null(strstr(error, ":2: no JSON: "));
	}
}

static void texts_cut_within_an_escape_are_cut_off(void **state)
{
	static const char text[] = ENV "\n" "{\"a\":\"x\\ud83d\\ude00\\n\\\"\xc3\xa4\xf0\x9f\x98\x80\",\"b\":-1.5e+3,\"c\":true}\n";
	bool truncated;

	(void)state;
	for (size_t len = strlen(ENV) + 2; len < sizeof(text) - 2; len++) {
		assert_int_equal(read_text(text, len, &truncated), 1);
		assert_true(truncated);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_that_json_does_not_have_are_refused_anywhere),
		cmocka_unit_test(an_error_names_the_column),
		cmocka_unit_test(what_cannot_be_the_beginning_of_a_record_is_no_cut),
		cmocka_unit_test(texts_cut_within_an_escape_are_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
