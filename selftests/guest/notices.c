// SPDX-License-Identifier: GPL-2.0-only
/*
 * What became of a message: receipts, and notices about peers, on the error queue.
 *
 * timeout: 300
 */
#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>

#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/sockios.h>

#include "kselftest_harness.h"
#include "sock.h"

RDGRAM_ONLY;

FIXTURE(notices) {
	int a, b;
	struct addr addr_a, addr_b;
};

FIXTURE_VARIANT(notices) {
	int family;
};

FIXTURE_VARIANT_ADD(notices, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(notices, v6) { .family = AF_INET6 };

static void ask_for(int fd, u32 bits)
{
	if (setsockopt(fd, SOL_RDGRAM, RDGRAM_NOTICES, &bits, sizeof(bits)))
		abort();
}

FIXTURE_SETUP(notices)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, &self->addr_a);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
}

FIXTURE_TEARDOWN(notices)
{
	close(self->a);
	close(self->b);
}

/* The next notice, and whom it is about; false if that is none of ours. */
static bool next_notice(int fd, struct sock_extended_err *to, struct addr *about)
{
	char control[256], payload[1];
	struct iovec iov = { .iov_base = payload, .iov_len = sizeof(payload) };
	struct msghdr msg = {
		.msg_name = &about->sa,
		.msg_namelen = sizeof(about->all),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	sock_wait(fd, 0);
	if (recvmsg(fd, &msg, MSG_ERRQUEUE) < 0 || !(msg.msg_flags & MSG_ERRQUEUE))
		return false;
	about->len = msg.msg_namelen;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
			memcpy(to, CMSG_DATA(c), sizeof(*to));
			return to->ee_origin == RDGRAM_EE_ORIGIN;
		}
	return false;
}

TEST_F(notices, none_unasked)
{
	struct pollfd p = { .fd = self->a, .events = 0 };
	char byte;

	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	sock_wait_settled(self->a);
	EXPECT_EQ(0, poll(&p, 1, 0));
	EXPECT_EQ(-1, recv(self->a, &byte, 1, MSG_ERRQUEUE));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(notices, delivered)
{
	struct sock_extended_err e;
	struct pollfd p = { .fd = self->a, .events = 0 };
	struct addr about;
	u32 next = 1;

	ask_for(self->a, RDGRAM_NOTICE_RECEIPT);
	for (int i = 0; i < 100; i++)
		ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	/* In ranges of any cut, but each message once and in order. */
	while (next <= 100) {
		ASSERT_TRUE(next_notice(self->a, &e, &about));
		ASSERT_EQ(RDGRAM_DELIVERED, e.ee_type);
		ASSERT_EQ(next, e.ee_info);
		ASSERT_LE(e.ee_info, e.ee_data);
		ASSERT_TRUE(addr_equal(&about, &self->addr_b));
		next = e.ee_data + 1;
	}
	EXPECT_EQ(101, next);
	EXPECT_EQ(0, poll(&p, 1, 0));
	/* Notices do not make calls fail. */
	EXPECT_EQ(0, sock_get(self->a, SO_ERROR));
}

/* Nobody ever answers there: what was not sent was not delivered. */
TEST_F(notices, not_delivered)
{
	struct sock_extended_err e;
	struct rdgram_stats stats;
	struct addr about, nobody;
	const u32 timeout = 200;
	int udp = socket(variant->family, SOCK_DGRAM, 0);

	nobody = addr_loopback(variant->family, 7999);
	ASSERT_EQ(0, bind(udp, &nobody.sa, nobody.len));
	ask_for(self->a, RDGRAM_NOTICE_RECEIPT);
	ASSERT_EQ(0, setsockopt(self->a, SOL_RDGRAM, RDGRAM_USER_TIMEOUT, &timeout, 4));
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &nobody));
	ASSERT_TRUE(next_notice(self->a, &e, &about));
	EXPECT_EQ(RDGRAM_NOT_DELIVERED, e.ee_type);
	EXPECT_EQ(1, e.ee_info);
	EXPECT_EQ(1, e.ee_data);
	EXPECT_TRUE(addr_equal(&about, &nobody));
	sock_stats(self->a, &stats);
	EXPECT_EQ(1, stats.messages_not_delivered);
}

