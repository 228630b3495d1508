// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both sides speak first, at the same moment, and one of them is asked at another of its
 * addresses than the one it asks from: two links, of which none may take what is the other's.
 *
 * timeout: 300
 * needs: nft
 */
#include <poll.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "hosts.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

#define PATH	"delay 50ms"
#define PORT	7000

/* Whose handshake counts where two cross is up to chance. */
#define ROUNDS	16

FIXTURE(crossing) {
	struct hosts h;
	struct addr second;	/* of host 1; its packets leave from the first one */
	int a, b;
	struct addr of_a;
};

FIXTURE_VARIANT(crossing) {
	int family;
	const char *second, *bits;
};

FIXTURE_VARIANT_ADD(crossing, v4) { .family = AF_INET, .second = "10.79.0.1", .bits = "32" };
FIXTURE_VARIANT_ADD(crossing, v6) { .family = AF_INET6, .second = "fd79::1", .bits = "128" };

FIXTURE_SETUP(crossing)
{
	hosts_open(&self->h, PATH);
	hosts_enter(&self->h, 1);
	shell("ip address add %s/%s dev lo", variant->second, variant->bits);
	hosts_enter(&self->h, 0);
	shell("ip route add %s/%s via %s", variant->second, variant->bits,
	      variant->family == AF_INET ? "10.77.0.2" : "fd77::2");
	self->second = addr_make(variant->family, variant->second, PORT);
}

FIXTURE_TEARDOWN(crossing)
{
}

typedef FIXTURE_DATA(crossing) crossing_t;

static void meet(crossing_t *self, int family)
{
	const struct addr any = addr_any(family, PORT);

	self->a = hosts_socket(&self->h, 0, family, 0);
	self->of_a = sock_name(self->a);
	hosts_enter(&self->h, 1);
	self->b = sock_bound(&any, NULL);
	hosts_enter(&self->h, 0);
}

static void part(crossing_t *self)
{
	sock_set_linger(self->a, 0);
	sock_set_linger(self->b, 0);
	close(self->a);
	close(self->b);
}

/* One message, and no second one; 0: none. */
static char only_one(int fd)
{
	char one = 0, more;

	sock_set_timeout(fd, SO_RCVTIMEO, 20000);
	if (recv(fd, &one, 1, 0) != 1)
		return 0;
	poll(NULL, 0, 1000);
	return recv(fd, &more, 1, MSG_DONTWAIT) < 0 ? one : '2';
}

TEST_F_TIMEOUT(crossing, keeps_two_links_apart, 1000)
{
	for (int i = 0; i < ROUNDS; i++) {
		meet(self, variant->family);
		for (char c = 'a'; c < 'd'; c++) {
			ASSERT_EQ(1, sock_sendto(self->a, &c, 1, 0, &self->second));
			ASSERT_EQ(1, sock_sendto(self->b, &c, 1, 0, &self->of_a));
			EXPECT_EQ(c, only_one(self->a));
			EXPECT_EQ(c, only_one(self->b));
		}
		part(self);
	}
}

static bool hears(int fd, char what)
{
	char got = 0;

	sock_set_timeout(fd, SO_RCVTIMEO, 5000);
	return recv(fd, &got, 1, 0) == 1 && got == what;
}

/* A socket that is closed, and has something to deliver, asks, and is asked for the one that
 * is bound after it: what it has to say comes, and then what the next one has.
 */
TEST_F_TIMEOUT(crossing, of_one_that_is_closed, 1000)
{
	const struct addr first = hosts_addr(1, variant->family, PORT);
	u64 put_off;

	meet(self, variant->family);
	ASSERT_EQ(1, sock_sendto(self->b, "1", 1, 0, &self->of_a));
	close(self->b);
	hosts_enter(&self->h, 1);
	put_off = counter_ours("put_off");
	self->b = hosts_socket(&self->h, 1, variant->family, PORT);
	ASSERT_EQ(1, sock_sendto(self->a, "?", 1, 0, &first));
	EXPECT_TRUE(hears(self->b, '?'));
	ASSERT_EQ(1, sock_sendto(self->b, "2", 1, 0, &self->of_a));
	EXPECT_TRUE(hears(self->a, '1'));
	EXPECT_TRUE(hears(self->a, '2'));
	hosts_enter(&self->h, 1);
	EXPECT_LT(put_off, counter_ours("put_off"));
	part(self);
}

/* On both sides: neither waits for the other for long. */
TEST_F_TIMEOUT(crossing, of_two_that_are_closed, 1000)
{
	const struct addr to[2] = {
		hosts_addr(1, variant->family, PORT), hosts_addr(0, variant->family, PORT)
	};
	int fd[2];

	for (int i = 0; i < 2; i++) {
		fd[i] = hosts_socket(&self->h, i, variant->family, PORT);
		ASSERT_EQ(1, sock_sendto(fd[i], i ? "b" : "a", 1, 0, &to[i]));
	}
	for (int i = 0; i < 2; i++) {
		close(fd[i]);
		fd[i] = hosts_socket(&self->h, i, variant->family, PORT);
	}
	EXPECT_TRUE(hears(fd[1], 'a'));
	EXPECT_TRUE(hears(fd[0], 'b'));
	for (int i = 0; i < 2; i++)
		close(fd[i]);
}

/* One of two handshakes with a socket of several addresses was answered by the id of its own:
 * the other one leaves it alone.
 */
TEST_F_TIMEOUT(crossing, leaves_an_id_that_was_told, 1000)
{
	const struct addr first = hosts_addr(1, variant->family, PORT);
	struct rdgram_stats stats;
	char got[2] = {};

	meet(self, variant->family);
	hosts_enter(&self->h, 1);
	/* Its INITs are lost. */
	shell("nft 'table inet t { chain out { type filter hook output priority 0;"
	      "udp sport %d @th,64,8 1 drop; }; }'", PORT);
	hosts_enter(&self->h, 0);
	ASSERT_EQ(1, sock_sendto(self->b, "b", 1, 0, &self->of_a));
	ASSERT_EQ(1, sock_sendto(self->a, "2", 1, 0, &self->second));
	ASSERT_EQ(1, sock_sendto(self->a, "1", 1, 0, &first));
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(1, recv(self->b, &got[i], 1, 0));
	/* They are of two links, which have no order. */
	EXPECT_TRUE((got[0] == '1' && got[1] == '2') || (got[0] == '2' && got[1] == '1'));
	sock_wait_settled(self->a);
	sock_stats(self->a, &stats);
	EXPECT_EQ(0, stats.messages_in_doubt);
	hosts_enter(&self->h, 1);
	shell("nft flush ruleset");
	hosts_enter(&self->h, 0);
	part(self);
}

TEST_HARNESS_MAIN
