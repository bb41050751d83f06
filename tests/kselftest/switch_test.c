// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: switch_test [LOOKUPS [SWITCHES]]
 *
 * The bar: 100,000 lookups of a path below `current` by four readers while
 * 10,000 switches go on.  There is no moment in which the path does not exist,
 * and a reader sees the whole content of one generation, never a mixture.
 *
 * Readers and switcher both go on until both numbers are reached.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include <kselftest.h>

#include "fixture.h"
#include "report.h"

#define READERS 4
#define CONTENT 10000		/* bytes, so some pages and an odd end */

/* Shared by all processes; counted with atomics. */
struct counts {
	long lookups_wanted;
	long switches_wanted;
	long lookups;
	long switches;
	long missing;		/* ENOENT */
	long refused;		/* any other error */
	long seen[2];		/* whole content of each generation */
	long mixed;
};

static struct counts *counts;

static void count(long *what)
{
	__atomic_add_fetch(what, 1, __ATOMIC_RELAXED);
}

static bool is_over(void)
{
	return __atomic_load_n(&counts->lookups, __ATOMIC_RELAXED) >=
		       counts->lookups_wanted &&
	       __atomic_load_n(&counts->switches, __ATOMIC_RELAXED) >=
		       counts->switches_wanted;
}

static void make_cryptex(struct cryptex *cx)
{
	char content[CONTENT], label[2] = "1";

	for (; label[0] <= '2'; label[0]++) {
		struct tree t = {};

		memset(content, label[0], sizeof(content));
		tree_add_dir(&t, "lib", 0755);
		tree_add_data(&t, cx->world, "lib/data", 0644, content,
			      sizeof(content));
		if (label[0] == '1')
			cryptex_mount_base(cx, label, &t);
		else
			cryptex_stage(cx, label, &t);
		tree_exit(&t);
	}
}

static bool is_uniform(const char *content)
{
	return content[0] >= '1' && content[0] <= '2' &&
	       !memcmp(content, content + 1, CONTENT - 1);
}

static void look_up(const char *path)
{
	char content[CONTENT + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	count(&counts->lookups);
	if (fd < 0) {
		note("open: %s", strerror(errno));
		count(errno == ENOENT ? &counts->missing : &counts->refused);
		return;
	}
	got = read(fd, content, sizeof(content));
	close(fd);
	if (got < 0)
		count(&counts->refused);
	else if (got != CONTENT || !is_uniform(content))
		count(&counts->mixed);
	else
		count(&counts->seen[content[0] - '1']);
}

static void keep_reading(const char *path)
{
	while (!is_over())
		look_up(path);
	_exit(0);
}

static void keep_switching(struct cryptex *cx)
{
	while (!is_over()) {
		cryptex_activate(cx, counts->switches % 2 ? "1" : "2");
		count(&counts->switches);
	}
}

static bool run(struct cryptex *cx)
{
	char *path = cryptex_path(cx, "current/lib/data");
	bool ok = true;
	int i, status;

	for (i = 0; i < READERS; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die_errno("fork");
		if (!pid)
			keep_reading(path);
	}
	keep_switching(cx);
	for (i = 0; i < READERS; i++)
		ok &= wait(&status) > 0 && !status;
	free(path);
	return ok;
}

static void judge(bool ended)
{
	ksft_test_result(ended && counts->lookups == counts->missing +
				counts->refused + counts->mixed +
				counts->seen[0] + counts->seen[1],
			 "every lookup is accounted for\n");
	ksft_test_result(counts->seen[0] && counts->seen[1],
			 "both generations were seen\n");
	ksft_test_result(!counts->missing, "no ENOENT\n");
	ksft_test_result(!counts->refused, "no other error\n");
	ksft_test_result(!counts->mixed, "only whole content\n");
}

int main(int argc, char **argv)
{
	time_t begin = time(NULL);
	struct cryptex cx;
	struct world w;
	bool ended;

	ksft_print_header();
	ksft_set_plan(5);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	counts->lookups_wanted = argc > 1 ? atol(argv[1]) : 100000;
	counts->switches_wanted = argc > 2 ? atol(argv[2]) : 10000;
	world_init(&w);
	cryptex_init(&cx, &w, "switch");
	make_cryptex(&cx);
	ended = run(&cx);
	ksft_print_msg("lookups %ld: first %ld, second %ld, ENOENT %ld, other errors %ld, mixed %ld\n",
		       counts->lookups, counts->seen[0], counts->seen[1],
		       counts->missing, counts->refused, counts->mixed);
	ksft_print_msg("switches %ld, %ld s\n", counts->switches,
		       (long)(time(NULL) - begin));
	judge(ended);
	world_exit(&w);
	ksft_finished();
}
