// SPDX-License-Identifier: LGPL-2.1-or-later
#include "failnth.h"
#include "failnth_sweep.h"
#include "report.h"

#define ENOUGH 5	/* failures, after which a sweep is given up */
#define NO_END 20000	/* faults, after which there is no end to a sweep */

/**
 * struct tally - what became of the faults
 * @errors: the call failed
 * @survived: the call succeeded all the same
 * @wrong: something was not as it has to be
 */
struct tally {
	unsigned int errors;
	unsigned int survived;
	unsigned int wrong;
};

static bool is_allowed(const struct sweep *s, int err)
{
	int i;

	if (!err || err == -ENOMEM || err == -ENOBUFS || err == -EFAULT)
		return true;
	for (i = 0; i < SWEEP_ERRORS; i++)
		if (s->errors[i] && err == -s->errors[i])
			return true;
	return false;
}

/* Returns false once there is no such fault. */
static bool sweep_one(const struct sweep *s, void *arg, unsigned int nth,
		      struct tally *tally)
{
	bool injected, right;
	int err;

	if (s->prepare)
		s->prepare(arg);
	injected = failnth_call(nth, s->call, arg, &err);
	right = s->check(arg, err);
	if (!right || !is_allowed(s, err) || (!injected && err)) {
		note("%s: fault %u%s: %s%s", s->name, nth,
		     injected ? "" : " was not reached",
		     err ? strerrorname_np(-err) : "success",
		     right ? " is not to be expected" : "");
		tally->wrong++;
	}
	tally->errors += injected && err;
	tally->survived += injected && !err;
	return injected;
}

bool sweep_run(const struct sweep *s, void *arg)
{
	struct tally tally = {};
	unsigned int nth = 1;

	failnth_lock_memory();
	while (tally.wrong < ENOUGH && nth < NO_END &&
	       sweep_one(s, arg, nth, &tally))
		nth++;
	note("%s: %u faults: %u times an error, %u times none; %u wrong%s",
	     s->name, tally.errors + tally.survived, tally.errors,
	     tally.survived, tally.wrong,
	     tally.wrong < ENOUGH && nth < NO_END ? "" : ", not swept to the end");
	return !tally.wrong && nth < NO_END;
}
