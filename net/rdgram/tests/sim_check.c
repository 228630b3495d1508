// SPDX-License-Identifier: GPL-2.0-only
/*
 * The promise, as the applications on both sides see it: what was accepted,
 * sent, delivered and reported, see sim.h. Nothing here looks into the core:
 * it is all made of what crosses the driver's interface.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../core/bytes.h"
#include "../core/seq.h"
#include "sim.h"

static u64 mix(u64 a, u64 b)
{
	struct sim_rnd r = { .state = a ^ (b * 0xd6e8feb86659fd93ULL) };

	return sim_random(&r);
}

/* The content of a message: eight bytes from 8 * i on. */
static u64 word(u64 key, u32 i)
{
	u64 z = key + i * 0x9e3779b97f4a7c15ULL;

	return (z ^ (z >> 29)) * 0xbf58476d1ce4e5b9ULL;
}

static u8 byte(u64 key, u32 off)
{
	return word(key, off / 8) >> (56 - off % 8 * 8);
}

/**
 * sim_fill - write content of a message
 * @key: of the message
 * @off: from where in it
 * @len: bytes
 * @to: where to
 */
void sim_fill(u64 key, u32 off, u32 len, u8 *to)
{
	u32 end = off + len;

	while (off < end && (off % 8 || end - off < 8))
		*to++ = byte(key, off++);
	for (; end - off >= 8; off += 8, to += 8)
		rdg_put_be64(word(key, off / 8), to);
	while (off < end)
		*to++ = byte(key, off++);
}

static bool is_content(u64 key, u32 off, u32 len, const u8 *data)
{
	u32 end = off + len;

	while (off < end && (off % 8 || end - off < 8))
		if (*data++ != byte(key, off++))
			return false;
	for (; end - off >= 8; off += 8, data += 8)
		if (rdg_get_be64(data) != word(key, off / 8))
			return false;
	while (off < end)
		if (*data++ != byte(key, off++))
			return false;
	return true;
}

/**
 * sim_life_add - an endpoint begins to live
 * @w: the world
 * @inc: its incarnation
 * @host: where
 *
 * Return: what is remembered of it.
 */
struct sim_life *sim_life_add(struct sim_world *w, u64 inc, u8 host)
{
	struct sim_life *life = kzalloc(sizeof(*life), GFP_KERNEL | __GFP_NOFAIL);

	life->inc = inc;
	life->nr = ++w->life_count;
	life->host = host;
	list_add_tail(&life->node, &w->lives);
	return life;
}

/**
 * sim_lives_free - forget all lives
 * @w: the world
 */
void sim_lives_free(struct sim_world *w)
{
	struct sim_life *life, *next;
	u32 i, peer;

	list_for_each_entry_safe(life, next, &w->lives, node) {
		for (peer = 0; peer < SIM_HOSTS; peer++) {
			for (i = 0; i < life->to[peer].n; i++)
				kfree(life->to[peer].rec[i]);
			kvfree(life->to[peer].rec);
		}
		list_del(&life->node);
		kfree(life);
	}
}

static struct sim_life *life_by_inc(struct sim_world *w, u64 inc)
{
	struct sim_life *life;

	list_for_each_entry(life, &w->lives, node) {
		if (life->inc == inc)
			return life;
	}
	return NULL;
}

/**
 * sim_accept - an application sends a message: from now on the promise holds
 * @ep: from where
 * @peer: to which host
 * @len: bytes
 *
 * Return: the message, for rdg_link_queue().
 */
struct sim_msg *sim_accept(struct sim_endpoint *ep, u8 peer, u32 len)
{
	struct sim_stream *st = &ep->life->to[peer];
	struct sim_record *rec = kzalloc(sizeof(*rec), GFP_KERNEL | __GFP_NOFAIL);
	struct sim_msg *m = kzalloc(sizeof(*m), GFP_KERNEL | __GFP_NOFAIL);

