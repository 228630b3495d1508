// SPDX-License-Identifier: GPL-2.0-only
/* setsockopt(), getsockopt() and ioctl(), see calls.h. */
#include "calls.h"

#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include <linux/filter.h>
#include <linux/rdgram.h>
#include <linux/sockios.h>
#include <netinet/udp.h>

/* linux/in6.h has them, and cannot be had together with netinet/in.h. */
#define IPV6_FLOWINFO		11
#define IPV6_FLOWINFO_SEND	33

/* What a value is. */
enum kind {
	NUMBER,		/* an int between two others */
	LINGER,
	TIME,		/* struct timeval, so many milliseconds at the most */
	FILTER,		/* struct sock_fprog */
	DEVICE,		/* a name */
	ALGORITHM,	/* likewise */
	NOTHING,	/* none that is good */
};

struct option {
	const char *name;
	int level;
	int option;
	enum kind kind;
	int least, most;
	enum calls_may set, get;
	u32 set_tally, get_tally;
};

#define NAMED(name, level, option, kind, least, most, set, get) \
	{ name, level, option, kind, least, most, CALLS_##set, CALLS_##get, 0, 0 }
#define OPTION(level, option, kind, least, most, set, get) \
	NAMED(#option, level, option, kind, least, most, set, get)
#define INT(level, option, least, most) \
	NAMED(#option, level, option, NUMBER, least, most, MUST, MUST)
#define PERHAPS(level, option, least, most) \
	NAMED(#option, level, option, NUMBER, least, most, MAY, MAY)
#define READ(level, option) NAMED(#option, level, option, NOTHING, 0, 0, NEVER, MUST)
#define NONE(level, option) NAMED(#option, level, option, NUMBER, 0, 1, NEVER, NEVER)

static struct option options[] = {
	INT(SOL_SOCKET, SO_DEBUG, 0, 1),
	INT(SOL_SOCKET, SO_REUSEADDR, 0, 1),
	INT(SOL_SOCKET, SO_REUSEPORT, 0, 1),
	INT(SOL_SOCKET, SO_DONTROUTE, 0, 1),
	INT(SOL_SOCKET, SO_BROADCAST, 0, 1),
	INT(SOL_SOCKET, SO_KEEPALIVE, 0, 1),
	INT(SOL_SOCKET, SO_OOBINLINE, 0, 1),
	INT(SOL_SOCKET, SO_NO_CHECK, 0, 1),
	INT(SOL_SOCKET, SO_PRIORITY, 0, 6),
	INT(SOL_SOCKET, SO_MARK, 0, 3),
	INT(SOL_SOCKET, SO_RCVMARK, 0, 1),
	INT(SOL_SOCKET, SO_RCVLOWAT, 0, 100),
	INT(SOL_SOCKET, SO_TIMESTAMP, 0, 1),
	INT(SOL_SOCKET, SO_TIMESTAMPNS, 0, 1),
	INT(SOL_SOCKET, SO_TIMESTAMPING, 0, 0x7fff),
	INT(SOL_SOCKET, SO_RXQ_OVFL, 0, 1),
	INT(SOL_SOCKET, SO_WIFI_STATUS, 0, 1),
	INT(SOL_SOCKET, SO_NOFCS, 0, 1),
	INT(SOL_SOCKET, SO_SELECT_ERR_QUEUE, 0, 1),
	INT(SOL_SOCKET, SO_INCOMING_CPU, -1, 1),
	INT(SOL_SOCKET, SO_MAX_PACING_RATE, 1000000, INT_MAX),
	INT(SOL_SOCKET, SO_PEEK_OFF, -1, 100),
	INT(SOL_SOCKET, SO_BUF_LOCK, 0, 3),
	INT(SOL_SOCKET, SO_SNDBUF, 0, 500000),
	INT(SOL_SOCKET, SO_RCVBUF, 0, 500000),
	OPTION(SOL_SOCKET, SO_SNDBUFFORCE, NUMBER, 1000, 9000000, MUST, NEVER),
	OPTION(SOL_SOCKET, SO_RCVBUFFORCE, NUMBER, 1000, 9000000, MUST, NEVER),
	OPTION(SOL_SOCKET, SO_LINGER, LINGER, 0, 1, MUST, MUST),
	OPTION(SOL_SOCKET, SO_RCVTIMEO, TIME, 0, 30, MUST, MUST),
	OPTION(SOL_SOCKET, SO_SNDTIMEO, TIME, 0, 30, MUST, MUST),
	OPTION(SOL_SOCKET, SO_BINDTODEVICE, DEVICE, 0, 0, MUST, MUST),
	PERHAPS(SOL_SOCKET, SO_BINDTOIFINDEX, 0, 3),
	OPTION(SOL_SOCKET, SO_ATTACH_FILTER, FILTER, 0, 0, MUST, MUST),
	OPTION(SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, FILTER, 0, 0, MAY, MAY),
	PERHAPS(SOL_SOCKET, SO_ATTACH_BPF, 0, 9),
	PERHAPS(SOL_SOCKET, SO_DETACH_FILTER, 0, 1),
	PERHAPS(SOL_SOCKET, SO_LOCK_FILTER, 0, 1),
	PERHAPS(SOL_SOCKET, SO_BUSY_POLL, 0, 50),
	PERHAPS(SOL_SOCKET, SO_PREFER_BUSY_POLL, 0, 1),
	PERHAPS(SOL_SOCKET, SO_BUSY_POLL_BUDGET, 0, 64),
	PERHAPS(SOL_SOCKET, SO_PASSCRED, 0, 1),
	PERHAPS(SOL_SOCKET, SO_PASSSEC, 0, 1),
	PERHAPS(SOL_SOCKET, SO_TXTIME, 0, 1),
	PERHAPS(SOL_SOCKET, SO_TXREHASH, 0, 1),
	PERHAPS(SOL_SOCKET, SO_PEERCRED, 0, 1),
	PERHAPS(SOL_SOCKET, SO_INCOMING_NAPI_ID, 0, 1),
	PERHAPS(SOL_SOCKET, 999, 0, 1),
	OPTION(SOL_SOCKET, SO_ZEROCOPY, NUMBER, 1, 1, NEVER, MAY),
	OPTION(SOL_SOCKET, SO_RESERVE_MEM, NUMBER, 0, 8192, NEVER, MAY),
	READ(SOL_SOCKET, SO_TYPE),
	READ(SOL_SOCKET, SO_PROTOCOL),
	READ(SOL_SOCKET, SO_DOMAIN),
	READ(SOL_SOCKET, SO_ACCEPTCONN),
	READ(SOL_SOCKET, SO_ERROR),
	READ(SOL_SOCKET, SO_SNDLOWAT),
	READ(SOL_SOCKET, SO_COOKIE),
	READ(SOL_SOCKET, SO_NETNS_COOKIE),
	READ(SOL_SOCKET, SO_MEMINFO),
	INT(SOL_IP, IP_TOS, 0, 255),
	INT(SOL_IP, IP_TTL, 1, 255),
	INT(SOL_IP, IP_MTU_DISCOVER, 0, 5),
	INT(SOL_IP, IP_RECVERR, 0, 1),
	INT(SOL_IP, IP_RECVERR_RFC4884, 0, 1),
	INT(SOL_IP, IP_PKTINFO, 0, 1),
	INT(SOL_IP, IP_RECVTOS, 0, 1),
	INT(SOL_IP, IP_RECVTTL, 0, 1),
	INT(SOL_IP, IP_RECVOPTS, 0, 1),
	INT(SOL_IP, IP_RETOPTS, 0, 1),
	INT(SOL_IP, IP_RECVORIGDSTADDR, 0, 1),
	INT(SOL_IP, IP_PASSSEC, 0, 1),
	INT(SOL_IP, IP_FREEBIND, 0, 1),
	INT(SOL_IP, IP_TRANSPARENT, 0, 1),
	INT(SOL_IP, IP_BIND_ADDRESS_NO_PORT, 0, 1),
	INT(SOL_IP, IP_MINTTL, 0, 64),
	INT(SOL_IP, IP_MULTICAST_TTL, 0, 255),
	INT(SOL_IP, IP_MULTICAST_LOOP, 0, 1),
	INT(SOL_IP, IP_MULTICAST_ALL, 0, 1),
	PERHAPS(SOL_IP, IP_UNICAST_IF, 0, 3),
	PERHAPS(SOL_IP, IP_OPTIONS, 0, 1),
	PERHAPS(SOL_IP, IP_MTU, 0, 1),
	PERHAPS(SOL_IP, 99, 0, 1),
	/* Of type SOCK_DGRAM it can be set, of SOCK_RDM not: the IP layer asks for the type. */
	PERHAPS(SOL_IP, IP_RECVFRAGSIZE, 0, 1),
	INT(SOL_IPV6, IPV6_TCLASS, -1, 255),
	INT(SOL_IPV6, IPV6_UNICAST_HOPS, -1, 255),
	INT(SOL_IPV6, IPV6_MTU_DISCOVER, 0, 5),
	INT(SOL_IPV6, IPV6_RECVERR, 0, 1),
	INT(SOL_IPV6, IPV6_RECVERR_RFC4884, 0, 1),
	INT(SOL_IPV6, IPV6_RECVPKTINFO, 0, 1),
	INT(SOL_IPV6, IPV6_RECVTCLASS, 0, 1),
	INT(SOL_IPV6, IPV6_RECVHOPLIMIT, 0, 1),
	INT(SOL_IPV6, IPV6_RECVORIGDSTADDR, 0, 1),
	INT(SOL_IPV6, IPV6_RECVHOPOPTS, 0, 1),
	INT(SOL_IPV6, IPV6_RECVDSTOPTS, 0, 1),
	INT(SOL_IPV6, IPV6_RECVRTHDR, 0, 1),
	INT(SOL_IPV6, IPV6_RECVFRAGSIZE, 0, 1),
	INT(SOL_IPV6, IPV6_RECVPATHMTU, 0, 1),
	INT(SOL_IPV6, IPV6_2292PKTINFO, 0, 1),
	INT(SOL_IPV6, IPV6_2292HOPLIMIT, 0, 1),
	INT(SOL_IPV6, IPV6_FREEBIND, 0, 1),
	INT(SOL_IPV6, IPV6_TRANSPARENT, 0, 1),
	INT(SOL_IPV6, IPV6_DONTFRAG, 0, 1),
	INT(SOL_IPV6, IPV6_AUTOFLOWLABEL, 0, 1),
	INT(SOL_IPV6, IPV6_FLOWINFO, 0, 1),
	INT(SOL_IPV6, IPV6_FLOWINFO_SEND, 0, 1),
	INT(SOL_IPV6, IPV6_ADDR_PREFERENCES, 1, 2),
	INT(SOL_IPV6, IPV6_MINHOPCOUNT, 0, 64),
	INT(SOL_IPV6, IPV6_MULTICAST_HOPS, -1, 255),
	INT(SOL_IPV6, IPV6_MULTICAST_LOOP, 0, 1),
	INT(SOL_IPV6, IPV6_MULTICAST_ALL, 0, 1),
	PERHAPS(SOL_IPV6, IPV6_V6ONLY, 0, 1),
	PERHAPS(SOL_IPV6, IPV6_UNICAST_IF, 0, 3),
	PERHAPS(SOL_IPV6, IPV6_ADDRFORM, AF_INET, AF_INET),
	PERHAPS(SOL_IPV6, IPV6_HOPOPTS, 0, 1),
	PERHAPS(SOL_IPV6, IPV6_RTHDR, 0, 1),
	PERHAPS(SOL_IPV6, IPV6_MTU, 0, 9000),
	PERHAPS(SOL_IPV6, IPV6_PATHMTU, 0, 1),
	NONE(SOL_UDP, UDP_CORK),
	NONE(SOL_UDP, UDP_ENCAP),
	NONE(SOL_UDP, UDP_SEGMENT),
	NONE(SOL_UDP, UDP_GRO),
	INT(SOL_RDGRAM, RDGRAM_USER_TIMEOUT, 0, 20000),
	INT(SOL_RDGRAM, RDGRAM_NOTICES, 0, 3),
	INT(SOL_RDGRAM, RDGRAM_NODELAY, 0, 1),
	OPTION(SOL_RDGRAM, RDGRAM_CONGESTION, ALGORITHM, 0, 0, MUST, MUST),
	READ(SOL_RDGRAM, RDGRAM_STATS),
	NONE(SOL_RDGRAM, 0),
	NONE(SOL_RDGRAM, 6),
	NONE(999, 1),
};

#define OPTIONS (sizeof(options) / sizeof(*options))

static char names[OPTIONS][2][48];

void calls_options_open(void)
{
	for (u32 i = 0; i < OPTIONS; i++) {
		struct option *o = &options[i];

		snprintf(names[i][0], sizeof(names[i][0]), "set %s", o->name);
		snprintf(names[i][1], sizeof(names[i][1]), "get %s", o->name);
		o->set_tally = calls_tally(names[i][0], o->set);
		o->get_tally = calls_tally(names[i][1], o->get);
	}
}

/* What all pass, mostly; or nobody, or who is long, or that is no program. */
static size_t put_filter(struct calls_caller *c, void *at)
{
	static struct sock_filter all[] = { { BPF_RET | BPF_K, 0, 0, -1 } };
	static struct sock_filter none[] = { { BPF_RET | BPF_K, 0, 0, 0 } };
	static struct sock_filter small[] = {
		{ BPF_LD | BPF_W | BPF_LEN, 0, 0, 0 },
		{ BPF_JMP | BPF_JGT | BPF_K, 0, 1, 1000 },
		{ BPF_RET | BPF_K, 0, 0, 0 },
		{ BPF_RET | BPF_K, 0, 0, -1 },
	};
	static struct sock_filter jumps_out[] = { { BPF_JMP | BPF_JA, 0, 0, 9 } };
	struct sock_fprog p = { 1, all };

	switch (calls_draw(c, 8)) {
	case 0:
		p.filter = none;
		break;
	case 1:
	case 2:
		p = (struct sock_fprog){ 4, small };
		break;
	case 3:
		p.filter = jumps_out;
		break;
	case 4:
		p.len = calls_pick(c, 0, 4097, 65535);
		break;
	}
	memcpy(at, &p, sizeof(p));
	return sizeof(p);
}

/* A good value; returns its length. */
static size_t put_value(struct calls_caller *c, const struct option *o, void *at)
{
	static const char * const devices[] = { "", "", "eth0", "lo", "none" };
	static const char * const algorithms[] = { "cubic", "bbr", "reno", "x" };
	const s64 range = (s64)o->most - o->least + 1;
	const int value = o->least + (int)calls_draw(c, range);
	const struct linger linger = { value, calls_draw(c, 2) };
	const struct timeval time = { .tv_usec = value * 1000 };

	switch (o->kind) {
	case NUMBER:
		memcpy(at, &value, sizeof(value));
		return sizeof(value);
	case LINGER:
		memcpy(at, &linger, sizeof(linger));
		return sizeof(linger);
	case TIME:
		memcpy(at, &time, sizeof(time));
		return sizeof(time);
	case FILTER:
		return put_filter(c, at);
	case DEVICE:
		strcpy(at, devices[calls_draw(c, 5)]);
		return strlen(at);
	case ALGORITHM:
		strcpy(at, algorithms[calls_draw(c, 4)]);
		return strlen(at) + calls_draw(c, 2);
	case NOTHING:
		break;
	}
	return calls_draw(c, 64);
}

/* Options of IPv6 are for sockets of IPv6. */
static int descriptor(struct calls_caller *c, const struct option *o)
{
	const u64 k = calls_draw(c, CALLS_SLOTS) | CALLS_V6;

	return o->level == SOL_IPV6 && calls_slots[k].fd >= 0 ? calls_slots[k].fd :
								calls_slot(c)->fd;
}

long calls_setsockopt(struct calls_caller *c)
{
	struct option *o = &options[calls_draw(c, OPTIONS)];
	u8 value[256] = {};
	socklen_t len = put_value(c, o, value);
	const void *at = value;
	long result;

	if (calls_one_in(c, 16)) {
		int any = calls_some_int(c);

		memcpy(value, &any, sizeof(any));
	}
	if (calls_one_in(c, 16))
		len = calls_pick(c, 0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 256, -1);
	if (calls_one_in(c, 32))
		at = calls_bad_pointer(c);
	result = setsockopt(descriptor(c, o), o->level, o->option, at, len);
	calls_count(c, o->set_tally, result);
	return result;
}

long calls_getsockopt(struct calls_caller *c)
{
	struct option *o = &options[calls_draw(c, OPTIONS)];
	u8 value[4096];
	socklen_t room = calls_pick(c, sizeof(int), sizeof(u64), 64, 512);
	void *at = value, *len = &room;
	long result;

	if (calls_one_in(c, 16))
		room = calls_pick(c, 0, 1, 2, 3, 8, 15, 16, 17, -1);
	if (calls_one_in(c, 32))
		at = calls_one_in(c, 2) ? calls_bad_pointer(c) : calls_world->readonly;
	if (calls_one_in(c, 32))
		len = calls_one_in(c, 2) ? calls_bad_pointer(c) : calls_world->readonly;
	result = getsockopt(descriptor(c, o), o->level, o->option, at, len);
	calls_count(c, o->get_tally, result);
	return result;
}

long calls_ioctl(struct calls_caller *c)
{
	static const unsigned long requests[] = {
		FIONREAD, SIOCOUTQ, FIONBIO, SIOCGSTAMP_OLD, SIOCGSTAMPNS_OLD, SIOCGSTAMP_NEW,
		SIOCATMARK, SIOCGPGRP, SIOCSPGRP, FIOASYNC, SIOCOUTQNSD, SIOCGIFNAME, SIOCADDRT,
		0, -1UL,
	};
	const u64 which = calls_draw(c, sizeof(requests) / sizeof(*requests));
	u64 value[16] = { calls_draw(c, 2) };

	return ioctl(calls_slot(c)->fd, requests[which],
		     calls_one_in(c, 16) ? calls_bad_pointer(c) : value);
}
