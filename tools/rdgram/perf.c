// SPDX-License-Identifier: GPL-2.0-only
/* rdgram perf: its options; perf_server.c and perf_client.c do the work. */
#include "perf.h"

#include <err.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "options.h"

static const struct option_row rows[] = {
	{ OPTION_FAMILY, '4', NULL, NULL, "use IPv4 or IPv6 only",
	  .field = offsetof(struct perf_options, family) },
	{ OPTION_FLAG, 0, "server", NULL, "answer clients, one after the other",
	  .field = offsetof(struct perf_options, server) },
	{ OPTION_FLAG, 0, "once", NULL, "with --server: answer one, and end",
	  .field = offsetof(struct perf_options, once) },
	{ OPTION_TEXT, 'p', NULL, "PORT",
	  "with --server: the port on which clients ask (default 7100);\n"
	  "messages come to the 1024 that follow it, udp's to the next",
	  .field = offsetof(struct perf_options, port) },
	{ OPTION_TEXT, 'b', NULL, "ADDRESS", "with --server: the local address (default: all)",
	  .field = offsetof(struct perf_options, bind) },
	{ OPTION_TEXT, 0, "proto", "NAME",
	  "rdgram (default), udp, tcp, sctp, rds or tipc",
	  .field = offsetof(struct perf_options, protocol) },
	{ OPTION_TEXT, 0, "workload", "NAME",
	  "stream (default): one socket sends to one\n"
	  "rr: request and response, one at a time\n"
	  "many-to-one: many sockets send to one\n"
	  "one-to-many: one socket sends to many",
	  .field = offsetof(struct perf_options, workload) },
	{ OPTION_NUMBER, 's', "size", "BYTES", "of each message (default 1200, at least 16)",
	  .field = offsetof(struct perf_options, job.size), 1, UINT32_MAX },
	{ OPTION_NUMBER, 'c', "count", "N", "messages to each peer (default: for some time)",
	  .field = offsetof(struct perf_options, count), 1, UINT32_MAX },
	{ OPTION_SECONDS, 't', "time", "S", "how long messages are sent (default 5)",
	  .field = offsetof(struct perf_options, time) },
	{ OPTION_NUMBER, 'n', "peers", "N", "how many senders, or receivers (default 1)",
	  .field = offsetof(struct perf_options, job.peers), 1, PERF_PEERS_MOST },
	{ OPTION_NUMBER, 0, "stalled", "N",
	  "how many of the receivers read nothing; what is reported\n"
	  "is about the others",
	  .field = offsetof(struct perf_options, job.stalled), 0, PERF_PEERS_MOST },
	{ OPTION_NUMBER, 0, "mmsg", "N",
	  "sendmmsg() and recvmmsg() with N messages at a time\n"
	  "(default: sendto() and recvfrom())",
	  .field = offsetof(struct perf_options, job.batch), 1, PERF_BATCH_MOST },
	{ OPTION_TEXT, 0, "congestion", "NAME", "the congestion control of rdgram or tcp",
	  .field = offsetof(struct perf_options, congestion) },
	{ OPTION_INT, 0, "cpu", "N", "the processor that the client stays on",
	  .field = offsetof(struct perf_options, cpu), 0, CPU_SETSIZE - 1 },
	{ OPTION_INT, 0, "server-cpu", "N", "the processor that the server stays on",
	  .field = offsetof(struct perf_options, job.cpu), 0, CPU_SETSIZE - 1 },
	{ OPTION_FLAG, 0, "json", NULL, "the results as a JSON object",
	  .field = offsetof(struct perf_options, json) },
};

static const struct command_line line = {
	.usage =
		"usage: rdgram perf --server [OPTION]...\n"
		"       rdgram perf [OPTION]... HOST[:PORT]\n"
		"Measure how fast messages get from here to a server: the same work with the same\n"
		"calls over rdgram and what else carries messages.",
	.remarks =
		"What counts is what was received. tcp: messages with a length before each, through\n"
		"buffers of 64 KiB. udp, sctp, rds and tipc have socket buffers of 4 MiB, which many\n"
		"senders share; those of rdgram and tcp grow by themselves. rr sets TCP_NODELAY and\n"
		"SCTP_NODELAY. rds has no sendmmsg(), sctp no recvmmsg(): they send, or receive, one\n"
		"by one.\n\n"
		"The status is 0 only if nothing was lost, udp aside.",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
};

static void check_server(const struct perf_options *o, int argc, char **argv)
{
	if (optind < argc)
		errx(EXIT_USAGE, "'%s' is one argument too many for --server; see --help",
		     argv[optind]);
	if (o->protocol || o->workload || o->congestion || o->count || o->json ||
	    o->job.cpu >= 0)
		errx(EXIT_USAGE, "what is measured is for the client to say; see --help");
}

static void check_client(struct perf_options *o, int argc, char **argv)
{
	const char *wrong;

	if (argc - optind != 1)
		errx(EXIT_USAGE, "needs HOST:PORT of a server; see --help");
	if (o->once || o->bind || o->port)
		errx(EXIT_USAGE, "--once, -b and -p go with --server only");
	o->to = argv[optind];
	o->job.protocol = protocol_find(o->protocol ? o->protocol : "rdgram");
	if (!o->job.protocol)
		errx(EXIT_USAGE, "--proto: there is no '%s'; see --help", o->protocol);
	if (o->workload && !workload_find(o->workload, &o->job.workload))
		errx(EXIT_USAGE, "--workload: there is no '%s'; see --help", o->workload);
	if (o->congestion && !o->job.protocol->tuned)
		errx(EXIT_USAGE, "--congestion goes with rdgram and tcp only");
	if (o->congestion && strlen(o->congestion) >= PERF_NAME_MOST)
		errx(EXIT_USAGE, "--congestion: '%s' is too long", o->congestion);
	strcpy(o->job.congestion, o->congestion ? o->congestion : "-");
	wrong = job_wrong(&o->job);
	if (wrong)
		errx(EXIT_USAGE, "%s", wrong);
}

void perf_pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		errx(EXIT_RUN, "there is no processor %d here", cpu);
}

static void hear(int signal)
{
	(void)signal;
}

void perf_prepare_kick(void)
{
	const struct sigaction action = { .sa_handler = hear };

	sigaction(PERF_KICK, &action, NULL);
}

int cmd_perf(int argc, char **argv)
{
	struct perf_options options = {
		.family = AF_UNSPEC,
		.time = 5 * NS_PER_S,
		.cpu = -1,
		.job = { .size = 1200, .peers = 1, .batch = 1, .cpu = -1 },
	};

	if (!options_parse(&line, &options, argc, argv))
		return EXIT_DONE;
	if (options.server) {
		check_server(&options, argc, argv);
		return perf_serve(&options);
	}
	check_client(&options, argc, argv);
	return perf_run(&options);
}
