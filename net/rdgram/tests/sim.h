/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulation: real cores, driven as the shell drives them, by applications
 * and over a network that are made up, in virtual time.
 *
 * All that happens follows from one seed. What an application was promised is
 * checked after every step; the first broken promise stops the schedule.
 *
 *	sim_world.c	time, events, chance, what happened lately
 *	sim_net.c	packets on their way, and an attacker beside the way
 *	sim_path.c	addresses that change
 *	sim_clock.c	clocks that jump, hosts that stop
 *	sim_ops.c	what the core asks of its driver
 *	sim_host.c	which packet goes to which link; endpoints open and close
 *	sim_app.c	applications
 *	sim_check.c	the promise
 *	sim_state.c	what nobody is promised, and must not last
 *	sim_test.c	thousands of schedules
 */
#ifndef _RDGRAM_TESTS_SIM_H
#define _RDGRAM_TESTS_SIM_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>
#include "../core/cookie.h"
#include "../core/link.h"

#define SIM_HOSTS	3
#define SIM_IDS		256
#define SIM_TRACE	40
#define SIM_BROKEN	256

/* A host's address: its number, and so much more for each change. */
#define SIM_ADDRESS_STEP	0x100

/* What the driver charges for a buffer beyond its length. */
#define SIM_OVERHEAD	64

/* When the time of cookies is 0 again on the wire; ns. */
#define SIM_COOKIE_WRAP		(1ULL << (32 + RDG_COOKIE_TIME_SHIFT))

/**
 * struct sim_rnd - the source of all chance
 *
 * @state: of splitmix64, which does well with seeds in a row.
 */
struct sim_rnd {
	u64 state;
};

/**
 * struct sim_packet - a packet on its way, or held by buffers
 *
 * @refs: who holds it: flights and buffers.
 * @len: bytes.
 * @from: host that sent it, or seems to have.
 * @to: host.
 * @source: address that it comes from, or seems to.
 * @dest: address that it was sent to.
 * @forged: sent by the attacker.
 * @ect: may be marked instead of being dropped.
 * @ce: marked Congestion Experienced.
 * @data: its bytes, allocated to the byte, for KASAN.
 */
struct sim_packet {
	u32 refs;
	u32 len;
	u8 from;
	u8 to;
	u32 source;
	u32 dest;
	bool forged;
	bool ect;
	bool ce;
	u8 data[];
};

enum sim_event_kind {
	SIM_EV_PACKET,
	SIM_EV_APP,
	SIM_EV_CUT,
	SIM_EV_HEAL,
	SIM_EV_ATTACK,
	SIM_EV_MTU,
	SIM_EV_HINT,
	SIM_EV_REBIND,
	SIM_EV_ROUTE,
	SIM_EV_CLOCK,
	SIM_EV_WAKE,
};

/**
 * struct sim_event - something that will happen
 *
 * @node: in sim_world.events, by @time, then by @order.
 * @held: in sim_world.held instead: a packet that a test hands on by itself.
 * @time: when; ns.
 * @order: which of those at the same time comes first.
 * @kind: what.
 * @host: APP, WAKE: where; CUT, HEAL: from which host; HINT: to whom.
 * @peer: CUT, HEAL: to which host; HINT: where the packet should have gone.
 * @packet: PACKET; HINT: that was too large.
 * @size: HINT: what the router says that it carries.
 */
struct sim_event {
	union {
		struct rb_node node;
		struct list_head held;
	};
	u64 time;
	u64 order;
	enum sim_event_kind kind;
	u8 host;
	u8 peer;
	struct sim_packet *packet;
	u32 size;
};

/**
 * struct sim_record - a message that an endpoint accepted, as the promise has it
 *
 * @msg: what the core has of it; NULL once it is over.
 * @key: of its content.
 * @number: the how manieth from this endpoint to this host.
 * @len: bytes.
 * @outcome: enum rdg_outcome, -1 while it is not over.
 * @put: times that it was put into a receive queue.
 * @begun: some of it was sent.
 * @jumped: a receiver was told that it will not come.
 * @filtered: the receiver's filter has refused it.
 * @high: so much of it was sent on the link of @era.
 * @era: on which link it was sent, see sim_link.era.
 * @inc: for which incarnation.
 * @seq: with which message sequence.
 */
