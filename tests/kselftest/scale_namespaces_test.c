// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: scale_namespaces_test [NAMESPACES]
 *
 * A mount in 10,000 mount namespaces: a switch is seen in each of them at once,
 * and all of it can be taken away again.
 *
 * A descriptor keeps a namespace, so no processes are needed.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>

#include <kselftest.h>

#include "fixture.h"
#include "report.h"

static int count = 10000;
static int *namespaces;

static void allow(void)
{
	struct rlimit files = { count + 100, count + 100 };
	int fd = open("/proc/sys/user/max_mnt_namespaces", O_WRONLY | O_CLOEXEC);

	if (setrlimit(RLIMIT_NOFILE, &files))
		die_errno("RLIMIT_NOFILE");
	if (fd < 0 || dprintf(fd, "%d\n", count + 1000) < 0)
		die_errno("max_mnt_namespaces");
	close(fd);
}

/* Each a copy of the one before: what a container's start does. */
static void make_namespaces(void)
{
	int i;

	namespaces = calloc(count, sizeof(*namespaces));
	for (i = 0; i < count; i++) {
		if (unshare(CLONE_NEWNS))
			die_errno("unshare %d", i);
		namespaces[i] = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
		if (namespaces[i] < 0)
			die_errno("/proc/self/ns/mnt");
	}
}

/* In how many of them is this the content, and the active generation? */
static int count_at(struct cryptex *cx, const char *label)
{
	char *path = cryptex_path(cx, "current/text");
	char *link = cryptex_path(cx, "active");
	int i, hits = 0;

	for (i = 0; i < count; i++) {
		char target[16] = {}, want[32], *text;
		size_t size;

		if (setns(namespaces[i], CLONE_NEWNS))
			die_errno("setns");
		snprintf(want, sizeof(want), "%s:text\n", label);
		text = file_read(path, &size);
		hits += text && !strncmp(text, want, strlen(want)) &&
			readlink(link, target, sizeof(target) - 1) > 0 &&
			!strcmp(target, label);
		free(text);
	}
	free(path);
	free(link);
	return hits;
}

/* Half of them by their end, half by unmounting. */
static int take_away(struct cryptex *cx, int home)
{
	int i, done = 0;

	for (i = 0; i < count; i++) {
		if (i % 2) {
			if (setns(namespaces[i], CLONE_NEWNS))
				die_errno("setns");
			done += !umount(cx->dir);
		}
		close(namespaces[i]);
		done += i % 2 == 0;
	}
	/* Leaving the last one is its end. */
	if (setns(home, CLONE_NEWNS))
		die_errno("setns");
	return done;
}

static bool is_gone(struct cryptex *cx)
{
	struct generation *list = NULL;
	int i;

	/* The end of a namespace is not waited for by whoever ends it. */
	for (i = 0; i < 100; i++) {
		int left = client_get(&cx->world->client, cx->name, &list);

		free(list);
		if (!left)
			return true;
		usleep(100000);
	}
	return false;
}

int main(int argc, char **argv)
{
	struct cryptex cx;
	struct world w;
	time_t start;
	int home;

	if (argc > 1)
		count = atoi(argv[1]);
	ksft_print_header();
	ksft_set_plan(5);
	world_init(&w);
	cryptex_init(&cx, &w, "namespaces");
	cryptex_simple(&cx, 2);
	allow();
	home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	start = time(NULL);
	make_namespaces();
	ksft_print_msg("%d namespaces in %ld s\n", count,
		       (long)(time(NULL) - start));
	ksft_test_result(count_at(&cx, "1") == count, "all see the base\n");
	cryptex_activate(&cx, "2");
	ksft_test_result(count_at(&cx, "2") == count, "all see the switch\n");
	cryptex_activate(&cx, "1");
	ksft_test_result(count_at(&cx, "1") == count, "all see the way back\n");
	start = time(NULL);
	ksft_test_result(take_away(&cx, home) == count && !umount(cx.dir),
			 "it can be unmounted in all of them\n");
	ksft_test_result(is_gone(&cx), "then it has gone\n");
	ksft_print_msg("taken away in %ld s\n", (long)(time(NULL) - start));
	world_exit(&w);
	ksft_finished();
}
