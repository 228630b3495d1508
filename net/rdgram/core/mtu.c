// SPDX-License-Identifier: GPL-2.0-only
/*
 * The size of packets, see mtu.h and Documentation/protocol.rst.
 *
 * A probe carries no payload and has no entry in the ledger: to the window, to
 * loss detection and to the probe timeout it does not exist. It needs no timer
 * either. What becomes of it is looked at when there is something else to look
 * at: a link without anything on its way neither probes nor waits.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include "internal.h"
#include "seq.h"

/* What common paths carry, from RFC 8899's point of view: IPv4's 576; the
 * base; IPv6's 1280; WireGuard over Ethernet; Ethernet and jumbo frames, each
 * over IPv6 and over IPv4.
 */
static const u16 common[] = { 548, RDG_PACKET_SIZE, 1232, 1392, 1452, 1472, 8952, 8972 };

/* A gain of less than 1 / this is not worth further probes. */
#define WORTH	32

/* RFC 8899's BASE_PLPMTU, or less where the local interface carries less. */
static u32 base(const struct rdg_link *l)
{
	return l->limit ? min_t(u32, l->limit, RDG_PACKET_SIZE) : RDG_PACKET_SIZE;
}

/**
 * rdg_link_set_mtu - packets have another size from now on
 * @l: the link, live
 * @size: bytes of UDP payload, RDG_MTU_MIN to RDG_MTU_MAX
 *
 * Payload that is on its way in larger packets is cut anew if it is lost.
 */
void rdg_link_set_mtu(struct rdg_link *l, u32 size)
{
	struct rdg_mtu *m = &l->live->search;

	/* If larger ones are lost that is no news any more. */
	if (size < l->mtu) {
		m->since = l->live->ledger.eliciting + 1;
		m->suspect = 0;
		m->holes = 0;
		m->again = false;
	}
	l->mtu = size;
}

/* The next size to be tried; 0: the search is over. */
static u32 next_size(const struct rdg_link *l)
{
	const struct rdg_mtu *m = &l->live->search;
	u32 low = l->mtu, high = m->failed - 1;
	u32 i;

	if (m->state == RDG_MTU_BASE)
		return base(l);
	if (low >= high)
		return 0;
	/* Most paths carry what the local interface, or a router, says. */
	if (!m->aimed)
		return high;
	for (i = 0; i < ARRAY_SIZE(common); i++) {
		if (common[i] > low && common[i] <= high)
			return common[i];
	}
	return high - low > low / WORTH ? low + (high - low + 1) / 2 : 0;
}

static void choose(struct rdg_link *l)
{
	struct rdg_mtu *m = &l->live->search;

	m->probe = next_size(l);
	m->raise_at = RDG_NEVER;
	if (!m->probe && m->state == RDG_MTU_SEARCHING)
		m->state = RDG_MTU_COMPLETE;
}

/* Nothing is known of sizes above the current one. */
static void search(struct rdg_link *l, enum rdg_mtu_state state)
{
	struct rdg_mtu *m = &l->live->search;

	m->state = state;
	m->failed = l->limit + 1;
	m->size = 0;
	m->tries = 0;
	m->out = false;
	m->aimed = state == RDG_MTU_ERROR;
	choose(l);
}

/* The path carries this much, and no more. */
static void settle(struct rdg_link *l, u32 size)
{
	rdg_link_set_mtu(l, size);
	search(l, RDG_MTU_SEARCHING);
	l->live->search.failed = size + 1;
	choose(l);
}

/**
 * rdg_mtu_begin - a link begins, perhaps on another path than the last one
 * @l: the link
 */
void rdg_mtu_begin(struct rdg_link *l)
{
	struct rdg_mtu *m = &l->live->search;

	memset(m, 0, sizeof(*m));
	rdg_link_set_mtu(l, base(l));
	if (l->limit)
		search(l, RDG_MTU_BASE);
}

/**
 * rdg_link_set_limit - what the local interface carries
 * @l: the link
 * @limit: bytes of UDP payload in the largest packet that can leave
 *
 * Where this changes the search begins anew. Until it is called for the first
 * time packets have the base size. The caller polls for packets afterwards.
 * Context: the link's lock.
 */
void rdg_link_set_limit(struct rdg_link *l, u32 limit)
{
	struct rdg_mtu *m;

	limit = clamp_t(u32, limit, RDG_MTU_MIN, RDG_MTU_MAX);
	if (limit == l->limit)
		return;
	l->limit = limit;
	/* A link that begins later begins with it. */
	if (!rdg_link_live(l))
		return;
	m = &l->live->search;
	if (l->mtu > limit)
		rdg_link_set_mtu(l, limit);
	if (m->state == RDG_MTU_SEARCHING || m->state == RDG_MTU_COMPLETE) {
		if (l->mtu >= base(l)) {
			search(l, RDG_MTU_SEARCHING);
			return;
		}
	} else if (m->state == RDG_MTU_ERROR) {
		search(l, l->mtu < base(l) ? RDG_MTU_ERROR : RDG_MTU_SEARCHING);
		return;
	}
	rdg_link_set_mtu(l, base(l));
	search(l, RDG_MTU_BASE);
}

