// SPDX-License-Identifier: LGPL-2.1-or-later
/* The requests of linux/cryptex.h, and their answers as structs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/cryptex.h>
#include <netlink/netlink.h>

#include "lib/netlink_io.h"

static void copy_string(char *to, size_t size, struct nlattr *attr)
{
	snprintf(to, size, "%s", attr ? nla_get_string(attr) : "");
}

static uint32_t get_u32(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static uint64_t get_u64(struct nlattr *attr)
{
	return attr ? nla_get_u64(attr) : 0;
}

/* Make room for one more item of @size bytes behind @count; doubles. */
static void *grow(void *items, size_t count, size_t size)
{
	if (count & (count - 1))
		return items;
	return reallocarray(items, count ? 2 * count : 1, size);
}

static int take_generation(struct nlattr **attrs, void *arg)
{
	struct cx_generations *list = arg;
	struct cx_generation *g = grow(list->items, list->count, sizeof(*g));
	uint32_t flags = get_u32(attrs[CRYPTEX_A_FLAGS]);

	if (!g)
		return -NLE_NOMEM;
	list->items = g;
	if (!attrs[CRYPTEX_A_NAME] || !attrs[CRYPTEX_A_LABEL] ||
	    !attrs[CRYPTEX_A_DIGEST])
		return -NLE_MISSING_ATTR;
	g += list->count++;
	memset(g, 0, sizeof(*g));
	copy_string(g->name, sizeof(g->name), attrs[CRYPTEX_A_NAME]);
	copy_string(g->label, sizeof(g->label), attrs[CRYPTEX_A_LABEL]);
	nla_memcpy(g->digest, attrs[CRYPTEX_A_DIGEST], sizeof(g->digest));
	nla_memcpy(g->base_digest, attrs[CRYPTEX_A_BASE_DIGEST],
		   sizeof(g->base_digest));
	g->base = flags & CRYPTEX_F_BASE;
	g->active = flags & CRYPTEX_F_ACTIVE;
	g->revoked = flags & CRYPTEX_F_REVOKED;
	g->floor = get_u32(attrs[CRYPTEX_A_FLOOR]);
	g->security_epoch = get_u32(attrs[CRYPTEX_A_SECURITY_EPOCH]);
	g->entries = get_u32(attrs[CRYPTEX_A_ENTRIES]);
	g->users = get_u32(attrs[CRYPTEX_A_USERS]);
	g->build_time = get_u64(attrs[CRYPTEX_A_BUILD_TIME]);
	g->since_epoch = get_u64(attrs[CRYPTEX_A_EPOCH]);
	g->sealed_bytes = get_u64(attrs[CRYPTEX_A_SEALED_BYTES]);
	return NL_OK;
}

static void restart_generations(void *arg)
{
	cx_generations_free(arg);
}

int cx_netlink_generations(struct cx_netlink *nl, struct cx_generations *out,
			   struct cx_error *err)
{
	struct cx_generations list = { 0 };
	int rc = cx_netlink_dump(nl, CRYPTEX_CMD_GET, take_generation,
				 restart_generations, &list, err);

	if (rc)
		cx_generations_free(&list);
	else
		*out = list;
	return rc;
}

void cx_generations_free(struct cx_generations *list)
{
	free(list->items);
	memset(list, 0, sizeof(*list));
}

const struct cx_generation *
cx_generations_find(const struct cx_generations *list, const char *name,
		    const char *label)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		const struct cx_generation *g = &list->items[i];

		if (strcmp(g->name, name))
			continue;
		if (label ? !strcmp(g->label, label) : g->base)
			return g;
	}
	return NULL;
}

const struct cx_generation *
cx_generations_active(const struct cx_generations *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->items[i].active && !strcmp(list->items[i].name, name))
			return &list->items[i];
	return NULL;
}

bool cx_generation_ok(const struct cx_generation *generation)
{
	return !generation->revoked &&
	       generation->security_epoch >= generation->floor;
}

static int take_user(struct nlattr **attrs, void *arg)
{
	struct cx_users *list = arg;
	struct cx_user *u = grow(list->items, list->count, sizeof(*u));

	if (!u)
		return -NLE_NOMEM;
	list->items = u;
	if (!attrs[CRYPTEX_A_NAME] || !attrs[CRYPTEX_A_LABEL] ||
	    !attrs[CRYPTEX_A_PID])
		return -NLE_MISSING_ATTR;
	u += list->count++;
	memset(u, 0, sizeof(*u));
	u->pid = get_u32(attrs[CRYPTEX_A_PID]);
	u->start_time = get_u64(attrs[CRYPTEX_A_START_TIME]);
	u->active = get_u32(attrs[CRYPTEX_A_FLAGS]) & CRYPTEX_F_ACTIVE;
	copy_string(u->comm, sizeof(u->comm), attrs[CRYPTEX_A_COMM]);
	copy_string(u->name, sizeof(u->name), attrs[CRYPTEX_A_NAME]);
	copy_string(u->label, sizeof(u->label), attrs[CRYPTEX_A_LABEL]);
	return NL_OK;
}

static void restart_users(void *arg)
{
	cx_users_free(arg);
}

int cx_netlink_users(struct cx_netlink *nl, struct cx_users *out,
		     struct cx_error *err)
{
	struct cx_users list = { 0 };
	int rc = cx_netlink_dump(nl, CRYPTEX_CMD_USERS, take_user,
				 restart_users, &list, err);

	if (rc)
		cx_users_free(&list);
	else
		*out = list;
	return rc;
}

void cx_users_free(struct cx_users *list)
{
	free(list->items);
	memset(list, 0, sizeof(*list));
}

