/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Socket calls of anybody's making: random sequences of them over a few sockets, by one
 * thread or by several at once, in several network namespaces, with good arguments and
 * with bad ones.
 *
 * What a call is, and what is drawn for its arguments, follow from the seed, the number of
 * the caller and that of the call: one caller alone makes the same calls again for the same
 * seed, but for the times at which packets arrive and signals interrupt. Messages say who
 * sent them and which they are (message.h), so of each that is received is asked whether it
 * was sent, is whole, comes once, was not refused to who sent it, and, with one caller, is in
 * its place.
 *
 * Most arguments are good: slot number k has a home, an address in one of two hosts,
 * where its socket is usually bound, and to which others send. What succeeded how often,
 * and what else was answered, is counted for each kind of call, option and control message.
 *
 *	run.c		which calls, the loop, who watches it
 *	pick.c		what is drawn: addresses, sizes, pointers
 *	books.c		what was sent and what was answered
 *	life.c		sockets and descriptors: from socket() to close()
 *	send.c		messages out, and control messages beside them
 *	receive.c	messages in
 *	options.c	setsockopt(), getsockopt(), ioctl()
 *	world.c		namespaces, devices, processes
 */
#ifndef CALLS_H
#define CALLS_H

#include <sys/types.h>

#include "addr.h"
#include "hosts.h"
#include "message.h"
#include "types.h"
#include "uring.h"

#define CALLS_SLOTS	16
#define CALLS_PORT	7000

/* Slots whose numbers have this bit are usually connected. */
#define CALLS_CONNECTED	4

/* With this one they are of IPv6. */
#define CALLS_V6	2

#define CALLS_CALLERS	8

/* A process that a caller forks is a caller, too. */
#define CALLS_PROCESSES	(2 * CALLS_CALLERS)

/* So many messages of a call can be told apart. */
#define CALLS_LETTERS	4

#define CALLS_ROOM	(MESSAGE_MAX + 4096)

/**
 * struct calls_slot - a descriptor, or none
 *
 * @fd: -1: none.
 * @life: which socket it is: of all that were made the how manieth.
 */
struct calls_slot {
	int fd;
	u32 life;
};

/**
 * struct calls_caller - who makes calls
 *
 * @nr: which one; from CALLS_CALLERS on: the process of one of those.
 * @call: number of the call.
 * @state: all that is drawn for this call follows from it.
 * @drawn: so many were.
 * @letters: messages of this call that can be told apart.
 * @out: messages to be sent; CALLS_ROOM bytes.
 * @in: messages received; likewise.
 * @control: control messages, in either direction.
 * @pipe: for splice().
 * @file: for sendfile().
 * @ring: where @has_ring is set.
 */
struct calls_caller {
	u32 nr;
	u64 call;
	u64 state;
	u64 drawn;
	u32 letters;
	u8 *out;
	u8 *in;
	u8 control[1024] __attribute__((aligned(8)));
	int pipe[2];
	int file;
	struct uring ring;
	bool has_ring;
};

/**
 * struct calls_progress - how far a caller is, for who watches it
 *
 * @tid: its thread.
 * @call: number of the call.
 * @tally: which kind of call.
 * @done: it is through.
 */
struct calls_progress {
	int tid;
	u64 call;
	u32 tally;
	bool done;
};

/**
 * struct calls_world - what all callers share
 *
 * @seed: of everything.
 * @calls: of each caller.
 * @callers: how many.
 * @hosts: the two homes.
 * @control: a UDP socket in each host, for what is done to its devices.
 * @device: index of eth0 in each host.
 * @unmapped: an address where nothing is.
 * @readonly: a page that cannot be written.
 * @progress: of each caller.
 * @lives: sockets that were made.
 * @epoll: a set of descriptors.
 * @pair: a UNIX socket pair, by which descriptors are passed.
 * @failed: a promise is broken.
 */
struct calls_world {
	u64 seed;
	u64 calls;
	u32 callers;
	struct hosts hosts;
	int control[HOSTS];
	u32 device[HOSTS];
	u8 *unmapped;
	u8 *readonly;
	struct calls_progress progress[CALLS_PROCESSES];
	u32 lives;
	int epoll;
	int pair[2];
	bool failed;
};

extern struct calls_world *calls_world;
/* Of this process: others have descriptors of their own. */
extern struct calls_slot calls_slots[CALLS_SLOTS];

/* run.c */
bool calls_run(u64 seed, u32 callers, u64 calls);
void calls_begin(struct calls_caller *c, u64 call);
void calls_make(struct calls_caller *c);
bool calls_caller_open(struct calls_caller *c, u32 nr);
void calls_caller_close(struct calls_caller *c);
void calls_interrupt_often(void);

