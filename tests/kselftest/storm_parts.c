// SPDX-License-Identifier: LGPL-2.1-or-later
/* The processes that make up the storm, but for the one that revokes. */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "report.h"
#include "storm.h"

#define LONG_PAUSE 200000	/* microseconds */
#define SHORT_PAUSE 2000

static void missing(struct storm *s, const char *path, int error)
{
	if (error == EKEYREVOKED) {
		storm_count(&s->counts->revoked);
		return;
	}
	note("%s: %s", path, strerror(error));
	storm_count(&s->counts->missing);
}

/* By a process that maps nothing, so it gets what is active. */
static void look_up(struct storm *s, const struct cryptex *cx)
{
	char *path = cryptex_path(cx, "current/" STORM_FILE);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		missing(s, path, errno);
	else
		close(fd);
	free(path);
}

static void judge(struct storm_counts *counts, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : STORM_WRONG_USE;

	if (code >= 1 && code <= STORM_MAX_SET)
		storm_count(&counts->seen[code]);
	else if (code == STORM_MIXED)
		storm_count(&counts->mixed);
	else if (code == STORM_NOT_OPENED)
		storm_count(&counts->not_opened);
	else if (code == STORM_REVOKED)
		storm_count(&counts->revoked);
	else
		storm_count(&counts->other);
}

static void launch_program(struct storm *s, const char *program, char **argv)
{
	char *const env[] = { NULL };
	int status, err;
	pid_t pid;

	err = posix_spawn(&pid, program, NULL, NULL, argv, env);
	if (err)
		return missing(s, program, err);
	if (waitpid(pid, &status, 0) != pid)
		die_errno("waitpid");
	judge(s->counts, status);
}

/* Each order of the cryptexes; every other program is itself in the first. */
static void launch_one(struct storm *s, const char *outside)
{
	int i, first = storm_random(STORM_CRYPTEXES);
	int step = 1 + storm_random(STORM_CRYPTEXES - 1);
	char *argv[STORM_CRYPTEXES + 3] = {}, pause[16], *inside;

	snprintf(pause, sizeof(pause), "%u",
		 storm_random(storm_random(8) ? SHORT_PAUSE : LONG_PAUSE));
	argv[0] = (char *)"storm_probe";
	argv[1] = pause;
	for (i = 0; i < STORM_CRYPTEXES; i++)
		argv[2 + i] = cryptex_path(&s->cryptexes[(first + i * step) %
						STORM_CRYPTEXES], "current");
	inside = cryptex_path(&s->cryptexes[first], "current/" STORM_PROGRAM);
	launch_program(s, storm_random(2) ? inside : outside, argv);
	for (i = 0; i < STORM_CRYPTEXES; i++)
		free(argv[2 + i]);
	free(inside);
}

void storm_launch(struct storm *s, int number)
{
	char outside[PATH_MAX];

	beside("storm_probe", outside);
	while (!storm_is_over(s)) {
		look_up(s, &s->cryptexes[number++ % STORM_CRYPTEXES]);
		launch_one(s, outside);
	}
	_exit(0);
}

/* A set to switch to: any that seems to be there. */
static bool choose(const struct storm *s, char *label, size_t size)
{
	unsigned int set = 1 + storm_random(STORM_SETS + 1);
	long revoked = __atomic_load_n(&s->counts->label, __ATOMIC_RELAXED);

	if (set > STORM_SETS) {
		snprintf(label, size, "r%ld", revoked);
		return revoked;
	}
	snprintf(label, size, "%u", set);
	return __atomic_load_n(&s->counts->present[set], __ATOMIC_RELAXED);
}

void storm_switch(struct storm *s, int number)
{
	struct client *c = &s->world.client;
	char label[32];
	int err;

	(void)number;
	while (!storm_is_over(s)) {
		if (!choose(s, label, sizeof(label)))
			continue;
		err = storm_activate(s, label);
		if (!err)
			storm_count(&s->counts->switches);
		else if (err == -ENOENT || err == -EKEYREVOKED)
			storm_count(&s->counts->gone);
		else
			die("activate %s: %s (%s)", label, strerror(-err), c->text);
		storm_sleep(storm_random(1000));
	}
	_exit(0);
}

void storm_churn(struct storm *s, int number)
{
	int set = STORM_LASTING + 1 + number;
	bool *present = &s->counts->present[set];
	char label[16];

	snprintf(label, sizeof(label), "%d", set);
	while (!storm_is_over(s)) {
		storm_stage(s, set, label, NULL);
		__atomic_store_n(present, true, __ATOMIC_RELAXED);
		storm_sleep(storm_random(100000));
		__atomic_store_n(present, false, __ATOMIC_RELAXED);
		storm_retire(s, label);
	}
	_exit(0);
}