/* RFC 8899, 4.4: the path carries this much. */
static void confirm(struct rdg_link *l, u32 size)
{
	struct rdg_mtu *m = &l->live->search;

	if (size > l->mtu)
		rdg_link_set_mtu(l, size);
	/* One that was given up comes late. */
	m->failed = max_t(u32, m->failed, size + 1);
	m->tries = 0;
	m->out = false;
	if (l->mtu >= base(l))
		m->state = RDG_MTU_SEARCHING;
	choose(l);
}

/* RFC 8899, 5.2: the path does not carry the base. */
static void enter_error(struct rdg_link *l)
{
	rdg_link_set_mtu(l, RDG_MTU_MIN);
	search(l, RDG_MTU_ERROR);
}

static void probe_lost(struct rdg_link *l)
{
	struct rdg_mtu *m = &l->live->search;

	rdg_count_add(l, RDG_CT_MTU_PROBES_LOST, 1);
	m->out = false;
	if (m->state == RDG_MTU_SEARCHING && !m->aimed) {
		m->aimed = true;
		choose(l);
		return;
	}
	if (++m->tries < RDG_MTU_PROBES)
		return;
	m->tries = 0;
	if (m->state == RDG_MTU_BASE) {
		enter_error(l);
		return;
	}
	m->failed = m->probe;
	choose(l);
}

/* A probe is lost if nothing was heard of it for long enough, and if something
 * that was sent later arrived: a path that is cut says nothing about sizes.
 */
static bool is_lost(const struct rdg_link *l, u64 now)
{
	const struct rdg_mtu *m = &l->live->search;

	return now >= m->sent + rdg_rtt_pto(&l->rtt) && l->live->ledger.acked > m->pn + 1;
}

/* Is there time to search? Only while the link is used, and answered. */
static bool may_probe(const struct rdg_link *l)
{
	return l->state == RDG_UP && l->tx.based && l->live->ledger.flight && !l->unanswered &&
	       l->live->search.state != RDG_MTU_DISABLED;
}

/* The PMTU_RAISE_TIMER; it is only looked at while the link is used. */
static void raise_in_time(struct rdg_link *l, u64 now)
{
	struct rdg_mtu *m = &l->live->search;

	if (m->raise_at == RDG_NEVER)
		m->raise_at = now + RDG_MTU_RAISE;
	else if (now >= m->raise_at)
		search(l, m->state == RDG_MTU_ERROR ? RDG_MTU_ERROR : RDG_MTU_SEARCHING);
}

static void build(struct rdg_link *l, struct rdg_out *out)
{
	struct rdg_mtu *m = &l->live->search;
	struct rdg_writer w;

	rdg_wire_begin(&w, out->head, l->remote_id, l->live->ledger.next);
	rdg_wire_ping(&w);
	rdg_wire_padding(&w, m->probe - w.len - RDG_PADDING_LEN);
	rdg_wire_finish(&w, RDG_PKT_DATA);
	out->head_len = w.len;
	out->padding = m->probe - w.len;
	out->ect = false;
	out->payload = 0;
	out->slices = 0;
}

/**
 * rdg_mtu_poll - a probe, if it is time for one
 * @l: the link; it has nothing else to send
 * @now: ns
 * @out: the probe, if there is one
 *
 * Return: true if there is one.
 */
bool rdg_mtu_poll(struct rdg_link *l, u64 now, struct rdg_out *out)
{
	struct rdg_mtu *m = &l->live->search;

	if (!may_probe(l))
		return false;
	if (m->out && is_lost(l, now))
		probe_lost(l);
	if (m->out)
		return false;
	if (!m->probe)
		raise_in_time(l, now);
	if (!m->probe)
		return false;
	build(l, out);
	m->pn = l->live->ledger.next++;
	m->size = m->probe;
	m->sent = out->depart;
	m->out = true;
	rdg_count_add(l, RDG_CT_PACKETS_SENT, 1);
	rdg_count_add(l, RDG_CT_MTU_PROBES, 1);
	return true;
}

static bool covers(const struct rdg_ack_frame *a, u64 largest, u64 pn)
{
	u64 low = largest - (a->first - 1);
	u32 i;

	if (pn > largest)
		return false;
	for (i = 0; pn < low && i < a->n; i++) {
		u64 high = low - a->gap[i] - 1;

		if (pn > high)
			return false;
		low = high - (a->len[i] - 1);
	}
	return pn >= low;
}

/**
 * rdg_mtu_input - packets were received: is the last probe among them?
 * @l: the link
 * @a: the ack; rdg_ack_verdict() said that it does not
 */
void rdg_mtu_input(struct rdg_link *l, const struct rdg_ack_frame *a)
{
	struct rdg_mtu *m = &l->live->search;
	u32 size = m->size;

	if (!size || !covers(a, rdg_seq_expand(l->live->ledger.next, a->largest), m->pn))
		return;
	m->size = 0;
	rdg_mtu_acked(l, size);
	confirm(l, size);
}

