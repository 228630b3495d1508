/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protocol engine: what an endpoint and one remote endpoint have with each
 * other, from the first INIT to the last END_ACK, over as many links as it
 * takes.
 *
 * The core knows no socket, no clock, no timer and no lock. Whoever drives it
 * (the shell, or the simulation) holds one lock per link around every call,
 * passes the time in, hands out the packets that rdg_link_poll() makes, and
 * calls rdg_link_timeout() when rdg_link_deadline() has come. All times are
 * nanoseconds of one monotonic clock.
 */
#ifndef _RDGRAM_CORE_LINK_H
#define _RDGRAM_CORE_LINK_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/prandom.h>
#include <linux/rbtree.h>
#include <linux/siphash.h>
#include <linux/types.h>
#include "live.h"
#include "pace.h"
#include "rtt.h"
#include "state.h"
#include "wire.h"

#define RDG_NEVER		U64_MAX

/* What a message costs in credit beyond its length. */
#define RDG_MESSAGE_COST	512

/* Credit that a link begins with, at the most: whoever gives it in a CHALLENGE
 * keeps no record of it, and has to honour it.
 */
#define RDG_CREDIT_INITIAL	65536

/* What rdg_self.user_timeout allows an unanswered INIT at most. */
#define RDG_OPEN_TIMEOUT	(120 * NSEC_PER_SEC)

/* An association that nobody uses ends before NATs forget it (RFC 4787, 4.3). */
#define RDG_IDLE_TIMEOUT	(25 * NSEC_PER_SEC)

/**
 * struct rdg_flow - both ends of a path; IPv4 addresses are mapped into IPv6
 *
 * @local: our address.
 * @remote: the other one.
 * @lport: our port.
 * @rport: the other one.
 */
struct rdg_flow {
	struct in6_addr local;
	struct in6_addr remote;
	__be16 lport;
	__be16 rport;
};

/**
 * struct rdg_self - what the core must know of the endpoint it works for
 *
 * @secret: the key of cookies; random, constant.
 * @incarnation: random, not 0, constant.
 * @user_timeout: ns that messages wait for a silent peer; 0: for ever. May
 *	change at any time (READ_ONCE).
 * @first_pn: the first packet number of each link, in both directions: 0, but in tests
 *	of what happens when numbers on the wire wrap.
 * @first_credit: what credit is counted from on each link, in both directions: likewise.
 * @first_marks: what marks are counted from on each link, in both directions: likewise.
 * @nodelay: small messages do not wait for others to share a packet with. May change at
 *	any time (READ_ONCE).
 */
struct rdg_self {
	siphash_key_t secret;
	u64 incarnation;
	u64 user_timeout;
	u64 first_pn;
	u64 first_credit;
	u32 first_marks;
	bool nodelay;
};

/**
 * struct rdg_msg - a message to be sent: the core's part of it
 *
 * @node: in rdg_tx.queue.
 * @seq: message sequence.
 * @len: bytes.
 * @sent: bytes that were sent at least once on this link.
 * @queued: when it was handed to us; ns.
 * @more: the application said that more will follow: written by the driver.
 * @alone: nothing was on its way, nor waited: it does not wait for others.
 * @begun: its cost was taken from the credit of this link.
 * @whole: all of it was sent at least once on this link.
 */
struct rdg_msg {
	struct list_head node;
	u64 seq;
	u64 queued;
	u32 len;
	u32 sent;
	bool more;
	bool alone;
	bool begun;
	bool whole;
};

/**
 * struct rdg_buf - a received piece of a message: the core's part of it
 *
 * @node: in rdg_rx.ahead.
 * @next: the next piece of the same message, once they are chained.
 * @seq: message sequence.
 * @off: where in the message it belongs.
 * @len: its length in bytes.
 * @last: the message ends with it.
 */
struct rdg_buf {
	union {
		struct rb_node node;
		struct rdg_buf *next;
	};
	u64 seq;
	u32 off;
	u32 len : 31;
	u32 last : 1;
};

/**
 * enum rdg_outcome - how a message ends
 *
 * @RDG_OUT_DELIVERED: in the receiving socket's queue, or read.
 * @RDG_OUT_NOT_DELIVERED: surely not seen by the receiving application.
 * @RDG_OUT_IN_DOUBT: perhaps seen.
 */
enum rdg_outcome {
	RDG_OUT_DELIVERED,
	RDG_OUT_NOT_DELIVERED,
	RDG_OUT_IN_DOUBT,
};

/**
 * enum rdg_verdict - does the application want a message?
 *
 * @RDG_UNDECIDED: that could not be found out yet.
 * @RDG_ACCEPTED: it is delivered.
 * @RDG_REFUSED: its filter says no.
 */
