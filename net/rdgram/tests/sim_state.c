// SPDX-License-Identifier: GPL-2.0-only
/*
 * What no application is promised, and makes a link slow or deaf all the same: states of the
 * core that must not last, see sim.h. They are looked at whenever all packets were handed out.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include "../core/internal.h"
#include "sim.h"

#define MS		NSEC_PER_MSEC

/* How long at the most an ack is held back, and payload for others to share a packet with;
 * how many probe timeouts after it was overtaken a packet is lost.
 */
#define ACK_DELAY_MAX	(25 * MS)
#define HOLD_MAX	(5 * MS)
#define LATE_PTOS	4

/* The largest burst, and what the pacer does not look at. */
#define BURST_MAX	(64 * 1024)
#define PACE_MORE	(4 * MS)

/* What is taken for unread, for which no credit is given, is. */
static void check_unread(struct sim_link *sl)
{
	struct sim_item *item;
	u64 sum = 0;

	list_for_each_entry(item, &sl->ep->queue, node)
		sum += item->link == sl ? rdg_cost(item->len) : 0;
	if (!sl->ep->closed && sum != sl->link.taken.unread)
		sim_fail(sim_world_of(sl), "%llu is taken for unread, and %llu is",
			 sl->link.taken.unread, sum);
}

/* What the ledger counts is what its entries are. */
static void check_ledger(struct sim_link *sl)
{
	const struct rdg_ledger *g = &sl->link.live->ledger;
	u32 flight = 0, lost = 0, bytes = 0, sacked = 0;
	u64 pos, first = g->head;

	for (pos = g->tail; pos < g->head; pos++) {
		const struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->state == RDG_SENT_FLIGHT) {
			first = min(first, pos);
			flight++;
			bytes += s->size;
		}
		lost += s->state == RDG_SENT_LOST;
		sacked += s->state == RDG_SENT_ACKED && pos > first;
	}
	if (flight != g->flight || lost != g->lost || bytes != g->bytes ||
	    (flight && (first != g->first || sacked != g->sacked)))
		sim_fail(sim_world_of(sl), "%u in flight, %u bytes, %u lost, %u after the first",
			 flight, bytes, lost, sacked);
}

/* An ack is owed from the first packet on that asks for it. */
static void check_acks(struct sim_link *sl, bool polled, u64 now)
{
	const struct rdg_rx *rx = &sl->link.live->rx;
	struct sim_world *w = sim_world_of(sl);

	if (!rx->eliciting)
		sl->owed = 0;
	else if (!sl->owed)
		sl->owed = now;
	if (rx->eliciting && rx->ack_at > sl->owed + ACK_DELAY_MAX)
		sim_fail(w, "an ack is owed for %llu us, and due in %lld",
			 div_u64(now - sl->owed, NSEC_PER_USEC), rx->ack_at - now);
	if (polled && rx->ack_at <= now)
		sim_fail(w, "an ack is due, and does not leave");
}

/* A packet that others have overtaken is lost, soon. */
static void check_losses(struct sim_link *sl)
{
	const struct rdg_link *l = &sl->link;
	const struct rdg_rack *r = &l->live->rack;
	const struct rdg_ledger *g = &l->live->ledger;
	const struct rdg_sent *s;
	u64 wait = max(LATE_PTOS * rdg_rtt_pto(&l->rtt), l->rtt.min / 4);

	if (!g->flight)
		return;
	s = rdg_ledger_at(g, g->first);
	if (s->pn >= r->end || s->time < l->path_since)
		return;
	if (l->live->loss_at > s->time + r->rtt + wait)
		sim_fail(sim_world_of(sl), "a packet that was overtaken is lost %llu us later",
			 div_u64(l->live->loss_at - s->time, NSEC_PER_USEC));
}

/* No burst waits for longer than those before it take at the rate that there is now: two, one of
 * which may have begun at a higher rate, and a little that is not looked at.
 */
static void check_pace(struct sim_link *sl, u64 now)
{
	const struct rdg_cc *cc = &sl->link.live->cc;
	u64 rate = max_t(u64, cc->pacing, 2 * cc->mtu);
	u64 next = rdg_pace_next(&sl->link.pace, cc);
	u64 bytes = rdg_pace_burst(&sl->link.pace, cc) + (u64)BURST_MAX;
	u64 most = div64_u64(bytes * NSEC_PER_SEC, rate) + PACE_MORE;

	/* Where packets get smaller a burst does. */
	if (sl->link.tx.paced && !sim_world_of(sl)->plan.timed && !sl->limit_mtu &&
	    next > now + most)
		sim_fail(sim_world_of(sl), "payload waits for %llu us, and may for %llu",
			 div_u64(next - now, NSEC_PER_USEC), div_u64(most, NSEC_PER_USEC));
}

