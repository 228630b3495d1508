// SPDX-License-Identifier: GPL-2.0-only
/* Several sockets on one address: SO_REUSEPORT, SO_REUSEADDR. */
#include <poll.h>
#include <sched.h>
#include <signal.h>

#include <linux/filter.h>

#include "kselftest_harness.h"
#include "bpf.h"
#include "shell.h"
#include "sock.h"
#include "worker.h"

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
		servers[i] = sock_bind_with(SO_REUSEPORT, &self->at);
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
		servers[i] = sock_bind_with(SO_REUSEPORT, &self->at);
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
	int first = sock_bind_with(0, &self->at);

	ASSERT_LE(0, first);
	EXPECT_EQ(-1, sock_bind_with(SO_REUSEPORT, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
	ASSERT_EQ(0, close(first));
	ASSERT_LE(0, sock_bind_with(SO_REUSEPORT, &self->at));
	EXPECT_EQ(-1, sock_bind_with(0, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
}

/* Nobody takes messages from another user. */
TEST_F(socket_reuse, port_of_another_user)
{
	ASSERT_LE(0, sock_bind_with(SO_REUSEPORT, &self->at));
	ASSERT_EQ(0, seteuid(1234));
	EXPECT_EQ(-1, sock_bind_with(SO_REUSEPORT, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
	ASSERT_EQ(0, seteuid(0));
	EXPECT_LE(0, sock_bind_with(SO_REUSEPORT, &self->at));
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
	EXPECT_EQ(-1, sock_bind_with(SO_REUSEPORT, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
	ASSERT_EQ(0, seteuid(0));
}

/* A port is shared with UDP, and so is a port that is shared: with the same user. */
TEST_F(socket_reuse, port_shared_with_udp)
{
	int udp = socket(variant->family, SOCK_DGRAM, IPPROTO_UDP);

	ASSERT_LE(0, sock_bind_with(SO_REUSEPORT, &self->at));
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
	int first = sock_bind_with(SO_REUSEPORT, &self->at);

	ASSERT_EQ(1, sock_sendto(first, "x", 1, 0, &nobody));
	ASSERT_EQ(0, close(first));
	ASSERT_EQ(0, seteuid(1234));
	EXPECT_LE(0, sock_bind_with(SO_REUSEPORT, &self->at));
	ASSERT_EQ(0, seteuid(0));
	EXPECT_EQ(-1, sock_bind_with(SO_REUSEPORT, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
}

/* Who comes when one of them has closed is served by the others. */
TEST_F(socket_reuse, one_leaves)
{
	int servers[SERVERS], clients[CLIENTS];

	for (int i = 0; i < SERVERS; i++)
		servers[i] = sock_bind_with(SO_REUSEPORT, &self->at);
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
	int first = sock_bind_with(SO_REUSEADDR, &self->at);
	int second = sock_bind_with(SO_REUSEADDR, &self->at);

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
		servers[i] = sock_bind_with(SO_REUSEADDR, &self->at);
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
	int server = sock_bind_with(SO_REUSEADDR, &self->at);

	ASSERT_LE(0, server);
	for (int i = 0; i < SERVERS; i++) {
		struct addr name;
		int client = sock_on_loopback(variant->family, &name);
		int mine = sock_bind_with(SO_REUSEADDR, &self->at);

		ASSERT_LE(0, mine);
		sock_connect(mine, &name);
		ask(_metadata, client, &self->at, mine);
		ask(_metadata, sock_on_loopback(variant->family, NULL), &self->at, server);
	}
}

TEST_F(socket_reuse, address_not_shared)
{
	int first = sock_bind_with(0, &self->at);

	ASSERT_LE(0, first);
	EXPECT_EQ(-1, sock_bind_with(SO_REUSEADDR, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
	ASSERT_EQ(0, close(first));
	ASSERT_LE(0, sock_bind_with(SO_REUSEADDR, &self->at));
	EXPECT_EQ(-1, sock_bind_with(0, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
}

/* A reliable socket is nobody else's to take over. */
TEST_F(socket_reuse, address_of_another_user)
{
	if (sock_is_udp())
		SKIP(return, "UDP lets everybody");
	ASSERT_LE(0, sock_bind_with(SO_REUSEADDR, &self->at));
	ASSERT_EQ(0, seteuid(1234));
	EXPECT_EQ(-1, sock_bind_with(SO_REUSEADDR, &self->at));
	EXPECT_EQ(EADDRINUSE, errno);
	ASSERT_EQ(0, seteuid(0));
}

/* Nor what is left to be delivered when it is closed: a socket of plain UDP that got past it
 * would be sent the answers.
 */
TEST_F(socket_reuse, address_of_one_that_still_delivers)
{
	const struct addr nobody = addr_loopback(variant->family, 7999);
	int fd, udp = socket(variant->family, SOCK_DGRAM, 0);

	if (sock_is_udp())
		SKIP(return, "delivers at once");
	fd = sock_bind_with(SO_REUSEADDR, &self->at);
	ASSERT_LE(0, fd);
	ASSERT_EQ(1, sock_sendto(fd, "?", 1, 0, &nobody));
	ASSERT_EQ(0, close(fd));
	sock_set(udp, SO_REUSEADDR, 1);
	EXPECT_EQ(-1, bind(udp, &self->at.sa, self->at.len));
	EXPECT_EQ(EADDRINUSE, errno);
	/* The next one of ours may. */
	ASSERT_LE(0, sock_bind_with(0, &self->at));
	close(udp);
}

/* A program of classic BPF that chooses for all of them. */
static int attach(int fd, const struct sock_filter *code, int len)
{
	const struct sock_fprog program = { .len = len, .filter = (struct sock_filter *)code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program));
}

static int attach_constant(int fd, int index)
{
	const struct sock_filter code = BPF_STMT(BPF_RET | BPF_K, index);

	return attach(fd, &code, 1);
}

static int detach(int fd)
{
	int none = 0;

	return setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &none, sizeof(none));
}

static void bind_all(struct __test_metadata *_metadata, int *servers, const struct addr *at)
{
	for (int i = 0; i < SERVERS; i++) {
		servers[i] = sock_bind_with(SO_REUSEPORT, at);
		ASSERT_LE(0, servers[i]);
	}
}

/* How many of them hear anything of clients that nobody knows yet. */
static int hear_strangers(struct __test_metadata *_metadata, const int *servers, int n,
			  const struct addr *at)
{
	int clients[CLIENTS], some;

	for (int i = 0; i < CLIENTS; i++)
		clients[i] = sock_on_loopback(at->sa.sa_family, NULL);
	ask_all(_metadata, clients, at);
	some = serve(servers, n, CLIENTS);
	hear_all(_metadata, clients);
	for (int i = 0; i < CLIENTS; i++)
		close(clients[i]);
	return some;
}

/* It numbers them in the order of bind(), whichever of them it was given to. */
TEST_F(socket_reuse, program_chooses)
{
	int servers[SERVERS];

	bind_all(_metadata, servers, &self->at);
	for (int i = 0; i < SERVERS; i++) {
		ASSERT_EQ(0, attach_constant(servers[(i + 1) % SERVERS], i));
		EXPECT_EQ(1, hear_strangers(_metadata, servers + i, 1, &self->at));
	}
	/* One that is not there: as without a program. */
	ASSERT_EQ(0, attach_constant(servers[0], SERVERS));
	EXPECT_LT(1, hear_strangers(_metadata, servers, SERVERS, &self->at));
	ASSERT_EQ(0, attach_constant(servers[0], 2));
	ASSERT_EQ(0, detach(servers[1]));
	EXPECT_LT(1, hear_strangers(_metadata, servers, SERVERS, &self->at));
	EXPECT_EQ(-1, detach(servers[1]));
	EXPECT_EQ(ENOENT, errno);
}

/* Given to the first before the others are there, it is that of all. */
TEST_F(socket_reuse, program_of_the_first)
{
	int first = sock_new(variant->family), servers[SERVERS];

	EXPECT_EQ(-1, attach_constant(first, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, detach(first));
	EXPECT_EQ(EINVAL, errno);
	sock_set(first, SO_REUSEPORT, 1);
	ASSERT_EQ(0, attach_constant(first, 1));
	ASSERT_EQ(0, bind(first, &self->at.sa, self->at.len));
	bind_all(_metadata, servers, &self->at);
	EXPECT_EQ(1, hear_strangers(_metadata, servers, 1, &self->at));
	/* Who leaves is not asked any more; the last takes his place. */
	ASSERT_EQ(0, close(servers[0]));
	EXPECT_EQ(1, hear_strangers(_metadata, servers + SERVERS - 1, 1, &self->at));
}

/* It sees who sends: the last bits of the port say to whom. */
TEST_F(socket_reuse, program_sees_the_headers)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_ABS | BPF_H,
			 SKF_NET_OFF + (variant->family == AF_INET ? 20 : 40)),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SERVERS - 1),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	int servers[SERVERS];

	bind_all(_metadata, servers, &self->at);
	ASSERT_EQ(0, attach(servers[0], code, ARRAY_SIZE(code)));
	for (int i = 0; i < CLIENTS; i++) {
		struct addr name;
		int client = sock_on_loopback(variant->family, &name);
		char byte;

		ASSERT_EQ(1, sock_sendto(client, "x", 1, 0, &self->at));
		ASSERT_EQ(1, recv(servers[addr_port(&name) % SERVERS], &byte, 1, 0));
		close(client);
	}
}

/* A message comes when it is decided who gets it. */
TEST_F(socket_reuse, program_sees_no_message)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_LEN, 0),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	int servers[SERVERS];

	if (sock_is_udp())
		SKIP(return, "UDP's do");
	bind_all(_metadata, servers, &self->at);
	ASSERT_EQ(0, attach(servers[0], code, ARRAY_SIZE(code)));
	EXPECT_EQ(1, hear_strangers(_metadata, servers + 1, 1, &self->at));
}

/* It chooses once for each peer. */
TEST_F(socket_reuse, program_chooses_once)
{
	int servers[SERVERS], client;
	char byte;

	if (sock_is_udp())
		SKIP(return, "UDP asks for each datagram");
	bind_all(_metadata, servers, &self->at);
	client = sock_on_loopback(variant->family, NULL);
	for (int i = 0; i < SERVERS; i++) {
		ASSERT_EQ(0, attach_constant(servers[0], i));
		ASSERT_EQ(1, sock_sendto(client, "x", 1, 0, &self->at));
		ASSERT_EQ(1, recv(servers[0], &byte, 1, 0));
	}
}

TEST_F(socket_reuse, program_of_bpf)
{
	int servers[SERVERS], fd;

	if (access("/proc/sys/kernel/unprivileged_bpf_disabled", F_OK))
		SKIP(return, "no bpf() in this kernel");
	bind_all(_metadata, servers, &self->at);
	for (int i = 0; i < SERVERS; i++) {
		fd = bpf_constant(BPF_PROG_TYPE_SOCKET_FILTER, i);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, setsockopt(servers[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &fd,
					sizeof(fd)));
		EXPECT_EQ(1, hear_strangers(_metadata, servers + i, 1, &self->at));
		close(fd);
	}
}

/* The kernel has this type for TCP and UDP alone. (524 is ENOTSUPP, which has no name here.) */
TEST_F(socket_reuse, program_of_another_type)
{
	int server = sock_bind_with(SO_REUSEPORT, &self->at), fd;

	if (sock_is_udp())
		SKIP(return, "UDP has it");
	if (access("/proc/sys/kernel/unprivileged_bpf_disabled", F_OK))
		SKIP(return, "no bpf() in this kernel");
	fd = bpf_constant(BPF_PROG_TYPE_SK_REUSEPORT, 1);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, setsockopt(server, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &fd, sizeof(fd)));
	EXPECT_EQ(524, errno);
}

/* Who asks for this processor is the one for what comes by it. */
TEST_F(socket_reuse, processor_chooses)
{
	int servers[SERVERS];
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET(0, &here);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(here), &here));
	bind_all(_metadata, servers, &self->at);
	sock_set(servers[2], SO_INCOMING_CPU, 0);
	EXPECT_EQ(1, hear_strangers(_metadata, servers + 2, 1, &self->at));
}

/* Many come and go while others ask. */
TEST_F(socket_reuse, group_in_motion)
{
	int servers[SERVERS];

	bind_all(_metadata, servers, &self->at);
	ASSERT_EQ(0, attach_constant(servers[0], 1));
	for (int round = 0; round < 20; round++) {
		const int at = 1 + round % (SERVERS - 1);
		int client = sock_on_loopback(variant->family, NULL);

		ASSERT_EQ(1, sock_sendto(client, "x", 1, 0, &self->at));
		ASSERT_EQ(0, close(servers[at]));
		servers[at] = sock_bind_with(SO_REUSEPORT, &self->at);
		ASSERT_LE(0, servers[at]);
		sock_set_linger(client, 0);
		close(client);
	}
	for (int i = 0; i < SERVERS; i++)
		ASSERT_EQ(0, close(servers[i]));
	bind_all(_metadata, servers, &self->at);
	ASSERT_EQ(0, attach_constant(servers[0], 1));
	EXPECT_EQ(1, hear_strangers(_metadata, servers + 1, 1, &self->at));
}

static bool ask_without_end(void *arg)
{
	const struct addr *at = arg;

	for (;;) {
		int client = sock_on_loopback(at->sa.sa_family, NULL);

		sock_sendto(client, "x", 1, 0, at);
		sock_set_linger(client, 0);
		close(client);
	}
	return false;
}

/* A group takes who has just been bound, while others ask: he can be asked at once. */
TEST_F(socket_reuse, group_under_load)
{
	int first = sock_bind_with(SO_REUSEPORT, &self->at);
	pid_t clients = worker_start(ask_without_end, &self->at);

	for (int round = 0; round < 1000; round++) {
		int fd = sock_bind_with(SO_REUSEPORT, &self->at);

		ASSERT_LE(0, fd);
		sock_set_linger(fd, 0);
		ASSERT_EQ(0, close(fd));
	}
	ASSERT_EQ(0, kill(clients, SIGKILL));
	ASSERT_FALSE(worker_join(clients));
	ASSERT_EQ(0, close(first));
}

static void set_device(struct __test_metadata *_metadata, int fd, const char *name)
{
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name)));
}

/* Who is bound to a device takes no part in what comes by another. */
TEST_F(socket_reuse, group_by_device)
{
	int servers[SERVERS];

	shell("ip link add there type veth peer name elsewhere");
	bind_all(_metadata, servers, &self->at);
	for (int i = 1; i < SERVERS; i++)
		set_device(_metadata, servers[i], "there");
	EXPECT_EQ(1, hear_strangers(_metadata, servers, 1, &self->at));
	if (sock_is_udp())
		SKIP(return, "UDP leaves its group for good");
	set_device(_metadata, servers[1], "lo");
	set_device(_metadata, servers[0], "lo");
	EXPECT_EQ(2, hear_strangers(_metadata, servers, 2, &self->at));
}

TEST_HARNESS_MAIN
