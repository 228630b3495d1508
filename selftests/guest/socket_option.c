// SPDX-License-Identifier: GPL-2.0-only
/* Options: those of every socket, and our own. */
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "sock.h"

FIXTURE(socket_option) {
	int fd;
};

FIXTURE_VARIANT(socket_option) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_option, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_option, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_option)
{
	net_isolate();
	self->fd = sock_new(variant->family);
}

FIXTURE_TEARDOWN(socket_option)
{
	EXPECT_EQ(0, close(self->fd));
}

static int set_ours(int fd, int option, u32 value)
{
	return setsockopt(fd, SOL_RDGRAM, option, &value, sizeof(value));
}

static s64 get_ours(int fd, int option)
{
	u32 value = 0;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, SOL_RDGRAM, option, &value, &len) || len != sizeof(value))
		return -1;
	return value;
}

/* socket(7): the kernel doubles what is set. */
TEST_F(socket_option, buffers)
{
	sock_set(self->fd, SO_SNDBUF, 50000);
	EXPECT_EQ(100000, sock_get(self->fd, SO_SNDBUF));
	sock_set(self->fd, SO_RCVBUF, 60000);
	EXPECT_EQ(120000, sock_get(self->fd, SO_RCVBUF));
}

TEST_F(socket_option, linger)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 7 }, got;
	socklen_t len = sizeof(got);

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	ASSERT_EQ(0, getsockopt(self->fd, SOL_SOCKET, SO_LINGER, &got, &len));
	EXPECT_EQ(1, got.l_onoff);
	EXPECT_EQ(7, got.l_linger);
	linger.l_onoff = 0;
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
}

TEST_F(socket_option, generic_values_read_back)
{
	sock_set(self->fd, SO_PRIORITY, 3);
	EXPECT_EQ(3, sock_get(self->fd, SO_PRIORITY));
	sock_set(self->fd, SO_MARK, 42);
	EXPECT_EQ(42, sock_get(self->fd, SO_MARK));
	sock_set(self->fd, SO_REUSEADDR, 1);
	EXPECT_EQ(1, sock_get(self->fd, SO_REUSEADDR));
	sock_set(self->fd, SO_REUSEADDR, 0);
}

TEST_F(socket_option, network_layer)
{
	const int level = variant->family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	const int option = variant->family == AF_INET ? IP_TTL : IPV6_UNICAST_HOPS;
	int value = 42, got = 0;
	socklen_t len = sizeof(got);

	ASSERT_EQ(0, setsockopt(self->fd, level, option, &value, sizeof(value)));
	ASSERT_EQ(0, getsockopt(self->fd, level, option, &got, &len));
	EXPECT_EQ(42, got);
}

TEST_F(socket_option, nothing_is_queued)
{
	int value = -1;

	ASSERT_EQ(0, ioctl(self->fd, SIOCOUTQ, &value));
	EXPECT_EQ(0, value);
	value = -1;
	ASSERT_EQ(0, ioctl(self->fd, SIOCINQ, &value));
	EXPECT_EQ(0, value);
}

TEST_F(socket_option, user_timeout)
{
	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	EXPECT_EQ(300000, get_ours(self->fd, RDGRAM_USER_TIMEOUT));
	EXPECT_EQ(0, set_ours(self->fd, RDGRAM_USER_TIMEOUT, 0));
	EXPECT_EQ(0, get_ours(self->fd, RDGRAM_USER_TIMEOUT));
	EXPECT_EQ(0, set_ours(self->fd, RDGRAM_USER_TIMEOUT, 0x7fffffff));
	EXPECT_EQ(0x7fffffff, get_ours(self->fd, RDGRAM_USER_TIMEOUT));
	EXPECT_EQ(-1, set_ours(self->fd, RDGRAM_USER_TIMEOUT, 0x80000000));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0x7fffffff, get_ours(self->fd, RDGRAM_USER_TIMEOUT));
}

