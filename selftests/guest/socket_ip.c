// SPDX-License-Identifier: GPL-2.0-only
/* The options of the IP layers: set, read back, what they do, and control messages. */
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>

/* The C library's names of these clash with the kernel's. */
#define IP_RECVERR_RFC4884	26
#define IPV6_RECVERR_RFC4884	31
#define IPV6_MINHOPCOUNT	73
#define IPV6_FLOWINFO		11
#define IPV6_FLOWLABEL_MGR	32
#define IPV6_FLOWINFO_SEND	33

#include "kselftest_harness.h"
#include "control.h"
#include "option.h"
#include "shell.h"
#include "sock.h"

FIXTURE(socket_ip) {
	int a, b;
	struct addr addr_a, addr_b;
};

FIXTURE_VARIANT(socket_ip) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_ip, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_ip, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_ip)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, &self->addr_a);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
}

FIXTURE_TEARDOWN(socket_ip)
{
	EXPECT_EQ(0, close(self->a));
	EXPECT_EQ(0, close(self->b));
}

static const struct option options4[] = {
	OPTION(IP_TOS, 0x28, 0x28),
	OPTION(IP_TTL, 77, 77),
	OPTION(IP_TTL, -1, 64),
	OPTION(IP_MTU_DISCOVER, IP_PMTUDISC_DO, IP_PMTUDISC_DO),
	OPTION(IP_MTU_DISCOVER, IP_PMTUDISC_DONT, IP_PMTUDISC_DONT),
	OPTION(IP_RECVERR, 1, 1),
	OPTION(IP_RECVERR_RFC4884, 1, 1),
	OPTION(IP_PKTINFO, 1, 1),
	OPTION(IP_RECVTOS, 1, 1),
	OPTION(IP_RECVTTL, 1, 1),
	OPTION(IP_RECVOPTS, 1, 1),
	OPTION(IP_RETOPTS, 1, 1),
	OPTION(IP_RECVORIGDSTADDR, 1, 1),
	OPTION(IP_PASSSEC, 1, 1),
	OPTION(IP_FREEBIND, 1, 1),
	OPTION(IP_TRANSPARENT, 1, 1),
	OPTION(IP_BIND_ADDRESS_NO_PORT, 1, 1),
	OPTION(IP_MINTTL, 3, 3),
	OPTION(IP_MULTICAST_TTL, 5, 5),
	OPTION(IP_MULTICAST_LOOP, 0, 0),
	OPTION(IP_MULTICAST_ALL, 0, 0),
};

static const struct option options6[] = {
	OPTION(IPV6_TCLASS, 0x28, 0x28),
	OPTION(IPV6_UNICAST_HOPS, 77, 77),
	OPTION(IPV6_UNICAST_HOPS, -1, 64),
	OPTION(IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO, IPV6_PMTUDISC_DO),
	OPTION(IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT, IPV6_PMTUDISC_DONT),
	OPTION(IPV6_RECVERR, 1, 1),
	OPTION(IPV6_RECVERR_RFC4884, 1, 1),
	OPTION(IPV6_RECVPKTINFO, 1, 1),
	OPTION(IPV6_RECVTCLASS, 1, 1),
	OPTION(IPV6_RECVHOPLIMIT, 1, 1),
	OPTION(IPV6_RECVORIGDSTADDR, 1, 1),
	OPTION(IPV6_RECVHOPOPTS, 1, 1),
	OPTION(IPV6_RECVDSTOPTS, 1, 1),
	OPTION(IPV6_RECVRTHDR, 1, 1),
	OPTION(IPV6_RECVFRAGSIZE, 1, 1),
	OPTION(IPV6_RECVPATHMTU, 1, 1),
	OPTION(IPV6_2292PKTINFO, 1, 1),
	OPTION(IPV6_2292HOPLIMIT, 1, 1),
	OPTION(IPV6_FREEBIND, 1, 1),
	OPTION(IPV6_TRANSPARENT, 1, 1),
	OPTION(IPV6_DONTFRAG, 1, 1),
	OPTION(IPV6_AUTOFLOWLABEL, 1, 1),
	OPTION(IPV6_FLOWINFO, 1, 1),
	OPTION(IPV6_FLOWINFO_SEND, 1, 1),
	OPTION(IPV6_ADDR_PREFERENCES, 2, 0x402),
	OPTION(IPV6_MINHOPCOUNT, 3, 3),
	OPTION(IPV6_MULTICAST_HOPS, 5, 5),
	OPTION(IPV6_MULTICAST_LOOP, 0, 0),
	OPTION(IPV6_MULTICAST_ALL, 0, 0),
};

