// SPDX-License-Identifier: LGPL-2.1-or-later
#include <endian.h>
#include <stdlib.h>

#include "report.h"
#include "revoking.h"

void seal_digest(const struct blob *seal, uint8_t *digest)
{
	const struct cryptex_seal_header *h = (const void *)seal->data;

	signer_sha256(seal->data, le64toh(h->signed_size), digest);
}

struct blob seal_at(struct cryptex *cx, const char *label,
		    uint32_t security_epoch, struct tree *t,
		    const struct signer *signer)
{
	struct identity id = {
		.name = cx->name,
		.label = label,
		.base = cx->base,
		.security_epoch = security_epoch,
	};
	struct blob manifest = manifest_make(&id, t);
	struct blob seal = seal_make(&manifest, signer);

	free(manifest.data);
	return seal;
}

int stage_blob(struct world *w, struct blob seal)
{
	int fd = world_seal_file(w, &seal);
	int err = client_stage(&w->client, fd);

	close(fd);
	free(seal.data);
	return err;
}

struct denials denials_next(struct world *w)
{
	if (client_state(&w->client))
		die("state: %s", w->client.text);
	return (struct denials) { .number = w->client.list_number + 1 };
}

int deny_as(struct world *w, struct denials *d, const struct signer *signer)
{
	struct blob list = list_make(d, signer);
	int fd = world_seal_file(w, &list);
	int err = client_revoke(&w->client, fd);

	close(fd);
	free(list.data);
	return err;
}

int deny(struct world *w, struct denials *d)
{
	return deny_as(w, d, &w->signer);
}

int deny_label(struct cryptex *cx, const char *label)
{
	struct generation gen = generation_of(cx, label);
	struct denials d = denials_next(cx->world);

	denials_add_seal(&d, gen.digest);
	return deny(cx->world, &d);
}

struct generation generation_of(struct cryptex *cx, const char *label)
{
	struct generation *list, found = {};
	int count = client_get(&cx->world->client, cx->name, &list), i;

	for (i = 0; i < count; i++)
		if (!strcmp(list[i].label, label))
			found = list[i];
	if (!found.attributes)
		die("%s has no generation %s", cx->name, label);
	free(list);
	return found;
}
