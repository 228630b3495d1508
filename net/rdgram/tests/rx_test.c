// SPDX-License-Identifier: GPL-2.0-only
/*
 * The receiver half by itself: dedup, order, reassembly, credit.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include "../core/internal.h"
#include "sim.h"
#include "suites.h"

#define LOG	16

/* A piece, and the bytes of its message that it still holds. */
struct piece_buf {
	struct rdg_buf buf;
	u32 from;
	u32 to;
};

/* What was delivered, and what the driver holds. */
struct rx_test {
	struct rdg_link link;
	struct rdg_self self;
	struct rdg_frames f;
	u32 buffers;
	bool refuse;
	u32 heads;
	u32 n;
	u64 seq[LOG];
	u32 len[LOG];
	bool broken;
	u64 jump_first;
	u64 jump_last;
	u64 unwanted;
	bool undecided;
	u32 asked;
};

static struct rx_test *rx_of(struct rdg_link *l)
{
	return container_of(l, struct rx_test, link);
}

/* @at is where the piece belongs in its message: enough to know it again. */
static struct rdg_buf *op_take(struct rdg_link *l, void *packet, u32 at, u32 len, bool head,
			       bool single)
{
	struct rx_test *t = rx_of(l);
	struct piece_buf *b;

	if (t->refuse)
		return NULL;
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return NULL;
	b->from = at;
	b->to = at + len;
	t->buffers++;
	t->heads += head;
	return &b->buf;
}

static void op_trim(struct rdg_link *l, struct rdg_buf *buf, u32 n)
{
	struct piece_buf *b = container_of(buf, struct piece_buf, buf);

	if (!n || b->from + n >= b->to)
		rx_of(l)->broken = true;
	b->from += n;
}

static void op_put(struct rdg_link *l, struct rdg_buf *buf)
{
	rx_of(l)->buffers--;
	kfree(container_of(buf, struct piece_buf, buf));
}

/* Those whose bits in @unwanted are set. */
static enum rdg_verdict op_filter(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct rx_test *t = rx_of(l);

	t->asked++;
	if (t->undecided)
		return RDG_UNDECIDED;
	return t->unwanted >> seq & 1 ? RDG_REFUSED : RDG_ACCEPTED;
}

static void op_deliver(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct rx_test *t = rx_of(l);
	u32 at = 0;

	while (chain) {
		struct piece_buf *b = container_of(chain, struct piece_buf, buf);

		if (b->from != at || b->buf.len != b->to - b->from)
			t->broken = true;
		at = b->to;
		chain = chain->next;
		op_put(l, &b->buf);
	}
	if (at != len)
		t->broken = true;
	t->seq[t->n % LOG] = seq;
	t->len[t->n++ % LOG] = len;
}

static struct rdg_live *op_alloc(struct rdg_link *l)
{
	return kmalloc(sizeof(struct rdg_live), GFP_KERNEL);
}

static void op_free(struct rdg_link *l, struct rdg_live *live)
{
	kfree(live);
}

static void op_note(struct rdg_link *l, enum rdg_note note, u64 first, u64 last)
{
	rx_of(l)->jump_first = first;
	rx_of(l)->jump_last = last;
}

static void op_carry(struct rdg_link *l, enum rdg_count count)
{
}

static void op_moved(struct rdg_link *l, enum rdg_state from, enum rdg_event event)
{
}

static const struct rdg_link_ops rx_ops = {
	.alloc	 = op_alloc,
	.free	 = op_free,
	.take	 = op_take,
	.trim	 = op_trim,
	.put	 = op_put,
	.filter	 = op_filter,
	.deliver = op_deliver,
	.note	 = op_note,
	.moved	 = op_moved,
	.carry	 = op_carry,
};

static int rx_init(struct kunit *test)
{
	struct rx_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	test->priv = t;
	rdg_link_init(&t->link, &rx_ops, &t->self, 1, 1);
	rdg_link_set_window(&t->link, 100000, 100000);
	t->link.state = RDG_UP;
	if (!rdg_live_begin(&t->link))
		return -ENOMEM;
	rdg_rx_base(&t->link, 1);
	return 0;
}

static void rx_exit(struct kunit *test)
{
	struct rx_test *t = test->priv;

	rdg_live_end(&t->link);
	KUNIT_EXPECT_EQ(test, t->buffers, 0u);
	KUNIT_EXPECT_FALSE(test, t->broken);
}

