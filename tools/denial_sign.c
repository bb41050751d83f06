// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "denial.h"
#include "lib/cms.h"
#include "lib/listfile.h"
#include "signature.h"

static int load_der(const char *path, struct cx_buf *der, struct cx_error *err)
{
	struct cx_cert *cert;
	int ret = cx_cert_load(path, &cert, err);

	if (ret < 0)
		return ret;
	ret = cx_cert_der(cert, der, err);
	cx_cert_free(cert);
	return ret;
}

int denial_load_certificate(struct denial *denial, const char *path,
			    struct cx_error *err)
{
	struct cx_buf der;
	int ret = load_der(path, &der, err);

	if (ret < 0)
		return ret;
	ret = denial_add_certificate(denial, der.data, der.size, err);
	cx_buf_free(&der);
	return ret;
}

/* Whoever revokes his own key can never be believed in that. */
static int check_signer(const struct denial *denial, const char *path,
			struct cx_error *err)
{
	struct cx_buf der;
	int ret = load_der(path, &der, err);

	if (ret < 0)
		return ret;
	if (denial_has_certificate(denial, der.data, der.size))
		ret = cx_fail(err, -EINVAL,
			      "%s: the list would revoke the key that signs it; sign with another one",
			      path);
	cx_buf_free(&der);
	return ret;
}

int denial_sign(struct denial *denial, const char *key, const char *cert,
		struct cx_buf *file, struct cx_error *err)
{
	struct cx_buf data;
	struct cx_list check;
	int ret = check_signer(denial, cert, err);

	if (!ret)
		ret = denial_write(denial, &data, err);
	if (ret < 0)
		return ret;
	ret = signature_append(key, cert, data.data, data.size, file, err);
	cx_buf_free(&data);
	if (ret < 0)
		return ret;
	/* The last word has the parser that the kernel uses. */
	ret = cx_list_from_bytes(*file, "the new list", NULL, &check, err);
	if (!ret)
		*file = check.buf;
	return ret;
}
