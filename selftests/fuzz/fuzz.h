/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets of anybody's making against the core, in every state that a link can be in.
 *
 * Two real cores talk to each other, in virtual time, over a network in which the
 * fuzzer does as it likes: it sees all, ids and cookies included, loses packets, repeats
 * and reorders them, changes bytes of them, and makes packets of its own. What is said
 * and to whom, and when an application does something, stands in the fuzzer's input: the
 * same bytes mean the same.
 *
 * Who may do all that can tell each side whatever it likes, so it is not asked whether
 * messages arrive (the simulation asks that, in net/rdgram/tests/). What is asked:
 *
 *   - no bad access, no leak, no undefined behaviour: the compiler's sanitizers;
 *   - a side takes no more memory than it is given, and gives all of it back;
 *   - each message ends, once; each is delivered once at most, in order, with what was
 *     in the packets; what is left out is said before;
 *   - no packet is larger than it may be, none answers with more than it was asked with,
 *     and to an address that is not proved no more than what came from there;
 *   - nobody talks without end, nor waits for ever with something to send;
 *   - a closed endpoint is gone when its time is over.
 *
 *	target.c	what the bytes of the input mean
 *	forge.c		packets of the fuzzer's making
 *	world.c		packets on their way, time
 *	side.c		one side: the core's driver
 *	replay.c	inputs that were kept, without libFuzzer
 */
#ifndef _FUZZ_H
#define _FUZZ_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/slab.h>
#include "../../net/rdgram/core/cookie.h"
#include "../../net/rdgram/core/link.h"

#define FUZZ_SIDES	2
#define FUZZ_IDS	64
#define FUZZ_FLIGHT	64
#define FUZZ_PACKET	9000

/* What the driver charges for a buffer beyond its length. */
#define FUZZ_OVERHEAD	64

/**
 * struct fuzz_input - bytes of the input that were not used yet
 *
 * @at: the next one.
 * @end: behind the last one; from there on all are 0.
 */
struct fuzz_input {
	const u8 *at;
	const u8 *end;
};

/**
 * struct fuzz_packet - a packet on its way, or held by buffers
 *
 * @refs: who holds it: the flight and buffers.
 * @len: bytes.
 * @have: how many of them are in @data; the others are 0, and payload: nobody reads it.
 * @to: which side.
 * @ce: marked Congestion Experienced.
 * @data: its bytes.
 */
struct fuzz_packet {
	u32 refs;
	u32 len;
	u32 have;
	u8 to;
	bool ce;
	u8 data[];
};

/**
 * struct fuzz_buf - a received piece
 *
 * @buf: the core's part.
 * @side: who took it.
 * @packet: where its bytes are.
 * @at: where in @packet they begin.
 * @len: how many are left.
 * @charge: what it was charged with.
 */
struct fuzz_buf {
	struct rdg_buf buf;
	struct fuzz_side *side;
	struct fuzz_packet *packet;
	u32 at;
	u32 len;
	u32 charge;
};

/**
 * struct fuzz_item - a message in a receive queue
 *
 * @node: in fuzz_side.queue.
 * @seq: its message sequence.
 * @len: bytes.
 * @chain: its buffers.
 */
struct fuzz_item {
	struct list_head node;
	u64 seq;
	u32 len;
	struct rdg_buf *chain;
};

/**
 * struct fuzz_id - an id of ours, or a tombstone
 *
 * @id: the id.
 * @expires: when the tombstone goes; RDG_NEVER: it is in use; ns.
 */
struct fuzz_id {
	u64 id;
	u64 expires;
};

/**
 * struct fuzz_side - an endpoint with its one peer
 *
 * @f: the world.
 * @nr: which side.
 * @link: the core.
 * @self: the core's part of the endpoint.
 * @fire: when the timer fires; ns.
 * @id: ids and tombstones.
 * @ids: how many there are.
 * @queue: messages received and not read.
 * @pending: messages that are not over.
 * @buffers: pieces that the core holds.
 * @charged: sum of the charges of all buffers.
 * @rcvbuf: limit of @charged, but for the token.
 * @token: it may pass that limit with one message.
 * @next: the message sequence that has to be delivered, or refused, next; 0: any.
 * @unwanted: bits: the filter refuses messages whose sequence is one of these, modulo 8.
 * @limit: what the interface carries; 0: nobody has said.
 * @departs: when the newest packet by the path in use does; ns.
 * @got: bytes that came from the path that is being checked.
 * @gave: bytes that were sent there.
 * @live: memory of the link that lives.
 */
