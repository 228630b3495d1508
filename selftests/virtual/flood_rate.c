// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a pair keeps of its rate beside floods, of a rate that is known. In virtual time to
 * look at a packet takes none: so what is missing was taken by the protocol, by a queue, a
 * buffer or a budget that the flood has a part in. The pair streams between the socket that
 * is attacked and another one, as fast as a path of its own lets it, whose queue is never full:
 * then what is received in a span is exactly what the path carries. In one direction, since in
 * both the queue that one makes holds up the acks of the other.
 *
 * timeout: 300
 */
#include <stdlib.h>
#include <time.h>

#include "kselftest_harness.h"
#include "beside.h"
#include "flood.h"
#include "flood_peer.h"
#include "klog.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define PATH		"delay 10ms rate 20mbit"
#define PACKETS_PER_MS	2	/* of a flood */
#define WARM		300	/* ms, until the path is full, or a peer has pinned what he can */
#define SPAN		1000	/* ms that are measured */
#define RESETS_PER_MS	1	/* which the victim may send, and VERSIONs; beyond so many... */
#define RESETS_AT_ONCE	200
#define PORT		6666	/* of a peer that floods */
#define PER_LINK	200	/* optimistic acks */
#define KEPT		80	/* percent, at least */

enum direction { TO_VICTIM, FROM_VICTIM };

struct world {
	struct beside b;
	struct flow flow;	/* of the pair */
	int receiver;
	u64 *bytes;		/* of all messages that it has received */
	pid_t workers[2];
	u64 alone;		/* bytes in SPAN, without a flood */
	/* The flood that there is: */
	const struct flood_kind *kind;
	const struct addr *from;
	struct flood_peer peer;
	int peer_kind;
	u64 said;		/* packets of it */
};

static bool send_on(void *arg)
{
	const struct world *w = arg;

	return flow_send(&w->flow);
}

static bool receive_on(void *arg)
{
	const struct world *w = arg;
	struct flow_check check = { .len = w->flow.len };
	static u8 message[MESSAGE_MAX];
	struct addr from;
	ssize_t len;

	check.next[w->flow.sender] = w->flow.first;
	for (;;) {
		len = sock_recvfrom(w->receiver, message, sizeof(message), 0, &from);
		if (len < 0 || !flow_take(&check, message, len, &from))
			return false;
		__atomic_add_fetch(w->bytes, len, __ATOMIC_RELAXED);
	}
}

static void sleep_until(struct timespec *at, u64 ms_later)
{
	at->tv_nsec += ms_later * 1000000;
	at->tv_sec += at->tv_nsec / 1000000000;
	at->tv_nsec %= 1000000000;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, at, NULL);
}

typedef void (*flood_packet)(struct world *w);

/* Let time pass, beside a flood or without one; the bytes that are received meanwhile. */
static u64 pass(struct world *w, u64 ms, flood_packet flood)
{
	const u64 before = __atomic_load_n(w->bytes, __ATOMIC_RELAXED);
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	for (u64 passed = 0; passed < ms; passed++) {
		for (int i = 0; flood && i < PACKETS_PER_MS; i++)
			flood(w);
		sleep_until(&at, 1);
	}
	return __atomic_load_n(w->bytes, __ATOMIC_RELAXED) - before;
}

static void stream(struct world *w, enum direction where)
{
	struct beside *b = &w->b;
	const bool to = where == TO_VICTIM;

	w->flow = (struct flow){
		.fd = to ? b->sender : b->victim,
		.to = to ? beside_addr(b) : beside_sender(b),
		.sender = to ? 0 : 1,
		.first = to ? b->sent : 0,
		.count = 1ULL << 60,
		.len = b->check.len,
	};
	w->receiver = to ? b->victim : b->sender;
	w->bytes = worker_shared(sizeof(*w->bytes));
	w->workers[0] = worker_start(receive_on, w);
	w->workers[1] = worker_start(send_on, w);
}

static void open_world(struct __test_metadata *_metadata, struct world *w, int family,
		       enum direction where)
{
	beside_open(&w->b, family, PATH);
	ASSERT_TRUE(beside_transfer(&w->b, 100));
	w->peer.fd = -1;
	stream(w, where);
	pass(w, WARM, NULL);
	w->alone = pass(w, SPAN, NULL);
	ASSERT_LT(0, w->alone);
}

static void close_world(struct world *w)
{
	for (int i = 0; i < 2; i++)
		worker_kill(w->workers[i]);
	flood_peer_close(&w->peer);
	beside_close(&w->b);
}

/* Is most of the rate kept beside it? Says how much. */
static bool keeps(struct world *w, const char *name, flood_packet flood)
{
	const u64 kept = pass(w, SPAN, flood);

	printf("# %s: %.1f %% of %.2f MB/s\n", name, 100.0 * kept / w->alone,
	       w->alone / 1e3 / SPAN);
	return kept * 100 >= w->alone * KEPT && klog_silent(w->b.klog);
}

FIXTURE(flood_rate) {
	struct world w;
};

FIXTURE_VARIANT(flood_rate) {
	int family;
	enum direction where;
};

FIXTURE_VARIANT_ADD(flood_rate, v4_to) { AF_INET, TO_VICTIM };
FIXTURE_VARIANT_ADD(flood_rate, v4_from) { AF_INET, FROM_VICTIM };
FIXTURE_VARIANT_ADD(flood_rate, v6_from) { AF_INET6, FROM_VICTIM };

