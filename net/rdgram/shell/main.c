// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: what it registers, and in which order.
 */
#include <linux/module.h>
#include <linux/net.h>
#include <net/inet_common.h>
#include <net/ipv6.h>
#include <net/protocol.h>
#include <net/transp_v6.h>
#include <net/udp.h>
#include <uapi/linux/rdgram.h>
#include "compat.h"
#include "input.h"
#include "local.h"
#include "peer.h"
#include "rbuf.h"
#include "rmem.h"
#include "silence.h"
#include "sock.h"
#include "train.h"

struct workqueue_struct *rdg_wq;

static struct proto rdg_prot = {
	.name = "RDGRAM",
	.owner = THIS_MODULE,
	.close = rdg_sock_close,
	.connect = rdg_sock_connect,
	.disconnect = rdg_sock_disconnect,
	.ioctl = rdg_ioctl,
	.init = rdg_sock_init,
	.destroy = rdg_sock_destroy,
	.setsockopt = rdg_sock_setsockopt,
	.getsockopt = rdg_sock_getsockopt,
	.sendmsg = rdg_sock_sendmsg,
	.recvmsg = rdg_recvmsg,
	.unhash = rdg_sock_unhash,
	.rehash = rdg_sock_rehash,
	.get_port = rdg_sock_get_port,
	.put_port = rdg_sock_put_port,
	.memory_allocated = &rdg_mem_allocated,
	.per_cpu_fw_alloc = &rdg_mem_per_cpu,
	.sysctl_mem = rdg_mem_kernels_limits,
	.sysctl_wmem = &rdg_mem_least,
	.sysctl_rmem = &rdg_mem_least,
	.obj_size = sizeof(struct rdg_sock),
};

static const struct proto_ops rdg_ops = {
	.family = PF_INET,
	.owner = THIS_MODULE,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_dgram_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = inet_getname,
	.poll = rdg_sock_poll,
	.set_peek_off = sk_set_peek_off,
	.ioctl = inet_ioctl,
	.gettstamp = sock_gettstamp,
	.listen = sock_no_listen,
	.shutdown = inet_shutdown,
	.setsockopt = sock_common_setsockopt,
	.getsockopt = sock_common_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
	.mmap = sock_no_mmap,
	RDG_NO_SENDPAGE
};

static struct inet_protosw rdg_protosw[] = {
	{
		.type = SOCK_RDM,
		.protocol = IPPROTO_RDGRAM,
		.prot = &rdg_prot,
		.ops = &rdg_ops,
	},
	{
		.type = SOCK_DGRAM,
		.protocol = IPPROTO_RDGRAM,
		.prot = &rdg_prot,
		.ops = &rdg_ops,
	},
};

static void register4(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(rdg_protosw); i++)
		inet_register_protosw(&rdg_protosw[i]);
}

static void unregister4(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(rdg_protosw); i++)
		inet_unregister_protosw(&rdg_protosw[i]);
}

#if IS_ENABLED(CONFIG_IPV6)
static struct proto rdg6_prot;

static const struct proto_ops rdg6_ops = {
	.family = PF_INET6,
	.owner = THIS_MODULE,
	.release = inet6_release,
	.bind = inet6_bind,
	.connect = inet_dgram_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = inet6_getname,
	.poll = rdg_sock_poll,
	.set_peek_off = sk_set_peek_off,
	.ioctl = inet6_ioctl,
	.gettstamp = sock_gettstamp,
	.listen = sock_no_listen,
	.shutdown = inet_shutdown,
	.setsockopt = sock_common_setsockopt,
	.getsockopt = sock_common_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
	.mmap = sock_no_mmap,
	RDG_NO_SENDPAGE
#ifdef CONFIG_COMPAT
	.compat_ioctl = inet6_compat_ioctl,
#endif
};

static struct inet_protosw rdg6_protosw[] = {
	{
		.type = SOCK_RDM,
		.protocol = IPPROTO_RDGRAM,
		.prot = &rdg6_prot,
		.ops = &rdg6_ops,
	},
	{
		.type = SOCK_DGRAM,
		.protocol = IPPROTO_RDGRAM,
		.prot = &rdg6_prot,
		.ops = &rdg6_ops,
	},
};

