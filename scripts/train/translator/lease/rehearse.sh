#!/usr/bin/env bash
# rehearse.sh DATA TESTS [WORK]: the whole lease on a processor with small numbers, in a folder that plays the lent
# machine; five minutes. Only what would travel is there, the limits of the door are checked at every call, training is
# killed, frozen and made to diverge on the way, the model comes back in pieces, is compared with MarianMTModel, and a
# second lease goes on from it. Needs the packages of the recipe; PY=python of a virtual environment.
set -euo pipefail
lease=$(cd "$(dirname "$0")" && pwd); recipe=$(dirname "$lease"); root=$(realpath "$recipe/../../..")
data=$(realpath "$1"); tests=$(realpath "$2"); work=${3:-$(mktemp -d)}
mkdir -p "$work"; work=$(realpath "$work"); rm -rf "$work"/{data,encoded,repo,device,train}*; began=$(date +%s)
export PY=${PY:-python3} OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} SILENT=12 SILENT_START=90
export PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=ignore
say() { echo "== $(($(date +%s) - began)) s: $*"; }
die() {
  echo "REHEARSAL FAILED: $*"
  [ -e "$T/run/pid" ] && kill -9 -- "-$(cat "$T/run/pid")" 2>/dev/null
  [ -e "$T/super.pid" ] && kill "$(cat "$T/super.pid")" 2>/dev/null
  exit 1
}
size() { find "$@" -type f -printf '%s\n' | awk '{s += $1} END {print s + 0}'; }
# until_seen WHAT FILE SECONDS
until_seen() { for _ in $(seq $((2 * $3))); do grep -q "$1" "$2" 2>/dev/null && return; sleep 0.5; done; die "no '$1' in $2"; }

