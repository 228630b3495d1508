// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a packet of a flood costs the host that is attacked, beside a UDP datagram of the same
 * bytes. Where the clock counts instructions (tools/vm/run --icount) a time is a number of
 * them:
 *
 *	make -C selftests cost
 *	tools/vm/run --icount --file selftests/build/cost/flood:/guest/cost -- ./cost
 *
 * There is one processor, and a packet is input where it is sent. What it takes to send one,
 * and to receive one that the host does not look at, since it has another's link address, is
 * subtracted.
 */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include "beside.h"
#include "clock.h"
#include "flood.h"
#include "flood_peer.h"
#include "shell.h"

#define PACKETS		2000
#define BURST		50	/* fits into the buffer of a UDP socket */
#define PAUSE		60	/* ms, in which as many answers are allowed as are asked for */
#define PORT		6666	/* the first of those who flood and have a link */
#define OPEN_PORT	7200
#define CLOSED_PORT	7300
#define OTHER		"10.77.0.9"

struct attack {
	struct beside *b;
	const struct flood_kind *kind;	/* by who has no link; NULL: */
	struct flood_peer *peer;
	int peer_kind;
	bool pause;			/* before each burst */
	int udp;			/* the socket at OPEN_PORT */
	u64 bytes;			/* of the packets of one measurement */
};

static void make(struct attack *a, struct forge *f, u64 i)
{
	if (a->kind)
		a->kind->make(f, i);
	else
		flood_peer_make(a->peer, a->peer_kind, f);
}

static struct addr from(const struct attack *a, u64 i)
{
	if (a->kind)
		return attacker_invented(&a->b->attacker, i, 1 + i);
	return attacker_addr(&a->b->attacker, a->peer->port);
}

static void drain(int fd)
{
	u8 byte;

	while (recv(fd, &byte, 1, MSG_DONTWAIT) >= 0)
		;
}

static u64 send_burst(const struct attack *a, const struct forge *made, const struct addr *to,
		      u64 first)
{
	const u64 began = clock_now();
	struct addr source;

	for (int i = 0; i < BURST; i++) {
		source = from(a, first + i);
		raw_send(a->b->attacker.raw, &source, to, made[i].data, made[i].len);
	}
	return clock_now() - began;
}

/* What it takes to send a packet to @to, and to receive it there; in the mean. */
static double measure(struct attack *a, const struct addr *to)
{
	static struct forge made[BURST];
	u64 sum = 0;

	a->bytes = 0;
	for (u64 i = 0; i < PACKETS; i += BURST) {
		for (int n = 0; n < BURST; n++) {
			make(a, &made[n], i + n);
			a->bytes += made[n].len;
		}
		if (a->pause)
			usleep(PAUSE * 1000);
		sum += send_burst(a, made, to, i);
		drain(a->udp);
	}
	return (double)sum / PACKETS;
}

static void tell(struct attack *a, const char *name)
{
	const struct addr other = addr_make(AF_INET, OTHER, BESIDE_PORT);
	const struct addr open = hosts_addr(1, AF_INET, OPEN_PORT);
	const struct addr closed = hosts_addr(1, AF_INET, CLOSED_PORT);
	const struct addr victim = beside_addr(a->b);
	const double sent = measure(a, &other);

	printf("%-32s%s %6llu", name, a->pause ? " (a)" : "    ", a->bytes / PACKETS);
	printf(" %8.0f", measure(a, &victim) - sent);
	printf(" %8.0f", measure(a, &open) - sent);
	printf(" %8.0f\n", measure(a, &closed) - sent);
	fflush(stdout);
}

/* Whoever else is on the attacker's link looks at nothing: what goes to OTHER, and what the
 * victim answers, has a link address that nobody has.
 */
static void configure(const struct beside *b)
{
	attacker_enter(&b->attacker);
	shell("ip neighbour replace 10.78.0.9 lladdr 02:00:00:00:01:09 dev eth0 nud permanent");
	shell("ip route add %s via 10.78.0.9 dev eth0 onlink", OTHER);
	hosts_enter(&b->hosts, 1);
	shell("ip neighbour replace 10.78.0.1 lladdr 02:00:00:00:01:09 dev hostile nud permanent");
}

static int open_udp(const struct beside *b)
{
	const struct addr local = hosts_addr(1, AF_INET, OPEN_PORT);
	int fd;

	hosts_enter(&b->hosts, 1);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, &local.sa, local.len))
		err(1, "UDP socket");
	return fd;
}

/* Those that are answered come last: by then what was learned is too old. */
static void by_strangers(struct attack *a)
{
	static const int answered[] = {
		FLOOD_INITS_OF_ANOTHER_VERSION, FLOOD_FORGED_COOKIES, FLOOD_DATA_OF_NO_LINK,
	};

	a->pause = false;
	for (int i = 0; i < FLOOD_KINDS; i++) {
		a->kind = &flood_kinds[i];
		tell(a, a->kind->name);
	}
	a->pause = true;
	for (size_t i = 0; i < sizeof(answered) / sizeof(*answered); i++) {
		a->kind = &flood_kinds[answered[i]];
		tell(a, a->kind->name);
	}
}

/* But for what is about messages that he is sent. */
static void by_peers(struct attack *a, struct flood_peer peers[])
{
	a->kind = NULL;
	a->pause = false;
	for (int i = 0; i < FLOOD_PEER_KINDS; i++) {
		if (flood_peer_takes(i))
			continue;
		a->peer = &peers[i];
		a->peer_kind = i;
		tell(a, flood_peer_name(i));
	}
}

int main(void)
{
	static struct flood_peer peers[FLOOD_PEER_KINDS];
	static struct beside b;
	struct attack a = { .b = &b };
	struct addr victim;

	beside_open(&b, AF_INET, NULL);
	victim = beside_addr(&b);
	beside_transfer(&b, 100);
	for (int i = 0; i < FLOOD_PEER_KINDS; i++)
		flood_peer_open(&peers[i], &b, PORT + i);
	flood_learn(&b.attacker, &victim);
	configure(&b);
	a.udp = open_udp(&b);
	printf("%-36s %6s %8s %8s %8s\n", "", "bytes", "rdgram", "UDP", "closed");
	by_strangers(&a);
	by_peers(&a, peers);
	return 0;
}
