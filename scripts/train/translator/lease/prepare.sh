#!/usr/bin/env bash
# prepare.sh WORK TESTS [pack.py options]: in the root of the repository that travels; leaves .gpu/c1, .gpu/c2, ... (which
# git ignores), as much in each as fits beside the repository's own files. WORK: `recipe.py small --until encode`.
set -euo pipefail
lease=$(cd "$(dirname "$0")" && pwd); work=$(realpath "$1"); tests=$(realpath "$2"); shift 2
cd "$(git rev-parse --show-toplevel)"
exclude=$(git rev-parse --git-path info/exclude); mkdir -p "$(dirname "$exclude")"
grep -qx /.gpu/ "$exclude" 2>/dev/null || echo /.gpu/ >>"$exclude"
travels=$({ git ls-files -z -co --exclude-standard; if [ -d shared ]; then find shared -type f -print0; fi; } |
  { xargs -0 stat -c %s 2>/dev/null || true; } | awk '{s += $1; n++} END {print s + n * 1024}')
mib=$(awk -v t="$travels" 'BEGIN {printf "%.1f", 62.5 - t / 1048576}')
echo "the repository's own files take $((travels / 1048576)) MiB: $mib MiB a call"
awk -v m="$mib" 'BEGIN {exit !(m < 8)}' && { echo "too little: make the repository's tree smaller"; exit 1; }
"${PY:-python3}" "$lease/pack.py" "$work" --tests "$tests" --out .gpu --call-mib "$mib" "$@"
