/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of cryptexctl share. */
#ifndef _CTL_H
#define _CTL_H

#include <stdbool.h>

#include "lib/ops.h"

/* Exit codes */
#define CTL_OK		0
#define CTL_FAILED	1
#define CTL_USAGE	2

/**
 * struct ctl - the command line, taken apart
 * @command: name of the command
 * @store: path of the store
 * @argc: number of @argv
 * @argv: arguments of the command, without options
 * @json: print JSON
 * @color: stdout is a terminal that shall show colours
 * @all: --all
 * @files: --files
 * @no_graft: --no-graft
 * @loop: argument of --loop, or NULL
 * @channel: argument of --channel, or NULL
 * @hardware: argument of --hardware, or NULL
 * @progress_fd: argument of --progress-fd, or NULL
 * @download_only: --download-only
 * @activate: --activate
 */
struct ctl {
	const char *command;
	const char *store;
	int argc;
	char **argv;
	bool json;
	bool color;
	bool all;
	bool files;
	bool no_graft;
	const char *loop;
	const char *channel;
	const char *hardware;
	const char *progress_fd;
	bool download_only;
	bool activate;
};

/* The commands.  Each returns 0; CTL_FAILED or CTL_USAGE once it has said why
 * itself; or a negative errno, and then main() prints @err. */
int ctl_activate(const struct ctl *ctl, struct cx_error *err);
int ctl_available(const struct ctl *ctl, struct cx_error *err);
int ctl_boot(const struct ctl *ctl, struct cx_error *err);
int ctl_check(const struct ctl *ctl, struct cx_error *err);
int ctl_cve(const struct ctl *ctl, struct cx_error *err);
int ctl_events(const struct ctl *ctl, struct cx_error *err);
int ctl_init(const struct ctl *ctl, struct cx_error *err);
int ctl_list(const struct ctl *ctl, struct cx_error *err);
int ctl_lock(const struct ctl *ctl, struct cx_error *err);
int ctl_mount(const struct ctl *ctl, struct cx_error *err);
int ctl_ps(const struct ctl *ctl, struct cx_error *err);
int ctl_retire(const struct ctl *ctl, struct cx_error *err);
int ctl_gc(const struct ctl *ctl, struct cx_error *err);
int ctl_remote(const struct ctl *ctl, struct cx_error *err);
int ctl_revoke(const struct ctl *ctl, struct cx_error *err);
int ctl_rollback(const struct ctl *ctl, struct cx_error *err);
int ctl_show(const struct ctl *ctl, struct cx_error *err);
int ctl_stage(const struct ctl *ctl, struct cx_error *err);
int ctl_status(const struct ctl *ctl, struct cx_error *err);
int ctl_trust(const struct ctl *ctl, struct cx_error *err);
int ctl_umount(const struct ctl *ctl, struct cx_error *err);
int ctl_update(const struct ctl *ctl, struct cx_error *err);
int ctl_verify(const struct ctl *ctl, struct cx_error *err);

/**
 * ctl_open - open what a command works with, with messages for people
 * @ctl: the command line
 * @ops: set on success; closed with cx_ops_close()
 * @needs: of enum cx_ops_needs
 * @err: filled on failure
 */
int ctl_open(const struct ctl *ctl, struct cx_ops *ops, unsigned int needs,
	     struct cx_error *err);

/**
 * ctl_prefix - what stands before the folders of configuration
 *
 * Return: $CRYPTEX_SYSROOT, or an empty text.
 */
const char *ctl_prefix(void);

/**
 * ctl_say - print a sentence on stdout
 * @text: printed after ctl_clean()
 */
void ctl_say(const char *text);

/**
 * ctl_warn - print a sentence on stderr, behind the program's name
 * @text: printed after ctl_clean()
 */
void ctl_warn(const char *text);

/**
 * ctl_usage_error - print what is wrong with the command line
 * @ctl: the command line
 * @fmt: printf format of one sentence
 *
 * Return: CTL_USAGE.
 */
int ctl_usage_error(const struct ctl *ctl, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* _CTL_H */