TEST_F(socket_ip, values_read_back)
{
	const bool v4 = variant->family == AF_INET;
	const struct option *o = v4 ? options4 : options6;
	const size_t n = v4 ? ARRAY_SIZE(options4) : ARRAY_SIZE(options6);

	option_keep(_metadata, self->a, v4 ? IPPROTO_IP : IPPROTO_IPV6, o, n);
	/* With all of them it still does what it is for. */
	ASSERT_EQ(1, sock_sendto(self->b, "x", 1, 0, &self->addr_a));
	sock_wait(self->a, POLLIN);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	sock_wait(self->b, POLLIN);
}

TEST_F(socket_ip, values_refused)
{
	static const struct option refused4[] = {
		OPTION(IP_TTL, 256, EINVAL),
		OPTION(IP_TTL, 0, EINVAL),
		OPTION(IP_HDRINCL, 1, ENOPROTOOPT),
		OPTION(IP_NODEFRAG, 1, ENOPROTOOPT),
		OPTION(IP_MTU_DISCOVER, 17, EINVAL),
		OPTION(IP_MINTTL, 256, EINVAL),
		{ "99", 99, 1, ENOPROTOOPT },
	};
	static const struct option refused6[] = {
		OPTION(IPV6_UNICAST_HOPS, 256, EINVAL),
		OPTION(IPV6_TCLASS, 256, EINVAL),
		OPTION(IPV6_MTU_DISCOVER, 17, EINVAL),
		OPTION(IPV6_CHECKSUM, 2, ENOPROTOOPT),
		OPTION(IPV6_HDRINCL, 1, ENOPROTOOPT),
		OPTION(IPV6_MINHOPCOUNT, 256, EINVAL),
		{ "99", 99, 1, ENOPROTOOPT },
	};
	const bool v4 = variant->family == AF_INET;
	const struct option *o = v4 ? refused4 : refused6;

	option_refuse(_metadata, self->a, v4 ? IPPROTO_IP : IPPROTO_IPV6, o,
		      ARRAY_SIZE(refused4));
}

static void set_ip(struct __test_metadata *_metadata, int fd, int family, int option4,
		   int option6, int value)
{
	ASSERT_EQ(0, setsockopt(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
				family == AF_INET ? option4 : option6, &value, sizeof(value)));
}

TEST_F(socket_ip, nothing_unasked)
{
	struct control c;

	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	EXPECT_EQ(0, c.msg.msg_controllen);
	EXPECT_EQ(0, c.msg.msg_flags);
}

TEST_F(socket_ip, ttl_received)
{
	struct control c;
	int level = variant->family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	int type = variant->family == AF_INET ? IP_TTL : IPV6_HOPLIMIT;

	set_ip(_metadata, self->b, variant->family, IP_RECVTTL, IPV6_RECVHOPLIMIT, 1);
	set_ip(_metadata, self->a, variant->family, IP_TTL, IPV6_UNICAST_HOPS, 42);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	EXPECT_EQ(42, control_get_int(&c, level, type));
	set_ip(_metadata, self->a, variant->family, IP_TTL, IPV6_UNICAST_HOPS, 17);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, control_recv(self->b, &c, MSG_PEEK));
	EXPECT_EQ(17, control_get_int(&c, level, type));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	EXPECT_EQ(17, control_get_int(&c, level, type));
}

/* As an int or as a byte: what it is depends on the family. */
static int traffic_class(const struct control *c, int family)
{
	u8 tos;

	if (family == AF_INET6)
		return control_get_int(c, IPPROTO_IPV6, IPV6_TCLASS);
	return control_get(c, IPPROTO_IP, IP_TOS, &tos, 1) ? tos : -1;
}

TEST_F(socket_ip, tos_received)
{
	struct control c;

	set_ip(_metadata, self->b, variant->family, IP_RECVTOS, IPV6_RECVTCLASS, 1);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	EXPECT_EQ(0, traffic_class(&c, variant->family));
	set_ip(_metadata, self->a, variant->family, IP_TOS, IPV6_TCLASS, 0xb8);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	EXPECT_EQ(0xb8, traffic_class(&c, variant->family));
}

