// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <linux/cryptex.h>

#include "fuzz_spoil.h"

#define HEADERS NLMSG_LENGTH(GENL_HDRLEN)
#define ROOM (RAW_SIZE - 4096)	/* what attributes may grow to */
#define MAX_ATTRS 128

/**
 * struct stream - attributes one behind the other
 * @count: number of attributes
 * @type: of each, with its flags
 * @size: bytes of each one's content
 * @data: each one's content, in a buffer that outlives the stream
 */
struct stream {
	size_t count;
	uint16_t type[MAX_ATTRS];
	size_t size[MAX_ATTRS];
	const uint8_t *data[MAX_ATTRS];
};

static void parse(struct stream *s, const uint8_t *data, size_t size)
{
	const struct nlattr *attr;
	size_t at = 0;

	s->count = 0;
	while (s->count < MAX_ATTRS && size - at >= NLA_HDRLEN) {
		attr = (const void *)(data + at);
		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > size - at)
			break;
		s->type[s->count] = attr->nla_type;
		s->size[s->count] = attr->nla_len - NLA_HDRLEN;
		s->data[s->count++] = data + at + NLA_HDRLEN;
		at += NLA_ALIGN(attr->nla_len);
		if (at > size)
			break;
	}
}

/* Returns the bytes written to @data, which has @room; what is too much goes. */
static size_t print(const struct stream *s, uint8_t *data, size_t room)
{
	size_t i, at = 0, need;

	for (i = 0; i < s->count; i++) {
		struct nlattr *attr = (void *)(data + at);

		need = NLA_ALIGN(NLA_HDRLEN + s->size[i]);
		if (need > room - at || NLA_HDRLEN + s->size[i] > UINT16_MAX)
			continue;
		memset(attr, 0, need);
		attr->nla_type = s->type[i];
		attr->nla_len = NLA_HDRLEN + s->size[i];
		memcpy(attr + 1, s->data[i], s->size[i]);
		at += need;
	}
	return at;
}

static void drop(struct stream *s, size_t i)
{
	size_t behind = --s->count - i;

	memmove(&s->type[i], &s->type[i + 1], behind * sizeof(*s->type));
	memmove(&s->size[i], &s->size[i + 1], behind * sizeof(*s->size));
	memmove(&s->data[i], &s->data[i + 1], behind * sizeof(*s->data));
}

static void append(struct stream *s, uint16_t type, const void *data,
		   size_t size)
{
	if (s->count == MAX_ATTRS)
		return;
	s->type[s->count] = type;
	s->data[s->count] = data;
	s->size[s->count++] = size;
}

static void swap(struct stream *s, size_t i, size_t k)
{
	struct stream t;

	t.type[0] = s->type[i], t.size[0] = s->size[i], t.data[0] = s->data[i];
	s->type[i] = s->type[k], s->size[i] = s->size[k], s->data[i] = s->data[k];
	s->type[k] = t.type[0], s->size[k] = t.size[0], s->data[k] = t.data[0];
}

static uint16_t some_type(struct fuzz_random *r)
{
	switch (fuzz_below(r, 8)) {
	case 0: return fuzz_next(r);
	case 1: return CRYPTEX_A_MAX + 1;
	default: return fuzz_below(r, CRYPTEX_A_MAX + 1);
	}
}

/* Content of any kind, good until the next call. */
static const uint8_t *some_content(struct fuzz_random *r, size_t size)
{
	static uint8_t content[ROOM];
	size_t i;

	for (i = 0; i < size; i++)
		content[i] = fuzz_next(r) >> 13;
	if (size && fuzz_once_in(r, 2))
		content[size - 1] = 0;
	return content;
}

static size_t some_size(struct fuzz_random *r)
{
	switch (fuzz_below(r, 6)) {
	case 0: return 0;
	case 1: return 4;
	case 2: return 8;
	case 3: return fuzz_below(r, CRYPTEX_MAX_CERTIFICATE + 10);
	default: return fuzz_below(r, 80);
	}
}

static void append_some(struct fuzz_random *r, struct stream *s)
{
	size_t size = some_size(r);
	uint16_t type = some_type(r);

	append(s, type, some_content(r, size), size);
}

/* Longer or shorter by a little, or of any size. */
static void resize(struct fuzz_random *r, struct stream *s, size_t i)
{
	static uint8_t copy[ROOM];
	size_t size = s->size[i] + fuzz_below(r, 9) - 4;

	if (size > ROOM || fuzz_once_in(r, 4))
		size = some_size(r);
	memcpy(copy, some_content(r, size), size);
	memcpy(copy, s->data[i], size < s->size[i] ? size : s->size[i]);
	s->data[i] = copy;
	s->size[i] = size;
}

