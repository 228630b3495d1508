// SPDX-License-Identifier: GPL-2.0-only
/* By which device a message leaves: IP_PKTINFO, IP_UNICAST_IF, marks, and IPv6's. */
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>

#include "kselftest_harness.h"
#include "control.h"
#include "shell.h"
#include "sock.h"

/* The hardware address of eth0 in host 1. */
#define NEIGHBOUR	"02:00:00:00:00:02"

/*
 * Two hosts, and two ways from host 0 to an address of host 1: by eth0, which is the usual
 * one, and by eth1. Each host knows its devices by numbers of its own.
 */
FIXTURE(socket_device) {
	struct addr to;		/* by either way */
	struct addr loop;	/* an address of host 0 that is of neither device */
	struct addr of[2];	/* its addresses on both */
	int server, client;	/* @client may have any address */
	int out[2], in[2];	/* eth0 and eth1, in host 0 and in host 1 */
};

FIXTURE_VARIANT(socket_device) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_device, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_device, v6) { .family = AF_INET6 };

static struct addr address(int family, int net, int host, u16 port)
{
	char text[32];

	snprintf(text, sizeof(text), family == AF_INET ? "10.%d.0.%d" : "fd%d::%d", net, host);
	return addr_make(family, text, port);
}

/*
 * In host @s, as what the other one, @o, sees it. IPv6 asks for the device among routes only
 * where no source address is given: hence the rule. Few commands, since to start one takes
 * long where a processor is emulated.
 */
static void configure(int s, int o, int *devices)
{
	shell("ip -batch - <<-END\n"
	      "link set eth0 up\n"
	      "link set eth1 up\n"
	      "address add 10.77.0.%d/24 dev eth0\n"
	      "address add 10.78.0.%d/24 dev eth1\n"
	      "address add 10.79.0.%d/32 dev lo\n"
	      "address add fd77::%d/64 dev eth0 nodad\n"
	      "address add fd78::%d/64 dev eth1 nodad\n"
	      "address add fd79::%d/128 dev lo nodad\n"
	      "address add fe80::77:%d/64 dev eth0 nodad\n"
	      "address add fe80::78:%d/64 dev eth1 nodad\n"
	      "route add 10.79.0.%d via 10.77.0.%d\n"
	      "route add 10.79.0.%d via 10.78.0.%d metric 10\n"
	      "route add fd79::%d via fd77::%d metric 1\n"
	      "route add fd79::%d via fd78::%d metric 10\n"
	      "route add fd79::%d via fd78::%d table 43\n"
	      "END\n"
	      "ip -6 rule add pref 10 oif eth1 lookup 43", s, s, s, s, s, s, s, s,
	      o, o, o, o, o, o, o, o, o, o);
	devices[0] = if_nametoindex("eth0");
	devices[1] = if_nametoindex("eth1");
}

