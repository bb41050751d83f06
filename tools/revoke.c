// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-publish revoke`: make a revocation list. */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "denial.h"
#include "lib/container.h"
#include "lib/listfile.h"
#include "lib/sealfile.h"
#include "magic.h"

/*
 * What the command line asks for.  @fresh is what is added to the older list,
 * which is known only when all options have been read.
 */
struct order {
	const char *key;
	const char *cert;
	const char *from;
	const char *out;
	struct cx_trust from_trust;
	bool has_number;
	bool has_time;
	struct denial fresh;
};

enum {
	OPT_KEY = 256, OPT_CERT, OPT_NUMBER, OPT_TIME, OPT_FROM, OPT_FROM_CERT,
	OPT_SEAL, OPT_DIGEST, OPT_FLOOR, OPT_CERTIFICATE,
};

static const struct option options[] = {
	{ "key", required_argument, NULL, OPT_KEY },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "number", required_argument, NULL, OPT_NUMBER },
	{ "issued", required_argument, NULL, OPT_TIME },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "from-cert", required_argument, NULL, OPT_FROM_CERT },
	{ "seal", required_argument, NULL, OPT_SEAL },
	{ "seal-digest", required_argument, NULL, OPT_DIGEST },
	{ "floor", required_argument, NULL, OPT_FLOOR },
	{ "certificate", required_argument, NULL, OPT_CERTIFICATE },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static int set_number(struct order *order, const char *text,
		      struct cx_error *err)
{
	unsigned long long value;

	if (parse_number(text, UINT64_MAX, &value) < 0 || !value)
		return cx_fail(err, -EINVAL,
			       "--number \"%s\": is no number of 1 or more",
			       text);
	order->has_number = true;
	order->fresh.number = value;
	return 0;
}

static int set_time(struct order *order, const char *from, const char *text,
		    struct cx_error *err)
{
	unsigned long long value;
	int ret = parse_time(from, text, &value, err);

	if (ret < 0)
		return ret;
	order->has_time = true;
	order->fresh.issued = value;
	return 0;
}

static int load_container_seal(const char *path, struct cx_seal *seal,
			       struct cx_error *err)
{
	struct cx_container *container;
	const struct cx_buf *bytes;
	int ret = cx_container_open(path, &container, err);

	if (ret < 0)
		return ret;
	bytes = cx_container_seal(container);
	ret = cx_seal_from_bytes(bytes->data, bytes->size,
				 cx_container_is_signed(container), path, NULL,
				 seal, err);
	cx_container_close(container);
	return ret;
}

/* Nobody has to vouch for a seal that is revoked, but it must be whole. */
static int add_seal(struct order *order, const char *path, struct cx_error *err)
{
	struct cx_seal seal;
	int ret = magic_is(path, CRYPTEX_SEAL_MAGIC, err);

	if (ret < 0)
		return ret;
	ret = ret ? cx_seal_load(path, NULL, &seal, err)
		  : load_container_seal(path, &seal, err);
	if (ret < 0)
		return ret;
	ret = denial_add_seal(&order->fresh, seal.digest, err);
	cx_seal_free(&seal);
	return ret;
}

static int add_digest(struct order *order, const char *hex,
		      struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];

	if (!cx_unhex(hex, digest, sizeof(digest)))
		return cx_fail(err, -EINVAL,
			       "--seal-digest \"%s\": is not %d lower-case hex digits",
			       hex, 2 * CRYPTEX_DIGEST_SIZE);
	return denial_add_seal(&order->fresh, digest, err);
}

/* NAME=EPOCH */
static int add_floor(struct order *order, char *text, struct cx_error *err)
{
	char *name = strsep(&text, "=");
	unsigned long long epoch;

	if (!text || parse_number(text, UINT32_MAX, &epoch) < 0 || !epoch)
		return cx_fail(err, -EINVAL,
			       "--floor \"%s\": must be NAME=EPOCH with an epoch of 1 or more",
			       name);
	if (!cryptex_name_ok(name))
		return cx_fail(err, -EINVAL,
			       "--floor \"%s\": is no name of a cryptex", name);
	return denial_add_floor(&order->fresh, name, epoch, err);
}

/* The signer of the older list: this list's own, and whom --from-cert names. */
static int load_old(struct order *order, struct cx_list *old,
		    struct cx_error *err)
{
	int ret = cx_trust_add(&order->from_trust, order->cert, err);

	if (!ret)
		ret = cx_list_load(order->from, &order->from_trust, old, err);
	if (ret == -ENOKEY)
		return cx_prefix(err, ret,
				 "the older list needs its signer's certificate, --from-cert");
	return ret;
}

static int check_number(const struct order *order, const struct cx_list *old,
			struct denial *all, struct cx_error *err)
{
	uint64_t number = cx_list_number(old);

	all->number = order->has_number ? order->fresh.number : number + 1;
	if (all->number > number)
		return 0;
	return cx_fail(err, -EINVAL,
		       "%s: has the number %llu, and the new list must have a higher one",
		       order->from, (unsigned long long)number);
}

/* What is added, in a list that may have older things. */
static int unite(const struct order *order, struct denial *all,
		 struct cx_error *err)
{
	const struct denial *fresh = &order->fresh;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < fresh->seals.count; i++)
		ret = denial_add_seal(all, fresh->seals.list[i].data, err);
	for (i = 0; !ret && i < fresh->floors.count; i++) {
		const struct cryptex_revocation_floor *f =
			fresh->floors.list[i].data;

		ret = denial_add_floor(all, (const char *)f->name,
				       le32toh(f->security_epoch), err);
	}
	for (i = 0; !ret && i < fresh->certificates.count; i++)
		ret = denial_add_certificate(all,
					     fresh->certificates.list[i].data,
					     fresh->certificates.list[i].size,
					     err);
	return ret;
}

