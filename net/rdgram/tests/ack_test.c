// SPDX-License-Identifier: GPL-2.0-only
/*
 * Acks of packets: what is a lie, and what it costs to hear the same again.
 */
#include "../core/internal.h"
#include "steps.h"

/* Packets of a, without payload, of which none has left. Every @skip_th number is left
 * out; 0: none is.
 */
static void send_packets(struct kunit *test, u32 n, u32 skip_th)
{
	struct duo *d = test->priv;
	struct rdg_ledger *g = &duo_a(d)->live->ledger;
	u32 i;

	for (i = 1; i <= n; i++) {
		KUNIT_ASSERT_TRUE(test, rdg_ledger_room(g, 1));
		if (skip_th && i % skip_th == 0)
			rdg_ledger_skip(g);
		else
			rdg_ledger_add(g, 100, d->w->now);
	}
}

/* They are over before the simulation looks at them. */
static void forget_packets(struct duo *d)
{
	struct rdg_ledger *g = &duo_a(d)->live->ledger;
	u64 pos;

	for (pos = g->tail; pos < g->head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->state == RDG_SENT_FLIGHT)
			rdg_ledger_set(g, s, RDG_SENT_ACKED);
	}
	rdg_ledger_trim(g);
}

static bool lies(struct duo *d, u64 low, u64 high)
{
	const struct rdg_ack_frame a = { .largest = high, .first = high - low + 1 };

	return rdg_ack_verdict(duo_a(d), &a) != RDG_ACK_GOOD;
}

/* Also after entries were let go of, and the ring has grown, and is wrapped around. */
static void lie__is_to_cover_a_number_left_out(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_ledger *g;
	u64 first, pn;
	u32 round;

	duo_up(test);
	g = &duo_a(d)->live->ledger;
	for (round = 0; round < 3; round++) {
		first = g->next;
		send_packets(test, 50 << round, 7);
		for (pn = first; pn < g->next; pn++) {
			bool left_out = (pn - first) % 7 == 6;

			KUNIT_EXPECT_EQ_MSG(test, lies(d, pn, pn), left_out, "number %llu", pn);
			KUNIT_EXPECT_EQ(test, lies(d, first, pn), pn - first >= 6);
		}
		KUNIT_EXPECT_TRUE(test, lies(d, g->next, g->next));
		forget_packets(d);
	}
}

/* Each range for itself: what stands between them was not received. */
static void lie__is_looked_for_in_all_ranges(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_ack_frame a = { .first = 6, .n = 3 };
	u32 i;

	duo_up(test);
	send_packets(test, 28, 7);
	/* The last one was left out, and one above each of the further ranges. */
	a.largest = duo_a(d)->live->ledger.next - 2;
	for (i = 0; i < 3; i++) {
		a.gap[i] = 1;
		a.len[i] = 6;
	}
	KUNIT_EXPECT_EQ(test, (int)rdg_ack_verdict(duo_a(d), &a), (int)RDG_ACK_GOOD);
	for (i = 0; i < 3; i++) {
		struct rdg_ack_frame lie = a;

		/* One of them reaches down to what was left out. */
		lie.first = i ? 6 : 7;
		if (i)
			lie.len[i - 1]++;
		KUNIT_EXPECT_EQ(test, (int)rdg_ack_verdict(duo_a(d), &lie), (int)RDG_ACK_INVENTED);
	}
	forget_packets(d);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(lie__is_to_cover_a_number_left_out),
	KUNIT_CASE(lie__is_looked_for_in_all_ranges),
	{}
};

struct kunit_suite rdg_ack_suite = {
	.name = "rdgram_ack",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = cases,
};