enum rdg_verdict {
	RDG_UNDECIDED,
	RDG_ACCEPTED,
	RDG_REFUSED,
};

/**
 * enum rdg_note - what the application may want to know of a peer
 *
 * @RDG_NOTE_RESTART: what is delivered from now on is of a new incarnation.
 * @RDG_NOTE_JUMP: messages first..last will not come.
 * @RDG_NOTE_DIED: a link died while something was on its way; why (errno) is
 *	in @first of the call: ECONNRESET, ETIMEDOUT, ECONNREFUSED (closed),
 *	EPROTONOSUPPORT (version).
 * @RDG_NOTE_REFUSED: a filter of the other side has refused messages.
 */
enum rdg_note {
	RDG_NOTE_RESTART,
	RDG_NOTE_JUMP,
	RDG_NOTE_DIED,
	RDG_NOTE_REFUSED,
};

/**
 * enum rdg_count - what is counted per link; struct rdgram_stats has the same
 *
 * @RDG_CT_MESSAGES_SENT: accepted from the application.
 * @RDG_CT_MESSAGES_DELIVERED: that ended so.
 * @RDG_CT_MESSAGES_NOT_DELIVERED: likewise.
 * @RDG_CT_MESSAGES_IN_DOUBT: likewise.
 * @RDG_CT_MESSAGES_RECEIVED: delivered to our application.
 * @RDG_CT_BYTES_SENT: of the messages accepted.
 * @RDG_CT_BYTES_RECEIVED: of the messages received.
 * @RDG_CT_PACKETS_SENT: of all kinds.
 * @RDG_CT_PACKETS_RETRANSMITTED: that carry again what another one carried.
 * @RDG_CT_PACKETS_RECEIVED: of all kinds.
 * @RDG_CT_PACKETS_DUPLICATE: whose number had come already.
 * @RDG_CT_PACKETS_UNADMITTED: that there was no room for.
 * @RDG_CT_PACKETS_MALFORMED: that break the format, or lie.
 * @RDG_CT_LINKS_OPENED: that came to be UP.
 * @RDG_CT_LINKS_DIED: that ended otherwise than by END.
 * @RDG_CT_PACKETS_MARKED: of ours, that the other side says were marked.
 * @RDG_CT_PATHS_CHANGED: moves of the other side to another address, or of ours.
 * @RDG_CT_PATHS_FAILED: PATH_CHECK without an answer.
 * @RDG_CT_ILLEGAL_EDGES: our own mistakes: always 0.
 * @RDG_CT_MTU_PROBES: sent.
 * @RDG_CT_MTU_PROBES_LOST: of those.
 * @RDG_CT_MTU_BLACK_HOLES: times that the path had become narrower.
 * @RDG_COUNTS: how many there are.
 */
enum rdg_count {
	RDG_CT_MESSAGES_SENT,
	RDG_CT_MESSAGES_DELIVERED,
	RDG_CT_MESSAGES_NOT_DELIVERED,
	RDG_CT_MESSAGES_IN_DOUBT,
	RDG_CT_MESSAGES_RECEIVED,
	RDG_CT_BYTES_SENT,
	RDG_CT_BYTES_RECEIVED,
	RDG_CT_PACKETS_SENT,
	RDG_CT_PACKETS_RETRANSMITTED,
	RDG_CT_PACKETS_RECEIVED,
	RDG_CT_PACKETS_DUPLICATE,
	RDG_CT_PACKETS_UNADMITTED,
	RDG_CT_PACKETS_MALFORMED,
	RDG_CT_LINKS_OPENED,
	RDG_CT_LINKS_DIED,
	RDG_CT_PACKETS_MARKED,
	RDG_CT_PATHS_CHANGED,
	RDG_CT_PATHS_FAILED,
	RDG_CT_ILLEGAL_EDGES,
	RDG_CT_MTU_PROBES,
	RDG_CT_MTU_PROBES_LOST,
	RDG_CT_MTU_BLACK_HOLES,
	RDG_COUNTS
};

struct rdg_link;

