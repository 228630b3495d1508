/* SPDX-License-Identifier: GPL-2.0-only */
/* net.rdgram.mem, which is the machine's, for the time of a test. */
#ifndef TEST_LIMIT_H
#define TEST_LIMIT_H

#include <stdbool.h>
#include <sys/types.h>

struct limit {
	int file;
	char before[100];
	ssize_t len;
};

/* Before this process leaves the first network namespace; false: it is in another one. */
bool limit_open(struct limit *l);

/* Three numbers of pages. */
void limit_set(const struct limit *l, const char *pages);

/* As it was before. */
void limit_close(const struct limit *l);

#endif /* TEST_LIMIT_H */
