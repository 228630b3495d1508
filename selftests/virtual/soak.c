// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hours in the life of two hosts: senders come and go, in good order or not, are silent for
 * minutes and go on; receivers restart; the path changes, loses, doubles, reorders, damages
 * and is cut. What is promised is checked of each message; what is left behind, of memory,
 * objects and sockets, once in a while, when all is quiet.
 *
 * In the environment: SOAK_MINUTES, of virtual time; RDGRAM_SEED, of all chance.
 *
 * timeout: 36000
 * soak: minutes of real time
 */
#include <errno.h>
#include <time.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "hosts.h"
#include "message.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

#define SENDERS		24
#define RECEIVERS	4
#define LIVES		50000		/* of senders, in all */
#define PORT		7000
#define STEP		100		/* ms */
#define STEPS(minutes)	((minutes) * 60000ULL / STEP)
#define MINUTES		120
#define SHIFT		10		/* minutes between looks at what is left */
#define PATIENCE	10		/* minutes for a shift to end */

/* What a life has lost at the least, where something is: an object of this size; bytes. */
#define OBJECT		64
/* A page of each of so many messages would be found. */
#define PAGE_IN		1000

static const char *const paths[] = {
	"delay 1ms",
	"delay 10ms 3ms loss 1% duplicate 1%",
	"delay 40ms 10ms loss 5% reorder 20% 50% corrupt 0.5%",
	"delay 5ms loss 15% duplicate 5%",
	"delay 20ms rate 20mbit",
	"loss 100%",
};

/* What one life has said to one receiver, and what that has of it. */
struct talk {
	u32 sent, received, answered, heard;
	bool torn;	/* one of them has ended before all was delivered */
};

struct life {
	int fd;
	u64 id;
	int family;
	u32 left;	/* messages */
	u32 pace;	/* at most in one step */
	u64 wakes;	/* silent until this step */
	bool silent;	/* it was */
	bool rude;	/* ends without waiting for anything */
};

FIXTURE(soak) {
	struct hosts hosts;
	struct life life[SENDERS];
	int receiver[RECEIVERS];
	struct talk (*talks)[RECEIVERS];	/* of each life */
	u64 lives;
	u64 step;
	u64 seed, drawn;
	u64 messages, answers, told, restarts, cuts;
	int path;
	bool bad;
};

typedef FIXTURE_DATA(soak) soak_t;

static u8 buffer[MESSAGE_MAX];

static u64 chance(soak_t *self, u64 of)
{
	return message_hash(self->seed, self->drawn++) % of;
}

static int family_of(int receiver)
{
	return receiver % 2 ? AF_INET6 : AF_INET;
}

/* Who says a message: a life to a receiver, or the other way round. */
static u64 speaker(u64 life, int receiver, bool back)
{
	return (life * RECEIVERS + receiver) * 2 + back;
}

static size_t len_of(u64 speaker, u64 index)
{
	return MESSAGE_HEADER + message_mixed_len(speaker, index);
}

static void wrong(soak_t *self, const char *what, const void *message, ssize_t len)
{
	self->bad = true;
	printf("# step %llu: %s: %zd bytes", self->step, what, len);
	if (len < 0)
		printf(" (%s)", strerror(errno));
	if (len >= MESSAGE_HEADER)
		printf(", message %llu of %llu", message_index(message), message_sender(message));
	printf("\n");
}

static int open_receiver(soak_t *self, int i)
{
	const struct addr to = hosts_addr(1, family_of(i), PORT + i);

	hosts_enter(&self->hosts, 1);
	return sock_bound(&to, NULL);
}

FIXTURE_SETUP(soak)
{
	const char *seed = getenv("RDGRAM_SEED");

	self->seed = seed ? strtoull(seed, NULL, 0) : (u64)time(NULL);
	printf("# seed %llu\n", self->seed);
	hosts_open_routed(&self->hosts, paths[0]);
	/* All of it is there from the beginning, so that it is no leak. */
	self->talks = malloc(LIVES * sizeof(*self->talks));
	memset(self->talks, 0, LIVES * sizeof(*self->talks));
	memset(buffer, 1, sizeof(buffer));
	for (int i = 0; i < SENDERS; i++)
		self->life[i].fd = -1;
	for (int i = 0; i < RECEIVERS; i++)
		self->receiver[i] = open_receiver(self, i);
}

