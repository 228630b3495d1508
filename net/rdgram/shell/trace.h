/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rdgram

#if !defined(_RDGRAM_SHELL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _RDGRAM_SHELL_TRACE_H

#include <linux/tracepoint.h>
#include "peer.h"

TRACE_EVENT(rdgram_state,
	    TP_PROTO(const struct rdg_peer *p, enum rdg_state from, enum rdg_event event),
	    TP_ARGS(p, from, event),
	    TP_STRUCT__entry(__array(__u8, remote, 16)
			     __field(__u16, rport)
			     __field(__u16, lport)
			     __field(__u64, own_id)
			     __field(__u64, remote_id)
			     __string(from, rdg_state_name(from))
			     __string(event, rdg_event_name(event))
			     __string(to, rdg_state_name(p->link.state))
	    ),
	    TP_fast_assign(memcpy(__entry->remote, &p->flow.remote, 16);
			   __entry->rport = ntohs(p->flow.rport);
			   __entry->lport = ntohs(p->flow.lport);
			   __entry->own_id = p->link.own_id;
			   __entry->remote_id = p->link.remote_id;
			   rdg_assign_str(from, rdg_state_name(from));
			   rdg_assign_str(event, rdg_event_name(event));
			   rdg_assign_str(to, rdg_state_name(p->link.state));
	    ),
	    TP_printk("port %u peer [%pI6c]:%u ids %016llx %016llx: %s, %s -> %s",
		      __entry->lport, __entry->remote, __entry->rport, __entry->own_id,
		      __entry->remote_id, __get_str(from), __get_str(event), __get_str(to))
);

TRACE_EVENT(rdgram_path,
	    TP_PROTO(const struct rdg_peer *p, const struct rdg_remote *was),
	    TP_ARGS(p, was),
	    TP_STRUCT__entry(__array(__u8, was, 16)
			     __array(__u8, remote, 16)
			     __field(__u16, was_port)
			     __field(__u16, rport)
			     __field(__u16, lport)
			     __field(__u64, own_id)
	    ),
	    TP_fast_assign(memcpy(__entry->was, &was->addr, 16);
			   memcpy(__entry->remote, &p->flow.remote, 16);
			   __entry->was_port = ntohs(was->port);
			   __entry->rport = ntohs(p->flow.rport);
			   __entry->lport = ntohs(p->flow.lport);
			   __entry->own_id = p->link.own_id;
	    ),
	    TP_printk("port %u peer [%pI6c]:%u -> [%pI6c]:%u id %016llx",
		      __entry->lport, __entry->was, __entry->was_port, __entry->remote,
		      __entry->rport, __entry->own_id)
);

#endif /* _RDGRAM_SHELL_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
