// SPDX-License-Identifier: GPL-2.0-only
#include "digest.h"

#include <stdio.h>
#include <unistd.h>

bool digest_file(int fd, u8 to[DIGEST_SIZE])
{
	struct sha256_ctx context;
	u8 block[65536];
	off_t offset = 0;
	ssize_t got;

	sha256_init(&context);
	while ((got = pread(fd, block, sizeof(block), offset)) > 0) {
		sha256_update(&context, got, block);
		offset += got;
	}
	sha256_digest(&context, DIGEST_SIZE, to);
	return !got;
}

char *digest_text(char to[DIGEST_TEXT], const u8 from[DIGEST_SIZE])
{
	for (int i = 0; i < DIGEST_SIZE; i++)
		sprintf(to + 2 * i, "%02x", from[i]);
	return to;
}
