#!/usr/bin/env bash
# watch.sh SECONDS [H=SECONDS] [ship OUT]: keeps the machine for so long and shows the log; with `ship`, then leaves the
# last checkpoint in OUT as pieces.
here=$(cd "$(dirname "$0")" && pwd); . "$here/env.sh"
seconds=$1; shift
[[ ${1:-} == H=* ]] && { until_held "${1#H=}"; shift; }
cd "$T" || exit 1
end=$(($(now) + seconds))
while [ "$(now)" -lt "$end" ] && [ ! -e run/finished ]; do sleep 1; done
if [ "${1:-}" = ship ]; then
  rm -rf mid
  timeout 60 "$PY" export.py run/last.pt joint.spm mid average && timeout 60 "$PY" pieces.py split mid "$2" && cat mid/training.json
fi
log | grep tokens_per_second | awk 'NR % 6 == 0' | tail -n 20; log | grep -v tokens_per_second | tail -n 8
tail -n 3 run/supervise.log
echo "training ends in $(($(cat deadline) - $(now))) s"
