#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A patch and its base: what is left out, and what is refused.
set -euo pipefail
. "$(dirname "$0")/publish/lib.sh"
cd "$work"

# lib VERSION_SCRIPT_BODY SONAME OUT [CFLAG]...: a real shared library; each name
# of the version script becomes a function
lib() {
	local script=$1 soname=$2 out=$3
	shift 3
	mkdir -p "$(dirname "$out")"
	grep -oE '\bf[0-9]+\b' <<<"$script" | sort -u | sed 's/.*/int &(void) { return 1; }/' >lib.c
	echo "$script" >lib.map
	${CC:-gcc} -shared -fPIC -nostdlib -o "$out" ${soname:+-Wl,-soname=$soname} \
		-Wl,--version-script=lib.map "$@" lib.c
}
all='V1 { global: f1; f2; f3; f4; f5; f6; f7; local: *; };'
build() { "$publish" build --name demo --build-time 1 "$@"; }
patch() { build --label 2 --base base.cryptex -o patch.cryptex --dir "${@:-new}"; }

lib "$all" libdemo.so.1 old/lib/libdemo.so.1
mkdir old/share && echo shared >old/share/same && echo old >old/share/changes
build --label 1 --security-epoch 3 --dir old -o base.cryptex
cp -a old new && echo new >new/share/changes

# What a patch is
check "a patch for the base is built" patch
check "it holds only the object that the base lacks" test \
	"$(tar tf patch.cryptex)" = "$(printf 'manifest\nobjects/%s.zst' "$(fsverity digest --compact new/share/changes)")"
check "it has the base's security epoch" \
	grep -qx 'Security epoch  3' <("$publish" show patch.cryptex)
check "a higher security epoch is taken" patch new --security-epoch 4
check "the same content under another label is a patch without objects" patch old
check "and can be shown" "$publish" show patch.cryptex
printf '[{"text":"t","id":"CVE-2026-7777","severity":"critical"}]' >fixes.json
check "--fixes reads a file" bash -c "
	'$publish' build --name demo --label 2 --base base.cryptex --dir new --fixes fixes.json -o patch.cryptex &&
	'$publish' show patch.cryptex | grep -E '^  CVE-2026-7777 +critical t$' >/dev/null"
check "the seal holds them as compact JSON with sorted keys" grep -qaF \
	'[{"id":"CVE-2026-7777","severity":"critical","text":"t"}]' <(tar xOf patch.cryptex manifest)
rm patch.cryptex

# A base that does not fit
refused "base: missing" 1 'no such file' build --label 2 --base none --dir new -o patch.cryptex
refused "base: not a container" 1 'no sound container' build --label 2 --base fixes.json --dir new -o patch.cryptex
refused "base: of another name" 1 'is a base of demo, not of other' \
	"$publish" build --name other --label 2 --base base.cryptex --dir new -o patch.cryptex
refused "base: has the label" 1 'has the label 1 already' build --label 1 --base base.cryptex --dir new -o patch.cryptex
refused "base: has a higher security epoch" 1 'security epoch 2 is below' patch new --security-epoch 2
build --label 2 --base base.cryptex --dir new -o second.cryptex
refused "base: is a patch itself" 1 'is a patch itself' build --label 3 --base second.cryptex --dir new -o patch.cryptex
refused "fixes: file is missing" 1 'no such file' patch new --fixes none
for bad in '{}=not a JSON array' '[1]=element 0' '[{"id":"A"}]=element 0' \
	'[{"id":"A","severity":"low","text":"t","more":1}]=element 0' '[=not JSON: line 1' \
	'[{"id":"A","severity":"low","text":"a\u0007"}]=control character'; do
	printf '%s' "${bad%%=*}" >bad.json
	refused "fixes: ${bad%%=*}" 1 "${bad#*=}" patch new --fixes bad.json
done

