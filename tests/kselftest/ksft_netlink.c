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
	nl_socket_disable_seq_check(c->sock);
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

static struct nl_cb *new_callbacks(struct client *c, bool *done)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_CUSTOM);

	if (!cb)
		die("out of memory");
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, c);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, done);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, done);
	nl_cb_overwrite_recv(cb, on_receive);
	return cb;
}

/* Frees @msg and @cb. */
static int talk(struct client *c, struct nl_msg *msg, struct nl_cb *cb,
		const bool *done)
{
	int err = nl_send_auto(c->sock, msg);

	nlmsg_free(msg);
	if (err < 0)
		die("netlink: %s", nl_geterror(err));
	datagrams = 0;
	for (err = 0; !*done && err >= 0;)
		err = nl_recvmsgs(c->sock, cb);
	nl_cb_put(cb);
	c->messages = datagrams;
	c->interrupted = err == -NLE_DUMP_INTR;
	return err < 0 ? err : 0;
}

static void forget_answers(struct client *c)
{
	c->text[0] = c->name[0] = c->label[0] = 0;
	c->epoch = c->answers = c->messages = 0;
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

int client_stage(struct client *c, int fd)
{
	struct nl_msg *msg = client_new(c, CRYPTEX_CMD_STAGE, 0);
	uint32_t number = fd;

	client_add(msg, CRYPTEX_A_SEAL_FD, &number, sizeof(number));
	return client_send(c, msg);
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
	int i;

	for (i = 0; i <= CRYPTEX_A_MAX; i++)
		g->attributes |= (uint64_t)!!attrs[i] << i;
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
