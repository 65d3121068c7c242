#!/usr/bin/env bash
# go.sh [H=SECONDS] [PRESET] [train.py options]: the first call. Copies itself to $T, takes the shards beside it, starts
# training, shows the first lines. H: seconds of the lease used before this command began; 120 where nobody can know.
here=$(cd "$(dirname "$0")" && pwd); . "$here/env.sh"
h=120; [[ ${1:-} == H=* ]] && { h=${1#H=}; shift; }
preset=${1:-small}; shift
mkdir -p "$T/shards" "$T/run"; cp -r "$here"/. "$T/"; cd "$T" || exit 1
mv part-*.bin shards/ 2>/dev/null
now >ended; until_held "$h"
start=(); [ -e start/config.json ] && start=(--from-model start)
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null
if [ -e super.pid ] && kill -0 "$(cat super.pid)" 2>/dev/null; then
  echo "go: training runs already"
else
  rm -rf run; mkdir -p run
  setsid nohup "$PY" -u supervise.py run "$preset" --shards shards --deadline deadline --tokenizer joint.spm --tests . \
    "${start[@]}" "$@" >supervise.out 2>&1 </dev/null &
  echo $! >super.pid
fi
for ((i = 0; i < ${WAIT:-50}; i++)); do sleep 1; [ "$(log | grep -c tokens_per_second)" -ge 3 ] && break; done
if [ -e run/log.jsonl ]; then log | tail -n 25; else tail -n 25 supervise.out; fi
tail -n 5 run/supervise.log; grep -E "Error|Traceback" supervise.out | tail -3
echo "go: training ends in $(($(cat deadline) - $(now))) s"
