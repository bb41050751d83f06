// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the UAPI header says of each command, for what was sent unspoiled. */
#include <errno.h>
#include <string.h>

#include <linux/netlink.h>

#include "fuzz_contract.h"

#define MAX_ERRORS 24

#define FILE_ERRORS							\
	EBADMSG, EFBIG, EBADF, EINVAL, EIO, EPROTONOSUPPORT, ENOPKG,	\
	ENOKEY, EKEYREJECTED, EKEYREVOKED

static const struct {
	int command;
	int errors[MAX_ERRORS];
} contract[] = {
	{ CRYPTEX_CMD_GET,	{} },
	{ CRYPTEX_CMD_STAGE,	{ FILE_ERRORS, ENOENT, ESTALE, EEXIST, ENOEXEC,
				  EUCLEAN, ENOSPC } },
	{ CRYPTEX_CMD_ACTIVATE,	{ ENOENT, EINVAL, E2BIG, EKEYREVOKED,
				  ESTALE } },
	{ CRYPTEX_CMD_USERS,	{} },
	{ CRYPTEX_CMD_KEY_ADD,	{ EBADMSG, ENOPKG, EKEYREVOKED, EPERM } },
	{ CRYPTEX_CMD_RETIRE,	{ ENOENT, EBUSY } },
	{ CRYPTEX_CMD_REVOKE,	{ FILE_ERRORS, ESTALE, ENOSPC } },
	{ CRYPTEX_CMD_LOCK,	{} },
	{ CRYPTEX_CMD_STATE,	{} },
};

static bool is_dump(int command)
{
	return command == CRYPTEX_CMD_GET || command == CRYPTEX_CMD_USERS;
}

static bool has_right_flags(const struct fuzz_message *f)
{
	const struct nlmsghdr *head = (const void *)f->m.data;

	return is_dump(f->command) == !!(head->nlmsg_flags & NLM_F_DUMP);
}

static bool asks_only(int command)
{
	return is_dump(command) || command == CRYPTEX_CMD_STATE;
}

static bool is_in_contract(int command, int err)
{
	size_t i, k;

	for (i = 0; i < sizeof(contract) / sizeof(*contract); i++)
		for (k = 0; contract[i].command == command &&
			    k < MAX_ERRORS; k++)
			if (contract[i].errors[k] == -err)
				return err;
	return false;
}

static const char *breach_of_right_request(const struct fuzz_message *f,
					   const struct raw_answer *answer,
					   bool unprivileged)
{
	int err = answer->err;

	if (!answer->told)
		return "no verdict";
	if (!has_right_flags(f))
		return err == -EOPNOTSUPP ? NULL : "should be EOPNOTSUPP";
	if (unprivileged && !asks_only(f->command))
		return err == -EPERM ? NULL : "should be EPERM";
	return !err || is_in_contract(f->command, err) ? NULL :
	       "not in the contract";
}

const char *fuzz_contract_breach(const struct fuzz_message *f,
				 const struct raw_answer *answer,
				 bool unprivileged, bool wordy, bool faulty)
{
	const char *breach;

	if (answer->err > 0 || !strerrorname_np(-answer->err))
		return "no errno";
	if (f->spoiled || faulty)
		return NULL;
	breach = breach_of_right_request(f, answer, unprivileged);
	if (breach)
		return breach;
	if (wordy && answer->err && answer->err != -EOPNOTSUPP &&
	    !answer->text[0])
		return "no text";
	return NULL;
}
