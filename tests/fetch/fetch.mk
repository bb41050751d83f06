# SPDX-License-Identifier: LGPL-2.1-or-later
# A fetcher that was taken over; tests/check.sh reads `suites`.

CHECK_DEPS += $(B)/test/taken_over_fetcher
$(B)/test/taken_over_fetcher: $(addprefix $(B)/obj/tests/fetch/,taken_over.o things.o) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS)

CHECK_DEPS += $(B)/test/cutting_server
$(B)/test/cutting_server: $(addprefix $(B)/obj/tests/,fetch/cutting_server.o unit/tuf/server.o)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

CHECK_DEPS += $(B)/test/evil-fetcher
$(B)/test/evil-fetcher: $(B)/obj/tests/fetch/evil.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS)
