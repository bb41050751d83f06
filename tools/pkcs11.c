// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keys in tokens, through OpenSSL's engine "pkcs11".
 *
 * Engines are deprecated in OpenSSL 3, but Debian 12 has no pkcs11 provider;
 * whoever replaces this replaces one function.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "key.h"

#include <errno.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>

static ENGINE *open_engine(struct cx_error *err)
{
	ENGINE *engine;

	ENGINE_load_dynamic();
	engine = ENGINE_by_id("pkcs11");
	if (engine && ENGINE_init(engine))
		return engine;
	cx_fail(err, -ENOPKG,
		engine ? "the pkcs11 engine of OpenSSL does not start: %s; check its module (PKCS11_MODULE_PATH)"
		       : "OpenSSL has no pkcs11 engine (%s); install libengine-pkcs11-openssl",
		key_reason());
	ENGINE_free(engine);
	return NULL;
}

int key_load_pkcs11(const char *uri, EVP_PKEY **key, struct cx_error *err)
{
	ENGINE *engine = open_engine(err);

	if (!engine)
		return -ENOPKG;
	/* It would print the URI, which may hold the PIN. */
	ENGINE_ctrl_cmd_string(engine, "QUIET", NULL, 0);
	*key = ENGINE_load_private_key(engine, uri, NULL, NULL);
	ENGINE_finish(engine);
	ENGINE_free(engine);
	if (*key)
		return 0;
	return cx_fail(err, -ENOKEY,
		       "the token gives no such private key: %s; check the URI's token, object and PIN",
		       key_reason());
}
