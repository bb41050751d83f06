#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Extended attributes: from files into the seal, as getfattr sees them.
set -euo pipefail
. "$(dirname "$0")/publish/lib.sh"
cd "$work"

build() { "$publish" build --name demo --label 1 --build-time 1 "$@"; }
show() { "$publish" show --files "$1"; }

mkdir -p tree/sub
echo 1 >tree/one
echo 2 >tree/two
echo 3 >tree/sub/three
ln -s one tree/link
build --dir tree -o plain.cryptex
if ! setfattr -n user.a -v x tree/one 2>/dev/null; then
	echo "1..0 # SKIP the file system of $work has no user attributes"
	exit 0
fi
setfattr -n user.b -v 0x0022ff5c tree/one
setfattr -n user.b -v 0x0022ff5c tree/two
setfattr -n user.a -v x tree/two
setfattr -n user.empty tree/sub
build --dir tree -o attributes.cryptex

show attributes.cryptex >shown
# below TYPE PATH: the attribute lines behind an entry's line
below() { awk -v path="$1" '$NF == "\"" || /^ / { if (on) print; next } { on = $5 == path }' shown; }
check "two attributes of a file, in order" diff <(below one) - <<-'end'
	       user.a="x"
	       user.b="\000\"\377\\"
end
check "the same of another file" diff <(below one) <(below two)
check "an empty one, of a folder" test "$(below sub)" = '       user.empty=""'
check "none where none is" test -z "$(below sub/three)$(below link)"
"$publish" show --json --files attributes.cryptex >json
check "in JSON, in hex" python3 - <<'end'
import json
tree = {e["path"]: e for e in json.load(open("json"))["tree"]}
assert tree["one"]["xattrs"] == {"user.a": "78", "user.b": "0022ff5c"}
assert tree["sub"]["xattrs"] == {"user.empty": ""}
assert "xattrs" not in tree["link"]
end
check "equal sets are there once" python3 - <<'end'
import struct, tarfile
data = tarfile.open("attributes.cryptex").extractfile("manifest").read()
assert struct.unpack_from("<II", data, 216)[0] == 2
end

# In whatever order they were set, the bytes are the same.
cp -r tree other
setfattr -n user.a -v x other/one other/two
setfattr -n user.b -v 0x0022ff5c other/two other/one
setfattr -n user.empty other/sub
build --dir other -o other.cryptex
same "the same attributes give the same bytes" attributes.cryptex other.cryptex
check "others do not" bash -c '! cmp -s plain.cryptex attributes.cryptex'

# What a seal has no room for
setfattr -n user.ä -v x other/one
refused "a name that is not ASCII" 1 'one: the name of an extended attribute' build --dir other -o bad.cryptex
setfattr -x user.ä other/one
setfattr -n user.a/b -v x other/one
refused "a name with a slash" 1 'one: the name of an extended attribute' build --dir other -o bad.cryptex
setfattr -x user.a/b other/one
check "nothing is left of them" test ! -e bad.cryptex
if setfattr -n trusted.x -v 1 other/one 2>/dev/null; then
	build --dir other -o trusted.cryptex
	same "trusted attributes are left out" attributes.cryptex trusted.cryptex
else
	skip "trusted attributes are left out" "needs root"
fi

finish
