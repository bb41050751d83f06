// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

#include "lib/file.h"
#include "lib/receipt.h"

char *ctl_clean(char *text)
{
	char *from = text, *to = text;
	mbstate_t state = { 0 };
	wchar_t c;

	while (*from) {
		size_t n = mbrtowc(&c, from, strlen(from), &state);

		if (n == (size_t)-1 || n == (size_t)-2) {
			memset(&state, 0, sizeof(state));
			from++;
			*to++ = '?';
		} else if (iswprint(c)) {
			memmove(to, from, n);
			from += n;
			to += n;
		} else {
			from += n;
			*to++ = '?';
		}
	}
	*to = '\0';
	return text;
}

char *ctl_clean_copy(const char *text)
{
	char *copy = strdup(text);

	if (!copy) {
		fputs("cryptexctl: out of memory\n", stderr);
		exit(1);
	}
	return ctl_clean(copy);
}

char *ctl_date(uint64_t seconds, char text[CTL_DATE_SIZE])
{
	time_t t = seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
	    !strftime(text, CTL_DATE_SIZE, "%Y-%m-%d %H:%M:%SZ", &tm))
		snprintf(text, CTL_DATE_SIZE, "%llu",
			 (unsigned long long)seconds);
	return text;
}

char *ctl_size(uint64_t bytes, char text[CTL_SIZE_SIZE])
{
	static const char units[] = "BKMGTPE";
	double value = bytes;
	size_t unit = 0;

	while (value >= 1024 && units[unit + 1]) {
		value /= 1024;
		unit++;
	}
	snprintf(text, CTL_SIZE_SIZE, unit && value < 10 ? "%.1f%c" : "%.0f%c",
		 value, units[unit]);
	return text;
}

char *ctl_cost(const struct cx_receipt *cost, char text[CTL_COST_SIZE])
{
	char fetched[CTL_SIZE_SIZE], full[CTL_SIZE_SIZE];
	int n = snprintf(text, CTL_COST_SIZE, "%s for files of %s",
			 ctl_size(cost->fetched_bytes, fetched),
			 ctl_size(cost->full_bytes, full));

	if (cost->full_bytes)
		n += snprintf(text + n, CTL_COST_SIZE - n, " (%.2f %%)",
			      100.0 * cost->fetched_bytes / cost->full_bytes);
	snprintf(text + n, CTL_COST_SIZE - n, ", %llu of %llu as deltas",
		 (unsigned long long)cost->deltas,
		 (unsigned long long)cost->objects);
	return text;
}

char *ctl_short(const uint8_t *digest, char text[CTL_SHORT_SIZE])
{
	return cx_hex(digest, (CTL_SHORT_SIZE - 1) / 2, text);
}

int ctl_parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *unit = NULL;
	unsigned long long n;
	unsigned int shift;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (*end)
		unit = strchr(units, *end);
	if (errno || (*end && (!unit || end[1])))
		return -EINVAL;
	shift = unit ? 10 * (unit - units + 1) : 0;
	if (!n || n > (UINT64_MAX >> 1) >> shift)
		return -EINVAL;
	*bytes = n << shift;
	return 0;
}
