// SPDX-License-Identifier: GPL-2.0-only
#include "beside.h"

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "counter.h"
#include "klog.h"
#include "message.h"
#include "sock.h"

/* The pair sends so many at a time: they fit into its buffers. */
#define AT_ONCE 16

static size_t len_of(u64 sender, u64 index)
{
	return MESSAGE_HEADER + message_hash(sender, index) % 1500;
}

void beside_open(struct beside *b, int family, const char *path)
{
	memset(b, 0, sizeof(*b));
	b->family = family;
	hosts_open(&b->hosts, path);
	b->victim = hosts_socket(&b->hosts, 1, family, BESIDE_PORT);
	b->sender = hosts_socket(&b->hosts, 0, family, FLOW_PORT);
	attacker_open(&b->attacker, &b->hosts, family);
	b->check.len = len_of;
	b->klog = klog_open();
}

void beside_close(struct beside *b)
{
	sock_set_linger(b->victim, 0);
	close(b->victim);
	close(b->sender);
	close(b->klog);
	attacker_close(&b->attacker);
}

struct addr beside_addr(const struct beside *b)
{
	return hosts_addr(1, b->family, BESIDE_PORT);
}

struct addr beside_sender(const struct beside *b)
{
	return hosts_addr(0, b->family, FLOW_PORT);
}

static bool transfer_some(struct beside *b, u64 count)
{
	const struct flow flow = {
		.fd = b->sender,
		.to = beside_addr(b),
		.first = b->sent,
		.count = count,
		.len = len_of,
	};

	b->sent += count;
	return flow_send(&flow) && flow_receive(b->victim, &b->check, b->sent);
}

bool beside_transfer(struct beside *b, u64 count)
{
	bool good = true;

	for (; good && count > AT_ONCE; count -= AT_ONCE)
		good = transfer_some(b, AT_ONCE);
	return good && transfer_some(b, count);
}

static u64 lines_of(const char *path)
{
	char line[256];
	u64 n = 0;
	FILE *f = fopen(path, "r");

	if (!f)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), f))
		n++;
	fclose(f);
	return n;
}

/* Objects in the slabs of peers, where the kernel has them apart from others; or 0. */
static u64 peer_slab(void)
{
	char line[256];
	u64 live = 0, found = 0, n;
	FILE *f = fopen("/proc/slabinfo", "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "rdg_peer %llu", &n) == 1)
			found = n;
		else if (sscanf(line, "rdg_live %llu", &n) == 1)
			live = n;
	}
	if (f)
		fclose(f);
	return found + live;
}

u64 beside_counter(const struct beside *b, const char *name)
{
	hosts_enter(&b->hosts, 1);
	return counter_ours(name);
}

static u64 peers_of(const struct beside *b)
{
	hosts_enter(&b->hosts, 1);
	return lines_of("/proc/thread-self/net/rdgram");
}

void beside_begin(struct beside *b)
{
	b->peers = peers_of(b);
	b->ids = beside_counter(b, "ids");
	b->peer_slab = peer_slab();
	b->before = attacker_traffic(&b->attacker);
}

static bool is_same(const char *what, u64 before, u64 now)
{
	if (before != now)
		printf("# %s: %llu before, %llu now\n", what, before, now);
	return before == now;
}

bool beside_nobody_is_new(struct beside *b)
{
	return is_same("peers", b->peers, peers_of(b)) &
	       is_same("ids", b->ids, beside_counter(b, "ids"));
}

/* Of the slab it is enough that it has not grown: what other tests have left may go. */
bool beside_left_nothing(struct beside *b)
{
	const u64 slab = peer_slab();
	bool good = beside_nobody_is_new(b);

	if (slab > b->peer_slab)
		good = is_same("objects in the slab of peers", b->peer_slab, slab);
	return good;
}

bool beside_not_amplified(struct beside *b)
{
	const struct attacker_traffic t = attacker_since(&b->attacker, &b->before);

	printf("# %llu packets of %llu bytes were answered by %llu of %llu bytes\n", t.sent,
	       t.sent_bytes, t.heard, t.heard_bytes);
	return t.heard <= t.sent && t.heard_bytes <= t.sent_bytes;
}

/* A rate would be that of the attacker, too, who takes the same processors. That the pair
 * had to send four packets of five only once is not.
 */
static bool goes_on(const struct beside *b)
{
	struct rdgram_stats s;

	sock_stats(b->sender, &s);
	printf("# the pair: %llu packets for %llu messages, %llu of them again\n", s.packets_sent,
	       b->sent, s.packets_retransmitted);
	return s.packets_retransmitted * 5 <= s.packets_sent;
}

bool beside_unharmed(struct beside *b)
{
	return klog_silent(b->klog) & flow_nothing_more(b->victim) & goes_on(b);
}
