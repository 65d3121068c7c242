#!/usr/bin/env bash
# add.sh FOLDER [H=SECONDS]: hands the shards of FOLDER to the training, each by a rename, so that half a copy is never seen.
here=$(cd "$(dirname "$0")" && pwd); . "$here/env.sh"
mkdir -p "$T/shards" "$T/in"
for f in "$1"/part-*.bin; do
  [ -e "$f" ] && [ ! -e "$T/shards/$(basename "$f")" ] && cp "$f" "$T/in/" && mv "$T/in/$(basename "$f")" "$T/shards/"
done
[[ ${2:-} == H=* ]] && until_held "${2#H=}"
ls "$T/shards" | wc -l | sed 's/$/ shards are there/'
log | tail -n "${LINES_SHOWN:-4}"; tail -n 2 "$T/run/supervise.log"
echo "training ends in $(($(cat "$T/deadline") - $(now))) s"
