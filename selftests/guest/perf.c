// SPDX-License-Identifier: GPL-2.0-only
/*
 * rdgram perf counts what there is: all messages where a protocol keeps its promise,
 * what is missing, and what comes late, where none was made.
 *
 * timeout: 600
 * clock: runs that last for a time, which has to pass while they compute
 * modules: sctp rds_tcp
 * faults: takes protocols that User-Mode Linux has not, and real time
 */
#include "kselftest_harness.h"
#include "hosts.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define COUNT	1000

FIXTURE(perf) {
	struct hosts hosts;
	pid_t server;
};

static bool serve(void *unused)
{
	(void)unused;
	execlp("rdgram", "rdgram", "perf", "--server", "-b", "10.77.0.2", NULL);
	return false;
}

static bool tool_is_there(void)
{
	return system("rdgram --version >/dev/null 2>&1") == 0;
}

FIXTURE_SETUP(perf)
{
	self->server = 0;
	if (!tool_is_there())
		SKIP(_exit(255), "there is no rdgram command");
	hosts_open(&self->hosts, NULL);
	hosts_enter(&self->hosts, 1);
	self->server = worker_start(serve, NULL);
	hosts_enter(&self->hosts, 0);
	/* It says so when it listens, but to people. */
	while (system("rdgram perf -c 1 10.77.0.2 >/dev/null 2>&1"))
		usleep(50000);
}

FIXTURE_TEARDOWN(perf)
{
	if (self->server)
		worker_kill(self->server);
}

/* What `rdgram perf --json` prints, and its exit status. */
struct report {
	char json[4096];
	int status;
};

static void ask(struct report *r, const char *options)
{
	char command[512];
	FILE *out;
	size_t len;

	snprintf(command, sizeof(command), "rdgram perf --json %s 10.77.0.2", options);
	printf("# %s\n", command);
	out = popen(command, "r");
	if (!out)
		abort();
	len = fread(r->json, 1, sizeof(r->json) - 1, out);
	r->json[len] = '\0';
	r->status = WEXITSTATUS(pclose(out));
}

/* A number of the report; -1 if there is none of that name. */
static double number(const struct report *r, const char *name)
{
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", name);
	at = strstr(r->json, quoted);
	return at ? atof(at + strlen(quoted)) : -1;
}

/* Nothing is missing on a path that loses nothing, whatever carries it. */
static const char * const whole[] = {
	"",
	"--mmsg 16",
	"--size 16",
	"--size 60000 -c 100",
	"--size 1M -c 2",
	"--workload many-to-one --peers 8",
	"--workload one-to-many --peers 8",
	"--congestion reno",
	"--cpu 0 --server-cpu 1",
	"--proto udp --size 64 -c 100",
	"--proto tcp",
	"--proto tcp --size 64 --mmsg 16",
	"--proto tcp --size 100000 -c 200",
	"--proto tcp --workload many-to-one --peers 8",
	"--proto tcp --workload many-to-one --peers 8 --size 20000",
	"--proto tcp --workload one-to-many --peers 8 --congestion reno",
	"--proto sctp",
	"--proto sctp --mmsg 16",
	"--proto sctp --size 100000 -c 100",
	"--proto rds",
	"--proto rds --mmsg 16",
};

TEST_F_TIMEOUT(perf, all_is_counted, 400)
{
	char options[256];
	struct report r;

	for (size_t i = 0; i < ARRAY_SIZE(whole); i++) {
		const bool few = strstr(whole[i], "-c ");

		snprintf(options, sizeof(options), "%s %s", whole[i], few ? "" : "-c 1000");
		ask(&r, options);
		EXPECT_EQ(0, r.status);
		EXPECT_EQ(number(&r, "sent"), number(&r, "messages"));
		EXPECT_EQ(number(&r, "sent") * number(&r, "size"), number(&r, "bytes"));
		EXPECT_EQ(0, number(&r, "lost"));
		EXPECT_EQ(0, number(&r, "out_of_order"));
		EXPECT_EQ(0, number(&r, "damaged"));
		EXPECT_EQ(1, number(&r, "least_share"));
		if (!few)
			EXPECT_EQ(COUNT * number(&r, "peers"), number(&r, "sent"));
	}
}

TEST_F_TIMEOUT(perf, time_ends_it, 60)
{
	struct report r;

	ask(&r, "--time 0.5");
	EXPECT_EQ(0, r.status);
	EXPECT_LT(0, number(&r, "messages"));
	EXPECT_EQ(number(&r, "sent"), number(&r, "messages"));
	/* It was busy, and this says what with. */
	EXPECT_LT(0, number(&r, "client_machine"));
	EXPECT_LT(0, number(&r, "messages_per_second"));
}