int cx_netlink_stage(struct cx_netlink *nl, int seal_fd, struct cx_error *err)
{
	struct nl_msg *msg = cx_netlink_request(nl, CRYPTEX_CMD_STAGE, 0, 0);

	if (!msg)
		return cx_fail(err, -ENOMEM, "out of memory");
	return cx_netlink_do(nl, msg,
			     nla_put_u32(msg, CRYPTEX_A_SEAL_FD, seal_fd), NULL,
			     NULL, err);
}

static int put_item(struct nl_msg *msg, const struct cx_item *item)
{
	struct nlattr *nest = nla_nest_start(msg, CRYPTEX_A_ITEM);
	int rc;

	if (!nest)
		return -NLE_NOMEM;
	rc = nla_put_string(msg, CRYPTEX_A_ITEM_NAME, item->name);
	if (!rc)
		rc = nla_put_string(msg, CRYPTEX_A_ITEM_LABEL, item->label);
	if (!rc)
		nla_nest_end(msg, nest);
	return rc;
}

static int take_epoch(struct nlattr **attrs, void *arg)
{
	uint64_t *epoch = arg;

	if (!attrs[CRYPTEX_A_EPOCH])
		return -NLE_MISSING_ATTR;
	*epoch = nla_get_u64(attrs[CRYPTEX_A_EPOCH]);
	return NL_OK;
}

int cx_netlink_activate(struct cx_netlink *nl, const struct cx_item *items,
			size_t count, uint64_t *epoch, struct cx_error *err)
{
	uint64_t now = 0;
	struct nl_msg *msg;
	size_t i;
	int rc = 0;

	if (count > CRYPTEX_MAX_ITEMS)
		return cx_fail(err, -E2BIG,
			       "at most %d cryptexes can be switched at once",
			       CRYPTEX_MAX_ITEMS);
	msg = cx_netlink_request(nl, CRYPTEX_CMD_ACTIVATE, 0,
			  count * (sizeof(*items) + 3 * NLA_HDRLEN + 8));
	if (!msg)
		return cx_fail(err, -ENOMEM, "out of memory");
	for (i = 0; i < count && !rc; i++)
		rc = put_item(msg, &items[i]);
	rc = cx_netlink_do(nl, msg, rc, take_epoch, &now, err);
	if (!rc && epoch)
		*epoch = now;
	return rc;
}

int cx_netlink_key_add(struct cx_netlink *nl, const void *der, size_t size,
		       struct cx_error *err)
{
	struct nl_msg *msg;

	if (size > CRYPTEX_MAX_CERTIFICATE)
		return cx_fail(err, -EFBIG,
			       "the certificate has %zu bytes, at most %d are taken",
			       size, CRYPTEX_MAX_CERTIFICATE);
	msg = cx_netlink_request(nl, CRYPTEX_CMD_KEY_ADD, 0, size);
	if (!msg)
		return cx_fail(err, -ENOMEM, "out of memory");
	return cx_netlink_do(nl, msg,
			     nla_put(msg, CRYPTEX_A_CERTIFICATE, size, der),
			     NULL, NULL, err);
}

int cx_netlink_retire(struct cx_netlink *nl, const struct cx_item *item,
		      struct cx_error *err)
{
	struct nl_msg *msg = cx_netlink_request(nl, CRYPTEX_CMD_RETIRE, 0, 0);
	int rc;

	if (!msg)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = nla_put_string(msg, CRYPTEX_A_NAME, item->name);
	if (!rc)
		rc = nla_put_string(msg, CRYPTEX_A_LABEL, item->label);
	return cx_netlink_do(nl, msg, rc, NULL, NULL, err);
}

int cx_netlink_revoke(struct cx_netlink *nl, int list_fd, uint64_t *epoch,
		      struct cx_error *err)
{
	struct nl_msg *msg = cx_netlink_request(nl, CRYPTEX_CMD_REVOKE, 0, 0);
	uint64_t now = 0;
	int rc;

	if (!msg)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = cx_netlink_do(nl, msg,
			   nla_put_u32(msg, CRYPTEX_A_LIST_FD, list_fd),
			   take_epoch, &now, err);
	if (!rc && epoch)
		*epoch = now;
	return rc;
}

int cx_netlink_lock(struct cx_netlink *nl, struct cx_error *err)
{
	struct nl_msg *msg = cx_netlink_request(nl, CRYPTEX_CMD_LOCK, 0, 0);

	if (!msg)
		return cx_fail(err, -ENOMEM, "out of memory");
	return cx_netlink_do(nl, msg, 0, NULL, NULL, err);
}

static int take_state(struct nlattr **attrs, void *arg)
{
	struct cx_kernel_state *state = arg;

	if (!attrs[CRYPTEX_A_EPOCH] || !attrs[CRYPTEX_A_SEQUENCE])
		return -NLE_MISSING_ATTR;
	state->epoch = nla_get_u64(attrs[CRYPTEX_A_EPOCH]);
	state->sequence = nla_get_u64(attrs[CRYPTEX_A_SEQUENCE]);
	state->list_number = get_u64(attrs[CRYPTEX_A_LIST_NUMBER]);
	state->locked = attrs[CRYPTEX_A_LOCKED];
	return NL_OK;
}

int cx_netlink_state(struct cx_netlink *nl, struct cx_kernel_state *state,
		     struct cx_error *err)
{
	struct nl_msg *msg = cx_netlink_request(nl, CRYPTEX_CMD_STATE, 0, 0);

	memset(state, 0, sizeof(*state));
	if (!msg)
		return cx_fail(err, -ENOMEM, "out of memory");
	return cx_netlink_do(nl, msg, 0, take_state, state, err);
}
