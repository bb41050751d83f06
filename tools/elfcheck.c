// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elfcheck.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "elffile.h"
#include "machine.h"

#define MAX_NAMED	5	/* symbols in one message */

static int facts_of(const struct tree *tree, const struct node *node,
		    struct elf_facts *facts, struct cx_error *err)
{
	void *data;
	int ret;

	*facts = (struct elf_facts){ 0 };
	if (!S_ISREG(node->mode) || !node->content.size)
		return 0;
	data = spool_map(tree->spool, &node->content);
	if (!data)
		return cx_fail(err, -ENOMEM, "%s: cannot be mapped: %s",
			       node->path, strerror(errno));
	ret = elf_read_facts(data, node->content.size, node->path, facts, err);
	spool_unmap(data, &node->content);
	return ret;
}

struct machine_walk {
	const struct tree *tree;
	uint16_t wanted;
	uint16_t machine;
	const struct node *first;	/* that has this machine */
};

static int check_machine(struct node *node, void *ctx, struct cx_error *err)
{
	struct machine_walk *walk = ctx;
	struct elf_facts facts;
	int ret = facts_of(walk->tree, node, &facts, err);

	if (ret < 0)
		return ret;
	if (!facts.is_loadable)
		goto out;
	if (walk->wanted && facts.machine != walk->wanted)
		ret = cx_fail(err, -ENOEXEC, "%s: is for %s (%u), not for %s",
			      node->path, machine_name(facts.machine),
			      facts.machine, machine_name(walk->wanted));
	else if (walk->first && facts.machine != walk->machine)
		ret = cx_fail(err, -ENOEXEC,
			      "%s is for %s (%u), but %s is for %s (%u): a cryptex is for one machine",
			      node->path, machine_name(facts.machine),
			      facts.machine, walk->first->path,
			      machine_name(walk->machine), walk->machine);
	walk->machine = facts.machine;
	walk->first = node;
out:
	elf_free_facts(&facts);
	return ret;
}

int elfcheck_machine(const struct tree *tree, uint16_t wanted,
		     uint16_t *machine, struct cx_error *err)
{
	struct machine_walk walk = { .tree = tree, .wanted = wanted };
	int ret = tree_walk(tree, check_machine, &walk, err);

	*machine = walk.machine;
	return ret;
}

/* The two trees while libraries are compared. */
struct abi_walk {
	const struct tree *base;
	const struct tree *patch;
};

/* What takes the place of a library: the file at its path, or with its SONAME. */
static int find_successor(const struct abi_walk *walk, const struct node *old,
			  const struct elf_facts *facts,
			  const struct node **successor,
			  struct elf_facts *found, struct cx_error *err)
{
	const struct node *dir = tree_find(walk->patch, old->parent->path);
	const struct node *same = tree_find(walk->patch, old->path);
	size_t i;
	int ret;

	if (same && S_ISREG(same->mode)) {
		*successor = same;
		return facts_of(walk->patch, same, found, err);
	}
	/* libx.so.1.2 may have become libx.so.1.3 with the SONAME libx.so.1. */
	for (i = 0; dir && facts->soname && i < dir->count; i++) {
		ret = facts_of(walk->patch, dir->children[i], found, err);
		if (ret < 0)
			return ret;
		if (found->soname && !strcmp(found->soname, facts->soname)) {
			*successor = dir->children[i];
			return 0;
		}
		elf_free_facts(found);
	}
	return cx_fail(err, -ENOTUNIQ,
		       "%s: this library of the base is missing in the patch",
		       old->path);
}

static int fail_symbols(const struct node *successor, size_t missing,
			const char *names, struct cx_error *err)
{
	return cx_fail(err, -ENOTUNIQ,
		       "%s: lacks %zu symbol%s that the base exports: %s%s; programs that use them would no longer start (--allow-abi-break takes it all the same)",
		       successor->path, missing, missing == 1 ? "" : "s", names,
		       missing > MAX_NAMED ? ", ..." : "");
}

static int check_symbols(const struct elf_facts *old,
			 const struct elf_facts *new,
			 const struct node *successor, struct cx_error *err)
{
	char names[256] = "";
	size_t i, missing = 0;

	for (i = 0; i < old->export_count; i++) {
		size_t used = strlen(names);

		if (elf_exports(new, old->exports[i]))
			continue;
		if (missing++ < MAX_NAMED)
			snprintf(names + used, sizeof(names) - used, "%s%s",
				 used ? ", " : "", old->exports[i]);
	}
	return missing ? fail_symbols(successor, missing, names, err) : 0;
}

static int compare_libraries(const struct elf_facts *old,
			     const struct elf_facts *new,
			     const struct node *successor,
			     struct cx_error *err)
{
	if (!new->is_library)
		return cx_fail(err, -ENOTUNIQ,
			       "%s: is a shared library in the base but not in the patch",
			       successor->path);
	if (strcmp(old->soname ?: "", new->soname ?: ""))
		return cx_fail(err, -ENOTUNIQ,
			       "%s: its SONAME was \"%s\" in the base and now is \"%s\"",
			       successor->path, old->soname ?: "",
			       new->soname ?: "");
	return check_symbols(old, new, successor, err);
}

static int check_library(struct node *old, void *ctx, struct cx_error *err)
{
	const struct abi_walk *walk = ctx;
	const struct node *successor = NULL;
	struct elf_facts old_facts, new_facts = { 0 };
	int ret = facts_of(walk->base, old, &old_facts, err);

	if (ret < 0)
		return ret;
	if (old_facts.is_library)
		ret = find_successor(walk, old, &old_facts, &successor,
				     &new_facts, err);
	if (!ret && successor)
		ret = compare_libraries(&old_facts, &new_facts, successor, err);
	elf_free_facts(&old_facts);
	elf_free_facts(&new_facts);
	return ret;
}

int elfcheck_abi(const struct tree *base, const struct tree *patch,
		 struct cx_error *err)
{
	struct abi_walk walk = { base, patch };

	return tree_walk(base, check_library, &walk, err);
}
