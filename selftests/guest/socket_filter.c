// SPDX-License-Identifier: GPL-2.0-only
/* Filters: what they see, and what becomes of what they do not want. */
#include <arpa/inet.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/sockios.h>

#include "kselftest_harness.h"
#include "bpf.h"
#include "shell.h"
#include "sock.h"

/* Behind the UDP header. */
#define PAYLOAD	8

FIXTURE(socket_filter) {
	int a, b;
	struct addr addr_a, addr_b;
};

FIXTURE_VARIANT(socket_filter) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_filter, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_filter, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_filter)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, &self->addr_a);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
}

FIXTURE_TEARDOWN(socket_filter)
{
	EXPECT_EQ(0, close(self->a));
	EXPECT_EQ(0, close(self->b));
}

/* Takes that of which these bytes, 1, 2 or 4, are equal to @value. */
static int attach(int fd, int size, u32 at, u32 value)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_ABS | size, at),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, ~0U),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int detach(int fd)
{
	int none = 0;

	return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none));
}

/* Of a reliable socket each refusal is told once. */
static bool send_all(int fd, const char *bytes, const struct addr *to)
{
	for (; *bytes; bytes++)
		while (sock_sendto(fd, bytes, 1, 0, to) != 1)
			if (errno != ECONNREFUSED || sock_is_udp())
				return false;
	return true;
}

/* These, each a message, and nothing else has come. */
static bool receive(int fd, const char *bytes)
{
	char got;

	for (; *bytes; bytes++)
		if (recv(fd, &got, 1, 0) != 1 || got != *bytes)
			return false;
	return recv(fd, &got, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN;
}

TEST_F(socket_filter, passes_what_it_wants)
{
	ASSERT_EQ(0, attach(self->b, BPF_B, PAYLOAD, 'y'));
	ASSERT_TRUE(send_all(self->a, "nynnyyny", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "yyyy"));
	/* Another one in its place. */
	ASSERT_EQ(0, attach(self->b, BPF_B, PAYLOAD, 'n'));
	ASSERT_TRUE(send_all(self->a, "ynyn", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "nn"));
}

TEST_F(socket_filter, sees_the_udp_header)
{
	ASSERT_EQ(0, attach(self->b, BPF_H, 0, addr_port(&self->addr_a)));
	ASSERT_TRUE(send_all(self->a, "1", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "1"));
	ASSERT_EQ(0, attach(self->b, BPF_H, 2, addr_port(&self->addr_b)));
	ASSERT_TRUE(send_all(self->a, "2", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "2"));
	ASSERT_EQ(0, attach(self->b, BPF_H, 4, PAYLOAD + 1));
	ASSERT_TRUE(send_all(self->a, "3", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "3"));
}

TEST_F(socket_filter, sees_the_ip_header)
{
	const bool v4 = variant->family == AF_INET;

	/* Where the packet came from, its TTL, and how long it is. */
	ASSERT_EQ(0, attach(self->b, BPF_W, SKF_NET_OFF + (v4 ? 12 : 20),
			    v4 ? INADDR_LOOPBACK : 1));
	ASSERT_TRUE(send_all(self->a, "1", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "1"));
	ASSERT_EQ(0, attach(self->b, BPF_B, SKF_NET_OFF + (v4 ? 8 : 7), 64));
	ASSERT_TRUE(send_all(self->a, "2", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "2"));
	ASSERT_EQ(0, attach(self->b, BPF_H, SKF_NET_OFF + (v4 ? 2 : 4), (v4 ? 20 : 0) + 9));
	ASSERT_TRUE(send_all(self->a, "3", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "3"));
}

TEST_F(socket_filter, sees_what_the_kernel_knows)
{
	const bool v4 = variant->family == AF_INET;

	ASSERT_EQ(0, attach(self->b, BPF_W, SKF_AD_OFF + SKF_AD_IFINDEX, 1));
	ASSERT_TRUE(send_all(self->a, "1", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "1"));
	ASSERT_EQ(0, attach(self->b, BPF_W, SKF_AD_OFF + SKF_AD_PROTOCOL, v4 ? 0x0800 : 0x86dd));
	ASSERT_TRUE(send_all(self->a, "2", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "2"));
	sock_set(self->a, SO_MARK, 42);
	ASSERT_EQ(0, attach(self->b, BPF_W, SKF_AD_OFF + SKF_AD_MARK, 42));
	ASSERT_TRUE(send_all(self->a, "3", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "3"));
}

TEST_F(socket_filter, detached)
{
	EXPECT_EQ(-1, detach(self->b));
	EXPECT_EQ(ENOENT, errno);
	ASSERT_EQ(0, attach(self->b, BPF_B, PAYLOAD, 'y'));
	ASSERT_TRUE(send_all(self->a, "ny", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "y"));
	ASSERT_EQ(0, detach(self->b));
	ASSERT_TRUE(send_all(self->a, "ny", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "ny"));
}

TEST_F(socket_filter, read_back)
{
	struct sock_filter code[8];
	socklen_t len = ARRAY_SIZE(code);

	ASSERT_EQ(0, attach(self->b, BPF_B, PAYLOAD, 'y'));
	ASSERT_EQ(0, getsockopt(self->b, SOL_SOCKET, SO_GET_FILTER, code, &len));
	EXPECT_EQ(4, len);
	EXPECT_EQ(PAYLOAD, code[0].k);
}

TEST_F(socket_filter, locked)
{
	ASSERT_EQ(0, attach(self->b, BPF_B, PAYLOAD, 'y'));
	EXPECT_EQ(0, sock_get(self->b, SO_LOCK_FILTER));
	sock_set(self->b, SO_LOCK_FILTER, 1);
	EXPECT_EQ(1, sock_get(self->b, SO_LOCK_FILTER));
	EXPECT_EQ(-1, attach(self->b, BPF_B, PAYLOAD, 'n'));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, detach(self->b));
	EXPECT_EQ(EPERM, errno);
	ASSERT_TRUE(send_all(self->a, "ny", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "y"));
}

