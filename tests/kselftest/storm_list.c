// SPDX-License-Identifier: LGPL-2.1-or-later
/* The part of the storm that revokes: sets come, are used, and are denied. */
#include <endian.h>
#include <stdlib.h>
#include <time.h>

#include <cryptex/revocation.h>

#include "report.h"
#include "storm.h"

/**
 * struct list - what has been revoked so far
 * @digests: ascending
 * @count: number of @digests
 * @number: of the list, rises by one
 */
struct list {
	uint8_t (*digests)[CRYPTEX_DIGEST_SIZE];
	size_t count;
	uint64_t number;
};

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, CRYPTEX_DIGEST_SIZE);
}

static void list_add(struct list *l, uint8_t (*digests)[CRYPTEX_DIGEST_SIZE],
		     size_t count)
{
	l->digests = reallocarray(l->digests, l->count + count,
				  CRYPTEX_DIGEST_SIZE);
	if (!l->digests)
		die("out of memory");
	memcpy(l->digests[l->count], digests, count * CRYPTEX_DIGEST_SIZE);
	l->count += count;
	qsort(l->digests, l->count, CRYPTEX_DIGEST_SIZE, compare);
	l->number++;
}

static struct blob list_content(const struct list *l)
{
	struct cryptex_revocation_header head = {
		.version = htole32(CRYPTEX_REVOCATION_VERSION),
		.number = htole64(l->number),
		.issued = htole64(time(NULL)),
		.seal_count = htole32(l->count),
	};
	struct blob first = { (uint8_t *)&head, sizeof(head) };
	struct blob second = { (uint8_t *)l->digests,
			       l->count * CRYPTEX_DIGEST_SIZE };

	memcpy(head.magic, CRYPTEX_REVOCATION_MAGIC, sizeof(head.magic));
	head.signed_size = htole64(first.size + second.size);
	return blob_join(&first, &second);
}

/* An open file that holds the signed list: its frame is that of a seal. */
static int list_file(struct world *w, const struct list *l)
{
	struct blob content = list_content(l);
	struct blob whole = seal_make(&content, &w->signer);
	int fd = world_seal_file(w, &whole);

	free(content.data);
	free(whole.data);
	return fd;
}

static void revoke_seals(struct storm *s, const struct list *l)
{
	struct client *c = &s->world.client;
	struct nl_msg *msg = client_new(c, CRYPTEX_CMD_REVOKE, 0);
	uint32_t fd = list_file(&s->world, l);
	int err;

	client_add(msg, CRYPTEX_A_LIST_FD, &fd, sizeof(fd));
	err = client_send(c, msg);
	if (err)
		die("list %llu: %s (%s)", (unsigned long long)l->number,
		    strerror(-err), c->text);
	close(fd);
	storm_count(&s->counts->lists);
}

/* Whoever is told of the set by a hint finds it gone, and never comes back. */
static void revoke_one(struct storm *s, struct list *l)
{
	uint8_t digests[STORM_CRYPTEXES][CRYPTEX_DIGEST_SIZE];
	long serial = l->number + 1;
	char label[32];
	int err;

	snprintf(label, sizeof(label), "r%ld", serial);
	storm_stage(s, STORM_FIRST_REVOKED +
		    serial % (STORM_MAX_SET - STORM_FIRST_REVOKED), label,
		    digests);
	__atomic_store_n(&s->counts->label, serial, __ATOMIC_RELAXED);
	storm_sleep(storm_random(200000));
	list_add(l, digests, STORM_CRYPTEXES);
	revoke_seals(s, l);
	__atomic_store_n(&s->counts->label, 0, __ATOMIC_RELAXED);
	err = storm_activate(s, label);
	if (err != -EKEYREVOKED)
		die("activate the revoked %s: %s", label, strerror(-err));
	storm_retire(s, label);
}

void storm_revoke(struct storm *s, int number)
{
	struct list l = {};

	(void)number;
	while (!storm_is_over(s))
		revoke_one(s, &l);
	_exit(0);
}
