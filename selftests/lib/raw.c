// SPDX-License-Identifier: GPL-2.0-only
#include "raw.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <string.h>

struct datagram {
	struct udphdr udp;
	u8 payload[RAW_PAYLOAD];
} __attribute__((packed));

struct packet4 {
	struct iphdr ip;
	struct datagram d;
} __attribute__((packed));

struct packet6 {
	struct ip6_hdr ip;
	struct datagram d;
} __attribute__((packed));

int raw_open(int family)
{
	int fd = socket(family, SOCK_RAW, IPPROTO_RAW);

	if (fd < 0)
		err(1, "raw socket");
	return fd;
}

static u32 add_up(const void *data, size_t len, u32 sum)
{
	const u8 *p = data;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : p[i] << 8;
	return sum;
}

static u32 add_host(const struct addr *a, u32 sum)
{
	if (a->sa.sa_family == AF_INET)
		return add_up(&a->v4.sin_addr, sizeof(a->v4.sin_addr), sum);
	return add_up(&a->v6.sin6_addr, sizeof(a->v6.sin6_addr), sum);
}

/* Of @len bytes; the pseudo-headers of both families come to the same sum. */
static u16 checksum(const struct addr *from, const struct addr *to, const struct datagram *d,
		    size_t len)
{
	u32 sum = add_up(d, len, add_host(to, add_host(from, IPPROTO_UDP + len)));

	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	return htons(sum ? sum : 0xffff);
}

/* Returns its length. */
static size_t fill(struct datagram *d, const struct addr *from, const struct addr *to,
		   const void *payload, size_t len)
{
	const size_t total = sizeof(d->udp) + len;

	/* Ports stand at the same place in both families. */
	d->udp.source = from->v4.sin_port;
	d->udp.dest = to->v4.sin_port;
	d->udp.len = htons(total);
	d->udp.check = 0;
	memcpy(d->payload, payload, len);
	d->udp.check = checksum(from, to, d, total);
	return total;
}

static void send_all(int fd, const void *packet, size_t len, const struct addr *to)
{
	while (sendto(fd, packet, len, 0, &to->sa, to->len) < 0)
		if (errno != ENOBUFS && errno != EAGAIN)
			err(1, "raw send");
}

static void send4(int fd, const struct addr *from, const struct addr *to, const void *payload,
		  size_t len)
{
	struct packet4 p;

	p.ip = (struct iphdr){
		.version = 4,
		.ihl = 5,
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.saddr = from->v4.sin_addr.s_addr,
		.daddr = to->v4.sin_addr.s_addr,
	};
	send_all(fd, &p, sizeof(p.ip) + fill(&p.d, from, to, payload, len), to);
}

static void send6(int fd, const struct addr *from, const struct addr *to, const void *payload,
		  size_t len)
{
	/* The port of a raw socket is a protocol. */
	struct addr there = *to;
	struct packet6 p;

	there.v6.sin6_port = 0;
	p.ip = (struct ip6_hdr){
		.ip6_flow = htonl(6U << 28),
		.ip6_hlim = 64,
		.ip6_nxt = IPPROTO_UDP,
		.ip6_plen = htons(sizeof(p.d.udp) + len),
		.ip6_src = from->v6.sin6_addr,
		.ip6_dst = to->v6.sin6_addr,
	};
	send_all(fd, &p, sizeof(p.ip) + fill(&p.d, from, to, payload, len), &there);
}

void raw_send(int fd, const struct addr *from, const struct addr *to, const void *payload,
	      size_t len)
{
	if (from->sa.sa_family == AF_INET)
		send4(fd, from, to, payload, len);
	else
		send6(fd, from, to, payload, len);
}

int raw_tap(int family)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM,
			htons(family == AF_INET ? ETH_P_IP : ETH_P_IPV6));

	if (fd < 0)
		err(1, "packet socket");
	return fd;
}

/* Bytes before the UDP header; 0: it is no UDP. */
static size_t before_udp(const u8 *packet)
{
	const struct ip6_hdr *v6 = (const void *)packet;
	const struct iphdr *v4 = (const void *)packet;

	if (v4->version == 4)
		return v4->ihl == 5 && v4->protocol == IPPROTO_UDP ? sizeof(*v4) : 0;
	return v6->ip6_nxt == IPPROTO_UDP ? sizeof(*v6) : 0;
}

ssize_t raw_heard(int tap, void *payload, u16 *from_port, u16 *to_port)
{
	u8 packet[sizeof(struct packet6)] __attribute__((aligned(4)));
	const struct datagram *d;
	ssize_t len, before;

	while ((len = recv(tap, packet, sizeof(packet), MSG_DONTWAIT)) >= 0) {
		before = before_udp(packet);
		d = (const void *)(packet + before);
		len -= before + sizeof(d->udp);
		if (len < 0 || !before)
			continue;
		if (len > RAW_PAYLOAD)
			len = RAW_PAYLOAD;
		*from_port = ntohs(d->udp.source);
		*to_port = ntohs(d->udp.dest);
		memcpy(payload, d->payload, len);
		return len;
	}
	return -1;
}
