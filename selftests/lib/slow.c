// SPDX-License-Identifier: GPL-2.0-only
#include "slow.h"

#include <stdlib.h>
#include <unistd.h>

unsigned int slow_factor(void)
{
	const char *text = getenv("RDGRAM_TEST_SLOW");
	const int factor = text ? atoi(text) : 1;

	return factor > 0 ? factor : 1;
}

unsigned int slow_alarm(unsigned int seconds)
{
	return alarm(seconds * slow_factor());
}
