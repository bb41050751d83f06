// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzzes metadata of The Update Framework (libFuzzer with ASan and UBSan).
 *
 * The first byte says what the rest is taken for: one of the four kinds of metadata,
 * or a name.  Whatever is accepted is used in every way that the client uses it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "json_mutate.h"
#include "lib/tuf/canonical.h"
#include "lib/tuf/metadata.h"
#include "lib/tuf/names.h"

/* A file with one byte, which is hardly what was announced */
static int other_file(void)
{
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("other", MFD_CLOEXEC);
		need(write(fd, "a", 1) == 1);
	}
	return fd;
}

static void check_other(const struct cx_tuf_hashes *hashes)
{
	struct cx_error err = { 0 }, fd_err = { 0 };

	need(cx_tuf_hashes_check(hashes, "a", 1, &err) ==
	     cx_tuf_hashes_check_fd(hashes, other_file(), 1, &fd_err));
}

static void use_hashes(const struct cx_tuf_hashes *hashes)
{
	struct cx_tuf_hashes longer = *hashes;

	need(cx_tuf_hashes_same(hashes, hashes));
	check_other(hashes);
	longer.has_sha256 = false;
	longer.has_sha512 = true;
	check_other(&longer);
}

/* A failure without a sentence would leave a person alone. */
static bool accepted(int ret, const struct cx_error *err)
{
	need(ret <= 0 && (!ret || *err->text));
	return !ret;
}

static void check_header(const struct cx_tuf_header *header)
{
	char text[40];

	need(header->version > 0 && header->expires >= 0);
	cx_tuf_time_text(header->expires, text);
}

static void use_root(const struct cx_tuf_envelope *envelope)
{
	struct cx_error err = { 0 };
	struct cx_tuf_root *root;
	int i;

	if (!accepted(cx_tuf_root_parse(envelope->signed_part, &root, &err),
		      &err))
		return;
	check_header(&root->header);
	for (i = 0; i < CX_TUF_TOP_LEVEL; i++) {
		need(root->roles[i].threshold > 0);
		err.text[0] = '\0';
		accepted(cx_tuf_envelope_verify(envelope, &root->roles[i],
						&err), &err);
	}
	cx_tuf_root_free(root);
}

static void use_timestamp(const struct cx_tuf_envelope *envelope)
{
	struct cx_tuf_timestamp *timestamp;
	struct cx_error err = { 0 };

	if (!accepted(cx_tuf_timestamp_parse(envelope->signed_part, &timestamp,
					     &err), &err))
		return;
	check_header(&timestamp->header);
	need(timestamp->snapshot.version > 0);
	use_hashes(&timestamp->snapshot.hashes);
	free(timestamp);
}

static void use_snapshot(const struct cx_tuf_envelope *envelope)
{
	struct cx_tuf_snapshot *snapshot;
	struct cx_error err = { 0 };
	size_t i;

	if (!accepted(cx_tuf_snapshot_parse(envelope->signed_part, &snapshot,
					    &err), &err))
		return;
	check_header(&snapshot->header);
	for (i = 0; i < snapshot->count; i++) {
		const char *name = snapshot->metas[i].name;
		size_t len = strlen(name);
		char *role = strdup(name);

		if (len > 5 && !strcmp(name + len - 5, ".json")) {
			role[len - 5] = '\0';
			need(cx_tuf_snapshot_find(snapshot, role) ==
			     &snapshot->metas[i]);
		}
		free(role);
	}
	need(!cx_tuf_snapshot_find(snapshot, "\x7f"));
	cx_tuf_snapshot_free(snapshot);
}

static void check_path(const char *path)
{
	char *copy = strdup(path), *next = copy, *part;

	need(*path && *path != '/');
	while ((part = strsep(&next, "/")))
		need(*part && strcmp(part, ".") && strcmp(part, ".."));
	free(copy);
}

static void use_targets(const struct cx_tuf_envelope *envelope)
{
	struct cx_tuf_targets *targets;
	struct cx_error err = { 0 };
	size_t i, k;

	if (!accepted(cx_tuf_targets_parse(envelope->signed_part, "targets",
					   &targets, &err), &err))
		return;
	check_header(&targets->header);
	for (i = 0; i < targets->count; i++) {
		check_path(targets->targets[i].name);
		use_hashes(&targets->targets[i].hashes);
		need(cx_tuf_targets_find(targets, targets->targets[i].name) ==
		     &targets->targets[i]);
	}
	for (i = 0; i < targets->delegation_count; i++) {
		const struct cx_tuf_delegation *d = &targets->delegations[i];

		need(strcmp(d->role.name, "targets"));
		for (k = 0; k < targets->count && k < 16; k++)
			cx_tuf_delegation_covers(d, targets->targets[k].name);
		err.text[0] = '\0';
		accepted(cx_tuf_envelope_verify(envelope, &d->role, &err),
			 &err);
	}
	cx_tuf_targets_free(targets);
}

/* What was read from its canonical form has the same one again. */
static void check_canonical(const struct cx_tuf_envelope *envelope)
{
	json_t *json = json_loadb(envelope->text, envelope->size, 0, NULL);
	size_t size;
	char *text;

	if (!json)
		return;
	need(!cx_tuf_canonical(json, &text, &size, NULL));
	need(size == envelope->size && !memcmp(text, envelope->text, size));
	free(text);
	json_decref(json);
}

static void use_metadata(uint8_t kind, const uint8_t *data, size_t size)
{
	static void (*const uses[])(const struct cx_tuf_envelope *) = {
		use_root, use_timestamp, use_snapshot, use_targets,
	};
	struct cx_tuf_envelope envelope;
	struct cx_error err = { 0 };

	if (!accepted(cx_tuf_envelope_read(data, size, &envelope, &err), &err))
		return;
	check_canonical(&envelope);
	uses[kind](&envelope);
	cx_tuf_envelope_free(&envelope);
}

static void use_name(const uint8_t *data, size_t size)
{
	char *name = strndup((const char *)data, size);
	char *encoded = cx_tuf_encode(name, false);
	char *back = cx_tuf_decode(encoded), *other = cx_tuf_decode(name);

	need(!strchr(encoded, '/') && back && !strcmp(back, name));
	if (!cx_tuf_check_path(name, NULL))
		check_path(name);
	if (!cx_tuf_check_pattern(name, NULL) && !strchr(name, '*') &&
	    !strchr(name, '?'))
		need(cx_tuf_match(name, name));
	if (other)
		cx_tuf_match(name, other);
	cx_tuf_check_role(name, NULL);
	free(other);
	free(back);
	free(encoded);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (*data % 5 == 4)
		use_name(data + 1, size - 1);
	else
		use_metadata(*data % 5, data + 1, size - 1);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct random r = { seed };
	size_t made;

	if (size < 2 || *data % 5 == 4 || random_one_in(&r, 4))
		return LLVMFuzzerMutate(data, size, max);
	made = json_mutate(data + 1, size - 1, max - 1, &r);
	return made ? made + 1 : LLVMFuzzerMutate(data, size, max);
}