static int new_namespace(void)
{
	net_isolate();
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static void set_ip(int fd, int family, int option4, int option6, const void *value, size_t len)
{
	if (setsockopt(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
		       family == AF_INET ? option4 : option6, value, len)) {
		perror("setsockopt");
		exit(1);
	}
}

FIXTURE_SETUP(socket_device)
{
	struct addr any = addr_any(variant->family, 7000);
	int on = 1, here, there;

	there = new_namespace();
	here = new_namespace();
	shell("ip -batch - <<-END\n"
	      "link add eth0 type veth peer name eth0 address %s netns /proc/%d/fd/%d\n"
	      "link add eth1 index 20 type veth peer name eth1 index 21 netns /proc/%d/fd/%d\n"
	      "END", NEIGHBOUR, getpid(), there, getpid(), there);
	ASSERT_EQ(0, setns(there, CLONE_NEWNET));
	configure(2, 1, self->in);
	self->server = sock_bound(&any, NULL);
	set_ip(self->server, variant->family, IP_PKTINFO, IPV6_RECVPKTINFO, &on, sizeof(on));
	ASSERT_EQ(0, setns(here, CLONE_NEWNET));
	configure(1, 2, self->out);
	any = addr_any(variant->family, 0);
	self->client = sock_bound(&any, NULL);
	self->to = address(variant->family, 79, 2, 7000);
	self->loop = address(variant->family, 79, 1, 0);
	self->of[0] = address(variant->family, 77, 1, 0);
	self->of[1] = address(variant->family, 78, 1, 0);
	ASSERT_NE(self->out[1], self->in[1]);
	close(here);
	close(there);
}

FIXTURE_TEARDOWN(socket_device)
{
	close(self->client);
	close(self->server);
}

/* @source: NULL: any. @device: 0: any. */
static ssize_t send_by(int fd, char byte, const struct addr *to, const struct addr *source,
		       int device)
{
	struct in_pktinfo info4 = { .ipi_ifindex = device };
	struct in6_pktinfo info6 = { .ipi6_ifindex = device };

	if (to->sa.sa_family == AF_INET) {
		if (source)
			info4.ipi_spec_dst = source->v4.sin_addr;
		return control_send(fd, byte, to, IPPROTO_IP, IP_PKTINFO, &info4, sizeof(info4));
	}
	if (source)
		info6.ipi6_addr = source->v6.sin6_addr;
	return control_send(fd, byte, to, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
}

/* The device that the next message has come by; 0: it is another one. */
static int came_by(int fd, char byte, struct addr *from)
{
	struct in6_pktinfo info6;
	struct in_pktinfo info4;
	struct control c;

	if (control_recv(fd, &c, 0) != 1 || c.payload[0] != byte)
		return 0;
	if (from)
		*from = c.from;
	if (control_get(&c, IPPROTO_IP, IP_PKTINFO, &info4, sizeof(info4)))
		return info4.ipi_ifindex;
	if (control_get(&c, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6)))
		return info6.ipi6_ifindex;
	return 0;
}

static bool same_host(const struct addr *a, const struct addr *b)
{
	struct addr x = *a, y = *b;

	/* The port stands at the same place for both families. */
	x.v4.sin_port = 0;
	y.v4.sin_port = 0;
	return addr_equal(&x, &y);
}

/* From one address, by this way, by that, or as usual: from message to message. */
TEST_F(socket_device, of_each_message)
{
	static const int way[] = { 1, 0, -1, 1, -1, 1, 1, 0, 0, -1 };
	int fd = sock_bound(&self->loop, NULL);
	struct addr from;

	for (size_t i = 0; i < ARRAY_SIZE(way); i++) {
		ASSERT_EQ(1, way[i] < 0 ? sock_sendto(fd, &(char){ i }, 1, 0, &self->to) :
				 send_by(fd, i, &self->to, &self->loop, self->out[way[i]]));
		EXPECT_EQ(self->in[way[i] == 1], came_by(self->server, i, &from))
			TH_LOG("message %zu", i);
		EXPECT_TRUE(same_host(&self->loop, &from));
		sock_wait_settled(fd);
	}
	EXPECT_EQ(0, close(fd));
}

/*
 * Are calls failing for want of memory, see selftests/faults/? Where there was none for the
 * route by the device IPv6 chooses an address as if none had been named, for UDP, too.
 */
static bool may_take_another(int family)
{
	return family == AF_INET6 && getenv("RDGRAM_FAILED");
}

/* The address is that of the device. */
TEST_F(socket_device, without_an_address)
{
	struct addr from;

	if (may_take_another(variant->family))
		SKIP(return, "without memory IPv6 may take another address");
	for (int i = 0; i < 6; i++) {
		ASSERT_EQ(1, send_by(self->client, i, &self->to, NULL, self->out[i % 2]));
		EXPECT_EQ(self->in[i % 2], came_by(self->server, i, &from));
		EXPECT_TRUE(same_host(&self->of[i % 2], &from));
		ASSERT_EQ(1, sock_sendto(self->server, "x", 1, 0, &from));
		ASSERT_EQ(1, recv(self->client, &(char){ 0 }, 1, 0));
	}
}

/* A server that answers by where it was asked, and from the address. */
TEST_F(socket_device, answers_go_back)
{
	struct addr here = addr_any(variant->family, 7001), name;
	int on = 1, fd = sock_bound(&here, NULL);

	set_ip(fd, variant->family, IP_PKTINFO, IPV6_RECVPKTINFO, &on, sizeof(on));
	name = address(variant->family, 79, 1, 7001);
	for (int i = 0; i < 6; i++) {
		struct addr from, server = self->to;

		ASSERT_EQ(1, send_by(self->server, i, &name, &server, self->in[i % 2]));
		ASSERT_EQ(self->out[i % 2], came_by(fd, i, &from));
		EXPECT_TRUE(addr_equal(&server, &from));
		ASSERT_EQ(1, send_by(fd, i, &from, &name, self->out[i % 2]));
		EXPECT_EQ(self->in[i % 2], came_by(self->server, i, &from));
		EXPECT_TRUE(addr_equal(&name, &from));
	}
	EXPECT_EQ(0, close(fd));
}

/* One that is not there: nothing is sent, and the next message is not the worse for it. */
TEST_F(socket_device, unknown)
{
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(-1, send_by(self->client, 'x', &self->to, NULL, 4711));
		EXPECT_EQ(ENODEV, errno);
		EXPECT_EQ(-1, send_by(self->client, 'x', &self->to, NULL, -1));
		EXPECT_EQ(ENODEV, errno);
		ASSERT_EQ(1, sock_sendto(self->client, &(char){ i }, 1, 0, &self->to));
		EXPECT_EQ(self->in[0], came_by(self->server, i, NULL));
	}
}

