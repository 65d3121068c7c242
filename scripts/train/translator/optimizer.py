"""Muon for the matrices, AdamW for embeddings and vectors, over the flat storage of network.py; and the moving average.

A step is some sixty operations whatever the depth, and waits for nothing on a GPU. Muon's update is scaled to the size
that one of AdamW has, 0.2 * sqrt(max(rows, columns)) (Liu et al. 2025), so that one rate does for both.
"""

import math

import torch
from torch import Tensor

from network import Marian

MOMENTUM = 0.95
BETAS = (0.9, 0.98)
CLIP = 1.0
# Decay of AdamW's matrices, as a part of its rate.
ADAM_DECAY = 0.01


def orthogonal(g: Tensor, steps: int = 5) -> Tensor:
    """Newton-Schulz iteration for a stack [n, rows, columns] with rows <= columns (Jordan et al. 2024)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g / (g.float().norm(dim=(1, 2), keepdim=True) + 1e-7).to(g.dtype)
    for _ in range(steps):
        s = x @ x.transpose(1, 2)
        x = torch.baddbmm(x, torch.baddbmm(s, s, s, beta=b, alpha=c), x, beta=a)
    return x


class Optimizer:
    def __init__(self, network: Marian, muon: bool, decay: float, adam_scale: float):
        self.network, self.muon, self.decay, self.adam_scale = network, muon, decay, adam_scale
        # Where AdamW's part of the weights begins.
        self.first = network.groups["embeddings"][0] if muon else 0
        zeros = lambda count: torch.zeros(count, device=network.device)  # noqa: E731
        self.momentum = zeros(self.first)
        self.mean, self.square = zeros(network.size - self.first), zeros(network.size - self.first)
        self.gradient = zeros(network.size)
        self.average = network.master.clone()
        # Steps of AdamW's moments, and of the average.
        self.moments = self.steps = 0
        self.norm = torch.zeros((), device=network.device)

    @torch.no_grad()
    def step(self, rate: float, keep: float) -> None:
        """Moves the weights, and their average, which keeps the part `keep` of what it was."""
        network, gradient = self.network, self.gradient
        self.moments += 1
        self.steps += 1
        gradient[: network.matrices].copy_(network.matrix_gradients)
        gradient[network.matrices :].copy_(network.vector_gradients)
        self.norm = gradient.norm()
        gradient.mul_((CLIP / (self.norm + 1e-6)).clamp(max=1.0))
        torch.nan_to_num_(gradient, 0.0, 0.0, 0.0)  # a gradient that is not finite is not used
        if self.muon:
            self.momentum.lerp_(gradient[: self.first], 1 - MOMENTUM)
            for group in ("square", "up", "down"):
                self.move(group, rate)
        self.adam(rate * self.adam_scale)
        network.sync()
        self.average.lerp_(network.master, 1 - min(keep, (1 + self.steps) / (10 + self.steps)))

    def move(self, group: str, rate: float) -> None:
        """Muon's step of a group of matrices of one shape."""
        first, last = self.network.groups[group]
        d, inner = self.network.shape.width, self.network.shape.inner
        shape = {"square": (-1, d, d), "up": (-1, inner, d), "down": (-1, d, inner)}[group]
        update = self.gradient[first:last].lerp(self.momentum[first:last], MOMENTUM).view(shape).to(self.network.work)
        if shape[1] > shape[2]:
            update = orthogonal(update.transpose(1, 2).contiguous()).transpose(1, 2)
        else:
            update = orthogonal(update)
        weights = self.network.master[first:last].view(shape)
        weights.mul_(1 - rate * self.decay).add_(update.float(), alpha=-rate * 0.2 * math.sqrt(max(shape[1:])))

    def adam(self, rate: float) -> None:
        gradient, weights = self.gradient[self.first :], self.network.master[self.first :]
        first, second = BETAS
        self.mean.lerp_(gradient, 1 - first)
        self.square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        denominator = (self.square / (1 - second**self.moments)).sqrt_().add_(1e-9)
        weights[: self.network.matrices - self.first].mul_(1 - rate * ADAM_DECAY)
        weights.addcdiv_(self.mean, denominator, value=-rate / (1 - first**self.moments))

    def state(self) -> dict:
        return {"momentum": self.momentum, "mean": self.mean, "square": self.square, "moments": self.moments}

    def load(self, state: dict) -> bool:
        """Returns whether `state` is of an optimiser of this kind; if not, nothing is changed."""
        if state["momentum"].shape != self.momentum.shape or state["mean"].shape != self.mean.shape:
            return False
        for name in ("momentum", "mean", "square"):
            getattr(self, name).copy_(state[name])
        self.moments = state["moments"]
        return True
