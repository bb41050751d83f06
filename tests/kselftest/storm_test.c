// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: storm_test [--seconds N] [--launchers N] [--expect-mixed]
 *
 * The bar: everything at once. Programs that open a file of each of three
 * cryptexes through `current` are launched over and over, while others switch
 * sets of the three, stage, activate, revoke and retire more sets, mount and
 * unmount in namespaces of their own, and dump. Not one launch may see two sets,
 * not one path may be missing, and all that came has gone at the end.
 *
 * With --expect-mixed it passes only if some launches did see two sets: run so
 * with a module whose coherence is switched off, it shows that the test can
 * fail.
 */
#include <getopt.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <kselftest.h>

#include "report.h"
#include "storm.h"

#define SWITCHERS 4
#define MOUNTERS 2
#define DUMPERS 2
#define MAX_LAUNCHERS 64

/**
 * struct options - the command line
 * @seconds: how long
 * @launchers: processes that launch
 * @expect_mixed: see above
 */
struct options {
	long seconds;
	long launchers;
	bool expect_mixed;
};

static long positive(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || end == text || n < 1)
		die("not a number above 0: %s", text);
	return n;
}

static void parse(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "launchers", required_argument, NULL, 'l' },
		{ "expect-mixed", no_argument, NULL, 'm' },
		{}
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 's': o->seconds = positive(optarg); break;
		case 'l': o->launchers = positive(optarg); break;
		case 'm': o->expect_mixed = true; break;
		default: _exit(KSFT_FAIL);
		}
	}
	if (o->launchers > MAX_LAUNCHERS)
		die("more than %d launchers", MAX_LAUNCHERS);
}

/* Its seal is kept open: others mount it once more. */
static void mount_base(struct storm *s, int which)
{
	struct cryptex *cx = &s->cryptexes[which];
	struct mount_result result;
	struct tree t = {};
	struct blob seal;
	char path[32];

	snprintf(path, sizeof(path), "storm-%d", which);
	cryptex_init(cx, &s->world, path);
	storm_tree(s, which, 1, &t);
	seal = cryptex_seal(cx, "1", &t);
	s->base[which] = world_seal_file(&s->world, &seal);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->base[which]);
	result = cryptex_mount(path, s->world.store, cx->dir);
	if (result.err)
		die("mount: %s: %s", strerror(-result.err), result.text);
	tree_exit(&t);
	free(seal.data);
}

static void set_up(struct storm *s)
{
	char label[16];
	int i;

	s->counts = mmap(NULL, sizeof(*s->counts), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->counts == MAP_FAILED)
		die_errno("mmap");
	world_init(&s->world);
	for (i = 0; i < STORM_CRYPTEXES; i++)
		mount_base(s, i);
	for (i = 1; i <= STORM_LASTING; i++) {
		snprintf(label, sizeof(label), "%d", i);
		if (i > 1)
			storm_stage(s, i, label, NULL);
		s->counts->present[i] = true;
	}
}

static pid_t start(struct storm *s, storm_part *part, int which)
{
	pid_t pid = fork();

	if (pid < 0)
		die_errno("fork");
	if (pid)
		return pid;
	client_close(&s->world.client);
	if (client_open(&s->world.client))
		die("the module is not loaded");
	part(s, which);
	_exit(KSFT_FAIL);
}

static int start_all(struct storm *s, const struct options *o)
{
	const struct {
		storm_part *part;
		long count;
	} parts[] = {
		{ storm_launch, o->launchers },
		{ storm_switch, SWITCHERS },
		{ storm_churn, STORM_CHURNERS },
		{ storm_revoke, 1 },
		{ storm_mount, MOUNTERS },
		{ storm_dump, DUMPERS },
	};
	int i, started = 0;
	unsigned int p;

	for (p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
		for (i = 0; i < parts[p].count; i++, started++)
			start(s, parts[p].part, i);
	return started;
}

/* Until the time is over, or a part gives up. */
static bool run(struct storm *s, const struct options *o)
{
	int left = start_all(s, o), status, tenths;
	bool ok = true;

	for (tenths = 0; tenths < o->seconds * 10 && ok; tenths++) {
		storm_sleep(100000);
		ok = waitpid(-1, &status, WNOHANG) == 0;
	}
	__atomic_store_n(&s->counts->stop, true, __ATOMIC_RELAXED);
	for (left -= !ok; left; left--)
		ok &= wait(&status) > 0 && !status;
	return ok;
}

static void count_seen(const struct storm_counts *c, long *launches, int *sets)
{
	int i;

	*launches = c->mixed + c->not_opened + c->other;
	*sets = 0;
	for (i = 0; i <= STORM_MAX_SET; i++) {
		*launches += c->seen[i];
		*sets += !!c->seen[i];
	}
}

static void print_counts(const struct storm_counts *c, long launches, int sets)
{
	ksft_print_msg("launches %ld of %d sets: mixed %ld, failed to open %ld, other %ld; missing paths %ld, refused as revoked %ld\n",
		       launches, sets, c->mixed, c->not_opened, c->other,
		       c->missing, c->revoked);
	ksft_print_msg("switches %ld and %ld of sets that had gone; staged %ld, retired %ld (busy %ld), lists %ld\n",
		       c->switches, c->gone, c->staged, c->retired, c->busy,
		       c->lists);
	ksft_print_msg("mounts %ld, dumps %ld and %ld interrupted, users told %ld\n",
		       c->mounts, c->dumps, c->interrupted, c->users);
}

static bool all_took_part(const struct storm_counts *c)
{
	return c->switches && c->retired && c->lists && c->mounts && c->dumps &&
	       c->users;
}

static void judge(const struct storm_counts *c, const struct options *o,
		  bool ended)
{
	long launches;
	int sets;

	count_seen(c, &launches, &sets);
	print_counts(c, launches, sets);
	ksft_test_result(ended && all_took_part(c) && !c->other,
			 "every part did its work to the end\n");
	ksft_test_result(sets >= STORM_LASTING, "launches saw many sets\n");
	ksft_test_result(!c->missing && !c->not_opened,
			 "no path was missing\n");
	ksft_test_result(!c->torn_dumps, "no dump saw two sets active\n");
	if (o->expect_mixed)
		ksft_test_result(c->mixed, "without coherence some were mixed\n");
	else
		ksft_test_result(!c->mixed, "no launch saw two sets\n");
}

/* Nobody lives any more, so nothing holds a generation but the storm's end. */
static bool is_clean(struct storm *s)
{
	struct client *c = &s->world.client;
	struct generation *generations;
	struct user *users;
	char label[16];
	int i, count;
	bool ok = true;

	for (i = 2; i <= STORM_LASTING; i++) {
		snprintf(label, sizeof(label), "%d", i);
		storm_retire(s, label);
	}
	for (i = 0; i < STORM_CRYPTEXES; i++) {
		count = client_users(c, s->cryptexes[i].name, &users);
		ok &= count == 0;
		free(users);
		count = client_get(c, s->cryptexes[i].name, &generations);
		ok &= count == 1;
		ksft_print_msg("cryptex %d: generations left %d\n", i, count);
		free(generations);
	}
	return ok;
}

int main(int argc, char **argv)
{
	struct options o = { .seconds = 20, .launchers = 8 };
	struct storm s;
	bool ended;

	parse(argc, argv, &o);
	ksft_print_header();
	ksft_set_plan(6);
	set_up(&s);
	ended = run(&s, &o);
	judge(s.counts, &o, ended);
	ksft_test_result(is_clean(&s), "nothing is left but the bases\n");
	world_exit(&s.world);
	ksft_finished();
}
