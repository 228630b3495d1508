// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an idle peer costs, all in all: the slab it is in, the tables that lead to it,
 * its route, and the tombstone of its id. Thousands of peers on one socket are each
 * sent a message, say that they have it, and end the link. They are played by this
 * program, at an address each, so that nothing is measured but one end.
 *
 * IDLE_PEERS=NUMBER in the environment makes another number of peers; with
 * IDLE_WAIT=SECONDS it is looked at so much later: after 20 the tombstones of their ids
 * are gone.
 *
 * alone: each kernel
 */
#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "raw.h"
#include "sock.h"

RDGRAM_ONLY;

#define PEERS		5000
#define WARM		200		/* before anything is measured */
#define LIMIT		1024		/* bytes, in the mean */
#define PORT		7000
#define PACKET		2048

/* Packet types, and frame types. Documentation/protocol.rst says what is where. */
enum { INIT = 1, CHALLENGE, CONFIRM, DATA };
enum { ACK = 2, REPORT = 3, END = 5, BASE = 8 };

typedef FIXTURE_DATA(idle_memory) idle_memory_t;

FIXTURE(idle_memory) {
	int fd;			/* the socket with the peers */
	struct addr name;
	int peers;		/* hears what is sent to any of them */
	int raw;		/* says what they say */
	u8 packet[PACKET];	/* what was heard last */
};

FIXTURE_SETUP(idle_memory)
{
	const struct addr any = addr_any(AF_INET, PORT);

	net_isolate();
	self->fd = sock_on_loopback(AF_INET, &self->name);
	self->peers = socket(AF_INET, SOCK_DGRAM, 0);
	if (self->peers < 0 || bind(self->peers, &any.sa, any.len))
		err(1, "the peers' socket");
	if (setsockopt(self->peers, SOL_IP, IP_PKTINFO, &(int){ 1 }, sizeof(int)))
		err(1, "IP_PKTINFO");
	self->raw = raw_open(AF_INET);
}

FIXTURE_TEARDOWN(idle_memory)
{
	close(self->fd);
	close(self->peers);
	close(self->raw);
}

/* Any of 127.0.0.0/8 is ours. */
static struct addr address_of(u32 peer)
{
	return addr_nth("127.1.0.0", PORT, peer);
}

static u8 *put(u8 *to, u64 value, int bytes)
{
	while (bytes--)
		*to++ = value >> 8 * bytes;
	return to;
}

static void say(idle_memory_t *self, u32 peer, const u8 *data, const u8 *end)
{
	const struct addr from = address_of(peer);

	raw_send(self->raw, &from, &self->name, data, end - data);
}

/* Waits for a packet of this type to this peer, as long as it takes. */
static void hear(idle_memory_t *self, u32 peer, int type)
{
	const struct addr to = address_of(peer);
	char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct iovec iov = { .iov_base = self->packet, .iov_len = PACKET };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	const struct in_pktinfo *info;

	do {
		msg.msg_controllen = sizeof(control);
		if (recvmsg(self->peers, &msg, 0) <= 0)
			err(1, "the peers' socket");
		info = (struct in_pktinfo *)CMSG_DATA(CMSG_FIRSTHDR(&msg));
	} while (self->packet[0] != type || info->ipi_addr.s_addr != to.v4.sin_addr.s_addr);
}

/* In the packet that was heard: source id and incarnation of an INIT, and the source
 * id in the COOKIE of a CONFIRM.
 */
#define INIT_ID		12
#define INIT_INC	20
#define CONFIRM_NUMBER	12
#define CONFIRM_ID	(16 + 4)

static void challenge(idle_memory_t *self, u32 peer)
{
	u8 data[56] = { CHALLENGE, 1 };

	memcpy(data + 4, self->packet + INIT_ID, 8);
	put(data + 12, 1 + peer, 8);			/* source id */
	put(data + 20, 1 + peer, 8);			/* source incarnation */
	memcpy(data + 28, self->packet + INIT_INC, 8);
	put(data + 40, 65536, 4);			/* credit */
	say(self, peer, data, data + sizeof(data));
}

/* The message that came with CONFIRM is delivered, and read; and that is all. */
static void receive_and_end(idle_memory_t *self, u32 peer)
{
	u8 data[128] = { DATA, 1 }, *to = data + 16;

	memcpy(data + 4, self->packet + CONFIRM_ID, 8);
	to = put(put(to, BASE << 24, 4), 1, 8);
	to = put(to, ACK << 24, 4);
	memcpy(to, self->packet + CONFIRM_NUMBER, 4);
	to = put(to + 4, 1, 2);
	to = put(put(put(put(to, REPORT << 24, 4), 2, 4), 2, 4), 65536, 4);
	to = put(put(to, END << 24, 4), 1, 4);
	put(data + 2, to - data - 16, 2);
	say(self, peer, data, to);
}

static bool use_once(idle_memory_t *self, u32 peer)
{
	const struct addr to = address_of(peer);

	if (sock_sendto(self->fd, "", 1, 0, &to) != 1)
		return false;
	hear(self, peer, INIT);
	challenge(self, peer);
	hear(self, peer, CONFIRM);
	receive_and_end(self, peer);
	hear(self, peer, DATA);
	return true;
}

static u32 idle_peers(void)
{
	FILE *file = fopen("/proc/self/net/rdgram", "r");
	char line[256];
	u32 n = 0;

	if (!file)
		err(1, "/proc/net/rdgram");
	while (fgets(line, sizeof(line), file))
		n += !!strstr(line, " IDLE ");
	fclose(file);
	return n;
}

/* Bytes of the kernel's that are not of a page cache. */
static s64 kernel_memory(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[256];
	s64 sum = 0, kb;

	if (!file)
		err(1, "/proc/meminfo");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "SUnreclaim: %lld", &kb) == 1 ||
		    sscanf(line, "VmallocUsed: %lld", &kb) == 1 ||
		    sscanf(line, "Percpu: %lld", &kb) == 1)
			sum += kb * 1024;
	fclose(file);
	return sum;
}

static u32 number_of(const char *name, u32 usual)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : usual;
}

TEST_F_TIMEOUT(idle_memory, of_a_peer, 300)
{
	const u32 peers = number_of("IDLE_PEERS", PEERS);
	struct rdgram_stats stats;
	s64 before = 0, cost;

	for (u32 i = 0; i < WARM + peers; i++) {
		if (i == WARM)
			before = kernel_memory();
		ASSERT_TRUE(use_once(self, 1 + i))
			printf("# peer %u: %s\n", i, strerror(errno));
	}
	sleep(number_of("IDLE_WAIT", 0));
	cost = (kernel_memory() - before) / (s64)peers;
	sock_stats(self->fd, &stats);
	EXPECT_EQ(WARM + peers, stats.messages_delivered);
	EXPECT_EQ(WARM + peers, idle_peers());
	printf("# %u idle peers: %lld bytes each\n", peers, cost);
	EXPECT_LT(0, cost);
	EXPECT_GE(LIMIT, cost);
}

TEST_HARNESS_MAIN
