// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A client of the module: the one file that speaks to libnl.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "ksft_netlink.h"
#include "report.h"

/* Where the answers of one dump are collected. */
struct collection {
	struct client *client;
	const char *name;	/* only this cryptex's, unless NULL */
	void *list;
	size_t count;
	void (*fill)(void *element, struct nlattr **attrs);
	size_t element_size;
};

static const char *ext_ack_text(const struct nlmsghdr *head,
				const struct nlmsgerr *error)
{
	size_t skip = sizeof(*error);
	struct nlattr *text;

	if (!(head->nlmsg_flags & NLM_F_ACK_TLVS))
		return "";
	if (!(head->nlmsg_flags & NLM_F_CAPPED))
		skip += error->msg.nlmsg_len - sizeof(error->msg);
	text = nla_find((struct nlattr *)((char *)error + NLMSG_ALIGN(skip)),
			head->nlmsg_len - NLMSG_HDRLEN - NLMSG_ALIGN(skip),
			NLMSGERR_ATTR_MSG);
	return text ? nla_get_string(text) : "";
}

/* Negative errnos pass through libnl: it returns what the callback returns. */
static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	const struct nlmsghdr *head = (const void *)((char *)error - NLMSG_HDRLEN);
	struct client *c = arg;

	(void)from;
	snprintf(c->text, sizeof(c->text), "%s", ext_ack_text(head, error));
	return error->error;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	*(bool *)arg = true;
	(void)msg;
	return NL_STOP;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	int error = 0;

	/* The end of a dump carries its errno. */
	if (nlmsg_datalen(nlmsg_hdr(msg)) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(nlmsg_hdr(msg)), sizeof(error));
	*(bool *)arg = true;
	return error < 0 ? error : NL_STOP;
}

static void copy_text(char *to, size_t size, struct nlattr *attr)
{
	if (attr)
		snprintf(to, size, "%s", nla_get_string(attr));
}

static void copy_bytes(void *to, size_t size, struct nlattr *attr)
{
	if (attr && (size_t)nla_len(attr) == size)
		memcpy(to, nla_data(attr), size);
}

static uint64_t mask_of(struct nlattr **attrs)
{
	uint64_t mask = 0;
	int i;

	for (i = 0; i <= CRYPTEX_A_MAX; i++)
		mask |= (uint64_t)!!attrs[i] << i;
	return mask;
}

static int on_answer(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[CRYPTEX_A_MAX + 1];
	struct client *c = arg;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, CRYPTEX_A_MAX, NULL))
		die("an answer that cannot be parsed");
	c->answers++;
	copy_text(c->name, sizeof(c->name), attrs[CRYPTEX_A_NAME]);
	copy_text(c->label, sizeof(c->label), attrs[CRYPTEX_A_LABEL]);
	copy_bytes(c->digest, sizeof(c->digest), attrs[CRYPTEX_A_DIGEST]);
	copy_bytes(&c->epoch, sizeof(c->epoch), attrs[CRYPTEX_A_EPOCH]);
	copy_bytes(&c->list_number, sizeof(c->list_number),
		   attrs[CRYPTEX_A_LIST_NUMBER]);
	copy_bytes(&c->sequence, sizeof(c->sequence),
		   attrs[CRYPTEX_A_SEQUENCE]);
	c->attributes = mask_of(attrs);
	return NL_OK;
}

int client_open(struct client *c)
{
	int on = 1, err = -NLE_NOMEM;

	memset(c, 0, sizeof(*c));
	c->sock = nl_socket_alloc();
	if (c->sock)
		err = genl_connect(c->sock);
	if (err)
		die("netlink: %s", nl_geterror(err));
	setsockopt(nl_socket_get_fd(c->sock), SOL_NETLINK, NETLINK_EXT_ACK, &on,
		   sizeof(on));
	c->family = genl_ctrl_resolve(c->sock, CRYPTEX_FAMILY_NAME);
	return c->family < 0 ? -ENOENT : 0;
}

void client_close(struct client *c)
{
	nl_socket_free(c->sock);
	c->sock = NULL;
}

int client_fd(const struct client *c)
{
	return nl_socket_get_fd(c->sock);
}

void client_adopt(struct client *c, int fd)
{
	nl_socket_free(c->sock);
	c->sock = nl_socket_alloc();
	if (!c->sock || nl_socket_set_fd(c->sock, NETLINK_GENERIC, fd))
		die("netlink: no socket");
}

struct nl_msg *client_new(struct client *c, int command, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(256 << 10);

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, c->family, 0,
				 flags, command, CRYPTEX_FAMILY_VERSION))
		die("out of memory");
	return msg;
}

