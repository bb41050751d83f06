# SPDX-License-Identifier: LGPL-2.1-or-later
# The Update Framework: the client program that conformance suites drive.

PROGRAMS += $(B)/bin/cryptex-tuf-client
$(B)/bin/cryptex-tuf-client: $(B)/obj/tests/tuf/client.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) $(NET_LIBS)
