// SPDX-License-Identifier: GPL-2.0-only
/*
 * The KUnit module as a program, see kunit/test.h and linux/module.h:
 *
 *	kunit [filter=SUITE] [seed=N] [schedules=N]
 *
 * What the module prints it prints as well; status 1 if a test failed.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/slab.h>

/* What a test allocated, in front of what it got. */
struct kunit_memory {
	struct kunit_memory *next;
	u64 data[];
};

static struct user_param *params;
static const char *filter;
static bool failed;

void user_param_add(struct user_param *p)
{
	p->next = params;
	params = p;
}

int scnprintf(char *to, size_t size, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(to, size, format, args);
	va_end(args);
	return n < (int)size ? n : (int)size - 1;
}

static void print(struct kunit *test, const char *format, va_list args)
{
	char text[1000];
	int n = vsnprintf(text, sizeof(text), format, args);

	/* Of an expectation without a message there is only a space. */
	if (n > 1)
		printf("    # %s: %s%s", test->name, text, text[n - 1] == '\n' ? "" : "\n");
}

void kunit_print(struct kunit *test, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(test, format, args);
	va_end(args);
}

void kunit_fail(struct kunit *test, const char *file, int line, const char *format, ...)
{
	va_list args;

	test->failed = true;
	kunit_print(test, "failed at %s:%d\n", file, line);
	va_start(args, format);
	print(test, format, args);
	va_end(args);
}

void kunit_differ(struct kunit *test, const char *file, int line, const char *what,
		  long long left, long long right, bool leave, const char *format, ...)
{
	va_list args;

	kunit_fail(test, file, line, "expected %s, which are %lld and %lld", what, left, right);
	va_start(args, format);
	print(test, format, args);
	va_end(args);
	if (leave)
		longjmp(test->abort, 1);
}

void *kunit_kzalloc(struct kunit *test, size_t size, unsigned int gfp)
{
	struct kunit_memory *m = kzalloc(sizeof(*m) + size, gfp);

	if (!m)
		return NULL;
	m->next = test->memory;
	test->memory = m;
	return m->data;
}

static bool run(struct kunit_suite *suite, struct kunit_case *c)
{
	struct kunit test = { .name = c->name };

	if (!setjmp(test.abort)) {
		if (suite->init && suite->init(&test))
			KUNIT_FAIL(&test, "it cannot begin");
		else
			c->run(&test);
	}
	if (suite->exit)
		suite->exit(&test);
	while (test.memory) {
		struct kunit_memory *m = test.memory;

		test.memory = m->next;
		kfree(m);
	}
	return !test.failed;
}

static bool run_suite(struct kunit_suite *suite)
{
	struct kunit_case *c;
	bool all = true;
	int n = 0;

	for (c = suite->test_cases; c->run; c++)
		n++;
	printf("    KTAP version 1\n    # Subtest: %s\n    1..%d\n", suite->name, n);
	for (n = 0, c = suite->test_cases; c->run; c++) {
		bool ok = run(suite, c);

		printf("    %sok %d %s\n", ok ? "" : "not ", ++n, c->name);
		all = all && ok;
	}
	return all;
}

int __kunit_test_suites_init(struct kunit_suite * const * const suites, int n)
{
	int i, selected = 0, done = 0;

	for (i = 0; i < n; i++)
		selected += !filter || !strcmp(filter, suites[i]->name);
	printf("KTAP version 1\n1..%d\n", selected);
	for (i = 0; i < n; i++) {
		bool ok;

		if (filter && strcmp(filter, suites[i]->name))
			continue;
		ok = run_suite(suites[i]);
		printf("%sok %d %s\n", ok ? "" : "not ", ++done, suites[i]->name);
		failed = failed || !ok;
	}
	return selected ? 0 : -1;
}

void __kunit_test_suites_exit(struct kunit_suite **suites, int n)
{
}

static bool set(const char *name, size_t len, const char *value)
{
	struct user_param *p = params;
	char *end;

	while (p && (strlen(p->name) != len || memcmp(p->name, name, len)))
		p = p->next;
	if (!p)
		return false;
	p->set(strtoull(value, &end, 0));
	return end != value && !*end;
}

int main(int argc, char **argv)
{
	int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 1; i < argc; i++) {
		const char *value = strchr(argv[i], '=');

		if (value && !strncmp(argv[i], "filter=", 7)) {
			filter = value + 1;
		} else if (!value || !set(argv[i], value - argv[i], value + 1)) {
			fprintf(stderr, "usage: kunit [filter=SUITE] [seed=N] [schedules=N]\n");
			return 2;
		}
	}
	if (user_module_init()) {
		fprintf(stderr, "kunit: no suite %s\n", filter ?: "at all");
		return 2;
	}
	user_module_exit();
	return failed;
}
