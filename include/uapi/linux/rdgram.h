/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * rdgram: reliable datagrams over UDP.
 *
 * All that an application includes:
 *
 *	int fd = socket(AF_INET, SOCK_RDM, IPPROTO_RDGRAM);
 *
 *	sendto(fd, msg, len, 0, &peer, sizeof(peer));
 *
 * The calls are those of a UDP socket; what is said here is only what UDP
 * has no word for.
 *
 * When messages to a peer were given up, the next sendto() to that peer fails,
 * once, and so does the next send() or recv() of a connected socket:
 *
 *	ECONNREFUSED	its socket is closed, or has a filter that did not want them
 *	ECONNRESET	it was restarted, or has lost the link
 *	ETIMEDOUT	it does not answer, see RDGRAM_USER_TIMEOUT
 *	EPROTONOSUPPORT	it speaks another version of the protocol
 *	EPROTO		it has acknowledged what was never sent to it
 *
 * Other errors give up nothing, the message that was accepted goes on trying: what ICMP
 * says, which a connected socket is told as with UDP (ECONNREFUSED where no socket is
 * there), or who asked for it (IP_RECVERR); and, told as those above,
 *
 *	EPROTO		something that does not speak rdgram answers there
 *
 * What else differs from a UDP socket is in Documentation/conformance.rst.
 */
#ifndef _UAPI_LINUX_RDGRAM_H
#define _UAPI_LINUX_RDGRAM_H

#include <linux/types.h>

/*
 * The protocol number that socket() takes. It lies above the 8 bits of the IP
 * header (on the wire rdgram is UDP) and below IPPROTO_MAX of every supported
 * kernel, where 255 is raw, 256 SMC and 262 MPTCP.
 */
#ifndef IPPROTO_RDGRAM
#define IPPROTO_RDGRAM	261
#endif

/* The level of the options below; free in every supported kernel. */
#ifndef SOL_RDGRAM
#define SOL_RDGRAM	361
#endif

/* RDGRAM_CONGESTION: the longest name, its end included, in bytes. */
#define RDGRAM_CONGESTION_MAX	16

/* The largest message, in bytes. A larger one is refused with EMSGSIZE. */
#define RDGRAM_MAX_MESSAGE	(1024 * 1024)

/**
 * enum - options at level SOL_RDGRAM
 *
 * @RDGRAM_USER_TIMEOUT: __u32, milliseconds, 0 to 2^31 - 1; read and write.
 *	How long messages may wait for a peer that does not answer before the
 *	link to it is given up and they are returned: in doubt where they were
 *	sent, not delivered where they were not. While the link has to be opened,
 *	two minutes at the most. 0 waits for ever, also then. The default
 *	is that of the namespace, net.rdgram.user_timeout: 300,000.
 *	TCP_USER_TIMEOUT is the model. Where too many others are asked, the time
 *	until this peer can be does not count.
 * @RDGRAM_STATS: struct rdgram_stats, read only. A shorter buffer gets as much
 *	as fits, a longer one what there is: the length returned says.
 * @RDGRAM_NOTICES: __u32, bits of enum rdgram_notice_bits; read and write.
 *	Which notices are queued on the error queue (MSG_ERRQUEUE). The default
 *	is 0. A non-empty error queue is a standing EPOLLERR. Receipts that are
 *	not read take of SO_SNDBUF, 128 bytes each: who reads none can, after
 *	tens of thousands of them, send no more until he does. Those of messages
 *	in a row to one peer that ended alike are one.
 * @RDGRAM_CONGESTION: a string, at most RDGRAM_CONGESTION_MAX bytes with its
 *	end; read and write. The congestion control of this socket towards all
 *	its peers, present and future: one of those that the sysctl
 *	net.rdgram.congestions_available lists, else ENOENT. The default is what
 *	net.rdgram.congestion says when the socket is made. The end of the string
 *	need not be within the buffer: as TCP_CONGESTION, which is the model.
 * @RDGRAM_NODELAY: __u32, 0 or 1 (anything else counts as 1); read and write. A
 *	message that does not fill a packet waits, while others to the same peer
 *	are on their way, for more to share the packet with: a quarter of the round
 *	trip, or a millisecond, at the most. 1 turns this off, but for MSG_MORE,
 *	which waits for 5 milliseconds at the most. The default is 0. TCP_NODELAY is
 *	the model; but 0 costs less here.
 */
enum {
	RDGRAM_USER_TIMEOUT	= 1,
	RDGRAM_STATS		= 2,
	RDGRAM_NOTICES		= 3,
	RDGRAM_CONGESTION	= 4,
	RDGRAM_NODELAY		= 5,
};

