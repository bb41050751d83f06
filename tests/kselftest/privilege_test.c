// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who may: whoever lacks CAP_SYS_ADMIN in the initial user namespace changes
 * nothing, learns no event and mounts nothing, whatever socket it has got, but
 * may read state.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/capability.h>

#include <kselftest_harness.h>

#include "ksft_events.h"
#include "list_maker.h"
#include "refusal.h"
#include "report.h"

#define USER 1000

FIXTURE(privilege)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
	struct blob certificate;
	int seal_fd, list_fd;
	char other_seal[128];
};

/* A seal of a cryptex that is not mounted, for a mount that only lacks rights. */
static void make_other_seal(FIXTURE_DATA(privilege) *self)
{
	struct cryptex other;
	struct blob seal;

	cryptex_init(&other, &self->world, "other");
	seal = cryptex_seal(&other, "1", &self->tree);
	snprintf(self->other_seal, sizeof(self->other_seal), "%s/other.seal",
		 self->world.dir);
	file_write(self->other_seal, seal.data, seal.size);
	if (chmod(self->other_seal, 0644))
		die_errno("%s", self->other_seal);
}

FIXTURE_SETUP(privilege)
{
	struct denials denials = { .number = 1 };
	struct signer another;
	struct blob seal, list;

	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "p");
	tree_add_text(&self->tree, &self->world, "f", "f");
	cryptex_mount_base(&self->cx, "1", &self->tree);
	cryptex_stage(&self->cx, "2", &self->tree);
	seal = cryptex_seal(&self->cx, "3", &self->tree);
	self->seal_fd = world_seal_file(&self->world, &seal);
	denials_add_floor(&denials, self->cx.name, 1);
	list = list_make(&denials, &self->world.signer);
	self->list_fd = world_seal_file(&self->world, &list);
	signer_init(&another, SIGNER_P256, "of no privilege");
	self->certificate = signer_certificate(&another);
	make_other_seal(self);
}

FIXTURE_TEARDOWN(privilege)
{
	world_exit(&self->world);
}

/* Each returns with a mark for what was not as it should be, 0 if all was. */

static int expect(const char *what, bool ok, const struct client *c, int err)
{
	if (!ok)
		note("%s: %s, \"%s\"", what,
		     err ? strerrorname_np(-err) : "success", c->text);
	return !ok;
}

static int try_change(const char *what, const struct client *c, int err)
{
	return expect(what, err == -EPERM && strstr(c->text, "CAP_SYS_ADMIN"),
		      c, err);
}

static int try_changes(FIXTURE_DATA(privilege) *self, struct client *c)
{
	struct item item = { self->cx.name, "2" };

	return try_change("stage", c, client_stage(c, self->seal_fd)) |
	       try_change("activate", c, client_activate(c, &item, 1)) |
	       try_change("key add", c,
			  client_key_add(c, self->certificate.data,
					 self->certificate.size)) |
	       try_change("retire", c,
			  client_retire(c, self->cx.name, "2")) |
	       try_change("revoke", c, client_revoke(c, self->list_fd)) |
	       try_change("lock", c, client_lock(c));
}

static int try_reading(FIXTURE_DATA(privilege) *self, struct client *c)
{
	struct generation *generations;
	struct user *users;
	int err, bad;

	err = client_get(c, self->cx.name, &generations);
	bad = expect("get", err == 2, c, err);
	err = client_users(c, self->cx.name, &users);
	bad |= expect("users", err >= 0, c, err);
	err = client_state(c);
	return bad | expect("state", !err && HAS(c, CRYPTEX_A_EPOCH), c, err);
}

static int try_joining(const char *what, int fd)
{
	int err = listener_join(fd);

	if (err != -EPERM)
		note("joining with %s: %s", what, err ? strerrorname_np(-err) :
							"success");
	return err != -EPERM;
}

