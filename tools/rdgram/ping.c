// SPDX-License-Identifier: GPL-2.0-only
/* rdgram ping: round trips to rdgram recv --echo. */
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <unistd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "command.h"
#include "endpoint.h"
#include "json.h"
#include "ledger.h"
#include "options.h"
#include "samples.h"
#include "wait.h"

/*
 * A ping is 8 random bytes that name this run, the number of the ping in 8
 * bytes, and then bytes that are a function of their place.
 */
#define HEADER		16
#define SIZE_DEFAULT	64

struct options {
	const char *to;
	int family;
	bool udp, json, quiet;
	size_t size;
	u64 count;		/* 0: until Ctrl-C */
	u64 interval;	/* nanoseconds; 0: the next when the answer has come */
	u64 wait;		/* nanoseconds that an answer may take */
};

struct pinging {
	const struct options *options;
	int fd, stop;
	u8 *out, *in;
	u64 run;
	u64 *sent_at;	/* of ping i, in a ring of RING */
	u64 sent, start;
	u64 damaged;	/* answers that are not what was sent */
	struct ledger answers;
	struct samples rtt;
};

#define RING 65536

static const struct option_row rows[] = {
	{ OPTION_FAMILY, '4', NULL, NULL, "use IPv4 or IPv6 only",
	  .field = offsetof(struct options, family) },
	{ OPTION_NUMBER, 'c', NULL, "COUNT", "end after so many (default: with Ctrl-C)",
	  .field = offsetof(struct options, count), 1, LEDGER_MAX },
	{ OPTION_SECONDS, 'i', NULL, "SECONDS",
	  "between two of them (default 1); 0: the next as soon as the\nanswer has come",
	  .field = offsetof(struct options, interval) },
	{ OPTION_SIZE, 's', NULL, "BYTES", "size of each (default 64, at least 16)",
	  .field = offsetof(struct options, size), HEADER, RDGRAM_MAX_MESSAGE },
	{ OPTION_SECONDS, 'W', NULL, "SECONDS",
	  "how long an answer may take (default 10, with --udp 1)",
	  .field = offsetof(struct options, wait) },
	{ OPTION_FLAG, 0, "udp", NULL, "over plain UDP, for comparison",
	  .field = offsetof(struct options, udp) },
	{ OPTION_FLAG, 'q', "quiet", NULL, "only the summary",
	  .field = offsetof(struct options, quiet) },
	{ OPTION_FLAG, 0, "json", NULL, "lines and summary as JSON objects",
	  .field = offsetof(struct options, json) },
};

static const struct command_line line = {
	.usage =
		"usage: rdgram ping [OPTION]... HOST:PORT\n"
		"Send messages to rdgram recv --echo at HOST:PORT and measure how long the answers\n"
		"take.",
	.remarks = "The status is 0 only if all answers came.",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
};

static void check(struct options *o, int argc, char **argv)
{
	if (argc - optind != 1)
		errx(EXIT_USAGE, "needs HOST:PORT; see --help");
	o->to = argv[optind];
	if (o->size > endpoint_max(o->udp))
		errx(EXIT_USAGE, "-s: a message has at most %zu bytes%s", endpoint_max(o->udp),
		     o->udp ? " over UDP" : "");
	if (!o->wait)
		o->wait = (o->udp ? 1 : 10) * NS_PER_S;
}

static void open_all(struct pinging *p, const struct options *o)
{
	struct address peer;

	address_parse(&peer, o->to, o->family);
	p->options = o;
	p->stop = wait_open();
	p->fd = endpoint_connect(&peer, o->udp);
	p->out = malloc(o->size);
	p->in = malloc(RDGRAM_MAX_MESSAGE);
	p->sent_at = calloc(RING, sizeof(*p->sent_at));
	if (!p->out || !p->in || !p->sent_at ||
	    getrandom(&p->run, sizeof(p->run), GRND_INSECURE) < 0)
		err(EXIT_RUN, "cannot begin");
	for (size_t i = 0; i < o->size; i++)
		p->out[i] = i * 7 + (i >> 8);
	memcpy(p->out, &p->run, sizeof(p->run));
	p->start = now_ns();
}

/* An error of the socket ends the run; what was measured until then is told. */
static bool fail(const struct pinging *p)
{
	if (errno == ECONNREFUSED)
		warnx("nobody listens at %s: start rdgram recv --echo there", p->options->to);
	else if (errno != EINTR)
		warn("%s", p->options->to);
	return false;
}

static bool send_one(struct pinging *p)
{
	const u64 number = htobe64(p->sent);

	memcpy(p->out + 8, &number, sizeof(number));
	p->sent_at[p->sent % RING] = now_ns();
	if (!wait_send(p->stop, p->fd, p->out, p->options->size))
		return fail(p);
	p->sent++;
	return true;
}

