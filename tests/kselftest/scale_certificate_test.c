// SPDX-License-Identifier: LGPL-2.1-or-later
/* A certificate as large as one may be, and one of a byte more. */
#include <stdlib.h>

#include <kselftest.h>

#include "fixture.h"
#include "report.h"

static int add(struct world *w, const struct signer *s)
{
	struct blob cert = signer_certificate(s);
	int err = client_key_add(&w->client, cert.data, cert.size);

	ksft_print_msg("%zu bytes: %s (%s)\n", cert.size, strerror(-err),
		       w->client.text);
	free(cert.data);
	return err;
}

static int stage_by(struct cryptex *cx, const char *label, struct signer *s)
{
	struct signer usual = cx->world->signer;
	struct tree t = {};
	struct blob seal;
	int fd, err;

	tree_add_text(&t, cx->world, "text", label);
	cx->world->signer = *s;
	seal = cryptex_seal(cx, label, &t);
	cx->world->signer = usual;
	fd = world_seal_file(cx->world, &seal);
	err = client_stage(&cx->world->client, fd);
	close(fd);
	free(seal.data);
	tree_exit(&t);
	return err;
}

int main(void)
{
	struct signer largest, larger;
	struct cryptex cx;
	struct world w;

	ksft_print_header();
	ksft_set_plan(4);
	world_init(&w);
	cryptex_init(&cx, &w, "certificate");
	cryptex_simple(&cx, 1);
	signer_init(&largest, SIGNER_P256, "largest");
	signer_grow(&largest, CRYPTEX_MAX_CERTIFICATE);
	signer_init(&larger, SIGNER_P256, "larger");
	signer_grow(&larger, CRYPTEX_MAX_CERTIFICATE + 1);
	ksft_test_result(!add(&w, &largest), "the largest is taken\n");
	ksft_test_result(!stage_by(&cx, "2", &largest), "and its key is trusted\n");
	ksft_test_result(add(&w, &larger) == -ERANGE, "a byte more is refused\n");
	ksft_test_result(stage_by(&cx, "3", &larger) == -ENOKEY,
			 "and its key is not trusted\n");
	signer_exit(&largest);
	signer_exit(&larger);
	world_exit(&w);
	ksft_finished();
}
