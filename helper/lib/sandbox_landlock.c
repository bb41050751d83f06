// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Landlock.  The C library has no functions for it, and headers that are older than
 * the kernel lack its newer parts, so what is used stands here.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/sandbox_rules.h"

#define CREATE_RULESET	444	/* the same number on every architecture */
#define ADD_RULE	445
#define RESTRICT_SELF	446
#define GET_VERSION	1

#define RULE_PATH	1
#define RULE_PORT	2

/* Rights of files */
#define READ_FILE	(1ULL << 2)
#define READ_DIR	(1ULL << 3)
#define ALL_OF_1	((1ULL << 13) - 1)
#define REFER		(1ULL << 13)	/* since version 2 */
#define TRUNCATE	(1ULL << 14)	/* since version 3 */
#define IOCTL_DEV	(1ULL << 15)	/* since version 5 */
#define WRITING		(1ULL << 1 | READ_FILE | READ_DIR | 1ULL << 4 | \
			 1ULL << 5 | 1ULL << 7 | 1ULL << 8 | TRUNCATE)

/* Rights of ports, since version 4 */
#define BIND_TCP	(1ULL << 0)
#define CONNECT_TCP	(1ULL << 1)

/* Since version 6: abstract sockets and signals of the world outside */
#define SCOPES		(1ULL << 0 | 1ULL << 1)

struct ruleset {
	uint64_t files;
	uint64_t ports;
	uint64_t scopes;
};

struct path_rule {
	uint64_t rights;
	int32_t fd;
} __attribute__((packed));

struct port_rule {
	uint64_t rights;
	uint64_t port;
};

/* What name resolution and TLS look at; what is missing is left out. */
static const char *const paths[] = {
	"/usr/lib", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
	"/usr/share/zoneinfo", "/lib", "/etc/ssl", "/etc/pki",
	"/etc/ca-certificates", "/etc/resolv.conf", "/etc/hosts",
	"/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
	"/etc/localtime", "/run/systemd/resolve", "/run/resolvconf",
	"/run/NetworkManager",
};

static uint64_t files_of(int version)
{
	uint64_t rights = ALL_OF_1;

	if (version >= 2)
		rights |= REFER;
	if (version >= 3)
		rights |= TRUNCATE;
	if (version >= 5)
		rights |= IOCTL_DEV;
	return rights;
}

/* A file has no rights of folders. */
static int allow_fd(int ruleset, int fd, uint64_t rights)
{
	struct path_rule rule = { rights, fd };
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode))
		rule.rights &= READ_FILE;
	return syscall(ADD_RULE, ruleset, RULE_PATH, &rule, 0) ? -errno : 0;
}

static int allow_paths(int ruleset)
{
	size_t i;
	int fd, rc = 0;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]) && !rc; i++) {
		fd = open(paths[i], O_PATH | O_CLOEXEC);
		if (fd < 0)
			continue;
		rc = allow_fd(ruleset, fd, READ_FILE | READ_DIR);
		close(fd);
	}
	return rc;
}

static int allow_ports(int ruleset, const struct cx_sandbox_rules *rules)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < rules->ports_count && !rc; i++) {
		struct port_rule rule = { CONNECT_TCP, rules->ports[i] };

		if (syscall(ADD_RULE, ruleset, RULE_PORT, &rule, 0))
			rc = -errno;
	}
	return rc;
}

static int add_rules(int ruleset, const struct cx_sandbox_rules *rules,
		     int version)
{
	int rc = allow_fd(ruleset, rules->writable,
			  WRITING & files_of(version));

	if (!rc && rules->readable >= 0)
		rc = allow_fd(ruleset, rules->readable, READ_FILE | READ_DIR);
	if (!rc && rules->network)
		rc = allow_paths(ruleset);
	if (!rc && rules->network && version >= 4)
		rc = allow_ports(ruleset, rules);
	return rc;
}

int cx_sandbox_landlock(const struct cx_sandbox_rules *rules,
			struct cx_error *err)
{
	int version = syscall(CREATE_RULESET, NULL, 0, GET_VERSION);
	struct ruleset set = { 0 };
	int fd, rc;

	/* Not built, or switched off: the rest of the sandbox has to do. */
	if (version < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
		return 0;
	if (version < 0)
		return cx_fail(err, -errno, "Landlock: %s", strerror(errno));
	set.files = files_of(version);
	if (version >= 4)
		set.ports = BIND_TCP | CONNECT_TCP;
	if (version >= 6)
		set.scopes = SCOPES;
	fd = syscall(CREATE_RULESET, &set, sizeof(set), 0);
	if (fd < 0)
		return cx_fail(err, -errno, "Landlock: no rules can be made: %s",
			       strerror(errno));
	rc = add_rules(fd, rules, version);
	if (!rc && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		rc = -errno;
	if (!rc && syscall(RESTRICT_SELF, fd, 0))
		rc = -errno;
	close(fd);
	return rc ? cx_fail(err, rc, "Landlock: the rules are not taken: %s",
			    strerror(-rc)) : version;
}
