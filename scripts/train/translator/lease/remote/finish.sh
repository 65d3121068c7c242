#!/usr/bin/env bash
# finish.sh OUT [H=SECONDS] [now]: waits for the end of training (`now`: ends it), and leaves the model in OUT as pieces,
# at most 4 of 15.5 MiB.
here=$(cd "$(dirname "$0")" && pwd); . "$here/env.sh"
out=$(realpath "$1"); shift; cd "$T" || exit 1
[[ ${1:-} == H=* ]] && { until_held "${1#H=}"; shift; }
[ "${1:-}" = now ] && touch run/stop
limit=$(($(cat deadline) + ${GRACE:-30})); [ "${1:-}" = now ] && limit=$(($(now) + ${GRACE:-30}))
while [ "$(now)" -lt "$limit" ] && [ ! -e run/finished ]; do sleep 0.5; done
if [ ! -e run/finished ]; then
  echo "finish: training did not end by itself; the last checkpoint is taken"
  touch run/finished  # the supervisor starts nothing more
  kill -9 -- "-$(cat run/pid)" 2>/dev/null
fi
use=average; grep -q '"use": "last"' run/result.json 2>/dev/null && use=last
rm -rf model
for weights in $use average; do timeout 60 "$PY" export.py run/last.pt joint.spm model $weights && break; done
cp run/result.json model/ 2>/dev/null; tail -c 200000 run/log.jsonl >model/train.jsonl
timeout 60 "$PY" pieces.py split model "$out"
cp run/log.jsonl "$out/train.jsonl"; cp run/supervise.log "$out/" 2>/dev/null
log | grep -v tokens_per_second | tail -n 14; tail -n 3 run/supervise.log; ls -l "$out"
