#!/usr/bin/env bash
# The provider as the registry takes it: release/provider.sh VERSION [OS_ARCH BINARY]...
# For each binary a zip, then their SHA256SUMS with the registry's manifest. Without binaries the one for this machine is
# built. Everything goes to release/out, or where OUT says. Signing the sums is left to whoever holds the key:
#   gpg --detach-sign release/out/terraform-provider-poolform_VERSION_SHA256SUMS
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:?Give the version, such as 0.1.0}
shift
name=terraform-provider-poolform
out=${OUT:-$PWD/release/out}
target=${CARGO_TARGET_DIR:-$PWD/target}

if [ $# -eq 0 ]; then
  cargo build --release --bin "$name"
  case $(uname -m) in
    x86_64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) echo "The registry has no name for $(uname -m)." && exit 1 ;;
  esac
  set -- "$(uname -s | tr '[:upper:]' '[:lower:]')_$arch" "$target/release/$name"
fi

rm -rf "$out"
mkdir -p "$out"
while [ $# -ge 2 ]; do
  # Times and order are fixed, so that the same binary gives the same zip.
  python3 - "$out/${name}_${version}_$1.zip" "$2" "${name}_v$version" <<'PYTHON'
import sys, zipfile
archive, binary, inside = sys.argv[1:]
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
    entry = zipfile.ZipInfo(inside, (1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with open(binary, "rb") as program:
        zipped.writestr(entry, program.read())
PYTHON
  shift 2
done
cp release/terraform-registry-manifest.json "$out/${name}_${version}_manifest.json"
(cd "$out" && sha256sum "${name}_${version}"_* >"${name}_${version}_SHA256SUMS")
ls -l "$out"
