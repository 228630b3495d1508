// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cookies, see cookie.h.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "cookie.h"
#include "internal.h"

/* What the two uses of the keyed hash start with, to keep them apart. */
enum cookie_use {
	USE_COOKIE	= 1,
	USE_ID		= 2,
};

/* All that a cookie vouches for; without holes, since it is hashed as bytes. */
struct cookie_text {
	struct in6_addr local;
	struct in6_addr remote;
	__be16 lport;
	__be16 rport;
	u32 use;
	u64 own_id;
	u64 remote_id;
	u64 own_inc;
	u64 remote_inc;
	u64 time;
};

static u64 keyed_hash(const struct rdg_self *self, const struct rdg_flow *flow,
		      struct cookie_text *text)
{
	text->local = flow->local;
	text->remote = flow->remote;
	text->lport = flow->lport;
	text->rport = flow->rport;
	text->own_inc = self->incarnation;
	return siphash(text, sizeof(*text), &self->secret);
}

static u64 make_cookie(const struct rdg_self *self, const struct rdg_flow *flow, u64 own_id,
		       u64 remote_id, u64 remote_inc, u64 time)
{
	struct cookie_text text = {
		.use = USE_COOKIE,
		.own_id = own_id,
		.remote_id = remote_id,
		.remote_inc = remote_inc,
		.time = time,
	};

	return keyed_hash(self, flow, &text);
}

/* The id of a link that does not exist yet, the same within a second. */
static u64 make_id(const struct rdg_self *self, const struct rdg_flow *flow, u64 remote_id,
		   u64 remote_inc, u64 now)
{
	struct cookie_text text = {
		.use = USE_ID,
		.remote_id = remote_id,
		.remote_inc = remote_inc,
		.time = div_u64(now, NSEC_PER_SEC),
	};

	return keyed_hash(self, flow, &text) ?: 1;
}

/**
 * rdg_cookie_time - the time as cookies have it
 * @now: ns
 *
 * Return: units of 2^16 ns, modulo 2^32.
 */
u32 rdg_cookie_time(u64 now)
{
	return now >> RDG_COOKIE_TIME_SHIFT;
}

/**
 * rdg_cookie_issued - when a cookie was issued, if it still is any good
 * @time: its time
 * @now: ns
 *
 * Return: units of 2^16 ns; not modulo 2^32.
 */
u64 rdg_cookie_issued(u32 time, u64 now)
{
	u32 age = rdg_cookie_time(now) - time;

	return (now >> RDG_COOKIE_TIME_SHIFT) - age;
}

/* Handshakes that cross must agree on one pair of ids. */
static bool crosses(const struct rdg_link *l, const struct rdg_header *init)
{
	if (!l)
		return false;
	if (l->state == RDG_OPENING)
		return true;
	return l->state == RDG_CONFIRMING && l->remote_inc == init->src_inc;
}

/* To let the other wait here, where it has sent nothing, leaves nothing of it in doubt.
 *
 * The predecessor of the one that asks is closed, and still delivers: the order is its data
 * first. Or it asks by another id than the one that it gave us: it does not know of the link
 * that we ask for, or it has had that one, and lost it. Our CONFIRM finds out. Were there a
 * second link by the id of ours, late packets of the first would be taken for its own.
 */
static bool must_wait(const struct rdg_link *l, const struct rdg_header *init)
{
	if (!l)
		return false;
	if (l->state >= RDG_UP)
		return l->tx.refused && l->remote_inc != init->src_inc;
	return rdg_link_asks_anew(l, init);
}

/**
 * rdg_cookie_answer - answer an INIT
 * @self: the endpoint that is asked
 * @flow: the addresses of the INIT
 * @init: the INIT
 * @l: the link to that address, locked; NULL: there is none
 * @credit: credit to begin with, in units of cost; RDG_CREDIT_INITIAL at the
 *	most is given
 * @full: there may be no room for another id when it is needed
 * @now: ns
 * @to: the CHALLENGE is written here; RDG_INIT_MIN bytes
 *
 * Context: any. Keeps nothing.
 * Return: length of the CHALLENGE in bytes; 0: no answer yet.
 */
u32 rdg_cookie_answer(const struct rdg_self *self, const struct rdg_flow *flow,
		      const struct rdg_header *init, const struct rdg_link *l, u32 credit,
		      bool full, u64 now, u8 *to)
{
	bool crossing = crosses(l, init);
	struct rdg_header h = {
		.dst_id = init->src_id,
		.src_inc = self->incarnation,
		.dst_inc = init->src_inc,
		.credit = min_t(u32, credit, RDG_CREDIT_INITIAL),
		.cookie_time = rdg_cookie_time(now),
	};

	/* What a CONFIRM carries that opens nothing is in doubt once the cookie is too old. */
	if (must_wait(l, init) || (full && !crossing))
		return 0;
	h.src_id = crossing ? l->own_id :
		   make_id(self, flow, init->src_id, init->src_inc, now);
	h.cookie = make_cookie(self, flow, h.src_id, init->src_id, init->src_inc,
			       now >> RDG_COOKIE_TIME_SHIFT);
	return rdg_wire_challenge(to, &h);
}

/**
 * rdg_cookie_good - can this cookie open a link?
 * @self: the endpoint it names
 * @flow: the addresses of the CONFIRM
 * @own_id: its destination id
 * @c: its COOKIE
 * @now: ns
 *
 * Context: any.
 * Return: true if this endpoint made it, for this address, not too long ago.
 */
bool rdg_cookie_good(const struct rdg_self *self, const struct rdg_flow *flow, u64 own_id,
		     const struct rdg_cookie_frame *c, u64 now)
{
	u32 age = rdg_cookie_time(now) - c->time;

	if (c->dst_inc != self->incarnation)
		return false;
	if (age > RDG_COOKIE_LIFE >> RDG_COOKIE_TIME_SHIFT)
		return false;
	/* All of the time, and not what stands in the packet: that comes again after
	 * three days, and with it a cookie that somebody has kept.
	 */
	return c->cookie == make_cookie(self, flow, own_id, c->src_id, c->src_inc,
					rdg_cookie_issued(c->time, now));
}
