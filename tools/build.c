// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-publish build`: the command line of a build. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cryptex/seal.h>

#include "commands.h"
#include "generation.h"
#include "lib/file.h"
#include "machine.h"

enum {
	OPT_NAME = 256, OPT_LABEL, OPT_DIR, OPT_DEB, OPT_BASE, OPT_EPOCH,
	OPT_TIME, OPT_INCLUDE, OPT_EXCLUDE, OPT_FIX, OPT_FIXES, OPT_MACHINE,
	OPT_ABI,
};

static const struct option options[] = {
	{ "name", required_argument, NULL, OPT_NAME },
	{ "label", required_argument, NULL, OPT_LABEL },
	{ "dir", required_argument, NULL, OPT_DIR },
	{ "deb", required_argument, NULL, OPT_DEB },
	{ "base", required_argument, NULL, OPT_BASE },
	{ "security-epoch", required_argument, NULL, OPT_EPOCH },
	{ "build-time", required_argument, NULL, OPT_TIME },
	{ "include", required_argument, NULL, OPT_INCLUDE },
	{ "exclude", required_argument, NULL, OPT_EXCLUDE },
	{ "fix", required_argument, NULL, OPT_FIX },
	{ "fixes", required_argument, NULL, OPT_FIXES },
	{ "machine", required_argument, NULL, OPT_MACHINE },
	{ "allow-abi-break", no_argument, NULL, OPT_ABI },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static int add_input(struct request *q, const char *path, bool is_deb,
		     struct cx_error *err)
{
	struct input *inputs = reallocarray(q->inputs, q->input_count + 1,
					    sizeof(*inputs));

	if (!inputs)
		return cx_fail(err, -ENOMEM, "out of memory");
	inputs[q->input_count++] = (struct input){ path, is_deb };
	q->inputs = inputs;
	return 0;
}

static int set_epoch(struct request *q, const char *text, struct cx_error *err)
{
	unsigned long long value;

	if (parse_number(text, UINT32_MAX, &value) < 0)
		return cx_fail(err, -EINVAL,
			       "--security-epoch \"%s\": is no number up to %u",
			       text, UINT32_MAX);
	q->has_epoch = true;
	q->security_epoch = value;
	return 0;
}

static int set_time(struct request *q, const char *from, const char *text,
		    struct cx_error *err)
{
	unsigned long long value;
	int ret = parse_time(from, text, &value, err);

	if (ret < 0)
		return ret;
	q->has_time = true;
	q->build_time = value;
	return 0;
}

static int set_machine(struct request *q, const char *text,
		       struct cx_error *err)
{
	int machine;

	q->has_machine = strcmp(text, "auto");
	if (!q->has_machine)
		return 0;
	machine = machine_parse(text);
	if (machine < 0)
		return cx_fail(err, -EINVAL,
			       "--machine \"%s\": is not auto, none, or a machine such as x86_64 or aarch64",
			       text);
	q->machine = machine;
	return 0;
}

/* ID:SEVERITY:TEXT */
static int add_fix(struct request *q, char *text, struct cx_error *err)
{
	char *id = strsep(&text, ":");
	char *severity = strsep(&text, ":");

	if (!text)
		return cx_fail(err, -EINVAL,
			       "--fix \"%s\": must be ID:SEVERITY:TEXT, for example CVE-2026-1234:high:one line",
			       id);
	return cx_fixes_add(&q->fixes, id, severity, text, err);
}

static int read_fixes(struct request *q, struct cx_error *err)
{
	const char *path = q->fixes_file;
	struct cx_buf buf;
	int ret = cx_read_file(path, CRYPTEX_SEAL_MAX_FIXES, &buf, err);

	if (ret < 0)
		return ret;
	ret = cx_fixes_parse(&q->fixes, buf.data, buf.size, err);
	cx_buf_free(&buf);
	return ret < 0 ? cx_prefix(err, ret, "%s", path) : 0;
}

static int set(struct request *q, int option, struct cx_error *err)
{
	switch (option) {
	case OPT_NAME:
		q->name = optarg;
		return 0;
	case OPT_LABEL:
		q->label = optarg;
		return 0;
	case OPT_DIR:
	case OPT_DEB:
		return add_input(q, optarg, option == OPT_DEB, err);
	case OPT_BASE:
		q->base = optarg;
		return 0;
	case OPT_EPOCH:
		return set_epoch(q, optarg, err);
	case OPT_TIME:
		return set_time(q, "--build-time", optarg, err);
	case OPT_INCLUDE:
		return globs_add(&q->filter.include, optarg, err);
	case OPT_EXCLUDE:
		return globs_add(&q->filter.exclude, optarg, err);
	case OPT_FIX:
		return add_fix(q, optarg, err);
	case OPT_FIXES:
		q->fixes_file = optarg;
		return 0;
	case OPT_MACHINE:
		return set_machine(q, optarg, err);
	case OPT_ABI:
		q->allow_abi_break = true;
		return 0;
	default:
		q->out = optarg;
		return 0;
	}
}

static int take(void *q, int option)
{
	struct cx_error err;

	return set(q, option, &err) < 0 ?
		       usage_error(&command_build, "%s", err.text) : 0;
}

static bool has_deb(const struct request *q)
{
	size_t i;

	for (i = 0; i < q->input_count; i++)
		if (q->inputs[i].is_deb)
			return true;
	return false;
}

/* What is wrong with the command line as a whole, or NULL. */
static const char *check(const struct request *q)
{
	if (!q->name)
		return "--name is missing";
	if (!cryptex_name_ok(q->name))
		return "--name: a name is 1 to 63 lower-case letters, digits and +-. and starts with a letter or digit";
	if (!q->input_count)
		return "an input is missing: --dir or --deb";
	if (!q->label && !has_deb(q))
		return "--label is missing: a folder has no version";
	if (q->label && !cryptex_label_ok(q->label))
		return "--label: a label is 1 to 63 letters, digits and +-.~_, starts with a letter or digit, and is not base, active or current";
	if (!q->base && (q->fixes.count || q->fixes_file))
		return "--fix and --fixes belong to a patch: --base is missing";
	if (!q->out)
		return "-o is missing: where to write the container";
	return NULL;
}

static int read_options(struct request *q, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_build, .options = options, .letters = ":o:h",
		.take = take,
	};
	int status = take_options(&syntax, argc, argv, q);

	if (!status)
		status = no_more(&command_build, argc, argv);
	if (!status && check(q))
		status = usage_error(&command_build, "%s", check(q));
	return status;
}

