/* SPDX-License-Identifier: GPL-2.0-only */
/* Other processes that take part in a test. */
#ifndef TEST_WORKER_H
#define TEST_WORKER_H

#include <stddef.h>
#include <sys/types.h>

#include "types.h"

/* Runs @work in a new process, which dies with this one. */
pid_t worker_start(bool (*work)(void *arg), void *arg);

/* Waits for it; true if @work returned true. */
bool worker_join(pid_t pid);

/* Does it sleep, at this moment, in a way that a signal ends? */
bool worker_sleeps(pid_t pid);

/* Until it does. */
void worker_await_sleep(pid_t pid);

/* A process that waits until poll() finds @events, and nothing else; it does when this returns.
 * worker_join() says whether it was so.
 */
pid_t worker_start_poll(int fd, short events);

/* SIGKILL, and gone. */
void worker_kill(pid_t pid);

/* Memory that processes share, zeroed; never freed. */
void *worker_shared(size_t size);

/* Wait until *@count is at least @value, looking every millisecond. */
void worker_await(const u64 *count, u64 value);

#endif /* TEST_WORKER_H */