struct sim_record {
	struct sim_msg *msg;
	u64 key;
	u32 number;
	u32 len;
	int outcome;
	u32 put;
	bool begun;
	bool jumped;
	bool filtered;
	u32 high;
	u32 era;
	u64 inc;
	u64 seq;
};

/**
 * struct sim_msg - a message to be sent
 *
 * @msg: the core's part.
 * @rec: what was promised about it.
 */
struct sim_msg {
	struct rdg_msg msg;
	struct sim_record *rec;
};

/**
 * struct sim_stream - all that one endpoint ever sent to one host
 *
 * @rec: the records, in order.
 * @n: how many there are.
 * @room: how many fit.
 * @pending: records that are not over.
 * @bytes: of those.
 */
struct sim_stream {
	struct sim_record **rec;
	u32 n;
	u32 room;
	u32 pending;
	u64 bytes;
};

/**
 * struct sim_life - an endpoint as the promise has it; outlives the endpoint
 *
 * @node: in sim_world.lives, oldest first.
 * @inc: its incarnation.
 * @nr: the how manieth endpoint of all.
 * @host: where it lives.
 * @crashed: its host crashed: nobody is left to be told about its messages.
 * @gave_up: it was closed, and its time was over.
 * @to: what it sent.
 */
struct sim_life {
	struct list_head node;
	u64 inc;
	u32 nr;
	u8 host;
	bool crashed;
	bool gave_up;
	struct sim_stream to[SIM_HOSTS];
};

/**
 * struct sim_buf - a received piece
 *
 * @buf: the core's part.
 * @link: that took it.
 * @packet: where its bytes are.
 * @at: where in @packet they begin.
 * @len: how many are left.
 * @charge: what it was charged with.
 */
struct sim_buf {
	struct rdg_buf buf;
	struct sim_link *link;
	struct sim_packet *packet;
	u32 at;
	u32 len;
	u32 charge;
};

/**
 * struct sim_item - a message in a receive queue
 *
 * @node: in sim_endpoint.queue.
 * @link: where it came from.
 * @inc: from which incarnation.
 * @seq: its message sequence.
 * @len: bytes.
 * @chain: its buffers.
 */
struct sim_item {
	struct list_head node;
	struct sim_link *link;
	u64 inc;
	u64 seq;
	u32 len;
	struct rdg_buf *chain;
};

/**
 * struct sim_link - a peer of an endpoint: the driver's part, and what the
 * promise has to remember
 *
 * @link: the core's part.
 * @ep: the endpoint.
 * @peer: the host on the other side.
 * @remote: its address: the path in use.
 * @candidate: the one that is being checked.
 * @got: bytes that came from there.
 * @gave: bytes that were sent there.
 * @armed: the deadline that the timer was set to.
 * @fire: when that timer will fire, a little late; ns of the host's clock.
 * @era: grows when a link ends: what was sent on one is never sent on the next.
 * @buffers: pieces the core holds.
 * @heard: when the other side was heard last; ns of the host's clock.
 * @issued: when the cookie of its CHALLENGE was issued; ns of the peer's clock.
 * @from: whose messages the application read last.
 * @restarted: RESTART was reported since then.
 * @next: the message sequence that has to be delivered next; 0: any.
 * @last: number of the record delivered last.
 * @begun: cost of the messages begun in this era, from sim_plan.first_credit on.
 * @limit: the credit that the other side gave in this era, likewise.
 * @limit_mtu: what the local interface carries; 0: nobody has said.
 * @recounted: the other side opened another link in place of what we took for
 *	this one: what was delivered on the first is not counted on the second.
 * @excused: the link ended by what nobody could have helped.
 * @departs: when the newest packet by the path in use does; ns.
 * @ahead: by how much one was handed over early, at the most; ns.
 * @share: how long it is left alone while it is silent; ns.
 * @died: DIED notes.
 * @died_of: what the last one said, errno.
 * @carried: how often which count was carried.
 * @event: moved the link last.
 * @owed: since when an ack is owed to the other side; ns of our clock; 0: none is.
 */
