// SPDX-License-Identifier: GPL-2.0-only
/* Messages out, and control messages beside them, see calls.h. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/net_tstamp.h>
#include <linux/rdgram.h>
#include <netinet/udp.h>

#define PIECES 8

/* MSG_PROBE, of which the C library knows another name. */
#ifndef MSG_PROBE
#define MSG_PROBE 0x10
#endif

/**
 * struct parcel - a message that is about to be sent
 *
 * @s: by which descriptor.
 * @letter: its number, or 0.
 * @len: bytes.
 * @to: where to; @named: that is said.
 * @flags: MSG_*.
 * @iov: where it is; @n: in so many pieces.
 * @nowhere: part of it is where nothing can be read.
 */
struct parcel {
	struct calls_slot *s;
	u64 letter;
	size_t len;
	struct addr to;
	bool named;
	int flags;
	struct iovec iov[PIECES];
	size_t n;
	bool nowhere;
};

static int some_flags(struct calls_caller *c)
{
	int flags = calls_one_in(c, 16) ? 0 : MSG_DONTWAIT;

	if (calls_one_in(c, 4))
		flags |= calls_pick(c, MSG_MORE, MSG_MORE, MSG_EOR, MSG_CONFIRM, MSG_NOSIGNAL,
				    MSG_PROXY, MSG_DONTROUTE, MSG_SYN, MSG_FIN, MSG_RST,
				    MSG_WAITALL, MSG_TRUNC, MSG_CTRUNC);
	if (calls_one_in(c, 64))
		flags |= calls_pick(c, MSG_OOB, MSG_PROBE, MSG_ZEROCOPY, MSG_FASTOPEN,
				    MSG_ERRQUEUE, 1 << 31, 1 << 27);
	if (calls_one_in(c, 256))
		flags = calls_some_int(c) | MSG_DONTWAIT;
	return flags;
}

/* Cut into pieces, of which some may be empty. */
static void cut(struct calls_caller *c, struct parcel *p, u8 *at)
{
	size_t left = p->len, len;

	for (p->n = 0; p->n < PIECES - 1 && calls_one_in(c, 2); p->n++) {
		len = calls_draw(c, left + 1);
		p->iov[p->n] = (struct iovec){ at, len };
		at += len;
		left -= len;
	}
	p->iov[p->n++] = (struct iovec){ at, left };
	if (!calls_one_in(c, 32))
		return;
	len = calls_draw(c, p->n);
	p->iov[len].iov_base = calls_bad_pointer(c);
	p->nowhere = p->iov[len].iov_len;
}

/* What connected sockets are connected to changes; a name is not a peer's alone. */
static u32 destination(const struct parcel *p)
{
	u64 words[2] = {};

	if (!p->named)
		return 0x80000000 | calls_connections(p->s->life);
	memcpy(words, &p->to.all, sizeof(words));
	if (p->to.sa.sa_family == AF_INET6)
		words[1] ^= message_hash(words[0], p->to.v6.sin6_addr.s6_addr32[3]);
	return message_hash(words[0], words[1]) & 0x7fffffff;
}

/* To whom the socket is connected. */
static void fill(struct calls_caller *c, struct parcel *p, struct calls_slot *s, u8 *at, size_t len)
{
	p->s = s;
	p->len = len;
	p->flags = some_flags(c);
	p->nowhere = false;
	p->letter = calls_letter(c, at, len, s, destination(p));
	cut(c, p, at);
}

/* To anybody, mostly. */
static void fill_named(struct calls_caller *c, struct parcel *p, struct calls_slot *s, u8 *at,
		       size_t len)
{
	p->named = calls_draw(c, 16);
	if (p->named)
		p->to = calls_target(c, s);
	if (calls_one_in(c, 16))
		calls_spoil_address(c, &p->to);
	fill(c, p, s, at, len);
}

static void sent(struct calls_caller *c, const struct parcel *p, long result)
{
	const bool accepted = result >= 0 && !(p->flags & MSG_PROBE);

	if (result >= 0 && result != (long)p->len)
		calls_fail(c, "%ld bytes of %zu are accepted", result, p->len);
	if (accepted && p->nowhere)
		calls_fail(c, "bytes are accepted from where there are none");
	calls_letter_sent(c, p->letter, accepted);
}

static const struct sockaddr *name(struct calls_caller *c, struct parcel *p)
{
	if (p->named && calls_one_in(c, 64))
		return calls_bad_pointer(c);
	return p->named ? &p->to.sa : NULL;
}

long calls_send(struct calls_caller *c)
{
	struct parcel p = {};
	long result;

	fill(c, &p, calls_connected(c), c->out, calls_size(c));
	p.nowhere = false;
	result = send(p.s->fd, c->out, p.len, p.flags);
	sent(c, &p, result);
	return result;
}

long calls_sendto(struct calls_caller *c)
{
	struct parcel p = {};
	long result;

	fill_named(c, &p, calls_slot(c), c->out, calls_size(c));
	result = sendto(p.s->fd, p.nowhere ? calls_bad_pointer(c) : c->out, p.len, p.flags,
			name(c, &p), p.to.len);
	sent(c, &p, result);
	return result;
}