/* The new incarnation's messages come after the notice, the old one's before it. */
TEST_F(notices, restart)
{
	struct sock_extended_err e;
	struct addr about;
	char byte;

	ask_for(self->b, RDGRAM_NOTICE_PEER);
	ASSERT_EQ(1, sock_sendto(self->a, "1", 1, 0, &self->addr_b));
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ('1', byte);
	ASSERT_EQ(0, close(self->a));
	self->a = sock_bound(&self->addr_a, NULL);
	ASSERT_EQ(1, sock_sendto(self->a, "2", 1, 0, &self->addr_b));
	ASSERT_TRUE(next_notice(self->b, &e, &about));
	EXPECT_EQ(RDGRAM_RESTART, e.ee_type);
	EXPECT_TRUE(addr_equal(&about, &self->addr_a));
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ('2', byte);
}

TEST_F(notices, stats_add_up)
{
	struct rdgram_stats a, b;
	char byte;

	for (int i = 0; i < 50; i++) {
		ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
		ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	}
	sock_wait_settled(self->a);
	sock_stats(self->a, &a);
	sock_stats(self->b, &b);
	EXPECT_EQ(50, a.messages_sent);
	EXPECT_EQ(50, a.bytes_sent);
	EXPECT_EQ(50, a.messages_delivered);
	EXPECT_EQ(50, b.messages_received);
	EXPECT_EQ(50, b.bytes_received);
	EXPECT_LE(1, a.links_opened);
	EXPECT_EQ(0, a.links_died);
	EXPECT_EQ(1, a.peers);
	EXPECT_EQ(0, b.packets_malformed);
}

FIXTURE(receipts) {
	int a;
};

FIXTURE_SETUP(receipts)
{
	net_isolate();
	self->a = sock_on_loopback(AF_INET, NULL);
	ask_for(self->a, RDGRAM_NOTICE_RECEIPT);
}

FIXTURE_TEARDOWN(receipts)
{
	close(self->a);
}

/* Whose filter wants no more than what begins with a y: if it is sent that and something
 * else in turn, none of the receipts continues another.
 */
static int fickle_one(struct addr *name)
{
	/* Behind the UDP header. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_ABS | BPF_B, 8),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1),
		BPF_STMT(BPF_RET | BPF_K, ~0U),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };
	int fd = sock_on_loopback(AF_INET, name);

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		abort();
	return fd;
}

/* What was refused before is told once, and is no reason not to send. */
static bool send_fickle(int fd, const char *byte, const struct addr *to)
{
	int err;

	do {
		err = sock_sendto(fd, byte, 1, MSG_DONTWAIT, to) == 1 ? 0 : errno;
	} while (err == ECONNREFUSED);
	if (err && err != EAGAIN)
		abort();
	return !err;
}

static void read_all(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, MSG_DONTWAIT) == 1)
		;
}

static bool is_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT);
}

/* Of how many messages. */
static u32 next_receipt(int fd)
{
	struct sock_extended_err e;
	struct addr about;

	if (!next_notice(fd, &e, &about))
		abort();
	return e.ee_data - e.ee_info + 1;
}

/* Receipts that nobody reads take of the send buffer, until there is no room for more. It
 * takes several peers in the end to send more than one message at a time.
 */
TEST_F_TIMEOUT(receipts, unread_take_of_the_send_buffer, 110)
{
	enum { PEERS = 32, MANY = 60000 };
	u32 sent = 0, told, before;
	struct addr to[PEERS];
	int fickle[PEERS];

	for (int i = 0; i < PEERS; i++)
		fickle[i] = fickle_one(&to[i]);
	sock_set(self->a, SO_SNDBUF, 1);
	do {
		before = sent;
		for (int i = 0; i < PEERS; i++)
			sent += send_fickle(self->a, sent / PEERS & 1 ? "y" : "n", &to[i]);
		sock_wait_settled(self->a);
		for (int i = 0; i < PEERS; i++)
			read_all(fickle[i]);
	} while (sent != before && sent < MANY);
	EXPECT_EQ(before, sent);
	EXPECT_FALSE(is_writable(self->a));
	/* That is not what waits to be delivered. */
	EXPECT_EQ(0, sock_queued(self->a, SIOCOUTQ));
	/* Who reads may send again; and none is lost. */
	told = next_receipt(self->a);
	EXPECT_TRUE(is_writable(self->a));
	ASSERT_TRUE(send_fickle(self->a, "y", &to[0]));
	sent++;
	while (told < sent)
		told += next_receipt(self->a);
	EXPECT_EQ(sent, told);
	for (int i = 0; i < PEERS; i++)
		EXPECT_EQ(0, close(fickle[i]));
}

TEST_HARNESS_MAIN
