/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sockets under test. What is called here is not what a test is about: a
 * call that fails ends the test.
 *
 * A program that includes this ends with "skipped" before its first test where
 * the module is not loaded.
 */
#ifndef TEST_SOCK_H
#define TEST_SOCK_H

#include <sys/types.h>

#include <linux/rdgram.h>

#include "addr.h"
#include "types.h"

/* RDGRAM_TEST_UDP=1: plain UDP sockets are used in the place of ours. */
bool sock_is_udp(void);

/* The whole program makes no sense with UDP sockets: skipped. */
#define RDGRAM_ONLY								\
	static void __attribute__((constructor)) skip_if_udp(void)		\
	{									\
		sock_skip_if_udp();						\
	}									\
	struct needs_a_semicolon
void sock_skip_if_udp(void);

int sock_type(void);
int sock_protocol(void);

int sock_new(int family);

/* Bound to @to; @name, if not NULL, gets what it is bound to. */
int sock_bound(const struct addr *to, struct addr *name);
int sock_on_loopback(int family, struct addr *name);

/* Bound with an option of SOL_SOCKET that is on; 0: none. -1: errno. */
int sock_bind_with(int option, const struct addr *at);
void sock_connect(int fd, const struct addr *to);
struct addr sock_name(int fd);

/* As sendto() and recvfrom(), errors and all. */
ssize_t sock_sendto(int fd, const void *message, size_t len, int flags, const struct addr *to);
ssize_t sock_recvfrom(int fd, void *to, size_t size, int flags, struct addr *from);

/* Blocks as long as it takes: the harness has a time limit. */
void sock_wait(int fd, short events);

void sock_set(int fd, int option, int value);
int sock_get(int fd, int option);
void sock_set_timeout(int fd, int option, int ms);

/* How long close() may wait; 0: it does not, and drops what was not delivered. */
void sock_set_linger(int fd, int seconds);

/* What waits in a socket, by SIOCINQ or SIOCOUTQ; bytes. */
int sock_queued(int fd, int request);

void sock_stats(int fd, struct rdgram_stats *stats);

/* Wait until all that was sent has been delivered or returned; UDP's is at once. */
void sock_wait_settled(int fd);

/* A new network namespace, with its loopback device up, for this process. */
void net_isolate(void);

/* This process, on one processor from now on: so it is decided who runs when, and there is
 * one queue in the loopback device.
 */
void stay_on_one(void);

/* What this process, on one processor, has sent over the loopback device has arrived, also
 * where the kernel has a thread take it out of the queue.
 */
void net_drain_loopback(void);

#endif /* TEST_SOCK_H */
