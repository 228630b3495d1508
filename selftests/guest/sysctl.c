// SPDX-License-Identifier: GPL-2.0-only
/* net.rdgram.*: what a namespace sets for its sockets. */
#include <fcntl.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "limit.h"
#include "sock.h"

RDGRAM_ONLY;

#define CONGESTION	"/proc/sys/net/rdgram/congestion"
#define AVAILABLE	"/proc/sys/net/rdgram/congestions_available"

FIXTURE(sysctl) {
};

FIXTURE_SETUP(sysctl)
{
	net_isolate();
}

FIXTURE_TEARDOWN(sysctl)
{
}

/* 0 or the error. */
static int put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		err = errno;
	close(fd);
	return err;
}

static bool is(const char *path, const char *value)
{
	int fd = open(path, O_RDONLY);
	char got[300];
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, got, sizeof(got));
	close(fd);
	return n == (ssize_t)strlen(value) + 1 && got[n - 1] == '\n' &&
	       !memcmp(got, value, n - 1);
}

static bool socket_has(int fd, const char *name)
{
	char got[RDGRAM_CONGESTION_MAX];
	socklen_t len = sizeof(got);

	return !getsockopt(fd, SOL_RDGRAM, RDGRAM_CONGESTION, got, &len) && !strcmp(got, name);
}

TEST_F(sysctl, congestion_of_new_sockets)
{
	int old = sock_new(AF_INET), new;

	EXPECT_TRUE(is(CONGESTION, "cubic"));
	EXPECT_EQ(0, put(CONGESTION, "bbr\n"));
	EXPECT_TRUE(is(CONGESTION, "bbr"));
	new = sock_new(AF_INET6);
	EXPECT_TRUE(socket_has(old, "cubic"));
	EXPECT_TRUE(socket_has(new, "bbr"));
	EXPECT_EQ(0, close(old));
	EXPECT_EQ(0, close(new));
}

TEST_F(sysctl, congestion_refused)
{
	EXPECT_EQ(0, put(CONGESTION, "reno"));
	EXPECT_EQ(ENOENT, put(CONGESTION, "nosuch"));
	EXPECT_EQ(ENOENT, put(CONGESTION, "bb"));
	EXPECT_EQ(ENOENT, put(CONGESTION, "bbrbbrbbrbbrbbrbbr"));
	EXPECT_TRUE(is(CONGESTION, "reno"));
}

TEST_F(sysctl, congestions_available)
{
	EXPECT_TRUE(is(AVAILABLE, "cubic bbr reno"));
	EXPECT_EQ(EACCES, put(AVAILABLE, "bbr"));
}

TEST_F(sysctl, namespaces_are_apart)
{
	int status;
	pid_t child;

	EXPECT_EQ(0, put(CONGESTION, "bbr"));
	child = fork();
	if (!child) {
		net_isolate();
		_exit(is(CONGESTION, "cubic") && !put(CONGESTION, "reno") ? 0 : 1);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(is(CONGESTION, "bbr"));
}

#define MEM	"/proc/sys/net/rdgram/mem"

/* What all sockets together may have. Processors hold up to a MiB each of it in reserve, so
 * it takes some to reach the limit. Who needs more is told, and what was accepted arrives.
 */
TEST(memory_of_all)
{
	enum { PAIRS = 200 };
	static char message[60000];
	int from[PAIRS], to[PAIRS];
	struct addr name;
	struct limit usual;
	int sent = 0;

	ASSERT_TRUE(limit_open(&usual));
	limit_set(&usual, "1 1 1");
	for (; sent < PAIRS; sent++) {
		from[sent] = sock_on_loopback(AF_INET, NULL);
		to[sent] = sock_on_loopback(AF_INET, &name);
		if (sock_sendto(from[sent], message, sizeof(message), 0, &name) < 0)
			break;
	}
	ASSERT_GT(PAIRS, sent);
	EXPECT_EQ(ENOBUFS, errno);
	EXPECT_EQ(EINVAL, put(MEM, "many"));
	limit_close(&usual);
	ASSERT_EQ(sizeof(message), sock_sendto(from[sent], message, sizeof(message), 0, &name));
	for (; sent >= 0; sent--) {
		ASSERT_EQ(sizeof(message), recv(to[sent], message, sizeof(message), 0));
		close(from[sent]);
		close(to[sent]);
	}
}

/* Where nobody answers. */
static struct addr nobody_at(int *udp)
{
	struct addr nobody = addr_loopback(AF_INET, 7999);

	*udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (*udp < 0 || bind(*udp, &nobody.sa, nobody.len))
		abort();
	return nobody;
}

/* Who sends what nobody takes leaves memory to those who receive: of several that send to
 * them no packet is refused for want of it.
 */
TEST(memory_for_who_receives)
{
	enum { SENDERS = 8, EACH = 4 };
	static char message[100000];
	int from[SENDERS], to, hog, udp;
	struct addr name, nobody = nobody_at(&udp);
	struct limit usual;
	u64 refused = counter_ours("rcvmem");

	ASSERT_TRUE(limit_open(&usual));
	to = sock_on_loopback(AF_INET, &name);
	hog = sock_on_loopback(AF_INET, NULL);
	sock_set(hog, SO_SNDBUFFORCE, 128 << 20);
	/* 8, 8 and 32 MiB. */
	limit_set(&usual, "2048 2048 8192");
	for (int i = 0; i < SENDERS; i++) {
		from[i] = sock_on_loopback(AF_INET, NULL);
		sock_set(from[i], SO_SNDBUFFORCE, 4 << 20);
		for (int j = 0; j < EACH; j++)
			EXPECT_EQ(sizeof(message),
				  sock_sendto(from[i], message, sizeof(message), 0, &name));
	}
	while (sock_sendto(hog, message, sizeof(message), MSG_DONTWAIT, &nobody) > 0)
		;
	EXPECT_EQ(ENOBUFS, errno);
	for (int i = 0; i < SENDERS * EACH; i++)
		EXPECT_EQ(sizeof(message), recv(to, message, sizeof(message), 0));
	EXPECT_EQ(refused, counter_ours("rcvmem"));
	/* There is a little for each that sends. */
	EXPECT_EQ(1000, sock_sendto(to, message, 1000, 0, &nobody));
	limit_close(&usual);
	sock_set_linger(hog, 0);
	sock_set_linger(to, 0);
	close(hog);
	for (int i = 0; i < SENDERS; i++)
		close(from[i]);
	close(to);
	close(udp);
}

TEST_F(sysctl, memory_is_not_of_a_namespace)
{
	EXPECT_EQ(ENOENT, put(MEM, "1 1 1"));
}

TEST_HARNESS_MAIN
