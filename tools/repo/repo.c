// SPDX-License-Identifier: LGPL-2.1-or-later
#include "repo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "load.h"

#define TIME_MAX	253402300799ULL		/* the end of year 9999 */

const char *const role_names[ROLES] = {
	"root", "targets", "snapshot", "timestamp",
};

int repo_clock(time_t *now, struct cx_error *err)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	unsigned long long value;

	if (!text) {
		*now = time(NULL);
		return 0;
	}
	if (parse_number(text, TIME_MAX, &value) < 0)
		return cx_fail(err, -EINVAL,
			       "SOURCE_DATE_EPOCH \"%s\": is no number of seconds since 1970",
			       text);
	*now = value;
	return 0;
}

static int begin(const char *path, struct repo *repo, struct cx_error *err)
{
	size_t size = strlen(path);
	int ret;

	*repo = (struct repo){ .dirfd = -1, .lock_fd = -1 };
	while (size > 1 && path[size - 1] == '/')
		size--;
	repo->path = strndup(path, size);
	repo->teams = json_object();
	repo->fresh = json_object();
	if (!repo->path || !repo->teams || !repo->fresh)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = repo_clock(&repo->now, err);
	if (ret < 0)
		return ret;
	repo->dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (repo->dirfd < 0)
		return cx_fail(err, -errno,
			       "%s: the repository cannot be opened: %s", path,
			       strerror(errno));
	repo->pub = (struct publication){
		.base = repo->path, .dirfd = repo->dirfd,
	};
	return 0;
}

static int make_folder(const struct repo *repo, const char *name, mode_t mode,
		       struct cx_error *err)
{
	if (!mkdirat(repo->dirfd, name, mode) || errno == EEXIST)
		return 0;
	return cx_fail(err, -errno, "%s/%s: the folder cannot be made: %s",
		       repo->path, name, strerror(errno));
}

/* What an interrupted command has left. */
static int empty_temp(const struct repo *repo, struct cx_error *err)
{
	int fd = openat(repo->dirfd, DIR_TEMP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return cx_fail(err, -errno, "%s/%s: %s", repo->path, DIR_TEMP,
			       strerror(errno));
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(fd, entry->d_name, 0);
	closedir(dir);
	return 0;
}

/* The kernel drops the lock with the process, however that ends. */
static int lock(struct repo *repo, struct cx_error *err)
{
	int ret = make_folder(repo, DIR_PRIVATE, 0700, err);

	if (!ret)
		ret = make_folder(repo, DIR_TEMP, 0700, err);
	if (ret < 0)
		return ret;
	repo->lock_fd = openat(repo->dirfd, FILE_LOCK,
			       O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (repo->lock_fd < 0)
		return cx_fail(err, -errno, "%s/%s: %s", repo->path, FILE_LOCK,
			       strerror(errno));
	if (!flock(repo->lock_fd, LOCK_EX | LOCK_NB))
		return empty_temp(repo, err);
	if (errno == EWOULDBLOCK)
		return cx_fail(err, -EBUSY,
			       "%s: somebody else is changing it at the moment; try again when that has ended",
			       repo->path);
	return cx_fail(err, -errno, "%s/%s: cannot be locked: %s", repo->path,
		       FILE_LOCK, strerror(errno));
}

int repo_open(const char *path, struct repo *repo, struct cx_error *err)
{
	int ret = begin(path, repo, err);

	if (!ret)
		ret = repo_load(repo, err);
	if (ret < 0)
		repo_close(repo);
	return ret;
}

int repo_open_folder(const char *path, struct repo *repo, struct cx_error *err)
{
	int ret = begin(path, repo, err);

	if (ret < 0)
		repo_close(repo);
	return ret;
}

/* Where nothing is, a typing error shall not make folders. */
static int check_there(const struct repo *repo, struct cx_error *err)
{
	if (!faccessat(repo->dirfd, DIR_METADATA "/timestamp.json", F_OK, 0))
		return 0;
	return cx_fail(err, -ENOENT,
		       "%s: is no repository: metadata/timestamp.json is missing; `cryptex-repo init` makes one",
		       repo->path);
}

int repo_open_locked(const char *path, struct repo *repo, struct cx_error *err)
{
	int ret = begin(path, repo, err);

	if (!ret)
		ret = check_there(repo, err);
	if (!ret)
		ret = lock(repo, err);
	if (!ret)
		ret = repo_load(repo, err);
	if (ret < 0)
		repo_close(repo);
	return ret;
}

int repo_create(const char *path, struct repo *repo, struct cx_error *err)
{
	struct cx_error ignored;
	int ret;

	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return cx_fail(err, -errno, "%s: cannot be made: %s", path,
			       strerror(errno));
	ret = begin(path, repo, err);
	if (!ret && !check_there(repo, &ignored))
		ret = cx_fail(err, -EEXIST, "%s: is a repository already", path);
	if (!ret)
		ret = lock(repo, err);
	if (ret < 0)
		repo_close(repo);
	return ret;
}

void repo_close(struct repo *repo)
{
	size_t i;

	publication_abort(&repo->pub);
	json_decref(repo->root);
	json_decref(repo->draft);
	for (i = 0; i < ROLES; i++)
		json_decref(repo->body[i]);
	json_decref(repo->teams);
	json_decref(repo->fresh);
	if (repo->lock_fd >= 0)
		close(repo->lock_fd);
	if (repo->dirfd >= 0)
		close(repo->dirfd);
	free(repo->path);
	*repo = (struct repo){ .dirfd = -1, .lock_fd = -1 };
}