/* The headers are those of the first packet, also where it was one of many. */
TEST_F(socket_ip, header_of_a_large_message)
{
	static char large[60000];
	char control[64];
	struct iovec iov = { .iov_base = large, .iov_len = sizeof(large) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };

	set_ip(_metadata, self->b, variant->family, IP_RECVTTL, IPV6_RECVHOPLIMIT, 1);
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(sizeof(large),
			  sock_sendto(self->a, large, sizeof(large), 0, &self->addr_b));
		msg.msg_controllen = sizeof(control);
		ASSERT_EQ(sizeof(large), recvmsg(self->b, &msg, 0));
		ASSERT_EQ(CMSG_SPACE(sizeof(int)), msg.msg_controllen);
	}
}

TEST_F(socket_ip, pktinfo_received)
{
	const struct addr any = addr_any(variant->family, 0);
	struct addr name, to;
	struct in6_pktinfo info6 = {};
	struct in_pktinfo info4 = {};
	struct control c;
	int fd;

	fd = sock_bound(&any, &name);
	to = addr_loopback(variant->family, addr_port(&name));
	set_ip(_metadata, fd, variant->family, IP_PKTINFO, IPV6_RECVPKTINFO, 1);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &to));
	ASSERT_EQ(1, control_recv(fd, &c, 0));
	if (variant->family == AF_INET) {
		ASSERT_TRUE(control_get(&c, IPPROTO_IP, IP_PKTINFO, &info4, sizeof(info4)));
		EXPECT_EQ(htonl(INADDR_LOOPBACK), info4.ipi_addr.s_addr);
		EXPECT_EQ(htonl(INADDR_LOOPBACK), info4.ipi_spec_dst.s_addr);
		EXPECT_EQ(1, info4.ipi_ifindex);
	} else {
		ASSERT_TRUE(control_get(&c, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6)));
		EXPECT_EQ(0, memcmp(&in6addr_loopback, &info6.ipi6_addr, 16));
		EXPECT_EQ(1, info6.ipi6_ifindex);
	}
	EXPECT_EQ(0, close(fd));
}

/* It comes by lo, and is told of by the device that its sender named. */
TEST_F(socket_ip, pktinfo_of_a_device_of_ours)
{
	const bool v4 = variant->family == AF_INET;
	const struct addr any = addr_any(variant->family, 0);
	struct in6_pktinfo info6 = {};
	struct in_pktinfo info4 = {};
	struct addr name, to;
	struct control c;
	u32 device;
	int fd;

	shell("ip link add eth8 type dummy && ip link set eth8 up");
	shell("ip address add 10.8.0.1/24 dev eth8 && ip address add fe80::8/64 dev eth8 nodad");
	device = if_nametoindex("eth8");
	fd = sock_bound(&any, &name);
	to = addr_make(variant->family, v4 ? "10.8.0.1" : "fe80::8", addr_port(&name));
	if (!v4)
		to.v6.sin6_scope_id = device;
	close(self->a);
	self->a = sock_new(variant->family);
	if (v4)
		ASSERT_EQ(0, setsockopt(self->a, SOL_SOCKET, SO_BINDTODEVICE, "eth8", 5));
	set_ip(_metadata, fd, variant->family, IP_PKTINFO, IPV6_RECVPKTINFO, 1);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &to));
	ASSERT_EQ(1, control_recv(fd, &c, 0));
	if (v4) {
		ASSERT_TRUE(control_get(&c, IPPROTO_IP, IP_PKTINFO, &info4, sizeof(info4)));
		EXPECT_EQ(device, info4.ipi_ifindex);
	} else {
		ASSERT_TRUE(control_get(&c, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6)));
		EXPECT_EQ(device, info6.ipi6_ifindex);
		/* And so the answer goes there. */
		EXPECT_EQ(1, control_send(fd, 'y', &c.from, IPPROTO_IPV6, IPV6_PKTINFO, &info6,
					  sizeof(info6)));
	}
	EXPECT_EQ(0, close(fd));
}

TEST_F(socket_ip, original_destination)
{
	struct addr got = { .len = self->addr_b.len };
	struct control c;

	set_ip(_metadata, self->b, variant->family, IP_RECVORIGDSTADDR, IPV6_RECVORIGDSTADDR, 1);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	ASSERT_TRUE(variant->family == AF_INET ?
		    control_get(&c, IPPROTO_IP, IP_ORIGDSTADDR, &got.v4, sizeof(got.v4)) :
		    control_get(&c, IPPROTO_IPV6, IPV6_ORIGDSTADDR, &got.v6, sizeof(got.v6)));
	EXPECT_TRUE(addr_equal(&got, &self->addr_b));
}

