// SPDX-License-Identifier: GPL-2.0-only
/* rdgram perf HOST: ask a server, send, report. */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "command.h"
#include "json.h"
#include "number.h"
#include "perf.h"
#include "perf_control.h"
#include "perf_sender.h"
#include "perf_usage.h"
#include "wait.h"

#define PORT_DEFAULT	":7100"

/* What a server may take to say the next thing it has to say. */
#define PATIENCE	(40 * NS_PER_S)

#define LOOK_NS		(100 * NS_PER_MS)
#define GREET_NS	(200 * NS_PER_MS)
#define KICK_NS		(2 * NS_PER_MS)

struct measured {
	u64 sent;		/* by the flows whose receivers read */
	struct perf_result result;
	struct usage used;	/* here */
	const struct histogram *round_trips;
};

static void server_address(struct address *to, const struct perf_options *o)
{
	const char *text = o->to, *end = text + strlen(text);
	char with_port[300];

	/* A port may be left out, where nothing looks like one. */
	if (text[0] == '[' ? end[-1] == ']' : !strchr(text, ':')) {
		snprintf(with_port, sizeof(with_port), "%s%s", text, PORT_DEFAULT);
		text = with_port;
	}
	address_parse(to, text, o->family);
}

static int connect_control(const struct perf_options *o, struct address *local,
			   struct address *server)
{
	int fd;

