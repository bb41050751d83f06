# SPDX-License-Identifier: LGPL-2.1-or-later
# The test of power cuts; tests/check.sh reads `suites`.

POWER := $(B)/test/power-replay $(B)/test/power-nosync.so
CHECK_DEPS += $(POWER)
$(B)/test/power-replay: $(B)/obj/tests/power/replay.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(B)/test/power-nosync.so: tests/power/nosync.c
	@mkdir -p $(@D)
	$(CC) $(CX_CFLAGS) -fPIC -shared $(LDFLAGS) -o $@ $<