/* A socket for both families tells of IPv4 in IPv4's words, and of pktinfo in both. */
TEST_F(socket_ip, control_of_mapped)
{
	const struct addr any = addr_any(AF_INET6, 0);
	struct in6_pktinfo info = {};
	struct in6_addr mapped;
	struct control c;
	struct addr name, to;
	int fd;

	if (variant->family != AF_INET)
		SKIP(return, "is about IPv4");
	fd = sock_bound(&any, &name);
	to = addr_loopback(AF_INET, addr_port(&name));
	set_ip(_metadata, fd, AF_INET, IP_RECVTTL, 0, 1);
	set_ip(_metadata, fd, AF_INET6, 0, IPV6_RECVPKTINFO, 1);
	set_ip(_metadata, fd, AF_INET6, 0, IPV6_RECVHOPLIMIT, 1);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &to));
	ASSERT_EQ(1, control_recv(fd, &c, 0));
	EXPECT_EQ(64, control_get_int(&c, IPPROTO_IP, IP_TTL));
	EXPECT_EQ(-1, control_get_int(&c, IPPROTO_IPV6, IPV6_HOPLIMIT));
	ASSERT_TRUE(control_get(&c, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info)));
	mapped = addr_mapped_loopback(0).v6.sin6_addr;
	EXPECT_EQ(0, memcmp(&mapped, &info.ipi6_addr, 16));
	EXPECT_EQ(0, close(fd));
}

/* For one message: the socket's own stay as they are. */
TEST_F(socket_ip, ttl_sent)
{
	const bool v4 = variant->family == AF_INET;
	const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6, type = v4 ? IP_TTL : IPV6_HOPLIMIT;
	int ttl = 33, bad = 300;
	struct control c;

	set_ip(_metadata, self->b, variant->family, IP_RECVTTL, IPV6_RECVHOPLIMIT, 1);
	ASSERT_EQ(1, control_send(self->a, 'x', &self->addr_b, level, type, &ttl, sizeof(ttl)));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	EXPECT_EQ(33, control_get_int(&c, level, type));
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	EXPECT_EQ(64, control_get_int(&c, level, type));
	EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, level, type, &bad, sizeof(bad)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, level, type, &ttl, 1));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(socket_ip, tos_sent)
{
	const bool v4 = variant->family == AF_INET;
	const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6, type = v4 ? IP_TOS : IPV6_TCLASS;
	int tos = 0x48, bad = 300;
	struct control c;

	set_ip(_metadata, self->b, variant->family, IP_RECVTOS, IPV6_RECVTCLASS, 1);
	ASSERT_EQ(1, control_send(self->a, 'x', &self->addr_b, level, type, &tos, sizeof(tos)));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	EXPECT_EQ(0x48, traffic_class(&c, variant->family));
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	EXPECT_EQ(0, traffic_class(&c, variant->family));
	EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, level, type, &bad, sizeof(bad)));
	EXPECT_EQ(EINVAL, errno);
}

/* Each of many has what was asked for it, where no packet is shared. */
TEST_F(socket_ip, tos_of_each)
{
	const bool v4 = variant->family == AF_INET;
	const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6, type = v4 ? IP_TOS : IPV6_TCLASS;
	struct control c;

	set_ip(_metadata, self->b, variant->family, IP_RECVTOS, IPV6_RECVTCLASS, 1);
	for (int i = 0; i < 200; i++) {
		int tos = i % 50 * 4;

		ASSERT_EQ(1, control_send(self->a, i, &self->addr_b, level, type, &tos,
					  sizeof(tos)));
		ASSERT_EQ(1, control_recv(self->b, &c, 0));
		ASSERT_EQ((char)i, c.payload[0]);
		ASSERT_EQ(tos, traffic_class(&c, variant->family));
	}
}

TEST_F(socket_ip, mark_sent)
{
	struct control c;
	u32 mark = 17;

	sock_set(self->b, SO_RCVMARK, 1);
	ASSERT_EQ(1, control_send(self->a, 'x', &self->addr_b, SOL_SOCKET, SO_MARK, &mark,
				  sizeof(mark)));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	EXPECT_EQ(17, control_get_int(&c, SOL_SOCKET, SO_MARK));
}