# Another machine
machine() { # FILE NUMBER: make it an ELF file for another machine
	printf "\\$(printf %o "$2")\\0" | dd of="$1" bs=1 seek=18 conv=notrunc status=none
}
own=$(od -An -t u2 -j 18 -N 2 old/lib/libdemo.so.1 | tr -d ' ')
rm -rf arm && cp -a new arm && machine arm/lib/libdemo.so.1 $((own == 183 ? 62 : 183))
refused "another machine than the base's" 1 'the base is for the machine .*, the patch for' patch arm
cp old/lib/libdemo.so.1 arm/lib/own.so
refused "two machines in one tree" 1 'a cryptex is for one machine' build --label 1 --dir arm -o x.cryptex
refused "another machine than --machine" 1 'is for .*, not for riscv64' \
	build --label 1 --dir old --machine riscv64 -o x.cryptex
check "--machine none takes any" build --label 1 --dir arm --machine none -o x.cryptex
check "and says so" grep -qx 'Machine         any' <("$publish" show x.cryptex)
mkdir data && echo data >data/file && build --label 1 --dir data -o x.cryptex
check "no ELF file: for any machine" grep -qx 'Machine         any' <("$publish" show x.cryptex)
printf '\177ELF\002\001\001garbage' >data/elf
refused "a broken ELF file" 1 'elf: is a broken ELF file' build --label 1 --dir data -o x.cryptex
head -c 2000 old/lib/libdemo.so.1 >data/elf
refused "half a library" 1 'elf: is a broken ELF file' build --label 1 --dir data -o x.cryptex

# A package of another architecture
mkdir -p pkg/DEBIAN pkg/usr
cp -a old pkg/usr/lib
control() {
	printf 'Package: demo\nVersion: %s\nArchitecture: %s\nMaintainer: a <a@example.org>\nDescription: demo\n' \
		"$1" "$2" >pkg/DEBIAN/control
	dpkg-deb --root-owner-group -b pkg "$3" >/dev/null
}
own_arch=$(dpkg --print-architecture)
control 1 "$own_arch" own.deb
control 2 "$([ "$own_arch" = arm64 ] && echo amd64 || echo arm64)" foreign.deb
"$publish" build --name demo --deb own.deb -o debbase.cryptex
refused "a package for another architecture than the base" 1 'foreign.deb: is a package for .*, but the base debbase.cryptex is for' \
	"$publish" build --name demo --deb foreign.deb --base debbase.cryptex -o patch.cryptex
control 2 "$own_arch" own2.deb
refused "a package without a changelog: a warning, and the ABI counts" 0 'has no Debian changelog, so no fixes are taken' \
	"$publish" build --name demo --deb own2.deb --base debbase.cryptex -o patch.cryptex
rm patch.cryptex

# The changelog of a package
mkdir -p pkg/usr/share/doc/demo
changelog() { gzip -9n >pkg/usr/share/doc/demo/changelog.Debian.gz; }
changelog <<'C'
demo (3) unstable; urgency=critical

  * CVE-2026-1111 (Trailing bracket) and more
  * Two holes, CVE-2026-2222 and
    CVE-2026-3333, are closed. CVE-26-1 is none, CVE-2026-12 neither.
  * Nothing of note

 -- A <a@example.org>  Wed, 21 Oct 2026 16:54:24 +0700

demo (2) unstable; urgency=HIGH

  * CVE-2026-4444: first
  * CVE-2026-1111 again

 -- A <a@example.org>  Wed, 20 Oct 2026 16:54:24 +0700

demo (1) unstable; urgency=low

  * CVE-2020-9999

 -- A <a@example.org>  Wed, 19 Oct 2026 16:54:24 +0700
C
control 3 "$own_arch" own3.deb
from_deb() { "$publish" build --name demo --deb "$1" --base debbase.cryptex -o patch.cryptex; }
from_deb own3.deb
check "CVEs newer than the base, with text and severity" diff - <("$publish" show patch.cryptex | grep '^  CVE') <<'C'
  CVE-2026-1111    critical Trailing bracket) and more
  CVE-2026-2222    critical Two holes, CVE-2026-2222 and CVE-2026-3333, are closed. CVE-26-1 is none, CVE-2026-12 neither.
  CVE-2026-3333    critical Two holes, CVE-2026-2222 and CVE-2026-3333, are closed. CVE-26-1 is none, CVE-2026-12 neither.
  CVE-2026-4444    high     first