	if (st->n == st->room) {
		struct sim_record **old = st->rec;

		st->room = st->room ? 2 * st->room : 64;
		st->rec = kvmalloc_array(st->room, sizeof(*old), GFP_KERNEL | __GFP_NOFAIL);
		if (old)
			memcpy(st->rec, old, st->n * sizeof(*old));
		kvfree(old);
	}
	st->rec[st->n++] = rec;
	st->pending++;
	st->bytes += len;
	rec->msg = m;
	rec->number = st->n;
	rec->len = len;
	rec->outcome = -1;
	rec->key = mix(mix(ep->life->inc, peer), (u64)rec->number << 32 | len);
	m->msg.len = len;
	m->rec = rec;
	ep->host->w->messages++;
	ep->host->w->accepted++;
	return m;
}

/* For the first time on this link, and never if it was sent whole on another. */
static void begin_on_link(struct sim_link *sl, struct sim_record *rec, u64 seq)
{
	struct sim_world *w = sim_world_of(sl);

	if (rec->begun && rec->high == rec->len)
		sim_fail(w, "message %u of endpoint %u is sent on a second link", rec->number,
			 sl->ep->life->nr);
	/* What was not believed has taken none. */
	if (sl->begun >= sl->limit && !w->plan.doubts)
		sim_fail(w, "message %u of endpoint %u is begun without credit", rec->number,
			 sl->ep->life->nr);
	sl->begun += rec->len + RDG_MESSAGE_COST;
	rec->begun = true;
	rec->high = 0;
	rec->era = sl->era;
	rec->inc = sl->link.remote_inc;
	rec->seq = seq;
}

/**
 * sim_check_slice - payload is sent
 * @sl: the link
 * @s: which
 */
void sim_check_slice(struct sim_link *sl, const struct rdg_slice *s)
{
	struct sim_msg *m = container_of(s->msg, struct sim_msg, msg);
	struct sim_world *w = sim_world_of(sl);
	struct sim_record *rec = m->rec;

	if (s->off > rec->len || s->len > rec->len - s->off || (!s->len && rec->len))
		sim_fail(w, "bytes %u+%u of message %u are sent, which has %u", s->off, s->len,
			 rec->number, rec->len);
	/* One that was not sent whole has another number where it was not believed. */
	if (!rec->begun || rec->era != sl->era || (w->plan.doubts && rec->seq != s->msg->seq))
		begin_on_link(sl, rec, s->msg->seq);
	if (rec->inc != sl->link.remote_inc || rec->seq != s->msg->seq)
		sim_fail(w, "message %u of endpoint %u changes its identity", rec->number,
			 sl->ep->life->nr);
	if (s->off > rec->high)
		sim_fail(w, "message %u is sent from %u on, and was until %u", rec->number,
			 s->off, rec->high);
	rec->high = max(rec->high, s->off + s->len);
}

static struct sim_record *record_find(struct sim_stream *st, u64 inc, u64 seq)
{
	u32 i;

	/* Most often message sequences are given in order, from 1 on. */
	if (seq && seq <= st->n && st->rec[seq - 1]->begun && st->rec[seq - 1]->inc == inc &&
	    st->rec[seq - 1]->seq == seq)
		return st->rec[seq - 1];
	for (i = 0; i < st->n; i++)
		if (st->rec[i]->begun && st->rec[i]->inc == inc && st->rec[i]->seq == seq)
			return st->rec[i];
	return NULL;
}

static void check_content(struct sim_world *w, struct sim_record *rec, struct rdg_buf *chain,
			  u32 len)
{
	struct rdg_buf *buf;
	u32 off = 0;

	for (buf = chain; buf; buf = buf->next) {
		struct sim_buf *b = container_of(buf, struct sim_buf, buf);

		if (b->len != buf->len || off + b->len > len)
			break;
		if (!is_content(rec->key, off, b->len, b->packet->data + b->at))
			sim_fail(w, "message %u is altered between %u and %u", rec->number, off,
				 off + b->len);
		off += b->len;
	}
	if (buf || off != len)
		sim_fail(w, "the buffers of message %u do not fit together", rec->number);
}

/* Old incarnations come before new ones, and the application hears of it. */
static void check_incarnation(struct sim_link *sl, struct sim_life *from)
{
	struct sim_world *w = sim_world_of(sl);

	if (sl->from == from)
		return;
	if (sl->from && !sl->restarted)
		sim_fail(w, "endpoint %u follows %u without RESTART", from->nr, sl->from->nr);
	if (sl->from && from->nr < sl->from->nr)
		sim_fail(w, "messages of endpoint %u come after those of %u", from->nr,
			 sl->from->nr);
	sl->from = from;
	sl->restarted = false;
	sl->last = 0;
}