/* A packet with one piece: the bytes off to end of a message of len bytes. */
static bool get(struct rx_test *t, u64 seq, u32 off, u32 end, u32 len)
{
	bool whole = !off && end == len;
	bool fresh;

	t->f.pieces = 1;
	t->f.piece[0] = (struct rdg_piece){
		.seq = seq, .off = off, .at = off, .len = end - off,
		.flags = (whole ? 0 : RDG_MSG_OFFSET) | (end == len ? RDG_MSG_LAST : 0),
	};
	return rdg_rx_pieces(&t->link, &t->f, t, &fresh) && fresh;
}

static void pieces__deliver_in_order(struct kunit *test)
{
	struct rx_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, get(t, 3, 0, 30, 30));
	KUNIT_EXPECT_TRUE(test, get(t, 2, 0, 20, 20));
	KUNIT_EXPECT_EQ(test, t->n, 0u);
	KUNIT_EXPECT_TRUE(test, get(t, 1, 0, 10, 10));
	KUNIT_ASSERT_EQ(test, t->n, 3u);
	KUNIT_EXPECT_EQ(test, t->seq[0], 1ULL);
	KUNIT_EXPECT_EQ(test, t->seq[2], 3ULL);
	KUNIT_EXPECT_EQ(test, t->len[1], 20u);
	/* Only the one whose turn it was may pass the limit by the token. */
	KUNIT_EXPECT_EQ(test, t->heads, 1u);
}

static void pieces__know_duplicates(struct kunit *test)
{
	struct rx_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, get(t, 2, 0, 20, 20));
	KUNIT_EXPECT_FALSE(test, get(t, 2, 0, 20, 20));
	KUNIT_EXPECT_TRUE(test, get(t, 1, 0, 10, 10));
	KUNIT_EXPECT_FALSE(test, get(t, 1, 0, 10, 10));
	KUNIT_EXPECT_FALSE(test, get(t, 2, 0, 20, 20));
	KUNIT_EXPECT_EQ(test, t->n, 2u);
	KUNIT_EXPECT_EQ(test, t->link.count[RDG_CT_PACKETS_DUPLICATE], 3ULL);
	KUNIT_EXPECT_EQ(test, t->link.count[RDG_CT_MESSAGES_RECEIVED], 2ULL);
}

static void pieces__of_nothing_are_messages(struct kunit *test)
{
	struct rx_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, get(t, 2, 0, 0, 0));
	KUNIT_EXPECT_FALSE(test, get(t, 2, 0, 0, 0));
	KUNIT_EXPECT_TRUE(test, get(t, 1, 0, 0, 0));
	KUNIT_EXPECT_FALSE(test, get(t, 1, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, t->n, 2u);
	KUNIT_EXPECT_EQ(test, t->len[1], 0u);
}

static void fragments__join_in_any_order(struct kunit *test)
{
	static const u32 order[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	struct rx_test *t = test->priv;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		for (j = 0; j < 3; j++) {
			u32 off = 100 * order[i][j];

			KUNIT_EXPECT_EQ(test, t->n, i);
			KUNIT_EXPECT_TRUE(test, get(t, i + 1, off, off + 100, 300));
		}
		KUNIT_EXPECT_EQ(test, t->n, i + 1);
		KUNIT_EXPECT_EQ(test, t->len[i], 300u);
	}
}

static void fragments__may_be_cut_anew(struct kunit *test)
{
	struct rx_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, get(t, 1, 0, 100, 300));
	/* Overlaps in front: 40 bytes of it are new. */
	KUNIT_EXPECT_TRUE(test, get(t, 1, 60, 140, 300));
	/* All of it is there. */
	KUNIT_EXPECT_FALSE(test, get(t, 1, 20, 140, 300));
	/* Ahead, overlapping each other and what is chained. */
	KUNIT_EXPECT_TRUE(test, get(t, 1, 200, 260, 300));
	KUNIT_EXPECT_TRUE(test, get(t, 1, 180, 300, 300));
	KUNIT_EXPECT_FALSE(test, get(t, 1, 181, 300, 300));
	KUNIT_EXPECT_EQ(test, t->n, 0u);
	KUNIT_EXPECT_TRUE(test, get(t, 1, 130, 190, 300));
	KUNIT_EXPECT_EQ(test, t->n, 1u);
	KUNIT_EXPECT_EQ(test, t->buffers, 0u);
}

