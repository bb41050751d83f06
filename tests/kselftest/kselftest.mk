# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernel tests, built with the harness of the unpacked kernel source into
# build/ksft, a folder for tests/vm/run.sh --payload. tests/check.sh reads
# `suites`.

KSFT_DIR := tests/kselftest
KSFT_SRC := $(wildcard $(KSFT_DIR)/*.[ch] $(KSFT_DIR)/*.sh) \
	    $(wildcard $(KSFT_DIR)/*.py) $(KSFT_DIR)/Makefile $(KSFT_DIR)/programs
KSFT_SPEC := Documentation/netlink/specs/cryptex.yaml

$(B)/ksft/.built: $(KSFT_SRC) $(KSFT_SPEC) $(wildcard include/cryptex/*.h) \
		include/uapi/linux/cryptex.h $(KENV) $(B)/cryptex.ko $(B)/incoherent/cryptex.ko
	@rm -rf $(@D)
	. $(KENV) && $(MAKE) -C $(KSFT_DIR) KSFT="$$KSRC/tools/testing/selftests" \
		CX_INCLUDE=$(CURDIR)/include CX_SPEC=$(CURDIR)/$(KSFT_SPEC) \
		OUTPUT=$(CURDIR)/$(B)/obj/ksft \
		PAYLOAD=$(CURDIR)/$(B)/ksft USERCFLAGS=-Werror payload
	@cp $(B)/cryptex.ko $(@D)
	@cp $(B)/incoherent/cryptex.ko $(@D)/incoherent.ko
	@touch $@

CHECK_DEPS += $(B)/ksft/.built

ksft: $(B)/ksft/.built
	tests/check.sh ksft ksft-bars ksft-incoherent

.PHONY: ksft
