// SPDX-License-Identifier: LGPL-2.1-or-later
/* cryptexctl: the command line. */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/text.h"

#ifndef CRYPTEX_VERSION
#define CRYPTEX_VERSION "0.1"
#endif

/* What only some commands take: options, and arguments that name cryptexes */
#define TAKES_JSON	(1 << 0)
#define TAKES_ALL	(1 << 1)
#define TAKES_FILES	(1 << 2)
#define TAKES_GRAFT	(1 << 3)
#define TAKES_LOOP	(1 << 4)
#define TAKES_REMOTE	(1 << 5)
#define TAKES_UPDATE	(1 << 6)
#define TAKES_NAMES	(1 << 7)

#define MANY 100000

struct command {
	const char *name;
	const char *usage;
	const char *summary;
	const char *help;
	int (*run)(const struct ctl *ctl, struct cx_error *err);
	int min, max;		/* arguments */
	unsigned int takes;
};

static int show_help(const struct ctl *ctl, struct cx_error *err);

static const struct command commands[] = {
	{ "init", "[--loop SIZE]",
	  "make the store",
	  "Make the store, or see that it is ready. With --loop it gets an ext4\n"
	  "file system with fs-verity of its own, in STORE.img (SIZE as in 1G).",
	  ctl_init, 0, 0, TAKES_LOOP },
	{ "trust", "[CERTIFICATE...]",
	  "trust a publisher's certificates, or list them",
	  "Trust certificates (PEM or DER), now and after each boot. Without one,\n"
	  "list those that are trusted.",
	  ctl_trust, 0, MANY, TAKES_JSON },
	{ "mount", "FILE.cryptex|NAME[@LABEL] [MOUNTPOINT] [--no-graft]",
	  "mount a base, and lead the dynamic linker there",
	  "Mount a base at MOUNTPOINT (/usr/cryptexes/NAME) and have the dynamic\n"
	  "linker look there first. NAME means a base that the store holds.",
	  ctl_mount, 1, 2, TAKES_GRAFT },
	{ "umount", "NAME",
	  "undo `mount`",
	  "Undo `mount`. What is in the store stays there.",
	  ctl_umount, 1, 1, TAKES_NAMES },
	{ "stage", "FILE.cryptex|NAME@LABEL",
	  "verify a patch and make it ready",
	  "Verify a patch and make it ready. No process is affected.",
	  ctl_stage, 1, 1, 0 },
	{ "activate", "NAME@LABEL...",
	  "let new processes get a generation",
	  "Let new processes get these generations: all of them or none.",
	  ctl_activate, 1, MANY, 0 },
	{ "rollback", "NAME...|--all",
	  "let new processes get the base again",
	  "Let new processes get the base again. Nothing is downloaded.",
	  ctl_rollback, 0, MANY, TAKES_ALL | TAKES_NAMES },
	{ "retire", "NAME@LABEL",
	  "let go of a generation that nobody uses",
	  "Let go of a generation that nobody uses: it leaves the kernel, and its\n"
	  "seal the store. Neither the base nor what is active can go.",
	  ctl_retire, 1, 1, 0 },
	{ "gc", "",
	  "remove objects that nothing needs",
	  "Remove the objects that no generation in the store needs any more. The\n"
	  "base, what is active and what is staged keep theirs.",
	  ctl_gc, 0, 0, 0 },
	{ "revoke", "LIST",
	  "put a revocation list in force",
	  "Put a revocation list in force, now and after each boot. Where something\n"
	  "active is revoked, the base takes over.",
	  ctl_revoke, 1, 1, 0 },
	{ "remote", "add NAME URL ROOT.json|list|show NAME|remove NAME",
	  "say where fixes come from",
	  "Say where fixes come from: a repository's URL (https:, http:, file:) and\n"
	  "the root metadata that its publisher has handed out. With --channel and\n"
	  "--hardware, which of its releases are meant for this machine.",
	  ctl_remote, 1, 4, TAKES_JSON | TAKES_REMOTE },
	{ "check", "",
	  "look what the repositories have now",
	  "Look what the repositories have now, and take a newer revocation list.",
	  ctl_check, 0, 0, 0 },
	{ "update", "[NAME...] [--download-only|--activate] [--progress-fd N]",
	  "get the releases that fit this machine",
	  "Get the releases that fit, and stage them. With --activate they are put\n"
	  "in force as well; with --download-only they are only put into the store.\n"
	  "Descriptor N gets a line of JSON now and then.",
	  ctl_update, 0, MANY, TAKES_UPDATE | TAKES_NAMES },
	{ "available", "",
	  "list what the last check found",
	  "List the releases that the last check found, and what they are to this\n"
	  "machine.",
	  ctl_available, 0, 0, TAKES_JSON },
	{ "cve", "CVE-...",
	  "tell where a hole is closed",
	  "List the releases that close a hole, and whether they are in force here.",
	  ctl_cve, 1, 1, TAKES_JSON },
	{ "lock", "",
	  "allow no further keys and cryptexes",
	  "Allow no further keys and no further cryptexes until the module goes.",
	  ctl_lock, 0, 0, 0 },
	{ "status", "[NAME]",
	  "show what is in force, and which fixes that brings",
	  "Show what is in force, and which fixes that brings.",
	  ctl_status, 0, 1, TAKES_JSON | TAKES_NAMES },
	{ "list", "[NAME]",
	  "list every generation, staged or stored",
	  "List every generation that is staged or stored.",
	  ctl_list, 0, 1, TAKES_JSON | TAKES_NAMES },
	{ "ps", "[--all]",
	  "list the processes that run old code",
	  "List the processes that run old code; with --all those that use a\n"
	  "cryptex at all.",
	  ctl_ps, 0, 0, TAKES_JSON | TAKES_ALL },
	{ "events", "",
	  "print what happens, as it happens",
	  "Print what happens, a line each, until it is interrupted. A gap in the\n"
	  "numbers is told as lost events.",
	  ctl_events, 0, 0, TAKES_JSON },
	{ "verify", "[NAME]",
	  "check every seal and every object",
	  "Check the signature of every seal, and read every object through.",
	  ctl_verify, 0, 1, TAKES_JSON | TAKES_NAMES },
	{ "show", "FILE.cryptex|FILE.seal|NAME@LABEL [--files]",
	  "show what a seal says, and who signed it",
	  "Show what a seal says, who signed it and whether that is trusted.",
	  ctl_show, 1, 1, TAKES_JSON | TAKES_FILES },
	{ "boot", "",
	  "bring back what was in force before a reboot",
	  "Bring back what was in force before the machine went down. The service\n"
	  "cryptex-boot runs this.",
	  ctl_boot, 0, 0, 0 },
	{ "help", "[COMMAND]",
	  "explain a command",
	  "Explain a command.",
	  show_help, 0, 1, 0 },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

enum { OPT_STORE = 256, OPT_JSON, OPT_ALL, OPT_FILES, OPT_GRAFT, OPT_LOOP,
       OPT_CHANNEL, OPT_HARDWARE, OPT_DOWNLOAD, OPT_ACTIVATE, OPT_PROGRESS,
       OPT_VERSION, OPT_HELP };

static const struct option options[] = {
	{ "store", required_argument, NULL, OPT_STORE },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "files", no_argument, NULL, OPT_FILES },
	{ "no-graft", no_argument, NULL, OPT_GRAFT },
	{ "loop", required_argument, NULL, OPT_LOOP },
	{ "channel", required_argument, NULL, OPT_CHANNEL },
	{ "hardware", required_argument, NULL, OPT_HARDWARE },
	{ "download-only", no_argument, NULL, OPT_DOWNLOAD },
	{ "activate", no_argument, NULL, OPT_ACTIVATE },
	{ "progress-fd", required_argument, NULL, OPT_PROGRESS },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 }
};

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void print_overview(void)
{
	size_t i;

	puts("Usage: cryptexctl [--store DIR] [--json] COMMAND [ARGUMENT...]\n");
	for (i = 0; i < COMMANDS; i++)
		printf("  %-9s  %s\n", commands[i].name, commands[i].summary);
	puts("\n`cryptexctl help COMMAND` explains one, with its arguments.\n\n"
	     "  --store DIR  the store, otherwise $CRYPTEX_STORE or " CX_STORE_DEFAULT "\n"
	     "  --json       print JSON (commands that read)\n"
	     "  --version    print the version\n"
	     "  --help       print this, or the help of the command\n\n"
	     "Exit: 0 done or nothing to do, 1 failed, 2 wrong usage");
}