# call CARRY SECONDS COMMAND: what is carried is copied, the command runs there, what is under OUT is checked.
call() {
  local carry=$1 seconds=$2 command=$3
  if [ -n "$carry" ]; then
    [ "$(size "$repo/$carry")" -le $((64 * 1048576)) ] || die "$carry is over 64 MiB"
    rm -rf "${device:?}/$carry"; mkdir -p "$device/$(dirname "$carry")"; cp -r "$repo/$carry" "$device/$carry"
  fi
  [ ${#command} -le 2000 ] || die "the command is too long"
  rm -rf "$work/out"; mkdir -p "$work/out"
  (cd "$device" && OUT=$work/out timeout "$seconds" bash -c "$command") >"$work/said" 2>&1 || { cat "$work/said"; die "$command"; }
  sed 's/^/    /' "$work/said" | cut -c1-170 | tail -n "${SHOW:-7}"
  [ "$(find "$work/out" -type f | wc -l)" -le 8 ] || die "more than 8 files"
  [ -z "$(find "$work/out" -type f -size +16384k)" ] || die "a file over 16 MiB"
  [ "$(size "$work/out")" -le $((64 * 1048576)) ] || die "over 64 MiB back"
}
begin_lease() { repo=$work/repo$1; device=$work/device$1; export T=$work/train$1; mkdir -p "$repo" "$device"; }
T=$work/train1

mkdir -p "$work/data"
for source in tatoeba cds_blog ud_pud_news_wiki; do
  xz -dc "$data/$source.tsv.xz" | head -n 900 >"$work/data/$source.tsv" || true
done
head -n 300 "$work/data/cds_blog.tsv" >"$work/data/bt_cds.tsv"
paste <(head -n 3 "$tests/flores-dev.fr") <(head -n 3 "$tests/flores-dev.en") >>"$work/data/tatoeba.tsv"  # left out
"$PY" "$recipe/recipe.py" rehearsal --data "$work/data" --work "$work/encoded" --tests "$tests" \
  --tokenizer "$root/models/fr-en-tiny/source.spm" --until encode >"$work/said"
"$PY" - "$work/encoded/log.jsonl" <<'P' || die "lines of the test set got in"
import json, sys
log = [json.loads(line) for line in open(sys.argv[1])]
sys.exit(sum(entry.get("of_tests", 0) for entry in log) != 3)
P
begin_lease 1
"$PY" "$lease/pack.py" "$work/encoded" --tests "$tests" --out "$repo/.gpu" --call-mib 1.45 --shard-mib 0.04 | tail -n 6
[ -e "$repo/.gpu/c2" ] || die "one call only: make --call-mib smaller"
"$PY" - "$repo/.gpu" "$recipe" <<'P'
import sys; sys.path.insert(0, sys.argv[2])
from pathlib import Path
import shards, sentencepiece
pieces = sentencepiece.SentencePieceProcessor(model_file=sys.argv[1] + "/c1/joint.spm")
tags = 0
for path in sorted(Path(sys.argv[1]).glob("c*/part-*")):
    columns, table = shards.read(path)
    at = 0
    for length, corpus in zip(columns["source_lengths"], columns["corpus"]):
        tagged = columns["source"][at] == pieces.piece_to_id("<r4>")
        assert tagged == (table[corpus][0] == "bt_cds")
        tags += tagged
        at += int(length)
        assert columns["source"][at - 1] == 0
assert tags
print("shards: every source ends right;", tags, "pairs are tagged")
P
say "first call"
call .gpu/c1 100 "WAIT=45 LEASE_END=190 bash .gpu/c1/go.sh H=100 rehearsal"
until_seen tokens_per_second "$T/run/log.jsonl" 1
say "second call, with more shards"
call .gpu/c2 60 "LEASE_END=190 bash $T/add.sh .gpu/c2 H=112"
for _ in $(seq 40); do [ -e "$T/run/last.pt" ] && break; sleep 0.5; done
[ -e "$T/run/last.pt" ] || die "no checkpoint"
sleep "$((RANDOM % 4)).$((RANDOM % 10))"; say "training is killed"; kill -9 -- "-$(cat "$T/run/pid")"; sleep 5
call "" 60 "LEASE_END=190 bash $T/watch.sh 6"
until_seen goes_on_from_step "$T/run/log.jsonl" 30
say "a checkpoint on the way"
call "" 120 'LEASE_END=190 bash $T/watch.sh 1 ship $OUT'
ls "$work/out"/piece.* >/dev/null || die "no pieces"
rm -rf "$work/mid"; "$PY" "$lease/pieces.py" join "$work/mid" "$work/out"/piece.*
sleep "$((RANDOM % 4)).$((RANDOM % 10))"; say "training freezes"; kill -STOP -- "-$(cat "$T/run/pid")"
until_seen "silent for" "$T/run/supervise.log" 40
say "finish"
LINES_SHOWN=1 SHOW=14 call "" 200 'GRACE=70 LEASE_END=190 bash $T/finish.sh $OUT'
rm -rf "$work/model"; "$PY" "$lease/pieces.py" join "$work/model" "$work/out"/piece.*
grep -q "Traceback" "$T/supervise.out" && { grep -A12 Traceback "$T/supervise.out" | tail -20; die "an error was printed"; }
"$PY" "$recipe/export.py" --check "$work/model" 2>/dev/null || die "differs from MarianMTModel"
say "a second lease goes on from the model; its training diverges, and is ended early and by force"
begin_lease 2
"$PY" "$lease/pack.py" "$work/encoded" --tests "$tests" --out "$repo/.gpu" --call-mib 2.8 --shard-mib 0.2 --from-model "$work/model" | tail -n 2
call .gpu/c1 100 "WAIT=45 LEASE_END=190 bash .gpu/c1/go.sh H=80 rehearsal --fail-at 2"
until_seen '"begins_with": "start"' "$T/run/log.jsonl" 1
for _ in $(seq 80); do [ -e "$T/run/last.pt" ] && break; sleep 0.5; done
until_seen diverged "$T/run/log.jsonl" 20
until_seen "rate-scale 0.5" "$T/run/supervise.log" 20
kill -STOP -- "-$(cat "$T/run/pid")"
call "" 120 'GRACE=1 LEASE_END=190 bash $T/finish.sh $OUT now'
rm -rf "$work/model2"; "$PY" "$lease/pieces.py" join "$work/model2" "$work/out"/piece.*
"$PY" "$recipe/export.py" --check "$work/model2" 2>/dev/null || die "differs from MarianMTModel"
say "REHEARSAL PASSED; all in $work"