struct sim_link {
	struct rdg_link link;
	struct sim_endpoint *ep;
	u8 peer;
	u32 remote;
	u32 candidate;
	u64 got;
	u64 gave;
	u64 armed;
	u64 fire;
	u32 era;
	u32 buffers;
	u64 heard;
	u64 issued;
	struct sim_life *from;
	bool restarted;
	u64 next;
	u32 last;
	u64 begun;
	u64 limit;
	u32 limit_mtu;
	bool recounted;
	bool excused;
	u64 departs;
	u64 ahead;
	u64 share;
	u32 died;
	u64 died_of;
	u32 carried[RDG_COUNTS];
	enum rdg_event event;
	u64 owed;
};

/**
 * struct sim_endpoint - one of our sockets
 *
 * @node: in sim_host.endpoints.
 * @host: where.
 * @more: it says of all that it sends that more will follow.
 * @self: the core's part.
 * @life: what was promised to it.
 * @link: its peers, by host.
 * @queue: messages received and not read.
 * @rcvbuf: limit of @charged.
 * @charged: sum of the charges of its buffers.
 * @token: the one link that may pass the limit.
 * @window: for new links.
 * @orphan_at: when it gives up, if it is one; ns of the host's clock.
 * @closed: an orphan.
 */
struct sim_endpoint {
	struct list_head node;
	struct sim_host *host;
	bool more;
	struct rdg_self self;
	struct sim_life *life;
	struct sim_link *link[SIM_HOSTS];
	struct list_head queue;
	u32 rcvbuf;
	u32 charged;
	struct sim_link *token;
	u32 window;
	u64 orphan_at;
	bool closed;
};

/**
 * struct sim_id - an entry of the table of ids
 *
 * @id: the id.
 * @link: whose it is; NULL: a tombstone.
 * @expires: when the tombstone goes; ns.
 */
struct sim_id {
	u64 id;
	struct sim_link *link;
	u64 expires;
};

/**
 * struct sim_host - an address, with one local on it
 *
 * @w: the world.
 * @nr: which.
 * @address: where others see it; a multiple of SIM_ADDRESS_STEP more than @nr.
 * @endpoints: the open one and the orphans.
 * @open: the open one; may be NULL.
 * @id: ids and tombstones.
 * @ids: how many there are.
 * @max_ids: how many there may be.
 * @budget: messages that its applications still want to send.
 * @clock: what its clock is ahead of the world's time; ns.
 * @wakes: until when it is stopped; 0: is not.
 * @stopped: since when it is.
 * @keeps: of 1000 packets that come meanwhile.
 * @stands: its clock stands meanwhile.
 */
struct sim_host {
	struct sim_world *w;
	u8 nr;
	u32 address;
	struct list_head endpoints;
	struct sim_endpoint *open;
	struct sim_id id[SIM_IDS];
	u32 ids;
	u32 max_ids;
	u32 budget;
	u64 clock;
	u64 wakes;
	u64 stopped;
	u32 keeps;
	bool stands;
};

/**
 * struct sim_path - the way from one host to another
 *
 * @delay: least time that a packet takes; ns.
 * @jitter: what may come on top; ns.
 * @ns_per_byte: serialisation; 0: none.
 * @busy: until when the bottleneck serialises what it has; ns.
 * @loss: of 1000 packets.
 * @twice: of 1000 packets.
 * @late: of 10000 packets, come seconds to a minute late.
 * @cuts: how many cuts there are now.
 * @mtu: larger packets vanish.
 * @marks: of 1000 packets that may be marked.
 */
struct sim_path {
	u64 delay;
	u64 jitter;
	u32 ns_per_byte;
	u64 busy;
	u32 loss;
	u32 twice;
	u32 late;
	u32 cuts;
	u32 mtu;
	u32 marks;
};

/* What a schedule may do that excuses messages that are not delivered. */
#define SIM_MAY_CLOSE		0x01
#define SIM_MAY_CRASH		0x02
#define SIM_MAY_TIME_OUT	0x04
#define SIM_MAY_CUT_LONG	0x08
#define SIM_MAY_BE_FULL		0x10

