// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo release`: sealed containers become what machines can get. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "deltas.h"
#include "intake.h"

#define DEFAULT_PREVIOUS	3
#define MAX_PREVIOUS		64

/* What the command line asks for. */
struct order {
	struct site site;
	char **containers;
	size_t count;
	struct terms terms;
	struct cx_trust trust;
	unsigned long long previous;
};

enum { OPT_PREVIOUS = 256, OPT_CERT };

static const struct option options[] = {
	{ "channel", required_argument, NULL, OPT_CHANNEL },
	{ "hardware", required_argument, NULL, OPT_HARDWARE },
	{ "urgency", required_argument, NULL, OPT_URGENCY },
	{ "activation", required_argument, NULL, OPT_ACTIVATION },
	{ "percent", required_argument, NULL, OPT_PERCENT },
	{ "start", required_argument, NULL, OPT_START },
	{ "previous", required_argument, NULL, OPT_PREVIOUS },
	{ "cert", required_argument, NULL, OPT_CERT },
	KEY_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

/* Patches for the same base, the newest first. */
struct relatives {
	const json_t **list;
	size_t count;
};

static int compare(const void *a, const void *b)
{
	return release_newer(*(const json_t *const *)b,
			     *(const json_t *const *)a);
}

static bool is_relative(const json_t *custom, const json_t *of)
{
	static const char *const same[] = { "name", "base" };
	size_t i;

	for (i = 0; i < 2; i++)
		if (!custom || strcmp(metadata_text(custom, same[i]) ?: "",
				      metadata_text(of, same[i])))
			return false;
	return strcmp(metadata_text(custom, "digest") ?: "",
		      metadata_text(of, "digest"));
}

static void add_relative(struct relatives *r, const json_t *custom,
			 const json_t *of)
{
	if (is_relative(custom, of))
		r->list[r->count++] = custom;
}

/* Of the metadata, and of what is released along with it. */
static int find_relatives(const struct lineage *lineage, const struct member *m,
			  struct relatives *r, struct cx_error *err)
{
	json_t *targets = json_object_get(repo_body(lineage->repo, m->role),
					  "targets");
	const char *target;
	json_t *entry;
	size_t i;

	*r = (struct relatives){
		.list = calloc(json_object_size(targets) + lineage->count + 1,
			       sizeof(*r->list)),
	};
	if (!r->list)
		return cx_fail(err, -ENOMEM, "out of memory");
	json_object_foreach(targets, target, entry)
		add_relative(r, json_object_get(json_object_get(entry, "custom"),
						"cryptex"), m->custom);
	for (i = 0; i < lineage->count; i++)
		if (lineage->list[i]->seal.size)
			add_relative(r, lineage->list[i]->custom, m->custom);
	qsort(r->list, r->count, sizeof(*r->list), compare);
	return 0;
}

static bool is_base(const json_t *custom)
{
	return !strcmp(metadata_text(custom, "kind") ?: "", "base");
}

static int both_ways(struct lineage *lineage, struct member *m,
		     const json_t *custom, struct member *base,
		     struct cx_error *err)
{
	struct member *old;
	int ret = lineage_load(lineage, custom, &old, err);

	if (!ret)
		ret = deltas_make(lineage, m, old, base, err);
	return ret ? ret : deltas_make(lineage, old, m, base, err);
}

/* From the base, and from the last @previous patches for it. */
static int make_deltas(struct lineage *lineage, struct member *m,
		       unsigned long long previous, struct cx_error *err)
{
	struct member *base = lineage_find(lineage,
					   metadata_text(m->custom, "name"),
					   metadata_text(m->custom, "base"));
	struct relatives r;
	size_t i;
	int ret = find_relatives(lineage, m, &r, err);

	for (i = 0; !ret && i < r.count; i++) {
		if (!is_base(r.list[i])) {
			if (!previous)
				continue;
			previous--;
		}
		ret = both_ways(lineage, m, r.list[i], base, err);
	}
	free(r.list);
	return ret;
}

static void tell(const struct member *m)
{
	const json_t *objects = json_object_get(m->index, "objects"), *object;
	uint64_t whole = 0, best = 0;
	const char *digest, *old;
	json_t *size;

	json_object_foreach((json_t *)objects, digest, object) {
		json_int_t packed = metadata_number(object, "packed");
		json_int_t least = packed;

		json_object_foreach(json_object_get(object, "deltas"), old, size)
			if (json_integer_value(size) < least)
				least = json_integer_value(size);
		whole += packed;
		best += least;
	}
	printf("%s@%s: %s, %zu objects of %" PRIu64 " bytes packed; with deltas %"
	       PRIu64 "\n", metadata_text(m->custom, "name"),
	       metadata_text(m->custom, "label"),
	       metadata_text(m->custom, "kind"), json_object_size(objects),
	       whole, best);
}

static int take_all(const struct order *order, struct lineage *lineage,
		    struct cx_error *err)
{
	struct member *m;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < order->count; i++) {
		ret = intake(lineage, order->containers[i], &order->trust,
			     &order->terms, &m, err);
		if (!ret && m && !is_base(m->custom))
			ret = make_deltas(lineage, m, order->previous, err);
		if (!ret && !m)
			printf("%s: is released already\n",
			       order->containers[i]);
	}
	return ret;
}

