// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: torn_test [--launches N] [--dlopen N] [--workers N] [--pause US]
 *		    [--expect-mixed]
 *
 * The bar: a program that opens two libraries of one cryptex through `current`,
 * with a pause in between, is launched over and over while two generations are
 * switched without pause.  Not one launch may see both generations, not one may
 * fail to open a library.
 *
 * With --expect-mixed it passes only if some launches did see both: run so with
 * a module whose coherence is switched off, it shows that the test can fail.
 */
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include <kselftest.h>

#include "fixture.h"
#include "report.h"
#include "torn_probe.h"
#include "worker.h"

/**
 * struct options - the command line
 * @launches: of the static probe
 * @dlopens: launches of the one with the real dynamic linker, on top
 * @workers: that launch at the same time
 * @pause: microseconds between the two libraries
 * @expect_mixed: see above
 */
struct options {
	long launches;
	long dlopens;
	long workers;
	long pause;
	bool expect_mixed;
};

/* Shared by all processes; counted with atomics. */
struct counts {
	long tickets;		/* launches taken by a worker */
	long outcomes[TORN_WRONG_USE + 1];
	long other;		/* probes that ended in any other way */
	long switches;
	bool stop;
};

static struct counts *counts;

static void count(long *what)
{
	__atomic_add_fetch(what, 1, __ATOMIC_RELAXED);
}

static long number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || end == text || n < 0)
		die("not a number: %s", text);
	return n;
}

static void parse(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{ "launches", required_argument, NULL, 'l' },
		{ "dlopen", required_argument, NULL, 'd' },
		{ "workers", required_argument, NULL, 'w' },
		{ "pause", required_argument, NULL, 'p' },
		{ "expect-mixed", no_argument, NULL, 'm' },
		{}
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'l': o->launches = number(optarg); break;
		case 'd': o->dlopens = number(optarg); break;
		case 'w': o->workers = number(optarg); break;
		case 'p': o->pause = number(optarg); break;
		case 'm': o->expect_mixed = true; break;
		default: _exit(KSFT_FAIL);
		}
	}
}

static void add_library(struct tree *t, struct world *w, const char *path,
			char which, char generation)
{
	const char mark[] = { which, generation, '\n' };
	char name[32], file[PATH_MAX];
	struct blob lib, tail = { (uint8_t *)mark, sizeof(mark) }, all;

	snprintf(name, sizeof(name), "libtorn_%c.so", generation);
	beside(name, file);
	lib.data = file_read(file, &lib.size);
	if (!lib.data)
		die_errno("%s", file);
	all = blob_join(&lib, &tail);
	tree_add_data(t, w, path, 0755, all.data, all.size);
	free(lib.data);
	free(all.data);
}

static void make_cryptex(struct cryptex *cx)
{
	char generation;

	for (generation = '1'; generation <= '2'; generation++) {
		const char label[] = { generation, 0 };
		struct tree t = {};

		tree_add_dir(&t, "lib", 0755);
		add_library(&t, cx->world, TORN_LIB_A, 'a', generation);
		add_library(&t, cx->world, TORN_LIB_B, 'b', generation);
		if (generation == '1')
			cryptex_mount_base(cx, label, &t);
		else
			cryptex_stage(cx, label, &t);
		tree_exit(&t);
	}
}

