/* SPDX-License-Identifier: GPL-2.0-only */
/* Options whose value is an int, in tables. Comes after kselftest_harness.h. */
#ifndef TEST_OPTION_H
#define TEST_OPTION_H

#include <string.h>
#include <sys/socket.h>

/* What is set, and what is read back then, or the error. */
struct option {
	const char *name;
	int option;
	int value;
	int back;
};

#define OPTION(name, value, back) { #name, name, value, back }

static inline void option_keep(struct __test_metadata *_metadata, int fd, int level,
			       const struct option *o, size_t n)
{
	for (; n; n--, o++) {
		int back = -1;
		socklen_t len = sizeof(back);

		EXPECT_EQ(0, setsockopt(fd, level, o->option, &o->value, sizeof(int)))
			TH_LOG("%s: %s", o->name, strerror(errno));
		EXPECT_EQ(0, getsockopt(fd, level, o->option, &back, &len))
			TH_LOG("%s: %s", o->name, strerror(errno));
		EXPECT_EQ(o->back, back)
			TH_LOG("%s", o->name);
	}
}

static inline void option_refuse(struct __test_metadata *_metadata, int fd, int level,
				 const struct option *o, size_t n)
{
	for (; n; n--, o++) {
		EXPECT_EQ(-1, setsockopt(fd, level, o->option, &o->value, sizeof(int)))
			TH_LOG("%s", o->name);
		EXPECT_EQ(o->back, errno)
			TH_LOG("%s", o->name);
	}
}

#endif /* TEST_OPTION_H */
