// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPsec between two hosts, by policies of their namespaces. What makes packets longer on
 * their way out, in length and in memory, must not mind whose they are, nor how much of them
 * is in the queue of a device.
 *
 * timeout: 200
 * modules: esp4? esp6? xfrm_user? authenc? echainiv? ansi_cprng?
 */
#include <net/if.h>
#include <poll.h>
#include <unistd.h>

#include <linux/net_tstamp.h>

#include "kselftest_harness.h"
#include "control.h"
#include "hosts.h"
#include "message.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

#define PORT		7000
#define MESSAGES	20

/* Its payload hangs on the packet as pages; and several packets' worth. */
#define SMALL		1000
#define LARGE		20000

/* Messages go from host 1, in which this process is, to host 0. */
FIXTURE(ipsec) {
	struct hosts h;
	struct addr to;
	int in, out;
};

FIXTURE_VARIANT(ipsec) {
	int family;
	const char *mode;
};

FIXTURE_VARIANT_ADD(ipsec, v4_transport) { .family = AF_INET, .mode = "transport" };
FIXTURE_VARIANT_ADD(ipsec, v4_tunnel) { .family = AF_INET, .mode = "tunnel" };
FIXTURE_VARIANT_ADD(ipsec, v6_transport) { .family = AF_INET6, .mode = "transport" };
FIXTURE_VARIANT_ADD(ipsec, v6_tunnel) { .family = AF_INET6, .mode = "tunnel" };

static bool has_ipsec(void)
{
	return !system("ip xfrm state count >/dev/null 2>&1");
}

/* Both hosts know the keys of both directions. */
static void configure(const struct hosts *h, int which, int family, const char *mode)
{
	const char *a = family == AF_INET ? "10.77.0.1" : "fd77::1";
	const char *b = family == AF_INET ? "10.77.0.2" : "fd77::2";

	hosts_enter(h, which);
	shell("key=0x0123456789abcdef0123456789abcdef\n"
	      "way() {\n"
	      "	echo xfrm state add src $1 dst $2 proto esp spi $3 mode %s \\\n"
	      "		auth 'hmac(sha256)' $key enc 'cbc(aes)' $key\n"
	      "	echo xfrm policy add src $1 dst $2 proto udp dir $4 \\\n"
	      "		tmpl src $1 dst $2 proto esp mode %s\n"
	      "}\n"
	      "{ way %s %s 0x100 %s; way %s %s 0x200 %s; } | ip -batch -", mode, mode,
	      a, b, which ? "in" : "out", b, a, which ? "out" : "in");
}

FIXTURE_SETUP(ipsec)
{
	/* A test that is skipped before it begins is that status to the harness. */
	if (!has_ipsec())
		SKIP(_exit(255), "no IPsec in this kernel");
	hosts_open(&self->h, NULL);
	for (int i = 0; i < HOSTS; i++)
		configure(&self->h, i, variant->family, variant->mode);
	self->to = hosts_addr(0, variant->family, PORT);
	self->in = hosts_socket(&self->h, 0, variant->family, PORT);
	self->out = hosts_socket(&self->h, 1, variant->family, 0);
	hosts_enter(&self->h, 1);
}

/*
 * When all that was of host 1 is gone, so is the other end of its device: the socket has not
 * stayed for ever, as it does when it is charged for what nobody gives back.
 */
FIXTURE_TEARDOWN(ipsec)
{
	EXPECT_EQ(0, close(self->out));
	hosts_enter(&self->h, 0);
	close(self->h.ns[1]);
	while (if_nametoindex("eth0"))
		poll(NULL, 0, 10);
	EXPECT_EQ(0, close(self->in));
	close(self->h.ns[0]);
}

static void exchange(struct __test_metadata *_metadata, int out, int in, const struct addr *to,
		     size_t len)
{
	static u8 sent[LARGE], received[LARGE];

	for (int i = 0; i < MESSAGES; i++) {
		message_make(sent, len, 1, i);
		ASSERT_EQ(len, sock_sendto(out, sent, len, 0, to));
		ASSERT_EQ(len, recv(in, received, sizeof(received), 0));
		EXPECT_TRUE(message_check(received, len, 1, i));
	}
	sock_wait_settled(out);
}

/* Where packets depart each at its time they wait in another queue. */
static void use_fq(const struct hosts *h)
{
	for (int i = 0; i < HOSTS; i++) {
		hosts_enter(h, i);
		shell("tc qdisc replace dev eth0 root fq");
	}
}

TEST_F(ipsec, messages)
{
	exchange(_metadata, self->out, self->in, &self->to, SMALL);
	exchange(_metadata, self->out, self->in, &self->to, LARGE);
	use_fq(&self->h);
	exchange(_metadata, self->out, self->in, &self->to, SMALL);
	exchange(_metadata, self->out, self->in, &self->to, LARGE);
}

/* The packets know whose they are, to tell it when they leave. */
TEST_F(ipsec, timestamps)
{
	struct control c;

	sock_set(self->out, SO_TIMESTAMPING, SOF_TIMESTAMPING_SOFTWARE |
		 SOF_TIMESTAMPING_OPT_TSONLY | SOF_TIMESTAMPING_TX_SOFTWARE);
	exchange(_metadata, self->out, self->in, &self->to, SMALL);
	use_fq(&self->h);
	exchange(_metadata, self->out, self->in, &self->to, SMALL);
	for (int i = 0; i < 2 * MESSAGES; i++)
		EXPECT_EQ(0, control_recv(self->out, &c, MSG_ERRQUEUE));
}

TEST_HARNESS_MAIN