FIXTURE_SETUP(flood_rate)
{
	open_world(_metadata, &self->w, variant->family, variant->where);
}

FIXTURE_TEARDOWN(flood_rate)
{
	close_world(&self->w);
}

static void packet_of_a_stranger(struct world *w)
{
	const struct addr to = beside_addr(&w->b);

	flood_send(&w->b.attacker, w->kind, w->said++, w->from, &to);
}

/* One flood after the other: none leaves anything. */
static void by_strangers(struct __test_metadata *_metadata, struct world *w)
{
	const struct addr to = beside_addr(&w->b);
	u64 resets;

	for (int i = 0; i < FLOOD_KINDS; i++) {
		flood_learn(&w->b.attacker, &to);
		resets = beside_counter(&w->b, "resets");
		w->kind = &flood_kinds[i];
		EXPECT_TRUE(keeps(w, w->kind->name, packet_of_a_stranger));
		EXPECT_GE(RESETS_AT_ONCE + RESETS_PER_MS * SPAN,
			  beside_counter(&w->b, "resets") - resets);
	}
}

TEST_F_TIMEOUT(flood_rate, from_invented_addresses, 100000)
{
	by_strangers(_metadata, &self->w);
}

TEST_F_TIMEOUT(flood_rate, from_the_address_of_the_pair, 100000)
{
	const struct addr sender = beside_sender(&self->w.b);

	self->w.from = &sender;
	by_strangers(_metadata, &self->w);
}

static void orphan(struct world *w)
{
	if (!flood_leave_orphan(&w->b.attacker, w->said++))
		abort();
}

/* By a user of the victim's host. */
TEST_F_TIMEOUT(flood_rate, endless_orphans, 100000)
{
	hosts_enter(&self->w.b.hosts, 1);
	EXPECT_TRUE(keeps(&self->w, "orphans", orphan));
}

FIXTURE(flood_rate_peer) {
	struct world w;
};

FIXTURE_VARIANT(flood_rate_peer) {
	int family, kind;
	enum direction where;
};

/* In the direction that it is after. */
FIXTURE_VARIANT_ADD(flood_rate_peer, acks) { AF_INET, FLOOD_PEER_ACKS, FROM_VICTIM };
FIXTURE_VARIANT_ADD(flood_rate_peer, optimistic_acks) {
	AF_INET, FLOOD_PEER_OPTIMISTIC_ACKS, FROM_VICTIM,
};

FIXTURE_VARIANT_ADD(flood_rate_peer, reports) { AF_INET, FLOOD_PEER_REPORTS, FROM_VICTIM };
FIXTURE_VARIANT_ADD(flood_rate_peer, no_credit) { AF_INET, FLOOD_PEER_NO_CREDIT, FROM_VICTIM };
FIXTURE_VARIANT_ADD(flood_rate_peer, no_credit_v6) {
	AF_INET6, FLOOD_PEER_NO_CREDIT, FROM_VICTIM,
};

FIXTURE_VARIANT_ADD(flood_rate_peer, less_credit) {
	AF_INET, FLOOD_PEER_LESS_CREDIT, FROM_VICTIM,
};

FIXTURE_VARIANT_ADD(flood_rate_peer, tiny_fragments) {
	AF_INET, FLOOD_PEER_TINY_FRAGMENTS, TO_VICTIM,
};

FIXTURE_VARIANT_ADD(flood_rate_peer, never_whole) { AF_INET, FLOOD_PEER_NEVER_WHOLE, TO_VICTIM };
FIXTURE_VARIANT_ADD(flood_rate_peer, far_ahead) { AF_INET, FLOOD_PEER_FAR_AHEAD, TO_VICTIM };
FIXTURE_VARIANT_ADD(flood_rate_peer, far_ahead_v6) { AF_INET6, FLOOD_PEER_FAR_AHEAD, TO_VICTIM };
FIXTURE_VARIANT_ADD(flood_rate_peer, sequences) { AF_INET, FLOOD_PEER_SEQUENCES, TO_VICTIM };
FIXTURE_VARIANT_ADD(flood_rate_peer, numbers) { AF_INET, FLOOD_PEER_NUMBERS, TO_VICTIM };

FIXTURE_SETUP(flood_rate_peer)
{
	open_world(_metadata, &self->w, variant->family, variant->where);
}

FIXTURE_TEARDOWN(flood_rate_peer)
{
	close_world(&self->w);
}

/* Who has been found out, or has all that there was for him, asks for more. */
static void renew(struct world *w)
{
	flood_peer_close(&w->peer);
	flood_peer_open(&w->peer, &w->b, PORT);
	flood_peer_fill(&w->peer, w->peer_kind);
}

static void packet_of_a_peer(struct world *w)
{
	if (w->peer_kind == FLOOD_PEER_OPTIMISTIC_ACKS && w->peer.said == PER_LINK)
		renew(w);
	flood_peer_send(&w->peer, w->peer_kind, 1);
}

/* Each has a world of its own: what he pins is his until his link is over. */
TEST_F_TIMEOUT(flood_rate_peer, keeps_its_rate, 100000)
{
	struct world *w = &self->w;

	flood_peer_open(&w->peer, &w->b, PORT);
	w->peer_kind = variant->kind;
	if (flood_peer_takes(variant->kind))
		EXPECT_LT(0, flood_peer_fill(&w->peer, variant->kind));
	pass(w, WARM, packet_of_a_peer);
	EXPECT_TRUE(keeps(w, flood_peer_name(variant->kind), packet_of_a_peer));
}

TEST_HARNESS_MAIN
