// SPDX-License-Identifier: GPL-2.0-only
#include "channel.h"

#include <err.h>
#include <errno.h>
#include <linux/rds.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sock.h"

/*
 * TCP tunes its buffers up to 4 MiB (tcp_wmem) and 6 MiB (tcp_rmem) by itself; the
 * others get 4 MiB (the kernel doubles what is asked for), so that none is held back
 * by them.
 */
#define BUFFER (2 << 20)

static const char * const names[] = {
	[RDGRAM] = "rdgram",
	[TCP] = "tcp",
	[SCTP] = "sctp",
	[RDS] = "rds",
};

bool flavour_parse(struct flavour *f, const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t len = strlen(names[i]);

		if (strncmp(name, names[i], len) || (name[len] && name[len] != '-'))
			continue;
		memset(f, 0, sizeof(*f));
		f->protocol = i;
		if (name[len])
			snprintf(f->congestion, sizeof(f->congestion), "%s", name + len + 1);
		return true;
	}
	return false;
}

static int new_socket(enum protocol protocol)
{
	switch (protocol) {
	case RDGRAM:
		return socket(AF_INET, SOCK_RDM, IPPROTO_RDGRAM);
	case TCP:
		return socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	case SCTP:
		return socket(AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP);
	case RDS:
		return socket(AF_RDS, SOCK_SEQPACKET, 0);
	}
	errno = EPROTONOSUPPORT;
	return -1;
}

/* The option that chooses, and reads, the congestion control. */
static bool congestion_option(enum protocol protocol, int *level, int *option)
{
	switch (protocol) {
	case TCP:
		*level = IPPROTO_TCP;
		*option = TCP_CONGESTION;
		return true;
	case RDGRAM:
#ifdef RDGRAM_CONGESTION_MAX
		*level = SOL_RDGRAM;
		*option = RDGRAM_CONGESTION;
		return true;
#endif
	default:
		return false;
	}
}

static bool set_congestion(int fd, const struct flavour *f)
{
	int level, option;

	if (!f->congestion[0])
		return true;
	return congestion_option(f->protocol, &level, &option) &&
	       !setsockopt(fd, level, option, f->congestion, strlen(f->congestion));
}

bool flavour_available(const struct flavour *f)
{
	int fd = new_socket(f->protocol);
	bool available = fd >= 0 && set_congestion(fd, f);

	if (fd >= 0)
		close(fd);
	return available;
}

const char *channel_congestion(const struct channel *c, char *to, size_t size)
{
	socklen_t len = size - 1;
	int level, option;

	memset(to, 0, size);
	if (!congestion_option(c->flavour.protocol, &level, &option) ||
	    getsockopt(c->fd, level, option, to, &len) || !to[0])
		snprintf(to, size, "-");
	return to;
}

static void set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		err(1, "setsockopt %d, %d", level, option);
}

static void tune(int fd, const struct flavour *f)
{
	if (!set_congestion(fd, f))
		err(1, "congestion control %s", f->congestion);
	if (f->protocol == TCP)
		return;
	/* For ever: a cut may last longer than the default. */
	if (f->protocol == RDGRAM)
		set(fd, SOL_RDGRAM, RDGRAM_USER_TIMEOUT, 0);
	set(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER);
	set(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER);
}

static int open_end(const struct flavour *f, const struct hosts *h, int which, u16 port)
{
	const struct addr local = hosts_addr(which, AF_INET, port);
	int fd;

	hosts_enter(h, which);
	fd = new_socket(f->protocol);
	if (fd < 0)
		err(1, "socket %s", names[f->protocol]);
	tune(fd, f);
	if (bind(fd, &local.sa, local.len))
		err(1, "bind %s", names[f->protocol]);
	if ((f->protocol == TCP || f->protocol == SCTP) && listen(fd, 1))
		err(1, "listen %s", names[f->protocol]);
	return fd;
}

/* The kernel does TCP's handshake for a listener that waits to be asked. */
static void open_tcp(const struct flavour *f, const struct hosts *h, u16 port,
		     struct channel ends[HOSTS])
{
	const struct addr to = hosts_addr(1, AF_INET, port);
	int listener = open_end(f, h, 1, port);

	hosts_enter(h, 0);
	ends[0].fd = new_socket(TCP);
	if (ends[0].fd < 0)
		err(1, "socket");
	tune(ends[0].fd, f);
	if (connect(ends[0].fd, &to.sa, to.len))
		err(1, "connect");
	ends[1].fd = accept(listener, NULL, NULL);
	if (ends[1].fd < 0)
		err(1, "accept");
	tune(ends[1].fd, f);
	close(listener);
}

void channel_open(const struct flavour *f, const struct hosts *h, u16 port,
		  struct channel ends[HOSTS])
{
	for (int i = 0; i < HOSTS; i++)
		ends[i] = (struct channel){
			.flavour = *f,
			.to = hosts_addr(!i, AF_INET, port),
		};
	if (f->protocol == TCP) {
		open_tcp(f, h, port, ends);
		return;
	}
	for (int i = 0; i < HOSTS; i++)
		ends[i].fd = open_end(f, h, i, port);
}

void channel_open_more(const struct channel *near, const struct hosts *h, u16 port,
		       struct channel ends[HOSTS])
{
	if (near->flavour.protocol == TCP) {
		channel_open(&near->flavour, h, port, ends);
		return;
	}
	ends[0] = *near;
	ends[0].to = hosts_addr(1, AF_INET, port);
	ends[1] = (struct channel){
		.flavour = near->flavour,
		.fd = open_end(&near->flavour, h, 1, port),
	};
}