static void report(const struct pinging *p, u64 number, u64 ns, const char *remark)
{
	struct json j;

	if (p->options->quiet)
		return;
	if (!p->options->json) {
		printf("%zu bytes from %s: seq=%llu time=%.3f ms%s\n", p->options->size,
		       p->options->to, number + 1, (double)ns / NS_PER_MS, remark);
		return;
	}
	json_open(&j, stdout);
	json_whole(&j, "seq", number + 1);
	json_real(&j, "ms", (double)ns / NS_PER_MS);
	json_bool(&j, "doubled", remark[0]);
	json_close(&j);
}

/* The number of the ping that the message answers; false if none. */
static bool recognize(struct pinging *p, size_t len, u64 *number)
{
	if (len < HEADER || memcmp(p->in, &p->run, sizeof(p->run)))
		return false;
	memcpy(number, p->in + 8, sizeof(*number));
	*number = be64toh(*number);
	if (*number >= p->sent || p->sent - *number > RING)
		return false;
	if (len != p->options->size || memcmp(p->in + HEADER, p->out + HEADER, len - HEADER))
		p->damaged++;
	return true;
}

static void take(struct pinging *p, size_t len)
{
	const u64 now = now_ns();
	u64 number, ns;
	bool fresh;

	if (!recognize(p, len, &number))
		return;
	ns = now - p->sent_at[number % RING];
	fresh = ledger_add(&p->answers, number);
	if (fresh)
		samples_add(&p->rtt, ns);
	report(p, number, ns, fresh ? "" : " (doubled)");
}

static bool drain(struct pinging *p)
{
	struct address from;
	ssize_t len;

	while ((len = endpoint_recv(p->fd, p->in, RDGRAM_MAX_MESSAGE, &from)) >= 0)
		take(p, len);
	fflush(stdout);
	return errno == EAGAIN || fail(p);
}

/*
 * Take answers until @deadline, or, if @all, until all have come. False if the
 * user wants an end, or the socket failed.
 */
static bool listen_until(struct pinging *p, u64 deadline, bool all)
{
	enum wake wake;

	while (!all || p->answers.distinct < p->sent) {
		wake = wait_for(p->stop, p->fd, POLLIN, deadline);
		if (wake != WAKE_READY)
			return wake != WAKE_STOP;
		if (!drain(p))
			return false;
	}
	return !wait_stopped(p->stop);
}

static void ping_all(struct pinging *p)
{
	const struct options *o = p->options;
	bool on = true;

	while (on && (!o->count || p->sent < o->count)) {
		on = send_one(p);
		if (!on || p->sent == o->count)
			break;
		on = o->interval ? listen_until(p, p->start + p->sent * o->interval, false) :
				   listen_until(p, now_ns() + o->wait, true);
	}
	if (on)
		listen_until(p, now_ns() + o->wait, true);
}

static void summary_json(struct pinging *p, const struct samples_summary *s)
{
	struct json j;

	json_open(&j, stdout);
	json_text(&j, "to", p->options->to);
	json_text(&j, "protocol", p->options->udp ? "udp" : "rdgram");
	json_whole(&j, "sent", p->sent);
	json_whole(&j, "answered", p->answers.distinct);
	json_whole(&j, "doubled", p->answers.doubled);
	json_whole(&j, "out_of_order", p->answers.reordered);
	json_whole(&j, "damaged", p->damaged);
	json_real(&j, "min_ms", s->min);
	json_real(&j, "avg_ms", s->avg);
	json_real(&j, "p50_ms", s->p50);
	json_real(&j, "p99_ms", s->p99);
	json_real(&j, "max_ms", s->max);
	json_close(&j);
}

static void summary_text(struct pinging *p, const struct samples_summary *s)
{
	printf("--- %s ---\n", p->options->to);
	printf("%llu sent, %llu answered, %llu doubled, %llu out of order, %.3f s\n",
	       p->sent, p->answers.distinct, p->answers.doubled, p->answers.reordered,
	       seconds(now_ns() - p->start));
	if (p->damaged)
		printf("%llu answers were not what was sent\n", p->damaged);
	if (p->rtt.count)
		printf("rtt min/avg/p50/p99/max = %.3f/%.3f/%.3f/%.3f/%.3f ms\n", s->min, s->avg,
		       s->p50, s->p99, s->max);
}

int cmd_ping(int argc, char **argv)
{
	struct options options = {
		.family = AF_UNSPEC,
		.size = SIZE_DEFAULT,
		.interval = NS_PER_S,
	};
	struct samples_summary summary;
	struct pinging p = { };
	bool good;

	if (!options_parse(&line, &options, argc, argv))
		return EXIT_DONE;
	check(&options, argc, argv);
	open_all(&p, &options);
	ping_all(&p);
	samples_summarize(&p.rtt, &summary);
	if (options.json)
		summary_json(&p, &summary);
	else
		summary_text(&p, &summary);
	good = p.sent && p.answers.distinct == p.sent && !p.damaged;
	ledger_free(&p.answers);
	samples_free(&p.rtt);
	free(p.sent_at);
	free(p.out);
	free(p.in);
	return good ? EXIT_DONE : EXIT_RUN;
}
