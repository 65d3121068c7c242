"""Makes crates/seq2seq/tests/fixtures/legacy-torch: tensors in PyTorch's format before 1.6
(pytorch_model.bin) and the same in model.safetensors.

usage: make_legacy_torch.py
needs: pip install torch safetensors numpy
"""

from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file

OUT = Path(__file__).resolve().parent.parent / "crates/seq2seq/tests/fixtures/legacy-torch"


def numbers(count, dtype=torch.float32):
    return (torch.arange(count, dtype=torch.float32) * 0.37 - 1).to(dtype)


def tensors():
    shared = numbers(12).reshape(4, 3)
    state = OrderedDict()
    state["whole"] = shared
    state["tied"] = shared
    state["sliced"] = shared[1:3]
    state["column"] = shared[:, 1]
    state["transposed"] = shared.t()
    # An odd number of bytes, so that what follows is not aligned.
    state["position_ids"] = torch.tensor([1, 2, 3], dtype=torch.uint8)
    state["permuted"] = numbers(24).reshape(2, 3, 4).permute(2, 0, 1)
    state["half"] = numbers(5, torch.float16)
    state["brain"] = numbers(3, torch.bfloat16)
    state["double"] = numbers(2, torch.float64)
    state["parameter"] = torch.nn.Parameter(numbers(2))
    state["scalar"] = torch.tensor(0.5)
    state["empty"] = torch.zeros(0, 3)
    # As state_dict() writes it.
    state._metadata = OrderedDict([("", {"version": 1})])
    return state


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    state = tensors()
    torch.save(state, OUT / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    plain = {name: tensor.detach().clone().contiguous() for name, tensor in state.items()}
    save_file(plain, OUT / "model.safetensors")
