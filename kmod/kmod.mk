# SPDX-License-Identifier: GPL-2.0-only
# The module.  KERNEL names one of Debian's kernels (scripts/fetch-kernel.sh),
# KDIR the headers of any other.  What is built for a kernel stays in
# build/kernels/NAME; build/ itself has it for the kernel that is worked with.

KERNELS	:= bookworm-backports trixie trixie-backports
KERNEL	?= $(firstword $(KERNELS))
ifneq ($(words $(KERNEL)),1)
$(error KERNEL shall be one name, such as trixie-backports, not '$(KERNEL)')
endif
export CX_KERNEL := $(KERNEL)

KMOD_SRC := Kbuild $(wildcard kmod/*.[chS] include/cryptex/*.h) \
	include/uapi/linux/cryptex.h scripts/build-module.sh
KENV	:= $(B)/kernel.env
K	:= $(B)/kernels
# The checkers read the default kernel's headers whatever is built for.
KENV_LINT := $(K)/$(firstword $(KERNELS))/kernel.env

# $(call remember,COMMAND): makes a file of what COMMAND prints, the age of which
# says when that last changed.
remember = text=$$($(1)) && mkdir -p $(@D) && \
	{ echo "$$text" | cmp -s - $@ || echo "$$text" > $@; }

# Asked each time: package lists are read anew now and then, the cache may go.
$(K)/%/kernel.env: FORCE
	@$(call remember,scripts/fetch-kernel.sh --source $*)

$(K)/%/cryptex.ko: $(K)/%/kernel.env $(KMOD_SRC) $(B)/certificate $(if $(CERTIFICATE),$(B)/builtin.der)
	+scripts/build-module.sh --kernel $* $(@D)/module $(BUILTIN)
	@cp $(@D)/module/cryptex.ko $@

# For the test that shows that the test for torn processes can fail.
$(K)/%/incoherent.ko: $(K)/%/kernel.env $(KMOD_SRC)
	+scripts/build-module.sh --kernel $* $(@D)/incoherent CONFIG_CX_INCOHERENT=y
	@cp $(@D)/incoherent/cryptex.ko $@

# To see that another compiler has nothing to say either.
$(K)/%/clang.ko: $(K)/%/kernel.env $(KMOD_SRC) scripts/clang/generated/autoconf.h
	+scripts/build-module.sh --kernel $* --clang $(@D)/clang
	@cp $(@D)/clang/cryptex.ko $@

.PRECIOUS: $(K)/%/kernel.env $(K)/%/cryptex.ko $(K)/%/incoherent.ko $(K)/%/clang.ko

# These change when another kernel is named.
$(B)/kernel.name: FORCE
	@$(call remember,echo '$(KERNEL)')

$(KENV): $(K)/$(KERNEL)/kernel.env $(B)/kernel.name
	@cp $< $@

$(B)/incoherent/cryptex.ko: $(K)/$(KERNEL)/incoherent.ko $(B)/kernel.name
	@mkdir -p $(@D)
	@cp $< $@

ifndef KDIR
$(B)/cryptex.ko: $(K)/$(KERNEL)/cryptex.ko $(B)/kernel.name $(B)/headers
	@cp $< $@
else
$(B)/cryptex.ko: $(KMOD_SRC) $(B)/headers $(B)/certificate $(if $(CERTIFICATE),$(B)/builtin.der)
	+scripts/build-module.sh --headers $(KDIR) $(B)/module $(BUILTIN)
	@cp $(B)/module/cryptex.ko $@
endif

$(B)/headers: FORCE
	@$(call remember,echo '$(KDIR)')

# CERTIFICATE (PEM or DER) is trusted by the module from the start.
BUILTIN := $(if $(CERTIFICATE),CX_CERTIFICATE=$(CURDIR)/$(B)/builtin.der)
$(B)/builtin.der: $(CERTIFICATE) $(B)/certificate
	openssl x509 -in $(CERTIFICATE) -outform DER -out $@

# Another certificate, or none any more, makes another module.
$(B)/certificate: FORCE
	@$(call remember,echo '$(CERTIFICATE)')
FORCE:

module: $(B)/cryptex.ko

# For the kernel that it was built for.
modules_install: $(B)/cryptex.ko
	release=$$(modinfo -F vermagic $< | cut -d' ' -f1) && \
	install -D -m 644 $< $(DESTDIR)/lib/modules/$$release/updates/cryptex.ko && \
	depmod $(if $(DESTDIR),-b $(DESTDIR)) $$release

.PHONY: module modules_install FORCE