void client_add(struct nl_msg *msg, int type, const void *data, size_t size)
{
	if (nla_put(msg, type, size, data))
		die("a message is too large");
}

/* Datagrams received; libnl hands this callback nothing of ours. */
static unsigned int datagrams;

static int on_receive(struct nl_sock *sock, struct sockaddr_nl *from,
		      unsigned char **buf, struct ucred **creds)
{
	datagrams++;
	return nl_recv(sock, from, buf, creds);
}

/* A request that libnl has not made has a number that it does not expect. */
static int on_number(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static struct nl_cb *new_callbacks(struct client *c, bool *done)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_CUSTOM);

	if (!cb)
		die("out of memory");
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, c);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, done);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, done);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_number, NULL);
	nl_cb_overwrite_recv(cb, on_receive);
	return cb;
}

/* Frees @cb. */
static int listen_to(struct client *c, struct nl_cb *cb, const bool *done)
{
	int err = 0;

	datagrams = 0;
	while (!*done && err >= 0)
		err = nl_recvmsgs(c->sock, cb);
	nl_cb_put(cb);
	c->messages = datagrams;
	c->interrupted = err == -NLE_DUMP_INTR;
	return err < 0 ? err : 0;
}

void client_write_only(struct client *c)
{
	c->write_only = true;
}

/* Frees @msg and @cb. */
static int talk(struct client *c, struct nl_msg *msg, struct nl_cb *cb,
		const bool *done)
{
	struct nlmsghdr *head = nlmsg_hdr(msg);
	ssize_t sent;

	nl_complete_msg(c->sock, msg);
	if (c->write_only)
		sent = write(client_fd(c), head, head->nlmsg_len);
	else
		sent = nl_sendto(c->sock, head, head->nlmsg_len);
	nlmsg_free(msg);
	if (sent < 0)
		die_errno("netlink");
	return listen_to(c, cb, done);
}

static void forget_answers(struct client *c)
{
	c->text[0] = c->name[0] = c->label[0] = 0;
	c->epoch = c->list_number = c->sequence = c->attributes = 0;
	c->answers = c->messages = 0;
	c->interrupted = false;
}

int client_send(struct client *c, struct nl_msg *msg)
{
	bool done = false;
	struct nl_cb *cb = new_callbacks(c, &done);

	forget_answers(c);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_answer, c);
	return talk(c, msg, cb, &done);
}

int client_send_bytes(struct client *c, void *data, size_t size)
{
	struct timeval limit = { .tv_sec = 10 };
	bool done = false;
	struct nl_cb *cb = new_callbacks(c, &done);
	int err;

	forget_answers(c);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_answer, c);
	setsockopt(client_fd(c), SOL_SOCKET, SO_RCVTIMEO, &limit,
		   sizeof(limit));
	err = nl_sendto(c->sock, data, size);
	if (err < 0)
		die("netlink: %s", nl_geterror(err));
	err = listen_to(c, cb, &done);
	return err == -NLE_AGAIN ? -ETIME : err;
}

static int send_fd(struct client *c, int command, int type, int fd)
{
	struct nl_msg *msg = client_new(c, command, 0);
	uint32_t number = fd;

	client_add(msg, type, &number, sizeof(number));
	return client_send(c, msg);
}

int client_stage(struct client *c, int fd)
{
	return send_fd(c, CRYPTEX_CMD_STAGE, CRYPTEX_A_SEAL_FD, fd);
}

int client_revoke(struct client *c, int fd)
{
	return send_fd(c, CRYPTEX_CMD_REVOKE, CRYPTEX_A_LIST_FD, fd);
}

int client_retire(struct client *c, const char *name, const char *label)
{
	struct nl_msg *msg = client_new(c, CRYPTEX_CMD_RETIRE, 0);

	client_add(msg, CRYPTEX_A_NAME, name, strlen(name) + 1);
	client_add(msg, CRYPTEX_A_LABEL, label, strlen(label) + 1);
	return client_send(c, msg);
}

int client_lock(struct client *c)
{
	return client_send(c, client_new(c, CRYPTEX_CMD_LOCK, 0));
}

int client_state(struct client *c)
{
	return client_send(c, client_new(c, CRYPTEX_CMD_STATE, 0));
}

int client_activate(struct client *c, const struct item *items, size_t count)
{
	struct nl_msg *msg = client_new(c, CRYPTEX_CMD_ACTIVATE, 0);
	struct nlattr *nest;

	for (; count--; items++) {
		nest = nla_nest_start(msg, NLA_F_NESTED | CRYPTEX_A_ITEM);
		if (!nest || nla_put_string(msg, CRYPTEX_A_ITEM_NAME, items->name) ||
		    nla_put_string(msg, CRYPTEX_A_ITEM_LABEL, items->label))
			die("a message is too large");
		nla_nest_end(msg, nest);
	}
	return client_send(c, msg);
}