/* pick.c */
u64 calls_draw(struct calls_caller *c, u64 below);
bool calls_one_in(struct calls_caller *c, u64 n);
/* One of the numbers that stand there. */
#define calls_pick(c, ...) ({						\
	const long all[] = { __VA_ARGS__ };				\
									\
	all[calls_draw(c, sizeof(all) / sizeof(*all))];			\
})
struct calls_slot *calls_slot(struct calls_caller *c);
struct calls_slot *calls_slot_to_read(struct calls_caller *c);
int calls_family(const struct calls_slot *s);
int calls_host(const struct calls_slot *s);
struct addr calls_home(struct calls_caller *c, const struct calls_slot *s);
struct addr calls_target(struct calls_caller *c, const struct calls_slot *from);
void calls_spoil_address(struct calls_caller *c, struct addr *a);
size_t calls_size(struct calls_caller *c);
void *calls_bad_pointer(struct calls_caller *c);
int calls_some_int(struct calls_caller *c);

/* books.c */
enum calls_may {
	CALLS_MUST,	/* succeeds now and then */
	CALLS_MAY,	/* or perhaps never: it depends on the kernel */
	CALLS_NEVER,
};

void calls_books_open(u32 callers, u64 calls);
u32 calls_tally(const char *name, enum calls_may may);
const char *calls_tally_name(u32 tally);
void calls_count(struct calls_caller *c, u32 tally, long result);
/* What was counted; true if each kind that must has succeeded, and none that must not. */
bool calls_books_good(bool complete);
void calls_fail(const struct calls_caller *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A message that is about to be sent: makes it, and returns its number, or 0: short of
 * words to say who it is.
 */
u64 calls_letter(struct calls_caller *c, u8 *at, size_t len, const struct calls_slot *from,
		 u32 to);
void calls_letter_sent(struct calls_caller *c, u64 letter, bool accepted);
/* @have bytes of one of @len bytes that was received, and is gone from the queue. */
void calls_got(struct calls_caller *c, const struct calls_slot *s, const u8 *at, size_t have,
	       size_t len, const struct addr *from);
/* Sent so far, and received. */
void calls_letters(u64 *sent, u64 *received);

/* life.c */
long calls_open(struct calls_caller *c);
long calls_open_odd(struct calls_caller *c);
long calls_bind(struct calls_caller *c);
long calls_connect(struct calls_caller *c);
long calls_disconnect(struct calls_caller *c);
long calls_getsockname(struct calls_caller *c);
long calls_getpeername(struct calls_caller *c);
long calls_shutdown(struct calls_caller *c);
long calls_close(struct calls_caller *c);
long calls_dup(struct calls_caller *c);
long calls_dup_over(struct calls_caller *c);
long calls_pass(struct calls_caller *c);
long calls_fcntl(struct calls_caller *c);
long calls_listen(struct calls_caller *c);
long calls_accept(struct calls_caller *c);
long calls_socketpair(struct calls_caller *c);
long calls_mmap(struct calls_caller *c);
long calls_lseek(struct calls_caller *c);
long calls_poll(struct calls_caller *c);
long calls_select(struct calls_caller *c);
long calls_epoll_ctl(struct calls_caller *c);
long calls_epoll_wait(struct calls_caller *c);
long calls_pause(struct calls_caller *c);
void calls_close_all(void);
/* One that is connected, mostly: where it was not, it is now. */
struct calls_slot *calls_connected(struct calls_caller *c);
/* What @life is connected to may have changed so often. */
u32 calls_connections(u32 life);

/* send.c */
long calls_send(struct calls_caller *c);
long calls_sendto(struct calls_caller *c);
long calls_sendmsg(struct calls_caller *c);
long calls_sendmmsg(struct calls_caller *c);
long calls_write(struct calls_caller *c);
long calls_writev(struct calls_caller *c);
long calls_splice_out(struct calls_caller *c);
long calls_sendfile(struct calls_caller *c);
long calls_uring_send(struct calls_caller *c);
void calls_controls_open(void);

/* receive.c */
long calls_recv(struct calls_caller *c);
long calls_recvfrom(struct calls_caller *c);
long calls_recvmsg(struct calls_caller *c);
long calls_recvmmsg(struct calls_caller *c);
long calls_read(struct calls_caller *c);
long calls_readv(struct calls_caller *c);
long calls_splice_in(struct calls_caller *c);
long calls_peek(struct calls_caller *c);
long calls_error(struct calls_caller *c);
long calls_uring_recv(struct calls_caller *c);
long calls_uring_cancel(struct calls_caller *c);

/* options.c */
void calls_options_open(void);
long calls_setsockopt(struct calls_caller *c);
long calls_getsockopt(struct calls_caller *c);
long calls_ioctl(struct calls_caller *c);

/* world.c */
void calls_world_open(u64 seed, u32 callers, u64 calls);
void calls_world_close(void);
void calls_enter(const struct calls_slot *s);
long calls_namespace(struct calls_caller *c);
long calls_device(struct calls_caller *c);
long calls_mtu(struct calls_caller *c);
long calls_sysctl(struct calls_caller *c);
long calls_fork(struct calls_caller *c);
long calls_proc(struct calls_caller *c);

#endif /* CALLS_H */
