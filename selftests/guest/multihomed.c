// SPDX-License-Identifier: GPL-2.0-only
/* A socket that has several addresses, and one that talks to all of them. */
#include <poll.h>

#include "kselftest_harness.h"
#include "control.h"
#include "counter.h"
#include "message.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

#define ADDRESSES	3
#define PORT		7000
#define MESSAGES	300
#define LEN		200

FIXTURE(multihomed) {
	int server, client;
	struct addr at[ADDRESSES], name;
};

FIXTURE_VARIANT(multihomed) {
	int family;
	const char *net;
};

FIXTURE_VARIANT_ADD(multihomed, v4) { .family = AF_INET, .net = "10.0.0." };
FIXTURE_VARIANT_ADD(multihomed, v6) { .family = AF_INET6, .net = "fd00::" };

static struct addr address(const char *net, int n, int family, u16 port)
{
	char text[INET6_ADDRSTRLEN];

	snprintf(text, sizeof(text), "%s%d", net, n);
	return addr_make(family, text, port);
}

static void give(const char *net, int n, int family)
{
	if (family == AF_INET)
		shell("ip address add %s%d/32 dev lo", net, n);
	else
		shell("ip address add %s%d/128 dev lo nodad", net, n);
}

FIXTURE_SETUP(multihomed)
{
	struct addr any = addr_any(variant->family, PORT);
	struct addr from = address(variant->net, 9, variant->family, 0);

	net_isolate();
	give(variant->net, 9, variant->family);
	for (int i = 0; i < ADDRESSES; i++) {
		give(variant->net, i + 1, variant->family);
		self->at[i] = address(variant->net, i + 1, variant->family, PORT);
	}
	self->server = sock_bound(&any, NULL);
	self->client = sock_bound(&from, &self->name);
}

FIXTURE_TEARDOWN(multihomed)
{
	close(self->client);
	close(self->server);
}

/* All messages of all streams, each in its order; none is returned. */
static bool receive_all(int fd)
{
	u32 next[ADDRESSES] = {};
	u8 in[LEN + 1];

	for (int i = 0; i < MESSAGES; i++) {
		int which;

		if (sock_recvfrom(fd, in, sizeof(in), 0, NULL) != LEN)
			return false;
		for (which = 0; which < ADDRESSES; which++)
			if (message_check(in, LEN, which, next[which]))
				break;
		if (which == ADDRESSES)
			return false;
		next[which]++;
	}
	return true;
}

static bool send_to_all(int fd, const struct addr *at, int pause_us)
{
	u8 out[LEN];

	for (int i = 0; i < MESSAGES; i++) {
		message_make(out, LEN, i % ADDRESSES, i / ADDRESSES);
		if (sock_sendto(fd, out, LEN, 0, &at[i % ADDRESSES]) != LEN)
			return false;
		if (pause_us)
			usleep(pause_us);
	}
	return true;
}

TEST_F(multihomed, by_all_addresses_in_turn)
{
	struct rdgram_stats stats;

	ASSERT_TRUE(send_to_all(self->client, self->at, 0));
	ASSERT_TRUE(receive_all(self->server));
	/* Once more, when all links are up. */
	ASSERT_TRUE(send_to_all(self->client, self->at, 1000));
	ASSERT_TRUE(receive_all(self->server));
	sock_wait_settled(self->client);
	sock_stats(self->client, &stats);
	EXPECT_EQ(2 * MESSAGES, stats.messages_delivered);
	EXPECT_EQ(0, stats.links_died);
	EXPECT_EQ(ADDRESSES, stats.links_opened);
}

TEST_F(multihomed, answers_reach_the_one_that_asked)
{
	u8 in[LEN + 1];

	for (int i = 0; i < 30; i++) {
		struct addr from;

		ASSERT_EQ(1, sock_sendto(self->client, "?", 1, 0, &self->at[i % ADDRESSES]));
		ASSERT_EQ(1, sock_recvfrom(self->server, in, sizeof(in), 0, &from));
		ASSERT_TRUE(addr_equal(&from, &self->name));
		ASSERT_EQ(1, sock_sendto(self->server, "!", 1, 0, &from));
		ASSERT_EQ(1, sock_recvfrom(self->client, in, sizeof(in), 0, NULL));
	}
}

/* The server speaks first, from whichever address, and is then asked at another. */
TEST_F(multihomed, speaks_first)
{
	u8 in[LEN + 1];

	ASSERT_EQ(1, sock_sendto(self->server, "!", 1, 0, &self->name));
	ASSERT_EQ(1, sock_recvfrom(self->client, in, sizeof(in), 0, NULL));
	ASSERT_TRUE(send_to_all(self->client, self->at, 0));
	ASSERT_TRUE(receive_all(self->server));
	ASSERT_EQ(1, sock_sendto(self->server, "!", 1, 0, &self->name));
	ASSERT_EQ(1, sock_recvfrom(self->client, in, sizeof(in), 0, NULL));
}

