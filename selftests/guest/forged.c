// SPDX-License-Identifier: GPL-2.0-only
/* What others may send that is not so: ICMP errors, and answers of who was not asked. */
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include <linux/errqueue.h>

#include "kselftest_harness.h"
#include "forge.h"
#include "icmp.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

#define PORT	7100

/* An INIT: where its sender's id and incarnation stand, see protocol.rst. */
#define INIT_SRC_ID	12
#define INIT_SRC_INC	20
#define INIT_LEN	128

/* A CHALLENGE: its sender's id stands where that of an INIT does, and a cookie. */
#define CHALLENGE_LEN		56
#define CHALLENGE_COOKIE	48

FIXTURE(forged) {
	int fd;			/* of ours, unconnected; for both families if it can be */
	int plain;		/* of UDP: where a peer should be */
	struct addr at, mine;
	u8 init[INIT_LEN];
};

FIXTURE_VARIANT(forged) {
	int family;
};

FIXTURE_VARIANT_ADD(forged, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(forged, v6) { .family = AF_INET6 };

static int plain_at(const struct addr *at)
{
	int fd = socket(at->sa.sa_family, SOCK_DGRAM, IPPROTO_UDP);

	if (fd < 0 || bind(fd, &at->sa, at->len))
		abort();
	return fd;
}

FIXTURE_SETUP(forged)
{
	const struct addr any = addr_any(variant->family, 0);
	struct addr name;
	int on = 1;

	net_isolate();
	stay_on_one();
	self->at = addr_loopback(variant->family, PORT);
	self->plain = plain_at(&self->at);
	self->fd = sock_bound(&any, &name);
	self->mine = addr_loopback(variant->family, addr_port(&name));
	sock_set_linger(self->fd, 0);
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)));
	if (variant->family == AF_INET6)
		ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on)));
}

FIXTURE_TEARDOWN(forged)
{
	close(self->plain);
	EXPECT_EQ(0, close(self->fd));
}

/* Ours asks; @plain, where it does, has the first INIT. */
static void ask(struct __test_metadata *_metadata, int fd, int plain, const struct addr *to,
		u8 *init)
{
	char bytes[2000];

	ASSERT_EQ(6, sock_sendto(fd, "secret", 6, 0, to));
	ASSERT_LE(INIT_LEN, recv(plain, bytes, sizeof(bytes), 0));
	memcpy(init, bytes, INIT_LEN);
}

/* The error that waits in the queue of errors; 0: none does. */
static int queued_error(int fd)
{
	char room[512];
	struct msghdr msg = { .msg_control = room, .msg_controllen = sizeof(room) };
	struct cmsghdr *c;

	net_drain_loopback();
	if (recvmsg(fd, &msg, MSG_ERRQUEUE) < 0)
		return 0;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			return ((struct sock_extended_err *)CMSG_DATA(c))->ee_errno;
	return -1;
}

static int error_of_quote(int fd, u8 first, const struct addr *mine, const struct addr *at,
			  const u8 *init)
{
	const struct icmp_quote q = icmp_quote(first, mine, at, init, INIT_LEN);

	icmp_unreachable(at, mine, &q);
	return queued_error(fd);
}

/* The header that an ICMP message quotes says of itself that it is of the other family.
 * In IPv4 it is long enough to be read as one of IPv6.
 */
TEST_F(forged, quote_of_another_version)
{
	const bool v4 = variant->family == AF_INET;

	ask(_metadata, self->fd, self->plain, &self->at, self->init);
	EXPECT_EQ(0, error_of_quote(self->fd, v4 ? 0x6a : 0x45, &self->mine, &self->at,
				    self->init));
	/* One that is right is believed. */
	EXPECT_EQ(ECONNREFUSED, error_of_quote(self->fd, v4 ? 0x4a : 0x60, &self->mine,
					       &self->at, self->init));
}

/* Nobody knows the id of an INIT who has not seen it. */
TEST_F(forged, quote_of_another_id)
{
	const u8 first = variant->family == AF_INET ? 0x45 : 0x60;
	u8 other[INIT_LEN];

	ask(_metadata, self->fd, self->plain, &self->at, self->init);
	for (int bit = 0; bit < 64; bit++) {
		memcpy(other, self->init, sizeof(other));
		other[INIT_SRC_ID + bit / 8] ^= 1 << bit % 8;
		EXPECT_EQ(0, error_of_quote(self->fd, first, &self->mine, &self->at, other));
	}
	EXPECT_EQ(ECONNREFUSED, error_of_quote(self->fd, first, &self->mine, &self->at,
					       self->init));
}

/* As UDP translates them; by IPv6 other types, of other numbers, say the same. */
TEST_F(forged, errors_on_the_way)
{
	const bool v4 = variant->family == AF_INET;
	struct icmp_quote q;

	ask(_metadata, self->fd, self->plain, &self->at, self->init);
	q = icmp_quote(v4 ? 0x45 : 0x60, &self->mine, &self->at, self->init, INIT_LEN);
	icmp_error(v4 ? ICMP_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED, 0, &self->at, &self->mine, &q);
	EXPECT_EQ(EHOSTUNREACH, queued_error(self->fd));
	icmp_error(v4 ? ICMP_PARAMETERPROB : ICMP6_PARAM_PROB, 0, &self->at, &self->mine, &q);
	EXPECT_EQ(EPROTO, queued_error(self->fd));
	/* It is asked for, and is no error of a packet. */
	icmp_error(v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST, 0, &self->at, &self->mine, &q);
	EXPECT_EQ(0, queued_error(self->fd));
}

