/* SPDX-License-Identifier: GPL-2.0-only */
/* net.rdgram.mem, which is the machine's, for the time of a test. */
#ifndef TEST_LIMIT_H
#define TEST_LIMIT_H

#include <sys/types.h>

#include "types.h"

struct limit {
	int file;
	char before[100];
	ssize_t len;
};

/* Before this process leaves the first network namespace; false: it is in another one. */
bool limit_open(struct limit *l);

/* Three numbers of pages. */
void limit_set(const struct limit *l, const char *pages);

/* So many pages more than are in use: what was closed before may have some yet. */
void limit_set_beyond(const struct limit *l, u64 first, u64 second, u64 third);

/* As it was before. */
void limit_close(const struct limit *l);

#endif /* TEST_LIMIT_H */