static int run_request(struct request *q)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	struct cx_error err;
	int ret = 0;

	if (!q->has_time && epoch)
		ret = set_time(q, "SOURCE_DATE_EPOCH", epoch, &err);
	if (!ret && q->fixes_file)
		ret = read_fixes(q, &err);
	if (!ret)
		ret = generation_build(q, &err);
	if (!ret)
		return EXIT_SUCCESS;
	return failure(&err);
}

static int run(int argc, char **argv)
{
	struct request q = { 0 };
	int status = read_options(&q, argc, argv);

	if (!status)
		status = run_request(&q);
	free(q.inputs);
	free(q.filter.include.list);
	free(q.filter.exclude.list);
	cx_fixes_free(&q.fixes);
	return status;
}

const struct command command_build = {
	.name = "build",
	.summary = "make an unsigned container of folders or packages",
	.usage =
"Usage: " PROGRAM " build --name NAME [--label LABEL] (--dir DIR | --deb FILE)...\n"
"                       [OPTION]... -o OUT.cryptex\n"
"Make an unsigned container: a base, or with --base a patch for that base.\n"
"\n"
"  --name NAME            the cryptex, for example openssl\n"
"  --label LABEL          its version; a package's version by default\n"
"  --dir DIR              take the content of a folder\n"
"  --deb FILE             take the libraries of a Debian package; inputs unite\n"
"  --base BASE.cryptex    make a patch; only what the base lacks is packed\n"
"  --include GLOB         take only what matches; `*' matches `/' as well\n"
"                         (default for packages: usr/lib/* and lib/*)\n"
"  --exclude GLOB         leave out what matches, and all below it\n"
"  --security-epoch N     default: that of the base, or 0\n"
"  --build-time SECONDS   since 1970 UTC; default: $SOURCE_DATE_EPOCH, or the\n"
"                         newest file's time\n"
"  --fix ID:SEVERITY:TEXT what the patch fixes; SEVERITY is low, medium, high,\n"
"                         critical or unknown. CVE ids in a package's changelog\n"
"                         since the base's version are added by themselves\n"
"  --fixes FILE.json      the same as a JSON array: id, severity, text\n"
"  --machine MACHINE      auto (default: what the ELF files are for), none, or\n"
"                         x86_64, aarch64, ...\n"
"  --allow-abi-break      only warn where a library lacks what the base's has\n"
"  -o, --output FILE      the container\n"
"  -h, --help             this text\n"
"\n"
"The same input gives the same bytes.\n",
	.run = run,
};
