// SPDX-License-Identifier: GPL-2.0-only
/*
 * Congestion control: which algorithms there are, and changing from one to
 * another.
 */
#include <linux/string.h>
#include "cc.h"

/* The first is the default. */
static const struct rdg_cc_ops * const algorithms[] = {
	&rdg_cc_cubic,
	&rdg_cc_bbr,
	&rdg_cc_reno,
};

/**
 * rdg_cc_nth - the algorithms, one after the other
 * @n: which one; 0: the default
 *
 * Context: any.
 * Return: the algorithm; NULL: there are not so many.
 */
const struct rdg_cc_ops *rdg_cc_nth(unsigned int n)
{
	return n < sizeof(algorithms) / sizeof(*algorithms) ? algorithms[n] : NULL;
}

/**
 * rdg_cc_find - the algorithm of a name
 * @name: the name
 *
 * Context: any.
 * Return: the algorithm; NULL: there is none of that name.
 */
const struct rdg_cc_ops *rdg_cc_find(const char *name)
{
	const struct rdg_cc_ops *ops;
	unsigned int i;

	for (i = 0; (ops = rdg_cc_nth(i)); i++) {
		if (!strcmp(ops->name, name))
			break;
	}
	return ops;
}

/**
 * rdg_cc_change - go on with another algorithm
 * @cc: congestion control of a link that is in use
 * @ops: the algorithm
 * @now: ns
 *
 * What is known of the path is kept, as far as it is not the algorithm's own:
 * the window and the pace. So a link neither stops nor starts slowly again.
 */
void rdg_cc_change(struct rdg_cc *cc, const struct rdg_cc_ops *ops, u64 now)
{
	u32 ssthresh = cc->ssthresh;

	cc->ops = ops;
	memset(cc->priv, 0, sizeof(cc->priv));
	ops->init(cc, now);
	/* Beyond the initial window the path was measured, by whatever means:
	 * that is no time for slow start.
	 */
	cc->ssthresh = cc->cwnd > rdg_cwnd_initial(cc) ? min(ssthresh, cc->cwnd) : ssthresh;
}
