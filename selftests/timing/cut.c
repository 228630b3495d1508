// SPDX-License-Identifier: GPL-2.0-only
/*
 * A steady stream meets a cut: for how long is there silence when the cut is over?
 * The seed moves the cut against the timers.
 */
#include <poll.h>
#include <string.h>

#include "clock.h"
#include "stream.h"

#define BEFORE	(5 * SECOND)
#define PATIENCE (600 * SECOND)

void cut_run(const struct cell *c)
{
	const u64 start = clock_now() + SECOND;
	const u64 cut = start + BEFORE + c->seed * 137 % 1000 * MS;
	const u64 heal = cut + c->seconds * SECOND;
	struct stream s;
	u64 came;

	stream_start(&s, c, &c->flavour, CELL_PORT, start);
	clock_sleep_until(cut);
	hosts_set_both_paths(&c->hosts, "loss 100%");
	clock_sleep_until(heal);
	hosts_set_both_paths(&c->hosts, c->path);
	__atomic_store_n(&s.shared->awaited, heal, __ATOMIC_RELEASE);
	do {
		poll(NULL, 0, 10);
		came = __atomic_load_n(&s.shared->came, __ATOMIC_ACQUIRE);
	} while (!came && !s.shared->failed && clock_now() < heal + PATIENCE);
	stream_finish(&s, 0);
	if (!came && s.shared->failed)
		no_result("failed: %s", strerror(s.shared->failed));
	if (!came)
		no_result("silent for ever");
	result("silence", "%.4f", (came - heal) / 1e9);
	result("wrong", "%llu", s.shared->wrong);
}