struct fuzz_side {
	struct fuzz *f;
	u8 nr;
	struct rdg_link link;
	struct rdg_self self;
	u64 fire;
	struct fuzz_id id[FUZZ_IDS];
	u32 ids;
	struct list_head queue;
	u32 pending;
	u32 buffers;
	u32 charged;
	u32 rcvbuf;
	bool token;
	u64 next;
	u8 unwanted;
	u32 limit;
	u64 departs;
	u64 got;
	u64 gave;
	u32 live;
};

/**
 * struct fuzz - all of it
 *
 * @now: virtual time; ns.
 * @rnd: of ids and incarnations.
 * @side: both sides.
 * @flight: packets on their way, the oldest first.
 * @flights: how many there are.
 * @starve: bits, used up from the lowest on: the next allocations fail.
 * @out: scratch: too large for the stack.
 * @frames: likewise.
 */
struct fuzz {
	u64 now;
	u64 rnd;
	struct fuzz_side side[FUZZ_SIDES];
	struct fuzz_packet *flight[FUZZ_FLIGHT];
	u32 flights;
	u32 starve;
	struct rdg_out out;
	struct rdg_frames frames;
};

/* Packets given to the core, and those of them of the fuzzer's making. */
extern u64 fuzz_packets;
extern u64 fuzz_forged;

/* Messages that a filter did not want. */
extern u64 fuzz_refused;

/* A promise is broken: the input is kept by libFuzzer. */
#define fuzz_check(good, ...) do {				\
	if (!(good)) {						\
		fprintf(stderr, "fuzz: " __VA_ARGS__);		\
		fprintf(stderr, "\n");				\
		abort();					\
	}							\
} while (0)

/* target.c */
/* libFuzzer calls it by that name. */
int fuzz_one(const u8 *data, size_t size) asm("LLVMFuzzerTestOneInput");
u8 fuzz_u8(struct fuzz_input *in);
u32 fuzz_u16(struct fuzz_input *in);
u64 fuzz_u64(struct fuzz_input *in);
u64 fuzz_near(struct fuzz_input *in, u64 base);

/* world.c */
u64 fuzz_random(struct fuzz *f);
bool fuzz_fails(struct fuzz *f);
struct fuzz_packet *fuzz_packet(u8 to, const u8 *data, u32 have, u32 len);
void fuzz_packet_put(struct fuzz_packet *p);
void fuzz_fly(struct fuzz *f, struct fuzz_packet *p);
struct fuzz_packet *fuzz_land(struct fuzz *f, u32 i);
void fuzz_advance(struct fuzz *f, u64 until);
bool fuzz_step(struct fuzz *f);

/* forge.c */
struct fuzz_packet *fuzz_forge(struct fuzz *f, u8 to, struct fuzz_input *in);
struct fuzz_packet *fuzz_raw(u8 to, struct fuzz_input *in);
struct fuzz_packet *fuzz_spoil(const struct fuzz_packet *p, struct fuzz_input *in);

/* side.c */
void fuzz_flow(const struct fuzz_side *s, struct rdg_flow *flow);
void fuzz_side_begin(struct fuzz *f, u8 nr, u32 rcvbuf, u32 window);
void fuzz_side_end(struct fuzz_side *s);
void fuzz_send(struct fuzz_side *s, u32 len, bool more);
bool fuzz_read(struct fuzz_side *s);
void fuzz_close(struct fuzz_side *s, u64 orphan);
void fuzz_filter(struct fuzz_side *s, u8 unwanted);
void fuzz_pump(struct fuzz_side *s);
void fuzz_timer(struct fuzz_side *s);
void fuzz_packet_in(struct fuzz *f, struct fuzz_packet *p, enum rdg_via via, bool moves);

#endif /* _FUZZ_H */