static int collect(struct order *order, struct denial *all,
		   struct cx_error *err)
{
	struct cx_list old;
	int ret;

	all->number = order->fresh.number;
	all->issued = order->fresh.issued;
	if (order->from) {
		ret = load_old(order, &old, err);
		if (ret < 0)
			return ret;
		ret = check_number(order, &old, all, err);
		if (!ret)
			ret = denial_add_list(all, &old.view, err);
		cx_list_free(&old);
		if (ret < 0)
			return ret;
	}
	return unite(order, all, err);
}

static int write_list(const struct order *order, struct denial *all,
		      struct cx_error *err)
{
	struct cx_buf file;
	int ret = denial_sign(all, order->key, order->cert, &file, err);

	if (ret < 0)
		return ret;
	ret = cx_write_file(order->out, NULL, file.data, file.size, 0644, err);
	cx_buf_free(&file);
	return ret;
}

static int choose_time(struct order *order, struct cx_error *err)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	if (order->has_time)
		return 0;
	if (epoch)
		return set_time(order, "SOURCE_DATE_EPOCH", epoch, err);
	order->fresh.issued = time(NULL);
	return 0;
}

static int revoke(struct order *order, struct cx_error *err)
{
	struct denial all = { 0 };
	int ret = choose_time(order, err);

	if (!ret)
		ret = collect(order, &all, err);
	if (!ret)
		ret = write_list(order, &all, err);
	denial_free(&all);
	return ret;
}

static int set(struct order *order, int option, struct cx_error *err)
{
	switch (option) {
	case OPT_KEY:
		order->key = optarg;
		return 0;
	case OPT_CERT:
		order->cert = optarg;
		return 0;
	case OPT_NUMBER:
		return set_number(order, optarg, err);
	case OPT_TIME:
		return set_time(order, "--issued", optarg, err);
	case OPT_FROM:
		order->from = optarg;
		return 0;
	case OPT_FROM_CERT:
		return cx_trust_add(&order->from_trust, optarg, err);
	case OPT_SEAL:
		return add_seal(order, optarg, err);
	case OPT_DIGEST:
		return add_digest(order, optarg, err);
	case OPT_FLOOR:
		return add_floor(order, optarg, err);
	case OPT_CERTIFICATE:
		return denial_load_certificate(&order->fresh, optarg, err);
	default:
		order->out = optarg;
		return 0;
	}
}

/* A file that an option names is no matter of the command line's form. */
static bool names_file(int option)
{
	return option == OPT_SEAL || option == OPT_CERTIFICATE ||
	       option == OPT_FROM_CERT;
}

static int take(void *order, int option)
{
	struct cx_error err;

	if (!set(order, option, &err))
		return 0;
	return names_file(option) ? failure(&err) :
	       usage_error(&command_revoke, "%s", err.text);
}

static const char *check(const struct order *order)
{
	if (!order->key)
		return "--key is missing";
	if (!order->cert)
		return "--cert is missing";
	if (!order->has_number && !order->from)
		return "--number is missing: 1 for the first list";
	if (!order->from && denial_is_empty(&order->fresh))
		return "there is nothing to revoke: --seal, --seal-digest, --floor or --certificate";
	if (!order->out)
		return "-o is missing: where to write the list";
	return NULL;
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_revoke, .options = options, .letters = ":o:h",
		.take = take,
	};
	int status = take_options(&syntax, argc, argv, order);

	if (!status)
		status = no_more(&command_revoke, argc, argv);
	if (!status && check(order))
		status = usage_error(&command_revoke, "%s", check(order));
	return status;
}

static int run(int argc, char **argv)
{
	struct order order = { 0 };
	struct cx_error err;
	int status = read_options(&order, argc, argv);

	if (!status && revoke(&order, &err) < 0)
		status = failure(&err);
	denial_free(&order.fresh);
	cx_trust_free(&order.from_trust);
	return status;
}

const struct command command_revoke = {
	.name = "revoke",
	.summary = "make a list of what must not become active any more",
	.usage =
"Usage: " PROGRAM " revoke --number N --key KEY --cert CERT [--from OLD]\n"
"                       [WHAT]... -o LIST\n"
"Make and sign a revocation list. Machines that have it activate nothing that it\n"
"revokes, and leave what is active and revoked.\n"
"\n"
"  --seal FILE            revoke a seal; also that in a container\n"
"  --seal-digest HEX      the same by the digest that `show' tells\n"
"  --floor NAME=EPOCH     revoke what of this cryptex has a lower security epoch\n"
"  --certificate CERT     revoke a key, and with it all that it has signed\n"
"  --number N             of the list: higher than that of each list before;\n"
"                         default with --from: one more than that has\n"
"  --from OLD             keep all that an older list revokes\n"
"  --from-cert CERT       the older list may be signed by this certificate's key\n"
"                         as well; may be given more than once\n"
"  --issued SECONDS       since 1970 UTC; default: $SOURCE_DATE_EPOCH, or now\n"
"  --key KEY              a private key: a PEM file, or a pkcs11: URI\n"
"  --cert CERT            its certificate, with a subjectKeyIdentifier\n"
"  -o, --output FILE      the list\n"
"  -h, --help             this text\n",
	.run = run,
};
