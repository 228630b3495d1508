// SPDX-License-Identifier: GPL-2.0-only
#include "forge.h"

#include <err.h>
#include <string.h>
#include <sys/socket.h>

#include "message.h"

#define VERSION		1
#define INIT_MIN	128

/* Where things stand in a CHALLENGE, and the packet number in DATA. */
#define SRC_ID		12
#define SRC_INC		20
#define COOKIE_TIME	44
#define COOKIE		48
#define CHALLENGE_LEN	56
#define NUMBER		12

/* Bytes before the frames; where it says how many follow. */
#define DATA_LEN	16
#define REGION		2

static void put(struct forge *f, u64 value, int bytes)
{
	while (bytes--)
		f->data[f->len++] = value >> 8 * bytes;
}

static u64 get(const u8 *from, int bytes)
{
	u64 value = 0;

	while (bytes--)
		value = value << 8 | *from++;
	return value;
}

static void put_common(struct forge *f, u8 type, u64 dst_id)
{
	f->len = 0;
	f->payload = 0;
	put(f, type, 1);
	put(f, VERSION, 1);
	put(f, 0, 2);
	put(f, dst_id, 8);
}

void forge_init(struct forge *f, u64 src_id, u64 src_inc)
{
	put_common(f, FORGE_INIT, 0);
	put(f, src_id, 8);
	put(f, src_inc, 8);
	memset(f->data + f->len, 0, INIT_MIN - f->len);
	f->len = INIT_MIN;
}

void forge_reflect(struct forge *f, u8 type, u64 reflected, u32 word)
{
	put_common(f, type, 0);
	put(f, reflected, 8);
	put(f, word, 4);
}

void forge_begin(struct forge *f, u8 type, u64 dst_id, u32 pn)
{
	put_common(f, type, dst_id);
	put(f, pn, 4);
}

void forge_ping(struct forge *f)
{
	put(f, FORGE_PING << 8, 2);
}

void forge_ack(struct forge *f, u32 largest, u16 count)
{
	put(f, FORGE_ACK << 24, 4);
	put(f, largest, 4);
	put(f, count, 2);
}

void forge_report(struct forge *f, u32 delivered, u32 credit, u8 flags)
{
	put(f, FORGE_REPORT, 1);
	put(f, flags, 1);
	put(f, 0, 2);
	put(f, delivered, 4);
	put(f, delivered, 4);
	put(f, credit, 4);
}

void forge_piece(struct forge *f, u8 flags, u16 len, u32 seq, u32 off)
{
	put(f, FORGE_MSG, 1);
	put(f, flags, 1);
	put(f, len, 2);
	put(f, seq, 4);
	if (flags & FORGE_OFFSET)
		put(f, off, 4);
	f->payload += len;
}

void forge_base(struct forge *f, u64 base)
{
	put(f, FORGE_BASE << 24, 4);
	put(f, base, 8);
}

void forge_cookie(struct forge *f, const struct forge_cookie *c)
{
	put(f, FORGE_COOKIE << 24, 4);
	put(f, c->src_id, 8);
	put(f, c->src_inc, 8);
	put(f, c->dst_inc, 8);
	put(f, c->time, 4);
	put(f, c->cookie, 8);
}

void forge_end(struct forge *f)
{
	const size_t region = f->len - DATA_LEN;

	f->data[REGION] = region >> 8;
	f->data[REGION + 1] = region;
	memset(f->data + f->len, 'x', f->payload);
	f->len += f->payload;
}

static void say(int fd, const struct forge *f)
{
	if (send(fd, f->data, f->len, 0) != (ssize_t)f->len)
		err(1, "forged packet");
}

/* Waits for a packet of this type. */
static void hear(int fd, u8 type, u8 *data)
{
	do {
		if (recv(fd, data, RAW_PAYLOAD, 0) < 0)
			err(1, "answer to a forged packet");
	} while (data[0] != type);
}

u64 forge_ask(int fd, struct forge_cookie *c)
{
	u8 answer[RAW_PAYLOAD];
	struct forge f;

	forge_init(&f, c->src_id, c->src_inc);
	say(fd, &f);
	hear(fd, FORGE_CHALLENGE, answer);
	c->dst_inc = get(answer + SRC_INC, 8);
	c->time = get(answer + COOKIE_TIME, 4);
	c->cookie = get(answer + COOKIE, 8);
	return get(answer + SRC_ID, 8);
}

static void open_link(struct forge_link *l, u32 credit, u64 base)
{
	struct forge_cookie c = { .src_id = l->src_id, .src_inc = l->src_inc };
	u8 answer[RAW_PAYLOAD];
	struct forge f;

	l->dst_id = forge_ask(l->fd, &c);
	l->pn = 0;
	forge_begin(&f, FORGE_CONFIRM, l->dst_id, l->pn++);
	forge_cookie(&f, &c);
	forge_base(&f, base);
	forge_report(&f, 1, credit, 0);
	forge_end(&f);
	say(l->fd, &f);
	hear(l->fd, FORGE_DATA, answer);
}

static u64 opened;

void forge_open(struct forge_link *l, int fd, u32 credit)
{
	*l = (struct forge_link){
		.fd = fd,
		.src_id = message_hash(1, ++opened),
		.src_inc = message_hash(2, opened),
	};
	open_link(l, credit, 1);
}

void forge_open_again(struct forge_link *l, u32 credit, u64 base)
{
	l->src_id = message_hash(1, ++opened);
	open_link(l, credit, base);
}

void forge_next(struct forge_link *l, struct forge *f)
{
	forge_begin(f, FORGE_DATA, l->dst_id, l->pn++);
}

void forge_say(const struct forge_link *l, const struct forge *f)
{
	say(l->fd, f);
}

void forge_send(const struct forge_link *l, struct forge *f)
{
	forge_end(f);
	forge_say(l, f);
}

s64 forge_heard(const struct forge_link *l)
{
	u8 data[RAW_PAYLOAD];
	ssize_t len;

	while ((len = recv(l->fd, data, sizeof(data), MSG_DONTWAIT)) >= 0)
		if (len >= DATA_LEN && data[0] == FORGE_DATA)
			return get(data + NUMBER, 4);
	return -1;
}
