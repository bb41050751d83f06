// SPDX-License-Identifier: LGPL-2.1-or-later
#include "generation.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "changelog.h"
#include "command.h"
#include "contents.h"
#include "elfcheck.h"
#include "machine.h"
#include "manifest.h"
#include "objects.h"
#include "pack.h"

/* A build under way. */
struct generation {
	struct request *request;
	struct spool spool;
	struct tree tree;
	struct deb *debs;		/* as many as inputs; folders have none */
	char label[CRYPTEX_LABEL_SIZE];
	struct contents base;
	struct release release;
	struct cx_error *err;
};

/* Of a package the code is taken, not its manual. */
static int deb_filter(const struct request *request, struct filter *filter,
		      struct cx_error *err)
{
	int ret;

	*filter = request->filter;
	if (filter->include.count)
		return 0;
	ret = globs_add(&filter->include, "usr/lib/*", err);
	return ret < 0 ? ret : globs_add(&filter->include, "lib/*", err);
}

static int read_inputs(struct generation *g)
{
	struct request *q = g->request;
	bool prune = q->filter.include.count;
	struct filter filter = { 0 };
	size_t i;
	int ret = deb_filter(q, &filter, g->err);

	for (i = 0; !ret && i < q->input_count; i++) {
		const struct input *input = &q->inputs[i];

		if (input->is_deb)
			ret = input_deb(&g->tree, input->path, &filter,
					&g->debs[i], g->err);
		else
			ret = input_dir(&g->tree, input->path, &q->filter,
					g->err);
		prune |= input->is_deb;
	}
	if (!q->filter.include.count)
		free(filter.include.list);
	if (prune)
		tree_prune(&g->tree);
	if (!ret && g->tree.entries == 1)
		ret = cx_fail(g->err, -ENODATA,
			      "there is nothing to seal: the inputs are empty, or the filter takes nothing of them");
	return ret;
}

/* The label of the first package; all must agree on it. */
static int choose_label(struct generation *g)
{
	const struct request *q = g->request;
	const char *first = NULL;
	size_t i;

	g->release.label = q->label ? q->label : g->label;
	if (q->label)
		return 0;
	for (i = 0; i < q->input_count; i++) {
		const char *version = g->debs[i].version;

		if (!version)
			continue;
		if (first && strcmp(version, first))
			return cx_fail(g->err, -EINVAL,
				       "%s has the version %s, another package %s: give --label",
				       q->inputs[i].path, version, first);
		first = version;
	}
	return first ? changelog_label(first, g->label, g->err)
		     : cx_fail(g->err, -EINVAL, "a folder has no version: give --label");
}

static int newest(struct node *node, void *ctx, struct cx_error *err)
{
	uint64_t *time = ctx;

	(void)err;
	/* A folder's time tells when something was copied there. */
	if (!S_ISDIR(node->mode) && node->mtime > 0 &&
	    (uint64_t)node->mtime > *time)
		*time = node->mtime;
	return 0;
}

static int choose_time(struct generation *g)
{
	uint64_t time = 0;

	if (g->request->has_time)
		time = g->request->build_time;
	else
		tree_walk(&g->tree, newest, &time, g->err);
	if (time > BUILD_TIME_MAX)
		return cx_fail(g->err, -ERANGE,
			       "a file's time is too far in the future: give --build-time");
	g->release.build_time = time;
	return 0;
}

static uint16_t base_machine(const struct generation *g)
{
	return le16toh(g->base.seal.view.header->machine);
}

static int check_architecture(struct generation *g, size_t i,
			      uint16_t *wanted)
{
	const char *path = g->request->inputs[i].path;
	const char *architecture = g->debs[i].architecture;
	uint16_t machine = architecture ? machine_of_debian(architecture) : 0;

	if (!machine)
		return 0;
	if (*wanted && machine != *wanted)
		return cx_fail(g->err, -ENOEXEC,
			       "%s: is a package for %s (%s), but a package for %s is wanted here",
			       path, architecture, machine_name(machine),
			       machine_name(*wanted));
	if (g->release.is_patch && base_machine(g) &&
	    machine != base_machine(g))
		return cx_fail(g->err, -ENOEXEC,
			       "%s: is a package for %s (%s), but the base %s is for %s",
			       path, architecture, machine_name(machine),
			       g->request->base, machine_name(base_machine(g)));
	*wanted = machine;
	return 0;
}

static int choose_machine(struct generation *g)
{
	const struct request *q = g->request;
	uint16_t wanted = q->has_machine ? q->machine : 0;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < q->input_count; i++)
		ret = check_architecture(g, i, &wanted);
	/* "none" says: for any machine, whatever is in there. */
	if (!ret && !(q->has_machine && !q->machine))
		ret = elfcheck_machine(&g->tree, wanted, &g->release.machine,
				       g->err);
	if (!ret && q->has_machine)
		g->release.machine = q->machine;
	/* A patch without code is for the machine of its base. */
	if (!ret && g->release.is_patch && !q->has_machine &&
	    !g->release.machine)
		g->release.machine = base_machine(g);
	if (!ret && g->release.is_patch && g->release.machine != base_machine(g))
		ret = cx_fail(g->err, -ENOEXEC,
			      "%s: the base is for the machine %s, the patch for %s",
			      q->base, machine_name(base_machine(g)),
			      machine_name(g->release.machine));
	return ret;
}