/* --- control messages ------------------------------------------------------------ */

static struct control {
	const char *name;
	int level;
	int type;
	size_t len;
	int least, most;
	enum calls_may may;
	u32 tally;
} controls[] = {
	{ "cmsg IP_TTL", SOL_IP, IP_TTL, 4, 1, 255, CALLS_MUST, 0 },
	{ "cmsg IP_TOS", SOL_IP, IP_TOS, 4, 0, 255, CALLS_MUST, 0 },
	{ "cmsg IP_TOS, a byte", SOL_IP, IP_TOS, 1, 0, 255, CALLS_MUST, 0 },
	{ "cmsg IP_PKTINFO", SOL_IP, IP_PKTINFO, sizeof(struct in_pktinfo), 0, 0, CALLS_MUST, 0 },
	{ "cmsg IP_RETOPTS", SOL_IP, IP_RETOPTS, 8, 0, 0, CALLS_MAY, 0 },
	{ "cmsg IPV6_HOPLIMIT", SOL_IPV6, IPV6_HOPLIMIT, 4, -1, 255, CALLS_MUST, 0 },
	{ "cmsg IPV6_TCLASS", SOL_IPV6, IPV6_TCLASS, 4, -1, 255, CALLS_MUST, 0 },
	{ "cmsg IPV6_DONTFRAG", SOL_IPV6, IPV6_DONTFRAG, 4, 0, 1, CALLS_MUST, 0 },
	{ "cmsg IPV6_PKTINFO", SOL_IPV6, IPV6_PKTINFO, sizeof(struct in6_pktinfo), 0, 0,
	  CALLS_MUST, 0 },
	{ "cmsg IPV6_HOPOPTS", SOL_IPV6, IPV6_HOPOPTS, 8, 0, 0, CALLS_MAY, 0 },
	{ "cmsg SO_MARK", SOL_SOCKET, SO_MARK, 4, 0, 3, CALLS_MUST, 0 },
	{ "cmsg SO_TIMESTAMPING", SOL_SOCKET, SO_TIMESTAMPING, 4, SOF_TIMESTAMPING_TX_SOFTWARE,
	  SOF_TIMESTAMPING_TX_SOFTWARE, CALLS_MUST, 0 },
	{ "cmsg SCM_RIGHTS", SOL_SOCKET, SCM_RIGHTS, 4, 0, 2, CALLS_MUST, 0 },
	{ "cmsg UDP_SEGMENT", SOL_UDP, UDP_SEGMENT, 2, 100, 1000, CALLS_NEVER, 0 },
	{ "cmsg of SOL_RDGRAM", SOL_RDGRAM, RDGRAM_NOTICES, 4, 0, 3, CALLS_NEVER, 0 },
	{ "cmsg of another level", 999, 1, 4, 0, 3, CALLS_MUST, 0 },
};

#define CONTROLS (sizeof(controls) / sizeof(*controls))

void calls_controls_open(void)
{
	for (u32 i = 0; i < CONTROLS; i++)
		controls[i].tally = calls_tally(controls[i].name, controls[i].may);
}

static void put_value(struct calls_caller *c, const struct control *o, const struct calls_slot *s,
		      u8 *at)
{
	const int family = o->level == SOL_IP ? AF_INET : AF_INET6;
	const struct addr own = hosts_addr(calls_host(s), family, 1);
	int value = calls_one_in(c, 8) ? calls_some_int(c) :
		    o->least + (int)calls_draw(c, o->most - o->least + 1);

	if (o->type == IP_PKTINFO && o->level == SOL_IP)
		((struct in_pktinfo *)at)->ipi_spec_dst = own.v4.sin_addr;
	else if (o->type == IPV6_PKTINFO && o->level == SOL_IPV6)
		((struct in6_pktinfo *)at)->ipi6_addr = own.v6.sin6_addr;
	else
		memcpy(at, &value, o->len < sizeof(value) ? o->len : sizeof(value));
}

/* Returns which one it is; NULL: none that the kernel would know again. */
static struct control *put_control(struct calls_caller *c, const struct calls_slot *s,
				   struct msghdr *m)
{
	struct control *o = &controls[calls_draw(c, CONTROLS)];
	struct cmsghdr *h = (struct cmsghdr *)c->control;

	memset(c->control, 0, sizeof(c->control));
	*h = (struct cmsghdr){
		.cmsg_level = o->level, .cmsg_type = o->type, .cmsg_len = CMSG_LEN(o->len),
	};
	put_value(c, o, s, CMSG_DATA(h));
	m->msg_control = c->control;
	m->msg_controllen = CMSG_SPACE(o->len);
	switch (calls_draw(c, 32)) {
	case 0:
	case 1:
		h->cmsg_len = calls_pick(c, 0, 1, 8, CMSG_LEN(0), CMSG_LEN(1), CMSG_LEN(8), 1024,
					 -1);
		return NULL;
	case 2:
		m->msg_control = calls_bad_pointer(c);
		return NULL;
	case 3:
		m->msg_controllen = calls_pick(c, 1, 8, 16, 1024, 1 << 20, -1);
		return NULL;
	}
	return o;
}