static int try_mounting(FIXTURE_DATA(privilege) *self)
{
	struct mount_result result = cryptex_mount(self->other_seal,
						   self->world.store,
						   self->world.dir);

	if (result.err != -EPERM)
		note("mount: %s, \"%s\"", result.err ?
		     strerrorname_np(-result.err) : "success", result.text);
	return result.err != -EPERM;
}

static int try_all(FIXTURE_DATA(privilege) *self)
{
	struct client c;

	if (client_open(&c))
		return 1;
	return try_changes(self, &c) | try_reading(self, &c) |
	       try_joining("a socket of its own", client_fd(&c)) |
	       try_mounting(self);
}

/* Ways to be without. */

static void become_user(void)
{
	if (setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
		die_errno("setresuid");
	/* /proc/self/uid_map is root's of whoever is not dumpable. */
	prctl(PR_SET_DUMPABLE, 1);
}

static void tell_kernel(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die_errno("%s", path);
	close(fd);
}

static void map_root(int uid)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %d 1", uid);
	tell_kernel("/proc/self/setgroups", "deny");
	tell_kernel("/proc/self/uid_map", map);
	tell_kernel("/proc/self/gid_map", map);
	if (setresuid(0, 0, 0))
		die_errno("root of the user namespace");
}

static void unshare_as(int uid, int flags)
{
	if (unshare(CLONE_NEWUSER | flags))
		die_errno("unshare");
	map_root(uid);
}

static void become_root_of_a_user_namespace(void)
{
	become_user();
	unshare_as(USER, 0);
}

static void become_root_of_user_and_mount_namespaces(void)
{
	become_user();
	unshare_as(USER, CLONE_NEWNS);
}

/* Who was root outside is none inside either. */
static void leave_as_root(void)
{
	unshare_as(0, CLONE_NEWNS);
}

/* What a network manager might run with. */
static void keep_all_but_sys_admin(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		die_errno("capget");
	data[0].effective &= ~(1U << CAP_SYS_ADMIN);
	data[0].permitted &= ~(1U << CAP_SYS_ADMIN);
	if (syscall(SYS_capset, &head, data))
		die_errno("capset");
}

static const struct way {
	const char *name;
	void (*become)(void);
} ways[] = {
	{ "user", become_user },
	{ "root of a user namespace", become_root_of_a_user_namespace },
	{ "root of user and mount namespaces",
	  become_root_of_user_and_mount_namespaces },
	{ "root who left its user namespace", leave_as_root },
	{ "root without CAP_SYS_ADMIN", keep_all_but_sys_admin },
};

/* Run @try in a child that has become what @way says: is all as it should be? */
static bool as(FIXTURE_DATA(privilege) *self, const struct way *way,
	       int (*try)(FIXTURE_DATA(privilege) *self))
{
	struct snapshot before;
	int status;
	bool same;

	snapshot_take(&before, &self->cx);
	if (!fork()) {
		way->become();
		_exit(try(self));
	}
	if (wait(&status) < 0)
		die_errno("wait");
	same = snapshot_is_as(&before, &self->cx);
	snapshot_exit(&before);
	if (status || !same)
		note("as %s: status %d%s", way->name, status,
		     same ? "" : ", and something has changed");
	return !status && same;
}

TEST_F(privilege, without)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		EXPECT_TRUE(as(self, &ways[i], try_all));
	}
}

/* A socket that root has opened, in the hands of somebody else. */

static int try_inherited(FIXTURE_DATA(privilege) *self)
{
	struct client *c = &self->world.client;

	return try_changes(self, c) | try_reading(self, c) |
	       try_joining("root's socket", client_fd(c));
}

TEST_F(privilege, an_inherited_socket)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		EXPECT_TRUE(as(self, &ways[i], try_inherited));
	}
}