/* A piece as no honest sender cuts it. Return: was it taken? */
static bool get_odd(struct rx_test *t, u64 seq, u32 off, u32 len, u8 flags)
{
	bool fresh;

	t->f.pieces = 1;
	t->f.piece[0] = (struct rdg_piece){
		.seq = seq, .off = off, .at = off, .len = len, .flags = flags,
	};
	return rdg_rx_pieces(&t->link, &t->f, t, &fresh) && fresh;
}

/* What a liar sends may be any message, or none; it is in one piece all the same,
 * and what no longer fits is let go. rx_exit() looks at the buffers.
 */
static void fragments__and_whole_messages_of_one_sequence(struct kunit *test)
{
	struct rx_test *t = test->priv;

	/* A fragment, then a whole message that is no longer. */
	KUNIT_EXPECT_TRUE(test, get(t, 1, 0, 100, 300));
	KUNIT_EXPECT_FALSE(test, get_odd(t, 1, 0, 50, RDG_MSG_LAST));
	KUNIT_EXPECT_FALSE(test, get_odd(t, 1, 0, 0, RDG_MSG_LAST));
	KUNIT_EXPECT_EQ(test, t->n, 0u);
	KUNIT_EXPECT_EQ(test, t->link.count[RDG_CT_PACKETS_DUPLICATE], 2ULL);
	/* One that is longer is cut, and ends the message; a fragment waits beyond. */
	KUNIT_EXPECT_TRUE(test, get(t, 1, 200, 300, 300));
	KUNIT_EXPECT_TRUE(test, get_odd(t, 1, 0, 150, RDG_MSG_LAST));
	KUNIT_EXPECT_EQ(test, t->n, 1u);
	KUNIT_EXPECT_EQ(test, t->len[0], 150u);
	KUNIT_EXPECT_EQ(test, t->buffers, 0u);
	/* Ahead of their turn: a whole message beside fragments of it. */
	KUNIT_EXPECT_TRUE(test, get(t, 3, 0, 100, 300));
	KUNIT_EXPECT_TRUE(test, get_odd(t, 3, 0, 200, RDG_MSG_LAST));
	KUNIT_EXPECT_TRUE(test, get(t, 3, 250, 300, 300));
	KUNIT_EXPECT_TRUE(test, get(t, 2, 0, 10, 10));
	KUNIT_EXPECT_EQ(test, t->n, 3u);
	KUNIT_EXPECT_EQ(test, t->len[2], 200u);
	/* After all of it was delivered. */
	KUNIT_EXPECT_FALSE(test, get_odd(t, 3, 0, 1000, RDG_MSG_LAST));
	KUNIT_EXPECT_EQ(test, t->buffers, 0u);
}

static void pieces__wait_when_not_admitted(struct kunit *test)
{
	struct rx_test *t = test->priv;
	bool fresh;

	t->refuse = true;
	KUNIT_EXPECT_FALSE(test, get(t, 1, 0, 10, 10));
	KUNIT_EXPECT_FALSE(test, rdg_rx_pieces(&t->link, &t->f, t, &fresh));
	KUNIT_EXPECT_EQ(test, t->link.count[RDG_CT_PACKETS_UNADMITTED], 2ULL);
	t->refuse = false;
	KUNIT_EXPECT_TRUE(test, get(t, 1, 0, 10, 10));
	KUNIT_EXPECT_EQ(test, t->n, 1u);
	/* A duplicate needs no room. */
	t->refuse = true;
	KUNIT_EXPECT_TRUE(test, rdg_rx_pieces(&t->link, &t->f, t, &fresh));
}

static void pieces__too_far_ahead_are_not_admitted(struct kunit *test)
{
	struct rx_test *t = test->priv;
	bool fresh;

	KUNIT_EXPECT_TRUE(test, get(t, 1 + RDG_MAX_AHEAD, 0, 10, 10));
	KUNIT_EXPECT_FALSE(test, get(t, 2 + RDG_MAX_AHEAD, 0, 10, 10));
	KUNIT_EXPECT_FALSE(test, rdg_rx_pieces(&t->link, &t->f, t, &fresh));
}

static void pieces__of_a_closed_endpoint_are_refused(struct kunit *test)
{
	struct rx_test *t = test->priv;
	bool fresh;

	KUNIT_EXPECT_TRUE(test, get(t, 2, 0, 10, 10));
	rdg_link_close(&t->link, RDG_NEVER, 1);
	KUNIT_EXPECT_EQ(test, t->buffers, 0u);
	KUNIT_EXPECT_FALSE(test, get(t, 1, 0, 10, 10));
	/* Acknowledged all the same: the report says what became of it. */
	KUNIT_EXPECT_TRUE(test, rdg_rx_pieces(&t->link, &t->f, t, &fresh));
	KUNIT_EXPECT_FALSE(test, fresh);
	KUNIT_EXPECT_TRUE(test, t->link.live->rx.report);
	KUNIT_EXPECT_EQ(test, t->n, 0u);
}

