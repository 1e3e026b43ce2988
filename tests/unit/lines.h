/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the reader share: lines of records, and how they are read. */
#ifndef WBIT_TEST_LINES_H
#define WBIT_TEST_LINES_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "reader.h"
#include "record.h"

#define ENV "{\"type\":\"env\",\"schema\":0,\"run\":\"r\",\"kernel\":\"6.1\",\"platform\":\"lab-exact\",\"clock\":\"insn\"}"
#define END "{\"type\":\"end\",\"run\":\"r\",\"trials\":1,\"ok\":1,\"fail\":0,\"broken\":0,\"skip\":0}"
#define TRIAL_BUT_WHY "{\"type\":\"trial\",\"run\":\"r\",\"workload\":\"w\",\"policy\":\"vma\",\"source\":\"native\"," \
	"\"trigger\":\"move_pages\",\"pages\":8,\"page_bytes\":4096,\"from\":0,\"to\":1,\"threads\":1,\"clock\":\"insn\"," \
	"\"block\":0,\"order\":0,\"start_ns\":5,\"traced\":true,\"outcome\":\"ok\",\"reason\":null,\"migrated\":8," \
	"\"expected\":{\"faults\":0,\"kind\":\"none\"},\"faults\":{\"write_protect\":0},\"migrate\":{\"elapsed\":null}," \
	"\"write\":{\"hist\":[[0,8]]},"
#define TRIAL TRIAL_BUT_WHY "\"why\":{}}"

static char error[512];

static inline int parse(const char *line)
{
	json_t *object;
	int err = record_parse_line(line, strlen(line), &object, error, sizeof(error));

	assert_true(err ? !object : !!object);
	json_decref(object);
	return err;
}

static inline void refused(const char *line, const char *because)
{
	error[0] = '\0';
	assert_int_equal(parse(line), -EINVAL);
	if (!strstr(error, because))
		fail_msg("'%s' lacks '%s'", error, because);
}

/* The trial above with one piece of it replaced. */
static inline const char *with(const char *piece, const char *other)
{
	static char line[4096];
	const char *at = strstr(TRIAL, piece);

	assert_non_null(at);
	snprintf(line, sizeof(line), "%.*s%s%s", (int)(at - TRIAL), TRIAL, other, at + strlen(piece));
	return line;
}

/* A file with this content; its name is static. */
static inline const char *file_of(const char *content, size_t len)
{
	static char path[] = "/tmp/wbit-test-reader-XXXXXX";
	int fd;

	strcpy(path + sizeof(path) - 7, "XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, len), len);
	close(fd);
	return path;
}

/* Reads a file to its end or error. Returns the number of records, or the error. */
static inline int read_all(const char *path, bool *truncated)
{
	struct record_reader reader;
	json_t *object;
	int n = 0, err = record_reader_open(&reader, path);

	assert_int_equal(err, 0);
	while ((err = record_reader_next(&reader, &object, truncated)) > 0) {
		n++;
		json_decref(object);
	}
	assert_null(object);
	snprintf(error, sizeof(error), "%s", reader.error);
	record_reader_close(&reader);
	return err ? err : n;
}

static inline int read_text(const char *content, size_t len, bool *truncated)
{
	const char *path = file_of(content, len);
	int n = read_all(path, truncated);

	unlink(path);
	return n;
}

#endif