/* One that does not lead there. (IPv4 believes that it does.) */
TEST_F(socket_device, without_a_route)
{
	struct addr near = address(variant->family, 77, 2, 7000);

	if (variant->family != AF_INET6)
		SKIP(return, "is about IPv6");
	EXPECT_EQ(-1, send_by(self->client, 'x', &near, NULL, self->out[1]));
	EXPECT_EQ(ENETUNREACH, errno);
	ASSERT_EQ(1, sock_sendto(self->client, "y", 1, 0, &near));
	EXPECT_EQ(self->in[0], came_by(self->server, 'y', NULL));
}

/* The socket names one, too: IPv6 minds, IPv4 does not. */
TEST_F(socket_device, of_the_socket)
{
	int lo = 1;

	ASSERT_EQ(0, setsockopt(self->client, SOL_SOCKET, SO_BINDTOIFINDEX, &self->out[1],
				sizeof(int)));
	ASSERT_EQ(1, sock_sendto(self->client, "1", 1, 0, &self->to));
	EXPECT_EQ(self->in[1], came_by(self->server, '1', NULL));
	ASSERT_EQ(1, send_by(self->client, '2', &self->to, NULL, self->out[1]));
	EXPECT_EQ(self->in[1], came_by(self->server, '2', NULL));
	if (variant->family == AF_INET6) {
		EXPECT_EQ(-1, send_by(self->client, 'x', &self->to, NULL, self->out[0]));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(-1, send_by(self->client, 'x', &self->to, NULL, lo));
		EXPECT_EQ(EINVAL, errno);
	}
	ASSERT_EQ(1, sock_sendto(self->client, "3", 1, 0, &self->to));
	EXPECT_EQ(self->in[1], came_by(self->server, '3', NULL));
}

static ssize_t echo(int server, int fd, const struct addr *to, int device)
{
	struct addr from;
	char byte;

	if (sock_sendto(fd, "?", 1, 0, to) != 1 || came_by(server, '?', &from) != device ||
	    sock_sendto(server, "!", 1, 0, &from) != 1)
		return -1;
	return recv(fd, &byte, 1, 0);
}

/* Who has no privileges may choose one where none is chosen, and connect() to nobody takes the
 * choice back.
 */
TEST_F(socket_device, unprivileged_changes_it)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	ASSERT_EQ(0, seteuid(1234));
	for (int i = 0; i < 4; i++) {
		const char *name = i % 2 ? "eth1" : "eth0";
		struct addr to;

		ASSERT_EQ(0, setsockopt(self->client, SOL_SOCKET, SO_BINDTODEVICE, name,
					strlen(name) + 1));
		to = address(variant->family, 77 + i % 2, 2, 7000);
		EXPECT_EQ(1, echo(self->server, self->client, &to, self->in[i % 2]));
		ASSERT_EQ(0, connect(self->client, &nobody, sizeof(nobody)));
	}
}

/* Likewise by an address that is of one device. */
TEST_F(socket_device, unprivileged_connects_by_it)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	if (variant->family != AF_INET6)
		SKIP(return, "is about IPv6");
	ASSERT_EQ(0, seteuid(1234));
	for (int i = 0; i < 4; i++) {
		struct addr to = addr_make(AF_INET6, i % 2 ? "fe80::78:2" : "fe80::77:2", 7000);

		to.v6.sin6_scope_id = self->out[i % 2];
		sock_connect(self->client, &to);
		EXPECT_EQ(1, echo(self->server, self->client, &to, self->in[i % 2]));
		ASSERT_EQ(0, connect(self->client, &nobody, sizeof(nobody)));
	}
}

