/* SPDX-License-Identifier: GPL-2.0-only */
/* Which messages of a numbered sequence have come, and how. */
#ifndef LEDGER_H
#define LEDGER_H

#include "types.h"

struct ledger {
	u64 *bits;		/* one for each index that was seen */
	u64 words;
	u64 next;		/* one more than the highest index seen */
	u64 distinct;	/* how many were seen at least once */
	u64 doubled;	/* how often one came that had come before */
	u64 reordered;	/* how many came after one with a higher index */
};

/* Far more than any transfer has: a hostile index must not take all memory. */
#define LEDGER_MAX 0x100000000ULL

/* True if @index, which is less than LEDGER_MAX, has not come before. */
bool ledger_add(struct ledger *l, u64 index);

/* How many of the first @total have not come. */
static inline u64 ledger_missing(const struct ledger *l, u64 total)
{
	return total > l->distinct ? total - l->distinct : 0;
}

void ledger_free(struct ledger *l);

#endif /* LEDGER_H */
