// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A client of The Update Framework for conformance suites, over the library that
 * Cryptex itself uses.  It links dynamically, so that a suite can fake the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/http.h"
#include "lib/tuf/client.h"
#include "lib/tuf/limits.h"
#include "lib/tuf/names.h"

#define NAMES_MAX 64

struct arguments {
	const char *metadata_url;
	const char *metadata_dir;
	const char *target_url;
	const char *target_dir;
	const char *names[NAMES_MAX];
	size_t name_count;
};

/* A repository that is opened by its URL: file:///folder or http(s)://... */
struct source {
	struct cx_tuf_transport transport;
	struct cx_http *http;
	int dirfd;
};

static int open_folder(const char *path, struct cx_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return cx_fail(err, -errno, "%s: cannot be opened: %s", path,
			       strerror(errno));
	return fd;
}

static int source_open(struct source *source, const char *url,
		       struct cx_error *err)
{
	int ret;

	source->http = NULL;
	source->dirfd = -1;
	if (!strncmp(url, "file://", 7)) {
		source->dirfd = ret = open_folder(url + 7, err);
		cx_tuf_dir_transport(source->dirfd, &source->transport);
		return ret < 0 ? ret : 0;
	}
	ret = cx_http_open(url, NULL, &source->http, err);
	if (!ret)
		cx_tuf_http_transport(source->http, &source->transport);
	return ret;
}

static void source_close(struct source *source)
{
	cx_http_close(source->http);
	if (source->dirfd >= 0)
		close(source->dirfd);
}

static int init(const char *dir, const char *path, struct cx_error *err)
{
	struct cx_buf root;
	int ret, fd = open_folder(dir, err);

	if (fd < 0)
		return fd;
	ret = cx_read_file(path, CX_TUF_ROOT_MAX, &root, err);
	if (!ret) {
		ret = cx_tuf_init(fd, root.data, root.size, err);
		cx_buf_free(&root);
	}
	close(fd);
	return ret;
}

/* Fetched beside its place, so that what is there stays if this fails. */
static int fetch_target(struct cx_tuf *tuf, const struct cx_tuf_target *target,
			const char *path, struct cx_error *err)
{
	struct cx_output out;
	int ret, have = open(path, O_RDONLY | O_CLOEXEC);

	if (have >= 0) {
		ret = cx_tuf_check_file(target, have, NULL);
		close(have);
		if (!ret)
			return 0;
	}
	ret = cx_output_open(&out, path, NULL, 0644, err);
	if (ret)
		return ret;
	ret = cx_tuf_download(tuf, target, out.fd, NULL, NULL, err);
	if (!ret)
		return cx_output_commit(&out, err);
	cx_output_abort(&out);
	return ret;
}

static int download_one(struct cx_tuf *tuf, const char *name, const char *dir,
			struct cx_error *err)
{
	const struct cx_tuf_target *target;
	char *encoded, *path;
	int ret = cx_tuf_find(tuf, name, &target, err);

	if (ret)
		return ret;
	encoded = cx_tuf_encode(name, false);
	ret = encoded ? asprintf(&path, "%s/%s", dir, encoded) : -1;
	free(encoded);
	if (ret < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = fetch_target(tuf, target, path, err);
	free(path);
	return ret;
}

static int refresh(const struct arguments *args,
		   const struct cx_tuf_options *options, struct cx_error *err)
{
	struct cx_tuf *tuf = NULL;
	struct source source;
	int ret, fd = open_folder(args->metadata_dir, err);
	size_t i;

	if (fd < 0)
		return fd;
	ret = source_open(&source, args->metadata_url, err);
	if (!ret)
		ret = cx_tuf_open(fd, &source.transport, options, &tuf, err);
	if (!ret)
		ret = cx_tuf_refresh(tuf, err);
	for (i = 0; !ret && i < args->name_count; i++)
		ret = download_one(tuf, args->names[i], args->target_dir, err);
	cx_tuf_close(tuf);
	source_close(&source);
	close(fd);
	return ret;
}

static int download(const struct arguments *args, struct cx_error *err)
{
	struct source targets;
	struct cx_tuf_options options = { .targets = &targets.transport };
	int ret = source_open(&targets, args->target_url, err);

	if (!ret)
		ret = refresh(args, &options, err);
	source_close(&targets);
	return ret;
}

static int usage(void)
{
	fputs("usage: cryptex-tuf-client --metadata-dir D init ROOT\n"
	      "       cryptex-tuf-client --metadata-dir D --metadata-url U refresh\n"
	      "       cryptex-tuf-client --metadata-dir D --metadata-url U --target-name T...\n"
	      "              --target-dir TD --target-base-url B download\n",
	      stderr);
	return 1;
}

static int parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{ "metadata-url", required_argument, NULL, 'u' },
		{ "metadata-dir", required_argument, NULL, 'd' },
		{ "target-name", required_argument, NULL, 'n' },
		{ "target-base-url", required_argument, NULL, 'b' },
		{ "target-dir", required_argument, NULL, 't' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (c == 'u')
			args->metadata_url = optarg;
		else if (c == 'd')
			args->metadata_dir = optarg;
		else if (c == 'b')
			args->target_url = optarg;
		else if (c == 't')
			args->target_dir = optarg;
		else if (c == 'n' && args->name_count < NAMES_MAX)
			args->names[args->name_count++] = optarg;
		else
			return -EINVAL;
	}
	return args->metadata_dir && optind < argc ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	struct arguments args = { 0 };
	struct cx_error err = { 0 };
	int ret, left;
	const char *command;

	if (parse(argc, argv, &args) < 0)
		return usage();
	command = argv[optind];
	left = argc - optind - 1;
	if (!strcmp(command, "init") && left == 1)
		ret = init(args.metadata_dir, argv[optind + 1], &err);
	else if (!strcmp(command, "refresh") && !left && args.metadata_url &&
		 !args.name_count)
		ret = refresh(&args, NULL, &err);
	else if (!strcmp(command, "download") && !left && args.metadata_url &&
		 args.name_count && args.target_dir && args.target_url)
		ret = download(&args, &err);
	else
		return usage();
	if (!ret)
		return 0;
	fprintf(stderr, "cryptex-tuf-client: %s: %s\n",
		cx_tuf_class_name(cx_tuf_class(ret)), err.text);
	return 1;
}
