// SPDX-License-Identifier: GPL-2.0-only
/*
 * A NAT forgets its mapping in mid-stream and gives another: the stream goes on.
 * Who only seems to be elsewhere moves nothing.
 *
 * timeout: 600
 * soak: two minutes
 * coverage: peers that move
 * needs: nft
 */
#include <errno.h>
#include <poll.h>
#include <time.h>
#include <linux/errqueue.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "flow.h"
#include "message.h"
#include "nat.h"
#include "raw.h"
#include "shell.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define PATH		"delay 5ms"
#define PORT		7000		/* the server's, and each client's own */
#define SECOND		(FLOW_PORT + 20)
#define MESSAGES	3000
#define REBINDS		6

#define DATA		4		/* what a packet of a link begins with */
#define NUMBER_AT	12

FIXTURE(rebind) {
	struct nat nat;
	int client, neighbour, server;
	struct addr to;			/* the server */
};

FIXTURE_VARIANT(rebind) {
	int family;
};

FIXTURE_VARIANT_ADD(rebind, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(rebind, v6) { .family = AF_INET6 };

FIXTURE_SETUP(rebind)
{
	nat_open(&self->nat, PATH);
	nat_map(&self->nat, NAT_CLIENT, 0, FLOW_PORT);
	self->client = nat_socket(&self->nat, NAT_CLIENT, variant->family, PORT);
	self->neighbour = nat_socket(&self->nat, NAT_NEIGHBOUR, variant->family, PORT);
	self->server = nat_socket(&self->nat, NAT_SERVER, variant->family, PORT);
	self->to = nat_addr(NAT_SERVER, variant->family, PORT);
}

FIXTURE_TEARDOWN(rebind)
{
	close(self->client);
	close(self->neighbour);
	close(self->server);
}

static void pass_time(int ms)
{
	poll(NULL, 0, ms);
}

/* A message of one byte arrives; where it seems to be from. */
static bool says(int from, const struct addr *to, int at, u8 what, struct addr *source)
{
	struct timeval patience = { .tv_sec = 20 };
	u8 heard = ~what;
	bool good;

	if (sock_sendto(from, &what, 1, 0, to) != 1) {
		printf("# %u is not sent: %s\n", what, strerror(errno));
		return false;
	}
	setsockopt(at, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	good = sock_recvfrom(at, &heard, 1, 0, source) == 1 && heard == what;
	if (!good)
		printf("# %u does not arrive\n", what);
	return good;
}

/* The same, until the handshake is over on both sides: a cookie binds an address. */
static bool first_contact(int from, const struct addr *to, int at, u8 what, struct addr *source)
{
	bool good = says(from, to, at, what, source);

	sock_wait_settled(from);
	return good;
}

static bool hears_nothing(int fd)
{
	u8 byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static size_t stream_len(u64 sender, u64 index)
{
	return MESSAGE_HEADER + message_hash(sender, index) % 3000;
}

static bool send_all(void *arg)
{
	return flow_send(arg);
}

/* Ports of the first address and of another one, each only once. */
static void rebind_often(struct nat *nat)
{
	for (int i = 1; i <= REBINDS; i++) {
		pass_time(60);
		nat_map(nat, NAT_CLIENT, i / 2 % NAT_OUTSIDE, FLOW_PORT + 100 + i);
	}
}

static u64 paths_changed(int fd)
{
	struct rdgram_stats s;

	sock_stats(fd, &s);
	return s.paths_changed;
}

TEST_F_TIMEOUT(rebind, stream_of_the_client, 100000)
{
	struct flow_check check = { .len = stream_len };
	struct flow flow = {
		.fd = self->client, .to = self->to, .count = MESSAGES, .len = stream_len,
	};
	struct rdgram_stats s;
	pid_t sender, receiver = 0;

	sender = worker_start(send_all, &flow);
	receiver = fork();
	if (!receiver) {
		rebind_often(&self->nat);
		_exit(0);
	}
	/* flow_take() knows the sender by its port, the first one, to the end. */
	ASSERT_TRUE(flow_receive(self->server, &check, MESSAGES));
	EXPECT_TRUE(worker_join(sender));
	EXPECT_TRUE(worker_join(receiver));
	sock_wait_settled(self->client);
	EXPECT_TRUE(flow_nothing_more(self->server));
	sock_stats(self->server, &s);
	printf("# the path was changed %llu times\n", s.paths_changed);
	EXPECT_LE(REBINDS - 1, s.paths_changed);
	EXPECT_EQ(1, s.peers);
	sock_stats(self->client, &s);
	EXPECT_EQ(0, s.paths_changed);
	EXPECT_EQ(1, s.links_opened);
	EXPECT_EQ(MESSAGES, s.messages_delivered);
}

/* What the client sends is acks alone: what is on its way keeps them coming. */
TEST_F_TIMEOUT(rebind, stream_of_the_server, 100000)
{
	struct flow_check check = { .len = stream_len };
	struct flow flow = { .fd = self->server, .count = MESSAGES, .len = stream_len };
	struct rdgram_stats s;
	pid_t sender, nat;

	/* The server is sender PORT - FLOW_PORT to flow_take(): it has to be below 64. */
	close(self->server);
	self->server = nat_socket(&self->nat, NAT_SERVER, variant->family, FLOW_PORT);
	self->to = nat_addr(NAT_SERVER, variant->family, FLOW_PORT);
	ASSERT_TRUE(says(self->client, &self->to, self->server, 1, &flow.to));
	sender = worker_start(send_all, &flow);
	nat = fork();
	if (!nat) {
		rebind_often(&self->nat);
		_exit(0);
	}
	ASSERT_TRUE(flow_receive(self->client, &check, MESSAGES));
	EXPECT_TRUE(worker_join(sender));
	EXPECT_TRUE(worker_join(nat));
	sock_wait_settled(self->server);
	EXPECT_TRUE(flow_nothing_more(self->client));
	sock_stats(self->server, &s);
	printf("# the path was changed %llu times\n", s.paths_changed);
	EXPECT_LE(1, s.paths_changed);
	EXPECT_EQ(MESSAGES, s.messages_delivered);
}

TEST_F_TIMEOUT(rebind, old_and_new_address_reach_the_peer, 100000)
{
	const struct addr first = nat_seen(&self->nat, NAT_CLIENT, variant->family);
	struct addr from, now;
	struct rdgram_stats s;

	ASSERT_TRUE(first_contact(self->client, &self->to, self->server, 1, &from));
	EXPECT_TRUE(addr_equal(&from, &first));
	for (int i = 1; i <= 3; i++) {
		nat_map(&self->nat, NAT_CLIENT, i % NAT_OUTSIDE, FLOW_PORT + i);
		now = nat_seen(&self->nat, NAT_CLIENT, variant->family);
		ASSERT_TRUE(says(self->client, &self->to, self->server, 2, &from));
		EXPECT_TRUE(addr_equal(&from, &first));
		pass_time(200);
		EXPECT_EQ(i, paths_changed(self->server));
		EXPECT_TRUE(says(self->server, &first, self->client, 3, NULL));
		EXPECT_TRUE(says(self->server, &now, self->client, 4, NULL));
	}
	/* And back to where it was first. */
	nat_map(&self->nat, NAT_CLIENT, 0, FLOW_PORT);
	ASSERT_TRUE(says(self->client, &self->to, self->server, 5, &from));
	pass_time(200);
	EXPECT_TRUE(addr_equal(&from, &first));
	EXPECT_TRUE(says(self->server, &first, self->client, 6, NULL));
	EXPECT_EQ(4, paths_changed(self->server));
	sock_stats(self->server, &s);
	EXPECT_EQ(1, s.peers);
	EXPECT_EQ(1, s.links_opened);
	sock_stats(self->client, &s);
	EXPECT_EQ(1, s.links_opened);
}

static bool restarted(int fd, const struct addr *who)
{
	struct addr about = { .len = sizeof(about.all) };
	char control[256];
	struct msghdr msg = {
		.msg_name = &about.all, .msg_namelen = sizeof(about.all),
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct sock_extended_err e;
	struct cmsghdr *c;

	if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	about.len = msg.msg_namelen;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || !addr_equal(&about, who))
		return false;
	memcpy(&e, CMSG_DATA(c), sizeof(e));
	return e.ee_origin == RDGRAM_EE_ORIGIN && e.ee_type == RDGRAM_RESTART;
}

/* The NAT gives the client's old mapping to its neighbour. */
TEST_F_TIMEOUT(rebind, old_mapping_is_reused, 100000)
{
	const struct addr first = nat_seen(&self->nat, NAT_CLIENT, variant->family);
	const u32 notices = RDGRAM_NOTICE_PEER;
	struct addr from, second;
	struct rdgram_stats s;

	ASSERT_EQ(0, setsockopt(self->server, SOL_RDGRAM, RDGRAM_NOTICES, &notices,
				sizeof(notices)));
	ASSERT_TRUE(first_contact(self->client, &self->to, self->server, 1, &from));
	nat_map(&self->nat, NAT_CLIENT, 1, SECOND);
	second = nat_seen(&self->nat, NAT_CLIENT, variant->family);
	ASSERT_TRUE(says(self->client, &self->to, self->server, 2, &from));
	EXPECT_TRUE(addr_equal(&from, &first));
	pass_time(200);
	EXPECT_FALSE(restarted(self->server, &first));

	nat_map(&self->nat, NAT_NEIGHBOUR, 0, FLOW_PORT);
	ASSERT_TRUE(says(self->neighbour, &self->to, self->server, 3, &from));
	EXPECT_TRUE(addr_equal(&from, &first));
	EXPECT_TRUE(restarted(self->server, &first));
	EXPECT_TRUE(says(self->server, &first, self->neighbour, 4, NULL));
	/* The one that moved is known by where it is, and lost nothing. */
	ASSERT_TRUE(says(self->client, &self->to, self->server, 5, &from));
	EXPECT_TRUE(addr_equal(&from, &second));
	EXPECT_TRUE(says(self->server, &second, self->client, 6, NULL));
	EXPECT_TRUE(hears_nothing(self->neighbour));
	sock_stats(self->server, &s);
	EXPECT_EQ(2, s.peers);
	EXPECT_EQ(2, s.links_opened);
	sock_stats(self->client, &s);
	EXPECT_EQ(1, s.links_opened);
}

/* The client seems to be where its neighbour is: it is not believed. */
TEST_F_TIMEOUT(rebind, address_of_another_peer_is_not_taken, 100000)
{
	const struct addr first = nat_seen(&self->nat, NAT_CLIENT, variant->family);
	struct addr from, other;

	nat_map(&self->nat, NAT_NEIGHBOUR, 1, SECOND);
	other = nat_seen(&self->nat, NAT_NEIGHBOUR, variant->family);
	ASSERT_TRUE(first_contact(self->client, &self->to, self->server, 1, &from));
	ASSERT_TRUE(first_contact(self->neighbour, &self->to, self->server, 2, &from));
	EXPECT_TRUE(addr_equal(&from, &other));

	nat_map(&self->nat, NAT_NEIGHBOUR, 0, 0);
	nat_map(&self->nat, NAT_CLIENT, 1, SECOND);
	EXPECT_TRUE(says(self->client, &self->to, self->server, 3, &from));
	EXPECT_TRUE(addr_equal(&from, &first));
	pass_time(100);
	EXPECT_EQ(0, paths_changed(self->server));
	nat_enter(&self->nat, NAT_SERVER);
	EXPECT_LT(0, counter_ours("path_refused"));

	nat_map(&self->nat, NAT_CLIENT, 0, FLOW_PORT);
	nat_map(&self->nat, NAT_NEIGHBOUR, 1, SECOND);
	EXPECT_TRUE(says(self->server, &first, self->client, 4, NULL));
	/* A NAT lets nobody in to whom nobody has spoken. */
	EXPECT_TRUE(says(self->neighbour, &self->to, self->server, 5, &from));
	EXPECT_TRUE(addr_equal(&from, &other));
	EXPECT_TRUE(says(self->server, &other, self->neighbour, 6, NULL));
}

/* Where the client is now it was once before, as another peer that nobody uses any more. */
TEST_F_TIMEOUT(rebind, idle_peer_gives_way, 100000)
{
	const struct addr first = nat_seen(&self->nat, NAT_CLIENT, variant->family);
	struct addr from, second;
	struct rdgram_stats s;

	nat_map(&self->nat, NAT_CLIENT, 1, SECOND);
	second = nat_seen(&self->nat, NAT_CLIENT, variant->family);
	ASSERT_TRUE(first_contact(self->client, &self->to, self->server, 1, &from));
	EXPECT_TRUE(addr_equal(&from, &second));
	pass_time(60000);
	nat_map(&self->nat, NAT_CLIENT, 0, FLOW_PORT);
	ASSERT_TRUE(first_contact(self->client, &self->to, self->server, 2, &from));
	EXPECT_TRUE(addr_equal(&from, &first));

	nat_map(&self->nat, NAT_CLIENT, 1, SECOND);
	ASSERT_TRUE(says(self->client, &self->to, self->server, 3, &from));
	EXPECT_TRUE(addr_equal(&from, &first));
	pass_time(200);
	EXPECT_EQ(1, paths_changed(self->server));
	EXPECT_TRUE(says(self->server, &first, self->client, 4, NULL));
	EXPECT_TRUE(says(self->server, &second, self->client, 5, NULL));
	sock_wait_settled(self->client);
	sock_stats(self->server, &s);
	EXPECT_EQ(1, s.peers);
	sock_stats(self->client, &s);
	EXPECT_EQ(0, s.messages_in_doubt);
}

/* What the neighbour said may still be on its way: until that is too old to open a link
 * the server knows who was there.
 */
TEST_F_TIMEOUT(rebind, peer_that_has_just_gone_gives_way_later, 100000)
{
	struct addr from;
	struct rdgram_stats s;

	nat_map(&self->nat, NAT_NEIGHBOUR, 1, SECOND);
	ASSERT_TRUE(first_contact(self->client, &self->to, self->server, 1, &from));
	ASSERT_TRUE(first_contact(self->neighbour, &self->to, self->server, 2, &from));
	close(self->neighbour);
	pass_time(1000);
	nat_map(&self->nat, NAT_NEIGHBOUR, 0, 0);
	nat_map(&self->nat, NAT_CLIENT, 1, SECOND);
	ASSERT_TRUE(says(self->client, &self->to, self->server, 3, &from));
	pass_time(5000);
	EXPECT_EQ(0, paths_changed(self->server));
	pass_time(20000);
	EXPECT_EQ(1, paths_changed(self->server));
	sock_wait_settled(self->client);
	sock_stats(self->client, &s);
	EXPECT_EQ(0, s.messages_in_doubt);
	self->neighbour = nat_socket(&self->nat, NAT_NEIGHBOUR, variant->family, PORT);
}

TEST_F_TIMEOUT(rebind, connected_socket_hears_the_peer, 100000)
{
	const struct addr first = nat_seen(&self->nat, NAT_CLIENT, variant->family);
	struct addr from;

	sock_connect(self->server, &first);
	ASSERT_TRUE(first_contact(self->client, &self->to, self->server, 1, &from));
	nat_map(&self->nat, NAT_CLIENT, 1, SECOND);
	ASSERT_TRUE(says(self->client, &self->to, self->server, 2, &from));
	EXPECT_TRUE(addr_equal(&from, &first));
	pass_time(200);
	EXPECT_TRUE(says(self->server, NULL, self->client, 3, NULL));
	/* Who has the old mapping now is not the one it is connected to. */
	nat_map(&self->nat, NAT_NEIGHBOUR, 0, FLOW_PORT);
	ASSERT_EQ(1, sock_sendto(self->neighbour, "?", 1, 0, &self->to));
	pass_time(1000);
	EXPECT_TRUE(hears_nothing(self->server));
	EXPECT_TRUE(says(self->server, NULL, self->client, 4, NULL));
	EXPECT_TRUE(says(self->client, &self->to, self->server, 5, &from));
}

/* Nor has one that is there by a link of its own, and comes to have the old mapping. */
TEST_F_TIMEOUT(rebind, connected_socket_is_not_taken_over, 100000)
{
	struct addr first, other;

	ASSERT_TRUE(first_contact(self->client, &self->to, self->server, 1, &first));
	nat_map(&self->nat, NAT_NEIGHBOUR, 1, SECOND + 1);
	ASSERT_TRUE(first_contact(self->neighbour, &self->to, self->server, 2, &other));
	sock_connect(self->server, &first);
	nat_map(&self->nat, NAT_CLIENT, 1, SECOND);
	ASSERT_TRUE(says(self->client, &self->to, self->server, 3, NULL));
	pass_time(200);
	nat_map(&self->nat, NAT_NEIGHBOUR, 0, FLOW_PORT);
	ASSERT_EQ(1, sock_sendto(self->neighbour, "?", 1, 0, &self->to));
	pass_time(1000);
	EXPECT_TRUE(hears_nothing(self->server));
	/* The NAT has forgotten where the client is, too. */
	EXPECT_TRUE(says(self->client, &self->to, self->server, 4, NULL));
	EXPECT_TRUE(says(self->server, NULL, self->client, 5, NULL));
}

/* A link that was idle has ended when the mapping changes: to the server it is
 * a first contact, and must be no worse than that.
 */
TEST_F_TIMEOUT(rebind, idle_link, 100000)
{
	struct addr from, second;

	for (u8 i = 0; i < 5; i++) {
		ASSERT_TRUE(says(self->client, &self->to, self->server, i, &from));
		ASSERT_TRUE(says(self->server, &from, self->client, i, NULL));
	}
	pass_time(60000);
	nat_map(&self->nat, NAT_CLIENT, 1, SECOND);
	second = nat_seen(&self->nat, NAT_CLIENT, variant->family);
	for (u8 i = 0; i < 5; i++) {
		ASSERT_TRUE(says(self->client, &self->to, self->server, i, &from));
		EXPECT_TRUE(addr_equal(&from, &second));
		ASSERT_TRUE(says(self->server, &from, self->client, i, NULL));
	}
}

/* The last packet of the link that the router gets from the client. */
static size_t last_packet(int tap, u8 *payload)
{
	u8 one[RAW_PAYLOAD];
	size_t last = 0;
	u16 from, to;
	ssize_t len;

	while ((len = raw_heard(tap, one, &from, &to)) >= 0) {
		if (to != PORT || from != PORT || one[0] != DATA)
			continue;
		memcpy(payload, one, len);
		last = len;
	}
	return last;
}

static u32 packets_to(int tap, u16 port, size_t *bytes)
{
	u8 one[RAW_PAYLOAD];
	u32 count = 0;
	u16 from, to;
	ssize_t len;

	*bytes = 0;
	while ((len = raw_heard(tap, one, &from, &to)) >= 0) {
		if (to != port)
			continue;
		count++;
		*bytes += len;
	}
	return count;
}

#define PINGS 4

TEST_F_TIMEOUT(rebind, forged_source_moves_nothing, 100000)
{
	const char *const nobody = variant->family == AF_INET ? "10.80.2.77" : "fd80:2::77";
	const struct addr forged = addr_make(variant->family, nobody, 6666);
	const struct addr first = nat_seen(&self->nat, NAT_CLIENT, variant->family);
	static u8 packet[RAW_PAYLOAD], ping[18];
	struct rdgram_stats s;
	int raw, tap;
	struct addr from;
	size_t len, bytes;

	nat_enter(&self->nat, NAT_SERVER);
	/* What goes there leaves the server. */
	shell("ip neighbour replace %s lladdr 02:00:00:00:02:01 dev eth0 nud permanent", nobody);
	nat_enter(&self->nat, NAT_ROUTER);
	tap = raw_tap(variant->family);
	raw = raw_open(variant->family);
	ASSERT_TRUE(first_contact(self->client, &self->to, self->server, 1, &from));
	ASSERT_TRUE(says(self->server, &from, self->client, 2, NULL));
	ASSERT_TRUE(says(self->client, &self->to, self->server, 3, &from));
	pass_time(200);
	len = last_packet(tap, packet);
	ASSERT_LT(sizeof(ping), len);

	/* An old packet again, from elsewhere: not even asked about. */
	raw_send(raw, &forged, &self->to, packet, len);
	pass_time(5000);
	EXPECT_EQ(0, packets_to(tap, 6666, &bytes));
	/* The right id, and numbers that are newer than all: PINGs. One alone is shorter than
	 * what is asked: it is not answered.
	 */
	memcpy(ping, packet, 16);
	ping[2] = 0;
	ping[3] = 2;
	ping[NUMBER_AT + 3] += 100;
	ping[16] = 1;
	for (int i = 0; i < PINGS; i++, ping[NUMBER_AT + 3]++)
		raw_send(raw, &forged, &self->to, ping, sizeof(ping));
	pass_time(5000);
	EXPECT_LT(0, packets_to(tap, 6666, &bytes));
	EXPECT_GE(PINGS * sizeof(ping), bytes);
	sock_stats(self->server, &s);
	EXPECT_EQ(0, s.paths_changed);
	EXPECT_EQ(1, s.paths_failed);
	EXPECT_TRUE(says(self->server, &first, self->client, 4, NULL));
	EXPECT_TRUE(says(self->client, &self->to, self->server, 5, &from));
	EXPECT_TRUE(addr_equal(&from, &first));
	close(raw);
	close(tap);
}

TEST_HARNESS_MAIN
