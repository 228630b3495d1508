// SPDX-License-Identifier: GPL-2.0-only
/* Which calls there are, who makes them, and who watches, see calls.h. */
#include "calls.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A call that waits is interrupted so often; ms. */
#define INTERRUPT 10

static struct deed {
	const char *name;
	long (*make)(struct calls_caller *c);
	u32 weight;
	enum calls_may may;
	u32 tally;
} deeds[] = {
	{ "open", calls_open, 120, CALLS_MUST, 0 },
	{ "socket, odd", calls_open_odd, 10, CALLS_MUST, 0 },
	{ "bind", calls_bind, 20, CALLS_MUST, 0 },
	{ "connect", calls_connect, 20, CALLS_MUST, 0 },
	{ "connect to AF_UNSPEC", calls_disconnect, 10, CALLS_MUST, 0 },
	{ "getsockname", calls_getsockname, 10, CALLS_MUST, 0 },
	{ "getpeername", calls_getpeername, 10, CALLS_MUST, 0 },
	{ "shutdown", calls_shutdown, 3, CALLS_MUST, 0 },
	{ "close", calls_close, 30, CALLS_MUST, 0 },
	{ "dup", calls_dup, 3, CALLS_MUST, 0 },
	{ "dup3", calls_dup_over, 2, CALLS_MUST, 0 },
	{ "SCM_RIGHTS", calls_pass, 5, CALLS_MUST, 0 },
	{ "fcntl", calls_fcntl, 15, CALLS_MUST, 0 },
	{ "listen", calls_listen, 2, CALLS_NEVER, 0 },
	{ "accept4", calls_accept, 2, CALLS_NEVER, 0 },
	{ "socketpair", calls_socketpair, 2, CALLS_NEVER, 0 },
	{ "mmap", calls_mmap, 2, CALLS_NEVER, 0 },
	{ "lseek", calls_lseek, 2, CALLS_NEVER, 0 },
	{ "poll", calls_poll, 20, CALLS_MUST, 0 },
	{ "select", calls_select, 10, CALLS_MUST, 0 },
	{ "epoll_ctl", calls_epoll_ctl, 15, CALLS_MUST, 0 },
	{ "epoll_wait", calls_epoll_wait, 15, CALLS_MUST, 0 },
	{ "send", calls_send, 40, CALLS_MUST, 0 },
	{ "sendto", calls_sendto, 140, CALLS_MUST, 0 },
	{ "sendmsg", calls_sendmsg, 120, CALLS_MUST, 0 },
	{ "sendmmsg", calls_sendmmsg, 40, CALLS_MUST, 0 },
	{ "write", calls_write, 20, CALLS_MUST, 0 },
	{ "writev", calls_writev, 20, CALLS_MUST, 0 },
	{ "splice to a socket", calls_splice_out, 15, CALLS_MUST, 0 },
	{ "sendfile", calls_sendfile, 15, CALLS_MUST, 0 },
	{ "io_uring SENDMSG", calls_uring_send, 15, CALLS_MUST, 0 },
	{ "recv", calls_recv, 100, CALLS_MUST, 0 },
	{ "recvfrom", calls_recvfrom, 150, CALLS_MUST, 0 },
	{ "recvmsg", calls_recvmsg, 150, CALLS_MUST, 0 },
	{ "recvmmsg", calls_recvmmsg, 80, CALLS_MUST, 0 },
	{ "read", calls_read, 20, CALLS_MUST, 0 },
	{ "readv", calls_readv, 30, CALLS_MUST, 0 },
	{ "splice from a socket", calls_splice_in, 20, CALLS_MUST, 0 },
	{ "recv, MSG_PEEK", calls_peek, 20, CALLS_MUST, 0 },
	{ "recvmsg, MSG_ERRQUEUE", calls_error, 20, CALLS_MUST, 0 },
	{ "io_uring RECV", calls_uring_recv, 15, CALLS_MUST, 0 },
	{ "io_uring ASYNC_CANCEL", calls_uring_cancel, 10, CALLS_MUST, 0 },
	{ "setsockopt", calls_setsockopt, 200, CALLS_MUST, 0 },
	{ "getsockopt", calls_getsockopt, 150, CALLS_MUST, 0 },
	{ "ioctl", calls_ioctl, 40, CALLS_MUST, 0 },
	{ "a namespace", calls_namespace, 1, CALLS_MUST, 0 },
	{ "a device down and up", calls_device, 2, CALLS_MUST, 0 },
	{ "a device's MTU", calls_mtu, 2, CALLS_MUST, 0 },
	{ "sysctl", calls_sysctl, 2, CALLS_MUST, 0 },
	{ "/proc/net", calls_proc, 3, CALLS_MUST, 0 },
	{ "a pause", calls_pause, 20, CALLS_MUST, 0 },
	{ "fork", calls_fork, 1, CALLS_MUST, 0 },
};