static void print_help(const struct command *c)
{
	printf("Usage: cryptexctl %s%s%s\n\n%s\n", c->name,
	       *c->usage ? " " : "", c->usage, c->help);
}

static int unknown(const char *name)
{
	char *clean = ctl_clean_copy(name);

	fprintf(stderr,
		"cryptexctl: there is no command '%s': `cryptexctl help` lists them\n",
		clean);
	free(clean);
	return CTL_USAGE;
}

static int show_help(const struct ctl *ctl, struct cx_error *err)
{
	const struct command *c = ctl->argc ? find(ctl->argv[0]) : NULL;

	(void)err;
	if (ctl->argc && !c)
		return unknown(ctl->argv[0]);
	if (c)
		print_help(c);
	else
		print_overview();
	return CTL_OK;
}

/* Colour is for people at a terminal who have not said no: no-color.org. */
static bool want_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) &&
	       !(term && !strcmp(term, "dumb"));
}

static unsigned int needed_flag(int option)
{
	switch (option) {
	case OPT_JSON: return TAKES_JSON;
	case OPT_ALL: return TAKES_ALL;
	case OPT_FILES: return TAKES_FILES;
	case OPT_GRAFT: return TAKES_GRAFT;
	case OPT_LOOP: return TAKES_LOOP;
	case OPT_CHANNEL:
	case OPT_HARDWARE: return TAKES_REMOTE;
	case OPT_DOWNLOAD:
	case OPT_ACTIVATE:
	case OPT_PROGRESS: return TAKES_UPDATE;
	default: return 0;
	}
}

