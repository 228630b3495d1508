// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets that honest peers send seldom or never, by somebody who knows the protocol: each is
 * counted as what it is, and what it must not do it does not do.
 */
#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "forge.h"
#include "sock.h"

RDGRAM_ONLY;

#define PORT		7200
#define CREDIT		60000

/* Where things stand in an INIT; what its TLVs begin with, and how many bytes they are. */
#define INIT_SRC_ID	12
#define INIT_TLVS	40
#define REGION		2

/* A packet of DATA with a PING. */
#define PING_LEN	18

typedef FIXTURE_DATA(rare) rare_t;

FIXTURE(rare) {
	int fd;			/* of ours, for both families, on any address */
	int plain, other;	/* of UDP, connected to it, on two ports */
	struct addr to, at;	/* where it is, and where @plain is */
	struct forge_link link;
};

static int udp_at(int family, u16 port, const struct addr *to)
{
	const struct addr at = addr_loopback(family, port);
	const int fd = socket(family, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, &at.sa, at.len) || connect(fd, &to->sa, to->len))
		abort();
	return fd;
}

FIXTURE_SETUP(rare)
{
	const struct addr any = addr_any(AF_INET6, PORT);

	net_isolate();
	/* The rate of answers begins with the clock, which may stand still in virtual time. */
	usleep(10000);
	self->fd = sock_bound(&any, NULL);
	sock_set_linger(self->fd, 0);
	self->to = addr_loopback(AF_INET, PORT);
	self->at = addr_mapped_loopback(PORT + 1);
	self->plain = udp_at(AF_INET, PORT + 1, &self->to);
	self->other = udp_at(AF_INET, PORT + 2, &self->to);
}

FIXTURE_TEARDOWN(rare)
{
	close(self->plain);
	close(self->other);
	close(self->fd);
}

static void say(struct __test_metadata *_metadata, int fd, const struct forge *f)
{
	ASSERT_EQ(f->len, send(fd, f->data, f->len, 0));
}

/* The type of the next packet; 0: there is none. */
static u8 heard(int fd, int flags)
{
	u8 data[RAW_PAYLOAD];

	return recv(fd, data, sizeof(data), flags) > 0 ? data[0] : 0;
}

/* As often as that, perhaps in a moment: what comes in is a thread's where there is much. */
static void expect_counted(struct __test_metadata *_metadata, const char *name, u64 times)
{
	while (counter_ours(name) < times)
		poll(NULL, 0, 1);
	EXPECT_EQ(times, counter_ours(name));
}

static void expect_message(struct __test_metadata *_metadata, int fd)
{
	u8 byte;

	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	EXPECT_EQ('x', byte);
}

/* The link is what it was before; @seq is the number of its next message. */
static void still_works(struct __test_metadata *_metadata, rare_t *self, u32 seq)
{
	struct forge f;

	forge_next(&self->link, &f);
	forge_piece(&f, FORGE_LAST | FORGE_ACK_NOW, 1, seq, 0);
	forge_send(&self->link, &f);
	expect_message(_metadata, self->fd);
}

TEST_F(rare, without_checksum)
{
	struct forge f;
	int on = 1;

	ASSERT_EQ(0, setsockopt(self->plain, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)));
	forge_init(&f, 1, 2);
	say(_metadata, self->plain, &f);
	expect_counted(_metadata, "no_checksum", 1);
	EXPECT_EQ(0, heard(self->plain, MSG_DONTWAIT));
}

/* An INIT that says it is from there. */
static void ask_as(const struct addr *from, const struct addr *to)
{
	const int raw = raw_open(AF_INET);
	struct forge f;

	forge_init(&f, 1, 2);
	raw_send(raw, from, to, f.data, f.len);
	close(raw);
}

TEST_F(rare, from_port_0)
{
	const struct addr from = addr_loopback(AF_INET, 0);

	ask_as(&from, &self->to);
	expect_counted(_metadata, "no_endpoint", 1);
}

TEST_F(rare, from_where_no_route_leads)
{
	const struct addr from = addr_make(AF_INET, "10.99.0.1", PORT);

	ask_as(&from, &self->to);
	expect_counted(_metadata, "no_route", 1);
}

