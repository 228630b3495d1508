// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the bytes of the input mean, see fuzz.h: the world first, then one deed after the
 * other. libFuzzer calls fuzz_one(), or replay.c does.
 */
#include <unistd.h>
#include "fuzz.h"

/* A closed endpoint goes on for so long. */
#define ORPHAN		NSEC_PER_SEC

/* After so much all is at rest, or never will be. */
#define STEPS_MAX	20000

/* No input has more deeds: what was not found by then another one finds sooner. */
#define DEEDS_MAX	200

/* Packets between two lines that say how many they were. */
#define SHOW_EVERY	50000

#define PENDING_MAX	64

u8 fuzz_u8(struct fuzz_input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

u32 fuzz_u16(struct fuzz_input *in)
{
	u32 high = fuzz_u8(in);

	return high << 8 | fuzz_u8(in);
}

u64 fuzz_u64(struct fuzz_input *in)
{
	u64 n = 0;
	u32 i;

	for (i = 0; i < 8; i++)
		n = n << 8 | fuzz_u8(in);
	return n;
}

/* A number: mostly @base, or close to it. */
u64 fuzz_near(struct fuzz_input *in, u64 base)
{
	u8 how = fuzz_u8(in);

	if (how < 128)
		return base + (how & 64 ? -(u64)(how & 63) : how & 63);
	if (how < 192)
		return base + (1ULL << (how & 63));
	return how < 250 ? base - (1ULL << (how & 63)) : fuzz_u64(in);
}

/* --- deeds ----------------------------------------------------------------------- */

static void say(struct fuzz_side *s, struct fuzz_input *in)
{
	u32 n = fuzz_u16(in), len = n & 0x3ff;

	if (s->link.closing || s->pending >= PENDING_MAX)
		return;
	fuzz_send(s, n & 0x8000 ? len << 5 : len, n & 0x4000);
}

static void give(struct fuzz *f, struct fuzz_packet *p, struct fuzz_input *in, bool forged)
{
	u8 how = fuzz_u8(in);
	enum rdg_via via = how < 192 ? RDG_VIA_PEER : 1 + how % 2;

	/* Before a candidate was named there is none. */
	if (via == RDG_VIA_CANDIDATE && !f->side[p->to].got)
		via = RDG_VIA_ELSEWHERE;
	fuzz_forged += forged;
	fuzz_packet_in(f, p, via, how & 4);
	fuzz_packet_put(p);
}

static void spoil(struct fuzz *f, struct fuzz_input *in)
{
	u8 i = fuzz_u8(in);

	if (f->flights)
		give(f, fuzz_spoil(f->flight[i % f->flights], in), in, true);
}

static void hand_over(struct fuzz *f, struct fuzz_input *in, bool again)
{
	u8 i = fuzz_u8(in);
	struct fuzz_packet *p;

	if (!f->flights)
		return;
	p = again ? f->flight[i % f->flights] : fuzz_land(f, i % f->flights);
	p->refs += again;
	give(f, p, in, false);
}

static void lose(struct fuzz *f, struct fuzz_input *in)
{
	u8 i = fuzz_u8(in);

	if (f->flights)
		fuzz_packet_put(fuzz_land(f, i % f->flights));
}

/* From a nanosecond to ten hours. */
static void wait_for(struct fuzz *f, struct fuzz_input *in)
{
	u8 n = fuzz_u8(in);

	fuzz_advance(f, f->now + ((1 + (u64)(n & 7)) << (n >> 3) * 4 / 3));
}

static void hint(struct fuzz_side *s, struct fuzz_input *in)
{
	const struct rdg_link *l = &s->link;
	u64 pn = fuzz_near(in, l->live ? l->live->ledger.next - 1 : 0);

	rdg_link_too_big(&s->link, pn, fuzz_u16(in));
	fuzz_pump(s);
}

static void change_limit(struct fuzz_side *s, struct fuzz_input *in)
{
	s->limit = max_t(u32, fuzz_u16(in), RDG_MTU_MIN);
	rdg_link_set_limit(&s->link, s->limit);
	fuzz_pump(s);
}

static void change_algorithm(struct fuzz_side *s, struct fuzz_input *in)
{
	static const struct rdg_cc_ops * const all[] = { &rdg_cc_reno, &rdg_cc_cubic, &rdg_cc_bbr };
	u8 n = fuzz_u8(in);

	rdg_link_set_congestion(&s->link, all[n % ARRAY_SIZE(all)], s->f->now);
	rdg_link_set_timed(&s->link, n & 0x80);
	s->self.nodelay = n & 0x40;
	s->self.user_timeout = n & 0x20 ? 3 * NSEC_PER_SEC : 0;
	rdg_link_set_train(&s->link, n & 0x10 ? 65536 : 0);
	fuzz_pump(s);
}

static void change_window(struct fuzz_side *s, struct fuzz_input *in)
{
	u32 least = 1 + (1 << fuzz_u8(in) % 20);

	rdg_link_set_window(&s->link, least, least << fuzz_u8(in) % 4);
	fuzz_pump(s);
}

/* Closed; and, once it is gone or at once, opened again: it crashed. */
static void restart(struct fuzz_side *s, struct fuzz_input *in)
{
	u8 how = fuzz_u8(in);

	if (!s->link.closing && how < 192) {
		fuzz_close(s, how % 4 ? ORPHAN : 0);
	} else if (how >= 192 || rdg_link_finished(&s->link)) {
		fuzz_side_end(s);
		fuzz_side_begin(s->f, s->nr, s->rcvbuf, 65536);
	}
}

static void let_run(struct fuzz *f, struct fuzz_input *in)
{
	u32 steps = 1 + fuzz_u8(in) % 16;

	while (steps-- && fuzz_step(f))
		;
}

static void act(struct fuzz *f, struct fuzz_input *in)
{
	u8 what = fuzz_u8(in);
	struct fuzz_side *s = &f->side[what >> 7];

	switch (what % 32) {
	case 0:
		return say(s, in);
	case 1:
		fuzz_read(s);
		return;
	case 2:
		return hand_over(f, in, false);
	case 3:
		return hand_over(f, in, true);
	case 4:
		return lose(f, in);
	case 5:
		return wait_for(f, in);
	case 6:
		return let_run(f, in);
	case 7:
		return hint(s, in);
	case 8:
		return change_limit(s, in);
	case 9:
		return change_algorithm(s, in);
	case 10:
		return change_window(s, in);
	case 11:
		return restart(s, in);
	case 12:
		f->starve = fuzz_u8(in);
		return;
	case 13:
		return give(f, fuzz_raw(s->nr, in), in, true);
	case 14:
	case 15:
	case 16:
	case 17:
	case 18:
	case 19:
		return spoil(f, in);
	case 20:
		return fuzz_filter(s, fuzz_u8(in));
	}
	give(f, fuzz_forge(f, s->nr, in), in, true);
}

/* --- a life ---------------------------------------------------------------------- */

static void begin(struct fuzz *f, struct fuzz_input *in)
{
	u8 size = fuzz_u8(in), steps = fuzz_u8(in);
	u8 i;

	f->now = NSEC_PER_SEC;
	f->rnd = fuzz_u8(in);
	for (i = 0; i < FUZZ_SIDES; i++)
		fuzz_side_begin(f, i, 2048 << size % 10, 1024 << (size >> 4) % 8);
	/* Many inputs begin with a link that is there, and in use. */
	if (steps < 64)
		return;
	for (i = 0; i < FUZZ_SIDES; i++)
		if (steps & 1 << i)
			fuzz_send(&f->side[i], 16 << (steps >> 2) % 8, false);
	for (steps = (steps >> 2) % 16; steps && fuzz_step(f); steps--)
		;
}

static void lose_all(struct fuzz *f)
{
	while (f->flights)
		fuzz_packet_put(fuzz_land(f, 0));
}

/* The fuzzer has no more to say: both endpoints are closed, and go. */
static void finish(struct fuzz *f, bool hear)
{
	u32 steps = STEPS_MAX;
	u64 until;
	u8 i;

	f->starve = 0;
	for (i = 0; i < FUZZ_SIDES; i++)
		if (!f->side[i].link.closing)
			fuzz_close(&f->side[i], ORPHAN);
	until = f->now + ORPHAN + NSEC_PER_MSEC;
	while (f->now < until && fuzz_step(f)) {
		fuzz_check(--steps, "no end of packets");
		if (!hear)
			lose_all(f);
	}
	for (i = 0; i < FUZZ_SIDES; i++) {
		fuzz_check(rdg_link_finished(&f->side[i].link), "a closed endpoint stays in %s",
			   rdg_state_name(f->side[i].link.state));
		fuzz_side_end(&f->side[i]);
	}
	lose_all(f);
}

/* For who waits, see run. */
static void show_progress(void)
{
	static u64 shown;

	if (fuzz_forged < shown + SHOW_EVERY)
		return;
	shown = fuzz_forged;
	fprintf(stderr, "fuzz: %llu so far\n", (unsigned long long)fuzz_forged);
}

int fuzz_one(const u8 *data, size_t size)
{
	static u64 limit = U64_MAX;
	struct fuzz_input in = { .at = data, .end = data + size };
	struct fuzz *f = kzalloc(sizeof(*f), GFP_KERNEL | __GFP_NOFAIL);
	u32 deeds = DEEDS_MAX;

	if (limit == U64_MAX && getenv("FUZZ_PACKETS"))
		limit = strtoull(getenv("FUZZ_PACKETS"), NULL, 0);
	begin(f, &in);
	while (in.at < in.end && deeds--)
		act(f, &in);
	/* Half of them do not hear of each other any more. */
	finish(f, size % 2);
	kfree(f);
	if (limit != U64_MAX)
		show_progress();
	if (fuzz_forged < limit)
		return 0;
	/* Whatever it found it has written by now. */
	fprintf(stderr, "fuzz: %llu packets, and %llu of the cores\n",
		(unsigned long long)fuzz_forged, (unsigned long long)(fuzz_packets - fuzz_forged));
	_exit(0);
}
