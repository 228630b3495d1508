// SPDX-License-Identifier: GPL-2.0-only
/* socket(): which names make an rdgram socket, and what it says of itself. */
#include "kselftest_harness.h"
#include "sock.h"

RDGRAM_ONLY;

FIXTURE(socket_open) {
};

FIXTURE_VARIANT(socket_open) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_open, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_open, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_open)
{
}

FIXTURE_TEARDOWN(socket_open)
{
}

static int get(int fd, int option)
{
	return sock_get(fd, option);
}

TEST_F(socket_open, rdm)
{
	int fd = socket(variant->family, SOCK_RDM, IPPROTO_RDGRAM);

	ASSERT_LE(0, fd);
	EXPECT_EQ(SOCK_RDM, get(fd, SO_TYPE));
	EXPECT_EQ(IPPROTO_RDGRAM, get(fd, SO_PROTOCOL));
	EXPECT_EQ(variant->family, get(fd, SO_DOMAIN));
	EXPECT_EQ(0, get(fd, SO_ERROR));
	EXPECT_EQ(0, close(fd));
}

TEST_F(socket_open, rdm_protocol_0)
{
	int fd = socket(variant->family, SOCK_RDM, 0);

	ASSERT_LE(0, fd);
	EXPECT_EQ(IPPROTO_RDGRAM, get(fd, SO_PROTOCOL));
	EXPECT_EQ(0, close(fd));
}

/* For programs that cannot be told another type than that of UDP. */
TEST_F(socket_open, dgram_with_protocol)
{
	int fd = socket(variant->family, SOCK_DGRAM, IPPROTO_RDGRAM);

	ASSERT_LE(0, fd);
	EXPECT_EQ(SOCK_DGRAM, get(fd, SO_TYPE));
	EXPECT_EQ(IPPROTO_RDGRAM, get(fd, SO_PROTOCOL));
	EXPECT_EQ(0, close(fd));
}

/* Nothing of this may change what other programs get. */
TEST_F(socket_open, dgram_protocol_0_is_udp)
{
	int fd = socket(variant->family, SOCK_DGRAM, 0);

	ASSERT_LE(0, fd);
	EXPECT_EQ(IPPROTO_UDP, get(fd, SO_PROTOCOL));
	EXPECT_EQ(0, close(fd));
}

TEST_F(socket_open, other_types_refused)
{
	EXPECT_EQ(-1, socket(variant->family, SOCK_STREAM, IPPROTO_RDGRAM));
	EXPECT_EQ(EPROTONOSUPPORT, errno);
	EXPECT_EQ(-1, socket(variant->family, SOCK_RDM, IPPROTO_UDP));
	EXPECT_EQ(EPROTONOSUPPORT, errno);
}

TEST_F(socket_open, flags)
{
	int fd = socket(variant->family, SOCK_RDM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RDGRAM);
	u8 byte;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, recv(fd, &byte, 1, 0));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, close(fd));
}

TEST_F(socket_open, thousand_and_close)
{
	int fds[1000];

	for (int i = 0; i < 1000; i++) {
		fds[i] = socket(variant->family, SOCK_RDM, IPPROTO_RDGRAM);
		ASSERT_LE(0, fds[i]);
	}
	for (int i = 0; i < 1000; i++)
		EXPECT_EQ(0, close(fds[i]));
}

TEST_HARNESS_MAIN
