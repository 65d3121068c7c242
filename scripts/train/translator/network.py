"""The network: Marian's encoder-decoder (post-norm, sinusoidal positions, tied embeddings) over flat storage.

All weights lie in one float32 vector, `master`. The network computes with a copy of its matrices in the working type,
whose slices are the leaves of autograd, each with a slice of one gradient vector, so that an optimiser step, the moving
average and a checkpoint are a few operations on long vectors. Biases and norms stay float32. The rows of a batch have
the same source length (batches.py): in training there is no padding on the source side, and attention needs no mask.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor

import kernels
from candidates import Candidates

EPSILON = 1e-5
# False: attention by plain products on a GPU too.
FUSED_ATTENTION = True
# Post-norm networks of plain Xavier weights learn nothing of the source for millions of tokens; with small outputs of
# each block they do from the start (as in DeepNorm, Wang et al. 2022).
GAIN_OF_OUTPUTS = 0.25
# Tied embeddings of the usual size, d^-1/2, start as a strong copy of the previous word: a loss of 17 instead of 9.7.
GAIN_OF_EMBEDDINGS = 0.25


@dataclass(frozen=True)
class Shape:
    vocabulary: int = 16_000
    width: int = 256
    inner: int = 1024
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 2
    positions: int = 512

    @property
    def pad(self) -> int:
        """The last id. It begins the decoder's input."""
        return self.vocabulary - 1


