// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo withdraw`: a release was a mistake. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "denial.h"
#include "lib/listfile.h"
#include "release.h"

#define REASON_MAX	200

/* What the command line asks for. */
struct order {
	struct site site;
	const char *release;
	const char *reason;
	const char *key;
	const char *cert;
	struct cx_trust from_trust;
};

enum { OPT_REASON = 256, OPT_KEY, OPT_CERT, OPT_FROM_CERT };

static const struct option options[] = {
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "from-cert", required_argument, NULL, OPT_FROM_CERT },
	KEY_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

/* All that the list revokes which is there, under the next number. */
static int take_list(struct order *order, const struct repo *repo,
		     struct denial *denial, struct cx_error *err)
{
	struct cx_list list;
	struct cx_buf bytes;
	int ret;

	denial->number = 1;
	if (!repo_target(repo, TARGET_LIST))
		return 0;
	ret = repo_read_target(repo, TARGET_LIST, &bytes, err);
	if (!ret)
		ret = cx_trust_add(&order->from_trust, order->cert, err);
	if (ret < 0)
		return ret;
	ret = cx_list_from_bytes(bytes, TARGET_LIST, &order->from_trust, &list,
				 err);
	if (ret == -ENOKEY)
		return cx_prefix(err, ret,
				 "the list before needs its signer's certificate, --from-cert");
	if (ret < 0)
		return ret;
	denial->number = cx_list_number(&list) + 1;
	ret = denial_add_list(denial, &list.view, err);
	cx_list_free(&list);
	return ret;
}

static int set_list(struct repo *repo, const struct cx_buf *file,
		    uint64_t number, struct cx_error *err)
{
	json_t *custom = json_pack("{s:I}", "number", (json_int_t)number);

	if (!custom)
		return cx_fail(err, -ENOMEM, "out of memory");
	return repo_set_target(repo, role_names[ROLE_TARGETS], TARGET_LIST,
			       file, custom, err);
}

static int renew_list(struct order *order, struct repo *repo,
		      const json_t *custom, struct cx_error *err)
{
	const char *hex = metadata_text(custom, "digest");
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct denial denial = { .issued = repo->now };
	struct cx_buf file;
	int ret;

	if (!hex || !cx_unhex(hex, digest, sizeof(digest)))
		return cx_fail(err, -EBADMSG,
			       "%s: its metadata has no digest of the seal",
			       order->release);
	ret = take_list(order, repo, &denial, err);
	if (!ret)
		ret = denial_add_seal(&denial, digest, err);
	if (!ret)
		ret = denial_sign(&denial, order->key, order->cert, &file, err);
	if (!ret) {
		ret = set_list(repo, &file, denial.number, err);
		cx_buf_free(&file);
	}
	denial_free(&denial);
	return ret;
}

static int check(const struct order *order, const json_t *custom,
		 struct cx_error *err)
{
	if (strcmp(metadata_text(custom, "kind") ?: "", "base"))
		return 0;
	return cx_fail(err, -EINVAL,
		       "%s: is a base, which is what machines return to, and cannot be withdrawn; release a patch for it",
		       order->release);
}

static int withdraw(void *data, struct repo *repo, struct keyring *ring,
		    struct cx_error *err)
{
	struct order *order = data;
	char target[TARGET_SIZE], now[32];
	const char *role;
	json_t *custom;
	int ret = release_find(repo, order->release, &role, target, &custom,
			       err);

	if (!ret)
		ret = check(order, custom, err);
	if (ret < 0)
		return ret;
	if (json_object_get(custom, "withdrawn")) {
		printf("%s: is withdrawn already\n", order->release);
		return 0;
	}
	ret = json_put(custom, "withdrawn",
		       json_pack("{s:s, s:s}", "time",
				 time_format(repo->now, now), "reason",
				 order->reason), err);
	if (!ret)
		ret = renew_list(order, repo, custom, err);
	if (!ret)
		ret = repo_touch(repo, role, err);
	return ret ? ret : repo_publish(repo, ring, err);
}

static int take_reason(struct order *order, const char *text)
{
	json_t *json = json_string(text);
	size_t i, size = strlen(text);
	bool ok = json && size && size <= REASON_MAX;

	for (i = 0; i < size; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			ok = false;
	json_decref(json);
	order->reason = text;
	return ok ? 0 : usage_error(&command_withdraw,
				    "--reason: must be one line of UTF-8, 1 to %d bytes",
				    REASON_MAX);
}

static int take(void *data, int option)
{
	struct order *order = data;
	struct cx_error err;

	switch (option) {
	case OPT_REASON:
		return take_reason(order, optarg);
	case OPT_FROM_CERT:
		return cx_trust_add(&order->from_trust, optarg, &err) < 0 ?
			       failure(&err) : 0;
	case OPT_KEY:
		order->key = optarg;
		return 0;
	default:
		order->cert = optarg;
		return 0;
	}
}

static const char *lacks(const struct order *order)
{
	if (!order->release)
		return "the release, NAME@LABEL, is missing";
	if (!order->reason)
		return "--reason is missing: users are shown it";
	if (!order->key)
		return "--key is missing: the revocation list is signed as seals are";
	if (!order->cert)
		return "--cert is missing";
	return NULL;
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_withdraw, .options = options, .take = take,
	};
	int status = read_site(&syntax, argc, argv, &order->site, order);

	if (status)
		return status;
	if (optind < argc)
		order->release = argv[optind++];
	if (lacks(order))
		return usage_error(&command_withdraw, "%s", lacks(order));
	return no_more(&command_withdraw, argc, argv);
}

static int run(int argc, char **argv)
{
	struct order order = { 0 };
	int status = read_options(&order, argc, argv);

	if (!status)
		status = edit_site(&order.site, withdraw, &order);
	cx_trust_free(&order.from_trust);
	return status;
}

const struct command command_withdraw = {
	.name = "withdraw",
	.summary = "take a release back, and revoke its seal",
	.usage =
"Usage: " PROGRAM " withdraw DIR NAME@LABEL --reason TEXT --key KEY --cert CERT [KEYS]\n"
"Take a release back for good: the metadata says so and why, and the next revocation\n"
"list, which the kernel checks as well, has its seal. A base cannot be withdrawn.\n"
"\n"
"  --reason TEXT          one line, which users are shown\n"
"  --key KEY              a key for seals: a PEM file, or a pkcs11: URI\n"
"  --cert CERT            its certificate\n"
"  --from-cert CERT       the list that is there may be signed by this certificate's\n"
"                         key as well; may be given more than once\n"
KEY_HELP
"  -h, --help             this text\n",
	.run = run,
};