/* RDS is not among them: now and then it stands still for minutes, by itself. */
TEST_F_TIMEOUT(perf, round_trips, 60)
{
	static const char * const protocols[] = { "rdgram", "udp", "tcp", "sctp" };
	char options[256];
	struct report r;

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		snprintf(options, sizeof(options), "--workload rr -c 300 --proto %s",
			 protocols[i]);
		ask(&r, options);
		EXPECT_EQ(0, r.status);
		EXPECT_EQ(300, number(&r, "messages"));
		/* The first twenty are for caches. */
		EXPECT_EQ(280, number(&r, "round_trips"));
		EXPECT_LT(0, number(&r, "p50_us"));
		EXPECT_LE(number(&r, "p50_us"), number(&r, "p90_us"));
		EXPECT_LE(number(&r, "p90_us"), number(&r, "p99.9_us"));
		EXPECT_LE(number(&r, "p99.9_us"), number(&r, "max_us"));
	}
}

/* The path's delay is known: a round trip takes as long at least, and is said to. */
TEST_F_TIMEOUT(perf, round_trips_take_their_time, 60)
{
	struct report r;

	hosts_set_both_paths(&self->hosts, "delay 20ms");
	ask(&r, "--workload rr -c 30 --proto udp");
	EXPECT_EQ(0, r.status);
	EXPECT_LE(40000, number(&r, "p50_us"));
}

/* A receiver that does not read is neither counted nor waited for. */
TEST_F_TIMEOUT(perf, stalled_receiver, 60)
{
	static const char * const protocols[] = { "rdgram", "tcp" };
	char options[256];
	struct report r;

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		snprintf(options, sizeof(options),
			 "--workload one-to-many --peers 4 --stalled 1 -c 2000 --proto %s",
			 protocols[i]);
		ask(&r, options);
		EXPECT_EQ(0, r.status);
		EXPECT_EQ(3 * 2000, number(&r, "messages"));
		EXPECT_EQ(1, number(&r, "least_share"));
	}
}

TEST_F_TIMEOUT(perf, what_is_lost, 60)
{
	struct report r;

	hosts_set_path(&self->hosts, 0, "loss 20%");
	ask(&r, "--proto udp --size 100 -c 1000");
	/* Which UDP never promised to deliver. */
	EXPECT_EQ(0, r.status);
	EXPECT_LT(0, number(&r, "lost"));
	EXPECT_EQ(1000, number(&r, "messages") + number(&r, "lost"));
	ask(&r, "--size 100 -c 1000");
	EXPECT_EQ(0, r.status);
	EXPECT_EQ(1000, number(&r, "messages"));
	ask(&r, "--proto udp --workload rr -c 40");
	EXPECT_EQ(0, r.status);
	EXPECT_LT(0, number(&r, "lost"));
}

TEST_F_TIMEOUT(perf, what_comes_late, 60)
{
	struct report r;

	hosts_set_path(&self->hosts, 0, "delay 2ms reorder 25% limit 20000");
	ask(&r, "--proto udp --size 100 -c 1000");
	EXPECT_EQ(0, r.status);
	EXPECT_EQ(1000, number(&r, "messages"));
	EXPECT_LT(0, number(&r, "out_of_order"));
	ask(&r, "--size 100 -c 1000");
	EXPECT_EQ(0, r.status);
	EXPECT_EQ(0, number(&r, "out_of_order"));
}

FIXTURE(command_line) {
};

FIXTURE_SETUP(command_line)
{
}

FIXTURE_TEARDOWN(command_line)
{
}

/* The command line makes no sense: status 2, and one line that says so. */
TEST_F_TIMEOUT(command_line, nonsense_is_refused, 400)
{
	static const char * const wrong[] = {
		"", "a b", "--bogus host", "--proto carrier-pigeon host", "--workload x host",
		"--size 8 host", "--size 2M host", "--proto udp --size 65508 host",
		"--proto tipc --size 66001 host", "--count 0 host", "--peers 4 host",
		"--workload many-to-one --peers 1025 host", "--stalled 1 host",
		"--workload one-to-many --peers 2 --stalled 2 host", "--mmsg 257 host",
		"--workload rr --mmsg 2 host", "--proto udp --congestion bbr host",
		"--time -1 host", "--once host", "-p 1 host", "--server host",
		"--server --proto tcp", "--server -p 65536",
	};
	char command[256];

	if (!tool_is_there())
		SKIP(return, "there is no rdgram command");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		printf("# rdgram perf %s\n", wrong[i]);
		snprintf(command, sizeof(command),
			 "timeout 60 rdgram perf %s 2>&1 | wc -l | grep -qx 1", wrong[i]);
		EXPECT_EQ(0, system(command));
		snprintf(command, sizeof(command), "timeout 60 rdgram perf %s 2>/dev/null",
			 wrong[i]);
		EXPECT_EQ(2, WEXITSTATUS(system(command)));
	}
}

/* No server, no such protocol here: status 1. */
TEST_F_TIMEOUT(perf, what_cannot_be_done, 60)
{
	struct report r;

	ask(&r, "--congestion none-such");
	EXPECT_EQ(1, r.status);
	ask(&r, "--cpu 1000");
	EXPECT_EQ(1, r.status);
	ask(&r, "--server-cpu 1000");
	EXPECT_EQ(1, r.status);
	/* The server has survived all that. */
	ask(&r, "-c 10");
	EXPECT_EQ(0, r.status);
	worker_kill(self->server);
	self->server = 0;
	ask(&r, "-c 10");
	EXPECT_EQ(1, r.status);
}

TEST_HARNESS_MAIN
