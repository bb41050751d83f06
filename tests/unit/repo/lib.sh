# SPDX-License-Identifier: LGPL-2.1-or-later
# Shared by the repository's tests: small sealed cryptexes, and a reader of its own.
# shellcheck source=tests/unit/publish/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../publish/lib.sh"
repo=$BIN/cryptex-repo
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# One time for all that is signed, and one in date for whoever reads by the clock.
start=$(date +%s)
export SOURCE_DATE_EPOCH=$start
started=$(date -u -d "@$start" +%Y-%m-%dT%H:%M:%SZ)

# The reference client of The Update Framework, which make check unpacks, is for Debian's
# Python, whatever else there is.
client=$(dirname "$BIN")/test/tuf-reader/usr/lib/python3/dist-packages
has_reader() { [ -d "$client" ]; }
reader() { PYTHONPATH=$client /usr/bin/python3 "$here/reader.py" "$@"; }

# read_by_others NAME REPO
read_by_others() {
	if has_reader; then check "$1" reader "$2"; else skip "$1" "there is no python-tuf"; fi
}

# sealed LABEL [BASE_LABEL [OPTION]...]: demo-LABEL.cryptex, of which two files change from
# one label to the next
sealed() {
	local label=$1 base=${2:-} tree=tree-$1
	shift $(($# < 2 ? $# : 2))
	mkdir -p "$tree/lib"
	{ seq 1 2000; echo "$label"; seq 2000 4000; } >"$tree/lib/table"
	echo same >"$tree/lib/same"
	echo "only in $label" >"$tree/own"
	"$publish" build --name demo --label "$label" ${base:+--base "demo-$base.cryptex"} "$@" \
		--dir "$tree" --build-time "1600000${label//[!0-9]/}" -o unsigned.cryptex
	"$publish" sign --key signing/key.pem --cert signing/cert.pem unsigned.cryptex -o "demo-$label.cryptex"
	rm unsigned.cryptex
}

# samples LABEL...: a signing key, the base 100, and patches for it
samples() {
	local label

	signing_key signing --ec
	sealed 100
	for label; do sealed "$label" 100; done
}

# bytes REPO: a digest over all that a reader can see, names included
bytes() {
	(cd "$1" && find . -path ./.publish -prune -o -type f -print | LC_ALL=C sort | xargs sha256sum | sha256sum)
}

# custom REPO TARGET EXPRESSION: of the newest targets, or of ROLE in $role
custom() {
	python3 - "$1" "$2" "$3" "${role:-targets}" <<'P'
import glob, json, os, sys
repo, target, what, role = sys.argv[1:5]
newest = max(glob.glob(f"{repo}/metadata/*.{role}.json"), key=lambda f: int(os.path.basename(f).split(".")[0]))
c = json.load(open(newest))["signed"]["targets"][target].get("custom", {}).get("cryptex")
print(json.dumps(eval(f"({what})", {"c": c}), sort_keys=True))
P
}