/**
 * struct rdg_link_ops - what the core asks of its driver
 *
 * @id_add: packets with this destination id are for this link from now on.
 *	0; -EEXIST if the id is in use or a tombstone; -ENOSPC if the table is
 *	full; -ENOMEM.
 * @id_end: the id becomes a tombstone for RDG_TOMBSTONE_LIFE.
 * @alloc: memory for a link that begins; NULL: there is none, and what would
 *	have opened it is dropped.
 * @free: that link has ended.
 * @take: admit a piece of the packet that is being input: make a buffer of
 *	@len bytes that stand at @at in the packet, and charge it. @head: it
 *	belongs to the next message to be delivered, which may pass the limit
 *	of the receive buffer by the completion token. @single: the piece is
 *	the whole message. NULL: not admitted; the packet is then dropped,
 *	unacknowledged.
 * @trim: cut @n bytes off the front of a buffer (less than it has).
 * @put: a buffer is not needed: uncharge and free it.
 * @filter: asked where rdg_link.filtered: is a message wanted that is whole, and whose
 *	turn has come? If that cannot be told the driver is asked again, but only
 *	once something comes in; the buffers remain the core's.
 * @deliver: a message is whole and its turn has come: a chain of buffers
 *	(by @next) becomes the driver's. It cannot fail.
 * @arrived: all payload of a packet was taken, or refused.
 * @over: a message is over, the core has forgotten it.
 * @note: enum rdg_note.
 * @moved: the state changed; for tracing.
 * @carry: a count has come to 2^32, and goes on from 0.
 * @share: how long a silent peer is left alone between two probes at the least;
 *	ns. The driver makes it of how many are silent, see rdg_link_is_silent(). One
 *	that is known, and has a message to deliver, waits no longer than it has been
 *	silent.
 * @turn: may a link ask that was not silent before? 0: yes. Else it waits, for so
 *	many ns at the most, for rdg_link_turn(), and asks the driver again then.
 *	That one sees to it that not all of those ask at once who lose their peers
 *	at the same moment, or go to many that are not there.
 *
 * Context: called under the link's lock, in any context that calls the core;
 * they must neither sleep nor call the core for the same link.
 */
struct rdg_link_ops {
	int (*id_add)(struct rdg_link *l, u64 id);
	void (*id_end)(struct rdg_link *l, u64 id);
	struct rdg_live *(*alloc)(struct rdg_link *l);
	void (*free)(struct rdg_link *l, struct rdg_live *live);
	struct rdg_buf *(*take)(struct rdg_link *l, void *packet, u32 at, u32 len,
				bool head, bool single);
	void (*trim)(struct rdg_link *l, struct rdg_buf *b, u32 n);
	void (*put)(struct rdg_link *l, struct rdg_buf *b);
	enum rdg_verdict (*filter)(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len);
	void (*deliver)(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len);
	void (*arrived)(struct rdg_link *l, void *packet);
	void (*over)(struct rdg_link *l, struct rdg_msg *m, enum rdg_outcome outcome);
	void (*note)(struct rdg_link *l, enum rdg_note note, u64 first, u64 last);
	void (*moved)(struct rdg_link *l, enum rdg_state from, enum rdg_event event);
	void (*carry)(struct rdg_link *l, enum rdg_count count);
	u64 (*share)(struct rdg_link *l);
	u64 (*turn)(struct rdg_link *l);
};

/**
 * struct rdg_tx - the sender half: a stubborn link
 *
 * @queue: messages that are not over, in order of their sequence.
 * @head: the first of them that was not yet sent whole; NULL: none.
 * @next_seq: sequence of the next message that is handed to us.
 * @delivered: all messages below it are over.
 * @unsent: bytes of the messages that were not sent, each with a frame header.
 * @waiting: messages that were not sent whole.
 * @base: first sequence of this link.
 * @credit_used: sum of the costs of the messages begun on this link.
 * @credit_limit: a message may be begun below it.
 * @probes: packets that may leave whatever the window says.
 * @hurried: a report has drawn one since we last asked by ourselves.
 * @refused: the other side is closed: nothing new is begun on this link.
 * @limited: the window or the pace, and nothing else, keeps us from sending.
 * @paced: there is room in the window, and payload waits for rdg_pace_next().
 * @based: the other side knows @base.
 * @holding: payload is held back, see hold.c.
 */
struct rdg_tx {
	struct list_head queue;
	struct rdg_msg *head;
	u64 next_seq;
	u64 delivered;
	u32 unsent;
	u32 waiting;
	u64 base;
	u64 credit_used;
	u64 credit_limit;
	u8 probes;
	bool hurried;
	bool refused;
	bool limited;
	bool paced;
	bool based;
	bool holding;
};

/**
 * struct rdg_taken - what the receiver half knows across links
 *
 * @next: sequence of the next message to be delivered.
 * @read: first message sequence not read.
 * @unread: sum of the costs of the messages delivered and not read.
 * @least: the least that the window may be, whatever is read.
 * @most: the most that it may be.
 */
struct rdg_taken {
	u64 next;
	u64 read;
	u64 unread;
	u32 least;
	u32 most;
};