/* A message is whole, and in turn. Its record; NULL: there is none. */
static struct sim_record *check_arrival(struct sim_link *sl, struct rdg_buf *chain, u64 seq,
					u32 len)
{
	struct sim_world *w = sim_world_of(sl);
	struct sim_life *from = life_by_inc(w, sl->link.remote_inc);
	struct sim_record *rec = NULL;

	if (from && from->host == sl->peer)
		rec = record_find(&from->to[sl->ep->host->nr], sl->ep->self.incarnation, seq);
	if (!rec || rec->len != len) {
		sim_fail(w, "a message is delivered that was never sent: %llu, %u bytes", seq, len);
		return NULL;
	}
	check_incarnation(sl, from);
	check_content(w, rec, chain, len);
	if (rec->put || rec->filtered)
		sim_fail(w, "message %u of endpoint %u is delivered twice", rec->number, from->nr);
	if (sl->ep->closed)
		sim_fail(w, "message %u is delivered to a closed endpoint", rec->number);
	if (rec->jumped)
		sim_fail(w, "message %u is delivered after a JUMP over it", rec->number);
	if (rec->outcome == RDG_OUT_DELIVERED)
		sim_fail(w, "message %u is delivered after its receipt", rec->number);
	if (rec->outcome == RDG_OUT_NOT_DELIVERED)
		sim_fail(w, "message %u is delivered, in spite of its receipt", rec->number);
	if (sl->next && seq != sl->next)
		sim_fail(w, "message %llu is delivered where %llu was due", seq, sl->next);
	if (rec->number <= sl->last)
		sim_fail(w, "message %u is delivered after %u", rec->number, sl->last);
	sl->next = seq + 1;
	sl->last = rec->number;
	return rec;
}

/**
 * sim_check_delivery - a message is put into a receive queue
 * @sl: the link it comes from
 * @chain: its buffers
 * @seq: its message sequence
 * @len: bytes
 */
void sim_check_delivery(struct sim_link *sl, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct sim_world *w = sim_world_of(sl);
	struct sim_record *rec = check_arrival(sl, chain, seq, len);

	sim_trace(w, sl->ep->host->nr, sl->peer, "message %llu is delivered, %llu bytes", seq,
		  len, 0);
	if (!rec)
		return;
	if (sim_is_unwanted(w, rec->key))
		sim_fail(w, "message %u is delivered in spite of a filter", rec->number);
	rec->put++;
	w->delivered++;
}

/**
 * sim_is_unwanted - does a filter refuse a message?
 * @w: the world
 * @key: of its content
 *
 * Return: true if it does: it is always the same for one message.
 */
bool sim_is_unwanted(struct sim_world *w, u64 key)
{
	return (u32)mix(key, 1) % 1000 < w->plan.filter;
}

/**
 * sim_check_filter - a message is whole, and shown to a filter
 * @sl: the link it comes from
 * @chain: its buffers
 * @seq: its message sequence
 * @len: bytes
 *
 * Return: true if it is to be delivered.
 */
bool sim_check_filter(struct sim_link *sl, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct sim_world *w = sim_world_of(sl);
	struct sim_life *from = life_by_inc(w, sl->link.remote_inc);
	struct sim_record *rec = NULL;

	if (from && from->host == sl->peer)
		rec = record_find(&from->to[sl->ep->host->nr], sl->ep->self.incarnation, seq);
	if (!rec || !sim_is_unwanted(w, rec->key))
		return true;
	sim_trace(w, sl->ep->host->nr, sl->peer, "message %llu is refused, %llu bytes", seq, len,
		  0);
	check_arrival(sl, chain, seq, len);
	rec->filtered = true;
	w->harm |= BIT(SIM_HARM_FILTER);
	return false;
}

/* A closed endpoint waits for so long, and no longer. */
static bool is_over(const struct sim_endpoint *ep)
{
	return ep->closed && sim_now(ep->host) >= ep->orphan_at;
}

static bool is_broken(struct sim_world *w, u64 id)
{
	u32 i;

	for (i = 0; i < min_t(u64, w->breaks, SIM_BROKEN); i++)
		if (w->broken[i] == id)
			return true;
	return false;
}

