/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A test that waits for ever: what for. Of a hang that is seen once in a hundred runs,
 * on a machine that nobody can look into, this is all there will be to go by.
 */
#ifndef TEST_STUCK_H
#define TEST_STUCK_H

#include <sys/types.h>

/*
 * kill() for a group of processes; before that standard error gets: where in the kernel
 * each of them waits; our timers that are armed; and from all network namespaces that
 * they are in, or have open, the peers, the counters and UDP's sockets.
 */
int stuck_kill(pid_t minus_group, int sig);

#endif /* TEST_STUCK_H */
