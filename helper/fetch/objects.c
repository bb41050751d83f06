// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Objects, each on the smallest way that works.  While the files of one round are
 * judged by the other process, those of the next are fetched.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/fetch.h"
#include "fetch/index.h"

#define ROUND	16	/* files */
#define HEX	(2 * CRYPTEX_DIGEST_SIZE)

/* One object that is missing. */
struct task {
	const struct index_object *object;
	size_t way;		/* that is tried, or is next */
	bool again;		/* from the first byte: what was there was bad */
	bool resumed;		/* part of it was there */
	bool waits;		/* for the other's judgement */
	bool done;
	struct cx_error why;	/* of the last failure */
};

struct work {
	struct session *session;
	struct task *tasks;
	size_t count;
};

/* One file of a round. */
struct file {
	struct task *task;
	char name[16 + 2 * HEX + 8];	/* below the repository */
	char part[2 * HEX + 8];
	bool complete;			/* it was there already */
};

int fetch_batch(struct cx_object **list, size_t *count,
		const struct cx_message_batch *batch, struct cx_error *err)
{
	struct cx_object *grown = reallocarray(*list, *count + batch->count + 1,
					       sizeof(*grown));

	if (!grown)
		return cx_fail(err, -ENOMEM, "out of memory");
	memcpy(grown + *count, batch->objects,
	       batch->count * sizeof(*grown));
	*list = grown;
	*count += batch->count;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, CRYPTEX_DIGEST_SIZE);
}

static bool possible(const struct session *s, const struct index_way *way)
{
	return !way->delta || bsearch(way->old, s->have, s->have_count,
				      sizeof(*s->have), compare);
}

/* Go to the next way that can be gone. */
static int settle(const struct session *s, struct task *task,
		  struct cx_error *err)
{
	const struct index_object *o = task->object;
	char hex[HEX + 1];

	while (task->way < o->count && !possible(s, &o->ways[task->way]))
		task->way++;
	if (task->way < o->count)
		return 0;
	cx_hex(o->digest, sizeof(o->digest), hex);
	if (*task->why.text)
		return cx_fail(err, -ENOENT,
			       "the repository has no sound copy of the object %.12s: %s",
			       hex, task->why.text);
	return cx_fail(err, -ENOENT,
		       "the repository has the object %.12s only as deltas for objects that are not here",
		       hex);
}

static int plan(struct work *w, struct cx_error *err)
{
	struct session *s = w->session;
	char hex[HEX + 1];
	size_t i;
	int rc;

	qsort(s->have, s->have_count, sizeof(*s->have), compare);
	for (i = 0; i < w->count; i++) {
		struct task *task = &w->tasks[i];
		const uint8_t *digest = s->want[i].digest;

		task->object = index_find(s->index, digest);
		if (!task->object)
			return cx_fail(err, -ENOENT,
				       "the repository does not have the object %.12s",
				       cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex));
		rc = settle(s, task, err);
		if (rc)
			return rc;
		s->total += task->object->ways[task->way].size;
	}
	return 0;
}

static void name_file(struct file *file)
{
	const struct task *task = file->task;
	const struct index_way *way = &task->object->ways[task->way];
	char hex[HEX + 1], old[HEX + 1];

	cx_hex(task->object->digest, CRYPTEX_DIGEST_SIZE, hex);
	cx_hex(way->old, sizeof(way->old), old);
	if (way->delta) {
		snprintf(file->name, sizeof(file->name), "deltas/%.2s/%s/%s",
			 hex, hex + 2, old);
		snprintf(file->part, sizeof(file->part), "%s-%s", hex, old);
	} else {
		snprintf(file->name, sizeof(file->name), "objects/%.2s/%s.zst",
			 hex, hex + 2);
		snprintf(file->part, sizeof(file->part), "%s", hex);
	}
}

static int prepare(struct session *s, struct file *file,
		   struct cx_fetch_job *job, struct cx_error *err)
{
	struct task *task = file->task;
	uint64_t there;

	name_file(file);
	*job = (struct cx_fetch_job){
		.name = file->name,
		.limit = task->object->ways[task->way].size,
	};
	if (task->again)
		unlinkat(s->parts, file->part, 0);
	job->fd = fetch_part(s, file->part, &there, err);
	if (job->fd < 0)
		return job->fd;
	/* What is longer than it may be is not its beginning. */
	if (there > job->limit && ftruncate(job->fd, there = 0))
		return cx_fail(err, -errno, "%s: %s", file->part,
			       strerror(errno));
	task->resumed = there > 0;
	file->complete = there == job->limit;
	return 0;
}

/* Without a network, or without space, another way is no better. */
static bool hopeless(int rc)
{
	return rc == -EHOSTUNREACH || rc == -ETIMEDOUT || rc == -ENOSPC ||
	       rc == -EDQUOT || rc == -ENOMEM || rc == -EPIPE;
}

static int next_way(struct session *s, struct task *task, struct cx_error *err)
{
	task->waits = false;
	task->again = false;
	task->way++;
	return settle(s, task, err);
}

static int hand_over(struct session *s, const struct file *file,
		     const struct cx_fetch_job *job, struct cx_error *err)
{
	struct task *task = file->task;
	const struct index_way *way = &task->object->ways[task->way];
	struct cx_message message = {
		.type = CX_MESSAGE_FILE,
		.file = {
			.way = way->delta ? CX_WAY_DELTA : CX_WAY_WHOLE,
			.size = way->size, .fetched = job->fetched,
		},
	};

	memcpy(message.file.digest, task->object->digest, CRYPTEX_DIGEST_SIZE);
	if (way->delta)
		memcpy(message.file.old, way->old, CRYPTEX_DIGEST_SIZE);
	s->done += way->size;
	s->unanswered++;
	task->waits = true;
	return cx_channel_send(FETCH_SOCK, &message, job->fd, err);
}