def sinusoids(positions: int, width: int) -> Tensor:
    position = torch.arange(positions)[:, None]
    angle = position / torch.pow(10000.0, 2 * torch.arange(width // 2)[None] / width)
    return torch.cat([angle.sin(), angle.cos()], 1)


def layout(shape: Shape) -> dict[str, list[tuple[str, tuple[int, ...]]]]:
    """Returns names and shapes of the weights: square matrices, the two of feed-forward layers, embeddings, vectors."""
    d, inner = shape.width, shape.inner
    layers = [(f"enc.{i}", False) for i in range(shape.encoder_layers)]
    layers += [(f"dec.{i}", True) for i in range(shape.decoder_layers)]
    square, up, down, vectors = [], [], [], []
    for name, decodes in layers:
        square += [(f"{name}.self_attn.qkv", (3 * d, d)), (f"{name}.self_attn.out", (d, d))]
        vectors += [(f"{name}.self_attn.qkv.b", (3 * d,)), (f"{name}.self_attn.out.b", (d,))]
        vectors += [(f"{name}.norm1.w", (d,)), (f"{name}.norm1.b", (d,))]
        if decodes:
            square += [(f"{name}.cross.q", (d, d)), (f"{name}.cross.kv", (2 * d, d)), (f"{name}.cross.out", (d, d))]
            vectors += [(f"{name}.cross.q.b", (d,)), (f"{name}.cross.kv.b", (2 * d,)), (f"{name}.cross.out.b", (d,))]
            vectors += [(f"{name}.norm2.w", (d,)), (f"{name}.norm2.b", (d,))]
        up.append((f"{name}.fc1", (inner, d)))
        down.append((f"{name}.fc2", (d, inner)))
        vectors += [(f"{name}.fc1.b", (inner,)), (f"{name}.fc2.b", (d,))]
        vectors += [(f"{name}.norm3.w", (d,)), (f"{name}.norm3.b", (d,))]
    vectors.append(("final_logits_bias", (shape.vocabulary,)))
    embeddings = [("shared", (shape.vocabulary, d))]
    return {"square": square, "up": up, "down": down, "embeddings": embeddings, "vectors": vectors}


class Marian:
    def __init__(self, shape: Shape, device: torch.device, work: torch.dtype, dropout: float = 0.0, seed: int = 1):
        self.shape, self.device, self.work, self.dropout = shape, device, work, dropout
        self.training = True
        # Where each weight, and each group of them, lies in `master`.
        self.where: dict[str, tuple[int, tuple[int, ...]]] = {}
        self.groups: dict[str, tuple[int, int]] = {}
        at = 0
        for group, weights in layout(shape).items():
            first = at
            for name, dimensions in weights:
                self.where[name] = at, dimensions
                at += math.prod(dimensions)
            self.groups[group] = first, at
        self.size = at
        # The first `matrices` numbers of `master` are matrices, the others vectors.
        self.matrices = self.groups["embeddings"][1]
        self.master = self.initial(seed).to(device)
        self.copy = self.master[: self.matrices].to(work)
        self.matrix_gradients = torch.zeros_like(self.copy)
        self.vector_gradients = torch.zeros(at - self.matrices, device=device)
        self.weights = {name: self.leaf(name) for name in self.where}
        self.sinusoids = sinusoids(shape.positions, shape.width).to(device, work)

    @property
    def pad(self) -> int:
        return self.shape.pad

    def leaf(self, name: str) -> Tensor:
        """Returns the weight that autograd sees, a view of its storage, with its gradient."""
        at, dimensions = self.where[name]
        if at < self.matrices:
            values, gradients = self.copy, self.matrix_gradients
        else:
            values, gradients, at = self.master[self.matrices :], self.vector_gradients, at - self.matrices
        part = slice(at, at + math.prod(dimensions))
        leaf = values[part].view(dimensions).detach().requires_grad_()
        leaf.grad = gradients[part].view(dimensions)
        return leaf

    def initial(self, seed: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        flat = torch.zeros(self.size)
        d = self.shape.width
        for name, (at, dimensions) in self.where.items():
            part = flat[at : at + math.prod(dimensions)].view(dimensions)
            if name == "shared":
                part.normal_(std=GAIN_OF_EMBEDDINGS * d**-0.5, generator=generator)
                part[self.pad] = 0
            elif len(dimensions) == 2:
                # Queries, keys and values count as matrices of their own.
                rows = dimensions[0] if name.endswith(("fc1", "fc2")) else d
                gain = GAIN_OF_OUTPUTS if name.endswith(("out", "fc2")) else 1.0
                bound = gain * math.sqrt(6 / (rows + dimensions[1]))
                part.uniform_(-bound, bound, generator=generator)
            elif ".norm" in name and name.endswith(".w"):
                part.fill_(1)
        return flat

    def sync(self) -> None:
        """Hands the matrices of `master` to the working copy. `<pad>` embeds to zero, on which other engines rely."""
        at, (vocabulary, d) = self.where["shared"]
        self.master[at + (vocabulary - 1) * d : at + vocabulary * d].zero_()
        self.copy.copy_(self.master[: self.matrices])

    def load(self, flat: Tensor) -> None:
        self.master.copy_(flat)
        self.sync()

    def zero_grad(self) -> None:
        self.matrix_gradients.zero_()
        self.vector_gradients.zero_()

    def linear(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self.weights[name], self.weights[f"{name}.b"].to(x.dtype))

    def embed(self, ids: Tensor) -> Tensor:
        embedded = functional.embedding(ids, self.weights["shared"], padding_idx=self.pad)
        x = embedded * math.sqrt(self.shape.width) + self.sinusoids[: ids.shape[1]]
        return functional.dropout(x, self.dropout, True) if self.training and self.dropout else x

    def heads(self, x: Tensor, parts: int) -> tuple[Tensor, ...]:
        """Splits [rows, length, parts * width] into parts of [rows, length, heads, width of a head]."""
        heads = self.shape.heads
        return x.view(x.shape[0], x.shape[1], parts, heads, self.shape.width // heads).unbind(2)

    def norm(self, x: Tensor, y: Tensor, name: str) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        return kernels.add_norm(x, y, self.weights[f"{name}.w"], self.weights[f"{name}.b"], dropout, EPSILON)

    def layer(self, x: Tensor, name: str, memory: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        decodes = memory is not None
        parts = self.heads(self.linear(x, f"{name}.self_attn.qkv"), 3)
        attended = attention(*parts, decodes, None if decodes else mask)
        x = self.norm(x, self.linear(attended, f"{name}.self_attn.out"), f"{name}.norm1")
        if memory is not None:
            queries = self.heads(self.linear(x, f"{name}.cross.q"), 1)
            attended = attention(*queries, *self.heads(self.linear(memory, f"{name}.cross.kv"), 2), False, mask)
            x = self.norm(x, self.linear(attended, f"{name}.cross.out"), f"{name}.norm2")
        inner = functional.silu(self.linear(x, f"{name}.fc1"))
        return self.norm(x, self.linear(inner, f"{name}.fc2"), f"{name}.norm3")

    def encode(self, source: Tensor, mask: Tensor | None = None) -> Tensor:
        """States [rows, length, width] of ids [rows, length]; `mask` [rows, 1, 1, length] is true where there is no
        padding."""
        x = self.embed(source)
        for i in range(self.shape.encoder_layers):
            x = self.layer(x, f"enc.{i}", mask=mask)
        return x

    def decode(self, shifted: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """Final states [rows, length, width] of the decoder for its input ids [rows, length]."""
        x = self.embed(shifted)
        for i in range(self.shape.decoder_layers):
            x = self.layer(x, f"dec.{i}", memory, mask)
        return x

    def logits(self, states: Tensor) -> Tensor:
        return functional.linear(states, self.weights["shared"], self.weights["final_logits_bias"].to(states.dtype))

    def loss(
        self, batch: tuple[Tensor, Tensor, Tensor], smoothing: float, scale: float, candidates: Candidates | None = None
    ) -> Tensor:
        """Sum over the targets times `scale`. Its gradients are made with it: do nothing but call `backward`."""
        source, shifted, target = batch
        states = self.decode(shifted, self.encode(source)).reshape(-1, self.shape.width)
        embeddings, bias, target = self.weights["shared"], self.weights["final_logits_bias"], target.reshape(-1)
        if candidates:
            return candidates.loss(states, embeddings, bias, target, self.pad, smoothing, scale)
        return kernels.linear_loss(states, embeddings, bias, target, self.pad, smoothing, scale)

    def to_hugging_face(self, flat: Tensor) -> dict[str, Tensor]:
        """Returns the vector `flat` as tensors under the names of `MarianMTModel`."""
        tensors = {}
        for name, (at, dimensions) in self.where.items():
            tensor = flat[at : at + math.prod(dimensions)].view(dimensions).cpu()
            if name == "shared":
                tensor = tensor.clone()
                tensor[self.pad] = 0
            names = names_of_hugging_face(name)
            parts = tensor.split(self.shape.width) if len(names) > 1 else [tensor]
            tensors.update(zip(names, parts, strict=True))
        tensors["final_logits_bias"] = tensors["final_logits_bias"][None]
        return tensors

    def from_hugging_face(self, tensors: dict[str, Tensor]) -> Tensor:
        """Returns the vector of the tensors of a `MarianMTModel`."""
        flat = torch.zeros(self.size)
        for name, (at, _) in self.where.items():
            tensor = torch.cat([tensors[theirs].float().reshape(-1) for theirs in names_of_hugging_face(name)])
            flat[at : at + tensor.numel()] = tensor
        return flat


def attention(queries: Tensor, keys: Tensor, values: Tensor, causal: bool, mask: Tensor | None) -> Tensor:
    """Attention of [rows, length, heads, width of a head], as [rows, length, width]. `mask` is for translating only."""
    queries, keys, values = (tensor.transpose(1, 2) for tensor in (queries, keys, values))
    if mask is None and queries.is_cuda and FUSED_ATTENTION:
        attended = functional.scaled_dot_product_attention(queries, keys, values, is_causal=causal)
    else:  # on a processor several times faster backwards, for short rows
        scores = torch.matmul(queries, keys.transpose(-1, -2)) * (queries.shape[-1] ** -0.5)
        if causal:
            future = torch.full(scores.shape[-2:], -1e4, dtype=scores.dtype, device=scores.device).triu(1)
            scores = scores + future
        if mask is not None:
            scores = scores.float().masked_fill(~mask, -1e9)
        attended = torch.matmul(scores.softmax(-1).to(values.dtype), values)
    return attended.transpose(1, 2).flatten(2)


NORMS = {"norm1": "self_attn_layer_norm", "norm2": "encoder_attn_layer_norm", "norm3": "final_layer_norm"}


def names_of_hugging_face(name: str) -> list[str]:
    """Returns the names that `MarianMTModel` has for a weight, or for its equal parts."""
    if name == "shared":
        return ["model.shared.weight"]
    if name == "final_logits_bias":
        return [name]
    side, layer, rest = name.split(".", 2)
    head = f"model.{'encoder' if side == 'enc' else 'decoder'}.layers.{layer}."
    if (norm := rest.split(".")[0]) in NORMS:
        return [f"{head}{NORMS[norm]}.{'weight' if rest.endswith('.w') else 'bias'}"]
    rest, kind = (rest[:-2], "bias") if rest.endswith(".b") else (rest, "weight")
    if rest.startswith("fc"):
        return [f"{head}{rest}.{kind}"]
    block, part = rest.split(".")
    block = "encoder_attn" if block == "cross" else block
    return [f"{head}{block}.{letter}_proj.{kind}" for letter in (["out"] if part == "out" else part)]