static ssize_t send_from(int fd, char byte, const struct addr *to, const struct addr *source)
{
	struct in6_pktinfo info6 = { .ipi6_addr = source->v6.sin6_addr };
	struct in_pktinfo info4 = { .ipi_spec_dst = source->v4.sin_addr };

	if (source->sa.sa_family == AF_INET)
		return control_send(fd, byte, to, IPPROTO_IP, IP_PKTINFO, &info4, sizeof(info4));
	return control_send(fd, byte, to, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
}

/* @source: NULL: as the kernel chooses. */
static ssize_t send_perhaps_from(int fd, char byte, const struct addr *to,
				 const struct addr *source)
{
	return source ? send_from(fd, byte, to, source) : sock_sendto(fd, &byte, 1, 0, to);
}

/* An address of ours, beside the one that the kernel would choose: @n is 1 or 2. */
static struct addr another_source(int family, int n, u16 port)
{
	const char *text4 = n == 1 ? "10.9.0.1" : "10.9.0.2";
	const char *text6 = n == 1 ? "fd09::1" : "fd09::2";

	return addr_make(family, family == AF_INET ? text4 : text6, port);
}

static void add_sources(void)
{
	shell("ip address add 10.9.0.1/32 dev lo; ip address add 10.9.0.2/32 dev lo");
	shell("ip address add fd09::1/128 dev lo nodad; ip address add fd09::2/128 dev lo nodad");
}

static bool arrives_from(int fd, char byte, const struct addr *source)
{
	struct addr from;
	char got;

	return sock_recvfrom(fd, &got, 1, 0, &from) == 1 && got == byte &&
	       addr_equal(source, &from);
}

/* From an address of several that we have. */
TEST_F(socket_ip, pktinfo_sent)
{
	const bool v4 = variant->family == AF_INET;
	const struct addr any = addr_any(variant->family, 0);
	struct addr sources[2], foreign, name;
	char byte;
	int fd;

	add_sources();
	fd = sock_bound(&any, &name);
	for (int i = 0; i < 2; i++)
		sources[i] = another_source(variant->family, i + 1, addr_port(&name));
	foreign = addr_make(variant->family, v4 ? "192.0.2.1" : "2001:db8::1", 0);
	for (int i = 0; i < 6; i++) {
		const struct addr *source = &sources[i % 2];

		ASSERT_EQ(1, send_from(fd, '0' + i, &self->addr_b, source));
		EXPECT_TRUE(arrives_from(self->b, '0' + i, source));
		/* And back, to where it came from. */
		ASSERT_EQ(1, sock_sendto(self->b, "x", 1, 0, source));
		ASSERT_EQ(1, recv(fd, &byte, 1, 0));
	}
	EXPECT_EQ(-1, send_from(fd, 'x', &self->addr_b, &foreign));
	EXPECT_EQ(v4 ? ENETUNREACH : EINVAL, errno);
	EXPECT_EQ(0, close(fd));
}

/* By an AF_INET6 socket, which writes addresses of IPv4 as mapped ones. */
TEST_F(socket_ip, pktinfo_of_mapped)
{
	const struct addr any = addr_any(AF_INET6, 0);
	struct addr source, to, name;
	int fd;

	if (variant->family != AF_INET)
		SKIP(return, "is about IPv4");
	add_sources();
	fd = sock_bound(&any, &name);
	to = addr_mapped_loopback(addr_port(&self->addr_b));
	source = addr_make(AF_INET6, "::ffff:10.9.0.2", 0);
	ASSERT_EQ(1, send_from(fd, 'x', &to, &source));
	source = addr_make(AF_INET, "10.9.0.2", addr_port(&name));
	EXPECT_TRUE(arrives_from(self->b, 'x', &source));
	/* None in particular: the one that the route has. */
	source = addr_make(AF_INET6, "::ffff:0.0.0.0", 0);
	ASSERT_EQ(1, send_from(fd, 'y', &to, &source));
	source = addr_loopback(AF_INET, addr_port(&name));
	EXPECT_TRUE(arrives_from(self->b, 'y', &source));
	/* One of IPv6 cannot be. */
	source = addr_make(AF_INET6, "fd09::1", 0);
	EXPECT_EQ(-1, send_from(fd, 'z', &to, &source));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
}

/* It counts for that message: others go from where they would go without it, whichever
 * comes first, and whatever the other side answers.
 */
TEST_F(socket_ip, pktinfo_of_one)
{
	const struct addr any = addr_any(variant->family, 0);

	for (int first = 0; first < 2; first++) {
		struct addr source, plain, name;
		char byte;
		int fd = sock_bound(&any, &name);

		if (!first)
			add_sources();
		source = another_source(variant->family, 1, addr_port(&name));
		plain = addr_loopback(variant->family, addr_port(&name));
		for (int i = first; i < 6; i++) {
			const bool asked = i % 2;

			ASSERT_EQ(1, send_perhaps_from(fd, '0' + i, &self->addr_b,
						       asked ? &source : NULL));
			EXPECT_TRUE(arrives_from(self->b, '0' + i, asked ? &source : &plain))
				TH_LOG("message %d of %d", i, first);
			ASSERT_EQ(1, sock_sendto(self->b, "x", 1, 0, asked ? &source : &plain));
			ASSERT_EQ(1, recv(fd, &byte, 1, 0));
		}
		EXPECT_EQ(0, close(fd));
	}
}

/* POLLOUT is about the room that there is for these, too. */
TEST_F(socket_ip, pktinfo_of_all_and_no_room)
{
	const struct addr any = addr_any(variant->family, 0);
	struct pollfd p = { .events = POLLOUT };
	struct addr source, name;
	int vain = 0;
	char byte;

	if (sock_is_udp())
		SKIP(return, "UDP is always writable");
	add_sources();
	p.fd = sock_bound(&any, &name);
	source = another_source(variant->family, 1, addr_port(&name));
	sock_connect(p.fd, &self->addr_b);
	ASSERT_EQ(0, fcntl(p.fd, F_SETFL, O_NONBLOCK));
	/* Until there is no room, and none is made any more. */
	for (; vain < 1000 && poll(&p, 1, 0); vain++)
		while (send_from(p.fd, 'x', &self->addr_b, &source) == 1)
			;
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_GT(1000, vain);
	/* Others than what is read are on their way. */
	while (poll(&p, 1, 0) == 0)
		ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ(1, send_from(p.fd, 'x', &self->addr_b, &source));
	EXPECT_EQ(0, close(p.fd));
}

/* The address that would have been chosen, asked for: there is one order. */
TEST_F(socket_ip, pktinfo_of_the_usual)
{
	const struct addr any = addr_any(variant->family, 0);
	struct addr usual, name;
	int fd = sock_bound(&any, &name);

	usual = addr_loopback(variant->family, addr_port(&name));
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(1, send_perhaps_from(fd, 'a' + i, &self->addr_b,
					       i % 3 ? NULL : &usual));
	}
	for (int i = 0; i < 20; i++)
		EXPECT_TRUE(arrives_from(self->b, 'a' + i, &usual));
	EXPECT_EQ(0, close(fd));
}

