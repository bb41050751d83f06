// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: long_walk_test [SECONDS [MAPPINGS]]
 *
 * Processes with thousands of mappings ask for `current` of two cryptexes while
 * both are switched together without pause.  To tell them, the kernel walks all
 * of their mappings, for so long that epochs come and are forgotten meanwhile.
 * Whatever they map of one cryptex, they must be told the same set of both.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include <kselftest.h>

#include "fixture.h"
#include "report.h"
#include "worker.h"

#define READERS 4
/* Answers that a reader wants before it maps anew. */
#define ANSWERS 8

/* Shared by all processes; counted with atomics. */
struct counts {
	long answers;
	long wrong_own;		/* of the cryptex that is mapped */
	long wrong_other;
	long seen[2];
	long switches;
	bool stop;
};

static struct counts *counts;

static void count(long *what)
{
	__atomic_add_fetch(what, 1, __ATOMIC_RELAXED);
}

static bool is_over(void)
{
	return __atomic_load_n(&counts->stop, __ATOMIC_RELAXED);
}

/* Every other page of another protection: a mapping each. */
static void map_many(long mappings)
{
	const long page = sysconf(_SC_PAGESIZE);
	char *area = mmap(NULL, mappings * page, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long i;

	if (area == MAP_FAILED)
		die_errno("mmap");
	for (i = 0; i < mappings; i += 2)
		if (mprotect(area + i * page, page, PROT_READ))
			die_errno("mprotect");
}

static const char *map_current(const struct cryptex *cx, size_t size)
{
	char *path = cryptex_path(cx, "current/a");
	int fd = open(path, O_RDONLY);
	const char *text;

	if (fd < 0)
		die_errno("%s", path);
	text = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		die_errno("mmap %s", path);
	close(fd);
	free(path);
	return text;
}

static char told(const struct cryptex *cx)
{
	char *path = cryptex_path(cx, "current"), label[32];
	ssize_t size = readlink(path, label, sizeof(label));

	if (size < 1)
		die_errno("%s", path);
	free(path);
	return label[0];
}

static void ask(const struct cryptex *own, const struct cryptex *other, char set)
{
	int i;

	for (i = 0; i < ANSWERS; i++) {
		if (told(own) != set)
			count(&counts->wrong_own);
		if (told(other) != set)
			count(&counts->wrong_other);
		count(&counts->answers);
	}
}

/* The file is mapped below all others, so it is the first that a walk meets. */
static void live(const struct cryptex *own, const struct cryptex *other,
		 long mappings)
{
	const size_t size = sysconf(_SC_PAGESIZE);
	const char *text;

	map_many(mappings);
	while (!is_over()) {
		text = map_current(own, size);
		count(&counts->seen[text[0] - '1']);
		ask(own, other, text[0]);
		munmap((void *)text, size);
	}
	_exit(0);
}

static void keep_switching(struct cryptex *cx)
{
	struct client *c = &cx->world->client;
	int err;

	client_close(c);
	if (client_open(c))
		die("the module is not loaded");
	while (!is_over()) {
		const char *label = counts->switches % 2 ? "1" : "2";
		struct item items[] = { { cx[0].name, label },
					{ cx[1].name, label } };

		err = client_activate(c, items, 2);
		if (err)
			die("activate: %s", strerror(-err));
		counts->switches++;
	}
	_exit(0);
}

static bool run(struct cryptex *cx, long seconds, long mappings)
{
	pid_t readers[READERS], switcher = worker_start();
	bool ok = true;
	int i;

	if (!switcher)
		keep_switching(cx);
	for (i = 0; i < READERS; i++) {
		readers[i] = worker_start();
		if (!readers[i])
			live(&cx[i % 2], &cx[1 - i % 2], mappings);
	}
	sleep(seconds);
	__atomic_store_n(&counts->stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < READERS; i++)
		ok &= worker_ended_well(readers[i]);
	return ok & worker_ended_well(switcher);
}

static void judge(bool ended)
{
	ksft_print_msg("answers %ld, of the mapped cryptex wrong %ld, of the other wrong %ld\n",
		       counts->answers, counts->wrong_own, counts->wrong_other);
	ksft_print_msg("switches %ld\n", counts->switches);
	ksft_test_result(ended, "every process came to an end\n");
	ksft_test_result(counts->seen[0] && counts->seen[1] &&
			 counts->switches > 100,
			 "both sets were seen\n");
	ksft_test_result(!counts->wrong_own, "what is mapped decides\n");
	ksft_test_result(!counts->wrong_other,
			 "what is mapped decides of the other cryptex\n");
}

int main(int argc, char **argv)
{
	long seconds = argc > 1 ? atol(argv[1]) : 30;
	long mappings = argc > 2 ? atol(argv[2]) : 4000;
	struct cryptex cx[2];
	struct world w;

	ksft_print_header();
	ksft_set_plan(4);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	world_init(&w);
	cryptex_init(&cx[0], &w, "walk-a");
	cryptex_simple(&cx[0], 2);
	cryptex_init(&cx[1], &w, "walk-b");
	cryptex_simple(&cx[1], 2);
	judge(run(cx, seconds, mappings));
	world_exit(&w);
	ksft_finished();
}
