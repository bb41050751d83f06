// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-publish release`: containers for machines that have a generation. */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "contents.h"
#include "pack.h"
#include "ways.h"

#define MAX_FROM	64

/* What the command line asks for. */
struct order {
	const char *in;
	const char *from[MAX_FROM];
	size_t from_count;
	const char *out;
	const char *antipatch;
};

enum { OPT_FROM = 256, OPT_ANTIPATCH };

static const struct option options[] = {
	{ "from", required_argument, NULL, OPT_FROM },
	{ "antipatch", required_argument, NULL, OPT_ANTIPATCH },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

/* The containers, all in one spool: the new one first, then those of --from. */
struct release {
	struct spool spool;
	struct contents loaded[1 + MAX_FROM];
	const char *path[1 + MAX_FROM];
	size_t count;
};

static int load(struct release *r, const char *path, struct cx_error *err)
{
	struct contents *c = &r->loaded[r->count];
	int ret = contents_load(path, NULL, &r->spool, c, err);

	if (ret < 0)
		return ret;
	r->path[r->count++] = path;
	ret = contents_check_whole(path, c, err);
	if (!ret && !c->seal.is_signed)
		ret = cx_fail(err, -ENOKEY,
			      "%s: is not signed yet: `" PROGRAM " sign` it first",
			      path);
	return ret;
}

static int check_pair(const struct release *r, size_t i, struct cx_error *err)
{
	const struct cx_seal *new = &r->loaded[0].seal, *old = &r->loaded[i].seal;

	if (strcmp(cx_seal_name(new), cx_seal_name(old)))
		return cx_fail(err, -EINVAL, "%s: is a cryptex %s, not %s",
			       r->path[i], cx_seal_name(old), cx_seal_name(new));
	if (!memcmp(new->digest, old->digest, CRYPTEX_DIGEST_SIZE))
		return cx_fail(err, -EINVAL,
			       "%s: is the same generation as %s: there is nothing to change",
			       r->path[i], r->path[0]);
	return 0;
}

static int write_ways(const struct release *r, const struct contents *target,
		      const struct ways *ways, const char *out,
		      struct cx_error *err)
{
	const struct cx_seal *seal = &target->seal;
	struct pack pack;
	int ret = pack_open(&pack, out, le64toh(seal->view.header->build_time),
			    err);

	if (ret < 0)
		return ret;
	ret = pack_seal(&pack, CX_CONTAINER_SEAL, seal->buf.data,
			seal->buf.size, err);
	if (!ret)
		ret = ways_write(ways, &r->spool, &pack, err);
	if (!ret)
		return pack_commit(&pack, err);
	pack_abort(&pack);
	return ret;
}

/* Against the whole container, as the packed sizes of both are known. */
static void tell(const struct release *r, size_t target, const char *out,
		 const struct ways *ways)
{
	const struct contents *c = &r->loaded[target];
	struct cx_container *made;

	if (cx_container_open(out, &made, NULL) < 0)
		return;
	printf("%s: %s@%s in %" PRIu64 " bytes, %.2f %% of the %" PRIu64
	       " of %s: %zu deltas, %zu whole\n", out, cx_seal_name(&c->seal),
	       cx_seal_label(&c->seal), cx_container_size(made),
	       100.0 * cx_container_size(made) / c->size, c->size,
	       r->path[target], ways->deltas, ways->count - ways->deltas);
	cx_container_close(made);
}

/* Write the generation @target for machines that have all the others. */
static int write_for(struct release *r, size_t target, const char *out,
		     struct cx_error *err)
{
	const struct contents *from[1 + MAX_FROM];
	struct ways ways;
	size_t i, count = 0;
	int ret;

	for (i = 0; i < r->count; i++)
		if (i != target)
			from[count++] = &r->loaded[i];
	ret = ways_find(&r->loaded[target], from, count, &r->spool, &ways, err);
	if (ret < 0)
		return ret;
	ret = write_ways(r, &r->loaded[target], &ways, out, err);
	if (!ret)
		tell(r, target, out, &ways);
	free(ways.list);
	return ret;
}

static int release(struct release *r, const struct order *order,
		   struct cx_error *err)
{
	size_t i;
	int ret = load(r, order->in, err);

	for (i = 0; !ret && i < order->from_count; i++) {
		ret = load(r, order->from[i], err);
		if (!ret)
			ret = check_pair(r, r->count - 1, err);
	}
	if (!ret && order->out)
		ret = write_for(r, 0, order->out, err);
	if (!ret && order->antipatch)
		ret = write_for(r, 1, order->antipatch, err);
	return ret;
}

static int open_and_release(const struct order *order, struct cx_error *err)
{
	struct release *r = calloc(1, sizeof(*r));
	int ret;

	if (!r)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = spool_open(&r->spool, err);
	if (!ret) {
		ret = release(r, order, err);
		spool_close(&r->spool);
	}
	while (r->count)
		contents_free(&r->loaded[--r->count]);
	free(r);
	return ret;
}

static const char *check(const struct order *order)
{
	if (!order->in)
		return "the container to release is missing";
	if (!order->from_count)
		return "--from is missing: which generation the machines have";
	if (!order->out && !order->antipatch)
		return "-o or --antipatch is missing: where to write";
	return NULL;
}

static int take(void *data, int option)
{
	struct order *order = data;

	switch (option) {
	case OPT_FROM:
		if (order->from_count == MAX_FROM)
			return usage_error(&command_release,
					   "--from: more than %d", MAX_FROM);
		order->from[order->from_count++] = optarg;
		return 0;
	case OPT_ANTIPATCH:
		order->antipatch = optarg;
		return 0;
	default:
		order->out = optarg;
		return 0;
	}
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_release, .options = options, .letters = ":o:h",
		.take = take,
	};
	int status = take_options(&syntax, argc, argv, order);

	if (!status && optind < argc)
		order->in = argv[optind++];
	if (!status)
		status = no_more(&command_release, argc, argv);
	if (!status && check(order))
		status = usage_error(&command_release, "%s", check(order));
	return status;
}

static int run(int argc, char **argv)
{
	struct order order = { 0 };
	struct cx_error err;
	int status = read_options(&order, argc, argv);

	if (!status && open_and_release(&order, &err) < 0)
		status = failure(&err);
	return status;
}

const struct command command_release = {
	.name = "release",
	.summary = "make the small containers that bring a generation, and lead back",
	.usage =
"Usage: " PROGRAM " release NEW.cryptex --from OLD.cryptex [--from MORE.cryptex]...\n"
"                       [-o PATCH.cryptex] [--antipatch ANTIPATCH.cryptex]\n"
"Make containers for machines that have a generation already. What both have is\n"
"left out, and what changed goes as a delta, where that is smaller. The seals\n"
"are those of NEW and OLD; no key is needed.\n"
"\n"
"  --from OLD             what the machines have, whole and signed; the likeliest\n"
"                         source of deltas first. A patch's base is there as well:\n"
"                         name it, too\n"
"  -o, --output FILE      brings NEW to a machine that has all of --from\n"
"  --antipatch FILE       brings the first --from back to a machine that has NEW\n"
"                         and the other --from\n"
"  -h, --help             this text\n"
"\n"
"The same input gives the same bytes.\n",
	.run = run,
};