/* What a download has come to; @err is filled where nothing else can be tried. */
static int finish(struct session *s, struct file *file,
		  struct cx_fetch_job *job, struct cx_error *err)
{
	struct task *task = file->task;
	struct stat st;

	if (!job->ret && (fstat(job->fd, &st) ||
			  (uint64_t)st.st_size != job->limit))
		job->ret = cx_fail(&job->err, -EBADMSG,
				   "%s: is shorter than the index says",
				   file->name);
	if (!job->ret)
		return hand_over(s, file, job, err);
	if (hopeless(job->ret))
		return cx_fail(err, job->ret, "%s", job->err.text);
	task->why = job->err;
	unlinkat(s->parts, file->part, 0);
	return next_way(s, task, err);
}

/* Open the next files; those that are complete are handed over at once. */
static int open_round(struct work *w, struct file *files,
		      struct cx_fetch_job *jobs, size_t *count,
		      size_t *complete, struct cx_error *err)
{
	struct session *s = w->session;
	size_t i, n = 0;
	int rc = 0;

	*complete = 0;
	for (i = 0; i < w->count && n < ROUND && *complete < ROUND && !rc; i++) {
		if (w->tasks[i].done || w->tasks[i].waits)
			continue;
		files[n].task = &w->tasks[i];
		rc = prepare(s, &files[n], &jobs[n], err);
		if (!rc && files[n].complete) {
			rc = finish(s, &files[n], &jobs[n], err);
			close(jobs[n].fd);
			++*complete;
		} else if (jobs[n].fd >= 0) {
			n++;
		}
	}
	*count = n;
	return rc;
}

/* Return: how many files were opened, or a negative errno. */
static int fetch_round(struct work *w, struct cx_error *err)
{
	struct cx_tuf_transport t = fetch_transport(w->session, PLACE_OBJECTS);
	struct cx_fetch_job jobs[ROUND];
	struct file files[ROUND];
	struct cx_error ignored;
	size_t i, n, complete;
	int rc = open_round(w, files, jobs, &n, &complete, err), failed;

	if (!rc && n)
		t.fetch_files(t.ctx, jobs, n, fetch_progress, w->session,
			      &ignored);
	for (i = 0; i < n; i++) {
		failed = rc ? 0 : finish(w->session, &files[i], &jobs[i], err);
		close(jobs[i].fd);
		if (failed)
			rc = failed;
	}
	return rc ? rc : (int)(n + complete);
}

static struct task *find(struct work *w, const struct cx_message_file *file)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		if (w->tasks[i].waits && !memcmp(w->tasks[i].object->digest,
						 file->digest,
						 CRYPTEX_DIGEST_SIZE))
			return &w->tasks[i];
	return NULL;
}

/* A part that was begun in another session may be of an older file. */
static int refused(struct session *s, struct task *task, struct cx_error *err)
{
	if (task->resumed && !task->again) {
		task->waits = false;
		task->again = true;
		return 0;
	}
	cx_fail(&task->why, -EBADMSG, "what came was not what the seal names");
	return next_way(s, task, err);
}

static int take_answer(struct work *w, struct cx_error *err)
{
	struct session *s = w->session;
	struct cx_message message;
	struct file file = { 0 };
	int fd, rc = cx_channel_recv(FETCH_SOCK, CX_SIDE_OWNER, &message, &fd,
				     err);

	if (rc <= 0)
		return rc ? rc : -EPIPE;
	if (message.type != CX_MESSAGE_TAKEN &&
	    message.type != CX_MESSAGE_REFUSED)
		return cx_fail(err, -EBADMSG, "a judgement was expected");
	file.task = find(w, &message.file);
	if (!file.task)
		return cx_fail(err, -EBADMSG, "nothing waits for that judgement");
	name_file(&file);
	unlinkat(s->parts, file.part, 0);
	s->unanswered--;
	s->silent = 0;
	if (message.type == CX_MESSAGE_REFUSED)
		return refused(s, file.task, err);
	file.task->waits = false;
	file.task->done = true;
	return 0;
}

static bool all_done(const struct work *w)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		if (!w->tasks[i].done)
			return false;
	return true;
}

static int run(struct work *w, struct cx_error *err)
{
	size_t unanswered;
	int rc = plan(w, err);

	while (!rc && !all_done(w)) {
		/* Of the files of the last round, not of this one. */
		unanswered = w->session->unanswered;
		rc = fetch_round(w, err);
		while (rc >= 0 && unanswered--) {
			int failed = take_answer(w, err);

			rc = failed ? failed : 0;
		}
		if (rc > 0)
			rc = 0;
	}
	return rc;
}

int fetch_objects(struct session *session, struct cx_error *err)
{
	struct work w = { .session = session, .count = session->want_count };
	int rc;

	if (!session->index)
		return cx_fail(err, -EINVAL, "there is no seal yet");
	session->done = session->total = 0;
	session->unanswered = session->silent = 0;
	w.tasks = calloc(w.count + 1, sizeof(*w.tasks));
	if (!w.tasks)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = run(&w, err);
	free(w.tasks);
	return rc;
}