FIXTURE_TEARDOWN(soak)
{
	free(self->talks);
}

/* --- senders ------------------------------------------------------------------- */

static void begin(soak_t *self, struct life *l)
{
	l->family = chance(self, 2) ? AF_INET : AF_INET6;
	l->id = self->lives++;
	l->fd = hosts_socket(&self->hosts, 0, l->family, 0);
	/* Many say a few words; some stay for a long time. */
	l->left = 1 + chance(self, chance(self, 4) ? 100 : 20000);
	l->pace = 1 + chance(self, 60);
	l->silent = !chance(self, 5);
	l->wakes = 0;
	l->rude = !chance(self, 4);
}

/* The next message of a life, to a receiver of its family; false: not now. */
static bool say(soak_t *self, struct life *l)
{
	const int r = chance(self, RECEIVERS / 2) * 2 + (l->family == AF_INET6);
	const struct addr to = hosts_addr(1, l->family, PORT + r);
	struct talk *t = &self->talks[l->id][r];
	const u64 who = speaker(l->id, r, false);
	const size_t len = len_of(who, t->sent);
	ssize_t got;

	message_make(buffer, len, who, t->sent);
	got = sock_sendto(l->fd, buffer, len, MSG_DONTWAIT, &to);
	if (got == (ssize_t)len) {
		t->sent++;
		l->left--;
		self->messages++;
		return true;
	}
	if (got < 0 && (errno == ECONNREFUSED || errno == ECONNRESET)) {
		/* Told of a restart: this one was not accepted. */
		self->told++;
		if (!t->torn)
			wrong(self, "told of what was not", NULL, got);
	} else if (got >= 0 || (errno != EAGAIN && errno != ENOBUFS)) {
		wrong(self, "sendto", NULL, got);
	}
	return false;
}

static void hear_answers(soak_t *self, struct life *l)
{
	ssize_t len;
	struct talk *t;
	u64 who;
	int r;

	while ((len = recv(l->fd, buffer, sizeof(buffer), MSG_DONTWAIT)) >= 0) {
		who = len >= MESSAGE_HEADER ? message_sender(buffer) : 0;
		r = who / 2 % RECEIVERS;
		t = &self->talks[l->id][r];
		if (!(who & 1) || who / 2 / RECEIVERS != l->id ||
		    (u64)len != len_of(who, message_index(buffer)) ||
		    !message_check(buffer, len, who, message_index(buffer)) ||
		    (t->torn ? message_index(buffer) < t->heard :
		     message_index(buffer) != t->heard))
			return wrong(self, "an answer", buffer, len);
		t->heard = message_index(buffer) + 1;
	}
	if (errno == ECONNREFUSED || errno == ECONNRESET)
		self->told++;
	else if (errno != EAGAIN)
		wrong(self, "recv", NULL, -1);
}

static bool is_settled(int fd)
{
	struct rdgram_stats s;

	sock_stats(fd, &s);
	return s.messages_delivered + s.messages_not_delivered + s.messages_in_doubt >=
	       s.messages_sent;
}

/* A polite end waits for what is on its way, not for what it may be told. */
static void end(soak_t *self, struct life *l)
{
	if (l->rude) {
		sock_set_linger(l->fd, 0);
		for (int r = 0; r < RECEIVERS; r++)
			self->talks[l->id][r].torn = true;
	}
	close(l->fd);
	l->fd = -1;
}

static void live(soak_t *self, struct life *l, bool more)
{
	if (l->fd < 0) {
		if (more && self->lives < LIVES && !chance(self, 10))
			begin(self, l);
		return;
	}
	hear_answers(self, l);
	if (self->step < l->wakes)
		return;
	for (u32 i = chance(self, l->pace + 1); i > 0 && l->left > 0; i--)
		if (!say(self, l))
			break;
	/* Longer than a link lasts that nobody uses; the next message opens another. */
	if (l->silent && !chance(self, 100)) {
		l->wakes = self->step + chance(self, STEPS(2));
		l->silent = false;
	}
	if (!l->left && (l->rude || is_settled(l->fd)))
		end(self, l);
}

