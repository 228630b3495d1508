// SPDX-License-Identifier: GPL-2.0-only
#include "perf_channel.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/sctp.h>
#include <linux/tipc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/rdgram.h>

#include "command.h"

/* A TIPC service of our own; instances are ports. */
#define TIPC_SERVICE 7000261

/*
 * For those whose buffers do not grow: what TCP's may grow to, nearly (the kernel
 * doubles it), so that none is held back by them. Many senders share that: what they
 * have put there must still be received when they end.
 */
#define BUFFER (2 << 20)
#define BUFFER_LEAST (128 << 10)

static void explain_open(const struct protocol *p)
{
	static const char * const modules[] = { "rds", "rds_tcp" };
	const char *module = !strcmp(p->name, modules[0]) ? modules[1] : p->name;

	if (errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT || errno == EINVAL ||
	    errno == EAFNOSUPPORT)
		errx(EXIT_RUN, "this kernel has no %s: modprobe %s (as root)", p->name, module);
	err(EXIT_RUN, "cannot open a socket");
}

static int send_buffer(const struct job *job)
{
	u64 size = BUFFER / job_senders(job);

	size = size > BUFFER_LEAST ? size : BUFFER_LEAST;
	return size > 2 * job->size ? size : 2 * job->size;
}

static void grow_buffer(int fd, int force, int option, int size)
{
	/* As much as we may have: root passes the limit of the sysctl. */
	if (setsockopt(fd, SOL_SOCKET, force, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, option, &size, sizeof(size));
}

static void choose_congestion(int fd, const struct job *job)
{
	const char *name = job->congestion;
	int error;

	if (!strcmp(name, "-"))
		return;
	if (job->protocol->framed)
		error = setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, strlen(name));
	else
		error = setsockopt(fd, SOL_RDGRAM, RDGRAM_CONGESTION, name,
				   strlen(name));
	if (error)
		err(EXIT_RUN, "%s: no congestion control '%s'", job->protocol->name, name);
}

/*
 * Those who care for latency set TCP and SCTP up like this; the others do not wait.
 * Connections inherit it from their listener.
 */
static void no_delay(int fd, const struct protocol *p)
{
	const int on = 1;

	if (p->number == IPPROTO_TCP)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	else if (p->number == IPPROTO_SCTP)
		setsockopt(fd, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof(on));
}

static int open_socket(const struct job *job, int family)
{
	const struct protocol *p = job->protocol;
	int fd = socket(p->family ? p->family : family, p->type | SOCK_CLOEXEC, p->number);

	if (fd < 0)
		explain_open(p);
	if (!p->tuned) {
		grow_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, BUFFER);
		grow_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, send_buffer(job));
	}
	choose_congestion(fd, job);
	if (job->workload == ROUND_TRIPS)
		no_delay(fd, p);
	return fd;
}

static void bind_socket(int fd, const struct protocol *p, const struct address *local)
{
	char text[ADDRESS_TEXT];
	const int on = 1;

	if (p->framed)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!bind(fd, (const struct sockaddr *)&local->sa, local->len))
		return;
	if (p->family == AF_TIPC)
		err(EXIT_RUN, "cannot bind to the TIPC service");
	err(EXIT_RUN, "cannot bind to %s", address_text(text, local));
}

int channel_socket(const struct job *job, const struct address *local, bool listening)
{
	const struct protocol *p = job->protocol;
	int fd = open_socket(job, local->sa.ss_family);

	/* What TIPC sends from has an address by itself. */
	if (p->family != AF_TIPC || listening)
		bind_socket(fd, p, local);
	if (listening && (p->framed || p->pieces) && listen(fd, PERF_PEERS_MOST))
		err(EXIT_RUN, "cannot listen");
	return fd;
}

void channel_connect(int fd, const struct address *to)
{
	char text[ADDRESS_TEXT];

	if (connect(fd, (const struct sockaddr *)&to->sa, to->len))
		err(EXIT_RUN, "cannot reach %s", address_text(text, to));
}

static void tipc_address(struct address *to, u16 port)
{
	struct sockaddr_tipc *tipc = (void *)&to->sa;

	memset(to, 0, sizeof(*to));
	tipc->family = AF_TIPC;
	tipc->addrtype = TIPC_SERVICE_ADDR;
	tipc->scope = TIPC_CLUSTER_SCOPE;
	tipc->addr.name.name.type = TIPC_SERVICE;
	tipc->addr.name.name.instance = port;
	to->len = sizeof(*tipc);
}

void channel_address(struct address *to, const struct protocol *protocol,
		     const struct address *host, u16 port)
{
	if (protocol->family == AF_TIPC) {
		tipc_address(to, port);
		return;
	}
	*to = *host;
	address_set_port(to, port);
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		err(EXIT_RUN, "no memory for buffers");
	return memory;
}

void channel_open(struct channel *c, const struct job *job, int fd, const atomic_bool *give_up)
{
	*c = (struct channel){
		.protocol = job->protocol,
		.fd = fd,
		.give_up = give_up,
		.size = job->size,
		.batch = job->batch,
	};
	if (c->protocol->framed) {
		frames_out_open(&c->out, fd, give_up);
		frames_in_open(&c->in, fd, c->size);
		return;
	}
	/* A byte more: what is longer than it should be shows. */
	c->buffer = allocate(c->batch, c->size + 1);
	c->headers = allocate(c->batch, sizeof(*c->headers));
	c->iov = allocate(c->batch, sizeof(*c->iov));
	c->names = allocate(c->batch, sizeof(*c->names));
}

