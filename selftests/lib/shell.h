/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test does to the world around it. */
#ifndef TEST_SHELL_H
#define TEST_SHELL_H

/* A shell command in the current namespace; the test ends if it fails. */
void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* TEST_SHELL_H */
