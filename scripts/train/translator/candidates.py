"""Cross-entropy over some of the vocabulary, for processors."""

import math

import numpy as np
import torch
from torch import Tensor


class Candidates:
    """Softmax over the frequent pieces, the batch's own, and a quarter of the others, whose logits are raised by log 4,
    so that on average the sum is that of all (Jean et al. 2015)."""

    FREQUENT = 3000

    def __init__(self, targets: Tensor, vocabulary: int):
        counts = torch.from_numpy(np.bincount(targets.numpy(), minlength=vocabulary))
        order = counts.argsort(descending=True)
        self.frequent = order[: self.FREQUENT]
        self.is_rare = torch.zeros(vocabulary, dtype=torch.bool)
        self.is_rare[order[self.FREQUENT :]] = True
        self.is_rare &= counts > 0
        self.rare = self.is_rare.nonzero()[:, 0]

    def loss(
        self, states: Tensor, embeddings: Tensor, bias: Tensor, target: Tensor, pad: int, smoothing: float, scale: float
    ) -> Tensor:
        """Sum over the targets that are not padding, times `scale`."""
        there = target != pad
        target = target[there]
        own = torch.unique(target)
        own = own[self.is_rare[own]]
        taken = torch.zeros_like(self.is_rare)
        taken[own] = True
        drawn = self.rare[(torch.rand(len(self.rare)) < 0.25) & ~taken[self.rare]]
        ids = torch.cat([self.frequent, own, drawn])
        raised = torch.zeros(len(ids))
        raised[len(ids) - len(drawn) :] = math.log(4)
        place = torch.zeros(len(self.is_rare), dtype=torch.long)
        place[ids] = torch.arange(len(ids))
        return RowsLoss.apply(states[there], embeddings[ids], bias[ids] + raised, place[target], smoothing, scale)


class RowsLoss(torch.autograd.Function):
    """Label-smoothed cross-entropy of `states` [n, d] times `embeddings` [c, d], with its gradients, by pieces of the
    rows that stay in a processor's cache."""

    ROWS = 256

    @staticmethod
    def forward(ctx, states, embeddings, bias, target, smoothing, scale):
        count = embeddings.shape[0]
        of_states = torch.empty_like(states)
        of_embeddings = torch.zeros(embeddings.shape)
        of_bias = torch.zeros(count)
        total = torch.zeros(())
        across = embeddings.t().contiguous()
        bias = bias.to(states.dtype)
        for first in range(0, states.shape[0], RowsLoss.ROWS):
            rows = slice(first, first + RowsLoss.ROWS)
            places = target[rows, None]
            log = torch.log_softmax(torch.addmm(bias, states[rows], across), -1, dtype=torch.float32)
            own = log.gather(1, places)
            total -= (1 - smoothing) * own.sum() + smoothing / count * log.sum()
            gradient = log.exp_().sub_(smoothing / count)
            gradient.scatter_add_(1, places, torch.full_like(own, smoothing - 1))
            of_bias += gradient.sum(0)
            gradient = gradient.to(states.dtype)
            of_states[rows] = gradient @ embeddings
            of_embeddings += gradient.t() @ states[rows]
        ctx.save_for_backward(of_states * scale, (of_embeddings * scale).to(embeddings.dtype), of_bias * scale)
        return total * scale

    @staticmethod
    def backward(ctx, _):
        return *ctx.saved_tensors, None, None, None