/* RFC 8899, 4.3: larger packets vanish. */
static void leave_black_hole(struct rdg_link *l)
{
	struct rdg_mtu *m = &l->live->search;

	rdg_count_add(l, RDG_CT_MTU_BLACK_HOLES, 1);
	/* The base vanishes as well, or what is smaller. */
	if (l->mtu <= base(l) || m->suspect <= base(l)) {
		enter_error(l);
		return;
	}
	rdg_link_set_mtu(l, base(l));
	search(l, RDG_MTU_BASE);
}

/**
 * rdg_mtu_lost - a packet was lost, or is given up for lost
 * @l: the link
 * @s: the packet
 */
void rdg_mtu_lost(struct rdg_link *l, const struct rdg_sent *s)
{
	struct rdg_mtu *m = &l->live->search;

	/* All paths are assumed to carry the least: a loss of it is no black hole. */
	if (m->state == RDG_MTU_DISABLED || s->size <= RDG_MTU_MIN || s->time < m->since)
		return;
	if (!m->suspect || s->size < m->suspect)
		m->suspect = s->size;
	m->again = true;
}

/**
 * rdg_mtu_acked - a packet arrived
 * @l: the link
 * @size: its size
 *
 * RDG_MTU_PROBES times in a row, each time among packets sent after the last
 * one: large ones are lost, none as large arrives, and a smaller one does. That
 * is no congestion.
 */
void rdg_mtu_acked(struct rdg_link *l, u32 size)
{
	struct rdg_mtu *m = &l->live->search;

	if (m->state == RDG_MTU_BASE && size >= base(l))
		confirm(l, base(l));
	if (!m->suspect)
		return;
	if (size >= m->suspect) {
		m->suspect = 0;
		m->again = false;
		m->holes = 0;
	} else if (m->again) {
		m->again = false;
		m->since = l->live->ledger.eliciting + 1;
		if (++m->holes == RDG_MTU_PROBES)
			leave_black_hole(l);
	}
}

/**
 * rdg_mtu_cautious - the size of a packet that asks why nobody answers
 * @l: the link
 *
 * The answer may be that packets are too large now. In CONFIRMING there is no
 * time to find that out: a cookie grows old.
 *
 * Return: bytes.
 */
u32 rdg_mtu_cautious(const struct rdg_link *l)
{
	if (l->state == RDG_CONFIRMING || l->unanswered >= RDG_MTU_PROBES)
		return RDG_MTU_MIN;
	return min(l->mtu, base(l));
}

/* A router says that the probe that is on its way was too large. */
static bool probe_too_big(struct rdg_link *l, u32 size)
{
	struct rdg_mtu *m = &l->live->search;

	if (size >= m->size)
		return false;
	rdg_count_add(l, RDG_CT_MTU_PROBES_LOST, 1);
	if (size <= l->mtu) {
		settle(l, size);
		return true;
	}
	m->failed = size + 1;
	m->tries = 0;
	m->out = false;
	m->aimed = false;
	choose(l);
	return true;
}

/**
 * rdg_link_too_big - a router says that a packet was too large for the path
 * @l: the link, whose remote id stands in what the router quotes
 * @pn: packet number in the quote, low 32 bits
 * @size: the largest size that the router would have taken
 *
 * RFC 8899, 4.6: this may be a lie. It is believed where the packet is on its
 * way, and larger than @size, and @size is not less than the base. The caller
 * polls for packets afterwards.
 * Context: the link's lock.
 * Return: true if it was believed.
 */
bool rdg_link_too_big(struct rdg_link *l, u32 pn, u32 size)
{
	struct rdg_mtu *m;
	struct rdg_sent *s;
	u64 number, pos;

	if (!rdg_link_live(l))
		return false;
	m = &l->live->search;
	number = rdg_seq_expand(l->live->ledger.next, pn);
	if (m->state == RDG_MTU_DISABLED || size < base(l))
		return false;
	if (m->out && number == m->pn)
		return probe_too_big(l, size);
	pos = rdg_ledger_find(&l->live->ledger, number);
	if (pos == l->live->ledger.head)
		return false;
	s = rdg_ledger_at(&l->live->ledger, pos);
	if (s->pn != number || s->state != RDG_SENT_FLIGHT || s->size <= size)
		return false;
	if (size < l->mtu)
		settle(l, size);
	rdg_loss_dropped(l, s);
	return true;
}

/**
 * rdg_mtu_state_name - a state's name
 * @state: the state
 *
 * Return: a constant.
 */
const char *rdg_mtu_state_name(enum rdg_mtu_state state)
{
	static const char * const name[] = {
		[RDG_MTU_DISABLED]	= "DISABLED",
		[RDG_MTU_BASE]		= "BASE",
		[RDG_MTU_SEARCHING]	= "SEARCHING",
		[RDG_MTU_COMPLETE]	= "SEARCH_COMPLETE",
		[RDG_MTU_ERROR]		= "ERROR",
	};

	return name[state];
}
