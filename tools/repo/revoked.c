// SPDX-License-Identifier: LGPL-2.1-or-later
#include "revoked.h"

int revoked_load(const struct repo *repo, struct cx_list *list, struct cx_error *err)
{
	struct cx_buf bytes;
	int ret;

	*list = (struct cx_list){ 0 };
	if (!repo_target(repo, TARGET_LIST))
		return 0;
	ret = repo_read_target(repo, TARGET_LIST, &bytes, err);
	return ret < 0 ? ret : cx_list_from_bytes(bytes, TARGET_LIST, NULL, list, err);
}

bool revoked_has(const struct cx_list *list, const uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	return list->buf.data && cryptex_revocation_has_seal(&list->view, digest);
}

int revoked_find(const struct repo *repo, const uint8_t digest[CRYPTEX_DIGEST_SIZE],
		 struct cx_error *err)
{
	struct cx_list list;
	int ret = revoked_load(repo, &list, err);

	if (ret < 0)
		return ret;
	ret = revoked_has(&list, digest);
	cx_list_free(&list);
	return ret;
}
