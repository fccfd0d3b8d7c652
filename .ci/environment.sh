# What every phase starts with; sourced. Phases run at the root of the repository and keep what they make in $work.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
export CI=true CARGO_TERM_COLOR=never
export work=$PWD/.ci/work
export target=${CARGO_TARGET_DIR:-$PWD/target}
mkdir -p "$work"