/* Nobody could have kept the promise for what was sent on this link: the other
 * side is gone, since its time was over; or the cookie grew old on its way, by
 * the clock of who made it, who may have been stopped, or has a clock that
 * jumped. The link that the other side has by then goes down with it.
 */
static bool is_excused(struct sim_link *sl)
{
	struct sim_world *w = sim_world_of(sl);
	struct sim_life *peer = life_by_inc(w, sl->link.remote_inc);
	bool old = sl->event == RDG_EV_STALE &&
		   sim_now(&w->host[sl->peer]) - sl->issued > RDG_COOKIE_LIFE;

	if (old)
		w->harm |= BIT(SIM_HARM_STALE);
	return old || (peer && peer->gave_up) || is_broken(w, sl->link.remote_id);
}

static bool has_reason(const struct sim_link *sl)
{
	return sl->excused || sl->ep->life->crashed || is_over(sl->ep);
}

/* A link ends, and still has its ids. */
static void look_for_excuse(struct sim_link *sl)
{
	struct sim_world *w = sim_world_of(sl);

	sl->excused = is_excused(sl);
	if (sl->excused)
		w->broken[w->breaks++ % SIM_BROKEN] = sl->link.own_id;
}

/**
 * sim_check_over - a sender is told what became of a message
 * @sl: the link
 * @m: the message
 * @outcome: what became of it
 */
void sim_check_over(struct sim_link *sl, struct sim_msg *m, enum rdg_outcome outcome)
{
	static const char * const how[] = {
		[RDG_OUT_DELIVERED]	= "message %llu was delivered",
		[RDG_OUT_NOT_DELIVERED]	= "message %llu was not delivered",
		[RDG_OUT_IN_DOUBT]	= "message %llu is in doubt",
	};
	struct sim_world *w = sim_world_of(sl);
	struct sim_record *rec = m->rec;

	sim_trace(w, sl->ep->host->nr, sl->peer, how[outcome], rec->number, 0, 0);
	if (rec->outcome != -1)
		sim_fail(w, "message %u is over twice", rec->number);
	rec->outcome = outcome;
	rec->msg = NULL;
	if (sl->recounted)
		sl->begun -= rec->len + RDG_MESSAGE_COST;
	sl->ep->life->to[sl->peer].pending--;
	sl->ep->life->to[sl->peer].bytes -= rec->len;
	if (outcome == RDG_OUT_DELIVERED && !rec->put)
		sim_fail(w, "message %u is reported delivered, and is not", rec->number);
	if (outcome == RDG_OUT_NOT_DELIVERED && rec->put)
		sim_fail(w, "message %u is reported not delivered, and is", rec->number);
	if (outcome == RDG_OUT_NOT_DELIVERED && rec->filtered)
		return;
	if (outcome != RDG_OUT_DELIVERED && !w->plan.may && !has_reason(sl))
		sim_fail(w, "message %u is returned without a reason", rec->number);
	/* What is sent to a closed endpoint is refused, and what that one sent is
	 * delivered. Only one that closes between CHALLENGE and CONFIRM leaves doubt.
	 */
	if (outcome == RDG_OUT_IN_DOUBT && w->plan.may == SIM_MAY_CLOSE &&
	    sl->event != RDG_EV_STALE && !has_reason(sl))
		sim_fail(w, "message %u is in doubt without a reason", rec->number);
}

static void check_jump(struct sim_link *sl, u64 first, u64 last)
{
	struct sim_world *w = sim_world_of(sl);
	struct sim_life *from = life_by_inc(w, sl->link.remote_inc);
	u64 seq;

	if (!first || last < first || (sl->next && first != sl->next)) {
		sim_fail(w, "JUMP over %llu to %llu where %llu was due", first, last, sl->next);
		return;
	}
	for (seq = first; from && seq <= last; seq++) {
		struct sim_record *rec = record_find(&from->to[sl->ep->host->nr],
						     sl->ep->self.incarnation, seq);

		if (!w->plan.may && (!rec || rec->outcome != RDG_OUT_IN_DOUBT))
			sim_fail(w, "JUMP over message sequence %llu without a reason", seq);
		if (rec && rec->put)
			sim_fail(w, "JUMP over message %u, which was delivered", rec->number);
		if (rec)
			rec->jumped = true;
	}
	sl->next = last + 1;
}