/* What could leave has left. */
static void check_left(struct sim_link *sl, u64 now)
{
	struct rdg_link *l = &sl->link;
	struct rdg_live *v = l->live;
	struct sim_world *w = sim_world_of(sl);
	bool open = v->ledger.bytes < v->cc.cwnd && rdg_pace_open(&l->pace, &v->cc, now);

	if (v->rx.refused && v->rx.report)
		return;
	if (open && v->ledger.lost)
		sim_fail(w, "%u packets are to be sent again, and there is room", v->ledger.lost);
	if (open && rdg_tx_has_new(l) && !l->tx.holding)
		sim_fail(w, "payload waits, and there is room");
	if (l->ping_due || l->end_due || v->rx.report)
		sim_fail(w, "PING %u, END %u or REPORT %u does not leave", l->ping_due,
			 l->end_due, v->rx.report);
}

/* Nobody waits for credit that he could have. */
static void check_credit(struct sim_link *sl)
{
	const struct rdg_link *l = &sl->link;
	const struct rdg_rx *rx = &l->live->rx;
	u32 window = rdg_rx_window(l);

	/* It is told with the first ack, whatever it is. */
	if (l->state != RDG_UP || l->closing || !rx->seen.n || l->taken.unread >= window)
		return;
	if (rdg_rx_limit(l) > rx->advertised && rdg_rx_limit(l) >= rx->advertised + window / 4)
		sim_fail(sim_world_of(sl), "credit up to %llu is not told, only up to %llu",
			 rdg_rx_limit(l), rx->advertised);
}

/* Packets are smaller than all paths carry only where larger ones were seen to vanish. */
static void check_mtu(struct sim_link *sl)
{
	const struct rdg_link *l = &sl->link;
	const struct rdg_mtu *m = &l->live->search;
	bool error = m->state == RDG_MTU_ERROR;
	bool below = l->mtu < min_t(u32, l->limit, RDG_PACKET_SIZE);

	if (m->state > RDG_MTU_BASE && error != below)
		sim_fail(sim_world_of(sl), "packets have %u bytes in %s", l->mtu,
			 rdg_mtu_state_name(m->state));
}

/* Who has something to ask for asks, and in time. */
static void check_probe(struct sim_link *sl, u64 now)
{
	const struct rdg_link *l = &sl->link;
	struct sim_world *w = sim_world_of(sl);
	u64 most = max_t(u64, 2 * rdg_rtt_pto(&l->rtt), RDG_PERSIST);
	bool asks = l->waits || (l->state != RDG_IDLE && l->unanswered) ||
		    (l->live && l->live->ledger.flight);

	if (asks && l->probe_at == RDG_NEVER)
		sim_fail(w, "there is something to ask for, and it is not asked");
	if (l->live && !list_empty(&l->tx.queue) && !l->held && !w->plan.share && !w->plan.wait &&
	    l->probe_at != RDG_NEVER && l->probe_at > max(now, l->pace.last) + most)
		sim_fail(w, "a message waits, and it is asked in %llu ms",
			 div_u64(l->probe_at - now, MS));
}

/**
 * sim_check_state - is a link in a state that must not last?
 * @sl: the link
 * @polled: rdg_link_poll() has just said that there is nothing to send
 */
void sim_check_state(struct sim_link *sl, bool polled)
{
	struct sim_world *w = sim_world_of(sl);
	u64 now = sim_now(sl->ep->host);

	if (w->manual || w->failed)
		return;
	check_unread(sl);
	check_probe(sl, now);
	if (!sl->link.live)
		return;
	check_ledger(sl);
	check_acks(sl, polled, now);
	check_losses(sl);
	check_pace(sl, now);
	if (polled) {
		check_left(sl, now);
		check_credit(sl);
	}
	check_mtu(sl);
	if (sl->link.live->ecn.off && !w->plan.doubts)
		sim_fail(w, "an honest count of marks is taken for a lie");
	if (sl->link.tx.holding && rdg_hold_until(&sl->link) > now + HOLD_MAX)
		sim_fail(w, "payload is held back for long");
	if (sl->link.path_since > max(now, sl->link.pace.last))
		sim_fail(w, "nothing is concluded before a time to come");
}
