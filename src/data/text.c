// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures as short text: text.h says how each one looks. */
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FIGURE_MAX 40
#define ENDS_LAST 14		/* of a counter's name the last ones tell user from kernel */

char *text_count(uint64_t value, char *out, size_t size)
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, value);
	size_t at = 0;

	for (int i = 0; i < len && at + 2 < size; i++) {
		if (i && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

char *text_ends(const char *text, char *out, size_t size)
{
	size_t len = strlen(text);

	if (len < size)
		memcpy(out, text, len + 1);
	else
		snprintf(out, size, "%.*s..%s", (int)size - 3 - ENDS_LAST, text, text + len - ENDS_LAST);
	return out;
}

char *text_range(uint64_t min, uint64_t max, char *out, size_t size)
{
	char low[FIGURE_MAX], high[FIGURE_MAX];

	if (min == NOT_MEASURED || max == NOT_MEASURED)
		snprintf(out, size, "?");
	else if (min == max)
		text_count(min, out, size);
	else
		snprintf(out, size, "%s..%s", text_count(min, low, sizeof(low)), text_count(max, high, sizeof(high)));
	return out;
}

char *text_per_page(uint64_t min, uint64_t max, uint64_t pages, char *out, size_t size)
{
	char range[2 * FIGURE_MAX + 2], all[FIGURE_MAX];

	if (min == NOT_MEASURED || max == NOT_MEASURED)
		return text_range(min, max, out, size);
	if (min % pages == 0 && max % pages == 0)
		return text_range(min / pages, max / pages, out, size);
	snprintf(out, size, "%s in %s", text_range(min, max, range, sizeof(range)),
		 text_count(pages, all, sizeof(all)));
	return out;
}

static char *figure(double value, char *out, size_t size)
{
	if (value >= 100)
		return text_count((uint64_t)(value + 0.5), out, size);
	snprintf(out, size, "%.1f", value);
	return out;
}

char *text_spread(const struct spread *spread, char *out, size_t size)
{
	char low[FIGURE_MAX], middle[FIGURE_MAX], high[FIGURE_MAX];

	if (!spread->n)
		snprintf(out, size, "-");
	else if (spread->max - spread->min > 0.01 * spread->median)
		snprintf(out, size, "%s (%s..%s)", figure(spread->median, middle, sizeof(middle)),
			 figure(spread->min, low, sizeof(low)), figure(spread->max, high, sizeof(high)));
	else
		figure(spread->median, out, size);
	return out;
}

char *text_decimal(double value, bool sign, char *out, size_t size)
{
	double tenths = (value < 0 ? -value : value) * 10 + 0.5;
	const char *mark = value < 0 ? "-" : sign ? "+" : "";
	char whole[FIGURE_MAX];

	if (tenths >= 1e16)
		snprintf(out, size, sign ? "%+.3g" : "%.3g", value);
	else if (tenths < 1 && value != 0)
		snprintf(out, size, sign ? "%+.1g" : "%.1g", value);
	else
		snprintf(out, size, "%s%s.%u", mark, text_count((uint64_t)tenths / 10, whole, sizeof(whole)),
			 (unsigned)((uint64_t)tenths % 10));
	return out;
}

char *text_kernel(const char *release, char *out, size_t size)
{
	size_t len = strspn(release, "0123456789.-");

	while (len && (release[len - 1] == '-' || release[len - 1] == '.'))
		len--;
	if (!len || len > 16)
		len = strnlen(release, 16);
	snprintf(out, size, "%.*s", (int)len, release);
	return out;
}

char *text_bytes(uint64_t bytes, char *out, size_t size)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB" };
	char number[FIGURE_MAX];
	unsigned unit = 0;

	while (unit < 3 && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	snprintf(out, size, "%s %s", text_count(bytes, number, sizeof(number)), units[unit]);
	return out;
}
