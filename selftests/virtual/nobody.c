// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages to where nobody speaks rdgram: when that is told, and what was sent until then.
 */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "hosts.h"
#include "sock.h"

RDGRAM_ONLY;

/* What protocol.rst says of a peer that never answered; s. */
#define GIVEN_UP	120

/* In this time an END is sent once more; s. */
#define AGAIN		5

/* The type of the only packets that may be sent. */
#define INIT		1

FIXTURE(nobody) {
	struct hosts h;
	struct addr to;
	int fd, plain;
};

FIXTURE_VARIANT(nobody) {
	int family;
};

FIXTURE_VARIANT_ADD(nobody, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(nobody, v6) { .family = AF_INET6 };

FIXTURE_SETUP(nobody)
{
	hosts_open(&self->h, NULL);
	self->to = hosts_addr(1, variant->family, 7000);
	hosts_enter(&self->h, 1);
	self->plain = socket(variant->family, SOCK_DGRAM, IPPROTO_UDP);
	ASSERT_EQ(0, bind(self->plain, &self->to.sa, self->to.len));
	self->fd = hosts_socket(&self->h, 0, variant->family, 0);
}

FIXTURE_TEARDOWN(nobody)
{
	close(self->plain);
	EXPECT_EQ(0, close(self->fd));
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* A service that says nothing: it gets INITs, and nothing that was to be sent. */
TEST_F_TIMEOUT(nobody, silent_service, 600)
{
	char bytes[2000];
	time_t began = now();
	ssize_t n;

	sock_connect(self->fd, &self->to);
	ASSERT_EQ(6, send(self->fd, "secret", 6, 0));
	EXPECT_EQ(-1, recv(self->fd, bytes, 1, 0));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_LE(GIVEN_UP - 1, now() - began);
	EXPECT_GE(GIVEN_UP + 1, now() - began);
	ASSERT_LT(0, recv(self->plain, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT));
	while ((n = recv(self->plain, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		EXPECT_EQ(INIT, bytes[0]);
		EXPECT_FALSE(memmem(bytes, n, "secret", 6));
	}
}

/* A path on which everything is lost. */
TEST_F_TIMEOUT(nobody, nothing_arrives, 600)
{
	time_t began = now();
	char byte;

	hosts_set_both_paths(&self->h, "loss 100%");
	sock_connect(self->fd, &self->to);
	ASSERT_EQ(6, send(self->fd, "secret", 6, 0));
	EXPECT_EQ(-1, recv(self->fd, &byte, 1, 0));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_LE(GIVEN_UP - 1, now() - began);
	EXPECT_GE(GIVEN_UP + 1, now() - began);
}

/* Who is not connected is told by the next sendto(), in the same time, once. */
TEST_F_TIMEOUT(nobody, refused_unconnected, 600)
{
	const struct addr closed = hosts_addr(1, variant->family, 7001);
	time_t began = now();
	ssize_t n;

	ASSERT_EQ(6, sock_sendto(self->fd, "secret", 6, 0, &closed));
	do {
		poll(NULL, 0, 1000);
		n = sock_sendto(self->fd, "secret", 6, 0, &closed);
	} while (n == 6);
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_GE(GIVEN_UP + 2, now() - began);
	EXPECT_EQ(6, sock_sendto(self->fd, "secret", 6, 0, &closed));
	sock_set_linger(self->fd, 0);
}

/* The answer to an END is lost, and who gave it has gone: nothing is waited for. */
TEST_F_TIMEOUT(nobody, answers_an_end, 600)
{
	const struct addr there = hosts_addr(1, variant->family, 7001);
	int a = hosts_socket(&self->h, 0, variant->family, 0);
	int b = hosts_socket(&self->h, 1, variant->family, 7001);
	time_t began;
	char byte;

	ASSERT_EQ(6, sock_sendto(a, "secret", 6, 0, &there));
	ASSERT_EQ(1, recv(b, &byte, 1, 0));
	sock_wait_settled(a);
	hosts_set_both_paths(&self->h, "loss 100%");
	sock_set_linger(b, 0);
	EXPECT_EQ(0, close(b));
	EXPECT_EQ(0, close(a));
	hosts_enter(&self->h, 0);
	EXPECT_EQ(1, counter_ours("orphan_peers"));
	hosts_set_both_paths(&self->h, "delay 1ms");
	hosts_enter(&self->h, 0);
	for (began = now(); counter_ours("orphan_peers") && now() - began < 100; )
		poll(NULL, 0, 100);
	EXPECT_GE(AGAIN, now() - began);
}

TEST_HARNESS_MAIN