/**
 * sim_check_note - an application is told something of a peer
 * @sl: the link
 * @note: what
 * @first: see enum rdg_note
 * @last: likewise
 */
void sim_check_note(struct sim_link *sl, enum rdg_note note, u64 first, u64 last)
{
	static const char * const notes[] = {
		[RDG_NOTE_RESTART]	= "RESTART",
		[RDG_NOTE_JUMP]		= "JUMP over %llu to %llu",
		[RDG_NOTE_DIED]		= "DIED, errno %llu",
		[RDG_NOTE_REFUSED]	= "REFUSED",
	};
	struct sim_world *w = sim_world_of(sl);

	sim_trace(w, sl->ep->host->nr, sl->peer, notes[note], first, last, 0);
	if (note == RDG_NOTE_REFUSED ? !w->plan.filter :
	    !w->plan.may && note != RDG_NOTE_JUMP && !has_reason(sl))
		sim_fail(w, "a note of kind %u without a reason", note);
	switch (note) {
	case RDG_NOTE_RESTART:
		sl->restarted = true;
		sl->next = 0;
		break;
	case RDG_NOTE_JUMP:
		check_jump(sl, first, last);
		break;
	case RDG_NOTE_DIED:
		sl->died++;
		sl->died_of = first;
		break;
	case RDG_NOTE_REFUSED:
		break;
	}
}

/* Who answers an END forgets the link: the other side must still propose it. */
static void check_answer(struct sim_link *sl)
{
	struct sim_world *w = sim_world_of(sl);
	struct sim_id *id = sim_id_find(&w->host[sl->peer], sl->link.remote_id);

	if (id && id->link && id->link->link.state != RDG_ENDING && id->link != sl)
		sim_fail(w, "an END is answered that was cancelled");
}

/* Nobody is given up before the time, by the clock of who gives up. */
static void check_expiry(struct sim_link *sl, enum rdg_state from)
{
	struct sim_world *w = sim_world_of(sl);
	u64 patience = sl->ep->self.user_timeout;

	if (is_over(sl->ep)) {
		sl->ep->life->gave_up = true;
		return;
	}
	w->harm |= BIT(SIM_HARM_TIMEOUT);
	if (from == RDG_OPENING)
		patience = min_t(u64, patience, RDG_OPEN_TIMEOUT);
	if (!patience || sim_now(sl->ep->host) - sl->heard < patience)
		sim_fail(w, "link %u-%u expires early, %llu ms after it was heard",
			 sl->ep->host->nr, sl->peer,
			 div_u64(sim_now(sl->ep->host) - sl->heard, NSEC_PER_MSEC));
}

/**
 * sim_check_moved - a link changes its state
 * @sl: the link
 * @from: the state it had
 * @event: why
 */
void sim_check_moved(struct sim_link *sl, enum rdg_state from, enum rdg_event event)
{
	static const char * const to[] = {
		[RDG_IDLE]	 = "is IDLE, was %llu, event %llu",
		[RDG_OPENING]	 = "is OPENING, was %llu, event %llu",
		[RDG_CONFIRMING] = "is CONFIRMING, was %llu, event %llu",
		[RDG_UP]	 = "is UP, was %llu, event %llu",
		[RDG_ENDING]	 = "is ENDING, was %llu, event %llu",
	};
	struct sim_world *w = sim_world_of(sl);

	sl->event = event;
	sim_trace(w, sl->ep->host->nr, sl->peer, to[sl->link.state], from, event, 0);
	if (rdg_state_next(from, event) != sl->link.state)
		sim_fail(w, "%s is no answer to %s in %s", rdg_state_name(sl->link.state),
			 rdg_event_name(event), rdg_state_name(from));
	if (event == RDG_EV_END)
		check_answer(sl);
	if (event == RDG_EV_EXPIRE && !sl->ep->life->crashed && !w->manual)
		check_expiry(sl, from);
	sl->excused = false;
	sl->recounted = from == RDG_CONFIRMING && event == RDG_EV_CONFIRM;
	if (sl->link.state == RDG_IDLE) {
		look_for_excuse(sl);
		sl->era++;
		sl->begun = w->plan.first_credit;
		sl->limit = w->plan.first_credit;
	}
}