/* IP_UNICAST_IF and IPV6_UNICAST_IF: of all messages, also to who is known already. */
TEST_F(socket_device, of_all_messages)
{
	const int level = variant->family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	const int option = variant->family == AF_INET ? IP_UNICAST_IF : IPV6_UNICAST_IF;
	int fd = sock_bound(&self->loop, NULL);

	for (int i = 0; i < 6; i++) {
		int device = htonl(i % 3 == 2 ? 0 : self->out[i % 2]), back = 0;
		socklen_t len = sizeof(back);

		set_ip(fd, variant->family, IP_UNICAST_IF, IPV6_UNICAST_IF, &device,
		       sizeof(device));
		ASSERT_EQ(0, getsockopt(fd, level, option, &back, &len));
		EXPECT_EQ(device, back);
		ASSERT_EQ(1, sock_sendto(fd, &(char){ i }, 1, 0, &self->to));
		EXPECT_EQ(self->in[device && i % 2], came_by(self->server, i, NULL))
			TH_LOG("message %d", i);
		sock_wait_settled(fd);
	}
	/* A message may name another one. */
	ASSERT_EQ(1, send_by(fd, 'x', &self->to, NULL, self->out[0]));
	EXPECT_EQ(self->in[0], came_by(self->server, 'x', NULL));
	EXPECT_EQ(0, close(fd));
}

TEST_F(socket_device, unicast_if_refused)
{
	int device = htonl(4711);
	const int level = variant->family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	const int option = variant->family == AF_INET ? IP_UNICAST_IF : IPV6_UNICAST_IF;

	EXPECT_EQ(-1, setsockopt(self->client, level, option, &device, sizeof(device)));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
	device = htonl(self->out[0]);
	EXPECT_EQ(-1, setsockopt(self->client, level, option, &device, 1));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(0, setsockopt(self->client, SOL_SOCKET, SO_BINDTOIFINDEX, &self->out[1],
				sizeof(int)));
	EXPECT_EQ(-1, setsockopt(self->client, level, option, &device, sizeof(device)));
	EXPECT_EQ(EINVAL, errno);
}

/* IPV6_PKTINFO as an option: for all messages, and none may name another one. */
TEST_F(socket_device, sticky)
{
	struct in6_pktinfo info = {};
	int fd = sock_bound(&self->loop, NULL);

	if (variant->family != AF_INET6)
		SKIP(return, "is about IPv6");
	for (int i = 0; i < 6; i++) {
		info.ipi6_ifindex = self->out[i % 2];
		ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info)));
		ASSERT_EQ(1, sock_sendto(fd, &(char){ i }, 1, 0, &self->to));
		EXPECT_EQ(self->in[i % 2], came_by(self->server, i, NULL));
		sock_wait_settled(fd);
	}
	EXPECT_EQ(-1, send_by(fd, 'x', &self->to, NULL, self->out[0]));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, setsockopt(fd, IPPROTO_IPV6, IPV6_PKTINFO, &info, 4));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, close(fd));
}

/* A link-local address needs a device, which may be named in each of these ways. */
TEST_F(socket_device, link_local)
{
	struct addr to[2] = {
		addr_make(AF_INET6, "fe80::77:2", 7000),
		addr_make(AF_INET6, "fe80::78:2", 7000),
	};
	struct addr scoped[2] = { to[0], to[1] }, from;

	if (variant->family != AF_INET6)
		SKIP(return, "is about IPv6");
	if (may_take_another(variant->family))
		SKIP(return, "without memory IPv6 may take another address");
	for (int i = 0; i < 2; i++)
		scoped[i].v6.sin6_scope_id = self->out[i];
	for (int i = 0; i < 4; i++) {
		ASSERT_EQ(1, send_by(self->client, i, &to[i % 2], NULL, self->out[i % 2]));
		EXPECT_EQ(self->in[i % 2], came_by(self->server, i, &from));
		EXPECT_EQ(self->in[i % 2], from.v6.sin6_scope_id);
		/* Here and there. */
		ASSERT_EQ(1, send_by(self->server, i, &from, NULL, self->in[i % 2]));
		ASSERT_EQ(1, recv(self->client, &(char){ 0 }, 1, 0));
		ASSERT_EQ(1, send_by(self->client, i, &scoped[i % 2], NULL, self->out[i % 2]));
		EXPECT_EQ(self->in[i % 2], came_by(self->server, i, NULL));
		ASSERT_EQ(1, sock_sendto(self->client, &(char){ i }, 1, 0, &scoped[i % 2]));
		EXPECT_EQ(self->in[i % 2], came_by(self->server, i, NULL));
	}
	/* Two that are not the same. */
	EXPECT_EQ(-1, send_by(self->client, 'x', &scoped[0], NULL, self->out[1]));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, send_by(self->client, 'x', &to[0], NULL, 4711));
	EXPECT_EQ(ENODEV, errno);
}

