// SPDX-License-Identifier: GPL-2.0-only
#include "ledger.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static void grow(struct ledger *l, u64 words)
{
	if (words < 2 * l->words)
		words = 2 * l->words;
	l->bits = realloc(l->bits, words * sizeof(*l->bits));
	if (!l->bits)
		err(EXIT_RUN, "no memory to count messages");
	memset(l->bits + l->words, 0, (words - l->words) * sizeof(*l->bits));
	l->words = words;
}

bool ledger_add(struct ledger *l, u64 index)
{
	const u64 word = index / 64, bit = 1ULL << index % 64;

	if (word >= l->words)
		grow(l, word + 1);
	if (l->bits[word] & bit) {
		l->doubled++;
		return false;
	}
	l->bits[word] |= bit;
	l->distinct++;
	if (index < l->next)
		l->reordered++;
	else
		l->next = index + 1;
	return true;
}

void ledger_free(struct ledger *l)
{
	free(l->bits);
	memset(l, 0, sizeof(*l));
}