/* One message from each; they are not ordered among each other. */
static bool arrive_from_both(int fd, char first, const struct addr *ends)
{
	bool seen[2] = {};

	for (int i = 0; i < 2; i++) {
		struct addr from;
		char got = 0;
		int which;

		if (sock_recvfrom(fd, &got, 1, 0, &from) != 1)
			return false;
		which = got - first;
		if (which < 0 || which > 1 || seen[which] || !addr_equal(&ends[which], &from))
			return false;
		seen[which] = true;
	}
	return true;
}

/* To oneself, from another address than the one it is sent to; both ways at once. */
TEST_F(socket_ip, pktinfo_to_oneself)
{
	const struct addr any = addr_any(variant->family, 0);
	struct addr ends[2], name;
	int fd;

	add_sources();
	shell("tc qdisc add dev lo root netem delay 5ms");
	fd = sock_bound(&any, &name);
	ends[0] = addr_loopback(variant->family, addr_port(&name));
	ends[1] = another_source(variant->family, 1, addr_port(&name));
	for (int i = 0; i < 6; i += 2) {
		ASSERT_EQ(1, send_from(fd, '0' + i, &ends[1], &ends[0]));
		ASSERT_EQ(1, send_from(fd, '1' + i, &ends[0], &ends[1]));
		EXPECT_TRUE(arrive_from_both(fd, '0' + i, ends));
	}
	EXPECT_EQ(0, close(fd));
}

/* The flow label that the next message came with; 0: none. */
static u32 label_received(int fd)
{
	struct control c;
	u32 flow;

	if (control_recv(fd, &c, 0) != 1 ||
	    !control_get(&c, IPPROTO_IPV6, IPV6_FLOWINFO, &flow, sizeof(flow)))
		return 0;
	return ntohl(flow) & 0xfffff;
}

/* One for each flow, by which routers can tell it from others. */
TEST_F(socket_ip, flow_label)
{
	u32 label;

	if (variant->family != AF_INET6)
		SKIP(return, "IPv4 has none");
	set_ip(_metadata, self->b, AF_INET6, 0, IPV6_FLOWINFO, 1);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	label = label_received(self->b);
	EXPECT_NE(0, label);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	EXPECT_EQ(label, label_received(self->b));
	set_ip(_metadata, self->a, AF_INET6, 0, IPV6_AUTOFLOWLABEL, 0);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	EXPECT_EQ(0, label_received(self->b));
}