int client_key_add(struct client *c, const void *der, size_t size)
{
	struct nl_msg *msg = client_new(c, CRYPTEX_CMD_KEY_ADD, 0);

	client_add(msg, CRYPTEX_A_CERTIFICATE, der, size);
	return client_send(c, msg);
}

static int on_element(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[CRYPTEX_A_MAX + 1];
	struct collection *all = arg;
	void *element;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, CRYPTEX_A_MAX, NULL) ||
	    !attrs[CRYPTEX_A_NAME])
		die("an answer that cannot be parsed");
	all->client->answers++;
	if (all->name && strcmp(nla_get_string(attrs[CRYPTEX_A_NAME]), all->name))
		return NL_OK;
	all->list = reallocarray(all->list, all->count + 1, all->element_size);
	if (!all->list)
		die("out of memory");
	element = (char *)all->list + all->count++ * all->element_size;
	memset(element, 0, all->element_size);
	all->fill(element, attrs);
	return NL_OK;
}

static int dump(struct client *c, int command, struct collection *all)
{
	struct nl_msg *msg = client_new(c, command, NLM_F_DUMP);
	bool done = false;
	struct nl_cb *cb = new_callbacks(c, &done);
	int err;

	forget_answers(c);
	all->client = c;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_element, all);
	err = talk(c, msg, cb, &done);
	return err ? err : (int)all->count;
}

static void fill_generation(void *element, struct nlattr **attrs)
{
	struct generation *g = element;

	g->attributes = mask_of(attrs);
	copy_text(g->name, sizeof(g->name), attrs[CRYPTEX_A_NAME]);
	copy_text(g->label, sizeof(g->label), attrs[CRYPTEX_A_LABEL]);
	copy_bytes(g->digest, sizeof(g->digest), attrs[CRYPTEX_A_DIGEST]);
	copy_bytes(g->base_digest, sizeof(g->base_digest),
		   attrs[CRYPTEX_A_BASE_DIGEST]);
	copy_bytes(&g->flags, sizeof(g->flags), attrs[CRYPTEX_A_FLAGS]);
	copy_bytes(&g->security_epoch, sizeof(g->security_epoch),
		   attrs[CRYPTEX_A_SECURITY_EPOCH]);
	copy_bytes(&g->build_time, sizeof(g->build_time),
		   attrs[CRYPTEX_A_BUILD_TIME]);
	copy_bytes(&g->entries, sizeof(g->entries), attrs[CRYPTEX_A_ENTRIES]);
	copy_bytes(&g->sealed_bytes, sizeof(g->sealed_bytes),
		   attrs[CRYPTEX_A_SEALED_BYTES]);
	copy_bytes(&g->users, sizeof(g->users), attrs[CRYPTEX_A_USERS]);
	copy_bytes(&g->epoch, sizeof(g->epoch), attrs[CRYPTEX_A_EPOCH]);
	copy_bytes(&g->floor, sizeof(g->floor), attrs[CRYPTEX_A_FLOOR]);
}

int client_get(struct client *c, const char *name, struct generation **list)
{
	struct collection all = {
		.name = name,
		.fill = fill_generation,
		.element_size = sizeof(**list),
	};
	int count = dump(c, CRYPTEX_CMD_GET, &all);

	*list = all.list;
	return count;
}

static void fill_user(void *element, struct nlattr **attrs)
{
	struct user *u = element;

	copy_bytes(&u->pid, sizeof(u->pid), attrs[CRYPTEX_A_PID]);
	copy_bytes(&u->start_time, sizeof(u->start_time),
		   attrs[CRYPTEX_A_START_TIME]);
	copy_text(u->comm, sizeof(u->comm), attrs[CRYPTEX_A_COMM]);
	copy_text(u->name, sizeof(u->name), attrs[CRYPTEX_A_NAME]);
	copy_text(u->label, sizeof(u->label), attrs[CRYPTEX_A_LABEL]);
	copy_bytes(&u->flags, sizeof(u->flags), attrs[CRYPTEX_A_FLAGS]);
}

int client_users(struct client *c, const char *name, struct user **list)
{
	struct collection all = {
		.name = name,
		.fill = fill_user,
		.element_size = sizeof(**list),
	};
	int count = dump(c, CRYPTEX_CMD_USERS, &all);

	*list = all.list;
	return count;
}