static void filter__refuses_in_turn(struct kunit *test)
{
	struct rx_test *t = test->priv;
	struct rdg_rx *rx = &t->link.live->rx;

	t->link.filtered = true;
	t->unwanted = 1 << 2 | 1 << 3;
	KUNIT_EXPECT_TRUE(test, get(t, 3, 0, 10, 10));
	KUNIT_EXPECT_TRUE(test, get(t, 2, 10, 20, 20));
	KUNIT_EXPECT_EQ(test, t->asked, 0u);
	KUNIT_EXPECT_TRUE(test, get(t, 1, 0, 10, 10));
	KUNIT_EXPECT_EQ(test, t->n, 1u);
	KUNIT_EXPECT_TRUE(test, get(t, 2, 0, 10, 20));
	KUNIT_EXPECT_EQ(test, t->n, 1u);
	KUNIT_EXPECT_EQ(test, t->buffers, 0u);
	KUNIT_EXPECT_EQ(test, rx->refused, 2);
	KUNIT_EXPECT_TRUE(test, rx->report);
	KUNIT_EXPECT_EQ(test, t->link.taken.next, 4ULL);
	/* It takes no credit that the application has to give back. */
	KUNIT_EXPECT_EQ(test, t->link.taken.unread, (u64)rdg_cost(10));
	KUNIT_EXPECT_FALSE(test, get(t, 2, 0, 10, 20));
}

/* What comes after it could not be told apart in a report. */
static void filter__holds_up_what_follows(struct kunit *test)
{
	struct rx_test *t = test->priv;
	struct rdg_rx *rx = &t->link.live->rx;

	t->link.filtered = true;
	t->unwanted = 1 << 1 | 1 << 4;
	KUNIT_EXPECT_TRUE(test, get(t, 1, 0, 10, 10));
	KUNIT_EXPECT_TRUE(test, get(t, 2, 0, 10, 10));
	KUNIT_EXPECT_TRUE(test, get(t, 3, 0, 10, 10));
	KUNIT_EXPECT_FALSE(test, get(t, 2, 0, 10, 10));
	/* Nor can it grow. */
	KUNIT_EXPECT_FALSE(test, get(t, 2, 10, 20, 20));
	KUNIT_EXPECT_EQ(test, t->n, 0u);
	KUNIT_EXPECT_EQ(test, t->link.taken.next, 2ULL);
	rdg_rx_told(&t->link);
	KUNIT_EXPECT_TRUE(test, get(t, 4, 0, 10, 10));
	KUNIT_EXPECT_EQ(test, t->n, 2u);
	KUNIT_EXPECT_EQ(test, rx->refused, 1);
	/* Each was asked about once. */
	KUNIT_EXPECT_EQ(test, t->asked, 4u);
}

static void filter__is_asked_again(struct kunit *test)
{
	struct rx_test *t = test->priv;

	t->link.filtered = true;
	t->undecided = true;
	KUNIT_EXPECT_TRUE(test, get(t, 1, 0, 10, 10));
	KUNIT_EXPECT_TRUE(test, get(t, 2, 0, 10, 10));
	KUNIT_EXPECT_EQ(test, t->n, 0u);
	t->undecided = false;
	KUNIT_EXPECT_FALSE(test, get(t, 1, 0, 10, 10));
	KUNIT_EXPECT_EQ(test, t->n, 2u);
}

