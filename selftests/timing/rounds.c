// SPDX-License-Identifier: GPL-2.0-only
/* Round trips of small messages, one after the other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "clock.h"
#include "message.h"
#include "pingpong.h"
#include "worker.h"

/* Before what is counted: the handshake takes round trips of its own. */
#define WARM_UP 10

static bool echo(void *arg)
{
	const struct channel *end = arg;
	u8 message[PINGPONG_SIZE];

	while (channel_recv(end, message, sizeof(message)))
		if (!channel_send(end, message, sizeof(message)))
			return false;
	return false;
}

static u64 round_trip(const struct channel *end, u64 index)
{
	u8 out[PINGPONG_SIZE], in[PINGPONG_SIZE];
	const u64 start = clock_now();

	message_make(out, sizeof(out), CELL_SENDER, index);
	if (!channel_send(end, out, sizeof(out)) || !channel_recv(end, in, sizeof(in)))
		no_result("failed: %s", strerror(errno));
	if (memcmp(in, out, sizeof(out)))
		no_result("wrong answer");
	return clock_now() - start;
}

void rounds_run(const struct cell *c)
{
	static const struct {
		const char *name;
		unsigned int permille;
	} shown[] = {
		{ "p50", 500 }, { "p98", 980 }, { "p99", 990 }, { "p999", 999 }, { "max", 1000 },
	};
	u64 *ns = calloc(c->count, sizeof(*ns));
	struct channel ends[HOSTS];
	char name[32];
	pid_t peer;

	channel_open(&c->flavour, &c->hosts, CELL_PORT, ends);
	for (int i = 0; i < HOSTS; i++)
		channel_no_delay(&ends[i]);
	peer = worker_start(echo, &ends[1]);
	for (u64 i = 0; i < WARM_UP; i++)
		round_trip(&ends[0], i);
	for (u64 i = 0; i < c->count; i++)
		ns[i] = round_trip(&ends[0], WARM_UP + i);
	worker_kill(peer);
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		result(shown[i].name, "%.4f",
		       pingpong_permille(ns, c->count, shown[i].permille) / 1e6);
	result("congestion", "%s", channel_congestion(&ends[0], name, sizeof(name)));
}
