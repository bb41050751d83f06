// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The client of the module's generic netlink family, through libnl-genl.
 *
 * A request is one message and a receive loop that ends with an ACK, an error
 * or the end of a dump; struct reply collects what came in between.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/cryptex.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "lib/netlink_io.h"

#define MODULE "/sys/module/cryptex"

/* Room for an activation of CRYPTEX_MAX_ITEMS in the socket's buffers. */
#define SOCKET_BUFFER (256 << 10)

/* Each activation in between makes a dump start again; somebody who switches
 * this often without pause is not waited for. */
#define MAX_DUMPS 32

struct reply {
	bool done;
	bool interrupted;	/* the state changed under a dump */
	int error;		/* what the kernel answered, negative errno */
	char text[256];		/* its sentence; empty if it gave none */
	cx_netlink_take *take;
	void *arg;
};

static struct nla_policy policy[CRYPTEX_A_MAX + 1] = {
	[CRYPTEX_A_NAME] = { .type = NLA_STRING,
			     .maxlen = CRYPTEX_LABEL_SIZE },
	[CRYPTEX_A_LABEL] = { .type = NLA_STRING,
			      .maxlen = CRYPTEX_LABEL_SIZE },
	[CRYPTEX_A_DIGEST] = { .minlen = CRYPTEX_DIGEST_SIZE,
			       .maxlen = CRYPTEX_DIGEST_SIZE },
	[CRYPTEX_A_BASE_DIGEST] = { .minlen = CRYPTEX_DIGEST_SIZE,
				    .maxlen = CRYPTEX_DIGEST_SIZE },
	[CRYPTEX_A_FLAGS] = { .type = NLA_U32 },
	[CRYPTEX_A_SECURITY_EPOCH] = { .type = NLA_U32 },
	[CRYPTEX_A_BUILD_TIME] = { .type = NLA_U64 },
	[CRYPTEX_A_ENTRIES] = { .type = NLA_U32 },
	[CRYPTEX_A_SEALED_BYTES] = { .type = NLA_U64 },
	[CRYPTEX_A_USERS] = { .type = NLA_U32 },
	[CRYPTEX_A_EPOCH] = { .type = NLA_U64 },
	[CRYPTEX_A_PID] = { .type = NLA_U32 },
	[CRYPTEX_A_START_TIME] = { .type = NLA_U64 },
	[CRYPTEX_A_COMM] = { .type = NLA_STRING, .maxlen = CX_COMM_SIZE },
	[CRYPTEX_A_LIST_NUMBER] = { .type = NLA_U64 },
	[CRYPTEX_A_FLOOR] = { .type = NLA_U32 },
	[CRYPTEX_A_SEQUENCE] = { .type = NLA_U64 },
	[CRYPTEX_A_LOCKED] = { .type = NLA_FLAG },
	[CRYPTEX_A_COMMAND] = { .type = NLA_U32 },
	[CRYPTEX_A_ERROR] = { .type = NLA_U32 },
	[CRYPTEX_A_REASON] = { .type = NLA_STRING },
	[CRYPTEX_A_PATH] = { .type = NLA_STRING },
	[CRYPTEX_A_KEY] = { .type = NLA_STRING },
	[CRYPTEX_A_ITEM] = { .type = NLA_NESTED },
};

int cx_netlink_fail(struct cx_error *err, int nle, const char *what)
{
	int code = nle == -NLE_NOMEM ? -ENOMEM : -EIO;

	return cx_fail(err, code, "netlink: %s: %s", what, nl_geterror(nle));
}

/* Without these the kernel keeps its sentence to itself, and repeats the whole
 * request in each refusal. */
static int want_extended_ack(struct nl_sock *socket, struct cx_error *err)
{
	int on = 1, fd = nl_socket_get_fd(socket);

	if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)))
		return cx_fail(err, -errno,
			       "netlink: cannot ask for extended ACKs: %s",
			       strerror(errno));
	return 0;
}