/* What harm was done, to be counted. */
enum sim_harm {
	SIM_HARM_LOSS,		/* a packet was lost */
	SIM_HARM_MARK,		/* a packet was marked */
	SIM_HARM_CUT,		/* a path was cut */
	SIM_HARM_LOPSIDED,	/* one direction took ten times as long, or more */
	SIM_HARM_ROUTE,		/* the delay of a path changed */
	SIM_HARM_MTU,		/* a path carried packets of another size */
	SIM_HARM_REBIND,	/* a link went on by another path */
	SIM_HARM_UNREAD,	/* nobody read to the end */
	SIM_HARM_JUMP,		/* a clock jumped */
	SIM_HARM_STOP,		/* a host stopped, its clock went on */
	SIM_HARM_STAND,		/* a host stopped, and its clock */
	SIM_HARM_STALE,		/* a cookie grew old on the way */
	SIM_HARM_TIMEOUT,	/* a link expired */
	SIM_HARM_CLOSE,		/* an endpoint was closed */
	SIM_HARM_CRASH,		/* a host crashed */
	SIM_HARM_FORGERY,	/* the attacker sent a packet */
	SIM_HARM_MEMORY,	/* there was no memory for a link */
	SIM_HARM_FILTER,	/* a filter refused a message */
	SIM_HARM_NUMBER,	/* packet numbers wrapped on the wire */
	SIM_HARM_SEQUENCE,	/* message sequences did */
	SIM_HARM_CREDIT,	/* credit did */
	SIM_HARM_MARKS,		/* counts of marks did */
	SIM_HARM_TIME,		/* the time of a cookie did, on its way */
	SIM_HARMS
};

/**
 * struct sim_plan - what a schedule is like
 *
 * @may: SIM_MAY_*.
 * @hosts: how many take part.
 * @to_self: of 1000 messages, go to their sender's own address.
 * @app_every: mean time between two deeds of an application; ns.
 * @sizes: largest message.
 * @bytes: that may wait to be sent to one peer.
 * @refuse: of 1000 calls of take and id_add, fail.
 * @starve: of 1000 calls of alloc, fail.
 * @resets: of 1000 RESETs that could be sent, are.
 * @cut_every: mean time between two cuts; ns; 0: none.
 * @cut_long: longest cut; ns.
 * @attack_every: mean time between two forged packets; ns; 0: none.
 * @rebind_every: mean time between two changes of an address; ns; 0: none.
 * @route_every: mean time between two changes of the delay of a path; ns; 0: none.
 * @clock_every: mean time between two jumps of a clock, or stops of a host; ns;
 *	0: none.
 * @lopsided: of 1000 paths are slower in one direction.
 * @behind_nat: host whose address changes.
 * @user_timeout: of endpoints; ns.
 * @orphan: time that is left to a closed endpoint; ns; 0: it is aborted.
 * @lateness: by how much timers are late at most; ns.
 * @mtus: interfaces and paths differ in the size of packets that they carry;
 *	else they carry all, and packets have the base size.
 * @mtu_every: mean time between two changes of what a path carries; ns; 0: none.
 * @hints: of 1000 packets that are too large draw a hint.
 * @rcvbuf: of endpoints.
 * @window: of links.
 * @lazy: of 1000 chances to read, are not taken.
 * @filter: of 1000 messages are refused by their receivers' filters.
 * @doubts: what honest endpoints say may be taken for a lie.
 * @first_pn: the first packet number of each link, see struct rdg_self.
 * @first_seq: the first message sequence of each peer.
 * @first_credit: what credit is counted from on each link, see struct rdg_self.
 * @first_marks: what marks are.
 * @share: silent peers are left alone for up to this; ns.
 * @wait: a link that was not silent before waits for its turn to ask; ns.
 * @timed: packets may leave at their departure times, now and then.
 * @hasty: they do not, whatever the driver has said.
 */
struct sim_plan {
	u32 may;
	u32 hosts;
	u32 to_self;
	u64 app_every;
	u32 sizes;
	u64 bytes;
	u32 refuse;
	u32 starve;
	u32 resets;
	u64 cut_every;
	u64 cut_long;
	u64 attack_every;
	u64 rebind_every;
	u64 route_every;
	u64 clock_every;
	u32 lopsided;
	u8 behind_nat;
	u64 user_timeout;
	u64 orphan;
	u64 lateness;
	bool mtus;
	u64 mtu_every;
	u32 hints;
	u32 rcvbuf;
	u32 window;
	u32 lazy;
	u32 filter;
	bool doubts;
	u64 first_pn;
	u64 first_seq;
	u64 first_credit;
	u32 first_marks;
	u64 share;
	u64 wait;
	bool timed;
	bool hasty;
};