static void base__says_which_messages_will_not_come(struct kunit *test)
{
	struct rx_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, get(t, 1, 0, 10, 10));
	rdg_live_end(&t->link);
	KUNIT_ASSERT_TRUE(test, rdg_live_begin(&t->link));
	/* There has to be one, and it cannot take back what was delivered. */
	KUNIT_EXPECT_TRUE(test, rdg_rx_base_lies(&t->link, 0));
	KUNIT_EXPECT_TRUE(test, rdg_rx_base_lies(&t->link, 1));
	KUNIT_EXPECT_FALSE(test, rdg_rx_base_lies(&t->link, 2));
	KUNIT_EXPECT_FALSE(test, rdg_rx_base_lies(&t->link, 5));
	rdg_rx_base(&t->link, 5);
	KUNIT_EXPECT_EQ(test, t->jump_first, 2ULL);
	KUNIT_EXPECT_EQ(test, t->jump_last, 4ULL);
	/* Once is enough: it comes with every packet for a while. */
	t->jump_first = 0;
	rdg_rx_base(&t->link, 5);
	KUNIT_EXPECT_EQ(test, t->jump_first, 0ULL);
	KUNIT_EXPECT_FALSE(test, get(t, 3, 0, 10, 10));
	KUNIT_EXPECT_TRUE(test, get(t, 5, 0, 10, 10));
	KUNIT_EXPECT_EQ(test, t->n, 2u);
}

static void limit__is_what_may_be_unread(struct kunit *test)
{
	struct rx_test *t = test->priv;
	const u32 cost = 1000 + RDG_MESSAGE_COST;
	u64 limit = rdg_rx_limit(&t->link);

	KUNIT_EXPECT_EQ(test, limit, 100000ULL);
	get(t, 1, 0, 1000, 1000);
	KUNIT_EXPECT_EQ(test, rdg_rx_limit(&t->link), limit);
	rdg_link_read(&t->link, 1, 1, 1000, 1);
	KUNIT_EXPECT_EQ(test, rdg_rx_limit(&t->link), limit + cost);
	/* A window smaller than what is unread gives nothing, and takes nothing. */
	get(t, 2, 0, 1000, 1000);
	rdg_link_set_window(&t->link, 100000, 10);
	KUNIT_EXPECT_EQ(test, rdg_rx_limit(&t->link), 2ULL * cost);
}

static void read__reports_when_a_quarter_is_free(struct kunit *test)
{
	struct rx_test *t = test->priv;

	t->link.live->rx.report = false;
	t->link.live->rx.advertised = rdg_rx_limit(&t->link);
	get(t, 1, 0, 20000, 20000);
	get(t, 2, 0, 20000, 20000);
	rdg_link_read(&t->link, 1, 1, 20000, 1);
	KUNIT_EXPECT_FALSE(test, t->link.live->rx.report);
	rdg_link_read(&t->link, 2, 1, 20000, 1);
	KUNIT_EXPECT_TRUE(test, t->link.live->rx.report);
	KUNIT_EXPECT_EQ(test, t->link.taken.read, 3ULL);
}

static bool lies(struct rx_test *t, u64 seq)
{
	t->f.pieces = 1;
	t->f.piece[0] = (struct rdg_piece){ .seq = seq, .len = 1, .flags = RDG_MSG_LAST };
	return rdg_rx_pieces_lie(&t->link, &t->f);
}

/* Nobody begins what there was no credit for, unless he lies. */
static void credit__is_not_overdrawn(struct kunit *test)
{
	const u32 first = RDG_CREDIT_INITIAL / RDG_MESSAGE_COST;
	struct rx_test *t = test->priv;
	u64 left;

	/* What every link begins with, whether or not we remember. */
	KUNIT_EXPECT_FALSE(test, lies(t, first));
	KUNIT_EXPECT_TRUE(test, lies(t, first + 1));
	t->link.live->rx.advertised = 100 * RDG_CREDIT_INITIAL;
	KUNIT_EXPECT_FALSE(test, lies(t, 100 * first));
	KUNIT_EXPECT_TRUE(test, lies(t, 100 * first + 1));
	/* Of what was delivered the cost is known. */
	get(t, 1, 0, 5000, 5000);
	left = t->link.live->rx.advertised - 5000 - RDG_MESSAGE_COST;
	KUNIT_EXPECT_FALSE(test, lies(t, 2 + (left - 1) / RDG_MESSAGE_COST));
	KUNIT_EXPECT_TRUE(test, lies(t, 3 + (left - 1) / RDG_MESSAGE_COST));
	/* All of it is used: not even the next one. A late one does no harm. */
	t->link.live->rx.advertised = 0;
	t->link.live->rx.delivered_cost = RDG_CREDIT_INITIAL;
	KUNIT_EXPECT_TRUE(test, lies(t, 2));
	KUNIT_EXPECT_FALSE(test, lies(t, 1));
}

/* @n messages of 1000 bytes come in, and are read at once. */
static void get_and_read(struct rx_test *t, u32 n, u64 now)
{
	while (n--) {
		u64 seq = t->link.taken.next;

		get(t, seq, 0, 1000, 1000);
		rdg_link_read(&t->link, seq, 1, 1000, now);
	}
}