/* By an option; a control message comes before IPV6_UNICAST_IF. */
TEST_F(socket_device, link_local_by_option)
{
	struct addr to[2] = {
		addr_make(AF_INET6, "fe80::77:2", 7000),
		addr_make(AF_INET6, "fe80::78:2", 7000),
	};
	struct in6_pktinfo info = {};
	int device;

	if (variant->family != AF_INET6)
		SKIP(return, "is about IPv6");
	if (may_take_another(variant->family))
		SKIP(return, "without memory IPv6 may take another address");
	device = htonl(self->out[1]);
	set_ip(self->client, AF_INET6, 0, IPV6_UNICAST_IF, &device, sizeof(device));
	ASSERT_EQ(1, sock_sendto(self->client, "1", 1, 0, &to[1]));
	EXPECT_EQ(self->in[1], came_by(self->server, '1', NULL));
	ASSERT_EQ(1, send_by(self->client, '2', &to[0], NULL, self->out[0]));
	EXPECT_EQ(self->in[0], came_by(self->server, '2', NULL));
	info.ipi6_ifindex = self->out[0];
	set_ip(self->client, AF_INET6, 0, IPV6_PKTINFO, &info, sizeof(info));
	ASSERT_EQ(1, sock_sendto(self->client, "3", 1, 0, &to[0]));
	EXPECT_EQ(self->in[0], came_by(self->server, '3', NULL));
	EXPECT_EQ(-1, send_by(self->client, 'x', &to[1], NULL, self->out[1]));
	EXPECT_EQ(EINVAL, errno);
}

/* None is named: UDP tries them one after the other. */
TEST_F(socket_device, link_local_by_none)
{
	struct addr to = addr_make(AF_INET6, "fe80::77:2", 7000);
	int hops = 7;

	if (variant->family != AF_INET6)
		SKIP(return, "is about IPv6");
	if (sock_is_udp())
		SKIP(return, "UDP chooses one");
	EXPECT_EQ(-1, sock_sendto(self->client, "x", 1, 0, &to));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, control_send(self->client, 'x', &to, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops,
				   sizeof(hops)));
	EXPECT_EQ(EINVAL, errno);
}

/* An address of ours that is not of that device. */
TEST_F(socket_device, address_of_another)
{
	struct addr local[2] = {
		addr_make(AF_INET6, "fe80::77:1", 0),
		addr_make(AF_INET6, "fe80::78:1", 0),
	};
	struct addr foreign = address(variant->family, 99, 1, 0), from;

	EXPECT_EQ(-1, send_by(self->client, 'x', &self->to, &foreign, self->out[0]));
	EXPECT_EQ(variant->family == AF_INET ? ENETUNREACH : EINVAL, errno);
	if (variant->family != AF_INET6)
		return;
	for (int i = 0; i < 2; i++) {
		struct addr to = addr_make(AF_INET6, i ? "fe80::78:2" : "fe80::77:2", 7000);

		ASSERT_EQ(1, send_by(self->client, i, &to, &local[i], self->out[i]));
		EXPECT_EQ(self->in[i], came_by(self->server, i, &from));
		local[i].v6.sin6_scope_id = self->in[i];
		EXPECT_TRUE(same_host(&local[i], &from));
		EXPECT_EQ(-1, send_by(self->client, 'x', &to, &local[!i], self->out[i]));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(-1, send_by(self->client, 'x', &self->to, &local[i], 0));
		EXPECT_EQ(EINVAL, errno);
	}
}

