// SPDX-License-Identifier: GPL-2.0-only
#include "progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "number.h"

#define DRAW_NS		(100 * NS_PER_MS)
#define SMOOTH		0.3	/* the weight of the newest rate */
#define BAR_MOST	40
#define BAR_LEAST	10
#define TEXT		64	/* columns that the numbers take */

void progress_open(struct progress *p, u64 total, bool forced, bool quiet)
{
	*p = (struct progress){
		.shown = !quiet && (forced || isatty(STDERR_FILENO)),
		.total = total,
		.start = now_ns(),
	};
	p->drawn = p->start;
}

static int columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col;
}

static void draw_bar(double part)
{
	int width = columns() - TEXT, full;

	if (width < BAR_LEAST)
		return;
	if (width > BAR_MOST)
		width = BAR_MOST;
	full = part * width;
	fputs(" [", stderr);
	for (int i = 0; i < width; i++)
		fputc(i < full ? '=' : i == full ? '>' : ' ', stderr);
	fputc(']', stderr);
}

static void draw_known(const struct progress *p, u64 done)
{
	char so_far[NUMBER_TEXT], all[NUMBER_TEXT], rate[NUMBER_TEXT], left[NUMBER_TEXT];
	double part = p->total ? (double)done / p->total : 1;

	if (part > 1)
		part = 1;
	fprintf(stderr, "\r%3d%%", (int)(part * 100));
	draw_bar(part);
	fprintf(stderr, " %s of %s, %s/s, %s left\033[K", number_bytes(so_far, done),
		number_bytes(all, p->total), number_bytes(rate, p->rate),
		p->rate > 0 ? number_clock(left, (p->total * (1 - part)) / p->rate) : "-:--");
}

static void draw_unknown(const struct progress *p, u64 done)
{
	char so_far[NUMBER_TEXT], rate[NUMBER_TEXT], passed[NUMBER_TEXT];

	fprintf(stderr, "\r%s, %s/s, %s\033[K", number_bytes(so_far, done),
		number_bytes(rate, p->rate), number_clock(passed, seconds(p->drawn - p->start)));
}

static void draw(struct progress *p, u64 done, u64 now)
{
	double rate = (done - p->drawn_done) / seconds(now - p->drawn);

	p->rate = p->rate > 0 ? SMOOTH * rate + (1 - SMOOTH) * p->rate : rate;
	p->drawn = now;
	p->drawn_done = done;
	if (p->total == PROGRESS_UNKNOWN)
		draw_unknown(p, done);
	else
		draw_known(p, done);
}

void progress_update(struct progress *p, u64 done)
{
	u64 now;

	if (!p->shown)
		return;
	now = now_ns();
	if (now - p->drawn >= DRAW_NS)
		draw(p, done, now);
}

void progress_close(struct progress *p, u64 done)
{
	u64 now;

	if (!p->shown)
		return;
	/* The last line says the average: that is what one remembers. */
	now = now_ns();
	p->rate = 0;
	p->drawn = p->start;
	p->drawn_done = 0;
	if (now > p->start)
		draw(p, done, now);
	fputc('\n', stderr);
}
