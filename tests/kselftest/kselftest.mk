# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernel tests, built with the harness of the unpacked kernel source into
# a folder for tests/vm/run.sh --payload.

KSFT_DIR := tests/kselftest
KSFT_SRC := $(wildcard $(KSFT_DIR)/*.[ch] $(KSFT_DIR)/*.sh) $(KSFT_DIR)/Makefile

$(B)/ksft/.built: $(KSFT_SRC) include/cryptex/seal.h include/uapi/linux/cryptex.h \
		$(KENV) $(B)/cryptex.ko
	@rm -rf $(@D)
	. $(KENV) && $(MAKE) -C $(KSFT_DIR) KSFT="$$KSRC/tools/testing/selftests" \
		CX_INCLUDE=$(CURDIR)/include OUTPUT=$(CURDIR)/$(B)/obj/ksft \
		PAYLOAD=$(CURDIR)/$(B)/ksft USERCFLAGS=-Werror payload
	@cp $(B)/cryptex.ko $(@D)
	@touch $@

ksft: $(B)/ksft/.built

.PHONY: ksft