static int publish(const struct order *order, struct lineage *lineage,
		   const struct keyring *ring, struct cx_error *err)
{
	size_t i;
	int ret = take_all(order, lineage, err);

	if (!ret)
		ret = lineage_stage(lineage, err);
	if (!ret)
		ret = repo_publish(lineage->repo, ring, err);
	for (i = 0; !ret && i < lineage->count; i++)
		if (lineage->list[i]->seal.size)
			tell(lineage->list[i]);
	return ret;
}

static int release(void *order, struct repo *repo, struct keyring *ring,
		   struct cx_error *err)
{
	struct lineage lineage;
	int ret = lineage_open(&lineage, repo, err);

	if (ret < 0)
		return ret;
	ret = publish(order, &lineage, ring, err);
	lineage_close(&lineage);
	return ret;
}

static int take(void *data, int option)
{
	struct order *order = data;
	struct cx_error err;

	if (option == OPT_CERT)
		return cx_trust_add(&order->trust, optarg, &err) < 0 ?
			       failure(&err) : 0;
	if (option == OPT_PREVIOUS)
		return parse_number(optarg, MAX_PREVIOUS, &order->previous) < 0 ?
			       usage_error(&command_release,
					   "--previous \"%s\": must be a number from 0 to %d",
					   optarg, MAX_PREVIOUS) : 0;
	return terms_take(&order->terms, option, optarg, &err) < 0 ?
		       usage_error(&command_release, "%s", err.text) : 0;
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_release, .options = options, .take = take,
	};
	int status = read_site(&syntax, argc, argv, &order->site, order);

	if (status)
		return status;
	order->containers = argv + optind;
	order->count = argc - optind;
	return order->count ? 0 : usage_error(&command_release,
					      "the containers to release are missing");
}

static int run(int argc, char **argv)
{
	struct order order = { .previous = DEFAULT_PREVIOUS };
	int status = read_options(&order, argc, argv);

	if (!status)
		status = edit_site(&order.site, release, &order);
	cx_trust_free(&order.trust);
	return status;
}

const struct command command_release = {
	.name = "release",
	.summary = "publish sealed containers",
	.usage =
"Usage: " PROGRAM " release DIR CONTAINER.cryptex... [OPTION]...\n"
"Publish whole, signed containers: their seals and objects, and deltas between\n"
"them and what machines have, in both directions. All of them appear at once. What\n"
"is released already is left as it is.\n"
"\n"
"  --channel NAME         who follows this channel gets it (stable)\n"
"  --hardware CLASS,...   only for these classes of hardware\n"
"  --percent N            only for so many of 100 machines (100)\n"
"  --start TIME           not before: 2026-11-22T06:00:00Z (now)\n"
"  --urgency URGENCY      routine, or urgent, which heeds no percentage (routine)\n"
"  --activation WHEN      relaunch: new processes get it; or boot (relaunch)\n"
"  --previous N           deltas also for the last N patches for the same base (3)\n"
"  --cert CERT            the seals must be signed by this certificate's key; may be\n"
"                         given more than once. Without it no seal is verified\n"
KEY_HELP
"  -h, --help             this text\n"
"\n"
"With keys that sign the same twice (Ed25519), the same repository, input and\n"
"$SOURCE_DATE_EPOCH give the same bytes.\n",
	.run = run,
};
