// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fifty thousand mutations of real packets of each family, fewer where all is slow, from
 * invented and from real addresses: the kernel says nothing, and a transfer beside them is whole.
 *
 * Who sees the packets of a link can forge what it carries: there is no
 * encryption. So the packets come from one link, and it is another one that
 * must come to no harm.
 *
 * RDGRAM_SEED=NUMBER in the environment repeats a run.
 *
 * timeout: 300
 */
#include <poll.h>
#include <time.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "flow.h"
#include "hosts.h"
#include "klog.h"
#include "message.h"
#include "raw.h"
#include "slow.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define ATTACKS		(50000 / slow_factor())
#define SAMPLES		256
#define VICTIM_PORT	7000
#define MODEL_PORT	6000
#define INVENTED_PORT	6666

struct sample {
	u8 payload[RAW_PAYLOAD];
	size_t len;
	bool to_victim;
};

/* So many samples at the least have to be of each direction. */
#define OF_EACH		(SAMPLES / 8)

struct shared {
	u64 stop;
	u64 last;		/* how many messages there will have been, once known */
};

typedef FIXTURE_DATA(hostile) hostile_t;

FIXTURE(hostile) {
	struct hosts hosts;
	int family;
	int klog;
	int victim;		/* receives, in host 1 */
	int bystander;		/* sends to it, in host 0: this must be whole */
	int model;		/* sends to it too: the source of real packets */
	struct sample *samples;
	int count;
	struct shared *shared;
	u64 seed, drawn;
};

FIXTURE_VARIANT(hostile) {
	int family;
};

FIXTURE_VARIANT_ADD(hostile, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(hostile, v6) { .family = AF_INET6 };

static u64 choose_seed(void)
{
	const char *text = getenv("RDGRAM_SEED");
	struct timespec now;

	if (text)
		return strtoull(text, NULL, 0);
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_nsec ^ (u64)now.tv_sec << 20;
}

FIXTURE_SETUP(hostile)
{
	self->family = variant->family;
	hosts_open(&self->hosts, NULL);
	self->victim = hosts_socket(&self->hosts, 1, self->family, VICTIM_PORT);
	self->bystander = hosts_socket(&self->hosts, 0, self->family, FLOW_PORT);
	self->model = hosts_socket(&self->hosts, 0, self->family, MODEL_PORT);
	self->samples = calloc(SAMPLES, sizeof(*self->samples));
	self->shared = worker_shared(sizeof(*self->shared));
	self->seed = choose_seed();
	printf("# seed %llu\n", self->seed);
	self->klog = klog_open();
}

FIXTURE_TEARDOWN(hostile)
{
	free(self->samples);
	close(self->victim);
	close(self->bystander);
	close(self->model);
}

static u64 draw(hostile_t *self, u64 below)
{
	return message_hash(self->seed, self->drawn++) % below;
}

static void keep_samples(hostile_t *self, int tap)
{
	u16 from, to;
	ssize_t len;
	struct sample *s = &self->samples[self->count];

	while (self->count < SAMPLES && (len = raw_heard(tap, s->payload, &from, &to)) >= 0) {
		if (from != MODEL_PORT && to != MODEL_PORT)
			continue;
		s->len = len;
		s->to_victim = to == VICTIM_PORT;
		s = &self->samples[++self->count];
	}
}

/*
 * Real packets of all kinds: a handshake, messages small and large in both
 * directions, and ends, since the model is opened again and again.
 */
static void collect(hostile_t *self)
{
	const struct addr victim = hosts_addr(1, self->family, VICTIM_PORT);
	const struct addr model = hosts_addr(0, self->family, MODEL_PORT);
	static u8 message[5000];
	int tap[HOSTS];

	/* In the end it is the model's host. */
	for (int i = HOSTS; i-- > 0;) {
		hosts_enter(&self->hosts, i);
		tap[i] = raw_tap(self->family);
	}
	for (int i = 0; self->count < SAMPLES; i++) {
		sock_sendto(self->model, message, message_hash(1, i) % 5000, 0, &victim);
		recv(self->victim, message, sizeof(message), 0);
		sock_sendto(self->victim, message, message_hash(2, i) % 500, 0, &model);
		recv(self->model, message, sizeof(message), 0);
		/* The second half is of a link that lives on. */
		if (i % 8 == 7 && self->count < SAMPLES / 2) {
			close(self->model);
			self->model = sock_bound(&model, NULL);
		}
		for (int n = 0; n < HOSTS; n++)
			keep_samples(self, tap[n]);
	}
	for (int i = 0; i < HOSTS; i++)
		close(tap[i]);
}

static bool are_of_both(const hostile_t *self)
{
	int to_victim = 0;

	for (int i = 0; i < self->count; i++)
		to_victim += self->samples[i].to_victim;
	printf("# of %d packets %d went to the victim\n", self->count, to_victim);
	return to_victim >= OF_EACH && self->count - to_victim >= OF_EACH;
}

static size_t mutate(hostile_t *self, u8 *payload, size_t len)
{
	const u64 strokes = draw(self, 4);
	size_t at;

	for (u64 i = 0; i < strokes && len; i++) {
		/* The front of a packet is where its meaning is. */
		at = draw(self, draw(self, 2) && len > 64 ? 64 : len);
		switch (draw(self, 5)) {
		case 0:
			payload[at] ^= 1 << draw(self, 8);
			break;
		case 1:
			payload[at] = draw(self, 256);
			break;
		case 2:
			payload[at] = draw(self, 2) ? 0xff : 0;
			break;
		case 3:
			len = at;
			break;
		default:
			memmove(payload + at, payload + len / 2, len - at < len / 2 ? len - at :
				len - len / 2 < len - at ? len - len / 2 : len - at);
			break;
		}
	}
	return len;
}

static void attack(hostile_t *self, const int raw[HOSTS])
{
	const struct sample *s = &self->samples[draw(self, self->count)];
	const int sender = s->to_victim ? 0 : 1;
	const u16 ports[] = { MODEL_PORT, MODEL_PORT, INVENTED_PORT, FLOW_PORT };
	struct addr from, to;
	u8 payload[RAW_PAYLOAD];
	size_t len;

	/* From the right place or a wrong one, the bystander's among them. */
	if (s->to_victim) {
		from = hosts_addr(0, self->family, ports[draw(self, ARRAY_SIZE(ports))]);
		to = hosts_addr(1, self->family, VICTIM_PORT);
	} else {
		from = hosts_addr(1, self->family, draw(self, 4) ? VICTIM_PORT : INVENTED_PORT);
		to = hosts_addr(0, self->family, draw(self, 4) ? MODEL_PORT : FLOW_PORT);
	}
	memcpy(payload, s->payload, s->len);
	len = mutate(self, payload, s->len);
	raw_send(raw[sender], &from, &to, payload, len);
}

static size_t small_len(u64 sender, u64 index)
{
	return MESSAGE_HEADER + message_hash(sender, index) % 2000;
}

/*
 * Answers that make no sense, while the link is opened, are told once: they may be of a
 * stranger to the protocol, and are of the attacker. They end nothing.
 */
static bool send_one(const struct flow *flow, bool *told)
{
	if (flow_send(flow))
		return true;
	if (errno != EPROTO || *told)
		return false;
	*told = true;
	return flow_send(flow);
}

static bool send_until_stopped(void *arg)
{
	hostile_t *self = arg;
	struct shared *s = self->shared;
	struct flow flow = {
		.fd = self->bystander,
		.to = hosts_addr(1, self->family, VICTIM_PORT),
		.count = 1,
		.len = small_len,
	};
	bool told = false;

	for (; !__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE); flow.first++)
		if (!send_one(&flow, &told))
			return false;
	/* One more, so that the receiver, which waits for something, looks at this. */
	__atomic_store_n(&s->last, flow.first + 1, __ATOMIC_RELEASE);
	return send_one(&flow, &told);
}

