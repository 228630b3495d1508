// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket calls of anybody's making, by one caller and by four at once, see calls/calls.h:
 * each returns, messages are what was sent, and nothing is left in the end.
 *
 * RDGRAM_CALLS=NUMBER in the environment is how many calls each of the tests makes;
 * RDGRAM_SEED=NUMBER chooses others, and "any" those of the time of day; RDGRAM_TRACE=1
 * shows them all.
 *
 * timeout: 600
 */
#include <dirent.h>
#include <poll.h>
#include <time.h>

#include "kselftest_harness.h"
#include "../calls/calls.h"
#include "counter.h"
#include "klog.h"
#include "slow.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define CALLS		8000
#define CALLS_SLOW	18000	/* two minutes on a kernel that looks for bugs */
#define SEED		20261126
#define THREADS		4

/* The tallies are complete after so many calls. */
#define MANY		20000

/* A call that has not come to an end after so many seconds never will. */
#define HANGS		30

/* What a closed socket delivers it has delivered by then; seconds. */
#define GONE		150

static u64 number_of(const char *name, u64 usual)
{
	const char *text = getenv(name);
	struct timespec now;

	if (!text)
		return usual;
	if (strcmp(text, "any"))
		return strtoull(text, NULL, 0);
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_nsec ^ (u64)now.tv_sec << 20;
}

static u64 references(void)
{
	return counter_in("/sys/module/rdgram/refcnt", "%llu");
}

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

struct run {
	u64 seed;
	u32 callers;
	u64 calls;
	bool complete;
};

static bool run(void *arg)
{
	const struct run *r = arg;
	const int before = descriptors();
	bool good = calls_run(r->seed, r->callers, r->calls);

	good = calls_books_good(r->complete) && good;
	if (descriptors() == before)
		return good;
	printf("# %d descriptors before, %d after\n", before, descriptors());
	return false;
}

/* How far all of them are, together. */
static u64 progress(u32 callers)
{
	u64 sum = 0;

	for (u32 i = 0; i < callers; i++)
		sum += __atomic_load_n(&calls_world->progress[i].call, __ATOMIC_ACQUIRE) +
		       __atomic_load_n(&calls_world->progress[i].done, __ATOMIC_ACQUIRE);
	return sum;
}

static bool is_over(pid_t pid)
{
	siginfo_t info = {};

	if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid != pid)
		return false;
	if (info.si_code != CLD_EXITED)
		printf("# the callers end by signal %d\n", info.si_status);
	return true;
}

static void tell_of_hang(const struct run *r)
{
	for (u32 i = 0; i < r->callers; i++) {
		const struct calls_progress *p = &calls_world->progress[i];

		printf("# seed %llu, caller %u, thread %d: %s in call %llu\n", r->seed, i, p->tid,
		       p->done ? "through" : "is", p->call);
	}
}

/* Each caller gets on, until all are through. */
static bool watch(pid_t pid, const struct run *r)
{
	u64 last = 0, now;

	for (int quiet = 0; !is_over(pid); poll(NULL, 0, 100)) {
		now = progress(r->callers);
		quiet = now == last ? quiet + 1 : 0;
		last = now;
		/* The end takes its time where sockets linger. */
		if (quiet < HANGS * 10)
			continue;
		tell_of_hang(r);
		return false;
	}
	return worker_join(pid);
}

FIXTURE(calls) {
	int klog;
	u64 before;
};

FIXTURE_VARIANT(calls) {
	u32 callers;
};

FIXTURE_VARIANT_ADD(calls, alone) { .callers = 1 };
FIXTURE_VARIANT_ADD(calls, at_once) { .callers = THREADS };

FIXTURE_SETUP(calls)
{
	self->klog = klog_open();
	self->before = references();
	calls_world = worker_shared(sizeof(*calls_world));
}

FIXTURE_TEARDOWN(calls)
{
	EXPECT_TRUE(klog_silent(self->klog));
}

TEST_F_TIMEOUT(calls, of_any_kind, 7200)
{
	struct run r = {
		.seed = number_of("RDGRAM_SEED", SEED),
		.callers = variant->callers,
		.calls = number_of("RDGRAM_CALLS",
				   slow_factor() > 1 ? CALLS_SLOW : CALLS) / variant->callers,
	};

	r.complete = r.calls * r.callers >= MANY;
	printf("# seed %llu\n", r.seed);
	ASSERT_TRUE(watch(worker_start(run, &r), &r));
	for (int i = 0; i < GONE * 10 && references() > self->before; i++)
		poll(NULL, 0, 100);
	EXPECT_GE(self->before, references());
}

TEST_HARNESS_MAIN
