// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo sign-root`: signatures for a root whose keys are kept elsewhere. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "lib/tuf/canonical.h"
#include "load.h"
#include "repo.h"

/* What the command line asks for. */
struct order {
	struct site site;
	const char *export;
	const char *signatures[MAX_KEYS];
	size_t count;
};

enum { OPT_EXPORT = 256, OPT_SIGNATURE };

static const struct option options[] = {
	{ "export", required_argument, NULL, OPT_EXPORT },
	{ "signature", required_argument, NULL, OPT_SIGNATURE },
	KEY_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

/* Whoever has one of these keys can help. */
static void tell_keys(const struct repo *repo, const json_t *source,
		      const char *what)
{
	const json_t *keys, *role = repo_role(source, "root", &keys), *id;
	size_t i;

	printf("%s: %s: %lld of\n", repo->path, what,
	       metadata_number(role, "threshold"));
	json_array_foreach(json_object_get(role, "keyids"), i, id)
		printf("  %s\n", json_string_value(id) ?: "");
}

static int export(const struct repo *repo, const char *path,
		  struct cx_error *err)
{
	size_t size;
	char *data;
	int ret = cx_tuf_canonical(json_object_get(repo->draft, "signed"), &data,
				   &size, err);

	if (ret < 0)
		return ret;
	ret = cx_write_file(path, NULL, data, size, 0644, err);
	free(data);
	if (ret < 0)
		return ret;
	tell_keys(repo, json_object_get(repo->draft, "signed"), "must sign");
	if (repo->root)
		tell_keys(repo, repo->body[ROLE_ROOT],
			  "and of the root before it");
	return 0;
}

/* It may be of other bytes, or of another key. */
static bool is_good(const struct repo *repo, const char *id, const char *hex)
{
	json_t *body = json_object_get(repo->draft, "signed");
	json_t *alone = json_pack("{s:O, s:[{s:s, s:s}]}", "signed", body,
				  "signatures", "keyid", id, "sig", hex);
	const json_t *keys, *role = repo_role(body, "root", &keys);
	bool good = metadata_count(alone, keys, role);

	if (!good && repo->root) {
		role = repo_role(repo->body[ROLE_ROOT], "root", &keys);
		good = metadata_count(alone, keys, role);
	}
	json_decref(alone);
	return good;
}

/* KEYID:FILE, with the signature as the key's kind has it, in bytes */
static int add_signature(struct repo *repo, const char *text,
			 struct cx_error *err)
{
	const char *colon = strchr(text, ':');
	struct cx_buf bytes;
	char *hex, id[CX_TUF_KEYID_LEN + 1];
	int ret;

	if (!colon || colon - text != CX_TUF_KEYID_LEN)
		return cx_fail(err, -EINVAL,
			       "--signature \"%s\": must be KEYID:FILE", text);
	ret = cx_read_file(colon + 1, 1024, &bytes, err);
	if (ret < 0)
		return ret;
	hex = malloc(2 * bytes.size + 1);
	snprintf(id, sizeof(id), "%s", text);
	if (!hex)
		ret = cx_fail(err, -ENOMEM, "out of memory");
	else if (!is_good(repo, id, cx_hex(bytes.data, bytes.size, hex)))
		ret = cx_fail(err, -EKEYREJECTED,
			      "--signature \"%s\": is no signature of one of root's keys over the bytes of --export",
			      text);
	else
		ret = metadata_set_signature(repo->draft, id, hex, err);
	free(hex);
	cx_buf_free(&bytes);
	return ret;
}

static int add_signatures(const struct order *order, struct repo *repo,
			  struct cx_error *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < order->count; i++)
		ret = add_signature(repo, order->signatures[i], err);
	return ret;
}

static int sign(const struct order *order, struct repo *repo,
		const struct keyring *ring, struct cx_error *err)
{
	bool complete;
	json_t *root;
	int ret = add_signatures(order, repo, err);

	if (ret < 0)
		return ret;
	root = repo->draft;
	repo->draft = NULL;
	ret = repo_publish_root(repo, ring, root, &complete, err);
	if (!ret)
		printf("%s: root %s\n", repo->path,
		       complete ? "is complete" : "waits for more signatures");
	return ret;
}

static int sign_root(void *data, struct repo *repo, struct keyring *ring,
		     struct cx_error *err)
{
	const struct order *order = data;

	if (!repo->draft)
		return cx_fail(err, -ENOENT,
			       "%s: no root waits for signatures", repo->path);
	return order->export ? export(repo, order->export, err)
			     : sign(order, repo, ring, err);
}

static int take(void *data, int option)
{
	struct order *order = data;

	if (option == OPT_EXPORT) {
		order->export = optarg;
		return 0;
	}
	if (order->count == MAX_KEYS)
		return usage_error(&command_sign_root,
				   "--signature: more than %d", MAX_KEYS);
	order->signatures[order->count++] = optarg;
	return 0;
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_sign_root, .options = options, .take = take,
	};
	int status = read_site(&syntax, argc, argv, &order->site, order);

	if (status)
		return status;
	if (!order->export && !order->count && !order->site.keys.dir &&
	    !order->site.keys.count)
		return usage_error(&command_sign_root,
				   "--export, --signature, --keys or --role-key is missing");
	return no_more(&command_sign_root, argc, argv);
}

static int run(int argc, char **argv)
{
	struct order order = { 0 };
	int status = read_options(&order, argc, argv);

	return status ? status : edit_site(&order.site, sign_root, &order);
}

const struct command command_sign_root = {
	.name = "sign-root",
	.summary = "sign a root that waits for its keys",
	.usage =
"Usage: " PROGRAM " sign-root DIR --export FILE\n"
"       " PROGRAM " sign-root DIR [--signature KEYID:FILE]... [KEYS]\n"
"Add signatures to a root that waits for them. It appears as soon as there are enough\n"
"of the keys of the root before it and of its own.\n"
"\n"
"  --export FILE          write the bytes to sign, for a machine that has the key\n"
"  --signature KEYID:FILE add a signature that was made there: Ed25519 as it is,\n"
"                         ECDSA in DER, RSA with PSS; SHA-256. For example by\n"
"                         `openssl pkeyutl -sign -rawin -inkey root.pem -in FILE'\n"
KEY_HELP
"  -h, --help             this text\n",
	.run = run,
};