C
printf 'demo (3) unstable\n\n  * CVE-2026-5555 caf\351 %s\n\ndemo (1) x; urgency=low\n' \
	"$(printf 'long %.0s' {1..2000})" | changelog
control 3 "$own_arch" own3.deb
from_deb own3.deb
check "another encoding: the id without its text" grep -qE '^  CVE-2026-5555 +unknown *$' \
	<("$publish" show patch.cryptex)
head -c 20000 /dev/urandom | tr -d '\n' | changelog
control 3 "$own_arch" own3.deb
refused "a changelog of random bytes: a warning" 0 'has no entry for the base.s version 1' from_deb own3.deb
printf 'not gzip' >pkg/usr/share/doc/demo/changelog.Debian.gz
control 3 "$own_arch" own3.deb
rm patch.cryptex
refused "a changelog that is not gzip" 0 'has no entry for the base|has no Debian changelog' from_deb own3.deb
rm -f patch.cryptex

# The ABI
abi() { # NAME PATTERN: the tree new must be refused as a patch
	refused "$1" 1 "$2" patch
}
rm new/lib/libdemo.so.1
abi "a library is missing" 'lib/libdemo.so.1: this library of the base is missing'
lib "${all/f3; /}" libdemo.so.1 new/lib/libdemo.so.1
abi "a symbol is missing" 'lib/libdemo.so.1: lacks 1 symbol that the base exports: f3@V1;'
lib 'V1 { global: f1; local: *; };' libdemo.so.1 new/lib/libdemo.so.1
abi "six symbols are missing: five are named" 'lacks 6 symbols .*: f2@V1, f3@V1, f4@V1, f5@V1, f6@V1, \.\.\.;'
lib "V1 { global: f1; local: *; };${all/V1/V2}" libdemo.so.1 new/lib/libdemo.so.1 2>/dev/null ||
	lib "${all/V1/V2}" libdemo.so.1 new/lib/libdemo.so.1
abi "a symbol has another version" 'lacks . symbols that the base exports: f.@V1'
lib "$all" libdemo.so.2 new/lib/libdemo.so.1
abi "another SONAME" 'its SONAME was "libdemo.so.1" in the base and now is "libdemo.so.2"'
echo text >new/lib/libdemo.so.1
abi "no library any more" 'is a shared library in the base but not in the patch'
lib "$all" libdemo.so.1 new/lib/libdemo.so.1 -fvisibility=hidden
abi "hidden symbols are not exported" 'lacks 7 symbols that'
lib "V1 { global: f1; f2; f3; f4; f5; f6; f7; f8; local: *; };" libdemo.so.1 new/lib/libdemo.so.1
check "a new symbol is fine" patch
rm new/lib/libdemo.so.1
lib "$all" libdemo.so.1 new/lib/libdemo.so.1.7 && ln -s libdemo.so.1.7 new/lib/libdemo.so.1
check "a library may move behind a link of its SONAME" patch
lib "${all/f3; /}" libdemo.so.1 new/lib/libdemo.so.1.7
abi "and is then checked just the same" 'libdemo.so.1.7: lacks 1 symbol'
rm patch.cryptex
refused "--allow-abi-break makes it a warning" 0 'warning: lib/libdemo.so.1.7: lacks 1 symbol' patch new --allow-abi-break
check "and the patch is there" "$publish" show patch.cryptex
lib 'V1 { global: f1; local: *; };' '' plugins/lib/plugin.so
build --label 1 --dir plugins -o plugins.cryptex
rm plugins/lib/plugin.so && echo 1 >plugins/lib/else
refused "a plugin without SONAME counts by its path" 1 'plugin.so: this library of the base is missing' \
	build --label 2 --base plugins.cryptex --dir plugins -o x2.cryptex
finish
