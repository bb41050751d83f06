// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/listfile.h"

#include <endian.h>

#include "lib/signed.h"

/* Verify before parse: what nobody has signed is not looked at. */
static int check(struct cx_list *list, const char *name,
		 const struct cx_trust *trust, struct cx_error *err)
{
	struct cryptex_revocation *view = &list->view;
	struct cryptex_seal_fault fault;
	struct cryptex_envelope envelope;
	int ret = cryptex_revocation_frame(list->buf.data, list->buf.size,
					   view, &fault);

	if (ret < 0)
		return cx_fail_fault(name, ret, &fault, err);
	envelope = (struct cryptex_envelope){
		.signature = view->signature,
		.checksum = view->checksum,
		.signed_size = view->signed_size,
		.signature_size = view->signature_size,
	};
	ret = cx_signed_check(view->header, &envelope, name, trust, err);
	if (ret < 0)
		return ret;
	ret = cryptex_revocation_parse(view, &fault);
	return ret < 0 ? cx_fail_fault(name, ret, &fault, err) : 0;
}

int cx_list_from_bytes(struct cx_buf buf, const char *name,
		       const struct cx_trust *trust, struct cx_list *list,
		       struct cx_error *err)
{
	int ret;

	*list = (struct cx_list){ .buf = buf };
	ret = check(list, name, trust, err);
	if (ret < 0)
		cx_list_free(list);
	return ret;
}

int cx_list_load(const char *path, const struct cx_trust *trust,
		 struct cx_list *list, struct cx_error *err)
{
	struct cx_buf buf;
	int ret = cx_read_file(path, CRYPTEX_REVOCATION_MAX_SIZE, &buf, err);

	*list = (struct cx_list){ 0 };
	return ret < 0 ? ret : cx_list_from_bytes(buf, path, trust, list, err);
}

void cx_list_free(struct cx_list *list)
{
	cx_buf_free(&list->buf);
	*list = (struct cx_list){ 0 };
}

uint64_t cx_list_number(const struct cx_list *list)
{
	return le64toh(list->view.header->number);
}
