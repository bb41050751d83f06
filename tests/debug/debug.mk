# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernel tests on kernels that watch themselves; see
# Documentation/testing-debug.rst.

DEBUG_DIR	:= tests/debug
CX_DEBUG_KERNELS ?= kasan kcsan
DEBUG_BUILT	:= $(CX_DEBUG_KERNELS:%=$(B)/debug/%/.built)

# Asked each time, as the other kernels are.
$(B)/debug/%/kernel.env: FORCE
	@$(call remember,scripts/debug-kernel.sh $*)

# The module, built for that kernel, counts its branches where the kernel can.
# kbuild would take what was built for another kernel for its own.
$(B)/debug/%/.built: $(B)/debug/%/kernel.env $(KMOD_SRC) $(DEBUG_DIR)/planted/planted.c \
		$(DEBUG_DIR)/planted/Kbuild $(DEBUG_DIR)/guest.sh \
		tests/kselftest/kcov_sites.sh
	@[ $(@D)/module/cryptex.ko -nt $< ] || rm -rf $(@D)/module $(@D)/planted
	+. $(CURDIR)/$< && scripts/build-module.sh --headers "$$KDIR" $(@D)/module KCOV_INSTRUMENT=y KCFLAGS='-Werror -g'
	@mkdir -p $(@D)/planted $(@D)/payload
	@cp $(DEBUG_DIR)/planted/* $(@D)/planted/
	+. $(CURDIR)/$< && $(MAKE) -C "$$KDIR" M=$(CURDIR)/$(@D)/planted modules
	@cp $(@D)/planted/cryptex_planted.ko $(DEBUG_DIR)/guest.sh $(@D)/payload/
	@objcopy --strip-debug $(@D)/module/cryptex.ko $(@D)/payload/cryptex.ko
	@tests/kselftest/kcov_sites.sh $(@D)/module/cryptex.ko > $(@D)/payload/cryptex.sites
	@touch $@

.PRECIOUS: $(B)/debug/%/kernel.env

# SUITES names those of tests/debug/suites.sh that are wanted, all if empty.
check-debug:
	scripts/install-deps.sh build vm check debug
	@$(MAKE) --no-print-directory run-check-debug

run-check-debug: $(B)/ksft/.built $(DEBUG_BUILT)
	CX_DEBUG_KERNELS='$(CX_DEBUG_KERNELS)' CX_SUITES=$(DEBUG_DIR)/suites.sh tests/check.sh $(SUITES)

.PHONY: check-debug run-check-debug