static void mount_at(struct storm *s, int seal, const char *dir)
{
	struct mount_result result;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", seal);
	result = cryptex_mount(path, s->world.store, dir);
	if (result.err)
		die("mount at %s: %s: %s", dir, strerror(-result.err),
		    result.text);
	storm_count(&s->counts->mounts);
}

/* One more mount of a cryptex of all; gone with this namespace or before. */
static void mount_shared(struct storm *s, const char *dir)
{
	int which = storm_random(STORM_CRYPTEXES);
	struct cryptex here = s->cryptexes[which];

	mount_at(s, s->base[which], dir);
	snprintf(here.dir, sizeof(here.dir), "%s", dir);
	look_up(s, &here);
	if (storm_random(2) && umount2(dir, MNT_DETACH))
		die_errno("umount %s", dir);
}

/* A cryptex that nobody else mounts: its superblock comes and goes. */
static void mount_own(struct storm *s, struct cryptex *own, int seal)
{
	struct tree t = {};

	mount_at(s, seal, own->dir);
	storm_tree(s, STORM_CRYPTEXES, 2, &t);
	cryptex_stage(own, "2", &t);
	tree_exit(&t);
	cryptex_activate(own, "2");
	look_up(s, own);
	if (storm_random(2) && umount2(own->dir, MNT_DETACH))
		die_errno("umount %s", own->dir);
}

static void mount_round(struct storm *s, struct cryptex *own, int seal,
			const char *dir)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die_errno("fork");
	if (!pid) {
		if (unshare(CLONE_NEWNS))
			die_errno("unshare");
		mount_shared(s, dir);
		mount_own(s, own, seal);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("a process that mounts: status %#x", status);
}

void storm_mount(struct storm *s, int number)
{
	struct cryptex own;
	struct blob seal;
	char name[16], dir[128];
	struct tree t = {};
	int fd;

	snprintf(name, sizeof(name), "own-%d", number);
	cryptex_init(&own, &s->world, name);
	storm_tree(s, STORM_CRYPTEXES, 1, &t);
	seal = cryptex_seal(&own, "1", &t);
	fd = world_seal_file(&s->world, &seal);
	tree_exit(&t);
	snprintf(dir, sizeof(dir), "%s/shared-%d", s->world.dir, number);
	if (mkdir(dir, 0755))
		die_errno("%s", dir);
	while (!storm_is_over(s))
		mount_round(s, &own, fd, dir);
	_exit(0);
}

static void count_dump(struct storm *s, int result)
{
	struct client *c = &s->world.client;

	if (c->interrupted)
		storm_count(&s->counts->interrupted);
	else if (result < 0)
		die("dump: %s (%s)", strerror(-result), c->text);
	else
		storm_count(&s->counts->dumps);
}

/* Of three cryptexes that are only ever switched together, all in one set? */
static bool is_one_set(const struct storm *s, const struct generation *all,
		       int count)
{
	const char *label = NULL;
	int i, k;

	for (i = 0; i < count; i++) {
		if (!(all[i].flags & CRYPTEX_F_ACTIVE))
			continue;
		for (k = 0; k < STORM_CRYPTEXES; k++)
			if (!strcmp(all[i].name, s->cryptexes[k].name))
				break;
		if (k == STORM_CRYPTEXES)
			continue;
		if (label && strcmp(label, all[i].label)) {
			note("active in one dump: %s and %s", label,
			     all[i].label);
			return false;
		}
		label = all[i].label;
	}
	return label;
}

static void dump_users(struct storm *s)
{
	struct user *users;
	int count = client_users(&s->world.client, NULL, &users);

	count_dump(s, count);
	if (count > 0)
		__atomic_add_fetch(&s->counts->users, count, __ATOMIC_RELAXED);
	free(users);
}

static void dump_generations(struct storm *s)
{
	struct generation *all;
	int count = client_get(&s->world.client, NULL, &all);

	count_dump(s, count);
	if (count > 0 && !is_one_set(s, all, count))
		storm_count(&s->counts->torn_dumps);
	free(all);
}

void storm_dump(struct storm *s, int number)
{
	(void)number;
	while (!storm_is_over(s)) {
		dump_users(s);
		dump_generations(s);
		storm_sleep(storm_random(20000));
	}
	_exit(0);
}