/**
 * enum rdgram_notice_bits - what RDGRAM_NOTICES asks for
 *
 * @RDGRAM_NOTICE_RECEIPT: what became of each message sent: one of
 *	RDGRAM_DELIVERED, RDGRAM_NOT_DELIVERED, RDGRAM_IN_DOUBT.
 * @RDGRAM_NOTICE_PEER: what became of a peer: RDGRAM_RESTART, RDGRAM_JUMP.
 */
enum rdgram_notice_bits {
	RDGRAM_NOTICE_RECEIPT	= 1 << 0,
	RDGRAM_NOTICE_PEER	= 1 << 1,
};

/* sock_extended_err.ee_origin of our notices. */
#define RDGRAM_EE_ORIGIN	0x52

/**
 * enum rdgram_notice - sock_extended_err.ee_type of a notice
 *
 * A notice comes in a struct sock_extended_err (cmsg IP_RECVERR, or
 * IPV6_RECVERR on an AF_INET6 socket), msg_name is the peer. ee_info and
 * ee_data are the first and the last message concerned; the messages sent to
 * a peer, and those received from it, are numbered from 1, modulo 2^32; from more
 * where the sending socket has forgotten peers that it had not used, of more than
 * a thousand. A notice about a peer is lost where 4,096 of any kind wait already.
 *
 * @RDGRAM_DELIVERED: in the receiving socket's queue, or already read.
 * @RDGRAM_NOT_DELIVERED: never sent whole, or refused: surely not seen by the
 *	receiving application.
 * @RDGRAM_IN_DOUBT: the link died before it was known. Never sent again.
 * @RDGRAM_RESTART: all that is read from the peer from now on was sent by a
 *	new incarnation of it (its socket was closed and opened again).
 * @RDGRAM_JUMP: these messages of the peer will not be received: they are in
 *	doubt or not delivered on its side, or were never any.
 */
enum rdgram_notice {
	RDGRAM_DELIVERED	= 1,
	RDGRAM_NOT_DELIVERED	= 2,
	RDGRAM_IN_DOUBT		= 3,
	RDGRAM_RESTART		= 4,
	RDGRAM_JUMP		= 5,
};

/**
 * struct rdgram_stats - counters of one socket, since it was opened
 *
 * @messages_sent: accepted by sendmsg().
 * @messages_delivered: reported as delivered by their receivers.
 * @messages_not_delivered: returned: surely not delivered.
 * @messages_in_doubt: returned: perhaps delivered.
 * @messages_received: put into the receive queue.
 * @bytes_sent: payload accepted by sendmsg().
 * @bytes_received: payload put into the receive queue.
 * @packets_sent: UDP datagrams sent, of every kind.
 * @packets_retransmitted: those among them that carry payload again.
 * @packets_received: UDP datagrams received for the links of this socket.
 * @packets_duplicate: packets received that had been received before, and
 *	payload received again in a new packet.
 * @packets_unadmitted: packets dropped, unacknowledged, because the receive
 *	buffer had no room for them.
 * @packets_malformed: packets dropped because they break the wire format.
 * @links_opened: handshakes that came to an end, in either direction.
 * @links_died: links that ended by RESET or timeout.
 * @peers: peers known at this moment.
 * @packets_marked: packets sent that the network marked Congestion Experienced
 *	(ECN) instead of dropping them, as their receivers report.
 * @mtu_probes_sent: packets without payload that were sent to learn whether
 *	packets of their size arrive.
 * @mtu_probes_lost: those among them that did not, as far as is known.
 * @mtu_black_holes: times that packets became smaller since larger ones
 *	vanished.
 * @paths_changed: times that a peer was found at another address, and moved, or
 *	was told another one of ours.
 * @paths_failed: times that a peer seemed to be at another address, and what
 *	was asked there was not answered.
 */
struct rdgram_stats {
	__u64 messages_sent;
	__u64 messages_delivered;
	__u64 messages_not_delivered;
	__u64 messages_in_doubt;
	__u64 messages_received;
	__u64 bytes_sent;
	__u64 bytes_received;
	__u64 packets_sent;
	__u64 packets_retransmitted;
	__u64 packets_received;
	__u64 packets_duplicate;
	__u64 packets_unadmitted;
	__u64 packets_malformed;
	__u64 links_opened;
	__u64 links_died;
	__u64 peers;
	__u64 packets_marked;
	__u64 mtu_probes_sent;
	__u64 mtu_probes_lost;
	__u64 mtu_black_holes;
	__u64 paths_changed;
	__u64 paths_failed;
};

#endif /* _UAPI_LINUX_RDGRAM_H */