/**
 * enum rdg_via - by which path a packet came, or is to go
 *
 * @RDG_VIA_PEER: the path in use.
 * @RDG_VIA_CANDIDATE: the one that is being checked.
 * @RDG_VIA_ELSEWHERE: any other; only packets in.
 */
enum rdg_via {
	RDG_VIA_PEER,
	RDG_VIA_CANDIDATE,
	RDG_VIA_ELSEWHERE,
};

/**
 * enum rdg_path_step - what the driver has to do about the path of a packet
 *
 * @RDG_PATH_NOTHING: nothing.
 * @RDG_PATH_STRANGER: the packet was dropped: from elsewhere it means nothing.
 * @RDG_PATH_CANDIDATE: it came by what is the candidate from now on.
 * @RDG_PATH_PROVED: the candidate, by which it came, is the peer's path now:
 *	rdg_link_path_moved(), unless the driver knows better.
 */
enum rdg_path_step {
	RDG_PATH_NOTHING,
	RDG_PATH_STRANGER,
	RDG_PATH_CANDIDATE,
	RDG_PATH_PROVED,
};

/**
 * struct rdg_link - one peer, as the protocol sees it
 *
 * @ops: the driver.
 * @self: the endpoint.
 * @state: written by rdg_link_move() alone.
 * @mtu: bytes of UDP payload in the largest packet; written by
 *	rdg_link_set_mtu() alone.
 * @limit: what the local interface carries; 0: not known.
 * @cwnd: congestion window, when packets were to be made last; for who looks
 *	without the lock (READ_ONCE).
 * @own_id: packets with this destination id are ours; 0 in IDLE.
 * @remote_id: destination id of our packets.
 * @remote_inc: incarnation of the other side; 0 while it is not known. Kept
 *	when a link ends.
 * @opened: when both sides had this link; before that when it was asked for, or
 *	agreed on; ns.
 * @latest: rdg_live.begun of the last link on which a message was delivered; 0: none
 *	was. Kept when a link ends.
 * @used: when payload was sent or received last; ns.
 * @silent: since when packets of ours go unanswered; RDG_NEVER: none does.
 * @probe_at: when to ask again; RDG_NEVER: nothing to ask.
 * @asked: when a peer was asked last that was silent, or is since; ns. RDG_NEVER: it
 *	was not, or let it be asked soon.
 * @orphan_at: when a closed endpoint gives up; RDG_NEVER: is not closed.
 * @unanswered: probes in a row without an answer.
 * @filtered: messages are delivered only if rdg_link_ops.filter wants them. The driver's.
 * @waits: for its turn to ask, see rdg_link_ops.turn.
 * @waits_since: when that began; ns.
 * @init_due: an INIT is to be sent.
 * @ping_due: a packet that asks for an ack is to be sent.
 * @end_due: an END is to be sent.
 * @end_ack_due: an END_ACK is to be sent, and ends the link.
 * @closing: the endpoint is closed.
 * @held: no message is sent yet, see rdg_link_hold().
 * @unadmitted: something was not admitted since the last message was read.
 * @rnd: randomness of jitter and ids.
 * @rtt: round-trip time.
 * @pace: pacing.
 * @path_since: of packets sent before it nothing is to be concluded: they took
 *	another path, or we slept while they were on their way; ns.
 * @tx: sender half.
 * @taken: receiver half.
 * @live: what only a link that lives has; NULL: it does not.
 * @congestion: algorithm of congestion control of this link, or of the next one.
 * @count: enum rdg_count; 2^32 is carried to the driver.
 */
struct rdg_link {
	const struct rdg_link_ops *ops;
	const struct rdg_self *self;
	enum rdg_state state;
	u32 mtu;
	u32 limit;
	u32 cwnd;
	u64 own_id;
	u64 remote_id;
	u64 remote_inc;
	u32 unanswered;
	bool filtered;
	u64 opened;
	u64 latest;
	u64 used;
	u64 silent;
	u64 probe_at;
	u64 asked;
	u64 orphan_at;
	u64 waits_since;
	bool waits;
	bool init_due;
	bool ping_due;
	bool end_due;
	bool end_ack_due;
	bool closing;
	bool held;
	bool unadmitted;
	struct rnd_state rnd;
	struct rdg_rtt rtt;
	struct rdg_pace pace;
	u64 path_since;
	struct rdg_tx tx;
	struct rdg_taken taken;
	struct rdg_live *live;
	const struct rdg_cc_ops *congestion;
	u32 count[RDG_COUNTS];
};

