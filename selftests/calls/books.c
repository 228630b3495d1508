// SPDX-License-Identifier: GPL-2.0-only
/* What was sent, and what was answered, see calls.h. */
#include "calls.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker.h"

#define TALLIES		400

/* EHWPOISON is the last that a program may see. */
#define ERRNOS		134

/* Of a letter: its length, and what became of it. */
#define LENGTH		0x00ffffffU
#define SENDING		0x01000000U
#define ACCEPTED	0x02000000U
#define REFUSED		0x04000000U
#define RECEIVED	0x08000000U

/* Of who sends to whom the last number that came is known. */
#define ORDERS		65536

struct tally {
	const char *name;
	enum calls_may may;
	u64 answers[ERRNOS];	/* [0]: successes */
};

struct order {
	u64 key;
	u64 last;
};

static struct tally *tallies;
static u32 n_tallies;
static u32 *letters;
static u64 letters_each;
static bool in_order;
static struct order *orders;
static u64 *accepted_letters, *received_letters;

void calls_books_open(u32 callers, u64 calls)
{
	letters_each = (calls + 1) * CALLS_LETTERS;
	letters = worker_shared(CALLS_PROCESSES * letters_each * sizeof(*letters));
	tallies = worker_shared(TALLIES * sizeof(*tallies));
	orders = worker_shared(ORDERS * sizeof(*orders));
	accepted_letters = worker_shared(sizeof(u64));
	received_letters = worker_shared(sizeof(u64));
	n_tallies = 0;
	in_order = callers == 1;
}

void calls_fail(const struct calls_caller *c, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("# seed %llu, caller %u, call %llu, %s: %s\n", calls_world->seed, c->nr, c->call,
	       calls_tally_name(calls_world->progress[c->nr].tally), text);
	__atomic_store_n(&calls_world->failed, true, __ATOMIC_RELEASE);
}

/* --- calls ----------------------------------------------------------------------- */

u32 calls_tally(const char *name, enum calls_may may)
{
	if (n_tallies == TALLIES)
		abort();
	tallies[n_tallies] = (struct tally){ .name = name, .may = may };
	return n_tallies++;
}

const char *calls_tally_name(u32 tally)
{
	return tallies[tally].name;
}

void calls_count(struct calls_caller *c, u32 tally, long result)
{
	const int answer = result < 0 ? errno : 0;

	if (answer >= ERRNOS) {
		calls_fail(c, "%s: errno %d is none", tallies[tally].name, answer);
		return;
	}
	__atomic_fetch_add(&tallies[tally].answers[answer], 1, __ATOMIC_RELAXED);
	if (getenv("RDGRAM_TRACE"))
		printf("# %u.%llu %s: %ld %s\n", c->nr, c->call, tallies[tally].name, result,
		       answer ? strerrorname_np(answer) : "");
}

static void print_tally(const struct tally *t)
{
	char line[512];
	size_t at = snprintf(line, sizeof(line), "# %-32s %8llu", t->name, t->answers[0]);

	for (int i = 1; i < ERRNOS; i++)
		if (t->answers[i] && at < sizeof(line))
			at += snprintf(line + at, sizeof(line) - at, " %s %llu",
				       strerrorname_np(i), t->answers[i]);
	puts(line);
}

static bool tally_good(const struct tally *t, bool complete)
{
	if (t->may == CALLS_NEVER && t->answers[0])
		printf("# %s has succeeded\n", t->name);
	else if (complete && t->may == CALLS_MUST && !t->answers[0])
		printf("# %s has never succeeded\n", t->name);
	else
		return true;
	return false;
}

bool calls_books_good(bool complete)
{
	bool good = true;

	for (u32 i = 0; i < n_tallies; i++) {
		print_tally(&tallies[i]);
		good = tally_good(&tallies[i], complete) && good;
	}
	return good;
}

/* --- messages -------------------------------------------------------------------- */

static u64 word_of(const struct calls_caller *c, const struct calls_slot *from, u32 to)
{
	return (u64)c->nr << 56 | (u64)(from->life & 0xffffff) << 32 | to;
}

u64 calls_letter(struct calls_caller *c, u8 *at, size_t len, const struct calls_slot *from,
		 u32 to)
{
	u64 index = c->call * CALLS_LETTERS + c->letters;

	if (len < MESSAGE_HEADER || c->letters == CALLS_LETTERS) {
		memset(at, 0, len);
		return 0;
	}
	c->letters++;
	message_make(at, len, word_of(c, from, to), index);
	__atomic_store_n(&letters[c->nr * letters_each + index], len | SENDING, __ATOMIC_RELEASE);
	return index + 1;
}

void calls_letter_sent(struct calls_caller *c, u64 letter, bool accepted)
{
	u32 *l = &letters[c->nr * letters_each + letter - 1], was;

	if (!letter)
		return;
	was = __atomic_fetch_or(l, accepted ? ACCEPTED : REFUSED, __ATOMIC_ACQ_REL);
	__atomic_fetch_add(accepted_letters, accepted, __ATOMIC_RELAXED);
	if (!accepted && (was & RECEIVED))
		calls_fail(c, "message %llu was refused, and arrives", letter - 1);
}

/* By one caller, to one address, over one pair of addresses: they come as they were sent. */
static void check_order(struct calls_caller *c, const struct calls_slot *s, u64 word, u64 index,
			const struct addr *from)
{
	u64 key = message_hash(word, s->life), host[2];
	struct order *o;

	memcpy(host, from->sa.sa_family == AF_INET ? (const void *)&from->v4 : &from->v6.sin6_addr,
	       sizeof(host));
	key = message_hash(message_hash(key, host[0]), host[1]);
	o = &orders[key % ORDERS];
	if (o->key == key && o->last >= index)
		calls_fail(c, "message %llu of %llx comes after %llu", index, word, o->last);
	o->key = key;
	o->last = index;
}

void calls_got(struct calls_caller *c, const struct calls_slot *s, const u8 *at, size_t have,
	       size_t len, const struct addr *from)
{
	u64 word, index, nr;
	u32 was;

	/* Too short to say who they are, but for those that are no more than nothing. */
	if (len < MESSAGE_HEADER || have < MESSAGE_HEADER || !message_sender(at))
		return;
	word = message_sender(at);
	index = message_index(at);
	nr = word >> 56;
	if (nr >= CALLS_PROCESSES || index >= letters_each) {
		calls_fail(c, "%zu bytes that nobody sent, by %llx", len, word);
		return;
	}
	was = __atomic_fetch_or(&letters[nr * letters_each + index], RECEIVED, __ATOMIC_ACQ_REL);
	if (!(was & SENDING) || (was & REFUSED))
		calls_fail(c, "message %llu of caller %llu was not sent: %x", index, nr, was);
	else if (was & RECEIVED)
		calls_fail(c, "message %llu of caller %llu comes twice", index, nr);
	else if ((was & LENGTH) != len)
		calls_fail(c, "message %llu of caller %llu has %zu bytes instead of %u", index, nr,
			   len, was & LENGTH);
	else if (!message_check(at, have, word, index))
		calls_fail(c, "message %llu of caller %llu was changed", index, nr);
	else if (in_order && from)
		check_order(c, s, word, index, from);
	__atomic_fetch_add(received_letters, 1, __ATOMIC_RELAXED);
}

void calls_letters(u64 *sent, u64 *received)
{
	*sent = *accepted_letters;
	*received = *received_letters;
}
