// SPDX-License-Identifier: LGPL-2.1-or-later
#include "revoked.h"

#include "lib/listfile.h"

int revoked_find(const struct repo *repo,
		 const uint8_t digest[CRYPTEX_DIGEST_SIZE], struct cx_error *err)
{
	struct cx_buf bytes;
	struct cx_list list;
	int ret;

	if (!repo_target(repo, TARGET_LIST))
		return 0;
	ret = repo_read_target(repo, TARGET_LIST, &bytes, err);
	/* Targets' signature covers it; by whom it is signed the kernel asks. */
	if (!ret)
		ret = cx_list_from_bytes(bytes, TARGET_LIST, NULL, &list, err);
	if (ret < 0)
		return ret;
	ret = cryptex_revocation_has_seal(&list.view, digest);
	cx_list_free(&list);
	return ret;
}
