// SPDX-License-Identifier: GPL-2.0-only
/* What is drawn, see calls.h. */
#include "calls.h"

#include <limits.h>
#include <poll.h>
#include <string.h>

u64 calls_draw(struct calls_caller *c, u64 below)
{
	return message_hash(c->state, c->drawn++) % below;
}

bool calls_one_in(struct calls_caller *c, u64 n)
{
	return !calls_draw(c, n);
}

/* Mostly a descriptor that there is. */
struct calls_slot *calls_slot(struct calls_caller *c)
{
	u64 k = calls_draw(c, CALLS_SLOTS);

	if (calls_one_in(c, 32))
		return &calls_slots[k];
	for (u64 i = 0; i < CALLS_SLOTS; i++, k++)
		if (calls_slots[k % CALLS_SLOTS].fd >= 0)
			break;
	return &calls_slots[k % CALLS_SLOTS];
}

/* Mostly one that has something to read. */
struct calls_slot *calls_slot_to_read(struct calls_caller *c)
{
	const u64 k = calls_draw(c, CALLS_SLOTS);
	struct pollfd p[CALLS_SLOTS];

	if (calls_one_in(c, 8))
		return &calls_slots[k];
	for (u64 i = 0; i < CALLS_SLOTS; i++)
		p[i] = (struct pollfd){
			.fd = calls_slots[(k + i) % CALLS_SLOTS].fd, .events = POLLIN,
		};
	poll(p, CALLS_SLOTS, 0);
	for (u64 i = 0; i < CALLS_SLOTS; i++)
		if (p[i].revents & POLLIN)
			return &calls_slots[(k + i) % CALLS_SLOTS];
	return &calls_slots[k];
}

static int number(const struct calls_slot *s)
{
	return s - calls_slots;
}

int calls_host(const struct calls_slot *s)
{
	return number(s) & 1;
}

int calls_family(const struct calls_slot *s)
{
	return number(s) & CALLS_V6 ? AF_INET6 : AF_INET;
}

static struct addr mapped(int host, u16 port)
{
	return addr_make(AF_INET6, host ? "::ffff:10.77.0.2" : "::ffff:10.77.0.1", port);
}

/* Where a slot's socket is to be bound: where all others look for it, mostly. */
struct addr calls_home(struct calls_caller *c, const struct calls_slot *s)
{
	const int family = calls_family(s), host = calls_host(s);
	const u16 port = CALLS_PORT + number(s);

	switch (calls_draw(c, 16)) {
	case 0:
		return addr_any(family, 0);
	case 1:
		return addr_loopback(family, port);
	case 2:
		return addr_any(family, CALLS_PORT + calls_draw(c, CALLS_SLOTS));
	case 3:
	case 4:
	case 5:
		return hosts_addr(host, family, port);
	case 6:
		return family == AF_INET6 ? mapped(host, port) : hosts_addr(host, family, port);
	}
	return addr_any(family, port);
}

/* Its devices have the addresses 02:00:00:00:00:01 and :02. */
static struct addr link_local(struct calls_caller *c, int from, int to, u16 port)
{
	struct addr a = addr_make(AF_INET6, to ? "fe80::ff:fe00:2" : "fe80::ff:fe00:1", port);

	a.v6.sin6_scope_id = calls_one_in(c, 8) ? calls_pick(c, 0, 1, 99) :
						  calls_world->device[from];
	return a;
}

/* A slot with a descriptor, mostly one that is not usually connected. */
static const struct calls_slot *who_listens(struct calls_caller *c)
{
	u64 k = calls_draw(c, CALLS_SLOTS);

	if (calls_draw(c, 8))
		k &= ~CALLS_CONNECTED;
	for (u64 i = 0; i < CALLS_SLOTS && calls_slots[k].fd < 0; i++)
		k = (k + 1 + CALLS_CONNECTED) % CALLS_SLOTS;
	return &calls_slots[k];
}

/* The home of some slot, as somebody calls it whose socket is @from. */
struct addr calls_target(struct calls_caller *c, const struct calls_slot *from)
{
	const struct calls_slot *to = who_listens(c);
	const bool here = calls_host(from) == calls_host(to);
	const u16 port = CALLS_PORT + number(to);
	const int family = calls_family(to);

