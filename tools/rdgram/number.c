// SPDX-License-Identifier: GPL-2.0-only
#include "number.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "command.h"

static bool unit_shift(const char *unit, int *shift)
{
	static const char units[] = "KMG";
	const char *found;

	*shift = 0;
	if (!*unit)
		return true;
	found = strchr(units, *unit);
	if (!found || unit[1])
		return false;
	*shift = 10 * (found - units + 1);
	return true;
}

bool number_parse(const char *text, u64 *value)
{
	unsigned long long n;
	char *end;
	int shift;

	/* strtoull() takes blanks, signs and (for -1) gives 2^64 - 1. */
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || !unit_shift(end, &shift) || n > UINT64_MAX >> shift)
		return false;
	*value = n << shift;
	return true;
}

bool number_parse_seconds(const char *text, u64 *ns)
{
	u64 whole = 0, fraction = 0, unit = NS_PER_S;

	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text); text++) {
		whole = whole * 10 + (*text - '0');
		if (whole > INT32_MAX)
			return false;
	}
	if (*text == '.')
		for (text++; isdigit((unsigned char)*text); text++) {
			unit /= 10;
			fraction += unit * (*text - '0');
		}
	*ns = whole * NS_PER_S + fraction;
	return !*text;
}

u64 number_option(const char *option, const char *text, u64 min, u64 max)
{
	u64 value;

	if (!number_parse(text, &value))
		errx(EXIT_USAGE, "%s: '%s' is not a number (such as 1200, 64K, 1M)", option, text);
	if (value < min || value > max)
		errx(EXIT_USAGE, "%s: %s is not between %llu and %llu",
		     option, text, min, max);
	return value;
}

u64 number_option_seconds(const char *option, const char *text)
{
	u64 ns;

	if (!number_parse_seconds(text, &ns))
		errx(EXIT_USAGE, "%s: '%s' is not a number of seconds (such as 5 or 0.25)",
		     option, text);
	return ns;
}

char *number_bytes(char to[NUMBER_TEXT], double bytes)
{
	static const char * const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t i = 0;

	while (bytes >= 1024 && i + 1 < ARRAY_SIZE(units)) {
		bytes /= 1024;
		i++;
	}
	snprintf(to, NUMBER_TEXT, i ? "%.2f %s" : "%.0f %s", bytes, units[i]);
	return to;
}

char *number_clock(char to[NUMBER_TEXT], double seconds)
{
	unsigned long s = seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 999999999;

	if (s < 3600)
		snprintf(to, NUMBER_TEXT, "%lu:%02lu", s / 60, s % 60);
	else
		snprintf(to, NUMBER_TEXT, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	return to;
}
