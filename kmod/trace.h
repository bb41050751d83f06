/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints, one for each kind of event.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cryptex

#if !defined(_CX_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _CX_TRACE_H

#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(cryptex_generation,
	TP_PROTO(const char *name, const char *label, u64 epoch),
	TP_ARGS(name, label, epoch),
	TP_STRUCT__entry(
		__string(name, name)
		__string(label, label)
		__field(u64, epoch)
	),
	TP_fast_assign(
		__assign_str(name);
		__assign_str(label);
		__entry->epoch = epoch;
	),
	TP_printk("name=%s label=%s epoch=%llu", __get_str(name),
		  __get_str(label), __entry->epoch)
);

#define CX_GENERATION_EVENT(event)					\
	DEFINE_EVENT(cryptex_generation, event,				\
		TP_PROTO(const char *name, const char *label, u64 epoch),	\
		TP_ARGS(name, label, epoch))

CX_GENERATION_EVENT(cryptex_mounted);
CX_GENERATION_EVENT(cryptex_unmounted);
CX_GENERATION_EVENT(cryptex_staged);
CX_GENERATION_EVENT(cryptex_activated);
CX_GENERATION_EVENT(cryptex_revoked);
CX_GENERATION_EVENT(cryptex_drained);
CX_GENERATION_EVENT(cryptex_retired);

DECLARE_EVENT_CLASS(cryptex_text,
	TP_PROTO(u32 request, int error, const char *text),
	TP_ARGS(request, error, text),
	TP_STRUCT__entry(
		__field(u32, request)
		__field(int, error)
		__string(text, text)
	),
	TP_fast_assign(
		__entry->request = request;
		__entry->error = error;
		__assign_str(text);
	),
	TP_printk("request=%u error=%d text=%s", __entry->request,
		  __entry->error, __get_str(text))
);

#define CX_TEXT_EVENT(event)						\
	DEFINE_EVENT(cryptex_text, event,				\
		TP_PROTO(u32 request, int error, const char *text),	\
		TP_ARGS(request, error, text))

CX_TEXT_EVENT(cryptex_rejected);
CX_TEXT_EVENT(cryptex_corrupted);
CX_TEXT_EVENT(cryptex_key_added);
CX_TEXT_EVENT(cryptex_locked);

#endif /* _CX_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
