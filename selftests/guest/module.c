// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module is unloaded and loaded again; not while a socket is open.
 *
 * timeout: 240
 */
#include <poll.h>

#include "kselftest_harness.h"
#include "hosts.h"
#include "klog.h"
#include "module.h"
#include "sock.h"

RDGRAM_ONLY;

#define ROUNDS 5

FIXTURE(module) {
	int ko, klog;
};

FIXTURE_SETUP(module)
{
	self->ko = module_open();
	self->klog = klog_open();
}

FIXTURE_TEARDOWN(module)
{
	/* Whatever happened: the tests after this one need it. */
	if (!module_is_loaded())
		EXPECT_EQ(0, module_load(self->ko));
}

/* A conversation on loopback, in a network namespace that goes away afterwards or not. */
static bool talk(int family)
{
	int a, b;
	struct addr to;
	char byte = 0;
	bool good;

	a = sock_new(family);
	b = sock_on_loopback(family, &to);
	good = sock_sendto(a, "x", 1, 0, &to) == 1 && recv(b, &byte, 1, 0) == 1 && byte == 'x';
	close(a);
	close(b);
	return good;
}

TEST_F_TIMEOUT(module, refused_while_a_socket_is_open, 100)
{
	int fd;

	if (self->ko < 0)
		SKIP(return, "rdgram.ko not found: set RDGRAM_KO");
	fd = sock_new(AF_INET);
	EXPECT_EQ(-1, module_unload());
	EXPECT_EQ(EWOULDBLOCK, errno);
	EXPECT_TRUE(module_is_loaded());
	EXPECT_EQ(0, close(fd));
	EXPECT_TRUE(module_unload_patiently());
	ASSERT_EQ(0, module_load(self->ko));
	EXPECT_TRUE(talk(AF_INET));
}

TEST_F_TIMEOUT(module, no_socket_without_it, 100)
{
	if (self->ko < 0)
		SKIP(return, "rdgram.ko not found: set RDGRAM_KO");
	ASSERT_TRUE(module_unload_patiently());
	EXPECT_EQ(-1, socket(AF_INET, SOCK_RDM, IPPROTO_RDGRAM));
	EXPECT_TRUE(errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT);
	ASSERT_EQ(0, module_load(self->ko));
	EXPECT_TRUE(talk(AF_INET6));
}

TEST_F_TIMEOUT(module, again_and_again, 60)
{
	if (self->ko < 0)
		SKIP(return, "rdgram.ko not found: set RDGRAM_KO");
	for (int i = 0; i < ROUNDS; i++) {
		ASSERT_TRUE(module_unload_patiently());
		ASSERT_EQ(0, module_load(self->ko));
		ASSERT_TRUE(talk(i % 2 ? AF_INET6 : AF_INET));
	}
	EXPECT_TRUE(klog_silent(self->klog));
}

/* Messages that will never arrive must not hold the module for ever once aborted. */
TEST_F_TIMEOUT(module, after_aborted_sockets, 60)
{
	const struct addr nobody = addr_loopback(AF_INET, 7999);
	int fd;

	if (self->ko < 0)
		SKIP(return, "rdgram.ko not found: set RDGRAM_KO");
	net_isolate();
	for (int i = 0; i < 100; i++) {
		fd = sock_new(AF_INET);
		ASSERT_EQ(1, sock_sendto(fd, "x", 1, 0, &nobody));
		sock_set_linger(fd, 0);
		ASSERT_EQ(0, close(fd));
	}
	ASSERT_TRUE(module_unload_patiently());
	ASSERT_EQ(0, module_load(self->ko));
	EXPECT_TRUE(klog_silent(self->klog));
}

TEST_HARNESS_MAIN