	server_address(server, o);
	fd = socket(server->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		err(EXIT_RUN, "cannot open a socket");
	if (connect(fd, (struct sockaddr *)&server->sa, server->len))
		err(EXIT_RUN, "cannot reach a server at %s: start rdgram perf --server there",
		    o->to);
	local->len = sizeof(local->sa);
	if (getsockname(fd, (struct sockaddr *)&local->sa, &local->len))
		err(EXIT_RUN, "getsockname");
	return fd;
}

static void __attribute__((noreturn)) gone(void)
{
	errx(EXIT_RUN, "the server has ended this: it says why");
}

/* The next line of the server, which begins with @word; NULL if it has not come yet. */
static const char *hear(struct control *control, const char *word, u64 deadline)
{
	const char *line;

	switch (control_read(control, &line, deadline)) {
	case CONTROL_LINE_READ:
		return control_after(word, line, "server");
	case CONTROL_STOP:
		errx(EXIT_RUN, "stopped: nothing was measured");
	case CONTROL_TIME:
		return NULL;
	case CONTROL_GONE:
		break;
	}
	gone();
}

static const char *expect(struct control *control, const char *word)
{
	const char *rest = hear(control, word, now_ns() + PATIENCE);

	if (!rest)
		errx(EXIT_RUN, "the server does not answer");
	return rest;
}

static void say(struct control *control, const char *text)
{
	if (!control_write(control, "%s", text))
		gone();
}

static void greet(struct control *control, struct sending *s)
{
	const u64 deadline = now_ns() + PATIENCE;

	if (s->job.workload == ROUND_TRIPS) {
		expect(control, "go");
		return;
	}
	sending_greet(s);
	while (!hear(control, "go", now_ns() + GREET_NS)) {
		if (now_ns() > deadline)
			errx(EXIT_RUN, "the server does not hear us");
		if (!s->job.protocol->reliable)
			sending_greet(s);
	}
}

/* Let time pass, until @deadline or the end of a flow. */
static void rest(const struct control *control, const struct sending *s, u64 deadline)
{
	if (wait_for(control->stop, s->wake, POLLIN, deadline) == WAKE_STOP)
		errx(EXIT_RUN, "stopped: nothing was measured");
}

/* Now and then: is the server still there, which has nothing to say, and all well? */
static void look_around(struct control *control, struct sending *s, u64 *next)
{
	if (now_ns() < *next)
		return;
	*next = now_ns() + LOOK_NS;
	if (hear(control, "", 0))
		errx(EXIT_RUN, "the server speaks out of turn");
	if (!sending_watch(s))
		errx(EXIT_RUN, "nothing gets through any more");
}

static void send_all(struct control *control, struct sending *s, u64 time)
{
	const u64 end = s->each ? NEVER : now_ns() + time;
	u64 look = now_ns() + LOOK_NS;

	sending_start(s);
	while (!sending_ended(s, s->job.peers - s->job.stalled) && now_ns() < end) {
		rest(control, s, look < end ? look : end);
		look_around(control, s, &look);
	}
	sending_stop(s);
	while (!sending_ended(s, s->job.peers)) {
		rest(control, s, now_ns() + KICK_NS);
		look_around(control, s, &look);
		sending_stop(s);
	}
	sending_join(s);
}

static u64 say_counts(struct control *control, const struct sending *s)
{
	static char text[CONTROL_LINE];
	u64 total = 0, sent;
	size_t len;

	len = snprintf(text, sizeof(text), "sent");
	for (u64 i = 0; i < s->job.peers - s->job.stalled; i++) {
		sent = sending_sent(s, i);
		len += snprintf(text + len, sizeof(text) - len, " %llu", sent);
		total += sent;
	}
	say(control, text);
	return total;
}

static void hear_result(struct control *control, struct perf_result *r)
{
	/* As long as it takes: the server ends it when nothing comes any more. */
	const char *line = hear(control, "result", NEVER);

	if (sscanf(line, " %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu", &r->messages,
		   &r->bytes, &r->ns, &r->lost, &r->late, &r->damaged, &r->user, &r->system,
		   &r->busy, &r->least) != 10)
		errx(EXIT_RUN, "the server's result is none");
}

static void measure(struct control *control, struct sending *s, u64 time, struct measured *m)
{
	struct usage start;

	say(control, "connected");
	greet(control, s);
	usage_now(&start);
	send_all(control, s, time);
	m->sent = say_counts(control, s);
	hear_result(control, &m->result);
	m->used = usage_since(&start);
	m->round_trips = s->round_trips;
	if (s->job.workload == ROUND_TRIPS)
		m->result.lost = sending_unanswered(s);
}

/* --- the report ---------------------------------------------------------------- */

static double per_second(u64 n, u64 ns)
{
	return ns ? n / seconds(ns) : 0;
}

static double microseconds(u64 ns)
{
	return ns / 1000.0;
}

/* What the slowest flow had, of what each would have had if all were equal. */
static double fairness(const struct job *job, const struct perf_result *r)
{
	const double fair = (double)r->messages / (job->peers - job->stalled);

	return fair > 0 ? r->least / fair : 0;
}

static void report_round_trips(struct json *j, const struct histogram *h)
{
	static const struct {
		const char *name;
		double share;
	} quantiles[] = {
		{ "p50_us", 0.5 }, { "p75_us", 0.75 }, { "p90_us", 0.9 }, { "p95_us", 0.95 },
		{ "p99_us", 0.99 }, { "p99.5_us", 0.995 }, { "p99.9_us", 0.999 },
		{ "p99.99_us", 0.9999 }, { "max_us", 1 },
	};

	json_whole(j, "round_trips", h->count);
	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++)
		json_real(j, quantiles[i].name,
			  microseconds(histogram_quantile(h, quantiles[i].share)));
}