static int load_base(struct generation *g)
{
	struct request *q = g->request;
	int ret = contents_load(q->base, NULL, &g->spool, &g->base, g->err);

	if (!ret)
		ret = contents_check_whole(q->base, &g->base, g->err);
	if (ret < 0)
		return ret;
	if (!cryptex_seal_is_base(&g->base.seal.view))
		return cx_fail(g->err, -EINVAL,
			       "%s: is a patch itself; a patch is made for a base",
			       q->base);
	if (strcmp(cx_seal_name(&g->base.seal), q->name))
		return cx_fail(g->err, -EINVAL,
			       "%s: is a base of %s, not of %s", q->base,
			       cx_seal_name(&g->base.seal), q->name);
	g->release.is_patch = true;
	memcpy(g->release.base_digest, g->base.seal.digest,
	       CRYPTEX_DIGEST_SIZE);
	return 0;
}

static int check_against_base(struct generation *g)
{
	const struct request *q = g->request;
	uint32_t epoch = le32toh(g->base.seal.view.header->security_epoch);

	if (!strcmp(cx_seal_label(&g->base.seal), g->release.label))
		return cx_fail(g->err, -EEXIST,
			       "%s: the base has the label %s already; a patch needs another one",
			       q->base, g->release.label);
	if (!q->has_epoch)
		g->release.security_epoch = epoch;
	if (g->release.security_epoch < epoch)
		return cx_fail(g->err, -EINVAL,
			       "the security epoch %u is below that of the base, %u",
			       g->release.security_epoch, epoch);
	return 0;
}

static int check_abi(struct generation *g)
{
	struct tree base;
	int ret = contents_tree(&g->base, &g->spool, &base, g->err);

	if (ret < 0)
		return ret;
	ret = elfcheck_abi(&base, &g->tree, g->err);
	tree_free(&base);
	if (ret == -ENOTUNIQ && g->request->allow_abi_break) {
		warn("%s", g->err->text);
		return 0;
	}
	return ret;
}

static int collect_fixes(struct generation *g)
{
	struct request *q = g->request;
	size_t i;
	int ret;

	for (i = 0; i < q->input_count; i++) {
		if (!q->inputs[i].is_deb)
			continue;
		ret = changelog_fixes(&g->debs[i], cx_seal_label(&g->base.seal),
				      &q->fixes, g->err);
		if (ret == -ENOENT)
			warn("%s, so no fixes are taken from it; --fix names them",
			     g->err->text);
		else if (ret < 0)
			return ret;
	}
	g->release.fixes = q->fixes;
	return 0;
}

static int write_container(struct generation *g, const struct cx_buf *manifest,
			   const struct objects *objects)
{
	struct pack pack;
	int ret = pack_open(&pack, g->request->out, g->release.build_time,
			    g->err);

	if (ret < 0)
		return ret;
	ret = pack_seal(&pack, CX_CONTAINER_MANIFEST, manifest->data,
			manifest->size, g->err);
	if (!ret)
		ret = objects_write(objects, &g->spool, &pack, g->err);
	if (!ret)
		return pack_commit(&pack, g->err);
	pack_abort(&pack);
	return ret;
}

/* What takes long comes before the output is opened. */
static int write_generation(struct generation *g)
{
	struct objects objects;
	struct cx_buf manifest;
	int ret = manifest_write(&g->release, &g->tree, &manifest, g->err);

	if (ret < 0)
		return ret;
	ret = objects_compress(&g->tree, g->base.objects, g->base.count,
			       &objects, g->err);
	if (!ret) {
		ret = write_container(g, &manifest, &objects);
		free(objects.list);
	}
	cx_buf_free(&manifest);
	return ret;
}

static int build(struct generation *g)
{
	struct request *q = g->request;
	int ret = tree_init(&g->tree, &g->spool, g->err);

	g->release.name = q->name;
	g->release.security_epoch = q->security_epoch;
	if (!ret && q->base)
		ret = load_base(g);
	if (!ret)
		ret = read_inputs(g);
	if (!ret)
		ret = choose_label(g);
	if (!ret)
		ret = choose_time(g);
	if (!ret)
		ret = choose_machine(g);
	if (!ret)
		ret = tree_measure(&g->tree, g->err);
	if (!ret && q->base)
		ret = check_against_base(g);
	if (!ret && q->base)
		ret = check_abi(g);
	if (!ret && q->base)
		ret = collect_fixes(g);
	return ret < 0 ? ret : write_generation(g);
}

int generation_build(struct request *request, struct cx_error *err)
{
	struct generation g = { .request = request, .err = err };
	size_t i;
	int ret = spool_open(&g.spool, err);

	if (ret < 0)
		return ret;
	g.debs = calloc(request->input_count, sizeof(*g.debs));
	ret = g.debs ? build(&g) : cx_fail(err, -ENOMEM, "out of memory");
	for (i = 0; g.debs && i < request->input_count; i++)
		deb_free(&g.debs[i]);
	free(g.debs);
	contents_free(&g.base);
	tree_free(&g.tree);
	spool_close(&g.spool);
	return ret;
}