/* A mark that a socket gets later chooses another route. */
TEST_F(socket_device, of_the_mark)
{
	int fd = sock_bound(&self->loop, NULL);
	const char *v = variant->family == AF_INET ? "-4" : "-6";

	shell("ip %s route add default via %s table 42", v,
	      variant->family == AF_INET ? "10.78.0.2" : "fd78::2");
	shell("ip %s rule add pref 10 fwmark 42 lookup 42", v);
	for (int i = 0; i < 6; i++) {
		sock_set(fd, SO_MARK, i % 2 ? 42 : 0);
		ASSERT_EQ(1, sock_sendto(fd, &(char){ i }, 1, 0, &self->to));
		EXPECT_EQ(self->in[i % 2], came_by(self->server, i, NULL))
			TH_LOG("message %d", i);
		sock_wait_settled(fd);
	}
	EXPECT_EQ(0, close(fd));
}

/* That of one message chooses none. */
TEST_F(socket_device, mark_of_one)
{
	const struct addr unknown = address(variant->family, 79, 2, 7001);
	u32 mark = 42;

	if (sock_is_udp())
		SKIP(return, "UDP asks for a route");
	shell("ip %s rule add pref 5 fwmark 42 unreachable",
	      variant->family == AF_INET ? "-4" : "-6");
	ASSERT_EQ(1, control_send(self->client, '1', &self->to, SOL_SOCKET, SO_MARK, &mark,
				  sizeof(mark)));
	EXPECT_EQ(self->in[0], came_by(self->server, '1', NULL));
	/* The socket's would. */
	sock_set(self->client, SO_MARK, 42);
	EXPECT_EQ(-1, sock_sendto(self->client, "x", 1, 0, &unknown));
}

/* How long ago a neighbour was heard from, as far as the kernel knows; s. */
static int heard_ago(const char *neighbour)
{
	char command[128], line[256] = "";
	const char *used;
	int ago = -1;
	FILE *f;

	snprintf(command, sizeof(command), "ip -s neighbour show %s", neighbour);
	f = popen(command, "r");
	if (!f || !fgets(line, sizeof(line), f))
		return -1;
	pclose(f);
	used = strstr(line, "used ");
	return used && sscanf(used, "used %*d/%d/", &ago) == 1 ? ago : -1;
}

/* Who has heard from it says so (MSG_CONFIRM); the kernel believes a new one to have been
 * heard from a minute ago.
 */
TEST_F(socket_device, confirms_the_neighbour)
{
	const char *neighbour = variant->family == AF_INET ? "10.77.0.2" : "fd77::2";
	struct addr near = address(variant->family, 77, 2, 7000);

	shell("ip neighbour replace %s lladdr %s dev eth0 nud stale", neighbour, NEIGHBOUR);
	ASSERT_EQ(1, sock_sendto(self->client, "1", 1, 0, &near));
	EXPECT_EQ(self->in[0], came_by(self->server, '1', NULL));
	EXPECT_LE(30, heard_ago(neighbour));
	ASSERT_EQ(1, sock_sendto(self->client, "2", 1, MSG_CONFIRM, &near));
	EXPECT_EQ(self->in[0], came_by(self->server, '2', NULL));
	EXPECT_GT(30, heard_ago(neighbour));
	EXPECT_LE(0, heard_ago(neighbour));
}

/* Messages that are on their way at the same time, each asking for another one: all arrive,
 * in order.
 */
TEST_F(socket_device, all_at_once)
{
	int fd = sock_bound(&self->loop, NULL);

	if (sock_is_udp())
		SKIP(return, "UDP promises no order");
	for (int i = 0; i < 100; i++)
		ASSERT_EQ(1, send_by(fd, i, &self->to, NULL, i % 3 == 2 ? 0 : self->out[i % 3]));
	for (int i = 0; i < 100; i++)
		ASSERT_NE(0, came_by(self->server, i, NULL));
	EXPECT_EQ(0, close(fd));
}

/* It is gone after the message: what follows of ours, acks among it, finds another way. */
TEST_F(socket_device, gone)
{
	int fd = sock_bound(&self->loop, NULL);
	struct addr from;
	char byte;

	ASSERT_EQ(1, send_by(fd, '1', &self->to, &self->loop, self->out[1]));
	EXPECT_EQ(self->in[1], came_by(self->server, '1', &from));
	sock_wait_settled(fd);
	shell("ip link delete eth1");
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(1, sock_sendto(self->server, "x", 1, 0, &from));
		ASSERT_EQ(1, recv(fd, &byte, 1, 0));
		sock_wait_settled(self->server);
	}
	EXPECT_EQ(0, close(fd));
}

TEST_HARNESS_MAIN
