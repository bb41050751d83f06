// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the repository has: its releases, and its revocation list. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/fetch.h"
#include "lib/release_json.h"

#define SUFFIX		".seal"
#define LIST		"revocations.list"
#define NOTES_MAX	10

/* One walk over the targets. */
struct walk {
	struct session *session;
	uint64_t list_number;
	size_t notes;
};

/* NAME/LABEL.seal: the fields must say the same. */
static bool name_fits(const char *name, const struct cx_release *release)
{
	char wanted[2 * CRYPTEX_LABEL_SIZE + sizeof(SUFFIX) + 1];

	snprintf(wanted, sizeof(wanted), "%s/%s" SUFFIX, release->item.name,
		 release->item.label);
	return !strcmp(name, wanted);
}

static int send_release(const struct cx_tuf_target *target, const json_t *custom,
			struct cx_error *err)
{
	struct cx_message *message = calloc(1, sizeof(*message));
	int rc;

	if (!message)
		return cx_fail(err, -ENOMEM, "out of memory");
	message->type = CX_MESSAGE_RELEASE;
	rc = cx_release_from_json(custom, target->length, &message->release,
				  err);
	if (!rc && !name_fits(target->name, &message->release))
		rc = cx_fail(err, -EBADMSG, "it is said to be %s@%s",
			     message->release.item.name,
			     message->release.item.label);
	if (!rc)
		rc = cx_channel_send(FETCH_SOCK, message, -1, err);
	free(message);
	return rc;
}

/* What one team has got wrong must not keep the fixes of another away. */
static int see_target(void *arg, const struct cx_tuf_target *target,
		      struct cx_error *err)
{
	struct walk *walk = arg;
	const json_t *custom = json_object_get(target->custom, "cryptex");
	size_t size = strlen(target->name), tail = sizeof(SUFFIX) - 1;
	int rc;

	if (size <= tail || strcmp(target->name + size - tail, SUFFIX))
		return 0;
	rc = send_release(target, custom, err);
	if (rc != -EBADMSG)
		return rc;
	if (walk->notes++ < NOTES_MAX) {
		cx_prefix(err, rc, "%s is left out", target->name);
		fetch_note(rc, err);
	}
	return 0;
}

static int send_list(struct session *s, const struct cx_tuf_target *target,
		     uint64_t number, struct cx_error *err)
{
	struct cx_message message = {
		.type = CX_MESSAGE_LIST, .list = { .number = number },
	};
	uint64_t there;
	int rc, fd = fetch_part(s, LIST, &there, err);

	if (fd < 0)
		return fd;
	rc = cx_tuf_download(s->tuf, target, fd, NULL, NULL, err);
	if (!rc)
		rc = cx_channel_send(FETCH_SOCK, &message, fd, err);
	close(fd);
	unlinkat(s->parts, LIST, 0);
	return rc;
}

static int see_list(struct session *s, uint64_t have, struct cx_error *err)
{
	const struct cx_tuf_target *target;
	json_int_t number;
	int rc = cx_tuf_find(s->tuf, LIST, &target, err);

	if (rc)
		return rc == -ENOENT ? 0 : rc;
	number = json_integer_value(json_object_get(
		json_object_get(target->custom, "cryptex"), "number"));
	if (number <= 0)
		return cx_fail(err, -EBADMSG,
			       "the repository's revocation list has no number");
	return (uint64_t)number > have ?
	       send_list(s, target, number, err) : 0;
}

static int set_up(struct session *s, struct cx_error *err)
{
	struct cx_buf root;
	struct stat st;
	int rc;

	if (!faccessat(s->metadata, "root.json", F_OK, 0))
		return 0;
	if (fstat(FETCH_ROOT, &st) || st.st_size <= 0 || st.st_size > 512 << 10)
		return cx_fail(err, -EBADMSG, "the trusted root has no proper size");
	rc = cx_read_fd(FETCH_ROOT, st.st_size, "the trusted root", &root, err);
	if (rc)
		return rc;
	rc = cx_tuf_init(s->metadata, root.data, root.size, err);
	cx_buf_free(&root);
	return rc;
}

static int open_tuf(struct session *s, int64_t not_before,
		    struct cx_error *err)
{
	struct cx_tuf_transport metadata = fetch_transport(s, PLACE_METADATA);
	struct cx_tuf_transport targets = fetch_transport(s, PLACE_TARGETS);
	const struct cx_tuf_options options = {
		.not_before = not_before, .targets = &targets,
	};
	int rc = set_up(s, err);

	cx_tuf_close(s->tuf);
	s->tuf = NULL;
	return rc ? rc : cx_tuf_open(s->metadata, &metadata, &options, &s->tuf,
				     err);
}

int fetch_refresh(struct session *session,
		  const struct cx_message_refresh *request,
		  struct cx_error *err)
{
	struct walk walk = { .session = session };
	int rc = open_tuf(session, request->not_before, err);

	if (!rc)
		rc = cx_tuf_refresh(session->tuf, err);
	if (!rc)
		rc = see_list(session, request->list_number, err);
	if (!rc)
		rc = cx_tuf_each_target(session->tuf, see_target, &walk, err);
	return rc;
}