struct line {
	struct ctl ctl;
	unsigned int used;	/* TAKES_ of the options that were given */
	bool help;
	bool version;
};

static void take_option(struct line *line, int option)
{
	line->used |= needed_flag(option);
	switch (option) {
	case OPT_STORE: line->ctl.store = optarg; break;
	case OPT_JSON: line->ctl.json = true; break;
	case OPT_ALL: line->ctl.all = true; break;
	case OPT_FILES: line->ctl.files = true; break;
	case OPT_GRAFT: line->ctl.no_graft = true; break;
	case OPT_LOOP: line->ctl.loop = optarg; break;
	case OPT_CHANNEL: line->ctl.channel = optarg; break;
	case OPT_HARDWARE: line->ctl.hardware = optarg; break;
	case OPT_DOWNLOAD: line->ctl.download_only = true; break;
	case OPT_ACTIVATE: line->ctl.activate = true; break;
	case OPT_PROGRESS: line->ctl.progress_fd = optarg; break;
	case OPT_VERSION: line->version = true; break;
	case OPT_HELP: line->help = true; break;
	}
}

/* Return: 0, or CTL_USAGE once it has said why. */
static int parse(struct line *line, int argc, char **argv)
{
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		const char *word = argv[optind - 1];
		char *clean;

		if (option != '?' && option != ':') {
			take_option(line, option);
			continue;
		}
		clean = ctl_clean_copy(word);
		fprintf(stderr, option == ':' ?
			"cryptexctl: %s needs an argument: `cryptexctl help`\n" :
			"cryptexctl: there is no option '%s': `cryptexctl help`\n",
			clean);
		free(clean);
		return CTL_USAGE;
	}
	line->ctl.argc = argc - optind;
	line->ctl.argv = argv + optind;
	return 0;
}

static int check_names(const struct ctl *ctl)
{
	int i;

	for (i = 0; i < ctl->argc; i++)
		if (!cryptex_name_ok(ctl->argv[i]))
			return ctl_usage_error(ctl, "'%s' is no name of a cryptex",
					       ctl->argv[i]);
	return 0;
}

static int check(const struct line *line, const struct command *c)
{
	if (line->used & ~c->takes)
		return ctl_usage_error(&line->ctl, "an option was given that it does not take");
	if (line->ctl.argc < c->min)
		return ctl_usage_error(&line->ctl, "something is missing: %s",
				       c->usage);
	if (line->ctl.argc > c->max)
		return ctl_usage_error(&line->ctl, "'%s' is too much",
				       line->ctl.argv[c->max]);
	if (!line->ctl.store[0])
		return ctl_usage_error(&line->ctl, "the store's path is empty");
	return c->takes & TAKES_NAMES ? check_names(&line->ctl) : 0;
}

static int run(struct line *line, const struct command *c)
{
	struct cx_error err = { "" };
	char text[sizeof(err.text) + 32];
	int rc = check(line, c);

	if (!rc)
		rc = c->run(&line->ctl, &err);
	if (rc < 0) {
		snprintf(text, sizeof(text), "%s: %s", c->name, err.text);
		ctl_warn(text);
		rc = CTL_FAILED;
	}
	/* A full disk behind stdout must not look like success. */
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "cryptexctl: cannot write the output: %s\n",
			strerror(errno));
		rc = CTL_FAILED;
	}
	return rc;
}

int main(int argc, char **argv)
{
	struct line line = { .ctl = { .color = want_color() } };
	const struct command *c;
	int rc;

	setlocale(LC_CTYPE, "C.UTF-8");
	line.ctl.store = getenv("CRYPTEX_STORE");
	if (!line.ctl.store || !*line.ctl.store)
		line.ctl.store = CX_STORE_DEFAULT;
	rc = parse(&line, argc, argv);
	if (rc)
		return rc;
	if (line.version) {
		puts("cryptexctl " CRYPTEX_VERSION);
		return CTL_OK;
	}
	if (!line.ctl.argc) {
		if (!line.help)
			fputs("cryptexctl: no command was given: `cryptexctl help` lists them\n",
			      stderr);
		else
			print_overview();
		return line.help ? CTL_OK : CTL_USAGE;
	}
	c = find(line.ctl.argv[0]);
	if (!c)
		return unknown(line.ctl.argv[0]);
	if (line.help) {
		print_help(c);
		return CTL_OK;
	}
	line.ctl.command = c->name;
	line.ctl.argc--;
	line.ctl.argv++;
	return run(&line, c);
}