TEST_F(socket_filter, of_bpf)
{
	int none, all;

	if (access("/proc/sys/kernel/unprivileged_bpf_disabled", F_OK))
		SKIP(return, "no bpf() in this kernel");
	none = bpf_constant(BPF_PROG_TYPE_SOCKET_FILTER, 0);
	all = bpf_constant(BPF_PROG_TYPE_SOCKET_FILTER, -1);
	ASSERT_LE(0, none);
	ASSERT_EQ(0, setsockopt(self->b, SOL_SOCKET, SO_ATTACH_BPF, &none, sizeof(none)));
	ASSERT_TRUE(send_all(self->a, "123", &self->addr_b));
	sock_wait_settled(self->a);
	ASSERT_EQ(0, setsockopt(self->b, SOL_SOCKET, SO_ATTACH_BPF, &all, sizeof(all)));
	ASSERT_TRUE(send_all(self->a, "456", &self->addr_b));
	EXPECT_TRUE(receive(self->b, "456"));
	ASSERT_EQ(0, detach(self->b));
	close(none);
	close(all);
}

/* Takes so many bytes of each, from the UDP header on. */
static int attach_length(int fd, u32 n)
{
	struct sock_filter code = BPF_STMT(BPF_RET | BPF_K, n);
	const struct sock_fprog program = { .len = 1, .filter = &code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* What it does not want of a message is cut off, as if it had never been there. */
TEST_F(socket_filter, shortens)
{
	static const struct { u32 wants, left; } cases[] = {
		{ 1, 0 }, { PAYLOAD, 0 }, { PAYLOAD + 1, 1 }, { PAYLOAD + 9, 9 },
		{ PAYLOAD + 10, 10 }, { PAYLOAD + 11, 10 }, { 0x80000000, 10 }, { ~0U, 10 },
	};
	char bytes[16];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		ASSERT_EQ(0, attach_length(self->b, cases[i].wants));
		ASSERT_EQ(10, sock_sendto(self->a, "0123456789", 10, 0, &self->addr_b));
		sock_wait(self->b, POLLIN);
		EXPECT_EQ((int)cases[i].left, sock_queued(self->b, SIOCINQ));
		EXPECT_EQ(cases[i].left, recv(self->b, bytes, 16, MSG_PEEK | MSG_TRUNC));
		EXPECT_EQ(cases[i].left, recv(self->b, bytes, 16, MSG_TRUNC));
		EXPECT_EQ(0, memcmp(bytes, "0123456789", cases[i].left));
	}
	/* Some of what is looked at from an offset. */
	ASSERT_EQ(0, attach_length(self->b, PAYLOAD + 4));
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(10, sock_sendto(self->a, i ? "abcdefghij" : "0123456789", 10, 0,
					  &self->addr_b));
	sock_wait_settled(self->a);
	sock_set(self->b, SO_PEEK_OFF, 6);
	EXPECT_EQ(2, recv(self->b, bytes, 16, MSG_PEEK));
	EXPECT_EQ(0, memcmp(bytes, "cd", 2));
}

/* Of large ones, in many packets, too; and there is as much room again for others. */
TEST_F(socket_filter, shortens_large_ones)
{
	static char large[500000];

	if (sock_is_udp())
		SKIP(return, "they are too large for UDP");
	ASSERT_EQ(0, attach_length(self->b, PAYLOAD + 100000));
	for (int i = 0; i < 50; i++) {
		memset(large, 'a' + i % 26, sizeof(large));
		ASSERT_EQ(sizeof(large),
			  sock_sendto(self->a, large, sizeof(large), 0, &self->addr_b));
		ASSERT_EQ(100000, recv(self->b, large, sizeof(large), 0));
		EXPECT_EQ('a' + i % 26, large[0]);
		EXPECT_EQ('a' + i % 26, large[99999]);
	}
}

/* A filter takes what it wants whole. */
TEST_F(socket_filter, large_messages)
{
	static char large[300000];

	if (sock_is_udp())
		SKIP(return, "they are too large for UDP");
	ASSERT_EQ(0, attach(self->b, BPF_B, PAYLOAD + sizeof(large) - 1, 'y'));
	for (int i = 0; i < 10; i++) {
		large[sizeof(large) - 1] = i % 2 ? 'y' : 'n';
		large[0] = '0' + i;
		while (sock_sendto(self->a, large, sizeof(large), 0, &self->addr_b) < 0)
			ASSERT_EQ(ECONNREFUSED, errno);
		if (i % 2) {
			ASSERT_EQ(sizeof(large), recv(self->b, large, sizeof(large), 0));
			EXPECT_EQ('0' + i, large[0]);
			EXPECT_EQ('y', large[sizeof(large) - 1]);
		}
	}
}

/* Who sends hears what became of it: not delivered. */
TEST_F(socket_filter, refused_is_told)
{
	struct rdgram_stats stats;

	if (sock_is_udp())
		SKIP(return, "UDP tells nothing");
	ASSERT_EQ(0, attach(self->b, BPF_B, PAYLOAD, 'y'));
	ASSERT_TRUE(send_all(self->a, "yn", &self->addr_b));
	sock_wait_settled(self->a);
	sock_stats(self->a, &stats);
	EXPECT_EQ(1, stats.messages_delivered);
	EXPECT_EQ(1, stats.messages_not_delivered);
	EXPECT_EQ(0, stats.links_died);
	EXPECT_EQ(-1, sock_sendto(self->a, "y", 1, 0, &self->addr_b));
	EXPECT_EQ(ECONNREFUSED, errno);
	ASSERT_EQ(1, sock_sendto(self->a, "y", 1, 0, &self->addr_b));
	EXPECT_TRUE(receive(self->b, "yy"));
	sock_stats(self->b, &stats);
	EXPECT_EQ(2, stats.messages_received);
}

TEST_F(socket_filter, refused_is_told_of_connected)
{
	if (sock_is_udp())
		SKIP(return, "UDP tells nothing");
	ASSERT_EQ(0, attach(self->b, BPF_B, PAYLOAD, 'y'));
	sock_connect(self->a, &self->addr_b);
	ASSERT_EQ(1, send(self->a, "n", 1, 0));
	sock_wait(self->a, 0);
	EXPECT_EQ(ECONNREFUSED, sock_get(self->a, SO_ERROR));
	ASSERT_EQ(1, send(self->a, "y", 1, 0));
	EXPECT_TRUE(receive(self->b, "y"));
}

TEST_HARNESS_MAIN
