// SPDX-License-Identifier: GPL-2.0-only
/* net.rdgram.*: what a namespace sets for its sockets. */
#include <fcntl.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
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

TEST_HARNESS_MAIN
