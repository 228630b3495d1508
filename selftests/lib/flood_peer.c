// SPDX-License-Identifier: GPL-2.0-only
#include "flood_peer.h"

#include <err.h>
#include <errno.h>
#include <unistd.h>

#include "message.h"
#include "sock.h"

static u64 any(u64 i, u64 what)
{
	return message_hash(i, what);
}

void flood_peer_open(struct flood_peer *p, struct beside *b, u16 port)
{
	const struct addr to = beside_addr(b);

	*p = (struct flood_peer){ .b = b, .port = port };
	p->fd = attacker_socket(&b->attacker, port, &to);
	forge_open(&p->link, p->fd, FLOOD_PEER_CREDIT);
}

void flood_peer_close(struct flood_peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void ack_what_was_never_sent(struct flood_peer *p, struct forge *f, u64 i)
{
	(void)p;
	forge_ack(f, 1000 + any(i, 1) % (1U << 30), 1 + any(i, 2) % 1000);
}

/* All up to a number that was sent, or will be soon, whether they have come or not. */
static void ack_unseen(struct flood_peer *p, struct forge *f, u64 i)
{
	const u32 largest = p->heard + (i % 4 ? 0 : 1 + i % 16);

	forge_ack(f, largest, largest - p->first + 1);
	forge_report(f, 1, 2 * MESSAGE_MAX, 0);
}

static void report_of_what_was_never_sent(struct flood_peer *p, struct forge *f, u64 i)
{
	(void)p;
	forge_report(f, 2 + any(i, 1) % (1U << 30), FLOOD_PEER_CREDIT, 0);
}

/* Pieces of one byte, with a hole of one byte between any two. */
static void tiny_piece(struct flood_peer *p, struct forge *f, u64 i)
{
	(void)p;
	forge_piece(f, FORGE_OFFSET, 1, 1, 1 + 2 * i);
}

/* The first piece of each of as many messages as there is credit for, again and again. */
static void first_piece(struct flood_peer *p, struct forge *f, u64 i)
{
	const u32 messages = 100;

	(void)p;
	forge_piece(f, FORGE_OFFSET, 1000, 2 + i % messages, 2000 * (i / messages));
}

static void piece_far_ahead(struct flood_peer *p, struct forge *f, u64 i)
{
	(void)p;
	forge_piece(f, FORGE_OFFSET, 1000, 1, 2 + any(i, 1) % (MESSAGE_MAX - 1002));
}

/* Messages for which there is no credit, and others that were long ago. */
static void wrapped_sequence(struct flood_peer *p, struct forge *f, u64 i)
{
	static const u32 corners[] = {
		0, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x00010000,
		0x00020001,
	};

	(void)p;
	forge_piece(f, FORGE_LAST, 1, corners[i % (sizeof(corners) / sizeof(*corners))], 0);
}

/* Each a quarter of all numbers further on than the last: after four it has been there. */
static void wrapped_number(struct flood_peer *p, struct forge *f, u64 i)
{
	(void)i;
	p->link.pn += 0x3fffffff;
	forge_begin(f, FORGE_DATA, p->link.dst_id, p->link.pn++);
	forge_ping(f);
}

/* No credit was ever given: the victim asks, and each time is told that there is none. */
static void no_credit(struct flood_peer *p, struct forge *f, u64 i)
{
	(void)i;
	forge_ack(f, p->heard, 1);
	forge_report(f, 1, 0, 0);
}

/* Less each time: it counts as nothing. */
static void less_credit(struct flood_peer *p, struct forge *f, u64 i)
{
	forge_ack(f, p->heard, 1);
	forge_report(f, 1, FLOOD_PEER_CREDIT - i % FLOOD_PEER_CREDIT, 0);
}

static const struct kind {
	const char *name;
	void (*make)(struct flood_peer *p, struct forge *f, u64 i);
	size_t takes;
} kinds[FLOOD_PEER_KINDS] = {
	[FLOOD_PEER_ACKS] = { "acks of what was never sent", ack_what_was_never_sent, 0 },
	[FLOOD_PEER_OPTIMISTIC_ACKS] = { "optimistic acks", ack_unseen, MESSAGE_MAX },
	[FLOOD_PEER_REPORTS] = {
		"reports of what was never sent", report_of_what_was_never_sent, 0,
	},
	[FLOOD_PEER_TINY_FRAGMENTS] = { "tiny fragments", tiny_piece, 0 },
	[FLOOD_PEER_NEVER_WHOLE] = { "messages that are never whole", first_piece, 0 },
	[FLOOD_PEER_FAR_AHEAD] = { "pieces far ahead", piece_far_ahead, 0 },
	[FLOOD_PEER_SEQUENCES] = { "message sequences at the wrap", wrapped_sequence, 0 },
	[FLOOD_PEER_NUMBERS] = { "packet numbers at the wrap", wrapped_number, 0 },
	[FLOOD_PEER_NO_CREDIT] = { "windows of zero", no_credit, 1000 },
	[FLOOD_PEER_LESS_CREDIT] = { "credits that shrink", less_credit, 1000 },
};

const char *flood_peer_name(int kind)
{
	return kinds[kind].name;
}

size_t flood_peer_takes(int kind)
{
	return kinds[kind].takes;
}

static void hear(struct flood_peer *p)
{
	s64 pn;

	while ((pn = forge_heard(&p->link)) >= 0) {
		p->first = p->hears ? p->first : pn;
		p->hears = true;
		p->heard = pn;
	}
}

void flood_peer_make(struct flood_peer *p, int kind, struct forge *f)
{
	forge_next(&p->link, f);
	kinds[kind].make(p, f, p->said++);
	forge_end(f);
}

void flood_peer_send(struct flood_peer *p, int kind, u64 packets)
{
	struct forge f;

	while (packets--) {
		flood_peer_make(p, kind, &f);
		forge_say(&p->link, &f);
	}
	hear(p);
}

int flood_peer_fill(const struct flood_peer *p, int kind)
{
	const struct addr to = attacker_addr(&p->b->attacker, p->port);
	static const u8 message[MESSAGE_MAX];
	int sent = 0;
	ssize_t len;

	/* That an earlier link has died is told once. */
	do {
		len = sock_sendto(p->b->victim, message, kinds[kind].takes, MSG_DONTWAIT, &to);
		sent += len > 0;
	} while (len > 0 || errno == EPROTO);
	if (errno != EAGAIN)
		err(1, "a message to the attacker");
	return sent;
}