static void window__follows_the_reader(struct kunit *test)
{
	const u32 cost = 1000 + RDG_MESSAGE_COST;
	struct rx_test *t = test->priv;
	u64 now = NSEC_PER_SEC;
	u32 n;

	rdg_link_set_window(&t->link, 30000, 1000000);
	get_and_read(t, 100, now);
	/* Who knows no round-trip time cannot tell how fast that is. */
	KUNIT_EXPECT_EQ(test, rdg_rx_window(&t->link), 30000u);
	rdg_rtt_sample(&t->link.rtt, 50 * NSEC_PER_MSEC, 0);
	get_and_read(t, 1, now);
	t->link.live->rx.space = 0;
	/* A window that is filled doubles in each round trip. */
	for (n = 20; n < 320; n *= 2) {
		get_and_read(t, n - 1, now += 20 * NSEC_PER_MSEC);
		get_and_read(t, 1, now += 30 * NSEC_PER_MSEC);
		KUNIT_EXPECT_EQ(test, rdg_rx_window(&t->link), 2 * n * cost);
	}
	/* One that is not does not, and keeps what it has. */
	get_and_read(t, 30, now += 50 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, rdg_rx_window(&t->link), n * cost);
	/* The driver has the last word. */
	get_and_read(t, 1000, now);
	get_and_read(t, 1, now += 50 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, rdg_rx_window(&t->link), 1000000u);
	rdg_link_set_window(&t->link, 30000, 20000);
	KUNIT_EXPECT_EQ(test, rdg_rx_window(&t->link), 20000u);
}

/* Messages cut at random, and again, in any order, doubled and refused. */
static void fragments__at_random_join_in_order(struct kunit *test)
{
	struct rx_test *t = test->priv;
	struct sim_world *w = sim_begin(5);
	u32 len[20], i;
	u64 seq = 1;

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (i = 0; i < ARRAY_SIZE(len); i++)
		len[i] = sim_below(w, 8) ? 1 + sim_below(w, 5000) : 0;
	for (i = 0; t->n < ARRAY_SIZE(len) && i < 100000; i++) {
		u32 m = t->n + sim_below(w, 4);
		u32 off, end;

		if (m >= ARRAY_SIZE(len))
			continue;
		off = len[m] ? sim_below(w, 3) * sim_below(w, len[m]) % len[m] : 0;
		end = len[m] ? off + 1 + sim_below(w, len[m] - off) : 0;
		if (sim_chance(w, 300))
			end = len[m];
		t->refuse = sim_chance(w, 200);
		get(t, m + 1, off, end, len[m]);
		for (; seq <= t->n; seq++) {
			KUNIT_ASSERT_EQ(test, t->seq[(seq - 1) % LOG], seq);
			KUNIT_ASSERT_EQ(test, t->len[(seq - 1) % LOG], len[seq - 1]);
		}
	}
	KUNIT_EXPECT_EQ(test, t->n, (u32)ARRAY_SIZE(len));
	sim_end(w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pieces__deliver_in_order),
	KUNIT_CASE(pieces__know_duplicates),
	KUNIT_CASE(pieces__of_nothing_are_messages),
	KUNIT_CASE(fragments__join_in_any_order),
	KUNIT_CASE(fragments__may_be_cut_anew),
	KUNIT_CASE(fragments__and_whole_messages_of_one_sequence),
	KUNIT_CASE(pieces__wait_when_not_admitted),
	KUNIT_CASE(pieces__too_far_ahead_are_not_admitted),
	KUNIT_CASE(pieces__of_a_closed_endpoint_are_refused),
	KUNIT_CASE(filter__refuses_in_turn),
	KUNIT_CASE(filter__holds_up_what_follows),
	KUNIT_CASE(filter__is_asked_again),
	KUNIT_CASE(base__says_which_messages_will_not_come),
	KUNIT_CASE(limit__is_what_may_be_unread),
	KUNIT_CASE(read__reports_when_a_quarter_is_free),
	KUNIT_CASE(credit__is_not_overdrawn),
	KUNIT_CASE(window__follows_the_reader),
	KUNIT_CASE(fragments__at_random_join_in_order),
	{}
};

struct kunit_suite rdg_rx_suite = {
	.name = "rdgram_rx",
	.init = rx_init,
	.exit = rx_exit,
	.test_cases = cases,
};
