# SPDX-License-Identifier: LGPL-2.1-or-later
# The demonstration and the end-to-end tests; tests/check.sh reads `suites`.

CHECK_DEPS += $(B)/test/ask-kernel $(B)/test/fail-call
$(B)/test/ask-kernel: $(B)/obj/tests/e2e/ask-kernel.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS)

$(B)/test/fail-call: $(B)/obj/tests/e2e/fail-call.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lseccomp

demo:
	scripts/install-deps.sh build vm
	@$(MAKE) --no-print-directory -j$$(nproc) programs
	@$(MAKE) --no-print-directory run-demo

run-demo: programs module $(B)/test/ask-kernel
	@tests/e2e/run.sh demo

e2e: programs module $(B)/test/ask-kernel
	tests/check.sh e2e-story e2e-reboot e2e-revoke e2e-system

# Every cut and every call that can fail; takes hours.
check-faults: programs module $(addprefix $(B)/test/,ask-kernel fail-call taken_over_fetcher cutting_server) $(POWER)
	tests/e2e/run.sh power-all
	tests/e2e/run.sh sweep-all

.PHONY: demo run-demo e2e check-faults
