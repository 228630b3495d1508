// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inputs that were kept, once more, without libFuzzer: replay FILE... (TAP). What a file
 * does wrong ends the program, by a signal.
 */
#include "fuzz.h"

static void replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	u8 data[65536];
	size_t len;

	if (!file) {
		perror(path);
		exit(1);
	}
	len = fread(data, 1, sizeof(data), file);
	fclose(file);
	fuzz_one(data, len);
}

int main(int argc, char **argv)
{
	int i;

	printf("TAP version 13\n1..1\n");
	fflush(stdout);
	for (i = 1; i < argc; i++) {
		fprintf(stderr, "# %s\n", argv[i]);
		replay(argv[i]);
	}
	printf("ok 1 %d inputs, %llu packets, %llu messages refused\n", argc - 1,
	       (unsigned long long)fuzz_packets, (unsigned long long)fuzz_refused);
	return 0;
}
