// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-delta bench`: the command line, and pair after pair. */
#include "bench.h"
#include "commands.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
"Usage: cryptex-delta bench [OPTION]... CORPUS.tsv [PAIR]...\n"
"Measure patches of a list's pairs, in both directions, beside bsdiff and zstd.\n"
"\n"
"  --files DIR       where PAIR/old and PAIR/new are; as it comes, the cache,\n"
"                    which tests/bench/fetch-corpus.sh fills\n"
"  --max-size BYTES  leave out pairs with a larger file\n"
"  --json FILE       write the figures there as well\n";

enum { OPT_FILES = 256, OPT_MAX_SIZE, OPT_JSON, OPT_HELP };

static const struct option options[] = {
	{ "files", required_argument, NULL, OPT_FILES },
	{ "max-size", required_argument, NULL, OPT_MAX_SIZE },
	{ "json", required_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

/* The same folder as that of scripts/lib.sh. */
static void default_folder(char *folder, size_t size)
{
	const char *own = getenv("CRYPTEX_CACHE");
	const char *user = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (own && *own)
		snprintf(folder, size, "%s/corpus", own);
	else if (user && *user)
		snprintf(folder, size, "%s/cryptex/corpus", user);
	else
		snprintf(folder, size, "%s/.cache/cryptex/corpus", home ? home : "");
}

static int set_max_size(struct bench_pick *pick, const char *text)
{
	char *end;

	errno = 0;
	pick->max_size = strtoull(text, &end, 10);
	if (!errno && end != text && !*end && *text != '-')
		return 0;
	fprintf(stderr, "cryptex-delta: --max-size %s is no number of bytes\n", text);
	return -EINVAL;
}

static int parse(int argc, char **argv, struct bench_pick *pick,
		 const char **json)
{
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case OPT_FILES:
			snprintf(pick->folder, sizeof(pick->folder), "%s", optarg);
			break;
		case OPT_MAX_SIZE:
			if (set_max_size(pick, optarg))
				return -EINVAL;
			break;
		case OPT_JSON:
			*json = optarg;
			break;
		case OPT_HELP:
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		default:
			return -EINVAL;
		}
	}
	if (optind >= argc)
		return -EINVAL;
	pick->list = argv[optind];
	pick->names = argv + optind + 1;
	pick->count = argc - optind - 1;
	return 0;
}

/* Says what is under way: the large pairs take minutes. */
static void progress(size_t i, size_t count, const struct bench_pair *pair)
{
	fprintf(stderr, "[%zu/%zu] %s (%" PRIu64 " bytes)\n", i + 1, count,
		pair->name, pair->new_size);
}

/* One that fails does not take the others' figures along. */
static size_t measure_all(const struct bench_pair *pairs, size_t count,
			  struct bench_result *results)
{
	char folder[] = "/tmp/cryptex-bench.XXXXXX";
	struct cx_error err;
	size_t i, good = 0;

	if (!mkdtemp(folder)) {
		perror("cryptex-delta: a folder in /tmp");
		return 0;
	}
	for (i = 0; i < count; i++) {
		progress(i, count, &pairs[i]);
		if (bench_measure(&pairs[i], folder, &results[good], &err))
			fprintf(stderr, "cryptex-delta: %s: %s\n", pairs[i].name,
				err.text);
		else
			good++;
	}
	rmdir(folder);
	return good;
}

static int measure(const struct bench_pick *pick, const char *json,
		   struct cx_error *err)
{
	struct bench_result *results;
	struct bench_pair *pairs;
	size_t count, good;
	int ret;

	ret = bench_pairs(pick, &pairs, &count, err);
	if (ret)
		return ret;
	results = calloc(count, sizeof(*results));
	if (!results) {
		free(pairs);
		return cx_fail(err, -ENOMEM, "out of memory");
	}
	good = measure_all(pairs, count, results);
	if (good)
		bench_print(results, good);
	if (good && json)
		ret = bench_write_json(results, good, json, err);
	if (!ret && good < count)
		ret = cx_fail(err, -EIO, "%zu of %zu pairs failed", count - good,
			      count);
	free(results);
	free(pairs);
	return ret;
}

int cx_delta_cmd_bench(int argc, char **argv, struct cx_error *err)
{
	struct bench_pick pick = { .max_size = UINT64_MAX };
	const char *json = NULL;

	default_folder(pick.folder, sizeof(pick.folder));
	/* getopt skips a name, which stands in front. */
	if (parse(argc + 1, argv - 1, &pick, &json)) {
		fputs(usage, stderr);
		return cx_fail(err, -EINVAL, "the command line is wrong");
	}
	return measure(&pick, json, err);
}
