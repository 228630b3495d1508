// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets in buffers of all kinds, as drivers of virtual machines bring them: each is
 * one packet, wherever its bytes stand and whatever the buffer is to be cut up into.
 *
 * modules: tun
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

#define PORT		7000
#define HEADERS		(sizeof(struct iphdr) + sizeof(struct udphdr))
#define INIT		1
#define CHALLENGE	2

struct buffer {
	struct virtio_net_hdr hdr;
	struct iphdr ip;
	struct udphdr udp;
	u8 payload[8000];
} __attribute__((packed));

FIXTURE(buffers) {
	int fd, tun;
};

FIXTURE_VARIANT(buffers) {
	u16 len;		/* of the packet */
	u16 linear;		/* of that, in the linear part of a large buffer */
	u16 fragments;		/* of this size, on the wire; 0: it is not cut up */
};

FIXTURE_VARIANT_ADD(buffers, linear) { .len = 1000, .linear = 1000 };
FIXTURE_VARIANT_ADD(buffers, none_linear) { .len = 7000 };
FIXTURE_VARIANT_ADD(buffers, half_a_header_linear) { .len = 7000, .linear = 17 };
FIXTURE_VARIANT_ADD(buffers, ip_fragments) { .len = 3000, .linear = 3000, .fragments = 1400 };
FIXTURE_VARIANT_ADD(buffers, ip_fragments_none_linear) { .len = 7000, .fragments = 1400 };

FIXTURE_SETUP(buffers)
{
	const struct addr here = addr_make(AF_INET, "10.9.0.1", PORT);
	struct ifreq ifr = { .ifr_name = "tun0", .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR };

	net_isolate();
	self->tun = open("/dev/net/tun", O_RDWR);
	ASSERT_LE(0, self->tun);
	ASSERT_EQ(0, ioctl(self->tun, TUNSETIFF, &ifr));
	shell("ip addr add 10.9.0.1/24 dev tun0");
	shell("ip link set tun0 mtu 9000 up");
	self->fd = sock_bound(&here, NULL);
}

FIXTURE_TEARDOWN(buffers)
{
	close(self->fd);
	close(self->tun);
}

static u16 header_checksum(const struct iphdr ip)
{
	u16 words[sizeof(ip) / sizeof(u16)];
	u32 sum = 0;

	memcpy(words, &ip, sizeof(words));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		sum += words[i];
	return ~((sum & 0xffff) + (sum >> 16));
}

/* An INIT: what stands at its end is padding. */
static void make(struct buffer *b, u16 len, u16 linear, u16 fragments)
{
	*b = (struct buffer){
		.hdr = {
			.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
			.gso_type = fragments ? VIRTIO_NET_HDR_GSO_UDP : 0,
			.gso_size = fragments,
			.hdr_len = HEADERS + linear,
			.csum_start = sizeof(b->ip),
			.csum_offset = offsetof(struct udphdr, check),
		},
		.ip = {
			.version = 4,
			.ihl = 5,
			.ttl = 64,
			.protocol = IPPROTO_UDP,
			.tot_len = htons(HEADERS + len),
			.saddr = inet_addr("10.9.0.2"),
			.daddr = inet_addr("10.9.0.1"),
		},
		.udp = {
			.source = htons(PORT),
			.dest = htons(PORT),
			.len = htons(sizeof(b->udp) + len),
			.check = 1,		/* not to be looked at */
		},
		.payload = { INIT, 1, [19] = 7, [27] = 9 },
	};
	b->ip.check = header_checksum(b->ip);
}

TEST_F(buffers, one_packet_is_one_answer)
{
	const u64 before = counter_ours("malformed");
	struct buffer b;
	ssize_t len;

	make(&b, variant->len, variant->linear, variant->fragments);
	len = offsetof(struct buffer, payload) + variant->len;
	ASSERT_EQ(len, write(self->tun, &b, len));
	do {
		ASSERT_LT(0, read(self->tun, &b, sizeof(b)));
	} while (b.ip.version != 4 || b.ip.protocol != IPPROTO_UDP);
	EXPECT_EQ(CHALLENGE, b.payload[0]);
	EXPECT_EQ(before, counter_ours("malformed"));
}

TEST_HARNESS_MAIN