#define DEEDS (sizeof(deeds) / sizeof(*deeds))

static u32 weights;

static void books_open(u32 callers, u64 calls)
{
	calls_books_open(callers, calls);
	weights = 0;
	for (u32 i = 0; i < DEEDS; i++) {
		deeds[i].tally = calls_tally(deeds[i].name, deeds[i].may);
		weights += deeds[i].weight;
	}
	calls_options_open();
	calls_controls_open();
}

static const struct deed *some_deed(struct calls_caller *c)
{
	u64 at = calls_draw(c, weights);
	const struct deed *d = deeds;

	while (at >= d->weight)
		at -= d++->weight;
	return d;
}

void calls_begin(struct calls_caller *c, u64 call)
{
	c->call = call;
	c->state = message_hash(message_hash(calls_world->seed, c->nr), call);
	c->drawn = 0;
	c->letters = 0;
}

void calls_make(struct calls_caller *c)
{
	const struct deed *d = some_deed(c);
	struct calls_progress *p = &calls_world->progress[c->nr];
	long result;

	__atomic_store_n(&p->tally, d->tally, __ATOMIC_RELAXED);
	__atomic_store_n(&p->call, c->call, __ATOMIC_RELEASE);
	result = d->make(c);
	calls_count(c, d->tally, result);
}

static void nothing(int sig __attribute__((unused)))
{
}

/* Signals that a socket may be asked to send, and the one that interrupts. */
static void stand_signals(void)
{
	static const int stood[] = { SIGALRM, SIGIO, SIGURG, SIGUSR2 };
	const struct sigaction act = { .sa_handler = nothing };

	for (u32 i = 0; i < sizeof(stood) / sizeof(*stood); i++)
		sigaction(stood[i], &act, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* No call of this thread waits for long, but those that no signal ends. */
void calls_interrupt_often(void)
{
	struct sigevent e = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM };
	const struct itimerspec often = {
		.it_value.tv_nsec = INTERRUPT * 1000000, .it_interval.tv_nsec = INTERRUPT * 1000000,
	};
	timer_t timer;

	e._sigev_un._tid = syscall(__NR_gettid);
	if (timer_create(CLOCK_MONOTONIC, &e, &timer) || timer_settime(timer, 0, &often, NULL))
		err(1, "timer");
}

bool calls_caller_open(struct calls_caller *c, u32 nr)
{
	*c = (struct calls_caller){ .nr = nr };
	/* Pages of their own: of what is sent again and again each byte was written. */
	c->out = malloc(CALLS_ROOM);
	c->in = malloc(CALLS_ROOM);
	c->file = memfd_create("calls", MFD_CLOEXEC);
	c->has_ring = uring_open(&c->ring);
	return c->out && c->in && c->file >= 0 && !pipe2(c->pipe, O_NONBLOCK | O_CLOEXEC);
}

void calls_caller_close(struct calls_caller *c)
{
	if (c->has_ring)
		uring_close(&c->ring);
	close(c->pipe[0]);
	close(c->pipe[1]);
	close(c->file);
	free(c->out);
	free(c->in);
}

static void *make_calls(void *arg)
{
	struct calls_caller *c = arg;
	struct calls_progress *p = &calls_world->progress[c->nr];

	p->tid = syscall(__NR_gettid);
	calls_interrupt_often();
	for (u64 i = 0; i < calls_world->calls; i++) {
		if (__atomic_load_n(&calls_world->failed, __ATOMIC_ACQUIRE))
			break;
		calls_begin(c, i);
		calls_make(c);
	}
	__atomic_store_n(&p->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* All of it, in a process of its own: calls_world is shared with who watches. */
bool calls_run(u64 seed, u32 callers, u64 calls)
{
	static struct calls_caller all[CALLS_CALLERS];
	pthread_t threads[CALLS_CALLERS];
	u64 sent, received;

	stand_signals();
	books_open(callers, calls);
	calls_world_open(seed, callers, calls);
	for (u32 i = 0; i < callers; i++)
		if (!calls_caller_open(&all[i], i))
			err(1, "caller %u", i);
	for (u32 i = 0; i < callers; i++)
		if (pthread_create(&threads[i], NULL, make_calls, &all[i]))
			err(1, "thread %u", i);
	for (u32 i = 0; i < callers; i++)
		pthread_join(threads[i], NULL);
	for (u32 i = 0; i < callers; i++)
		calls_caller_close(&all[i]);
	calls_world_close();
	calls_letters(&sent, &received);
	printf("# seed %llu: %llu calls by %u callers, %llu messages accepted, %llu received\n",
	       seed, calls * callers, callers, sent, received);
	/* A world in which nothing arrives is no test. */
	if (!received || sent < received || received < sent / 8)
		calls_fail(&all[0], "only %llu of %llu messages arrived", received, sent);
	return !calls_world->failed;
}
