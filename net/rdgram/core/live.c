// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a link that lives, see live.h.
 */
#include <linux/string.h>
#include "internal.h"

/**
 * rdg_live_begin - a link begins: nothing was sent, nothing received
 * @l: the link
 *
 * Return: false if there is no memory for it.
 */
bool rdg_live_begin(struct rdg_link *l)
{
	struct rdg_live *v = l->ops->alloc(l);

	if (!v)
		return false;
	memset(v, 0, sizeof(*v));
	l->live = v;
	v->loss_at = RDG_NEVER;
	v->ledger.next = l->self->first_pn;
	v->cc.ops = l->congestion;
	v->cc.rnd = &l->rnd;
	rdg_rack_init(&v->rack);
	rdg_rate_init(&v->rate);
	rdg_ecn_init(&v->ecn, l->self->first_marks);
	rdg_path_reset(l);
	rdg_rx_begin(l);
	return true;
}

/**
 * rdg_live_end - a link ended
 * @l: the link, live until now
 */
void rdg_live_end(struct rdg_link *l)
{
	struct rdg_live *v = l->live;

	rdg_ledger_free(&v->ledger);
	rdg_rx_end(l);
	l->live = NULL;
	l->ops->free(l, v);
}