static bool receive_all(void *arg)
{
	hostile_t *self = arg;
	const struct addr bystander = hosts_addr(0, self->family, FLOW_PORT);
	static struct flow_check check = { .len = small_len };
	static u8 message[MESSAGE_MAX];
	struct shared *s = self->shared;
	struct addr from;
	ssize_t len;

	while (!s->last || check.received < s->last) {
		len = sock_recvfrom(self->victim, message, sizeof(message), 0, &from);
		if (len < 0)
			return false;
		/* What came by the forged link proves nothing. */
		if (addr_equal(&from, &bystander) && !flow_take(&check, message, len, &from))
			return false;
	}
	printf("# %llu messages were received meanwhile\n", check.received);
	return true;
}

TEST_F_TIMEOUT(hostile, mutated_packets, 250)
{
	pid_t sender, receiver;
	u64 malformed;
	int raw[HOSTS];

	collect(self);
	ASSERT_TRUE(are_of_both(self));
	for (int i = 0; i < HOSTS; i++) {
		hosts_enter(&self->hosts, i);
		raw[i] = raw_open(self->family);
	}
	receiver = worker_start(receive_all, self);
	sender = worker_start(send_until_stopped, self);
	for (unsigned int i = 0; i < ATTACKS; i++)
		attack(self, raw);
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	EXPECT_TRUE(worker_join(sender));
	EXPECT_TRUE(worker_join(receiver));
	/* How many were of a link, and lied, depends on how soon one of them ended that. */
	for (int i = 0; i < HOSTS; i++) {
		hosts_enter(&self->hosts, i);
		malformed = counter_ours("malformed");
		printf("# host %d counts %llu malformed packets\n", i, malformed);
		EXPECT_LT(ATTACKS / 100, malformed);
	}
	EXPECT_TRUE(klog_silent(self->klog));
}

TEST_HARNESS_MAIN
