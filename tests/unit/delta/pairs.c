// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Round trips of generated pairs.
 *
 * Usage: delta-pairs SEED COUNT FAILED FILE...
 *
 * Each pair is made of the files, by a generator that SEED and the pair's
 * number decide.  The first that fails is left in FAILED.old and FAILED.new.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutate.h"
#include "../../random.h"
#include "trip.h"

#define DONE_MAX	256

struct pair {
	struct bytes old;
	struct bytes new;
	char done[DONE_MAX];	/* how it was made */
};

struct files {
	struct bytes *all;
	size_t count;
};

static struct bytes repetitive(struct random *r)
{
	struct bytes b = bytes_new(random_length(r, 20000));
	size_t i, period = 1 + random_length(r, 300);

	for (i = 0; i < b.size; i++)
		b.data[i] = i < period || random_one_in(r, 500) ? random_u64(r) :
								  b.data[i - period];
	return b;
}

static struct bytes whole_or_part(const struct bytes *file, struct random *r)
{
	size_t from = 0, size = file->size;

	if (random_one_in(r, 4))
		from = random_below(r, file->size + 1);
	if (random_one_in(r, 4) || size > MUTATE_MAX)
		size = random_length(r, MUTATE_MAX / 2);
	if (size > file->size - from)
		size = file->size - from;
	return bytes_copy(file->data + from, size);
}

static struct bytes pick(const struct files *files, struct random *r)
{
	if (random_one_in(r, 10))
		return repetitive(r);
	if (random_one_in(r, 40))
		return bytes_new(random_length(r, 64));
	return whole_or_part(&files->all[random_below(r, files->count)], r);
}

static void note(struct pair *pair, const char *what)
{
	size_t used = strlen(pair->done);

	snprintf(pair->done + used, sizeof(pair->done) - used, " %s", what);
}

static void generate(struct pair *pair, const struct files *files, struct random *r)
{
	unsigned int changes = random_below(r, 7);

	pair->done[0] = '\0';
	pair->old = pick(files, r);
	if (random_one_in(r, 3)) {
		pair->new = pick(files, r);
		note(pair, "another");
		changes /= 2;
	} else {
		pair->new = bytes_copy(pair->old.data, pair->old.size);
	}
	while (changes--)
		note(pair, mutate(&pair->new, r));
	if (random_one_in(r, 2)) {
		struct bytes swap = pair->old;

		pair->old = pair->new;
		pair->new = swap;
	}
}

static void keep(const char *name, const char *suffix, const struct bytes *b)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s.%s", name, suffix);
	file = fopen(path, "we");
	if (!file || fwrite(b->data, 1, b->size, file) != b->size || fclose(file))
		perror(path);
}

/* The sum tells whether two runs, or two machines, made the same patches. */
static int run(uint64_t seed, uint64_t count, const char *failed,
	       const struct files *files, uint64_t *sum)
{
	struct cx_error err = { "" };
	struct pair pair;
	uint64_t i;
	size_t size = 0;
	int ret = 0;

	for (i = 0; i < count && !ret; i++) {
		struct random r = { seed * 1000003 + i };

		generate(&pair, files, &r);
		ret = trip_round(&pair.old, &pair.new, &size, &err);
		*sum += size;
		if (ret) {
			printf("# pair %" PRIu64 " of seed %" PRIu64 " (%zu to %zu bytes:%s): %s\n",
			       i, seed, pair.old.size, pair.new.size, pair.done, err.text);
			keep(failed, "old", &pair.old);
			keep(failed, "new", &pair.new);
		}
		bytes_free(&pair.old);
		bytes_free(&pair.new);
	}
	return ret;
}

int main(int argc, char **argv)
{
	struct files files;
	uint64_t sum = 0;
	size_t i;
	int ret;

	if (argc < 5) {
		fputs("usage: delta-pairs SEED COUNT FAILED FILE...\n", stderr);
		return 2;
	}
	files.count = argc - 4;
	files.all = calloc(files.count, sizeof(*files.all));
	if (!files.all)
		return 1;
	for (i = 0; i < files.count; i++)
		files.all[i] = bytes_read(argv[4 + i]);
	ret = run(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10),
		  argv[3], &files, &sum);
	printf("%s pairs of seed %s, patches of %" PRIu64 " bytes\n", argv[2],
	       argv[1], sum);
	for (i = 0; i < files.count; i++)
		bytes_free(&files.all[i]);
	free(files.all);
	return ret ? 1 : 0;
}