/* It is of a later release, and not told what it could not do without. */
TEST_F(rare, extension_that_must_be_understood)
{
	struct forge f;

	forge_init(&f, 1, 2);
	f.data[REGION + 1] = 4;
	f.data[INIT_TLVS + 1] = 1;
	say(_metadata, self->plain, &f);
	EXPECT_EQ(FORGE_CHALLENGE, heard(self->plain, 0));
	f.data[INIT_TLVS] = 0x80;
	say(_metadata, self->plain, &f);
	expect_counted(_metadata, "unknown_tlv", 1);
	EXPECT_EQ(0, heard(self->plain, MSG_DONTWAIT));
}

/* Only who was asked may say that he speaks no version of ours. */
TEST_F(rare, another_version)
{
	u8 init[RAW_PAYLOAD];
	struct forge f;
	u64 id = 0;

	ASSERT_EQ(1, sock_sendto(self->fd, "x", 1, 0, &self->at));
	ASSERT_LT(INIT_TLVS, recv(self->plain, init, sizeof(init), 0));
	for (int i = 0; i < 8; i++)
		id = id << 8 | init[INIT_SRC_ID + i];
	forge_reflect(&f, FORGE_VERSION, id, 0x02020000);
	say(_metadata, self->other, &f);
	expect_counted(_metadata, "wrong_source", 1);
	EXPECT_EQ(1, sock_sendto(self->fd, "x", 1, 0, &self->at));
	say(_metadata, self->plain, &f);
	while (sock_sendto(self->fd, "x", 1, 0, &self->at) == 1)
		poll(NULL, 0, 1);
	EXPECT_EQ(EPROTONOSUPPORT, errno);
}

/* The id of an open link, and a cookie that is none of its. */
TEST_F(rare, confirm_from_elsewhere)
{
	const struct forge_cookie c = { .src_id = 1, .src_inc = 2, .dst_inc = 3 };
	struct forge f;

	forge_open(&self->link, self->plain, CREDIT);
	forge_begin(&f, FORGE_CONFIRM, self->link.dst_id, self->link.pn);
	forge_cookie(&f, &c);
	forge_base(&f, 1);
	forge_report(&f, 1, CREDIT, 0);
	forge_end(&f);
	say(_metadata, self->other, &f);
	expect_counted(_metadata, "wrong_source", 1);
	EXPECT_EQ(FORGE_RESET, heard(self->other, 0));
	still_works(_metadata, self, 1);
}

/* We ask from one address of ours, and are asked at another: the link is that one's. */
TEST_F(rare, asked_at_another_address)
{
	const struct addr to = addr_make(AF_INET, "127.0.0.2", PORT);
	u8 data[RAW_PAYLOAD];

	ASSERT_EQ(1, sock_sendto(self->fd, "x", 1, 0, &self->at));
	ASSERT_LT(0, recv(self->plain, data, sizeof(data), 0));
	/* Nothing else is heard from now on. */
	ASSERT_EQ(0, connect(self->plain, &to.sa, to.len));
	forge_open(&self->link, self->plain, CREDIT);
	still_works(_metadata, self, 1);
	/* What was to go from the other address is queued there. */
	EXPECT_LT(0, counter_in("/proc/thread-self/net/rdgram",
				"127.0.0.2:%*u 127.0.0.1:%*u UP %llu"));
}

/* A link of IPv4 goes on by IPv4: its own address is one. */
TEST_F(rare, from_the_other_family)
{
	const struct addr to = addr_loopback(AF_INET6, PORT);
	const int six = udp_at(AF_INET6, PORT + 1, &to);
	struct forge f;

	forge_open(&self->link, self->plain, CREDIT);
	forge_next(&self->link, &f);
	forge_ping(&f);
	forge_end(&f);
	say(_metadata, six, &f);
	expect_counted(_metadata, "path_refused", 1);
	EXPECT_EQ(0, heard(six, MSG_DONTWAIT));
	still_works(_metadata, self, 1);
	close(six);
}

static void send_train(struct __test_metadata *_metadata, int fd, const void *data, size_t len,
		       int size)
{
	ASSERT_EQ(0, setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)));
	ASSERT_EQ(len, send(fd, data, len, 0));
	size = 0;
	ASSERT_EQ(0, setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)));
}

