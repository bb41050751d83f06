// SPDX-License-Identifier: LGPL-2.1-or-later
/* A library of which torn_test has two generations. */
#ifndef TORN_GENERATION
#error "built with -DTORN_GENERATION=N"
#endif

int torn_generation(void);

int torn_generation(void)
{
	return TORN_GENERATION;
}