static void launch(const char *probe, const char *dir, const char *pause)
{
	char *const argv[] = { (char *)probe, (char *)dir, (char *)pause, NULL };
	char *const env[] = { NULL };
	int status;
	pid_t pid;

	/* Without copying this process: emulated, that is most of the time. */
	if (posix_spawn(&pid, probe, NULL, NULL, argv, env))
		die_errno("%s", probe);
	if (waitpid(pid, &status, 0) != pid)
		die_errno("waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) <= TORN_WRONG_USE)
		count(&counts->outcomes[WEXITSTATUS(status)]);
	else
		count(&counts->other);
}

static void work(const struct options *o, const char *dir)
{
	char light[PATH_MAX], real[PATH_MAX], pause[16];
	long ticket;

	beside("torn_probe", light);
	beside("torn_dlopen", real);
	snprintf(pause, sizeof(pause), "%ld", o->pause);
	for (;;) {
		ticket = __atomic_fetch_add(&counts->tickets, 1,
					    __ATOMIC_RELAXED);
		if (ticket >= o->launches + o->dlopens)
			_exit(0);
		launch(ticket < o->launches ? light : real, dir, pause);
	}
}

/* Forward and back, for as long as there are launches. */
static void keep_switching(struct cryptex *cx)
{
	client_close(&cx->world->client);
	if (client_open(&cx->world->client))
		die("the module is not loaded");
	while (!__atomic_load_n(&counts->stop, __ATOMIC_RELAXED)) {
		cryptex_activate(cx, counts->switches % 2 ? "1" : "2");
		counts->switches++;
	}
	_exit(0);
}

static bool run(const struct options *o, struct cryptex *cx)
{
	char *dir = cryptex_path(cx, "current");
	pid_t workers[o->workers], switcher = worker_start();
	bool ok = true;
	long i;

	if (!switcher)
		keep_switching(cx);
	for (i = 0; i < o->workers; i++) {
		workers[i] = worker_start();
		if (!workers[i])
			work(o, dir);
	}
	for (i = 0; i < o->workers; i++)
		ok &= worker_ended_well(workers[i]);
	__atomic_store_n(&counts->stop, true, __ATOMIC_RELAXED);
	ok &= worker_ended_well(switcher);
	free(dir);
	return ok;
}

static void print_counts(time_t seconds)
{
	ksft_print_msg("launches %ld: first %ld, second %ld, mixed %ld, failed to open %ld, other %ld\n",
		       counts->outcomes[TORN_FIRST] +
		       counts->outcomes[TORN_SECOND] +
		       counts->outcomes[TORN_MIXED] +
		       counts->outcomes[TORN_NOT_OPENED] + counts->other,
		       counts->outcomes[TORN_FIRST],
		       counts->outcomes[TORN_SECOND],
		       counts->outcomes[TORN_MIXED],
		       counts->outcomes[TORN_NOT_OPENED], counts->other);
	ksft_print_msg("switches %ld, %ld s\n", counts->switches, (long)seconds);
}

static void judge(const struct options *o, bool ended)
{
	long first = counts->outcomes[TORN_FIRST];
	long second = counts->outcomes[TORN_SECOND];
	long mixed = counts->outcomes[TORN_MIXED];
	long launches = first + second + mixed +
			counts->outcomes[TORN_NOT_OPENED];

	ksft_test_result(ended && !counts->other &&
			 launches == o->launches + o->dlopens,
			 "every launch came to an end\n");
	/* Else nothing was switched under the launches. */
	ksft_test_result(first && second && counts->switches > launches / 100,
			 "both generations were seen\n");
	ksft_test_result(!counts->outcomes[TORN_NOT_OPENED],
			 "every library could be opened\n");
	if (o->expect_mixed)
		ksft_test_result(mixed, "without coherence some were mixed\n");
	else
		ksft_test_result(!mixed, "no launch saw both generations\n");
}

int main(int argc, char **argv)
{
	struct options o = {
		.launches = 18000, .dlopens = 2000, .workers = 4, .pause = 200,
	};
	time_t begin = time(NULL);
	struct cryptex cx;
	struct world w;
	bool ended;

	parse(argc, argv, &o);
	ksft_print_header();
	ksft_set_plan(4);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	world_init(&w);
	cryptex_init(&cx, &w, "torn");
	make_cryptex(&cx);
	ended = run(&o, &cx);
	print_counts(time(NULL) - begin);
	judge(&o, ended);
	world_exit(&w);
	ksft_finished();
}