static void scribble(struct fuzz_random *r, struct stream *s, size_t i)
{
	static uint8_t copy[ROOM];
	uint64_t value = fuzz_number(r);
	size_t at;

	if (!s->size[i])
		return;
	memcpy(copy, s->data[i], s->size[i]);
	at = fuzz_below(r, s->size[i]);
	if (s->size[i] <= sizeof(value))
		memcpy(copy, &value, s->size[i]);
	else
		copy[at] = fuzz_once_in(r, 2) ? 0 : value;
	s->data[i] = copy;
}

static void wrap(struct fuzz_random *r, struct stream *s, size_t i)
{
	static uint8_t outer[ROOM];
	struct stream one = { .count = 0 };

	append(&one, s->type[i], s->data[i], s->size[i]);
	s->size[i] = print(&one, outer, sizeof(outer));
	s->data[i] = outer;
	s->type[i] = NLA_F_NESTED | some_type(r);
}

static void spoil_attr(struct fuzz_random *r, struct stream *s, size_t i)
{
	switch (fuzz_below(r, 9)) {
	case 0: drop(s, i); break;
	case 1: append(s, s->type[i], s->data[i], s->size[i]); break;
	case 2: swap(s, i, fuzz_below(r, s->count)); break;
	case 3: s->type[i] = some_type(r); break;
	case 4: s->type[i] ^= fuzz_once_in(r, 2) ? NLA_F_NESTED :
						   NLA_F_NET_BYTEORDER; break;
	case 5: resize(r, s, i); break;
	case 6: scribble(r, s, i); break;
	case 7: wrap(r, s, i); break;
	default: append_some(r, s); break;
	}
}

/* What is inside of an attribute is attributes again, or becomes so. */
static void go_inside(struct fuzz_random *r, struct stream *s, size_t i)
{
	static uint8_t inner[ROOM];
	struct stream in;

	parse(&in, s->data[i], s->size[i]);
	if (in.count)
		spoil_attr(r, &in, fuzz_below(r, in.count));
	else
		append_some(r, &in);
	s->size[i] = print(&in, inner, sizeof(inner));
	s->data[i] = inner;
}

static void spoil_stream(struct fuzz_random *r, struct stream *s)
{
	size_t i;

	if (!s->count) {
		append_some(r, s);
		return;
	}
	i = fuzz_below(r, s->count);
	if (s->type[i] & NLA_F_NESTED && !fuzz_once_in(r, 3))
		go_inside(r, s, i);
	else
		spoil_attr(r, s, i);
}

/* The sizes are said to be others than they are. */
static void lie(struct fuzz_random *r, struct raw_message *m)
{
	struct nlmsghdr *head = (void *)m->data;
	struct nlattr *first = (void *)(m->data + HEADERS);

	switch (fuzz_below(r, 5)) {
	case 0: m->size = fuzz_below(r, m->size + 1); break;
	case 1: m->size = head->nlmsg_len = fuzz_below(r, m->size + 1); break;
	case 2: head->nlmsg_len = fuzz_number(r); break;
	case 3:
		memcpy(m->data + m->size, some_content(r, 40), 40);
		m->size += fuzz_below(r, 40);
		head->nlmsg_len = m->size;
		break;
	default:
		if (m->size > HEADERS + NLA_HDRLEN)
			first->nla_len = fuzz_number(r);
	}
}

static void spoil_header(struct fuzz_random *r, struct raw_message *m)
{
	struct nlmsghdr *head = (void *)m->data;
	struct genlmsghdr *generic = NLMSG_DATA(head);

	switch (fuzz_below(r, 5)) {
	case 0: generic->cmd = fuzz_next(r); break;
	case 1: generic->cmd = fuzz_below(r, CRYPTEX_CMD_MAX + 2); break;
	case 2: generic->version = fuzz_number(r); break;
	case 3: generic->reserved = fuzz_number(r); break;
	case 4: head->nlmsg_flags ^= 1 << fuzz_below(r, 16); break;
	}
}

bool fuzz_spoil(struct fuzz_random *r, struct raw_message *m)
{
	static uint8_t attrs[RAW_SIZE];
	struct stream s;
	size_t size;

	switch (fuzz_below(r, 16)) {
	case 0:
		lie(r, m);
		return false;
	case 1:
		spoil_header(r, m);
		return true;
	}
	parse(&s, m->data + HEADERS, m->size - HEADERS);
	spoil_stream(r, &s);
	size = print(&s, attrs, ROOM);
	memcpy(m->data + HEADERS, attrs, size);
	m->size = ((struct nlmsghdr *)m->data)->nlmsg_len = HEADERS + size;
	return true;
}
