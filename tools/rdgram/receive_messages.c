// SPDX-License-Identifier: GPL-2.0-only
/* Report every message, and send it back if asked to. */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "command.h"
#include "endpoint.h"
#include "json.h"
#include "receive.h"
#include "report.h"
#include "wait.h"

/* How many messages are taken before the user is asked whether he wants an end. */
#define BATCH 64

struct hearing {
	const struct receive_options *options;
	int fd, stop;
	u8 *message;
	u64 messages, bytes, first, last;
	u64 unanswered;	/* not echoed, because there was no room towards the peer */
};

static void report(const struct hearing *h, const struct address *from, size_t len)
{
	char text[ADDRESS_TEXT];
	struct json j;

	if (h->options->quiet)
		return;
	address_text(text, from);
	if (!h->options->json) {
		printf("%s %zu\n", text, len);
		return;
	}
	json_open(&j, stdout);
	json_text(&j, "from", text);
	json_whole(&j, "bytes", len);
	json_real(&j, "seconds", seconds(h->last - h->first));
	json_close(&j);
}

static void echo(struct hearing *h, const struct address *to, size_t len)
{
	/* Never waits for room: one peer that does not read must not stop the others. */
	if (sendto(h->fd, h->message, len, MSG_DONTWAIT | MSG_NOSIGNAL,
		   (const struct sockaddr *)&to->sa, to->len) < 0)
		h->unanswered++;
}

static void take(struct hearing *h, const struct address *from, size_t len)
{
	h->last = now_ns();
	if (!h->messages++)
		h->first = h->last;
	h->bytes += len;
	report(h, from, len);
	if (h->options->echo)
		echo(h, from, len);
}

static bool enough(const struct hearing *h)
{
	return h->options->count && h->messages >= h->options->count;
}

/* An ICMP message about an echo is reported by the next call: not our business. */
static bool harmless(int error)
{
	return error == EAGAIN || error == EINTR || error == ECONNREFUSED ||
	       error == EHOSTUNREACH || error == ENETUNREACH;
}

static void drain(struct hearing *h)
{
	struct address from;
	ssize_t len;

	for (int i = 0; i < BATCH && !enough(h); i++) {
		len = endpoint_recv(h->fd, h->message, RDGRAM_MAX_MESSAGE, &from);
		if (len < 0 && !harmless(errno))
			err(EXIT_RUN, "cannot receive");
		if (len < 0)
			break;
		take(h, &from, len);
	}
	fflush(stdout);
}

static void summary(const struct hearing *h)
{
	struct json j;

	if (!h->options->json) {
		report_amount(stdout, "received", h->bytes, h->messages, "in all",
			      h->last - h->first);
		if (h->unanswered)
			printf("%llu not echoed: no room towards their senders\n",
			       h->unanswered);
		return;
	}
	json_open(&j, stdout);
	json_whole(&j, "messages", h->messages);
	json_whole(&j, "bytes", h->bytes);
	json_whole(&j, "unanswered", h->unanswered);
	json_real(&j, "seconds", seconds(h->last - h->first));
	json_close(&j);
}

int receive_messages(const struct receive_options *options, int fd, int stop)
{
	struct hearing h = {
		.options = options,
		.fd = fd,
		.stop = stop,
		.message = malloc(RDGRAM_MAX_MESSAGE),
	};
	enum wake wake = WAKE_READY;

	if (!h.message)
		err(EXIT_RUN, "cannot begin");
	while (!enough(&h)) {
		wake = wait_for(stop, fd, POLLIN,
				options->timeout ? now_ns() + options->timeout : NEVER);
		if (wake != WAKE_READY)
			break;
		drain(&h);
	}
	/* An echo may still be on its way; closing does not drop it, exiting does not either. */
	summary(&h);
	free(h.message);
	if (wake == WAKE_TIME && options->count) {
		warnx("only %llu of %llu messages came", h.messages, options->count);
		return EXIT_RUN;
	}
	return EXIT_DONE;
}
