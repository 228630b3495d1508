// SPDX-License-Identifier: GPL-2.0-only
#include "perf_control.h"

#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"
#include "wait.h"

void control_open(struct control *c, int fd, int stop)
{
	const int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->fd = fd;
	c->stop = stop;
	c->have = 0;
	c->taken = 0;
}

void control_close(struct control *c)
{
	close(c->fd);
}

bool control_write(struct control *c, const char *format, ...)
{
	char line[CONTROL_LINE];
	va_list args;
	ssize_t sent;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (len < 0 || len >= (int)sizeof(line) - 1)
		return false;
	line[len++] = '\n';
	for (int done = 0; done < len; done += sent) {
		sent = send(c->fd, line + done, len - done, MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR)
			return false;
		sent = sent > 0 ? sent : 0;
	}
	return true;
}

/* Whether there is a whole line. */
static bool line_read(struct control *c, const char **line)
{
	char *newline;

	memmove(c->buffer, c->buffer + c->taken, c->have - c->taken);
	c->have -= c->taken;
	c->taken = 0;
	newline = memchr(c->buffer, '\n', c->have);
	if (!newline)
		return false;
	*newline = '\0';
	*line = c->buffer;
	c->taken = newline + 1 - c->buffer;
	return true;
}

enum control_wake control_read(struct control *c, const char **line, u64 deadline)
{
	ssize_t got;

	while (!line_read(c, line)) {
		switch (wait_for(c->stop, c->fd, POLLIN, deadline)) {
		case WAKE_STOP:
			return CONTROL_STOP;
		case WAKE_TIME:
			return CONTROL_TIME;
		case WAKE_READY:
			break;
		}
		got = recv(c->fd, c->buffer + c->have, sizeof(c->buffer) - c->have, 0);
		if (got <= 0)
			return CONTROL_GONE;
		c->have += got;
	}
	return CONTROL_LINE_READ;
}

const char *control_after(const char *word, const char *line, const char *who)
{
	if (strncmp(line, word, strlen(word)))
		errx(EXIT_RUN, "the %s says '%.60s', which is none of our words", who, line);
	return line + strlen(word);
}
