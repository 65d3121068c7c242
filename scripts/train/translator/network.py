"""The encoder-decoder of MarianMT (Junczys-Dowmunt et al. 2018): post-norm, sinusoidal positions, tied embeddings."""

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    vocabulary: int = 16000
    width: int = 256
    inner: int = 1024
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 2
    dropout: float = 0.0
    positions: int = 512

    @property
    def pad(self) -> int:
        """Padding, which also starts every output: the last piece."""
        return self.vocabulary - 1

    def as_dict(self) -> dict:
        return asdict(self)


def sinusoids(positions: int, width: int) -> Tensor:
    angles = torch.arange(positions)[:, None] / 10000.0 ** (2 * torch.arange(width // 2)[None] / width)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Attention(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.heads, self.dropout = shape.heads, shape.dropout
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(shape.width, shape.width))

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None, causal: bool) -> Tensor:
        rows, length, width = x.shape

        def split(states: Tensor) -> Tensor:
            return states.view(rows, states.shape[1], self.heads, -1).transpose(1, 2)

        queries, keys, values = split(self.q_proj(x)), split(self.k_proj(memory)), split(self.v_proj(memory))
        if x.is_cuda:
            dropout = self.dropout if self.training else 0.0
            attended = functional.scaled_dot_product_attention(queries, keys, values, mask, dropout, causal)
        else:
            # For short rows on a processor several times faster backwards than the fused form.
            scores = queries @ keys.transpose(-1, -2) * (width // self.heads) ** -0.5
            if causal:
                scores = scores + torch.full((length, length), -1e4, dtype=scores.dtype).triu(1)
            if mask is not None:
                scores = scores.masked_fill(~mask, -1e4)
            attended = scores.softmax(-1) @ values
        return self.out_proj(attended.transpose(1, 2).reshape(rows, length, width))


class Layer(nn.Module):
    def __init__(self, shape: Shape, decodes: bool):
        super().__init__()
        self.dropout = shape.dropout
        self.self_attn = Attention(shape)
        self.self_attn_layer_norm = nn.LayerNorm(shape.width)
        if decodes:
            self.encoder_attn = Attention(shape)
            self.encoder_attn_layer_norm = nn.LayerNorm(shape.width)
        self.decodes = decodes
        self.fc1, self.fc2 = nn.Linear(shape.width, shape.inner), nn.Linear(shape.inner, shape.width)
        self.final_layer_norm = nn.LayerNorm(shape.width)

    def dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.dropout, self.training)

    def forward(self, x: Tensor, memory: Tensor | None, mask: Tensor) -> Tensor:
        own_mask = None if self.decodes else mask
        x = self.self_attn_layer_norm(x + self.dropped(self.self_attn(x, x, own_mask, self.decodes)))
        if self.decodes:
            x = self.encoder_attn_layer_norm(x + self.dropped(self.encoder_attn(x, memory, mask, False)))
        return self.final_layer_norm(x + self.dropped(self.fc2(functional.silu(self.fc1(x)))))


class Marian(nn.Module):
    # Post-norm networks of plain Xavier weights learn nothing of the source for millions of tokens; with small
    # outputs of each block they do from the start (as in DeepNorm, Wang et al. 2022).
    GAIN_OF_OUTPUTS = 0.25

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.shared = nn.Embedding(shape.vocabulary, shape.width)
        self.encoder = nn.ModuleList(Layer(shape, False) for _ in range(shape.encoder_layers))
        self.decoder = nn.ModuleList(Layer(shape, True) for _ in range(shape.decoder_layers))
        self.final_logits_bias = nn.Parameter(torch.zeros(shape.vocabulary))
        self.register_buffer("sinusoids", sinusoids(shape.positions, shape.width), persistent=False)
        nn.init.normal_(self.shared.weight, std=shape.width**-0.5)
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear):
                gain = self.GAIN_OF_OUTPUTS if name.endswith(("out_proj", "fc2")) else 1.0
                nn.init.xavier_uniform_(module.weight, gain=gain)
                nn.init.zeros_(module.bias)

    def embed(self, tokens: Tensor) -> Tensor:
        # Padding embeds to zero, on which other engines rely.
        embedded = self.shared(tokens) * (tokens != self.shape.pad)[..., None]
        x = embedded * math.sqrt(self.shape.width) + self.sinusoids[: tokens.shape[1]]
        return functional.dropout(x, self.shape.dropout, self.training)

    def forward(self, source: Tensor, shifted: Tensor) -> Tensor:
        """Final states of the decoder, [rows, length, width]."""
        mask = (source != self.shape.pad)[:, None, None, :]
        memory = self.embed(source)
        for layer in self.encoder:
            memory = layer(memory, None, mask)
        x = self.embed(shifted)
        for layer in self.decoder:
            x = layer(x, memory, mask)
        return x

    def logits(self, states: Tensor) -> Tensor:
        return functional.linear(states, self.shared.weight, self.final_logits_bias.to(states.dtype))

    def to_hugging_face(self) -> dict[str, Tensor]:
        """The tensors under the names of `MarianMTModel`."""
        tensors = {}
        for name, tensor in self.state_dict().items():
            if name == "shared.weight":
                tensor = tensor.clone()
                tensor[self.shape.pad] = 0
                tensors["model.shared.weight"] = tensor
            elif name == "final_logits_bias":
                tensors[name] = tensor[None]
            else:
                side, rest = name.split(".", 1)
                tensors[f"model.{side}.layers.{rest}"] = tensor
        return tensors

    def load_hugging_face(self, tensors: dict[str, Tensor]) -> None:
        own = {name: tensors[theirs].float() for name, theirs in self.names_of_hugging_face()}
        own["final_logits_bias"] = own["final_logits_bias"][0]
        self.load_state_dict(own)

    def names_of_hugging_face(self):
        for name in self.state_dict():
            if name == "shared.weight":
                yield name, "model.shared.weight"
            elif name == "final_logits_bias":
                yield name, name
            else:
                side, rest = name.split(".", 1)
                yield name, f"model.{side}.layers.{rest}"
