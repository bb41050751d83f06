// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/signed.h"

#include <errno.h>
#include <string.h>

int cx_fail_fault(const char *name, int ret,
		  const struct cryptex_seal_fault *fault, struct cx_error *err)
{
	return cx_fail(err, ret, "%s: %s (at byte %llu)", name, fault->what,
		       (unsigned long long)fault->offset);
}

static int check_sum(const void *data, const struct cryptex_envelope *envelope,
		     const char *name, struct cx_error *err)
{
	uint8_t sum[CRYPTEX_CHECKSUM_SIZE];

	cx_sha256(data, envelope->signed_size + envelope->signature_size, sum);
	if (!memcmp(sum, envelope->checksum, sizeof(sum)))
		return 0;
	return cx_fail(err, -EBADMSG,
		       "%s: is damaged, its checksum differs: fetch it again",
		       name);
}

int cx_signed_check(const void *data, const struct cryptex_envelope *envelope,
		    const char *name, const struct cx_trust *trust,
		    struct cx_error *err)
{
	int ret;

	if (trust) {
		ret = cx_cms_verify(envelope->signature,
				    envelope->signature_size, data,
				    envelope->signed_size, trust, err);
		if (ret < 0)
			return cx_prefix(err, ret, "%s", name);
	}
	return check_sum(data, envelope, name, err);
}
