// SPDX-License-Identifier: GPL-2.0-only
/* What sending refuses, and that a refused message is not sent. */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <linux/sockios.h>

#include "kselftest_harness.h"
#include "message.h"
#include "shell.h"
#include "sock.h"

FIXTURE(socket_send) {
	int a, b;
	struct addr addr_b;
};

FIXTURE_VARIANT(socket_send) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_send, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_send, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_send)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, NULL);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
}

/* Whatever the test did: the next message is the first that arrives. */
FIXTURE_TEARDOWN(socket_send)
{
	char bytes[16] = "";

	ASSERT_EQ(4, sock_sendto(self->a, "next", 4, 0, &self->addr_b));
	EXPECT_EQ(4, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_STREQ("next", bytes);
	EXPECT_EQ(-1, recv(self->b, bytes, sizeof(bytes), MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, close(self->a));
	EXPECT_EQ(0, close(self->b));
}

static ssize_t send_with(int fd, const struct addr *to, socklen_t len)
{
	return sendto(fd, "bad", 3, 0, &to->sa, len);
}

/* Each is a message of its own, and none waits for ever. */
TEST_F(socket_send, more)
{
	char bytes[16];

	if (sock_is_udp())
		SKIP(return, "UDP makes one datagram of them");
	EXPECT_EQ(3, sock_sendto(self->a, "one", 3, MSG_MORE, &self->addr_b));
	EXPECT_EQ(5, sock_sendto(self->a, "three", 5, 0, &self->addr_b));
	EXPECT_EQ(3, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ(5, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ(5, sock_sendto(self->a, "alone", 5, MSG_MORE, &self->addr_b));
	EXPECT_EQ(5, recv(self->b, bytes, sizeof(bytes), 0));
}

/* What sendmmsg() has been given shares a packet, though nothing is on its way. */
TEST_F(socket_send, many_at_once)
{
	enum { BATCH = 10, ROUNDS = 100 };
	struct iovec iov = { .iov_base = "message", .iov_len = 7 };
	struct mmsghdr headers[BATCH] = {};
	struct rdgram_stats stats;
	char bytes[16];
	u64 before;

	if (sock_is_udp())
		SKIP(return, "UDP makes a packet of each");
	for (int i = 0; i < BATCH; i++)
		headers[i].msg_hdr = (struct msghdr){
			.msg_name = &self->addr_b.sa,
			.msg_namelen = self->addr_b.len,
			.msg_iov = &iov,
			.msg_iovlen = 1,
		};
	sock_stats(self->a, &stats);
	before = stats.packets_sent;
	for (int round = 0; round < ROUNDS; round++) {
		ASSERT_EQ(BATCH, sendmmsg(self->a, headers, BATCH, 0));
		for (int i = 0; i < BATCH; i++)
			ASSERT_EQ(7, recv(self->b, bytes, sizeof(bytes), 0));
		sock_wait_settled(self->a);
	}
	sock_stats(self->a, &stats);
	/* And a few that say something else. */
	EXPECT_GT(ROUNDS * 3 / 2, stats.packets_sent - before);
}

TEST_F(socket_send, no_destination)
{
	EXPECT_EQ(-1, send(self->a, "bad", 3, 0));
	EXPECT_EQ(EDESTADDRREQ, errno);
	EXPECT_EQ(-1, write(self->a, "bad", 3));
	EXPECT_EQ(EDESTADDRREQ, errno);
}

TEST_F(socket_send, wrong_family)
{
	struct addr wrong = self->addr_b;

	wrong.sa.sa_family = AF_UNIX;
	EXPECT_EQ(-1, send_with(self->a, &wrong, wrong.len));
	/* UDP over IPv6 has an answer of its own, for no good reason. */
	EXPECT_EQ(sock_is_udp() && variant->family == AF_INET6 ? EINVAL : EAFNOSUPPORT, errno);
	if (variant->family == AF_INET) {
		wrong = addr_loopback(AF_INET6, 7000);
		EXPECT_EQ(-1, send_with(self->a, &wrong, wrong.len));
		EXPECT_EQ(EAFNOSUPPORT, errno);
	}
}

TEST_F(socket_send, short_address)
{
	EXPECT_EQ(-1, send_with(self->a, &self->addr_b, sizeof(sa_family_t)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, send_with(self->a, &self->addr_b, 8));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(socket_send, port_0)
{
	struct addr to = self->addr_b;

	to.v4.sin_port = 0;
	EXPECT_EQ(-1, send_with(self->a, &to, to.len));
	EXPECT_EQ(EINVAL, errno);
}

/* To no address in particular is to this machine. */
TEST_F(socket_send, to_any_address)
{
	const struct addr any = addr_any(variant->family, addr_port(&self->addr_b));
	char byte = 0;

	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &any));
	EXPECT_EQ(1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ('x', byte);
}

/* Likewise, where it is one of IPv4 that an AF_INET6 socket names, or is bound to. */
TEST_F(socket_send, to_any_mapped_address)
{
	struct addr any = addr_mapped_loopback(addr_port(&self->addr_b));
	const struct addr unspecified = addr_any(AF_INET6, addr_port(&self->addr_b));
	const struct addr mine = addr_mapped_loopback(0), all = addr_any(AF_INET6, 0);
	char byte = 0;
	int fd;

	if (variant->family != AF_INET)
		SKIP(return, "is about IPv4");
	memset(&any.v6.sin6_addr.s6_addr[12], 0, 4);
	fd = sock_bound(&all, NULL);
	ASSERT_EQ(1, sock_sendto(fd, "x", 1, 0, &any));
	EXPECT_EQ(1, recv(self->b, &byte, 1, 0));
	close(fd);
	/* A UDP socket would try IPv6. */
	if (sock_is_udp())
		return;
	fd = sock_bound(&mine, NULL);
	ASSERT_EQ(1, sock_sendto(fd, "y", 1, 0, &unspecified));
	EXPECT_EQ(1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ('y', byte);
	close(fd);
}

TEST_F(socket_send, bad_pointers)
{
	const struct iovec bad = { .iov_base = (void *)8, .iov_len = 3 };
	const struct msghdr msg = {
		.msg_name = &self->addr_b.sa,
		.msg_namelen = self->addr_b.len,
		.msg_iov = (struct iovec *)&bad,
		.msg_iovlen = 1,
	};

	EXPECT_EQ(-1, sock_sendto(self->a, (void *)8, 3, 0, &self->addr_b));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, sock_sendto(self->a, NULL, 3, 0, &self->addr_b));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, sendto(self->a, "bad", 3, 0, (struct sockaddr *)8, self->addr_b.len));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, sendmsg(self->a, &msg, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, sendmsg(self->a, (struct msghdr *)8, 0));
	EXPECT_EQ(EFAULT, errno);
}

/* The fault comes in the middle: after some packets' worth has been copied. */
TEST_F(socket_send, half_bad_pointer)
{
	char *half = malloc(20000);
	struct iovec iov[] = {
		{ .iov_base = half, .iov_len = 20000 },
		{ .iov_base = (void *)8, .iov_len = 20000 },
	};
	const struct msghdr msg = {
		.msg_name = &self->addr_b.sa,
		.msg_namelen = self->addr_b.len,
		.msg_iov = iov,
		.msg_iovlen = 2,
	};

	EXPECT_EQ(-1, sendmsg(self->a, &msg, 0));
	EXPECT_EQ(EFAULT, errno);
	free(half);
}

TEST_F(socket_send, out_of_band)
{
	if (sock_is_udp() && variant->family == AF_INET6)
		SKIP(return, "UDP over IPv6 does not look at it");
	EXPECT_EQ(-1, sock_sendto(self->a, "bad", 3, MSG_OOB, &self->addr_b));
	EXPECT_EQ(EOPNOTSUPP, errno);
}

TEST_F(socket_send, too_large)
{
	const size_t most = sock_is_udp() ? 65535 : RDGRAM_MAX_MESSAGE;
	char *large = calloc(1, most + 1);

	EXPECT_EQ(-1, sock_sendto(self->a, large, most + 1, 0, &self->addr_b));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(-1, sock_sendto(self->a, large, most + 1, MSG_DONTWAIT, &self->addr_b));
	EXPECT_EQ(EMSGSIZE, errno);
	free(large);
}

TEST_F(socket_send, gathers)
{
	struct iovec iov[] = {
		{ .iov_base = "ab", .iov_len = 2 },
		{ .iov_base = NULL, .iov_len = 0 },
		{ .iov_base = "cde", .iov_len = 3 },
	};
	const struct msghdr msg = {
		.msg_name = &self->addr_b.sa,
		.msg_namelen = self->addr_b.len,
		.msg_iov = iov,
		.msg_iovlen = 3,
	};
	char bytes[16] = "";

	ASSERT_EQ(5, sendmsg(self->a, &msg, 0));
	ASSERT_EQ(5, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_STREQ("abcde", bytes);
}

TEST_F(socket_send, after_shutdown)
{
	int c = sock_on_loopback(variant->family, NULL);

	EXPECT_EQ(-1, shutdown(c, SHUT_WR));
	EXPECT_EQ(ENOTCONN, errno);
	sock_connect(c, &self->addr_b);
	ASSERT_EQ(0, shutdown(c, SHUT_WR));
	EXPECT_EQ(-1, send(c, "bad", 3, MSG_NOSIGNAL));
	EXPECT_EQ(EPIPE, errno);
	EXPECT_EQ(0, close(c));
}

/* What waits for a receipt is in the send buffer; what has one is not. */
TEST_F(socket_send, queued_until_delivered)
{
	char byte;

	if (sock_is_udp())
		SKIP(return, "UDP's is what waits for the device");
	EXPECT_EQ(0, sock_queued(self->a, SIOCOUTQ));
	shell("tc qdisc add dev lo root netem delay 20ms");
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	EXPECT_LT(0, sock_queued(self->a, SIOCOUTQ));
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	while (sock_queued(self->a, SIOCOUTQ))
		usleep(1000);
}

TEST_HARNESS_MAIN