TEST_F(socket_option, notices)
{
	const u32 all = RDGRAM_NOTICE_RECEIPT | RDGRAM_NOTICE_PEER;

	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	EXPECT_EQ(0, get_ours(self->fd, RDGRAM_NOTICES));
	EXPECT_EQ(0, set_ours(self->fd, RDGRAM_NOTICES, all));
	EXPECT_EQ(all, get_ours(self->fd, RDGRAM_NOTICES));
	EXPECT_EQ(-1, set_ours(self->fd, RDGRAM_NOTICES, all << 1 | 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(all, get_ours(self->fd, RDGRAM_NOTICES));
}

TEST_F(socket_option, nodelay)
{
	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	EXPECT_EQ(0, get_ours(self->fd, RDGRAM_NODELAY));
	EXPECT_EQ(0, set_ours(self->fd, RDGRAM_NODELAY, 7));
	EXPECT_EQ(1, get_ours(self->fd, RDGRAM_NODELAY));
	EXPECT_EQ(0, set_ours(self->fd, RDGRAM_NODELAY, 0));
	EXPECT_EQ(0, get_ours(self->fd, RDGRAM_NODELAY));
}

static int set_congestion(int fd, const char *name, socklen_t len)
{
	return setsockopt(fd, SOL_RDGRAM, RDGRAM_CONGESTION, name, len);
}

static bool congestion_is(int fd, const char *name)
{
	char got[RDGRAM_CONGESTION_MAX], want[RDGRAM_CONGESTION_MAX] = "";
	socklen_t len = sizeof(got);

	strcpy(want, name);
	memset(got, 0xff, sizeof(got));
	return !getsockopt(fd, SOL_RDGRAM, RDGRAM_CONGESTION, got, &len) &&
	       len == sizeof(got) && !memcmp(got, want, sizeof(got));
}

TEST_F(socket_option, congestion)
{
	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	EXPECT_TRUE(congestion_is(self->fd, "cubic"));
	EXPECT_EQ(0, set_congestion(self->fd, "bbr", sizeof("bbr")));
	EXPECT_TRUE(congestion_is(self->fd, "bbr"));
	EXPECT_EQ(0, set_congestion(self->fd, "reno", sizeof("reno")));
	EXPECT_TRUE(congestion_is(self->fd, "reno"));
	EXPECT_EQ(-1, set_congestion(self->fd, "nosuch", sizeof("nosuch")));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(-1, set_congestion(self->fd, "", 1));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_TRUE(congestion_is(self->fd, "reno"));
}

/* As with TCP_CONGESTION a string ends with its buffer, or before. */
TEST_F(socket_option, congestion_length)
{
	char got[4] = "....";
	socklen_t len = 3;

	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	EXPECT_EQ(0, set_congestion(self->fd, "bbrx", 3));
	EXPECT_TRUE(congestion_is(self->fd, "bbr"));
	EXPECT_EQ(0, set_congestion(self->fd, "cubic\0and more of it than fits", 30));
	EXPECT_TRUE(congestion_is(self->fd, "cubic"));
	EXPECT_EQ(-1, set_congestion(self->fd, "bb", 2));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(-1, set_congestion(self->fd, "bbrbbrbbrbbrbbrbbrbbrbbr", 24));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(-1, set_congestion(self->fd, "bbr", 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, set_congestion(self->fd, (void *)8, 4));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(0, getsockopt(self->fd, SOL_RDGRAM, RDGRAM_CONGESTION, got, &len));
	EXPECT_EQ(3, len);
	EXPECT_EQ(0, memcmp(got, "cub.", 4));
}

/* Lines of /proc/net/rdgram that end with this name. */
static int peers_with(const char *name)
{
	FILE *file = fopen("/proc/net/rdgram", "r");
	char line[256];
	int n = 0;

	while (file && fgets(line, sizeof(line), file)) {
		const char *word = strrchr(line, ' ');

		n += word && !strncmp(word + 1, name, strlen(name)) &&
		     word[1 + strlen(name)] == '\n';
	}
	if (file)
		fclose(file);
	return n;
}

static bool say(int from, int to, const struct addr *name)
{
	char got[8];

	return sock_sendto(from, "message", 8, 0, name) == 8 &&
	       recv(to, got, sizeof(got), 0) == 8;
}

TEST_F(socket_option, congestion_of_peers)
{
	struct addr first, second;
	int one, two;

	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	one = sock_on_loopback(variant->family, &first);
	two = sock_on_loopback(variant->family, &second);
	EXPECT_TRUE(say(self->fd, one, &first));
	EXPECT_EQ(2, peers_with("cubic"));
	EXPECT_EQ(0, set_congestion(self->fd, "bbr", 3));
	EXPECT_EQ(1, peers_with("cubic"));
	EXPECT_EQ(1, peers_with("bbr"));
	EXPECT_TRUE(say(self->fd, two, &second));
	EXPECT_EQ(2, peers_with("bbr"));
	EXPECT_TRUE(say(self->fd, one, &first));
	EXPECT_EQ(0, close(one));
	EXPECT_EQ(0, close(two));
}

TEST_F(socket_option, stats_of_a_new_socket)
{
	struct rdgram_stats stats, zero = { };

	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	sock_stats(self->fd, &stats);
	EXPECT_EQ(0, memcmp(&stats, &zero, sizeof(zero)));
	EXPECT_EQ(-1, setsockopt(self->fd, SOL_RDGRAM, RDGRAM_STATS, &stats, sizeof(stats)));
	EXPECT_EQ(ENOPROTOOPT, errno);
}

/* Programs and modules of different age: as much as both know. */
TEST_F(socket_option, stats_length)
{
	struct {
		struct rdgram_stats known;
		u64 unknown;
	} buffer;
	socklen_t len = sizeof(buffer);

	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	memset(&buffer, 0xff, sizeof(buffer));
	ASSERT_EQ(0, getsockopt(self->fd, SOL_RDGRAM, RDGRAM_STATS, &buffer, &len));
	EXPECT_EQ(sizeof(buffer.known), len);
	EXPECT_EQ(~0ULL, buffer.unknown);
	memset(&buffer, 0xff, sizeof(buffer));
	len = sizeof(u64);
	ASSERT_EQ(0, getsockopt(self->fd, SOL_RDGRAM, RDGRAM_STATS, &buffer, &len));
	EXPECT_EQ(sizeof(u64), len);
	EXPECT_EQ(0, buffer.known.messages_sent);
	EXPECT_EQ(~0ULL, buffer.known.messages_delivered);
}

TEST_F(socket_option, ours_refused)
{
	u32 value = 1;
	socklen_t len = sizeof(value);

	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	EXPECT_EQ(-1, set_ours(self->fd, 999, 1));
	EXPECT_EQ(ENOPROTOOPT, errno);
	EXPECT_EQ(-1, getsockopt(self->fd, SOL_RDGRAM, 999, &value, &len));
	EXPECT_EQ(ENOPROTOOPT, errno);
	EXPECT_EQ(-1, setsockopt(self->fd, SOL_RDGRAM, RDGRAM_USER_TIMEOUT, &value, 2));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, setsockopt(self->fd, SOL_RDGRAM, RDGRAM_USER_TIMEOUT, (void *)8, 4));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, getsockopt(self->fd, SOL_RDGRAM, RDGRAM_USER_TIMEOUT, (void *)8, &len));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, getsockopt(self->fd, SOL_RDGRAM, RDGRAM_STATS, &value, (void *)8));
	EXPECT_EQ(EFAULT, errno);
}

TEST_HARNESS_MAIN