static void report_json(const struct job *job, const struct measured *m)
{
	const struct perf_result *r = &m->result;
	struct json j;

	json_open(&j, stdout);
	json_text(&j, "protocol", job->protocol->name);
	json_text(&j, "workload", workload_name(job->workload));
	json_text(&j, "congestion", job->congestion);
	json_whole(&j, "size", job->size);
	json_whole(&j, "peers", job->peers);
	json_whole(&j, "stalled", job->stalled);
	json_whole(&j, "mmsg", job->batch);
	json_whole(&j, "sent", m->sent);
	json_whole(&j, "messages", r->messages);
	json_whole(&j, "bytes", r->bytes);
	json_real(&j, "seconds", seconds(r->ns));
	json_real(&j, "messages_per_second", per_second(r->messages, r->ns));
	json_real(&j, "bytes_per_second", per_second(r->bytes, r->ns));
	json_whole(&j, "lost", r->lost);
	json_whole(&j, "out_of_order", r->late);
	json_whole(&j, "damaged", r->damaged);
	json_real(&j, "least_share", fairness(job, r));
	if (job->workload == ROUND_TRIPS)
		report_round_trips(&j, m->round_trips);
	json_real(&j, "wall_seconds", seconds(m->used.wall));
	json_real(&j, "client_user", seconds(m->used.user));
	json_real(&j, "client_system", seconds(m->used.system));
	json_real(&j, "client_machine", seconds(m->used.busy));
	json_real(&j, "server_user", seconds(r->user));
	json_real(&j, "server_system", seconds(r->system));
	json_real(&j, "server_machine", seconds(r->busy));
	json_close(&j);
}

static void report_text(const struct job *job, const struct measured *m)
{
	const struct perf_result *r = &m->result;
	const struct histogram *h = m->round_trips;
	char bytes[NUMBER_TEXT], rate[NUMBER_TEXT];

	printf("%s over %s: %llu messages of %llu bytes, %s in %.3f s\n",
	       workload_name(job->workload), job->protocol->name, r->messages, job->size,
	       number_bytes(bytes, r->bytes), seconds(r->ns));
	printf("%.0f messages/s, %s/s\n", per_second(r->messages, r->ns),
	       number_bytes(rate, per_second(r->bytes, r->ns)));
	if (job->workload == ROUND_TRIPS)
		printf("round trip p50/p90/p99/p99.9/max = %.1f/%.1f/%.1f/%.1f/%.1f us\n",
		       microseconds(histogram_quantile(h, 0.5)),
		       microseconds(histogram_quantile(h, 0.9)),
		       microseconds(histogram_quantile(h, 0.99)),
		       microseconds(histogram_quantile(h, 0.999)), microseconds(h->max));
	if (job->peers > 1)
		printf("the slowest of %llu peers had %.2f of its share\n",
		       job->peers - job->stalled, fairness(job, r));
	printf("processor: client %.2f s, server %.2f s, this machine %.2f s",
	       seconds(m->used.user + m->used.system), seconds(r->user + r->system),
	       seconds(m->used.busy));
	printf(r->bytes ? " (%.2f s/GB)\n" : "\n", seconds(m->used.busy) / (r->bytes / 1e9));
	printf("%llu lost, %llu out of order, %llu damaged\n", r->lost, r->late, r->damaged);
}

static int judge(const struct job *job, const struct perf_result *r)
{
	if (!r->damaged && (!job->protocol->reliable || (!r->lost && !r->late)))
		return EXIT_DONE;
	warnx("%s did not keep what it promises: %llu lost, %llu out of order, %llu damaged",
	      job->protocol->name, r->lost, r->late, r->damaged);
	return EXIT_RUN;
}

int perf_run(const struct perf_options *o)
{
	static struct control control;
	struct sending sending = { .job = o->job, .each = o->count };
	struct address local, server;
	struct measured m = { };
	char text[JOB_TEXT];
	int fd;

	perf_pin(o->cpu);
	perf_prepare_kick();
	if (getrandom(&sending.job.run, sizeof(u32), GRND_INSECURE) < 0)
		err(EXIT_RUN, "cannot begin");
	/* While it connects Ctrl-C ends the program: from then on it is waited for. */
	fd = connect_control(o, &local, &server);
	control_open(&control, fd, wait_open());
	job_print(&sending.job, text);
	say(&control, text);
	expect(&control, "ready");
	sending_open(&sending, &local, &server);
	measure(&control, &sending, o->time, &m);
	control_close(&control);
	if (o->json)
		report_json(&o->job, &m);
	else
		report_text(&o->job, &m);
	return judge(&o->job, &m.result);
}
