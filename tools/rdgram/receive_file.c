// SPDX-License-Identifier: GPL-2.0-only
/* Receive one file, and judge how it came. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "digest.h"
#include "endpoint.h"
#include "json.h"
#include "ledger.h"
#include "progress.h"
#include "receive.h"
#include "report.h"
#include "transfer.h"
#include "wait.h"

/*
 * After the end message we go on listening until it has been quiet for so
 * long: over UDP it may have overtaken data, and of rdgram we want to see that
 * nothing comes a second time.
 */
#define AFTER_END	(300 * NS_PER_MS)

#define BATCH		64

struct incoming {
	const struct receive_options *options;
	int fd, stop;
	int out;
	bool seekable;		/* the file is read again for its digest */
	u8 *message;

	bool begun, ended;
	u64 id;
	struct address from;
	struct ledger ledger;
	u64 total;		/* data messages, known at the end */
	u64 bytes;		/* of the file, that came */
	u64 strange;	/* messages that do not belong to the transfer */
	u64 first, last;	/* of its data */
	u64 heard;		/* when anything of it came */
	u8 expected[DIGEST_SIZE];
	struct sha256_ctx sha;	/* of the bytes in the order of their coming */
	struct progress bar;
};

struct verdict {
	char digest[DIGEST_TEXT];
	bool equal;
	bool whole;
	u64 lost;
};

static void open_output(struct incoming *in)
{
	const char *path = in->options->output;
	struct stat st;

	in->out = strcmp(path, "-") ? open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) :
				      STDOUT_FILENO;
	if (in->out < 0 || fstat(in->out, &st))
		err(EXIT_RUN, "%s", path);
	/* Standard output may have been opened for writing only, or for appending. */
	in->seekable = S_ISREG(st.st_mode) && in->out != STDOUT_FILENO;
}

