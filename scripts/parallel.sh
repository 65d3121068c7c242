#!/bin/sh
# A file of JSON lines through a worker for each core, with GNU parallel:
#
#   PRECIS_MODEL=opus-mt-fr-en scripts/parallel.sh news.jsonl summaries.jsonl
#
# Options of `precis worker` stand in the environment (PRECIS_…). RECORDS is the number of lines of a piece (500),
# JOBS the number of workers at a time. A piece whose worker was killed is done again, three times at most; the
# same command goes on where it was stopped. (--pipe would be shorter, but cannot give a piece out twice.)
set -eu
input=$1
output=$2
parts=$output.parts
if [ ! -e "$parts/joblog" ]; then
    mkdir -p "$parts"
    split -l "${RECORDS:-500}" -d -a 7 --additional-suffix=.in "$input" "$parts/"
    : > "$parts/joblog"
fi
find "$parts" -name '*.in' | sort | parallel --will-cite --jobs "${JOBS:-100%}" --retries 3 \
    --joblog "$parts/joblog" --resume-failed 'precis worker < {} > {.}.tmp && mv {.}.tmp {.}.out'
find "$parts" -name '*.out' | sort | xargs -r cat > "$output.tmp"
[ "$(grep -c '' "$input")" -eq "$(grep -c '' "$output.tmp")" ] || {
    echo "parallel.sh: $input has changed since it was cut into $parts; remove that" >&2
    exit 1
}
mv "$output.tmp" "$output"
rm -r "$parts"