#define LEFT	8
static u8 large[60000];

/* A socket is closed that has more to say than the client has room for before it reads. */
static bool close_unfinished(int fd, int client, const struct addr *to)
{
	sock_set(fd, SO_SNDBUFFORCE, 1 << 20);
	for (int i = 0; i < LEFT; i++)
		if (sock_sendto(fd, large, sizeof(large), 0, to) != sizeof(large))
			return false;
	sock_wait(client, POLLIN);
	return !close(fd);
}

/* What a socket that is closed has left to say keeps the next one from speaking, but not for
 * ever: be it that this one is asked, meanwhile, at another address.
 */
TEST_F(multihomed, speaks_after_another)
{
	struct addr any = addr_any(variant->family, PORT), from;
	u8 in[LEN + 1];
	int said = 0;

	ASSERT_TRUE(close_unfinished(self->server, self->client, &self->name));
	self->server = sock_bound(&any, NULL);
	ASSERT_EQ(1, sock_sendto(self->server, "!", 1, 0, &self->name));
	/* By the routes it is from one of these addresses, and from none of the others. */
	for (int i = 0; i < ADDRESSES; i++) {
		ASSERT_EQ(1, sock_sendto(self->client, "?", 1, 0, &self->at[i]));
		ASSERT_EQ(1, sock_recvfrom(self->server, in, sizeof(in), 0, &from));
		EXPECT_TRUE(addr_equal(&from, &self->name));
	}
	/* From there it is another one's, and may come before. */
	for (int i = 0; i < LEFT + 1; i++) {
		ssize_t n = recv(self->client, large, sizeof(large), 0);

		ASSERT_TRUE(n == sizeof(large) || (n == 1 && large[0] == '!'));
		said += n == 1;
	}
	EXPECT_EQ(1, said);
}

static int sharing(const struct addr *at)
{
	int fd = sock_new(at->sa.sa_family);

	sock_set(fd, SO_REUSEPORT, 1);
	if (bind(fd, &at->sa, at->len))
		abort();
	return fd;
}

/* Of three at one address the first is closed, and has something left to say; the second one
 * has said what it had to, and is none of those who wait.
 */
TEST_F(multihomed, speaks_after_one_beside_another)
{
	struct addr at = address(variant->net, 1, variant->family, PORT + 1);
	int fd[3] = { sharing(&at), sharing(&at), sharing(&at) };
	u8 in[LEN + 1];

	ASSERT_EQ(1, sock_sendto(fd[1], "?", 1, 0, &self->name));
	ASSERT_EQ(1, recv(self->client, in, sizeof(in), 0));
	sock_wait_settled(fd[1]);
	ASSERT_TRUE(close_unfinished(fd[0], self->client, &self->name));
	ASSERT_EQ(1, sock_sendto(fd[2], "!", 1, 0, &self->name));
	for (int i = 0; i < LEFT; i++)
		ASSERT_EQ(sizeof(large), recv(self->client, large, sizeof(large), 0));
	ASSERT_EQ(1, recv(self->client, in, sizeof(in), 0));
	EXPECT_EQ('!', in[0]);
	close(fd[1]);
	close(fd[2]);
}

/* By two addresses of a socket that is closed, and by two of the next one, each of which waits
 * for one of those; the one that was made first for the one that is over first.
 */
TEST_F(multihomed, speaks_after_another_by_two_addresses)
{
	struct addr any = addr_any(variant->family, PORT);
	int heard = 0;

	sock_set(self->server, SO_SNDBUFFORCE, 1 << 20);
	for (int i = 0; i < LEFT; i++)
		ASSERT_EQ(sizeof(large), control_send_from(self->server, large, sizeof(large),
							   &self->name, &self->at[0]));
	sock_wait(self->client, POLLIN);
	large[0] = '1';
	ASSERT_EQ(sizeof(large), control_send_from(self->server, large, sizeof(large), &self->name,
						   &self->at[1]));
	large[0] = 0;
	close(self->server);
	ASSERT_EQ(2, counter_ours("orphan_peers"));
	self->server = sock_bound(&any, NULL);
	ASSERT_EQ(1, control_send_from(self->server, "a", 1, &self->name, &self->at[0]));
	ASSERT_EQ(1, control_send_from(self->server, "b", 1, &self->name, &self->at[1]));
	for (int i = 0; i < LEFT + 3; i++) {
		ssize_t n = recv(self->client, large, sizeof(large), 0);

		ASSERT_TRUE(n == sizeof(large) || n == 1);
		heard += large[0];
		large[0] = 0;
	}
	EXPECT_EQ('1' + 'a' + 'b', heard);
}

TEST_HARNESS_MAIN