static void store(struct incoming *in, const u8 *data, size_t len, u64 offset)
{
	ssize_t put;

	while (len) {
		put = in->seekable ? pwrite(in->out, data, len, offset) : write(in->out, data, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			err(EXIT_RUN, "cannot write %s", in->options->output);
		data += put;
		len -= put;
		offset += put;
	}
}

static void begin(struct incoming *in, const struct transfer_header *header,
		  const struct address *from)
{
	in->begun = true;
	in->id = header->id;
	in->from = *from;
	in->first = in->heard;
	in->last = in->heard;
	progress_open(&in->bar, header->total, in->options->progress, in->options->quiet);
}

static void take_data(struct incoming *in, const struct transfer_header *header, size_t len)
{
	const u8 *data = in->message + TRANSFER_HEADER;

	len -= TRANSFER_HEADER;
	if (!ledger_add(&in->ledger, header->index))
		return;
	store(in, data, len, header->offset);
	sha256_update(&in->sha, len, data);
	in->bytes += len;
	in->last = in->heard;
	progress_update(&in->bar, in->bytes);
}

static void take_end(struct incoming *in, const struct transfer_header *header)
{
	in->ended = true;
	in->total = header->index;
	memcpy(in->expected, in->message + TRANSFER_HEADER, DIGEST_SIZE);
}

static void take(struct incoming *in, const struct address *from, size_t len)
{
	struct transfer_header header;

	if (!transfer_read_header(&header, in->message, len) || header.index >= LEDGER_MAX ||
	    (in->begun && (header.id != in->id || !address_equal(from, &in->from)))) {
		in->strange++;
		return;
	}
	in->heard = now_ns();
	if (!in->begun)
		begin(in, &header, from);
	if (header.type == TRANSFER_DATA)
		take_data(in, &header, len);
	else
		take_end(in, &header);
}

static void drain(struct incoming *in)
{
	struct address from;
	ssize_t len;

	for (int i = 0; i < BATCH; i++) {
		len = endpoint_recv(in->fd, in->message, RDGRAM_MAX_MESSAGE, &from);
		if (len < 0 && errno != EAGAIN)
			err(EXIT_RUN, "cannot receive");
		if (len < 0)
			return;
		take(in, &from, len);
	}
}

static u64 deadline(const struct incoming *in)
{
	if (in->ended)
		return in->heard + AFTER_END;
	return in->options->timeout ? now_ns() + in->options->timeout : NEVER;
}

static void judge(struct incoming *in, struct verdict *v)
{
	u8 digest[DIGEST_SIZE];

	if (!in->seekable)
		sha256_digest(&in->sha, DIGEST_SIZE, digest);
	else if (!digest_file(in->out, digest))
		err(EXIT_RUN, "cannot read %s", in->options->output);
	digest_text(v->digest, digest);
	v->equal = in->ended && !memcmp(digest, in->expected, DIGEST_SIZE);
	v->lost = ledger_missing(&in->ledger, in->ended ? in->total : in->ledger.next);
	v->whole = v->equal && !v->lost;
}

static void summary_json(const struct incoming *in, const struct verdict *v, FILE *out)
{
	const u64 ns = in->last - in->first;
	struct rdgram_stats stats;
	char text[ADDRESS_TEXT];
	struct json j;

	json_open(&j, out);
	json_text(&j, "from", in->begun ? address_text(text, &in->from) : "");
	json_text(&j, "protocol", in->options->udp ? "udp" : "rdgram");
	json_bool(&j, "whole", v->whole);
	json_bool(&j, "ended", in->ended);
	json_bool(&j, "digest_equal", v->equal);
	json_text(&j, "sha256", v->digest);
	json_whole(&j, "bytes", in->bytes);
	json_whole(&j, "messages", in->ledger.distinct);
	json_whole(&j, "lost", v->lost);
	json_whole(&j, "doubled", in->ledger.doubled);
	json_whole(&j, "out_of_order", in->ledger.reordered);
	json_whole(&j, "strange", in->strange);
	json_real(&j, "seconds", seconds(ns));
	json_real(&j, "bytes_per_second", report_rate(in->bytes, ns));
	if (endpoint_stats(in->fd, &stats))
		json_stats(&j, &stats);
	json_close(&j);
}

static void summary_text(const struct incoming *in, const struct verdict *v, FILE *out)
{
	char text[ADDRESS_TEXT], towards[ADDRESS_TEXT + 8];
	struct rdgram_stats stats;

	if (!in->begun) {
		fprintf(out, "received nothing\n");
		return;
	}
	snprintf(towards, sizeof(towards), "from %s", address_text(text, &in->from));
	report_amount(out, "received", in->bytes, in->ledger.distinct, towards,
		      in->last - in->first);
	fprintf(out, "lost %llu, doubled %llu, out of order %llu messages\n",
		v->lost, in->ledger.doubled, in->ledger.reordered);
	if (in->strange)
		fprintf(out, "%llu messages did not belong to the file\n", in->strange);
	if (endpoint_stats(in->fd, &stats))
		report_receiver(out, &stats);
	fprintf(out, "sha256 %s (%s)\n", v->digest, !in->ended ? "the end has not come" :
		v->equal ? "as sent" : "NOT as sent");
}

static int conclude(struct incoming *in, enum wake wake)
{
	/* Where the file goes to standard output, what we say does not. */
	FILE *out = in->out == STDOUT_FILENO ? stderr : stdout;
	struct verdict verdict;

	if (in->begun)
		progress_close(&in->bar, in->bytes);
	judge(in, &verdict);
	if (in->options->json)
		summary_json(in, &verdict, out);
	else if (!in->options->quiet)
		summary_text(in, &verdict, out);
	if (!verdict.whole)
		warnx(wake == WAKE_STOP ? "stopped: %s is not whole" :
		      !in->ended ? "nothing came any more: %s is not whole" :
		      "%s is not what was sent", in->options->output);
	return verdict.whole ? EXIT_DONE : EXIT_RUN;
}

int receive_file(const struct receive_options *options, int fd, int stop)
{
	struct incoming in = {
		.options = options,
		.fd = fd,
		.stop = stop,
		.message = malloc(RDGRAM_MAX_MESSAGE),
	};
	enum wake wake;
	int status;

	if (!in.message)
		err(EXIT_RUN, "cannot begin");
	open_output(&in);
	sha256_init(&in.sha);
	while ((wake = wait_for(stop, fd, POLLIN, deadline(&in))) == WAKE_READY)
		drain(&in);
	status = conclude(&in, wake);
	ledger_free(&in.ledger);
	free(in.message);
	return status;
}