void channel_no_delay(const struct channel *c)
{
	if (c->flavour.protocol == TCP)
		set(c->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	else if (c->flavour.protocol == SCTP)
		set(c->fd, IPPROTO_SCTP, SCTP_NODELAY, 1);
}

/* RDS knows no flag at all, nor that of sendmmsg(). */
static int send_flags(const struct channel *c)
{
	return c->flavour.protocol == RDS ? 0 : MSG_NOSIGNAL;
}

bool channel_send(const struct channel *c, const void *message, size_t len)
{
	ssize_t sent;

	if (c->flavour.protocol != TCP)
		return sendto(c->fd, message, len, send_flags(c), &c->to.sa, c->to.len) ==
		       (ssize_t)len;
	while (len) {
		sent = send(c->fd, message, len, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		message += sent;
		len -= sent;
	}
	return true;
}

/* SCTP gives long messages in pieces; @flags are for the first of them. */
static bool recv_sctp(int fd, void *message, size_t len, int flags)
{
	struct iovec iov = { .iov_base = message, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t got;

	for (;;) {
		got = recvmsg(fd, &msg, flags);
		if (got < 0)
			return false;
		flags = 0;
		iov.iov_base += got;
		iov.iov_len -= got;
		if (msg.msg_flags & MSG_EOR)
			return iov.iov_len == 0;
		if (!iov.iov_len) {
			errno = EMSGSIZE;
			return false;
		}
		msg.msg_flags = 0;
	}
}

bool channel_recv(const struct channel *c, void *message, size_t len)
{
	if (c->flavour.protocol == SCTP)
		return recv_sctp(c->fd, message, len, 0);
	return recv(c->fd, message, len, c->flavour.protocol == TCP ? MSG_WAITALL : MSG_TRUNC) ==
	       (ssize_t)len;
}

/* One header, and one piece of the buffer, for each message. */
static void lay_out(struct mmsghdr *headers, struct iovec *iov, const struct channel *to,
		    const void *messages, size_t len, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		iov[i] = (struct iovec){ .iov_base = (void *)messages + i * len, .iov_len = len };
		headers[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
		if (to) {
			headers[i].msg_hdr.msg_name = (void *)&to->to.sa;
			headers[i].msg_hdr.msg_namelen = to->to.len;
		}
	}
}

size_t channel_send_many(const struct channel *c, const void *messages, size_t len, size_t count)
{
	struct mmsghdr headers[CHANNEL_BATCH];
	struct iovec iov[CHANNEL_BATCH];
	int sent;

	if (c->flavour.protocol == TCP)
		return channel_send(c, messages, len * count) ? count : 0;
	if (c->flavour.protocol == RDS)
		return channel_send(c, messages, len);
	lay_out(headers, iov, c, messages, len, count);
	sent = sendmmsg(c->fd, headers, count, send_flags(c));
	return sent > 0 ? sent : 0;
}

/* Whole messages; what there is of one more stays in the buffer for the next call. */
static size_t recv_tcp(struct channel *c, void *messages, size_t len, size_t max)
{
	size_t have = c->partial, count;
	ssize_t got;

	memmove(messages, messages + c->partial_at, have);
	do {
		got = recv(c->fd, messages + have, len * max - have, 0);
		if (got <= 0)
			return 0;
		have += got;
	} while (have < len);
	count = have / len;
	c->partial = have % len;
	c->partial_at = count * len;
	return count;
}

/* Its recvmmsg() would not put the pieces together. */
static size_t recv_many_sctp(int fd, void *messages, size_t len, size_t max)
{
	size_t count = 0;

	while (count < max &&
	       recv_sctp(fd, messages + count * len, len, count ? MSG_DONTWAIT : 0))
		count++;
	return count;
}

size_t channel_recv_many(struct channel *c, void *messages, size_t len, size_t max)
{
	struct mmsghdr headers[CHANNEL_BATCH];
	struct iovec iov[CHANNEL_BATCH];
	int got;

	switch (c->flavour.protocol) {
	case TCP:
		return recv_tcp(c, messages, len, max);
	case SCTP:
		return recv_many_sctp(c->fd, messages, len, max);
	default:
		break;
	}
	lay_out(headers, iov, NULL, messages, len, max);
	got = recvmmsg(c->fd, headers, max, MSG_WAITFORONE, NULL);
	for (int i = 0; i < got; i++)
		if (headers[i].msg_len != len || headers[i].msg_hdr.msg_flags & MSG_TRUNC) {
			errno = EMSGSIZE;
			return i;
		}
	return got > 0 ? got : 0;
}

bool channel_packets(const struct channel *c, u64 *sent, u64 *again)
{
	struct rdgram_stats stats;
	struct tcp_info info;
	socklen_t len = sizeof(info);

	switch (c->flavour.protocol) {
	case RDGRAM:
		sock_stats(c->fd, &stats);
		*sent = stats.packets_sent;
		*again = stats.packets_retransmitted;
		return true;
	case TCP:
		memset(&info, 0, sizeof(info));
		if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len))
			err(1, "TCP_INFO");
		*sent = info.tcpi_segs_out;
		*again = info.tcpi_total_retrans;
		return true;
	default:
		return false;
	}
}
