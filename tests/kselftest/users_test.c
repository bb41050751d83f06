// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * CRYPTEX_CMD_USERS: every process that maps a cryptex, and nobody else.
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "fixture.h"
#include "remote.h"
#include "report.h"

#define MANY 250

FIXTURE(users)
{
	struct world world;
	struct cryptex cx;
	struct remote r;
};

FIXTURE_SETUP(users)
{
	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "u");
	cryptex_simple(&self->cx, 2);
	remote_start(&self->r);
}

FIXTURE_TEARDOWN(users)
{
	remote_stop(&self->r);
	world_exit(&self->world);
}

/* The only user, or one with pid 0. */
static struct user only_user(FIXTURE_DATA(users) *self)
{
	struct user user = {}, *list = NULL;
	int count = client_users(&self->world.client, self->cx.name, &list);

	if (count == 1)
		user = *list;
	else
		note("%d users", count);
	free(list);
	return user;
}

static int count_users(FIXTURE_DATA(users) *self)
{
	struct user *list = NULL;
	int count = client_users(&self->world.client, self->cx.name, &list);

	free(list);
	return count;
}

#define ASSERT_DONE(...) \
	ASSERT_EQ(0, remote_do(&self->r, __VA_ARGS__)) \
		TH_LOG("%s", self->r.text)

/* Field 22 of /proc/PID/stat, in ticks. */
static uint64_t start_ticks(pid_t pid)
{
	unsigned long long ticks = 0;
	char path[64], *text;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	text = file_read(path, &size);
	if (text)
		sscanf(strrchr(text, ')') + 1,
		       " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		       &ticks);
	free(text);
	return ticks;
}

TEST_F(users, what_is_told)
{
	struct user u;

	EXPECT_EQ(0, count_users(self));
	ASSERT_DONE("map %s/current/a r p", self->cx.dir);
	u = only_user(self);
	EXPECT_EQ(self->r.pid, u.pid);
	EXPECT_STREQ("agent", u.comm);
	EXPECT_STREQ("1", u.label);
	EXPECT_EQ(CRYPTEX_F_ACTIVE, u.flags);
	EXPECT_EQ(start_ticks(u.pid),
		  u.start_time / (1000000000 / sysconf(_SC_CLK_TCK)));
	cryptex_activate(&self->cx, "2");
	EXPECT_EQ(0, only_user(self).flags);
	cryptex_activate(&self->cx, "1");
	EXPECT_EQ(CRYPTEX_F_ACTIVE, only_user(self).flags);
	ASSERT_DONE("unmap %s", self->r.text);
}

TEST_F(users, a_descriptor_is_no_mapping)
{
	ASSERT_DONE("open %s/current/a", self->cx.dir);
	EXPECT_EQ(0, count_users(self));
}

TEST_F(users, gone_with_the_mapping)
{
	char mapping[REMOTE_TEXT];

	ASSERT_DONE("map %s/current/a rx p", self->cx.dir);
	strcpy(mapping, self->r.text);
	EXPECT_EQ(1, count_users(self));
	ASSERT_DONE("unmap %s", mapping);
	EXPECT_EQ(0, count_users(self));
}

TEST_F(users, one_message_for_each_generation)
{
	struct user *list;

	ASSERT_DONE("map %s/1/a rx p", self->cx.dir);
	ASSERT_DONE("map %s/1/b rx p", self->cx.dir);
	ASSERT_DONE("map %s/2/a r p", self->cx.dir);
	ASSERT_EQ(2, client_users(&self->world.client, self->cx.name, &list));
	EXPECT_EQ(list[0].pid, list[1].pid);
	EXPECT_STREQ("1", list[0].label);
	EXPECT_STREQ("2", list[1].label);
	EXPECT_EQ(CRYPTEX_F_ACTIVE, list[0].flags);
	EXPECT_EQ(0, list[1].flags);
}

TEST_F(users, a_program_inside)
{
	ASSERT_DONE("exec %s/current/bin/agent", self->cx.dir);
	EXPECT_EQ(self->r.pid, only_user(self).pid);
}

TEST_F(users, through_a_bind_mount_of_another_namespace)
{
	char bound[128];

	snprintf(bound, sizeof(bound), "%s/bound", self->world.dir);
	ASSERT_EQ(0, mkdir(bound, 0755));
	ASSERT_DONE("unshare m");
	ASSERT_DONE("bind %s %s", self->cx.dir, bound);
	ASSERT_DONE("map %s/current/a rx p", bound);
	EXPECT_EQ(self->r.pid, only_user(self).pid);
	EXPECT_STREQ("1", only_user(self).label);
}

/* Its own number for itself is 1; the dump has the one that others know. */
TEST_F(users, in_another_pid_namespace)
{
	struct user u;

	ASSERT_DONE("unshare mp");
	ASSERT_DONE("fork");
	ASSERT_STREQ("1", remote_ask(&self->r, "pid"));
	ASSERT_DONE("map %s/current/a rx p", self->cx.dir);
	u = only_user(self);
	EXPECT_LT(1, u.pid);
	EXPECT_NE(self->r.pid, u.pid);
	EXPECT_STREQ("agent", u.comm);
}

TEST_F(users, in_a_user_namespace)
{
	ASSERT_DONE("uid 1000");
	ASSERT_DONE("unshare u");
	ASSERT_DONE("map %s/current/a rx p", self->cx.dir);
	EXPECT_EQ(self->r.pid, only_user(self).pid);
}

TEST_F(users, a_thread_whose_leader_has_exited)
{
	ASSERT_DONE("map %s/current/a rx p", self->cx.dir);
	ASSERT_DONE("leader-exits");
	usleep(100000);
	EXPECT_EQ(self->r.pid, only_user(self).pid);
	EXPECT_STREQ("1", only_user(self).label);
}

TEST_F(users, threads_are_one_process)
{
	ASSERT_DONE("thread");
	ASSERT_DONE("map %s/current/a rx p", self->cx.dir);
	EXPECT_EQ(self->r.pid, only_user(self).pid);
}

/* So many that they do not fit into one datagram: each one once, by pid. */
TEST_F_TIMEOUT(users, many_processes, 600)
{
	static struct remote all[MANY];
	struct user *list = NULL;
	int i, k, count;

	for (i = 0; i < MANY; i++) {
		remote_start(&all[i]);
		ASSERT_EQ(0, remote_do(&all[i], "map %s/%d/a rx p",
				       self->cx.dir, 1 + i % 2));
	}
	count = client_users(&self->world.client, self->cx.name, &list);
	ASSERT_EQ(MANY, count);
	EXPECT_LT(2, self->world.client.messages);
	for (i = 1; i < count; i++) {
		EXPECT_LT(list[i - 1].pid, list[i].pid);
	}
	for (i = 0; i < count; i++) {
		for (k = 0; k < MANY && (pid_t)list[i].pid != all[k].pid; k++)
			;
		ASSERT_NE(MANY, k);
		EXPECT_STREQ(k % 2 ? "2" : "1", list[i].label);
		EXPECT_EQ(k % 2 ? 0 : CRYPTEX_F_ACTIVE, list[i].flags);
	}
	for (i = 0; i < MANY; i++)
		remote_stop(&all[i]);
	EXPECT_EQ(0, count_users(self));
}

TEST_HARNESS_MAIN
