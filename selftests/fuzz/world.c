// SPDX-License-Identifier: GPL-2.0-only
/* Packets on their way, and time, see fuzz.h. */
#include "fuzz.h"

u64 fuzz_packets;
u64 fuzz_forged;
u64 fuzz_refused;

/* More timers than this at one moment can only be an endless loop. */
#define FIRES_MAX	1000

u64 fuzz_random(struct fuzz *f)
{
	u64 z = f->rnd += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Does the next allocation fail? */
bool fuzz_fails(struct fuzz *f)
{
	bool fails = f->starve & 1;

	f->starve >>= 1;
	return fails;
}

/* One that begins with these bytes. */
struct fuzz_packet *fuzz_packet(u8 to, const u8 *data, u32 have, u32 len)
{
	struct fuzz_packet *p;

	have = min(have, len);
	p = kzalloc(sizeof(*p) + have, GFP_KERNEL | __GFP_NOFAIL);
	p->refs = 1;
	p->len = len;
	p->have = have;
	p->to = to;
	memcpy(p->data, data, have);
	return p;
}

void fuzz_packet_put(struct fuzz_packet *p)
{
	if (!--p->refs)
		kfree(p);
}

/* Takes a packet out of the flight. */
struct fuzz_packet *fuzz_land(struct fuzz *f, u32 i)
{
	struct fuzz_packet *p = f->flight[i];

	f->flights--;
	memmove(f->flight + i, f->flight + i + 1, (f->flights - i) * sizeof(*f->flight));
	return p;
}

/* A packet is sent. Where too many are on their way already the oldest is lost. */
void fuzz_fly(struct fuzz *f, struct fuzz_packet *p)
{
	if (f->flights == FUZZ_FLIGHT)
		fuzz_packet_put(fuzz_land(f, 0));
	f->flight[f->flights++] = p;
}

static struct fuzz_side *first_timer(struct fuzz *f)
{
	return &f->side[f->side[1].fire < f->side[0].fire];
}

/* Time passes, and timers fire. */
void fuzz_advance(struct fuzz *f, u64 until)
{
	struct fuzz_side *s = first_timer(f);
	u32 fires = 0;

	for (; s->fire <= until; s = first_timer(f)) {
		fires = s->fire > f->now ? 0 : fires + 1;
		fuzz_check(fires < FIRES_MAX, "timers fire without end");
		f->now = max(f->now, s->fire);
		fuzz_timer(s);
	}
	f->now = max(f->now, until);
}

/*
 * What an honest network would do next: hand over the packet that is on its way for
 * longest, or let time pass until there is one. False: nothing will ever happen again.
 */
bool fuzz_step(struct fuzz *f)
{
	u64 fire = first_timer(f)->fire;
	struct fuzz_packet *p;

	if (!f->flights) {
		if (fire != RDG_NEVER)
			fuzz_advance(f, fire);
		return fire != RDG_NEVER;
	}
	fuzz_advance(f, f->now + NSEC_PER_MSEC);
	p = fuzz_land(f, 0);
	fuzz_packet_in(f, p, RDG_VIA_PEER, false);
	fuzz_packet_put(p);
	return true;
}
