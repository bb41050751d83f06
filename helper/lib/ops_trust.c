// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <time.h>

#include "lib/ops.h"

static int hand_over(struct cx_ops *ops, const struct cx_buf *der,
		     struct cx_error *err)
{
	if (ops->nl)
		return cx_netlink_key_add(ops->nl, der->data, der->size, err);
	cx_ops_warn(ops, "the cryptex module is not loaded: it gets the certificate with `cryptexctl boot`");
	return 0;
}

static int add(struct cx_ops *ops, const struct cx_cert *cert,
	       const struct cx_buf *der, struct cx_error *err)
{
	int rc = hand_over(ops, der, err);

	if (!rc)
		rc = cx_store_put_cert(&ops->store, der, err);
	if (rc < 0)
		return cx_prefix(err, rc, "%s", cx_cert_path(cert));
	cx_ops_say(ops, rc ? "trusted: %s" : "%s is trusted already",
		   cx_cert_subject(cert));
	return 0;
}

int cx_op_trust(struct cx_ops *ops, const char *path, struct cx_error *err)
{
	struct cx_buf der = { 0 };
	struct cx_cert *cert;
	int rc = cx_cert_load(path, &cert, err);

	if (rc)
		return rc;
	rc = cx_cert_check_date(cert, time(NULL), err);
	if (!rc && !cx_cert_key_id(cert))
		rc = cx_fail(err, -EINVAL,
			     "%s: has no subject key identifier, by which the kernel finds a signer: make the certificate with one",
			     path);
	if (!rc)
		rc = cx_cert_der(cert, &der, err);
	if (!rc)
		rc = add(ops, cert, &der, err);
	cx_buf_free(&der);
	cx_cert_free(cert);
	return rc;
}