/**
 * struct sim_entry - something that happened
 *
 * @time: when.
 * @host: where.
 * @peer: with whom.
 * @what: format of @a, @b and @c, each a u64.
 * @a: see @what.
 * @b: likewise.
 * @c: likewise.
 */
struct sim_entry {
	u64 time;
	u8 host;
	u8 peer;
	const char *what;
	u64 a;
	u64 b;
	u64 c;
};

/**
 * struct sim_world - all of it
 *
 * @now: virtual time; ns.
 * @rnd: chance.
 * @plan: what it is like.
 * @host: the hosts.
 * @path: the ways between them, [from][to].
 * @events: what will happen.
 * @order: of the next event.
 * @held: packets of a world without a network, see sim_held.
 * @manual: packets are not sent but put into @held.
 * @draining: applications only read and reopen.
 * @steps: events so far.
 * @lives: all endpoints that there ever were.
 * @life_count: how many.
 * @packets: that exist.
 * @buffers: likewise.
 * @messages: likewise.
 * @live: memory of links, likewise.
 * @delivered: messages delivered, of all.
 * @accepted: messages accepted, of all.
 * @moves: links that went on by another path, of all.
 * @harm: SIM_HARM_*, as bits.
 * @broken: a ring of the ids of links that are excused: what the other side has
 *	sent to these is excused as well.
 * @breaks: number of ids ever put into it.
 * @sample: a packet seen lately, for the attacker to imitate.
 * @out: scratch: too large for the stack.
 * @frames: likewise.
 * @check: likewise, for packets that are sent.
 * @failed: a promise was broken.
 * @failure: which.
 * @trace: a ring of what happened lately.
 * @traced: number of entries ever made in it.
 */
struct sim_world {
	u64 now;
	struct sim_rnd rnd;
	struct sim_plan plan;
	struct sim_host host[SIM_HOSTS];
	struct sim_path path[SIM_HOSTS][SIM_HOSTS];
	struct rb_root_cached events;
	u64 order;
	struct list_head held;
	bool manual;
	bool draining;
	u64 steps;
	struct list_head lives;
	u32 life_count;
	u32 packets;
	u32 buffers;
	u32 messages;
	u32 live;
	u64 delivered;
	u64 accepted;
	u64 moves;
	u32 harm;
	u64 broken[SIM_BROKEN];
	u64 breaks;
	struct sim_packet *sample;
	struct rdg_out out;
	struct rdg_frames frames;
	struct rdg_frames check;
	bool failed;
	char failure[200];
	struct sim_entry trace[SIM_TRACE];
	u64 traced;
};

static inline struct sim_link *sim_of(struct rdg_link *l)
{
	return container_of(l, struct sim_link, link);
}

static inline struct sim_world *sim_world_of(struct sim_link *sl)
{
	return sl->ep->host->w;
}

/* sim_world.c */
u64 sim_random(struct sim_rnd *r);
u64 sim_below(struct sim_world *w, u64 n);
bool sim_chance(struct sim_world *w, u32 of_1000);
u64 sim_about(struct sim_world *w, u64 mean);
u64 sim_between(struct sim_world *w, u64 low, u64 high);
struct sim_world *sim_begin(u64 seed);
void sim_end(struct sim_world *w);
__printf(2, 3) void sim_fail(struct sim_world *w, const char *what, ...);
void sim_trace(struct sim_world *w, u8 host, u8 peer, const char *what, u64 a, u64 b, u64 c);
void sim_print(struct sim_world *w, void (*line)(void *to, const char *text), void *to);
struct sim_event *sim_event(struct sim_world *w, enum sim_event_kind kind, u64 time);
void sim_event_add(struct sim_world *w, struct sim_event *e);
void sim_event_free(struct sim_world *w, struct sim_event *e);
bool sim_step(struct sim_world *w);
void sim_run(struct sim_world *w, u64 until, u64 max_steps);

