# SPDX-License-Identifier: GPL-2.0-only
# The module, built in a folder of links to its sources, since kbuild puts its
# objects beside them.  KDIR names the headers of another kernel.

KMOD_SRC := Kbuild $(wildcard kmod/*.[chS] include/cryptex/*.h) include/uapi/linux/cryptex.h
KENV	:= $(B)/kernel.env

$(KENV): scripts/fetch-kernel.sh scripts/lib.sh
	@mkdir -p $(B)
	scripts/fetch-kernel.sh --source > $@

# $(call build_module,FOLDER,MAKE ARGUMENTS): build FOLDER/cryptex.ko
define build_module
	@mkdir -p $(1)/kmod
	@cp -as --remove-destination $(CURDIR)/kmod/. $(1)/kmod/
	@ln -sfn $(CURDIR)/Kbuild $(1)/Kbuild
	@ln -sfn $(CURDIR)/include $(1)/include
	+. $(KENV) && $(MAKE) -C "$${CX_KDIR:-$$KDIR}" M=$(CURDIR)/$(1) W=1 KCFLAGS=-Werror $(2) modules
endef

# CERTIFICATE (PEM or DER) is trusted by the module from the start.
$(B)/cryptex.ko: export CX_KDIR := $(KDIR)
$(B)/cryptex.ko: $(KMOD_SRC) $(KENV) $(B)/certificate $(if $(CERTIFICATE),$(B)/builtin.der)
	$(call build_module,$(B)/module,$(if $(CERTIFICATE),CX_CERTIFICATE=$(CURDIR)/$(B)/builtin.der))
	@cp $(B)/module/cryptex.ko $@

$(B)/builtin.der: $(CERTIFICATE) $(B)/certificate
	openssl x509 -in $(CERTIFICATE) -outform DER -out $@

# Another certificate, or none any more, makes another module.
$(B)/certificate: FORCE
	@mkdir -p $(B)
	@echo '$(CERTIFICATE)' | cmp -s - $@ || echo '$(CERTIFICATE)' > $@
FORCE:

# For the test that shows that the test for torn processes can fail.
$(B)/incoherent/cryptex.ko: $(KMOD_SRC) $(KENV)
	$(call build_module,$(B)/incoherent,CONFIG_CX_INCOHERENT=y)

module: $(B)/cryptex.ko

# For the kernel that it was built for.
modules_install: $(B)/cryptex.ko
	release=$$(modinfo -F vermagic $< | cut -d' ' -f1) && \
	install -D -m 644 $< $(DESTDIR)/lib/modules/$$release/updates/cryptex.ko && \
	depmod $(if $(DESTDIR),-b $(DESTDIR)) $$release

.PHONY: module modules_install FORCE