static int connect_family(struct cx_netlink *nl, struct cx_error *err)
{
	int rc = genl_connect(nl->socket);

	if (rc < 0)
		return cx_netlink_fail(err, rc, "cannot connect");
	rc = nl_socket_set_buffer_size(nl->socket, SOCKET_BUFFER, SOCKET_BUFFER);
	if (rc < 0)
		return cx_netlink_fail(err, rc, "cannot size the socket's buffers");
	nl_socket_enable_msg_peek(nl->socket);
	nl->family = genl_ctrl_resolve(nl->socket, CRYPTEX_FAMILY_NAME);
	/* libnl says so as well where the question itself has failed. */
	if (nl->family == -NLE_OBJ_NOTFOUND && !access(MODULE, F_OK))
		return cx_fail(err, -EAGAIN,
			       "netlink: the cryptex module is loaded but does not answer: try again, in the initial network namespace");
	if (nl->family == -NLE_OBJ_NOTFOUND)
		return cx_fail(err, -ENODEV,
			       "the cryptex module is not loaded: modprobe cryptex");
	if (nl->family < 0)
		return cx_netlink_fail(err, nl->family, "cannot resolve the family");
	return want_extended_ack(nl->socket, err);
}

int cx_netlink_open(struct cx_netlink **nl, struct cx_error *err)
{
	struct cx_netlink *new = calloc(1, sizeof(*new));
	int rc;

	if (!new)
		return cx_fail(err, -ENOMEM, "out of memory");
	new->socket = nl_socket_alloc();
	rc = new->socket ? connect_family(new, err) :
			   cx_fail(err, -ENOMEM, "out of memory");
	if (rc) {
		cx_netlink_close(new);
		return rc;
	}
	*nl = new;
	return 0;
}

void cx_netlink_close(struct cx_netlink *nl)
{
	if (!nl)
		return;
	nl_socket_free(nl->socket);
	free(nl);
}

int cx_netlink_reopen(struct cx_netlink **nl, struct cx_error *err)
{
	struct cx_netlink *new;
	int rc = cx_netlink_open(&new, err);

	if (rc)
		return rc;
	cx_netlink_close(*nl);
	*nl = new;
	return 0;
}

int cx_netlink_parse(struct nl_msg *msg,
		     struct nlattr *attrs[CRYPTEX_A_MAX + 1])
{
	return genlmsg_parse(nlmsg_hdr(msg), 0, attrs, CRYPTEX_A_MAX, policy);
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[CRYPTEX_A_MAX + 1];
	struct reply *reply = arg;
	int rc = cx_netlink_parse(msg, attrs);

	if (rc < 0)
		return rc;
	return reply->take ? reply->take(attrs, reply->arg) : NL_OK;
}

/* Take the kernel's sentence from the attributes behind an error. */
static void take_text(struct reply *reply, struct nlattr *first, int len)
{
	static struct nla_policy ack_policy[NLMSGERR_ATTR_MAX + 1] = {
		[NLMSGERR_ATTR_MSG] = { .type = NLA_STRING },
	};
	struct nlattr *attrs[NLMSGERR_ATTR_MAX + 1];

	if (len < 0 ||
	    nla_parse(attrs, NLMSGERR_ATTR_MAX, first, len, ack_policy) < 0)
		return;
	if (attrs[NLMSGERR_ATTR_MSG])
		snprintf(reply->text, sizeof(reply->text), "%s",
			 nla_get_string(attrs[NLMSGERR_ATTR_MSG]));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *answer, void *arg)
{
	/* libnl hands over the payload; the flags stand in the header. */
	const struct nlmsghdr *h = (const void *)((char *)answer - NLMSG_HDRLEN);
	int skip = sizeof(*answer);
	struct reply *reply = arg;

	(void)from;
	reply->done = true;
	reply->error = answer->error;
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(answer->msg.nlmsg_len) - NLMSG_HDRLEN;
	take_text(reply, (struct nlattr *)((char *)answer + skip),
		  nlmsg_datalen(h) - skip);
	return NL_STOP;
}