/* Beside the address, of this message or of connect(); by a control message. */
TEST_F(socket_ip, flow_label_sent)
{
	u32 flow = htonl(0x54321);

	if (variant->family != AF_INET6)
		SKIP(return, "IPv4 has none");
	set_ip(_metadata, self->b, AF_INET6, 0, IPV6_FLOWINFO, 1);
	set_ip(_metadata, self->a, AF_INET6, 0, IPV6_AUTOFLOWLABEL, 0);
	self->addr_b.v6.sin6_flowinfo = htonl(0x12345);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	EXPECT_EQ(0, label_received(self->b));
	set_ip(_metadata, self->a, AF_INET6, 0, IPV6_FLOWINFO_SEND, 1);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	EXPECT_EQ(0x12345, label_received(self->b));
	self->addr_b.v6.sin6_flowinfo = 0;
	ASSERT_EQ(1, control_send(self->a, 'x', &self->addr_b, IPPROTO_IPV6, IPV6_FLOWINFO,
				  &flow, sizeof(flow)));
	EXPECT_EQ(0x54321, label_received(self->b));
	EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, IPPROTO_IPV6, IPV6_FLOWINFO,
				   &flow, 2));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	EXPECT_EQ(0, label_received(self->b));
	self->addr_b.v6.sin6_flowinfo = htonl(0x777);
	sock_connect(self->a, &self->addr_b);
	ASSERT_EQ(1, send(self->a, "x", 1, 0));
	EXPECT_EQ(0x777, label_received(self->b));
}

/* The kernel's header with it does not go with the C library's. */
struct flow_label_request {
	struct in6_addr to;
	u32 label;
	u8 action, share;
	u16 flags, expires, linger;
	u32 pad;
};

/* One that another socket has for itself alone. */
TEST_F(socket_ip, flow_label_of_another)
{
	struct flow_label_request r = {
		.to = in6addr_loopback,
		.label = htonl(0x4321),
		.action = 0,	/* get */
		.share = 1,	/* exclusive */
		.flags = 1,	/* create */
	};

	if (variant->family != AF_INET6)
		SKIP(return, "IPv4 has none");
	ASSERT_EQ(0, setsockopt(self->b, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &r, sizeof(r)));
	set_ip(_metadata, self->a, AF_INET6, 0, IPV6_FLOWINFO_SEND, 1);
	set_ip(_metadata, self->b, AF_INET6, 0, IPV6_FLOWINFO_SEND, 1);
	set_ip(_metadata, self->a, AF_INET6, 0, IPV6_FLOWINFO, 1);
	self->addr_a.v6.sin6_flowinfo = r.label;
	self->addr_b.v6.sin6_flowinfo = r.label;
	EXPECT_EQ(-1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(1, sock_sendto(self->b, "x", 1, 0, &self->addr_a));
	EXPECT_EQ(0x4321, label_received(self->a));
	r.action = 1;	/* put */
	ASSERT_EQ(0, setsockopt(self->b, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &r, sizeof(r)));
}

/* What is of another layer, or unknown. */
TEST_F(socket_ip, control_refused)
{
	const bool v4 = variant->family == AF_INET;
	const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	const int other = v4 ? IPPROTO_IPV6 : IPPROTO_IP;
	struct control c;
	int value = 1;

	EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, level, 99, &value, 4));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, SOL_SOCKET, 99, &value, 4));
	EXPECT_EQ(EINVAL, errno);
	/* Passed over. */
	ASSERT_EQ(1, control_send(self->a, 'x', &self->addr_b, other, 99, &value, 4));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
}

/* What UDP puts into each datagram, and we have no place for. */
TEST_F(socket_ip, options_in_packets_refused)
{
	const bool v4 = variant->family == AF_INET;
	const u8 nothing[8] = { 1, 1, 1, 0 };

	if (sock_is_udp())
		SKIP(return, "UDP has them");
	EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, v4 ? IPPROTO_IP : IPPROTO_IPV6,
				   v4 ? IP_RETOPTS : IPV6_HOPOPTS, nothing, v4 ? 4 : 8));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, IPPROTO_UDP, 103, nothing, 2));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, setsockopt(self->a, v4 ? IPPROTO_IP : IPPROTO_IPV6,
				 v4 ? IP_OPTIONS : IPV6_HOPOPTS, nothing, v4 ? 4 : 8));
	EXPECT_EQ(EOPNOTSUPP, errno);
}

