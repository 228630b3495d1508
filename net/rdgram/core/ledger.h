/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The in-flight ledger: what each packet carried, by packet number.
 */
#ifndef _RDGRAM_CORE_LEDGER_H
#define _RDGRAM_CORE_LEDGER_H

#include <linux/types.h>

struct rdg_msg;

/* Entries: a link begins with the first, and may grow to the second. */
#define RDG_LEDGER_MIN		64
#define RDG_LEDGER_MAX		8192

/* Of the numbers that were left out the last ones are known: those of several times as many
 * packets as can be on their way.
 */
#define RDG_SKIPPED_KEPT	64

/* Entries that new payload leaves free, see rdg_ledger_lost(). */
#define RDG_LEDGER_SPARE	4

/**
 * enum rdg_sent_state - what is known of a packet that was sent
 *
 * @RDG_SENT_FLIGHT: asks for an ack and has none.
 * @RDG_SENT_LOST: counted lost; what it carried waits to be sent again.
 * @RDG_SENT_RESENT: counted lost, and nothing of it waits to be sent. It is
 *	kept for a while, in case that it was only late.
 * @RDG_SENT_ACKED: acknowledged.
 */
enum rdg_sent_state {
	RDG_SENT_FLIGHT,
	RDG_SENT_LOST,
	RDG_SENT_RESENT,
	RDG_SENT_ACKED,
};

/* What else a packet carried that must be sent again if it is lost. */
#define RDG_CARRIED_REPORT	0x01
#define RDG_CARRIED_END		0x02

/* Its payload went out again; rdg_sent.seq is the number of who carries it. */
#define RDG_CARRIED_COPIED	0x04

/**
 * struct rdg_sent - a packet that was sent and asked for an ack
 *
 * @pn: packet number.
 * @time: when, in ns.
 * @msg: the first message it carries payload of; valid as long as @seq was
 *	not reported delivered.
 * @seq: its message sequence; or see RDG_CARRIED_COPIED.
 * @off: where in the first message the payload begins.
 * @count: messages it carries payload of: @seq and those that follow it.
 * @end: where in the last message the payload ends.
 * @carried: RDG_CARRIED_*.
 * @delivered: rdg_rate.delivered when it was sent, low 32 bits.
 * @since_delivered: how long before that was rdg_rate.delivered_at; 64 ns.
 * @since_first: how long before that was rdg_rate.first_sent; 64 ns.
 * @flight: bytes in flight when it was sent, itself included.
 * @run: in state ACKED: so many entries, from this on, need no look when they are
 *	acknowledged again; at least 1.
 * @lost: rdg_rate.lost when it was sent, low 32 bits.
 * @size: bytes of UDP payload.
 * @state: enum rdg_sent_state.
 * @app_limited: there was too little to send when it was sent.
 * @episode: in which episode of losses it was counted lost; 0: in none.
 *
 * There may be thousands: it is one cache line.
 */
struct rdg_sent {
	u64 pn;
	u64 time;
	struct rdg_msg *msg;
	u64 seq;
	u32 off : 24;
	u32 count : 8;
	u32 end : 24;
	u32 carried : 8;
	u32 delivered;
	u32 since_delivered;
	u32 since_first;
	union {
		u32 flight;
		u32 run;
	};
	u32 lost;
	u16 size;
	u8  state : 7;
	u8  app_limited : 1;
	u8  episode;
};

/**
 * struct rdg_ledger - the packets of a link that asked for an ack
 *
 * @ring: entries in order of packet number; the place of an entry is its
 *	position modulo @size. NULL until there is one.
 * @size: entries in @ring, a power of two.
 * @flight: number of entries in state FLIGHT.
 * @lost: number of entries in state LOST.
 * @bytes: bytes in flight: the sizes of entries in state FLIGHT.
 * @sacked: number of entries in state ACKED after @first.
 * @tail: position of the oldest entry; nobody asks for those before it.
 * @head: position after the newest entry.
 * @scan: position; no entry before it is LOST.
 * @first: position of the oldest entry in state FLIGHT; @head: there is none.
 * @forget: entries in state RESENT that were sent before are let go of; ns.
 * @next: the next packet number to be used.
 * @acked: largest number acknowledged + 1; 0: none.
 * @eliciting: when the newest entry was made; ns.
 * @quiet_pn: number of the newest packet that asked for no ack.
 * @quiet: when it was sent; ns; 0: there was none.
 * @urged: the packet of @eliciting asked for an immediate ack.
 * @skip_at: from here on the next number of a packet that asks for an ack is left out;
 *	0: not known yet.
 * @skips: how many numbers were left out.
 * @skipped: the last of them: an ack for one is a lie, also when all around it was
 *	acknowledged, and let go of, long ago. The place of each is its count modulo
 *	RDG_SKIPPED_KEPT.
 *
 * Packets that ask for no ack take a number and no entry, and so do those that are left out.
 */
struct rdg_ledger {
	struct rdg_sent *ring;
	u32 size;
	u32 flight;
	u32 lost;
	u32 bytes;
	u32 sacked;
	u64 tail;
	u64 head;
	u64 scan;
	u64 first;
	u64 forget;
	u64 next;
	u64 acked;
	u64 eliciting;
	u64 quiet_pn;
	u64 quiet;
	bool urged;
	u64 skip_at;
	u32 skips;
	u64 skipped[RDG_SKIPPED_KEPT];
};

/**
 * rdg_ledger_at - the entry at a position
 * @g: the ledger
 * @pos: position, from @tail to before @head
 *
 * Return: the entry.
 */
static inline struct rdg_sent *rdg_ledger_at(const struct rdg_ledger *g, u64 pos)
{
	return &g->ring[pos & (g->size - 1)];
}

/**
 * rdg_ledger_full - are there no more than the spare entries left?
 * @g: the ledger; rdg_ledger_room() said that there is no room for more
 *
 * Return: true if so.
 */
static inline bool rdg_ledger_full(const struct rdg_ledger *g)
{
	return g->head - g->tail + RDG_LEDGER_SPARE > g->size;
}

void rdg_ledger_init(struct rdg_ledger *g);
void rdg_ledger_free(struct rdg_ledger *g);
bool rdg_ledger_room(struct rdg_ledger *g, u32 entries);
void rdg_ledger_rest(struct rdg_ledger *g, u64 since);
void rdg_ledger_tidy(struct rdg_ledger *g);
struct rdg_sent *rdg_ledger_add(struct rdg_ledger *g, u32 size, u64 now);
void rdg_ledger_skip(struct rdg_ledger *g);
u64 rdg_ledger_find(const struct rdg_ledger *g, u64 pn);
u64 rdg_ledger_pass(struct rdg_ledger *g, u64 pos, u64 end);
bool rdg_ledger_skipped(const struct rdg_ledger *g, u64 low, u64 high, u32 *older);
void rdg_ledger_set(struct rdg_ledger *g, struct rdg_sent *s, enum rdg_sent_state state);
void rdg_ledger_trim(struct rdg_ledger *g);
struct rdg_sent *rdg_ledger_lost(struct rdg_ledger *g);

#endif /* _RDGRAM_CORE_LEDGER_H */
