// SPDX-License-Identifier: GPL-2.0-only
#include "icmp.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ipv6.h>

static size_t put_ip4(u8 *to, u8 first, const struct addr *src, const struct addr *dst)
{
	const size_t len = (first & 15) * 4;
	struct iphdr h = {
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.saddr = src->v4.sin_addr.s_addr,
		.daddr = dst->v4.sin_addr.s_addr,
	};

	memcpy(to, &h, sizeof(h));
	to[0] = first;
	if (len >= sizeof(struct ip6_hdr)) {
		memset(to + 34, 0xff, 2);
		memcpy(to + 36, &h.daddr, sizeof(h.daddr));
	}
	return len;
}

static size_t put_ip6(u8 *to, u8 first, const struct addr *src, const struct addr *dst)
{
	struct ip6_hdr h = {
		.ip6_nxt = IPPROTO_UDP,
		.ip6_hlim = 64,
		.ip6_src = src->v6.sin6_addr,
		.ip6_dst = dst->v6.sin6_addr,
	};

	memcpy(to, &h, sizeof(h));
	to[0] = first;
	return sizeof(h);
}

struct icmp_quote icmp_quote(u8 first, const struct addr *from, const struct addr *to,
			     const void *payload, size_t len)
{
	const struct udphdr udp = {
		.source = htons(addr_port(from)),
		.dest = htons(addr_port(to)),
		.len = htons(sizeof(udp) + len),
	};
	struct icmp_quote q = {};

	if (from->sa.sa_family == AF_INET)
		q.len = put_ip4(q.bytes, first, from, to);
	else
		q.len = put_ip6(q.bytes, first, from, to);
	memcpy(q.bytes + q.len, &udp, sizeof(udp));
	q.len += sizeof(udp);
	if (len > sizeof(q.bytes) - q.len)
		len = sizeof(q.bytes) - q.len;
	memcpy(q.bytes + q.len, payload, len);
	q.len += len;
	return q;
}

static u16 checksum(const u8 *p, size_t len)
{
	u32 sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

/* The kernel counts the checksum of IPv6's itself. */
void icmp_error(u8 type, u8 code, const struct addr *from, const struct addr *to,
		const struct icmp_quote *quote)
{
	const bool v4 = from->sa.sa_family == AF_INET;
	u8 bytes[8 + ICMP_QUOTE_MAX] = { type, code };
	struct addr source = *from, target = *to;
	size_t len = 8 + quote->len;
	u16 sum;
	int fd;

	memcpy(bytes + 8, quote->bytes, quote->len);
	if (v4) {
		sum = checksum(bytes, len);
		memcpy(bytes + 2, &sum, sizeof(sum));
	}
	/* A raw socket has no ports. */
	source.v6.sin6_port = 0;
	target.v6.sin6_port = 0;
	fd = socket(from->sa.sa_family, SOCK_RAW, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (fd < 0 || bind(fd, &source.sa, source.len) ||
	    sendto(fd, bytes, len, 0, &target.sa, target.len) != (ssize_t)len)
		err(1, "ICMP message");
	close(fd);
}

void icmp_unreachable(const struct addr *from, const struct addr *to,
		      const struct icmp_quote *quote)
{
	const bool v4 = from->sa.sa_family == AF_INET;

	icmp_error(v4 ? ICMP_DEST_UNREACH : ICMP6_DST_UNREACH,
		   v4 ? ICMP_PORT_UNREACH : ICMP6_DST_UNREACH_NOPORT, from, to, quote);
}
