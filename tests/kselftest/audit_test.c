// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The audit records: one for every change and every refusal, also of those who
 * may not ask.
 *
 * Auditing is switched on here, and records are read as they are sent to the
 * readers of the log, so no daemon is needed.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <linux/audit.h>
#include <linux/netlink.h>

#include <kselftest_harness.h>

#include "audit_log.h"
#include "disk.h"
#include "report.h"
#include "revoking.h"

#define PATIENCE 5000	/* milliseconds */

FIXTURE(audit)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
	int log;
};

FIXTURE_SETUP(audit)
{
	self->log = audit_log_open();
	if (self->log < 0)
		SKIP(return, "this kernel does not audit");
	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "a");
	tree_add_text(&self->tree, &self->world, "f", "f");
	cryptex_mount_base(&self->cx, "1", &self->tree);
}

FIXTURE_TEARDOWN(audit)
{
	audit_log_enable(self->log, false);
	close(self->log);
	world_exit(&self->world);
}

static bool has_all(const char *text, const char * const *words)
{
	for (; *words; words++)
		if (!strstr(text, *words))
			return false;
	return true;
}

/* Wait for a record of ours with all these words. */
static bool recorded(int log, const char * const *words)
{
	struct pollfd wait = { .fd = log, .events = POLLIN };
	static char buffer[16384];
	struct nlmsghdr *head = (void *)buffer;
	ssize_t size;

	while (poll(&wait, 1, PATIENCE) > 0) {
		size = recv(log, buffer, sizeof(buffer) - 1, 0);
		if (size < (ssize_t)sizeof(*head))
			continue;
		buffer[size] = 0;
		if (head->nlmsg_type == AUDIT_KERNEL &&
		    strstr(NLMSG_DATA(head), "cryptex op=") &&
		    has_all(NLMSG_DATA(head), words))
			return true;
	}
	note("no record with \"%s\"", words[0]);
	return false;
}

#define RECORDED(...) \
	recorded(self->log, (const char *[]) { __VA_ARGS__, NULL })

TEST_F(audit, changes)
{
	char name[96], epoch[64], pid[32], *path;
	struct generation *list;
	uint64_t number;
	int fd;

	snprintf(name, sizeof(name), "name=\"%s\"", self->cx.name);
	snprintf(pid, sizeof(pid), " pid=%d uid=0 ", getpid());
	EXPECT_TRUE(RECORDED("op=key-add", "cryptex kselftest", pid, "res=1"));
	EXPECT_TRUE(RECORDED("op=mount", name, "label=\"1\"", pid, "res=1"));
	cryptex_stage(&self->cx, "2", &self->tree);
	EXPECT_TRUE(RECORDED("op=stage", name, "label=\"2\"", pid, "res=1"));
	number = cryptex_activate(&self->cx, "2");
	snprintf(epoch, sizeof(epoch), "epoch=%llu ", (unsigned long long)number);
	EXPECT_TRUE(RECORDED("op=activate", name, "label=\"2\"", epoch, pid));
	path = cryptex_path(&self->cx, "current/f");
	fd = open(path, O_RDONLY);
	cryptex_activate(&self->cx, "1");
	close(fd);
	EXPECT_TRUE(RECORDED("op=drain", name, "label=\"2\""));
	EXPECT_EQ(0, client_retire(&self->world.client, self->cx.name, "2"));
	EXPECT_TRUE(RECORDED("op=retire", name, "label=\"2\"", pid));
	cryptex_stage(&self->cx, "3", &self->tree);
	ASSERT_EQ(0, deny_label(&self->cx, "3"));
	EXPECT_TRUE(RECORDED("op=revoke", name, "label=\"3\"", "list=1 ", pid));
	EXPECT_EQ(0, umount(self->cx.dir));
	EXPECT_TRUE(RECORDED("op=unmount", name));
	/* Reading is no change. */
	client_get(&self->world.client, NULL, &list);
	EXPECT_EQ(0, client_state(&self->world.client));
	EXPECT_FALSE(RECORDED("op="));
}

TEST_F(audit, refusals)
{
	char command[32], error[32], text[NL_TEXT + 8];
	struct signer stranger;

	signer_init(&stranger, SIGNER_P256, "stranger");
	EXPECT_EQ(-ENOKEY, stage_blob(&self->world,
				      seal_at(&self->cx, "2", 1, &self->tree,
					      &stranger)));
	snprintf(command, sizeof(command), "request=%d ", CRYPTEX_CMD_STAGE);
	snprintf(error, sizeof(error), "errno=%d ", -ENOKEY);
	snprintf(text, sizeof(text), "text=\"%s\"", self->world.client.text);
	EXPECT_TRUE(RECORDED("op=reject", command, error, "res=0", text));
}

/* Who may not ask is recorded, with who he is. */
TEST_F(audit, denials)
{
	struct item item = { self->cx.name, "2" };
	char command[32], pid[48];
	struct client c;
	pid_t child;
	int status;

	child = fork();
	if (!child) {
		if (setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000) ||
		    client_open(&c))
			_exit(1);
		_exit(client_activate(&c, &item, 1) != -EPERM);
	}
	ASSERT_LT(0, waitpid(child, &status, 0));
	ASSERT_EQ(0, status);
	snprintf(command, sizeof(command), "request=%d ", CRYPTEX_CMD_ACTIVATE);
	snprintf(pid, sizeof(pid), " pid=%d uid=1000 ", child);
	EXPECT_TRUE(RECORDED("op=deny", command, pid, "res=0"));
}

TEST_F(audit, corruption)
{
	char page[4096], path[OBJECT_PATH], *file;

	snprintf(page, sizeof(page), "audit %d", getpid());
	tree_add_data(&self->tree, &self->world, "bad", 0644, page, sizeof(page));
	object_path(self->world.store,
		    self->tree.nodes[self->tree.count - 1].digest, path);
	cryptex_stage(&self->cx, "2", &self->tree);
	disk_flip(path, 5, self->world.dir);
	file = cryptex_path(&self->cx, "2/bad");
	EXPECT_EQ(-1, read(open(file, O_RDONLY), page, sizeof(page)));
	EXPECT_TRUE(RECORDED("op=corrupt", "label=\"2\"", "text=\"bad\""));
}

/*
 * A process's own name is as it likes, and so is what it asks for; neither must
 * look like a part of the record, or like a further one.
 */
TEST_F(audit, names_that_lie)
{
	struct item item = { "x\nop=activate", "1" };
	FILE *comm = fopen("/proc/self/comm", "w");

	ASSERT_NE(NULL, comm);
	fputs("x res=1 op=\"y", comm);
	fclose(comm);
	cryptex_stage(&self->cx, "2", &self->tree);
	EXPECT_TRUE(RECORDED("op=stage", "comm=78207265733d31206f703d2279 res=1"));
	EXPECT_EQ(-ENOENT, client_activate(&self->world.client, &item, 1));
	EXPECT_TRUE(RECORDED("op=reject",
			     "text=\"no cryptex x\\nop=activate is mounted\""));
}

TEST_HARNESS_MAIN
