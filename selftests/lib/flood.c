// SPDX-License-Identifier: GPL-2.0-only
#include "flood.h"

#include <unistd.h>

#include "message.h"
#include "sock.h"

static u64 any(u64 i, u64 what)
{
	return message_hash(i, what);
}

static void make_init(struct forge *f, u64 i)
{
	forge_init(f, any(i, 1), any(i, 2));
}

static void make_init_of_another_version(struct forge *f, u64 i)
{
	forge_init(f, any(i, 1), any(i, 2));
	f->data[1] = 2 + i % 254;
}

/* The answer to one that is shorter could be too long. */
static void make_short_init(struct forge *f, u64 i)
{
	forge_init(f, any(i, 1), any(i, 2));
	f->data[1] = 1 + i % 2;
	f->len = 40 + i % 88;
}

/* What the victim has said of itself. */
static struct forge_cookie learned;

void flood_learn(const struct attacker *a, const struct addr *to)
{
	const int fd = attacker_socket(a, 0, to);

	learned = (struct forge_cookie){ .src_id = 1, .src_inc = 1 };
	forge_ask(fd, &learned);
	close(fd);
}

static void confirm(struct forge *f, u64 i, u64 dst_inc, u32 time)
{
	const struct forge_cookie c = {
		.src_id = any(i, 1),
		.src_inc = any(i, 2),
		.dst_inc = dst_inc,
		.cookie = any(i, 4),
		.time = time,
	};

	forge_begin(f, FORGE_CONFIRM, any(i, 6), 0);
	forge_cookie(f, &c);
	forge_base(f, 1);
	forge_report(f, 1, 65536, 0);
	forge_piece(f, FORGE_LAST, i % 1000, 1, 0);
	forge_end(f);
}

static void make_confirm(struct forge *f, u64 i)
{
	confirm(f, i, any(i, 3), any(i, 5));
}

/* Of these the victim has to hash what it is for. */
static void make_fitting_confirm(struct forge *f, u64 i)
{
	confirm(f, i, learned.dst_inc, learned.time);
}

static void make_data(struct forge *f, u64 i)
{
	forge_begin(f, FORGE_DATA, any(i, 1), any(i, 2));
	forge_piece(f, FORGE_LAST, 1 + i % 1000, any(i, 3), 0);
	forge_end(f);
}

/* 18 bytes: a RESET is longer. */
static void make_short_data(struct forge *f, u64 i)
{
	forge_begin(f, FORGE_DATA, any(i, 1), any(i, 2));
	forge_ping(f);
	forge_end(f);
}

static void make_reset(struct forge *f, u64 i)
{
	forge_reflect(f, FORGE_RESET, any(i, 1), (1 + i % 2) << 24);
}

static void make_version(struct forge *f, u64 i)
{
	forge_reflect(f, FORGE_VERSION, any(i, 1), 0x02020000);
}

static void make_challenge(struct forge *f, u64 i)
{
	forge_init(f, any(i, 1), any(i, 2));
	f->data[0] = FORGE_CHALLENGE;
	for (int n = 0; n < 8; n++) {
		f->data[4 + n] = any(i, 3) >> 8 * n;	/* destination id */
		f->data[28 + n] = any(i, 4) >> 8 * n;	/* destination incarnation */
	}
	f->len = 56;
}

static void make_nonsense(struct forge *f, u64 i)
{
	f->len = 1 + i % 1400;
	for (size_t n = 0; n < f->len; n++)
		f->data[n] = any(i, n / 8) >> n % 8 * 8;
	/* None of these is anything. */
	f->data[0] = 7 + i % 249;
}

const struct flood_kind flood_kinds[FLOOD_KINDS] = {
	[FLOOD_INITS] = { "inits", make_init, NULL, true },
	[FLOOD_INITS_OF_ANOTHER_VERSION] = {
		"inits of another version", make_init_of_another_version, "unknown_version", false,
	},
	[FLOOD_SHORT_INITS] = { "short inits", make_short_init, "malformed", false },
	[FLOOD_FORGED_COOKIES] = { "forged cookies", make_confirm, "bad_cookie", false },
	[FLOOD_FITTING_COOKIES] = {
		"forged cookies that fit", make_fitting_confirm, "bad_cookie", false,
	},
	[FLOOD_DATA_OF_NO_LINK] = { "data of no link", make_data, "unknown_id", false },
	[FLOOD_SHORT_DATA_OF_NO_LINK] = {
		"short data of no link", make_short_data, "unknown_id", false,
	},
	[FLOOD_RESETS] = { "resets", make_reset, "unmatched", false },
	[FLOOD_VERSIONS] = { "versions", make_version, "unmatched", false },
	[FLOOD_CHALLENGES] = { "challenges", make_challenge, "unknown_id", false },
	[FLOOD_NONSENSE] = { "nonsense", make_nonsense, "malformed", false },
};

void flood_send(const struct attacker *a, const struct flood_kind *kind, u64 i,
		const struct addr *from, const struct addr *to)
{
	const struct addr nobody = attacker_invented(a, any(i, 7) % ATTACKER_INVENTED,
						     1 + any(i, 8) % 65535);
	struct forge f;

	kind->make(&f, i);
	raw_send(a->raw, from ?: &nobody, to, f.data, f.len);
}

#define LEFT		100	/* bytes of what each leaves behind */
#define GIVEN_UP	2000	/* after ms */

bool flood_leave_orphan(const struct attacker *a, u64 i)
{
	const struct addr nobody = attacker_invented(a, i % ATTACKER_INVENTED, 7001);
	const u32 timeout = GIVEN_UP;
	static const char left[LEFT];
	int fd = sock_new(a->family);
	bool good = !setsockopt(fd, SOL_RDGRAM, RDGRAM_USER_TIMEOUT, &timeout, sizeof(timeout)) &&
		    sock_sendto(fd, left, sizeof(left), 0, &nobody) == sizeof(left);

	close(fd);
	return good;
}
