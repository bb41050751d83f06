// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-publish show`: what is in a container, a seal or a revocation list. */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "list_view.h"
#include "magic.h"
#include "view.h"

/* What the command line asks for. */
struct order {
	const char *path;
	struct cx_trust trust;
	bool json;
	bool files;
};

enum { OPT_JSON = 256, OPT_FILES, OPT_CERT };

static const struct option options[] = {
	{ "json", no_argument, NULL, OPT_JSON },
	{ "files", no_argument, NULL, OPT_FILES },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static int load_container(const char *path, const struct cx_trust *trust,
			  struct contents *contents, struct cx_error *err)
{
	struct spool spool;
	int ret = spool_open(&spool, err);

	if (ret < 0)
		return ret;
	ret = contents_load(path, trust, &spool, contents, err);
	spool_close(&spool);
	return ret;
}

static void count(struct view *view)
{
	const struct cryptex_seal *seal = &view->contents.seal.view;
	uint32_t i;

	for (i = 1; i < seal->entry_count; i++) {
		const struct cryptex_seal_entry *e = &seal->entries[i];

		if (S_ISREG(le16toh(e->mode))) {
			view->files++;
			view->bytes += le64toh(e->size);
		} else if (S_ISLNK(le16toh(e->mode))) {
			view->links++;
		} else {
			view->directories++;
		}
	}
}

static int load(const struct order *order, struct view *view,
		struct cx_error *err)
{
	const struct cx_trust *trust = order->trust.count ? &order->trust
							  : NULL;
	struct cx_seal *seal = &view->contents.seal;
	int ret = magic_is(order->path, CRYPTEX_SEAL_MAGIC, err);

	if (ret < 0)
		return ret;
	/* What does not start with the magic is read as a container. */
	view->is_container = !ret;
	view->is_verified = trust;
	if (view->is_container)
		ret = load_container(order->path, trust, &view->contents, err);
	else
		ret = cx_seal_load(order->path, trust, seal, err);
	if (!ret && seal->is_signed)
		ret = cx_cms_signer(seal->view.signature,
				    seal->view.signature_size, view->key_id,
				    sizeof(view->key_id), err);
	if (!ret)
		ret = cx_fixes_parse(&view->fixes, seal->view.fixes,
				     seal->view.fixes_size, err);
	if (!ret)
		count(view);
	return ret;
}

static int show_list(const struct order *order, struct cx_error *err)
{
	struct list_view view;
	int ret = list_view_load(order->path,
				 order->trust.count ? &order->trust : NULL,
				 &view, err);

	if (ret < 0)
		return ret;
	if (order->json)
		ret = list_view_print_json(&view, err);
	else
		list_view_print(&view);
	list_view_free(&view);
	return ret;
}

static int show_seal(const struct order *order, struct cx_error *err)
{
	struct view view = { 0 };
	int ret = load(order, &view, err);

	if (!ret && order->json)
		ret = view_print_json(&view, order->files, err);
	else if (!ret)
		ret = view_print(&view, order->files, err);
	cx_fixes_free(&view.fixes);
	contents_free(&view.contents);
	return ret;
}

static int show(const struct order *order, struct cx_error *err)
{
	int ret = magic_is(order->path, CRYPTEX_REVOCATION_MAGIC, err);

	if (ret < 0)
		return ret;
	return ret ? show_list(order, err) : show_seal(order, err);
}

static int take(void *data, int option)
{
	struct order *order = data;
	struct cx_error err;

	switch (option) {
	case OPT_JSON:
		order->json = true;
		return 0;
	case OPT_FILES:
		order->files = true;
		return 0;
	default:
		return cx_trust_add(&order->trust, optarg, &err) < 0 ?
			       failure(&err) : 0;
	}
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_show, .options = options,
		.take = take,
	};
	int status = take_options(&syntax, argc, argv, order);

	if (!status && optind == argc)
		status = usage_error(&command_show,
				     "the file to show is missing");
	if (status)
		return status;
	order->path = argv[optind++];
	return no_more(&command_show, argc, argv);
}

static int run(int argc, char **argv)
{
	struct order order = { 0 };
	struct cx_error err;
	int status = read_options(&order, argc, argv);

	if (!status && show(&order, &err) < 0)
		status = failure(&err);
	cx_trust_free(&order.trust);
	return status;
}

const struct command command_show = {
	.name = "show",
	.summary = "say what is in a container, a seal or a revocation list",
	.usage =
"Usage: " PROGRAM " show [OPTION]... FILE\n"
"Say what is in a container, a seal file or a revocation list. A container's\n"
"objects are unpacked and measured, so what is said is true; the signature is\n"
"checked only with --cert.\n"
"\n"
"  --files                list the tree\n"
"  --json                 for programs\n"
"  --cert CERT            refuse what this certificate's key has not signed; may\n"
"                         be given more than once\n"
"  -h, --help             this text\n",
	.run = run,
};
