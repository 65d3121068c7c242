# What the scripts here share. T is where everything lives on the lent machine.
T=${T:-/tmp/train}; PY=${PY:-python3}; export PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TRITON_CACHE_DIR=$T/triton
LEASE_END=${LEASE_END:-735}   # seconds of the lease at which training ends; 900 is all there is
now() { date +%s; }
# until_held H: sets the end of training from what the lease had used (held_s of the last reply) when the last command here ended.
until_held() {
  local at; at=$(cat "$T/ended" 2>/dev/null || now)
  echo $((at + LEASE_END - ${1%.*})) >"$T/deadline.new" && mv "$T/deadline.new" "$T/deadline"
}
log() { cat "$T/run/log.jsonl" 2>/dev/null; }
trap 'now >"$T/ended" 2>/dev/null' EXIT