/* sim_net.c */
void sim_send(struct sim_world *w, u8 from, u32 to, const u8 *head, u32 head_len,
	      const struct rdg_out *out);
void sim_packet_put(struct sim_world *w, struct sim_packet *p);
void sim_cut(struct sim_world *w);
void sim_heal(struct sim_world *w, u8 from, u8 to);
void sim_attack(struct sim_world *w);
u32 sim_some_mtu(struct sim_world *w);
void sim_change_mtu(struct sim_world *w);
void sim_some_delay(struct sim_world *w, u8 a, u8 b);
void sim_change_route(struct sim_world *w);
void sim_calm(struct sim_world *w);

/* sim_path.c */
u32 sim_address(struct sim_world *w, u8 host, u8 by);
void sim_rebind(struct sim_world *w);
bool sim_reaches(struct sim_world *w, const struct sim_packet *p);
void sim_find(struct sim_link *sl);
void sim_copy(struct sim_world *w, struct sim_packet *p, const struct sim_packet *seen);
bool sim_packet_in(struct sim_link *sl, struct sim_packet *p, const struct rdg_header *h);
u32 sim_dest(struct sim_link *sl, const struct rdg_out *out);

/* sim_clock.c */
u64 sim_now(const struct sim_host *h);
u64 sim_fires(const struct sim_link *sl);
void sim_clock(struct sim_world *w);
void sim_wake(struct sim_host *h);
bool sim_put_off(struct sim_world *w, struct sim_event *e);

/* sim_ops.c */
extern const struct rdg_link_ops sim_ops;
void sim_arm(struct sim_link *sl);
void sim_pump(struct sim_link *sl);
void sim_buf_free(struct sim_world *w, struct rdg_buf *b);

/* sim_host.c */
void sim_flow(struct rdg_flow *f, u8 local, u32 remote);
struct sim_id *sim_id_find(struct sim_host *h, u64 id);
struct sim_link *sim_link_get(struct sim_endpoint *ep, u8 peer);
struct sim_endpoint *sim_open(struct sim_host *h);
void sim_close(struct sim_endpoint *ep, u64 orphan_at);
void sim_crash(struct sim_host *h);
void sim_input(struct sim_world *w, struct sim_packet *p);
void sim_hint(struct sim_world *w, const struct sim_packet *p, u32 size);
void sim_set_limit(struct sim_link *sl, u32 limit);
void sim_timer(struct sim_link *sl);
void sim_reap(struct sim_world *w);

/* sim_app.c */
void sim_app(struct sim_host *h);
void sim_say(struct sim_endpoint *ep, u8 peer, u32 len);
bool sim_read(struct sim_endpoint *ep);

/* sim_check.c */
void sim_fill(u64 key, u32 off, u32 len, u8 *to);
struct sim_life *sim_life_add(struct sim_world *w, u64 inc, u8 host);
void sim_lives_free(struct sim_world *w);
struct sim_msg *sim_accept(struct sim_endpoint *ep, u8 peer, u32 len);
void sim_check_slice(struct sim_link *sl, const struct rdg_slice *s);
void sim_check_delivery(struct sim_link *sl, struct rdg_buf *chain, u64 seq, u32 len);
bool sim_is_unwanted(struct sim_world *w, u64 key);
bool sim_check_filter(struct sim_link *sl, struct rdg_buf *chain, u64 seq, u32 len);
void sim_check_over(struct sim_link *sl, struct sim_msg *m, enum rdg_outcome outcome);
void sim_check_note(struct sim_link *sl, enum rdg_note note, u64 first, u64 last);
void sim_check_moved(struct sim_link *sl, enum rdg_state from, enum rdg_event event);
void sim_check_challenged(struct sim_link *sl, const struct rdg_header *h);
void sim_check_credit(struct sim_link *sl, const struct rdg_header *h);
void sim_check_rest(struct sim_world *w);
void sim_check_end(struct sim_world *w);

/* sim_state.c */
void sim_check_state(struct sim_link *sl, bool polled);

#endif /* _RDGRAM_TESTS_SIM_H */