static struct msghdr header(struct calls_caller *c, struct parcel *p)
{
	return (struct msghdr){
		.msg_name = (void *)name(c, p), .msg_namelen = p->to.len,
		.msg_iov = p->iov, .msg_iovlen = p->n,
		/* Nobody looks at it. */
		.msg_flags = calls_one_in(c, 16) ? calls_some_int(c) : 0,
	};
}

long calls_sendmsg(struct calls_caller *c)
{
	struct control *o = NULL;
	struct msghdr m, *given = &m;
	struct parcel p = {};
	long result;

	fill_named(c, &p, calls_slot(c), c->out, calls_size(c));
	m = header(c, &p);
	if (calls_one_in(c, 2))
		o = put_control(c, p.s, &m);
	if (calls_one_in(c, 64))
		given = calls_bad_pointer(c);
	else if (calls_one_in(c, 128))
		m.msg_iovlen = calls_pick(c, 1025, 1 << 20, -1);
	result = syscall(__NR_sendmsg, p.s->fd, given, p.flags);
	if (o)
		calls_count(c, o->tally, result);
	sent(c, &p, result);
	return result;
}

long calls_sendmmsg(struct calls_caller *c)
{
	struct calls_slot *s = calls_slot(c);
	struct mmsghdr m[CALLS_LETTERS] = {};
	struct parcel p[CALLS_LETTERS] = {};
	const int n = 1 + calls_draw(c, CALLS_LETTERS);
	long result;

	for (int i = 0; i < n; i++) {
		fill_named(c, &p[i], s, c->out + i * 4096, calls_draw(c, 4096));
		p[i].flags = p[0].flags;
		m[i].msg_hdr = header(c, &p[i]);
	}
	result = sendmmsg(s->fd, m, n, p[0].flags);
	for (int i = 0; i < n; i++)
		sent(c, &p[i], i < result ? (long)m[i].msg_len : -1);
	return result;
}

long calls_write(struct calls_caller *c)
{
	struct parcel p = {};
	long result;

	fill(c, &p, calls_connected(c), c->out, calls_size(c));
	p.flags = 0;
	p.nowhere = false;
	result = write(p.s->fd, c->out, p.len);
	sent(c, &p, result);
	return result;
}

long calls_writev(struct calls_caller *c)
{
	struct parcel p = {};
	long result;

	fill(c, &p, calls_connected(c), c->out, calls_size(c));
	p.flags = 0;
	result = writev(p.s->fd, p.iov, p.n);
	sent(c, &p, result);
	return result;
}

static void drain(int fd)
{
	char room[4096];

	while (read(fd, room, sizeof(room)) > 0)
		;
}

/* Up to a page is a message. */
long calls_splice_out(struct calls_caller *c)
{
	struct parcel p = {};
	long result;

	fill(c, &p, calls_connected(c), c->out, 1 + calls_draw(c, 4096));
	p.flags = 0;
	p.nowhere = false;
	if (write(c->pipe[1], c->out, p.len) != (long)p.len) {
		calls_letter_sent(c, p.letter, false);
		return -1;
	}
	result = splice(c->pipe[0], NULL, p.s->fd, NULL, p.len, calls_pick(c, 0, SPLICE_F_NONBLOCK,
									   SPLICE_F_MORE));
	sent(c, &p, result);
	if (result < 0) {
		const int error = errno;

		drain(c->pipe[0]);
		errno = error;
	}
	return result;
}

long calls_sendfile(struct calls_caller *c)
{
	struct parcel p = {};
	off_t at = 0;
	long result;

	fill(c, &p, calls_connected(c), c->out, 1 + calls_draw(c, 4096));
	p.flags = 0;
	p.nowhere = false;
	/* Of a file of its own: what was sent before may be on its way still. */
	if (ftruncate(c->file, 0) || pwrite(c->file, c->out, p.len, 0) != (long)p.len) {
		calls_letter_sent(c, p.letter, false);
		return -1;
	}
	result = sendfile(p.s->fd, c->file, &at, p.len);
	sent(c, &p, result);
	return result;
}

long calls_uring_send(struct calls_caller *c)
{
	struct io_uring_sqe e = { .opcode = IORING_OP_SENDMSG, .len = 1 };
	struct msghdr m;
	struct parcel p = {};
	long result;
	u64 which;

	if (!c->has_ring)
		return 0;
	fill_named(c, &p, calls_slot(c), c->out, calls_size(c));
	/* It would wait until somebody reads, which is nobody but us. */
	p.flags |= MSG_DONTWAIT;
	m = header(c, &p);
	e.fd = p.s->fd;
	e.addr = (unsigned long)&m;
	e.msg_flags = p.flags;
	uring_submit(&c->ring, &e, 1);
	result = uring_wait(&c->ring, &which);
	sent(c, &p, result);
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}
