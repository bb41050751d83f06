// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Compared through small buffers: a large one would count as the child's. */
#define CHUNK	65536

int bench_size(const char *path, uint64_t *size, struct cx_error *err)
{
	struct stat st;

	if (stat(path, &st))
		return cx_fail(err, -errno, "%s: %s", path, strerror(errno));
	*size = st.st_size;
	return 0;
}

static bool same_content(FILE *a, FILE *b)
{
	static char one[CHUNK], two[CHUNK];
	size_t n;

	do {
		n = fread(one, 1, CHUNK, a);
		if (fread(two, 1, CHUNK, b) != n || memcmp(one, two, n))
			return false;
	} while (n);
	return !ferror(a) && !ferror(b);
}

int bench_same(const char *a, const char *b, struct cx_error *err)
{
	FILE *one = fopen(a, "re"), *two = fopen(b, "re");
	bool same = one && two && same_content(one, two);

	if (one)
		fclose(one);
	if (two)
		fclose(two);
	if (!same)
		return cx_fail(err, -EBADMSG, "%s is not the same as %s", a, b);
	return 0;
}

static bool is_picked(const struct bench_pick *pick, const char *name)
{
	size_t i;

	for (i = 0; i < pick->count; i++)
		if (!strcmp(pick->names[i], name))
			return true;
	return !pick->count;
}

static bool is_too_large(const struct bench_pick *pick,
			 const struct bench_pair *pair)
{
	return pair->old_size > pick->max_size || pair->new_size > pick->max_size;
}

/* Whether the pair can be measured. */
static bool find_pair(const struct bench_pick *pick, const char *name,
		      struct bench_pair *pair)
{
	snprintf(pair->name, sizeof(pair->name), "%s", name);
	if ((size_t)snprintf(pair->old, sizeof(pair->old), "%s/%s/old",
			     pick->folder, name) >= sizeof(pair->old) ||
	    (size_t)snprintf(pair->new, sizeof(pair->new), "%s/%s/new",
			     pick->folder, name) >= sizeof(pair->new))
		return false;
	if (!bench_size(pair->old, &pair->old_size, NULL) &&
	    !bench_size(pair->new, &pair->new_size, NULL))
		return !is_too_large(pick, pair);
	fprintf(stderr, "cryptex-delta: skipped: there is no %s and %s: "
		"tests/bench/fetch-corpus.sh fetches them\n", pair->old, "new");
	return false;
}

static int by_size(const void *a, const void *b)
{
	const struct bench_pair *one = a, *two = b;

	if (one->old_size != two->old_size)
		return one->old_size < two->old_size ? -1 : 1;
	return strcmp(one->name, two->name);
}

static int add_line(const struct bench_pick *pick, const char *line,
		    struct bench_pair **pairs, size_t *count, size_t *named)
{
	char name[sizeof((*pairs)->name)];
	struct bench_pair *more;
	size_t n = strcspn(line, "\t\n");

	if (!n || n >= sizeof(name))
		return -EINVAL;
	snprintf(name, sizeof(name), "%.*s", (int)n, line);
	if (!is_picked(pick, name))
		return 0;
	(*named)++;
	more = reallocarray(*pairs, *count + 1, sizeof(**pairs));
	if (!more)
		return -ENOMEM;
	*pairs = more;
	if (find_pair(pick, name, &more[*count]))
		(*count)++;
	return 0;
}

static int read_lines(FILE *file, const struct bench_pick *pick,
		      struct bench_pair **pairs, size_t *count, size_t *named)
{
	char *line = NULL;
	size_t size = 0;
	bool title = true;
	int ret = 0;

	while (!ret && getline(&line, &size, file) >= 0) {
		if (!title)
			ret = add_line(pick, line, pairs, count, named);
		title = false;
	}
	free(line);
	return ret;
}

int bench_pairs(const struct bench_pick *pick, struct bench_pair **pairs,
		size_t *count, struct cx_error *err)
{
	FILE *file = fopen(pick->list, "re");
	size_t named = 0;
	int ret;

	if (!file)
		return cx_fail(err, -errno, "%s: %s", pick->list, strerror(errno));
	*pairs = NULL;
	*count = 0;
	ret = read_lines(file, pick, pairs, count, &named);
	fclose(file);
	if (ret)
		cx_fail(err, ret, "%s: %s", pick->list, strerror(-ret));
	else if (named < pick->count)
		ret = cx_fail(err, -ENOENT, "%s does not have each of the pairs that are named",
			      pick->list);
	else if (!*count)
		ret = cx_fail(err, -ENOENT, "%s: no pair is left", pick->list);
	if (ret)
		free(*pairs);
	else
		qsort(*pairs, *count, sizeof(**pairs), by_size);
	return ret;
}