/**
 * sim_check_challenged - a CHALLENGE was taken
 * @sl: the link
 * @h: the packet
 */
void sim_check_challenged(struct sim_link *sl, const struct rdg_header *h)
{
	u64 now = sim_now(&sim_world_of(sl)->host[sl->peer]);
	u32 age = rdg_cookie_time(now) - h->cookie_time;

	sl->issued = now - ((u64)age << RDG_COOKIE_TIME_SHIFT);
}

/**
 * sim_check_credit - a packet comes in that may give credit
 * @sl: the link
 * @h: the packet; its frames are in sim_world.frames
 */
void sim_check_credit(struct sim_link *sl, const struct rdg_header *h)
{
	const struct rdg_frames *f = &sim_world_of(sl)->frames;
	const u64 first = sim_world_of(sl)->plan.first_credit;

	if (h->type == RDG_PKT_CHALLENGE)
		sl->limit = max(sl->limit, first + h->credit);
	else if (f->has_report)
		sl->limit = max(sl->limit, rdg_seq_expand(sl->limit, f->report.credit));
}

static void check_link_rests(struct sim_link *sl)
{
	struct sim_world *w = sim_world_of(sl);
	u8 host = sl->ep->host->nr;

	if (sl->link.state != RDG_IDLE)
		sim_fail(w, "link %u-%u rests in %s", host, sl->peer,
			 rdg_state_name(sl->link.state));
	if (rdg_link_deadline(&sl->link) != RDG_NEVER)
		sim_fail(w, "link %u-%u rests with a deadline", host, sl->peer);
	if (!list_empty(&sl->link.tx.queue))
		sim_fail(w, "link %u-%u rests with messages to be sent", host, sl->peer);
	if (sl->buffers)
		sim_fail(w, "link %u-%u rests with pieces of messages", host, sl->peer);
}

/**
 * sim_check_rest - nothing happens any more: is all as it should be?
 * @w: the world, drained
 */
void sim_check_rest(struct sim_world *w)
{
	struct sim_endpoint *ep;
	u32 i, n, peer;

	for (i = 0; i < SIM_HOSTS; i++) {
		list_for_each_entry(ep, &w->host[i].endpoints, node) {
			if (ep->closed)
				sim_fail(w, "endpoint %u is closed, and does not go",
					 ep->life->nr);
			for (peer = 0; peer < SIM_HOSTS; peer++)
				if (ep->link[peer])
					check_link_rests(ep->link[peer]);
		}
		for (n = 0; n < w->host[i].ids; n++)
			if (w->host[i].id[n].link)
				sim_fail(w, "id %llx is still in use", w->host[i].id[n].id);
	}
	if (w->buffers || w->live)
		sim_fail(w, "%u buffers are left, and memory of %u links", w->buffers, w->live);
}

static void check_record(struct sim_world *w, struct sim_life *life, struct sim_record *rec)
{
	if (rec->outcome == -1)
		sim_fail(w, "nobody knows what became of message %u of endpoint %u", rec->number,
			 life->nr);
	if (rec->outcome == RDG_OUT_DELIVERED && (rec->put != 1 || rec->jumped))
		sim_fail(w, "message %u of endpoint %u was not delivered", rec->number, life->nr);
	if (rec->outcome == RDG_OUT_NOT_DELIVERED && rec->put)
		sim_fail(w, "message %u of endpoint %u was delivered", rec->number, life->nr);
}

/**
 * sim_check_end - all endpoints are gone: is nothing left, and all accounted for?
 * @w: the world
 */
void sim_check_end(struct sim_world *w)
{
	struct sim_life *life;
	u32 i, peer;

	for (i = 0; i < SIM_HOSTS; i++)
		if (!list_empty(&w->host[i].endpoints))
			sim_fail(w, "endpoints of host %u do not go", i);
	if (w->messages || w->buffers)
		sim_fail(w, "%u messages and %u buffers are left", w->messages, w->buffers);
	if (w->packets != !!w->sample)
		sim_fail(w, "%u packets are left", w->packets - !!w->sample);
	list_for_each_entry(life, &w->lives, node)
		for (peer = 0; peer < SIM_HOSTS; peer++)
			for (i = 0; i < life->to[peer].n; i++)
				check_record(w, life, life->to[peer].rec[i]);
}