/* Before the registration of its model, which adds things of its own. */
static void init6(void)
{
	BUILD_BUG_ON(offsetofend(struct rdg6_sock, inet6) != sizeof(struct rdg6_sock));
	rdg6_prot = rdg_prot;
	strscpy(rdg6_prot.name, "RDGRAMv6", sizeof(rdg6_prot.name));
	rdg6_prot.obj_size = sizeof(struct rdg6_sock);
	RDG_SET_PINFO(&rdg6_prot, struct rdg6_sock, inet6);
}

static int register6(void)
{
	int err = proto_register(&rdg6_prot, 1);

	if (err)
		return err;
	err = inet6_register_protosw(&rdg6_protosw[0]);
	if (err)
		goto out;
	err = inet6_register_protosw(&rdg6_protosw[1]);
	if (!err)
		return 0;
	inet6_unregister_protosw(&rdg6_protosw[0]);
out:
	proto_unregister(&rdg6_prot);
	return err;
}

static void unregister6(void)
{
	inet6_unregister_protosw(&rdg6_protosw[1]);
	inet6_unregister_protosw(&rdg6_protosw[0]);
	proto_unregister(&rdg6_prot);
}
#else
static void init6(void)
{
}

static int register6(void)
{
	return 0;
}

static void unregister6(void)
{
}
#endif

static int __init init_tables(void)
{
	int err;

	rdg_wq = alloc_workqueue("rdgram", RDG_WQ_PERCPU, 0);
	if (!rdg_wq)
		return -ENOMEM;
	err = rdg_peer_cache_init();
	if (err)
		goto free_wq;
	err = rdg_rbuf_cache_init();
	if (err)
		goto free_cache;
	err = rdg_input_init();
	if (err)
		goto free_rbufs;
	err = rdg_net_register();
	if (err)
		goto free_input;
	err = rdg_silence_register();
	if (err)
		goto free_net;
	return 0;

free_net:
	rdg_net_unregister();
free_input:
	rdg_input_exit();
free_rbufs:
	rdg_rbuf_cache_exit();
free_cache:
	rdg_peer_cache_exit();
free_wq:
	destroy_workqueue(rdg_wq);
	return err;
}

/* There are no sockets, and nobody can make one. The namespaces go first: they
 * wait for the workqueue, which releases the inner sockets, by which packets
 * come in. Then softirqs that were in our code are waited for, and what was
 * freed by RCU.
 */
static void exit_tables(void)
{
	rdg_silence_unregister();
	rdg_net_unregister();
	destroy_workqueue(rdg_wq);
	synchronize_net();
	rcu_barrier();
	rdg_train_exit();
	rdg_input_exit();
	rdg_rbuf_cache_exit();
	rdg_peer_cache_exit();
}

static int __init rdg_init(void)
{
	int err;

	rdg_mem_init();
	err = init_tables();
	if (err)
		return err;
	init6();
	err = proto_register(&rdg_prot, 1);
	if (err)
		goto tables;
	err = register6();
	if (err)
		goto v4;
	/* Last, since nothing can fail any more: who opens a socket holds a module that will be
	 * there.
	 */
	register4();
	/* An inner AF_INET6 socket gets IPv4 packets, too. */
	udp_encap_enable();
	return 0;

v4:
	proto_unregister(&rdg_prot);
tables:
	exit_tables();
	return err;
}

static void __exit rdg_exit(void)
{
	unregister6();
	unregister4();
	proto_unregister(&rdg_prot);
	exit_tables();
	udp_encap_disable();
}

module_init(rdg_init);
module_exit(rdg_exit);
MODULE_DESCRIPTION("Reliable datagrams over UDP");
/* No kernel's version says it, as it does of modules that come with one. Of the protocol it
 * says nothing: that has a number of its own, RDG_VERSION.
 */
MODULE_VERSION("0.3.0-dev");
MODULE_LICENSE("GPL");
/* PF_INET, PF_INET6; IPPROTO_RDGRAM, or none with SOCK_RDM */
MODULE_ALIAS_NET_PF_PROTO(2, 261);
MODULE_ALIAS_NET_PF_PROTO(10, 261);
MODULE_ALIAS_NET_PF_PROTO_TYPE(2, 0, 4);
MODULE_ALIAS_NET_PF_PROTO_TYPE(10, 0, 4);
