/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256, from libnettle. */
#ifndef DIGEST_H
#define DIGEST_H

#include <nettle/sha2.h>

#include "types.h"

#define DIGEST_SIZE	SHA256_DIGEST_SIZE
#define DIGEST_TEXT	(2 * DIGEST_SIZE + 1)

/* The digest of all that is in the file @fd; false with errno. */
bool digest_file(int fd, u8 to[DIGEST_SIZE]);

/* In hexadecimal, as sha256sum(1) prints it. */
char *digest_text(char to[DIGEST_TEXT], const u8 from[DIGEST_SIZE]);

#endif /* DIGEST_H */