/**
 * struct rdg_slice - a part of a message that goes into a packet
 *
 * @msg: the message.
 * @off: from where in it.
 * @len: bytes; 0 for an empty message.
 */
struct rdg_slice {
	struct rdg_msg *msg;
	u32 off;
	u32 len;
};

/**
 * struct rdg_out - a packet to be sent: head, the slices in order, padding
 *
 * @head_len: bytes of @head.
 * @payload: bytes of all slices.
 * @padding: bytes of any value to be sent behind the slices.
 * @slices: number of slices.
 * @depart: when it is to leave, see rdg_link_set_timed(); ns. Not before @now of
 *	the call.
 * @ect: it may be marked instead of being dropped: ECT(0) (RFC 3168).
 * @via: enum rdg_via.
 * @goes_on: rdg_link_poll()'s own: the next packet may be the same but for its number, and
 *	the bytes that follow. The driver clears it before it polls for the first time after
 *	any other call of the core for this link.
 * @slice: where the payload is. Valid until the core is called again.
 * @head: the packet's header and frames.
 */
struct rdg_out {
	u32 head_len;
	u32 payload;
	u32 padding;
	u32 slices;
	u64 depart;
	bool ect;
	u8 via;
	bool goes_on;
	struct rdg_slice slice[RDG_PIECES_OUT];
	u8 head[RDG_HEAD_MAX];
};

/* link.c: the life of a link */
void rdg_link_init(struct rdg_link *l, const struct rdg_link_ops *ops,
		   const struct rdg_self *self, u64 seed, u64 now);
void rdg_link_free(struct rdg_link *l);
void rdg_link_number(struct rdg_link *l, u64 seq);
bool rdg_link_queue(struct rdg_link *l, struct rdg_msg *m, u64 now);
void rdg_link_hold(struct rdg_link *l, bool held, u64 now);
bool rdg_link_read(struct rdg_link *l, u64 seq, u32 n, u64 bytes, u64 now);
void rdg_link_set_window(struct rdg_link *l, u32 least, u32 most);
void rdg_link_set_congestion(struct rdg_link *l, const struct rdg_cc_ops *ops, u64 now);
void rdg_link_set_timed(struct rdg_link *l, bool timed);
void rdg_link_close(struct rdg_link *l, u64 orphan_at, u64 now);
bool rdg_link_finished(const struct rdg_link *l);

/* link_input.c: packets in */
void rdg_link_packet(struct rdg_link *l, const struct rdg_header *h, const struct rdg_frames *f,
		     void *packet, bool ce, u64 now);
bool rdg_link_goes_on(struct rdg_link *l, const struct rdg_header *h, const struct rdg_frames *f,
		      void *packet, bool ce, u64 now);
void rdg_link_challenge(struct rdg_link *l, const struct rdg_header *h, u64 now);
int rdg_link_confirm(struct rdg_link *l, const struct rdg_header *h,
		     const struct rdg_frames *f, u64 now);
void rdg_link_reset(struct rdg_link *l, const struct rdg_header *h, u64 now);
void rdg_link_unreachable(struct rdg_link *l);
void rdg_link_version(struct rdg_link *l, const struct rdg_header *h);
void rdg_link_asked(struct rdg_link *l, const struct rdg_header *init, u64 now);

/* path.c: packets in, and where they come from */
enum rdg_path_step rdg_link_packet_via(struct rdg_link *l, const struct rdg_header *h,
				       const struct rdg_frames *f, void *packet,
				       bool ce, enum rdg_via via, u64 now);
void rdg_link_path_moved(struct rdg_link *l, bool far, u64 now);
void rdg_link_roamed(struct rdg_link *l, u64 now);
void rdg_link_path_barred(struct rdg_link *l);

/* link_output.c: packets out */
bool rdg_link_poll(struct rdg_link *l, u64 now, struct rdg_out *out);
bool rdg_link_is_quiet(const struct rdg_link *l, u64 now);
u32 rdg_link_set_train(struct rdg_link *l, u32 bytes);
void rdg_link_set_price(struct rdg_link *l, u64 took);

/* mtu.c: the size of packets */
void rdg_link_set_limit(struct rdg_link *l, u32 limit);
bool rdg_link_too_big(struct rdg_link *l, u32 pn, u32 size);

/* link_timer.c: time */
u64 rdg_link_deadline(const struct rdg_link *l);
bool rdg_link_is_silent(const struct rdg_link *l);
void rdg_link_rouse(struct rdg_link *l, u64 at);
void rdg_link_turn(struct rdg_link *l, u64 at);
void rdg_link_timeout(struct rdg_link *l, u64 now);

#endif /* _RDGRAM_CORE_LINK_H */
