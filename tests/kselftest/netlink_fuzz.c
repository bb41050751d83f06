// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: netlink_fuzz [--messages N] [--seed S] [--round R] [--sites FILE]
 *		       [--branches PERCENT]
 *
 * Sends requests of the family "cryptex", right and wrong ones, and looks at
 * each answer; see fuzz_message.c for what they are.  They come in rounds, each
 * with the module loaded anew.  The seed and the number of messages decide all
 * that is sent; --round sends one round of it only.
 *
 * Where the kernel has them, faults are injected into some requests and KCOV
 * tells which branches were taken, of those in FILE (by default
 * cryptex.sites beside this program, made by kcov_sites.sh); PERCENT of them (90)
 * must have been.
 */
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <kselftest.h>

#include "fuzz_round.h"
#include "leaks.h"
#include "module.h"
#include "report.h"
#include "worker.h"

#define ROUND 40000	/* messages */
#define ROUNDS 4	/* at least */

struct options {
	unsigned long messages;
	uint64_t seed;
	unsigned long round;
	bool one_round;
	const char *sites;
	unsigned long branches;
};

static struct fuzz_counts *counts;

static void parse(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{ "messages", required_argument, NULL, 'm' },
		{ "seed", required_argument, NULL, 's' },
		{ "round", required_argument, NULL, 'r' },
		{ "sites", required_argument, NULL, 'f' },
		{ "branches", required_argument, NULL, 'b' },
		{}
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'm': o->messages = strtoul(optarg, NULL, 0); break;
		case 's': o->seed = strtoull(optarg, NULL, 0); break;
		case 'r': o->round = strtoul(optarg, NULL, 0);
			  o->one_round = true; break;
		case 'f': o->sites = optarg; break;
		case 'b': o->branches = strtoul(optarg, NULL, 0); break;
		default: exit(KSFT_FAIL);
		}
	}
}

static unsigned long read_tainted(void)
{
	FILE *file = fopen("/proc/sys/kernel/tainted", "re");
	unsigned long tainted;

	if (!file || fscanf(file, "%lu", &tainted) != 1)
		die_errno("tainted");
	fclose(file);
	return tainted;
}

/* Retiring waits for grace periods, which else are most of the time. */
static void hurry(void)
{
	FILE *file = fopen("/sys/kernel/rcu_expedited", "we");

	if (!file)
		return;
	fputs("1", file);
	fclose(file);
}

/* In a process of its own, whose end unmounts everything. */
static bool run_round(const struct options *o, unsigned long number,
		      unsigned long messages, struct kcov *kcov)
{
	struct fuzz_random r = { o->seed + (number << 32) };
	pid_t pid = worker_start();

	if (!pid) {
		fuzz_round(&r, messages, kcov, counts);
		_exit(0);
	}
	if (worker_ended_well(pid))
		return true;
	note("round %lu has not come to its end", number);
	return false;
}

static bool run(const struct options *o, struct kcov *kcov)
{
	unsigned long size = o->messages / ROUNDS, number, done = 0;
	int file = module_open();
	bool right = true;

	size = size > ROUND ? ROUND : size + 1;
	for (number = 0; done < o->messages; number++, done += size) {
		if (o->one_round && number != o->round)
			continue;
		if (number && file >= 0) {
			module_unload();
			module_load();
		}
		right &= run_round(o, number, o->messages - done < size ?
				   o->messages - done : size, kcov);
		note("round %lu: %lu messages so far, %lu of them wrongly answered, %zu branches",
		     number, counts->messages, counts->wrong,
		     kcov ? kcov_count_reached(kcov) : 0);
		/* What was locked or revoked stays so. */
		if (file < 0)
			break;
	}
	return right;
}

static void judge_coverage(const struct kcov *kcov, const char *lacking,
			   unsigned long percent)
{
	size_t i, reached;

	if (lacking) {
		ksft_test_result_skip("branches: %s\n", lacking);
		return;
	}
	for (i = 0; i < kcov->count; i++)
		if (!kcov->reached[i])
			note("not reached: %s %s+0x%lx %s",
			     kcov->sites[i].function, kcov->sites[i].section,
			     kcov->sites[i].offset, kcov->sites[i].line);
	reached = kcov_count_reached(kcov);
	ksft_print_msg("branches of the handlers reached: %zu of %zu, %.1f %%\n",
		       reached, kcov->count, 100.0 * reached / kcov->count);
	ksft_test_result(reached * 100 >= kcov->count * percent,
			 "at least %lu %% of the branches were reached\n",
			 percent);
}

static void judge_leaks(bool possible)
{
	char *leaks;

	if (!possible) {
		ksft_test_result_skip("leaks: kmemleak does not watch\n");
		return;
	}
	leaks = leaks_end();
	if (*leaks)
		note("%s", leaks);
	ksft_test_result(!*leaks, "nothing leaked\n");
	free(leaks);
}

int main(int argc, char **argv)
{
	struct options o = { .messages = 20000, .branches = 90 };
	unsigned long tainted = read_tainted();
	char sites[PATH_MAX];
	bool leaks, right;
	const char *lacking;
	struct kcov kcov;

	if (getrandom(&o.seed, sizeof(o.seed), 0) != sizeof(o.seed))
		die_errno("getrandom");
	beside("cryptex.sites", sites);
	o.sites = sites;
	parse(argc, argv, &o);
	ksft_print_header();
	ksft_set_plan(5);
	ksft_print_msg("--messages %lu --seed %llu\n", o.messages,
		       (unsigned long long)o.seed);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	lacking = kcov_read_sites(&kcov, o.sites);
	leaks = leaks_begin();
	hurry();
	right = run(&o, lacking ? NULL : &kcov);
	fuzz_counts_print(counts);
	ksft_test_result(right && counts->messages, "all rounds ended well\n");
	ksft_test_result(!counts->wrong, "no answer that must not be\n");
	ksft_test_result(read_tainted() == tainted, "no report of the kernel\n");
	judge_coverage(&kcov, lacking, o.branches);
	judge_leaks(leaks);
	ksft_finished();
}