	if (calls_family(from) == AF_INET)
		return here && calls_one_in(c, 4) ? addr_loopback(AF_INET, port) :
						    hosts_addr(calls_host(to), AF_INET, port);
	if (here && calls_one_in(c, 4))
		return family == AF_INET ? addr_mapped_loopback(port) :
					   addr_loopback(AF_INET6, port);
	if (calls_one_in(c, 8))
		return link_local(c, calls_host(from), calls_host(to), port);
	if (family == AF_INET6 && calls_draw(c, 4))
		return hosts_addr(calls_host(to), AF_INET6, port);
	return calls_draw(c, 4) ? mapped(calls_host(to), port) :
				  hosts_addr(calls_host(to), AF_INET, port);
}

static struct addr odd_address(struct calls_caller *c, u16 port)
{
	static const char * const v4[] = {
		"0.0.0.0", "255.255.255.255", "224.0.0.1", "10.77.0.255", "10.77.0.9", "10.99.0.1",
		"127.255.255.255", "240.0.0.1",
	};
	static const char * const v6[] = {
		"::", "ff02::1", "fd77::9", "fd99::1", "fe80::1", "::ffff:0.0.0.0",
		"::ffff:255.255.255.255", "::ffff:224.0.0.1", "::10.77.0.1", "fec0::1",
	};

	if (calls_draw(c, 2))
		return addr_make(AF_INET, v4[calls_draw(c, sizeof(v4) / sizeof(*v4))], port);
	return addr_make(AF_INET6, v6[calls_draw(c, sizeof(v6) / sizeof(*v6))], port);
}

void calls_spoil_address(struct calls_caller *c, struct addr *a)
{
	switch (calls_draw(c, 6)) {
	case 0:
		*a = odd_address(c, addr_port(a));
		break;
	case 1:
		/* Of nobody, or of everybody. */
		a->v4.sin_port = htons(calls_pick(c, 0, 0, 9, 6999, 65535));
		break;
	case 2:
		a->sa.sa_family = calls_pick(c, AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_PACKET,
					     AF_MAX, 0xffff);
		break;
	case 3:
		a->len = calls_pick(c, 0, 1, 2, 3, 8, 15, 16, 23, 24, 27, 28, 29, 127, 128, 129,
				    INT_MAX, -1);
		break;
	case 4:
		a->v6.sin6_scope_id = calls_some_int(c);
		break;
	default:
		for (int n = calls_draw(c, 4); n >= 0; n--)
			((u8 *)&a->all)[calls_draw(c, sizeof(a->v6))] = calls_draw(c, 256);
	}
}

/* Mostly small; at every edge. */
size_t calls_size(struct calls_caller *c)
{
	static const u32 edges[] = {
		0, 1, MESSAGE_HEADER - 1, MESSAGE_HEADER, 512, 1023, 1232, 1280, 1400, 1424, 1444,
		1452, 1464, 1472, 1500, 2048, 4095, 4096, 4097, 8192, 16384, 32767, 32768, 65507,
		65508, 65535, 65536, 131072,
	};
	static const u32 large[] = {
		MESSAGE_MAX - 1, MESSAGE_MAX, MESSAGE_MAX + 1, CALLS_ROOM, 300000, 600000,
	};

	if (calls_one_in(c, 300))
		return large[calls_draw(c, sizeof(large) / sizeof(*large))];
	if (calls_one_in(c, 8))
		return edges[calls_draw(c, sizeof(edges) / sizeof(*edges))];
	return MESSAGE_HEADER + calls_draw(c, calls_one_in(c, 16) ? 20000 : 1500);
}

/* Nothing can be read from there. */
void *calls_bad_pointer(struct calls_caller *c)
{
	switch (calls_draw(c, 5)) {
	case 0:
		return NULL;
	case 1:
		return (void *)1;
	case 2:
		return calls_world->unmapped + calls_draw(c, 4096);
	case 3:
		/* Not of user space. */
		return (void *)0xffff888000000000UL;
	}
	return (void *)-1UL;
}

int calls_some_int(struct calls_caller *c)
{
	switch (calls_draw(c, 4)) {
	case 0:
		return calls_pick(c, -1, 0, 1, 2, 255, 256, 4096, 65535, 65536, INT_MAX, INT_MIN);
	case 1:
		return calls_draw(c, 16);
	case 2:
		return calls_draw(c, 1 << 20);
	}
	return message_hash(c->state, c->drawn++);
}