/* --- receivers ----------------------------------------------------------------- */

/* Some are answered; who does not listen any more, or has no room, is not. */
static void say_back(soak_t *self, int r, u64 life, const struct addr *to)
{
	struct talk *t = &self->talks[life][r];
	const u64 who = speaker(life, r, true);
	const size_t len = len_of(who, t->answered);
	ssize_t got;

	message_make(buffer, len, who, t->answered);
	got = sock_sendto(self->receiver[r], buffer, len, MSG_DONTWAIT, to);
	if (got == (ssize_t)len) {
		t->answered++;
		self->answers++;
	} else if (got >= 0 || (errno != EAGAIN && errno != ECONNREFUSED &&
				errno != ECONNRESET && errno != ENOBUFS)) {
		wrong(self, "one is sent back", NULL, got);
	}
}

static bool take(soak_t *self, int r, ssize_t len, u64 *life)
{
	u64 who = len >= MESSAGE_HEADER ? message_sender(buffer) : 1, index;
	struct talk *t;

	*life = who / 2 / RECEIVERS;
	if (who & 1 || (int)(who / 2 % RECEIVERS) != r || *life >= self->lives)
		return false;
	t = &self->talks[*life][r];
	index = message_index(buffer);
	if (index >= t->sent || (u64)len != len_of(who, index) ||
	    !message_check(buffer, len, who, index))
		return false;
	/* Once and in order in any case. */
	if (index < t->received || (index > t->received && !t->torn))
		return false;
	t->received = index + 1;
	return true;
}

static void listen_all(soak_t *self)
{
	struct addr from;
	ssize_t len;
	u64 life;

	for (int r = 0; r < RECEIVERS; r++) {
		while ((len = sock_recvfrom(self->receiver[r], buffer, sizeof(buffer),
					    MSG_DONTWAIT, &from)) >= 0) {
			if (!take(self, r, len, &life))
				return wrong(self, "received", buffer, len);
			if (!chance(self, 8))
				say_back(self, r, life, &from);
		}
		if (errno != EAGAIN && errno != ECONNREFUSED && errno != ECONNRESET)
			wrong(self, "recvfrom", NULL, len);
	}
}

/* It forgets what it had not read; who has something on the way to it is told. */
static void restart(soak_t *self)
{
	const int r = chance(self, RECEIVERS);

	sock_set_linger(self->receiver[r], 0);
	close(self->receiver[r]);
	for (u64 i = 0; i < self->lives; i++)
		self->talks[i][r].torn = true;
	self->receiver[r] = open_receiver(self, r);
	self->restarts++;
}

/* --- the world ----------------------------------------------------------------- */

static void set_path(soak_t *self, int path)
{
	self->path = path;
	self->cuts += path == (int)ARRAY_SIZE(paths) - 1;
	hosts_set_both_paths(&self->hosts, paths[path]);
}

/* Cuts last for seconds, other paths for minutes. */
static void change_world(soak_t *self)
{
	const int last = ARRAY_SIZE(paths) - 1;

	if (self->path == last ? !chance(self, 100) : !chance(self, 600))
		set_path(self, self->path == last ? (int)chance(self, last) :
					      (int)chance(self, last + 1));
	if (!chance(self, 1500))
		restart(self);
}

static void step(soak_t *self, bool more)
{
	const struct timespec span = { .tv_nsec = STEP * 1000000L };

	for (int i = 0; i < SENDERS; i++)
		live(self, &self->life[i], more);
	listen_all(self);
	if (more)
		change_world(self);
	nanosleep(&span, NULL);
	self->step++;
}

static u64 sockets(void)
{
	return counter_in("/proc/net/protocols", "RDGRAM %*u %llu") +
	       counter_in("/proc/net/protocols", "RDGRAMv6 %*u %llu");
}