/* Nothing goes to a mapped address by IPv6. */
TEST_F(forged, quote_of_a_mapped_address)
{
	const struct addr at4 = addr_loopback(AF_INET, PORT);
	const struct addr at = addr_mapped_loopback(PORT);
	struct icmp_quote q;
	int plain;

	if (variant->family != AF_INET6)
		SKIP(return, "is about sockets for both families");
	plain = plain_at(&at4);
	ask(_metadata, self->fd, plain, &at, self->init);
	q = icmp_quote(0x60, &self->mine, &at, self->init, INIT_LEN);
	icmp_unreachable(&self->at, &self->mine, &q);
	EXPECT_EQ(0, queued_error(self->fd));
	close(plain);
}

/* What the next message to that address hears. */
static int error_of_next(int fd, const struct addr *at)
{
	net_drain_loopback();
	return sock_sendto(fd, "secret", 6, 0, at) == 6 ? 0 : errno;
}

static void say(struct __test_metadata *_metadata, int fd, const void *what, size_t len,
		const struct addr *to)
{
	ASSERT_EQ(len, sendto(fd, what, len, 0, &to->sa, to->len));
}

/* Only who was asked, and at the address that asked. */
TEST_F(forged, nonsense_of_others)
{
	const bool v4 = variant->family == AF_INET;
	const struct addr port = addr_loopback(variant->family, PORT + 1);
	struct addr mine = addr_make(variant->family, v4 ? "127.0.0.5" : "fd00::5",
				     addr_port(&self->mine));
	int other = plain_at(&port);

	if (!v4)
		shell("ip address add fd00::5/128 dev lo nodad");
	ask(_metadata, self->fd, self->plain, &self->at, self->init);
	say(_metadata, other, "?", 1, &self->mine);
	EXPECT_EQ(0, error_of_next(self->fd, &self->at));
	say(_metadata, self->plain, "?", 1, &mine);
	EXPECT_EQ(0, error_of_next(self->fd, &self->at));
	say(_metadata, self->plain, "?", 1, &self->mine);
	EXPECT_EQ(EPROTO, error_of_next(self->fd, &self->at));
	close(other);
}

/* Who has said anything that makes sense is no stranger to the protocol. */
TEST_F(forged, nonsense_after_sense)
{
	ask(_metadata, self->fd, self->plain, &self->at, self->init);
	self->init[INIT_SRC_ID] ^= 1;
	self->init[INIT_SRC_INC] ^= 1;
	say(_metadata, self->plain, self->init, sizeof(self->init), &self->mine);
	say(_metadata, self->plain, "?", 1, &self->mine);
	EXPECT_EQ(0, error_of_next(self->fd, &self->at));
}

/* Its incarnation is known to everybody that a socket has asked: to send it back is only
 * proof of nonsense with the id of the link.
 */
TEST_F(forged, reflection_of_another_link)
{
	ask(_metadata, self->fd, self->plain, &self->at, self->init);
	self->init[INIT_SRC_ID] ^= 1;
	say(_metadata, self->plain, self->init, sizeof(self->init), &self->mine);
	EXPECT_EQ(0, error_of_next(self->fd, &self->at));
}

/* --- what is to be guessed ------------------------------------------------------- */

#define GUESSES		64

/* How often each of 64 bits was set. */
struct bits {
	int set[64];
};

static void count_bits(struct bits *b, const u8 *bytes)
{
	for (int bit = 0; bit < 64; bit++)
		b->set[bit] += bytes[bit / 8] >> bit % 8 & 1;
}

/* None is more often the one than the other, or hardly: that one of all that are looked at here
 * is set, or clear, fewer than 8 times of 64 is a chance of less than one in ten million.
 */
static bool are_random(const char *what, const struct bits *b)
{
	for (int bit = 0; bit < 64; bit++) {
		if (b->set[bit] < 8 || b->set[bit] > GUESSES - 8) {
			printf("# bit %d of %s is set in %d of %d\n", bit, what, b->set[bit],
			       GUESSES);
			return false;
		}
	}
	return true;
}

/* The id that who is asked has chosen, and the cookie: of questions that are as alike as
 * those of one host are.
 */
TEST_F(forged, answers_cannot_be_foreseen)
{
	struct bits ids = {}, cookies = {};
	u8 bytes[RAW_PAYLOAD];
	struct forge f;

	for (int i = 0; i < GUESSES; i++) {
		forge_init(&f, 1 + i, 1);
		say(_metadata, self->plain, f.data, f.len, &self->mine);
		ASSERT_EQ(CHALLENGE_LEN, recv(self->plain, bytes, sizeof(bytes), 0));
		ASSERT_EQ(FORGE_CHALLENGE, bytes[0]);
		count_bits(&ids, bytes + INIT_SRC_ID);
		count_bits(&cookies, bytes + CHALLENGE_COOKIE);
	}
	EXPECT_TRUE(are_random("the ids", &ids));
	EXPECT_TRUE(are_random("the cookies", &cookies));
}

/* The id that who asks has chosen, one after the other. */
TEST_F(forged, questions_cannot_be_foreseen)
{
	struct bits ids = {};
	int plain[GUESSES];

	for (int i = 0; i < GUESSES; i++) {
		const struct addr at = addr_loopback(variant->family, PORT + 1 + i);

		plain[i] = plain_at(&at);
		ask(_metadata, self->fd, plain[i], &at, self->init);
		count_bits(&ids, self->init + INIT_SRC_ID);
	}
	/* Nobody is to hear that there is nobody. */
	for (int i = 0; i < GUESSES; i++)
		close(plain[i]);
	EXPECT_TRUE(are_random("the ids", &ids));
}

TEST_HARNESS_MAIN