/* A dump that fails half-way says so in its last message, which libnl does not
 * look into. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct reply *reply = arg;
	int error;

	reply->done = true;
	if (nlmsg_datalen(h) < (int)sizeof(error))
		return NL_STOP;
	memcpy(&error, nlmsg_data(h), sizeof(error));
	reply->error = error < 0 ? error : 0;
	if (h->nlmsg_flags & NLM_F_ACK_TLVS)
		take_text(reply, nlmsg_attrdata(h, sizeof(error)),
			  nlmsg_attrlen(h, sizeof(error)));
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct reply *reply = arg;

	(void)msg;
	reply->done = true;
	return NL_STOP;
}

static int on_interrupted(struct nl_msg *msg, void *arg)
{
	struct reply *reply = arg;

	(void)msg;
	reply->interrupted = true;
	return NL_OK;
}

static struct nl_cb *make_callbacks(struct reply *reply)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);

	if (!cb)
		return NULL;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, reply);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, reply);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, reply);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, reply);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, reply);
	return cb;
}

static int refused(const struct reply *reply, struct cx_error *err)
{
	const char *name = strerrorname_np(-reply->error);

	/* Without a sentence it is the caller's right that is missing. */
	if (reply->error == -EPERM && !reply->text[0])
		return cx_fail(err, -EPERM, "needs root (CAP_SYS_ADMIN)");
	return cx_fail(err, reply->error, "the kernel refuses: %s (%s)",
		       reply->text[0] ? reply->text : strerror(-reply->error),
		       name ? name : "?");
}

/* Send @msg, which stays the caller's, and wait for the end of the answer. */
static int exchange(struct cx_netlink *nl, struct nl_msg *msg,
		    struct reply *reply, struct cx_error *err)
{
	struct nl_cb *cb = make_callbacks(reply);
	int rc;

	if (!cb)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = nl_send_auto(nl->socket, msg);
	while (rc >= 0 && !reply->done)
		rc = nl_recvmsgs(nl->socket, cb);
	nl_cb_put(cb);
	if (reply->error)
		return refused(reply, err);
	return rc < 0 ? cx_netlink_fail(err, rc, "the exchange failed") : 0;
}

struct nl_msg *cx_netlink_request(const struct cx_netlink *nl, uint8_t cmd,
				  int flags, size_t room)
{
	struct nl_msg *msg = nlmsg_alloc_size(room + 256);

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0,
				flags, cmd, CRYPTEX_FAMILY_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int cx_netlink_dump(struct cx_netlink *nl, uint8_t cmd, cx_netlink_take *take,
		    void (*restart)(void *arg), void *arg, struct cx_error *err)
{
	int tries, rc;

	for (tries = 0; tries < MAX_DUMPS; tries++) {
		struct reply reply = { .take = take, .arg = arg };
		struct nl_msg *msg = cx_netlink_request(nl, cmd, NLM_F_DUMP, 0);

		if (!msg)
			return cx_fail(err, -ENOMEM, "out of memory");
		rc = exchange(nl, msg, &reply, err);
		nlmsg_free(msg);
		if (rc || !reply.interrupted)
			return rc;
		restart(arg);
	}
	return cx_fail(err, -EAGAIN,
		       "the kernel's state changed during each of %d readings: try again",
		       MAX_DUMPS);
}

int cx_netlink_do(struct cx_netlink *nl, struct nl_msg *msg, int rc,
		  cx_netlink_take *take, void *arg, struct cx_error *err)
{
	struct reply reply = { .take = take, .arg = arg };

	if (rc < 0)
		rc = cx_netlink_fail(err, rc, "cannot build the request");
	else
		rc = exchange(nl, msg, &reply, err);
	nlmsg_free(msg);
	return rc;
}