/* A policy of IPsec for one socket. */
TEST_F(socket_ip, policy_refused)
{
	static const struct option policies4[] = {
		OPTION(IP_IPSEC_POLICY, 0, EOPNOTSUPP),
		OPTION(IP_XFRM_POLICY, 0, EOPNOTSUPP),
	};
	static const struct option policies6[] = {
		OPTION(IPV6_IPSEC_POLICY, 0, EOPNOTSUPP),
		OPTION(IPV6_XFRM_POLICY, 0, EOPNOTSUPP),
	};
	const bool v4 = variant->family == AF_INET;

	if (sock_is_udp())
		SKIP(return, "UDP has them");
	option_refuse(_metadata, self->a, v4 ? IPPROTO_IP : IPPROTO_IPV6,
		      v4 ? policies4 : policies6, 2);
}

/* What does not fit is left out, and that is said. */
TEST_F(socket_ip, control_truncated)
{
	char byte, control[CMSG_SPACE(1)];
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = 8,
	};

	set_ip(_metadata, self->b, variant->family, IP_RECVTTL, IPV6_RECVHOPLIMIT, 1);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, recvmsg(self->b, &msg, 0));
	EXPECT_EQ(MSG_CTRUNC, msg.msg_flags);
}

/* Addresses that are not there: yet (FREEBIND), or ours (TRANSPARENT). */
TEST_F(socket_ip, foreign_addresses)
{
	const char *text = variant->family == AF_INET ? "192.0.2.1" : "2001:db8::1";
	const struct addr foreign = addr_make(variant->family, text, 7000);
	const struct option how[] = {
		OPTION(IP_FREEBIND, IPV6_FREEBIND, 0),
		OPTION(IP_TRANSPARENT, IPV6_TRANSPARENT, 0),
	};
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(how); i++) {
		fd = sock_new(variant->family);
		EXPECT_EQ(-1, bind(fd, &foreign.sa, foreign.len));
		EXPECT_EQ(EADDRNOTAVAIL, errno);
		set_ip(_metadata, fd, variant->family, how[i].option, how[i].value, 1);
		EXPECT_EQ(0, bind(fd, &foreign.sa, foreign.len))
			TH_LOG("%s", how[i].name);
		EXPECT_EQ(0, close(fd));
	}
}

/* The MTU of the path of a connected socket. */
TEST_F(socket_ip, mtu)
{
	socklen_t len = sizeof(int);
	int mtu = 0;
	const int level = variant->family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	const int option = variant->family == AF_INET ? IP_MTU : IPV6_MTU;

	EXPECT_EQ(-1, getsockopt(self->a, level, option, &mtu, &len));
	EXPECT_EQ(ENOTCONN, errno);
	sock_connect(self->a, &self->addr_b);
	EXPECT_EQ(0, getsockopt(self->a, level, option, &mtu, &len));
	EXPECT_EQ(variant->family == AF_INET ? 65535 : 65536, mtu);
}

/* The kernel allows this one by the type, and SOCK_RDM is not among those. */
TEST_F(socket_ip, fragment_size)
{
	int on = 1, dgram;

	if (variant->family != AF_INET)
		SKIP(return, "is about IPv4");
	if (sock_is_udp())
		SKIP(return, "UDP's type is among those");
	EXPECT_EQ(-1, setsockopt(self->a, IPPROTO_IP, IP_RECVFRAGSIZE, &on, sizeof(on)));
	EXPECT_EQ(EINVAL, errno);
	/* The IP layer asks for the type alone. */
	dgram = socket(AF_INET, SOCK_DGRAM, IPPROTO_RDGRAM);
	ASSERT_LE(0, dgram);
	EXPECT_EQ(0, setsockopt(dgram, IPPROTO_IP, IP_RECVFRAGSIZE, &on, sizeof(on)));
	EXPECT_EQ(0, close(dgram));
}

/* One message is for one peer. */
TEST_F(socket_ip, no_multicast)
{
	const char *text = variant->family == AF_INET ? "224.0.0.99" : "ff05::99";
	const struct addr group = addr_make(variant->family, text, 7000);

	if (sock_is_udp())
		SKIP(return, "UDP has multicast");
	shell("ip -6 route add ff00::/8 dev lo");
	EXPECT_EQ(-1, sock_sendto(self->a, "x", 1, 0, &group));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-1, connect(self->a, &group.sa, group.len));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-1, bind(sock_new(variant->family), &group.sa, group.len));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
}

TEST_HARNESS_MAIN
