// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdlib.h>

#include "failnth_rig.h"
#include "report.h"

struct rig rig;

static const char *const names[RIG_CRYPTEXES] = { "a", "b", "c" };

/* Where a file is; the paths of /proc have errors of their own. */
static void find_path(int fd, char *path)
{
	char link[32];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, RIG_PATH - 1);
	if (len < 0)
		die_errno("%s", link);
	path[len] = 0;
}

static void init_extra(void)
{
	struct tree t = {};
	struct blob seal;

	tree_add_text(&t, &rig.world, "text", "1:text\n");
	tree_add_dir(&t, "d", 0755);
	tree_add_link(&t, "l", "text");
	cryptex_init(&rig.extra, &rig.world, "extra");
	seal = cryptex_seal(&rig.extra, "1", &t);
	find_path(world_seal_file(&rig.world, &seal), rig.extra_seal);
	free(seal.data);
	seal = cryptex_seal(&rig.cx[0], "3", &t);
	rig.patch = world_seal_file(&rig.world, &seal);
	free(seal.data);
	tree_exit(&t);
}

/* The agent goes on living in the one that is not the newest. */
static void make_two_epochs(void)
{
	cryptex_activate(&rig.cx[0], "2");
	remote_start(&rig.agent);
	if (remote_do(&rig.agent, "map %s/current/a r p", rig.cx[0].dir))
		die("map: %s", rig.agent.text);
	cryptex_activate(&rig.cx[0], "1");
}

void rig_init(void)
{
	int i;

	memset(&rig, 0, sizeof(rig));
	rig.fd[0] = rig.fd[1] = rig.fd[2] = rig.socket = -1;
	world_init(&rig.world);
	for (i = 0; i < RIG_CRYPTEXES; i++) {
		cryptex_init(&rig.cx[i], &rig.world, names[i]);
		cryptex_simple(&rig.cx[i], 2);
	}
	init_extra();
	rig.events = raw_socket();
	if (raw_join(rig.events, CRYPTEX_FAMILY_NAME, CRYPTEX_MCGRP_EVENTS))
		die("there are no events to listen to");
	make_two_epochs();
}

void rig_exit(void)
{
	remote_stop(&rig.agent);
	world_exit(&rig.world);
}

void rig_close(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (rig.fd[i] >= 0)
			close(rig.fd[i]);
		rig.fd[i] = -1;
	}
}

void rig_take(void)
{
	int i;

	for (i = 0; i < RIG_CRYPTEXES; i++) {
		state_exit(&rig.before[i]);
		state_take(&rig.before[i], &rig.cx[i]);
	}
}

void rig_prepare(void *arg)
{
	(void)arg;
	rig_take();
}

bool rig_is_same(void)
{
	bool same = true;
	int i;

	for (i = 0; i < RIG_CRYPTEXES; i++) {
		if (state_is_as(&rig.before[i], &rig.cx[i]))
			continue;
		note("%s has changed", names[i]);
		same = false;
	}
	return same;
}

static void read_link(const struct cryptex *cx, char *label, size_t size)
{
	char *path = cryptex_path(cx, "active");
	ssize_t len = readlink(path, label, size - 1);

	if (len < 0)
		die_errno("%s", path);
	label[len] = 0;
	free(path);
}

static bool reads_right(const struct cryptex *cx)
{
	char *path = cryptex_path(cx, "current/text");
	char label[64], want[80], got[80] = {};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool right;

	read_link(cx, label, sizeof(label));
	snprintf(want, sizeof(want), "%s:text\n", label);
	right = fd >= 0 && read(fd, got, strlen(want)) > 0 && !strcmp(got, want);
	if (!right)
		note("%s: \"%s\" instead of \"%s\" (%s)", path, got, want,
		     strerrorname_np(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return right;
}

bool rig_works(void)
{
	bool works = true;
	int i;

	for (i = 0; i < RIG_CRYPTEXES; i++)
		works &= reads_right(&rig.cx[i]);
	return works;
}

int rig_count_active(const char *label)
{
	char active[64];
	int i, count = 0;

	for (i = 0; i < RIG_CRYPTEXES; i++) {
		read_link(&rig.cx[i], active, sizeof(active));
		count += !strcmp(active, label);
	}
	return count;
}

bool rig_has(const struct cryptex *cx, const char *label)
{
	struct generation *list = NULL;
	int count = client_get(&cx->world->client, cx->name, &list);
	bool has = false;
	int i;

	if (count < 0)
		die("get: %s", strerror(-count));
	for (i = 0; i < count; i++)
		has |= !strcmp(list[i].label, label);
	free(list);
	return has;
}

void rig_drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "3", 1) != 1)
		die_errno("drop_caches");
	close(fd);
}

void rig_retire(const struct cryptex *cx, const char *label)
{
	struct client *c = &rig.world.client;
	struct nl_msg *msg = client_new(c, CRYPTEX_CMD_RETIRE, 0);
	int err;

	client_add(msg, CRYPTEX_A_NAME, cx->name, strlen(cx->name) + 1);
	client_add(msg, CRYPTEX_A_LABEL, label, strlen(label) + 1);
	err = client_send(c, msg);
	if (err)
		die("retire %s: %s (%s)", label, strerror(-err), c->text);
}

void rig_begin(int command, int flags)
{
	rig_take();
	rig.socket = raw_socket();
	raw_begin(&rig.message, rig.world.client.family, command, flags);
}

int rig_exchange(void *arg)
{
	(void)arg;
	raw_exchange(rig.socket, &rig.message, &rig.answer);
	return rig.answer.err;
}

void rig_end(void)
{
	close(rig.socket);
	raw_drain(rig.events);
}
