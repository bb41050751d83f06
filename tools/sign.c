// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-publish sign`: turn a manifest into a seal. */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "contents.h"
#include "pack.h"
#include "signature.h"

/* What the command line asks for. */
struct order {
	const char *key;
	const char *cert;
	const char *in;
	const char *out;
	const char *seal_out;
};

enum { OPT_KEY = 256, OPT_CERT, OPT_SEAL };

static const struct option options[] = {
	{ "key", required_argument, NULL, OPT_KEY },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "seal-only", required_argument, NULL, OPT_SEAL },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static int make_seal(const struct order *order, const struct cx_seal *in,
		     struct cx_buf *seal, struct cx_error *err)
{
	struct cx_seal check;
	int ret = signature_append(order->key, order->cert, in->buf.data,
				   in->view.signed_size, seal, err);

	if (ret < 0)
		return ret;
	ret = cx_seal_from_bytes(seal->data, seal->size, true, "the new seal",
				 NULL, &check, err);
	if (ret < 0)
		cx_buf_free(seal);
	else
		cx_seal_free(&check);
	return ret;
}

static int copy_object(struct cx_container *in, struct pack *pack,
		       const uint8_t digest[CRYPTEX_DIGEST_SIZE],
		       struct cx_error *err)
{
	const void *data;
	size_t size;
	int ret = pack_begin_object(pack, digest, cx_container_packed_size(in),
				    err);

	while (!ret) {
		ret = cx_container_packed(in, &data, &size, err);
		if (ret < 0 || !size)
			break;
		ret = pack_write(pack, data, size, err);
	}
	return ret;
}

/* The objects go over as they are, compressed. */
static int copy_objects(const char *path, struct pack *pack,
			struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct cx_container *in;
	int ret = cx_container_open(path, &in, err);

	if (ret < 0)
		return ret;
	while ((ret = cx_container_next(in, digest, err)) > 0) {
		ret = copy_object(in, pack, digest, err);
		if (ret < 0)
			break;
	}
	cx_container_close(in);
	return ret;
}

static int write_container(const struct order *order,
			   const struct cx_seal *in, const struct cx_buf *seal,
			   struct cx_error *err)
{
	struct pack pack;
	int ret = pack_open(&pack, order->out,
			    le64toh(in->view.header->build_time), err);

	if (ret < 0)
		return ret;
	ret = pack_seal(&pack, CX_CONTAINER_SEAL, seal->data, seal->size, err);
	if (!ret)
		ret = copy_objects(order->in, &pack, err);
	if (!ret)
		return pack_commit(&pack, err);
	pack_abort(&pack);
	return ret;
}

static int sign(const struct order *order, const struct cx_seal *in,
		struct cx_error *err)
{
	struct cx_buf seal;
	int ret = make_seal(order, in, &seal, err);

	if (ret < 0)
		return ret;
	if (order->out)
		ret = write_container(order, in, &seal, err);
	else
		ret = cx_write_file(order->seal_out, NULL, seal.data, seal.size,
				    0644, err);
	cx_buf_free(&seal);
	return ret;
}

/* Whoever signs vouches for the content, so it is checked first. */
static int check_and_sign(const struct order *order, struct cx_error *err)
{
	struct contents contents;
	struct spool spool;
	int ret = spool_open(&spool, err);

	if (ret < 0)
		return ret;
	ret = contents_load(order->in, NULL, &spool, &contents, err);
	spool_close(&spool);
	if (ret < 0)
		return ret;
	ret = contents_check_whole(order->in, &contents, err);
	if (!ret)
		ret = sign(order, &contents.seal, err);
	contents_free(&contents);
	return ret;
}

static const char *check(const struct order *order)
{
	if (!order->key)
		return "--key is missing";
	if (!order->cert)
		return "--cert is missing";
	if (!order->in)
		return "the container to sign is missing";
	if (!order->out && !order->seal_out)
		return "-o or --seal-only is missing: where to write";
	if (order->out && order->seal_out)
		return "-o and --seal-only exclude each other";
	return NULL;
}

static int take(void *data, int option)
{
	struct order *order = data;

	switch (option) {
	case OPT_KEY:
		order->key = optarg;
		return 0;
	case OPT_CERT:
		order->cert = optarg;
		return 0;
	case OPT_SEAL:
		order->seal_out = optarg;
		return 0;
	default:
		order->out = optarg;
		return 0;
	}
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_sign, .options = options, .letters = ":o:h",
		.take = take,
	};
	int status = take_options(&syntax, argc, argv, order);

	if (!status && optind < argc)
		order->in = argv[optind++];
	if (!status)
		status = no_more(&command_sign, argc, argv);
	if (!status && check(order))
		status = usage_error(&command_sign, "%s", check(order));
	return status;
}

static int run(int argc, char **argv)
{
	struct order order = { 0 };
	struct cx_error err;
	int status = read_options(&order, argc, argv);

	if (!status && check_and_sign(&order, &err) < 0)
		status = failure(&err);
	return status;
}

const struct command command_sign = {
	.name = "sign",
	.summary = "sign a container",
	.usage =
"Usage: " PROGRAM " sign --key KEY --cert CERT.pem IN.cryptex\n"
"                       (-o OUT.cryptex | --seal-only OUT.seal)\n"
"Check a container's content, sign its manifest, and verify the signature. A\n"
"signature that is there already is replaced.\n"
"\n"
"  --key KEY              a private key: a PEM file, or a pkcs11: URI. RSA of\n"
"                         2048 bits or more, ECDSA on P-256 or P-384\n"
"  --cert CERT            its certificate, with a subjectKeyIdentifier\n"
"  -o, --output FILE      the signed container\n"
"  --seal-only FILE       the seal alone\n"
"  -h, --help             this text\n"
"\n"
"With an RSA key the same input gives the same bytes.\n",
	.run = run,
};