/* --- sending ------------------------------------------------------------------- */

/* Whether an interrupted call is to be made again. */
static bool again(const struct channel *c)
{
	return errno == EINTR && !atomic_load(c->give_up);
}

static bool send_one(const struct channel *c, const void *message)
{
	const int flags = c->protocol->flagless ? 0 : MSG_NOSIGNAL;
	ssize_t sent;

	do {
		sent = sendto(c->fd, message, c->size, flags, (const struct sockaddr *)&c->to.sa,
			      c->to.len);
	} while (sent < 0 && again(c));
	return sent >= 0;
}

static size_t send_many(struct channel *c, const u8 *messages, size_t count)
{
	size_t done = 0;
	int sent;

	for (size_t i = 0; i < count; i++) {
		c->iov[i] = (struct iovec){
			.iov_base = (void *)(messages + i * c->size), .iov_len = c->size
		};
		c->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &c->to.sa, .msg_namelen = c->to.len,
			.msg_iov = &c->iov[i], .msg_iovlen = 1,
		};
	}
	while (done < count) {
		sent = sendmmsg(c->fd, c->headers + done, count - done, MSG_NOSIGNAL);
		if (sent < 0 && !again(c))
			break;
		done += sent > 0 ? sent : 0;
	}
	return done;
}

/* RDS takes no flag at all, nor that which sendmmsg() adds. */
size_t channel_send(struct channel *c, const void *messages, size_t count)
{
	const u8 *message = messages;

	if (c->batch > 1 && !c->protocol->framed && !c->protocol->flagless)
		return send_many(c, messages, count);
	for (size_t i = 0; i < count; i++, message += c->size)
		if (c->protocol->framed ? !frames_put(&c->out, message, c->size) :
					  !send_one(c, message))
			return i;
	return count;
}

bool channel_flush(struct channel *c)
{
	return !c->protocol->framed || frames_flush(&c->out);
}

/* --- receiving ----------------------------------------------------------------- */

/* @flags are for the first piece; the rest of a message that has begun follows. */
static size_t receive_pieces(struct channel *c, struct message *to, u8 *buffer, int flags)
{
	struct iovec iov = { .iov_base = buffer, .iov_len = c->size + 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t got;

	do {
		msg.msg_name = &c->from.sa;
		msg.msg_namelen = sizeof(c->from.sa);
		got = recvmsg(c->fd, &msg, flags);
		if (got < 0 && again(c))
			continue;
		if (got <= 0)
			return 0;
		flags = 0;
		iov.iov_base = (u8 *)iov.iov_base + got;
		iov.iov_len -= got;
	} while (got < 0 || (!(msg.msg_flags & MSG_EOR) && iov.iov_len));
	c->from.len = msg.msg_namelen;
	*to = (struct message){ .data = buffer, .len = c->size + 1 - iov.iov_len };
	return 1;
}

/* recvmmsg() would not put the pieces together. */
static size_t receive_many_pieces(struct channel *c, struct message *messages)
{
	size_t count = 0;

	while (count < c->batch &&
	       receive_pieces(c, messages + count, c->buffer + count * (c->size + 1),
			      count ? MSG_DONTWAIT : 0))
		count++;
	return count;
}

static size_t receive_one(struct channel *c, struct message *to)
{
	ssize_t got;

	do {
		c->from.len = sizeof(c->from.sa);
		got = recvfrom(c->fd, c->buffer, c->size + 1, 0, (struct sockaddr *)&c->from.sa,
			       &c->from.len);
	} while (got < 0 && again(c));
	if (got < 0)
		return 0;
	*to = (struct message){ .data = c->buffer, .len = got };
	return 1;
}

static size_t receive_many(struct channel *c, struct message *messages)
{
	int got;

	for (size_t i = 0; i < c->batch; i++) {
		c->iov[i] = (struct iovec){
			.iov_base = c->buffer + i * (c->size + 1), .iov_len = c->size + 1
		};
		c->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &c->names[i].sa, .msg_namelen = sizeof(c->names[i].sa),
			.msg_iov = &c->iov[i], .msg_iovlen = 1,
		};
	}
	do {
		got = recvmmsg(c->fd, c->headers, c->batch, MSG_WAITFORONE, NULL);
	} while (got < 0 && again(c));
	for (int i = 0; i < got; i++)
		messages[i] = (struct message){
			.data = c->iov[i].iov_base, .len = c->headers[i].msg_len
		};
	return got > 0 ? got : 0;
}

size_t channel_take(struct channel *c, struct message *messages)
{
	size_t count = 0;

	while (count < c->batch &&
	       frames_next(&c->in, &messages[count].data, &messages[count].len))
		count++;
	return count;
}

size_t channel_receive_once(struct channel *c, struct message *messages)
{
	ssize_t got = frames_fill(&c->in, c->size);
	size_t count;

	if (got <= 0) {
		errno = got ? errno : 0;
		return 0;
	}
	count = channel_take(c, messages);
	errno = count ? errno : EAGAIN;
	return count;
}

size_t channel_receive(struct channel *c, struct message *messages)
{
	size_t count;

	if (c->protocol->pieces)
		return receive_many_pieces(c, messages);
	if (!c->protocol->framed)
		return c->batch > 1 ? receive_many(c, messages) : receive_one(c, messages);
	count = channel_take(c, messages);
	while (!count) {
		count = channel_receive_once(c, messages);
		if (!count && errno != EAGAIN && !again(c))
			break;
	}
	return count;
}
