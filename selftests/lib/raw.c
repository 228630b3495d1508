// SPDX-License-Identifier: GPL-2.0-only
#include "raw.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <string.h>

struct datagram {
	struct iphdr ip;
	struct udphdr udp;
	u8 payload[RAW_PAYLOAD];
} __attribute__((packed));

/* What the UDP checksum covers besides the datagram. */
struct pseudo {
	__be32 from, to;
	u8 zero, protocol;
	__be16 len;
} __attribute__((packed));

int raw_open(void)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

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

static u16 checksum(const struct datagram *d, size_t len)
{
	const struct pseudo pseudo = {
		.from = d->ip.saddr,
		.to = d->ip.daddr,
		.protocol = IPPROTO_UDP,
		.len = d->udp.len,
	};
	u32 sum = add_up(&pseudo, sizeof(pseudo), 0);

	sum = add_up(&d->udp, sizeof(d->udp) + len, sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	return htons(sum ? sum : 0xffff);
}

void raw_send(int fd, const struct addr *from, const struct addr *to, const void *payload,
	      size_t len)
{
	const size_t total = sizeof(struct iphdr) + sizeof(struct udphdr) + len;
	struct datagram d = {
		.ip = {
			.version = 4,
			.ihl = 5,
			.ttl = 64,
			.protocol = IPPROTO_UDP,
			.saddr = from->v4.sin_addr.s_addr,
			.daddr = to->v4.sin_addr.s_addr,
		},
	};

	d.udp.source = from->v4.sin_port;
	d.udp.dest = to->v4.sin_port;
	d.udp.len = htons(sizeof(d.udp) + len);
	memcpy(d.payload, payload, len);
	d.udp.check = checksum(&d, len);
	while (sendto(fd, &d, total, 0, &to->sa, to->len) < 0)
		if (errno != ENOBUFS && errno != EAGAIN)
			err(1, "raw send");
}

int raw_tap(void)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));

	if (fd < 0)
		err(1, "packet socket");
	return fd;
}

ssize_t raw_heard(int tap, void *payload, u16 *from_port, u16 *to_port)
{
	struct datagram d;
	ssize_t len;

	while ((len = recv(tap, &d, sizeof(d), MSG_DONTWAIT)) >= 0) {
		len -= sizeof(d.ip) + sizeof(d.udp);
		if (len < 0 || d.ip.protocol != IPPROTO_UDP || d.ip.ihl != 5)
			continue;
		*from_port = ntohs(d.udp.source);
		*to_port = ntohs(d.udp.dest);
		memcpy(payload, d.payload, len);
		return len;
	}
	return -1;
}
