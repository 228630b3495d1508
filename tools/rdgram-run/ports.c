// SPDX-License-Identifier: GPL-2.0-only
#include "ports.h"

#include <ctype.h>
#include <stdlib.h>

static bool number(const char **text, unsigned long *value)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	*value = strtoul(*text, &end, 10);
	*text = end;
	return *value >= 1 && *value <= UINT16_MAX;
}

static bool range(const char **text, unsigned long *first, unsigned long *last)
{
	if (!number(text, first))
		return false;
	*last = *first;
	if (**text != '-')
		return true;
	++*text;
	return number(text, last) && *last >= *first;
}

bool ports_parse(struct ports *p, const char *text)
{
	unsigned long first, last;

	do {
		if (!range(&text, &first, &last))
			return false;
		for (; first <= last; first++)
			p->bits[first / 8] |= 1 << first % 8;
	} while (*text++ == ',');
	return !text[-1];
}

bool ports_has(const struct ports *p, uint16_t port)
{
	return p->bits[port / 8] >> port % 8 & 1;
}
