/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_EXPECT_H
#define _KSFT_EXPECT_H

#include <errno.h>

/* @call is refused with the errno @want; behind kselftest_harness.h. */
#define EXPECT_ERRNO(want, call)					\
	do {								\
		errno = 0;						\
		EXPECT_EQ(-1, call);					\
		EXPECT_EQ(want, errno) TH_LOG("%s", #call);		\
	} while (0)

#endif /* _KSFT_EXPECT_H */