static void send_descriptor(int to, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = {};
	struct iovec byte = { "", 1 };
	struct msghdr msg = {
		.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	if (sendmsg(to, &msg, 0) != 1)
		die_errno("sendmsg");
}

static int receive_descriptor(int from)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec place = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &place, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(from, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		die_errno("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static int try_received(FIXTURE_DATA(privilege) *self, int from)
{
	struct client c;

	if (client_open(&c))
		return 1;
	client_adopt(&c, receive_descriptor(from));
	return try_changes(self, &c) | try_reading(self, &c) |
	       try_joining("a socket that was received", client_fd(&c));
}

TEST_F(privilege, a_socket_from_root)
{
	struct snapshot before;
	struct client root;
	int pair[2], status;

	snapshot_take(&before, &self->cx);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, client_open(&root));
	if (!fork()) {
		become_user();
		_exit(try_received(self, pair[1]));
	}
	send_descriptor(pair[0], client_fd(&root));
	ASSERT_LT(0, wait(&status));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(snapshot_is_as(&before, &self->cx));
}

/* And the reverse: root is asked to use what somebody else has opened. */
static void use_a_socket_from_a_user(struct client *c)
{
	int pair[2], status;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		die_errno("socketpair");
	if (!fork()) {
		become_user();
		if (client_open(c))
			_exit(1);
		send_descriptor(pair[1], client_fd(c));
		_exit(0);
	}
	if (client_open(c))
		die("the module is not loaded");
	client_adopt(c, receive_descriptor(pair[0]));
	if (wait(&status) < 0 || status)
		die("no socket from a user");
}

TEST_F(privilege, a_socket_from_a_user)
{
	struct snapshot before;
	struct client c;

	snapshot_take(&before, &self->cx);
	use_a_socket_from_a_user(&c);
	EXPECT_EQ(0, try_changes(self, &c));
	EXPECT_EQ(0, try_reading(self, &c));
	EXPECT_TRUE(snapshot_is_as(&before, &self->cx));
}

/*
 * As its standard output, say, of a program that becomes root: the kernel looks
 * at who opened a socket only if a message has no address, as with write().
 */
TEST_F(privilege, written_to_a_socket_from_a_user)
{
	struct item item = { self->cx.name, "2" };
	struct snapshot before;
	struct client c;

	snapshot_take(&before, &self->cx);
	use_a_socket_from_a_user(&c);
	client_write_only(&c);
	EXPECT_EQ(0, try_changes(self, &c));
	EXPECT_TRUE(snapshot_is_as(&before, &self->cx));
	/* It is not the way of writing. */
	ASSERT_EQ(0, client_open(&c));
	client_write_only(&c);
	EXPECT_EQ(0, client_activate(&c, &item, 1)) TH_LOG("%s", c.text);
}

/* In a network namespace of its own there is no such family. */

static int try_to_find_it(FIXTURE_DATA(privilege) *self)
{
	struct client c;

	(void)self;
	if (unshare(CLONE_NEWNET))
		die_errno("unshare");
	return client_open(&c) != -ENOENT;
}

TEST_F(privilege, another_network_namespace)
{
	static const struct way root = { "root", (void (*)(void))sync };

	EXPECT_TRUE(as(self, &root, try_to_find_it));
	EXPECT_TRUE(as(self, &ways[1], try_to_find_it));
}

/* What all of the above lacks is the privilege alone. */
TEST_F(privilege, with)
{
	struct client *c = &self->world.client;
	struct item item = { self->cx.name, "3" };
	struct listener listener;

	EXPECT_EQ(0, listener_open(&listener));
	EXPECT_EQ(0, client_stage(c, self->seal_fd));
	EXPECT_EQ(0, client_activate(c, &item, 1));
	EXPECT_EQ(0, client_key_add(c, self->certificate.data,
				    self->certificate.size));
	EXPECT_EQ(0, client_retire(c, self->cx.name, "2"));
	EXPECT_EQ(0, client_revoke(c, self->list_fd));
	EXPECT_EQ(0, cryptex_mount(self->other_seal, self->world.store,
				   self->world.dir).err);
}

TEST_HARNESS_MAIN
