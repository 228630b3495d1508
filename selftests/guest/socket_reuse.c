// SPDX-License-Identifier: GPL-2.0-only
/* Several sockets on one address: SO_REUSEPORT, SO_REUSEADDR. */
#include <poll.h>

#include <linux/filter.h>

#include "kselftest_harness.h"
#include "sock.h"

#define SERVERS	4
#define CLIENTS	40

FIXTURE(socket_reuse) {
	struct addr at;
};

FIXTURE_VARIANT(socket_reuse) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_reuse, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_reuse, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_reuse)
{
	net_isolate();
	self->at = addr_loopback(variant->family, 7000);
}

FIXTURE_TEARDOWN(socket_reuse)
{
}

static int bind_with(int option, const struct addr *at)
{
	int fd = sock_new(at->sa.sa_family);

	if (option)
		sock_set(fd, option, 1);
	if (!bind(fd, &at->sa, at->len))
		return fd;
	close(fd);
	return -1;
}

/* Each answers what it gets, until all have got it; how many got anything. */
static int serve(const int *fds, int n, int messages)
{
	struct pollfd p[SERVERS];
	bool seen[SERVERS] = {};
	int some = 0;

	for (int i = 0; i < n; i++)
		p[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	while (messages && poll(p, n, -1) > 0) {
		for (int i = 0; i < n; i++) {
			struct addr from;
			char byte;

			if (!(p[i].revents & POLLIN) ||
			    sock_recvfrom(fds[i], &byte, 1, MSG_DONTWAIT, &from) != 1)
				continue;
			if (sock_sendto(fds[i], &byte, 1, 0, &from) != 1)
				return -1;
			some += !seen[i];
			seen[i] = true;
			messages--;
		}
	}
	return some;
}

static void ask_all(struct __test_metadata *_metadata, const int *clients, const struct addr *at)
{
	for (int i = 0; i < CLIENTS; i++)
		ASSERT_EQ(1, sock_sendto(clients[i], &(char){ i }, 1, 0, at));
}

static void hear_all(struct __test_metadata *_metadata, const int *clients)
{
	char byte;

	for (int i = 0; i < CLIENTS; i++) {
		ASSERT_EQ(1, recv(clients[i], &byte, 1, 0));
		ASSERT_EQ(i, byte);
		ASSERT_EQ(-1, recv(clients[i], &byte, 1, MSG_DONTWAIT));
	}
}

/* Each peer is one socket's, and stays with it. */
TEST_F(socket_reuse, port_shared)
{
	int servers[SERVERS], clients[CLIENTS];

	for (int i = 0; i < SERVERS; i++) {
		servers[i] = bind_with(SO_REUSEPORT, &self->at);
		ASSERT_LE(0, servers[i]);
	}
	for (int i = 0; i < CLIENTS; i++)
		clients[i] = sock_on_loopback(variant->family, NULL);
	for (int round = 0; round < 3; round++) {
		ask_all(_metadata, clients, &self->at);
		EXPECT_LT(1, serve(servers, SERVERS, CLIENTS));
		hear_all(_metadata, clients);
	}
}

/* One that is connected to somebody takes nobody else's. */
TEST_F(socket_reuse, port_shared_with_one_connected)
{
	int servers[2], clients[CLIENTS];
	struct addr name;

	for (int i = 0; i < 2; i++) {
		servers[i] = bind_with(SO_REUSEPORT, &self->at);
		ASSERT_LE(0, servers[i]);
	}
	sock_on_loopback(variant->family, &name);
	sock_connect(servers[0], &name);
	for (int i = 0; i < CLIENTS; i++)
		clients[i] = sock_on_loopback(variant->family, NULL);
	ask_all(_metadata, clients, &self->at);
	EXPECT_EQ(1, serve(servers + 1, 1, CLIENTS));
	hear_all(_metadata, clients);
}

TEST_F(socket_reuse, port_not_shared)
{
	int first = bind_with(0, &self->at);

	ASSERT_LE(0, first);
	EXPECT_EQ(-1, bind_with(SO_REUSEPORT, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
	ASSERT_EQ(0, close(first));
	ASSERT_LE(0, bind_with(SO_REUSEPORT, &self->at));
	EXPECT_EQ(-1, bind_with(0, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
}

/* Nobody takes messages from another user. */
TEST_F(socket_reuse, port_of_another_user)
{
	ASSERT_LE(0, bind_with(SO_REUSEPORT, &self->at));
	ASSERT_EQ(0, seteuid(1234));
	EXPECT_EQ(-1, bind_with(SO_REUSEPORT, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
	ASSERT_EQ(0, seteuid(0));
	EXPECT_LE(0, bind_with(SO_REUSEPORT, &self->at));
}

/* Whose a socket is was decided when it was made. */
TEST_F(socket_reuse, port_of_who_made_the_socket)
{
	int fds[2];

	for (int i = 0; i < 2; i++) {
		fds[i] = sock_new(variant->family);
		sock_set(fds[i], SO_REUSEPORT, 1);
	}
	ASSERT_EQ(0, seteuid(1234));
	EXPECT_EQ(0, bind(fds[0], &self->at.sa, self->at.len));
	ASSERT_EQ(0, seteuid(0));
	EXPECT_EQ(0, bind(fds[1], &self->at.sa, self->at.len));
	ASSERT_EQ(0, seteuid(1234));
	EXPECT_EQ(-1, bind_with(SO_REUSEPORT, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
	ASSERT_EQ(0, seteuid(0));
}

/* A port is shared with UDP, and so is a port that is shared: with the same user. */
TEST_F(socket_reuse, port_shared_with_udp)
{
	int udp = socket(variant->family, SOCK_DGRAM, IPPROTO_UDP);

	ASSERT_LE(0, bind_with(SO_REUSEPORT, &self->at));
	sock_set(udp, SO_REUSEPORT, 1);
	EXPECT_EQ(0, bind(udp, &self->at.sa, self->at.len));
	ASSERT_EQ(0, seteuid(1234));
	udp = socket(variant->family, SOCK_DGRAM, IPPROTO_UDP);
	sock_set(udp, SO_REUSEPORT, 1);
	EXPECT_EQ(-1, bind(udp, &self->at.sa, self->at.len));
	EXPECT_EQ(EADDRINUSE, errno);
	ASSERT_EQ(0, seteuid(0));
}

/* Another user may have the port of a socket that was closed, and then has it alone, though
 * what that one has sent is not delivered yet.
 */
TEST_F(socket_reuse, port_after_another_user)
{
	const struct addr nobody = addr_loopback(variant->family, 7999);
	int first = bind_with(SO_REUSEPORT, &self->at);

	ASSERT_EQ(1, sock_sendto(first, "x", 1, 0, &nobody));
	ASSERT_EQ(0, close(first));
	ASSERT_EQ(0, seteuid(1234));
	EXPECT_LE(0, bind_with(SO_REUSEPORT, &self->at));
	ASSERT_EQ(0, seteuid(0));
	EXPECT_EQ(-1, bind_with(SO_REUSEPORT, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
}

/* Who comes when one of them has closed is served by the others. */
TEST_F(socket_reuse, one_leaves)
{
	int servers[SERVERS], clients[CLIENTS];

	for (int i = 0; i < SERVERS; i++)
		servers[i] = bind_with(SO_REUSEPORT, &self->at);
	for (int left = SERVERS - 1; left; left--) {
		for (int i = 0; i < CLIENTS; i++)
			clients[i] = sock_on_loopback(variant->family, NULL);
		ASSERT_EQ(0, close(servers[left]));
		ask_all(_metadata, clients, &self->at);
		EXPECT_LE(1, serve(servers, left, CLIENTS));
		hear_all(_metadata, clients);
		for (int i = 0; i < CLIENTS; i++)
			ASSERT_EQ(0, close(clients[i]));
	}
}

static void ask(struct __test_metadata *_metadata, int client, const struct addr *at, int server)
{
	char byte;

	ASSERT_EQ(1, sock_sendto(client, "?", 1, 0, at));
	ASSERT_EQ(1, recv(server, &byte, 1, 0));
}

/* Who came last hears those who are new. */
TEST_F(socket_reuse, address_shared)
{
	int first = bind_with(SO_REUSEADDR, &self->at);
	int second = bind_with(SO_REUSEADDR, &self->at);

	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	ask(_metadata, sock_on_loopback(variant->family, NULL), &self->at, second);
	ASSERT_EQ(0, close(second));
	ask(_metadata, sock_on_loopback(variant->family, NULL), &self->at, first);
}

/* The way in which servers without accept() have a socket for each client: the one that
 * has heard from it is connected to it, and another one listens.
 */
TEST_F(socket_reuse, address_of_who_listened)
{
	int servers[SERVERS], clients[SERVERS];
	struct addr from;
	char byte;

	for (int i = 0; i < SERVERS; i++) {
		servers[i] = bind_with(SO_REUSEADDR, &self->at);
		ASSERT_LE(0, servers[i]);
		clients[i] = sock_on_loopback(variant->family, NULL);
		ASSERT_EQ(1, sock_sendto(clients[i], "?", 1, 0, &self->at));
		ASSERT_EQ(1, sock_recvfrom(servers[i], &byte, 1, 0, &from));
		sock_connect(servers[i], &from);
	}
	for (int i = 0; i < SERVERS; i++)
		ask(_metadata, clients[i], &self->at, servers[i]);
}

/* Likewise, where another one is connected to it, and the first goes on listening. */
TEST_F(socket_reuse, address_of_who_listens)
{
	int server = bind_with(SO_REUSEADDR, &self->at);

	ASSERT_LE(0, server);
	for (int i = 0; i < SERVERS; i++) {
		struct addr name;
		int client = sock_on_loopback(variant->family, &name);
		int mine = bind_with(SO_REUSEADDR, &self->at);

		ASSERT_LE(0, mine);
		sock_connect(mine, &name);
		ask(_metadata, client, &self->at, mine);
		ask(_metadata, sock_on_loopback(variant->family, NULL), &self->at, server);
	}
}

TEST_F(socket_reuse, address_not_shared)
{
	int first = bind_with(0, &self->at);

	ASSERT_LE(0, first);
	EXPECT_EQ(-1, bind_with(SO_REUSEADDR, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
	ASSERT_EQ(0, close(first));
	ASSERT_LE(0, bind_with(SO_REUSEADDR, &self->at));
	EXPECT_EQ(-1, bind_with(0, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
}

/* A reliable socket is nobody else's to take over. */
TEST_F(socket_reuse, address_of_another_user)
{
	if (sock_is_udp())
		SKIP(return, "UDP lets everybody");
	ASSERT_LE(0, bind_with(SO_REUSEADDR, &self->at));
	ASSERT_EQ(0, seteuid(1234));
	EXPECT_EQ(-1, bind_with(SO_REUSEADDR, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
	ASSERT_EQ(0, seteuid(0));
}

/* What chooses among them is the kernel. */
TEST_F(socket_reuse, program_without_effect)
{
	struct sock_filter first = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog program = { .len = 1, .filter = &first };
	int servers[SERVERS], clients[CLIENTS];

	if (sock_is_udp())
		SKIP(return, "with UDP it chooses");
	for (int i = 0; i < SERVERS; i++) {
		servers[i] = bind_with(SO_REUSEPORT, &self->at);
		EXPECT_EQ(0, setsockopt(servers[i], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
					sizeof(program)));
	}
	for (int i = 0; i < CLIENTS; i++)
		clients[i] = sock_on_loopback(variant->family, NULL);
	ask_all(_metadata, clients, &self->at);
	EXPECT_LT(1, serve(servers, SERVERS, CLIENTS));
	hear_all(_metadata, clients);
}

TEST_HARNESS_MAIN