/* Those would be many, and none is a packet. */
TEST_F(rare, train_of_crumbs)
{
	send_train(_metadata, self->plain, "twenty bytes in five", 20, 4);
	expect_counted(_metadata, "malformed", 1);
}

/* Packets of a train may be of different links, and of none. */
TEST_F(rare, train_of_several_links)
{
	u8 train[3 * PING_LEN];
	struct forge f;

	forge_open(&self->link, self->plain, CREDIT);
	for (int i = 0; i < 3; i++) {
		if (i == 1)
			forge_begin(&f, FORGE_DATA, self->link.dst_id ^ 1, 0);
		else
			forge_next(&self->link, &f);
		forge_ping(&f);
		forge_end(&f);
		ASSERT_EQ(PING_LEN, f.len);
		memcpy(train + i * PING_LEN, f.data, PING_LEN);
	}
	send_train(_metadata, self->plain, train, sizeof(train), PING_LEN);
	expect_counted(_metadata, "unknown_id", 1);
	still_works(_metadata, self, 1);
	EXPECT_EQ(0, counter_ours("malformed"));
}

/* More frames than are read where they stand, in a buffer that is not linear. */
TEST_F(rare, head_of_many_frames)
{
	static u8 train[2 * 1400];
	struct forge f;

	forge_open(&self->link, self->plain, CREDIT);
	for (int i = 0; i < 2; i++) {
		forge_next(&self->link, &f);
		while (f.len < 1400)
			forge_ping(&f);
		forge_end(&f);
		memcpy(train + i * 1400, f.data, 1400);
	}
	send_train(_metadata, self->plain, train, sizeof(train), 1400);
	still_works(_metadata, self, 1);
	EXPECT_EQ(0, counter_ours("malformed"));
}

static void ask_for(int fd, u32 bits)
{
	if (setsockopt(fd, SOL_RDGRAM, RDGRAM_NOTICES, &bits, sizeof(bits)))
		abort();
}

static struct sock_extended_err next_notice(int fd)
{
	char control[256];
	struct msghdr msg = { .msg_control = control, .msg_controllen = sizeof(control) };
	struct sock_extended_err e = {};
	struct cmsghdr *c;

	sock_wait(fd, 0);
	if (recvmsg(fd, &msg, MSG_ERRQUEUE) < 0)
		abort();
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)
			memcpy(&e, CMSG_DATA(c), sizeof(e));
	return e;
}

/* It has sent something that never came, and says so when it begins again. */
TEST_F(rare, jump)
{
	struct sock_extended_err e;
	struct forge f;

	ask_for(self->fd, RDGRAM_NOTICE_PEER);
	forge_open(&self->link, self->plain, CREDIT);
	still_works(_metadata, self, 1);
	/* As if it had lost that link. */
	forge_reflect(&f, FORGE_RESET, self->link.src_id, 1 << 24);
	say(_metadata, self->plain, &f);
	forge_open_again(&self->link, CREDIT, 5);
	e = next_notice(self->fd);
	EXPECT_EQ(RDGRAM_JUMP, e.ee_type);
	EXPECT_EQ(2, e.ee_info);
	EXPECT_EQ(4, e.ee_data);
	still_works(_metadata, self, 5);
}

/* It may have delivered what it does not acknowledge, and knows nothing of it any more. */
TEST_F(rare, in_doubt)
{
	u8 data[RAW_PAYLOAD];
	ssize_t len;
	struct sock_extended_err e;
	struct forge f;

	ask_for(self->fd, RDGRAM_NOTICE_RECEIPT);
	forge_open(&self->link, self->plain, CREDIT);
	ASSERT_EQ(1, sock_sendto(self->fd, "x", 1, 0, &self->at));
	do {
		len = recv(self->plain, data, sizeof(data), 0);
	} while (len > 0 && data[len - 1] != 'x');
	forge_reflect(&f, FORGE_RESET, self->link.src_id, 1 << 24);
	say(_metadata, self->plain, &f);
	e = next_notice(self->fd);
	EXPECT_EQ(RDGRAM_IN_DOUBT, e.ee_type);
	EXPECT_EQ(1, e.ee_info);
	EXPECT_EQ(1, e.ee_data);
}

TEST_HARNESS_MAIN
