#!/usr/bin/env bash
# Fetches opus-mt-fr-en (300 MB, Apache-2.0) from the Hugging Face hub into models/.
# Needs a network and the hub's own client: pip install huggingface_hub
set -euo pipefail
cd "$(dirname "$0")/.."

client=$(command -v hf || command -v huggingface-cli) || {
  echo "fetch-models.sh: the hub's client is missing: pip install huggingface_hub" >&2
  exit 1
}
"$client" download Helsinki-NLP/opus-mt-fr-en \
  --include '*.json' '*.spm' model.safetensors pytorch_model.bin \
  --local-dir models/opus-mt-fr-en
rm -rf models/opus-mt-fr-en/.cache
echo "Fetched. Use it: precis run corpus --model opus-mt-fr-en"
