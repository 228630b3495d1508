/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel that looks for bugs takes several times as long. How many times, tools/check
 * says in the environment: RDGRAM_TEST_SLOW.
 */
#ifndef TEST_SLOW_H
#define TEST_SLOW_H

/* 1 where nothing is said. */
unsigned int slow_factor(void);

/* As alarm(), with a limit that is meant for an ordinary kernel; seconds. */
unsigned int slow_alarm(unsigned int seconds);

#endif /* TEST_SLOW_H */
