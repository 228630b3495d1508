// SPDX-License-Identifier: GPL-2.0-only
/*
 * cell NAME=VALUE...: measures one cell of the timing report, in virtual time.
 *
 *	workload=	stream, beside, rounds, cut, silent or idle
 *	protocol=	rdgram, tcp, sctp or rds, "-cubic" or "-bbr" appended as wished
 *	beside=		a protocol, for the workload of that name
 *	netem=		the path each way, in the words of tc-netem(8)
 *	bottleneck=	a queueing discipline behind it, in the words of tc(8)
 *	size= seconds= count= rate= every= seed=
 *			numbers: see struct cell
 *
 * Other names are only repeated in the result.
 */
#include "cell.h"

#include <err.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Virtual seconds after which a cell has got stuck. */
#define STUCK 100000

static const struct {
	const char *name;
	void (*run)(const struct cell *c);
} workloads[] = {
	{ "stream", stream_run },
	{ "beside", beside_run },
	{ "rounds", rounds_run },
	{ "cut", cut_run },
	{ "silent", silent_run },
	{ "idle", idle_run },
};

static int arguments;
static char **argument;

/* The line goes out in one piece, however the cell ends. */
static char line[4096];

static void add(const char *format, va_list args)
{
	const size_t len = strlen(line);

	vsnprintf(line + len, sizeof(line) - len, format, args);
}

void result(const char *name, const char *format, ...)
{
	const size_t len = strlen(line);
	va_list args;

	snprintf(line + len, sizeof(line) - len, " %s=", name);
	va_start(args, format);
	add(format, args);
	va_end(args);
}

static void print_result(void)
{
	printf("result");
	/* Values with blanks in them are the path's, which its name stands for. */
	for (int i = 1; i < arguments; i++)
		if (!strchr(argument[i], ' '))
			printf(" %s", argument[i]);
	printf("%s\n", line);
	fflush(stdout);
}

void no_result(const char *format, ...)
{
	va_list args;

	snprintf(line, sizeof(line), " status=");
	va_start(args, format);
	add(format, args);
	va_end(args);
	/* One word. */
	for (char *p = line + 1; *p; p++)
		if (*p == ' ')
			*p = '_';
	print_result();
	exit(0);
}

static void stuck(int signal)
{
	(void)signal;
	no_result("stuck");
}

static const char *value(const char *name)
{
	const size_t len = strlen(name);

	for (int i = 1; i < arguments; i++)
		if (!strncmp(argument[i], name, len) && argument[i][len] == '=')
			return argument[i] + len + 1;
	return NULL;
}

static u64 number(const char *name)
{
	const char *text = value(name);
	char *end;
	u64 n;

	if (!text)
		return 0;
	n = strtoull(text, &end, 10);
	if (!*text || *end)
		errx(2, "%s is not a whole one: %s", name, text);
	return n;
}

static void flavour(struct flavour *f, const char *name)
{
	const char *text = value(name);

	if (!text || !flavour_parse(f, text))
		errx(2, "%s wants a protocol, not %s", name, text ?: "nothing");
}

static void open_path(struct cell *c)
{
	const char *bottleneck = value("bottleneck");

	c->path = value("netem") ?: "delay 0ms";
	hosts_open_routed(&c->hosts, c->path);
	if (bottleneck)
		hosts_add_bottleneck(&c->hosts, bottleneck);
	for (int i = 0; i < HOSTS; i++) {
		hosts_enter(&c->hosts, i);
		/* For TCP by default, and for that below RDS. */
		if (system("echo cubic >/proc/sys/net/ipv4/tcp_congestion_control"))
			exit(1);
	}
}

int main(int argc, char **argv)
{
	const char *workload;
	struct cell c = {};

	arguments = argc;
	argument = argv;
	workload = value("workload") ?: "";
	flavour(&c.flavour, "protocol");
	if (value("beside"))
		flavour(&c.beside, "beside");
	c.size = number("size");
	c.seconds = number("seconds");
	c.count = number("count");
	c.rate = number("rate");
	c.every = number("every");
	c.seed = number("seed");
	if (!flavour_available(&c.flavour))
		no_result("not available");
	open_path(&c);
	signal(SIGALRM, stuck);
	alarm(STUCK);
	for (size_t i = 0; i < sizeof(workloads) / sizeof(*workloads); i++) {
		if (strcmp(workload, workloads[i].name))
			continue;
		workloads[i].run(&c);
		result("status", "ok");
		print_result();
		return 0;
	}
	errx(2, "no workload '%s'", workload);
}