static bool is_quiet(soak_t *self)
{
	hosts_enter(&self->hosts, 0);
	for (int i = 0; i < SENDERS; i++)
		if (self->life[i].fd >= 0)
			return false;
	if (sockets())
		return false;
	for (int r = 0; r < RECEIVERS; r++)
		if (!is_settled(self->receiver[r]))
			return false;
	return true;
}

/* Everybody goes home, and all that was sent has come. */
static bool end_shift(soak_t *self)
{
	const u64 limit = self->step + STEPS(PATIENCE);
	const struct talk *t;

	set_path(self, 0);
	for (int i = 0; i < SENDERS; i++) {
		self->life[i].wakes = 0;
		if (self->life[i].left > 100)
			self->life[i].left = 100;
	}
	while (!self->bad && !is_quiet(self)) {
		if (self->step > limit) {
			printf("# after %u minutes there are %llu sockets\n", PATIENCE, sockets());
			return false;
		}
		step(self, false);
	}
	listen_all(self);
	for (u64 i = 0; i < self->lives; i++)
		for (int r = 0; r < RECEIVERS; r++) {
			t = &self->talks[i][r];
			if (t->torn || t->sent == t->received)
				continue;
			printf("# life %llu: receiver %d has %u of %u messages\n", i, r,
			       t->received, t->sent);
			return false;
		}
	return !self->bad;
}

struct memory {
	u64 objects, used;	/* KiB */
	u64 lives, messages;
};

/* The receivers too begin anew: their peers are part of what is to be there again. */
static struct memory look(soak_t *self)
{
	const struct timespec span = { .tv_sec = 60 };
	struct memory m = { .lives = self->lives, .messages = self->messages };

	for (int r = 0; r < RECEIVERS; r++)
		close(self->receiver[r]);
	nanosleep(&span, NULL);
	shell("echo 3 >/proc/sys/vm/drop_caches");
	m.objects = counter_in("/proc/meminfo", "SUnreclaim: %llu");
	m.used = counter_in("/proc/meminfo", "MemTotal: %llu") -
		 counter_in("/proc/meminfo", "MemFree: %llu");
	for (int r = 0; r < RECEIVERS; r++)
		self->receiver[r] = open_receiver(self, r);
	return m;
}

/* A lost object or page in a thousand would be seen after some hours. */
static bool is_flat(const struct memory *a, const struct memory *b)
{
	const u64 lives = b->lives - a->lives, messages = b->messages - a->messages;

	return b->objects * 1024 < a->objects * 1024 + lives * OBJECT &&
	       b->used * 1024 < a->used * 1024 + messages / PAGE_IN * getpagesize();
}

static void report(const soak_t *self, const struct memory *m)
{
	printf("# %llu minutes: %llu messages, %llu answers, %llu sockets\n",
	       self->step / STEPS(1), self->messages, self->answers, self->lives);
	printf("# %llu restarts, of which was told %llu times, %llu cuts\n", self->restarts,
	       self->told, self->cuts);
	printf("# %llu KiB of objects, %llu KiB in use\n", m->objects, m->used);
	fflush(stdout);
}

TEST_F_TIMEOUT(soak, hours, 36000)
{
	const char *said = getenv("SOAK_MINUTES");
	const u64 minutes = said ? strtoull(said, NULL, 0) : MINUTES;
	struct memory first = { 0 }, now = { 0 };

	/* Two shifts at least, for there to be something to compare. */
	while (self->step < STEPS(minutes) || first.lives == now.lives) {
		const u64 until = self->step + STEPS(SHIFT);

		while (self->step < until && !self->bad)
			step(self, true);
		ASSERT_TRUE(end_shift(self));
		now = look(self);
		report(self, &now);
		if (!first.lives)
			first = now;
	}
	EXPECT_TRUE(is_flat(&first, &now));
	EXPECT_LT(0, self->restarts);
	EXPECT_LT(0, self->cuts);
	EXPECT_LT(0, self->told);
	EXPECT_LT(self->lives, LIVES);
}

TEST_HARNESS_MAIN
