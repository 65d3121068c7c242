"""Trains the network for a given number of minutes, on CPUs or one GPU, resuming from a checkpoint if there is one.

The learning rate follows the clock, so that a run ends on time. Its state is in `last.pt`: weights, their moving
average, the optimiser and the counters. The file is replaced atomically every few minutes.
"""

import json
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from batches import Pairs, ahead
from network import Marian, Shape


@dataclass(frozen=True)
class Plan:
    minutes: float
    tokens: int = 4096  # of a batch, padding counted, on either side
    rate: float = 1e-3
    warmup: int = 800  # steps
    smoothing: float = 0.1
    candidates: bool = False
    checkpoint_minutes: float = 4
    seed: int = 1


class Candidates:
    """Softmax over the frequent pieces, the batch's own, and a quarter of the others, whose logits are raised by log 4,
    so that on average the sum is that of all (Jean et al. 2015). A quarter of the time of a step on a processor."""

    FREQUENT = 3000
    # Every eighth step sees the whole vocabulary.
    WHOLE = 8

    def __init__(self, pairs: Pairs, vocabulary: int):
        counts = torch.from_numpy(np.bincount(pairs.streams["english"], minlength=vocabulary))
        order = counts.argsort(descending=True)
        self.frequent = order[: self.FREQUENT]
        self.is_rare = torch.zeros(vocabulary, dtype=torch.bool)
        self.is_rare[order[self.FREQUENT :]] = True
        self.is_rare &= counts > 0
        self.rare = self.is_rare.nonzero()[:, 0]

    def loss(self, network: Marian, states: Tensor, target: Tensor, smoothing: float) -> Tensor:
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
        bias = network.final_logits_bias[ids] + raised.to(states.dtype)
        logits = functional.linear(states, network.shared.weight[ids], bias)
        return functional.cross_entropy(logits, place[target], reduction="sum", label_smoothing=smoothing)


class Trainer:
    def __init__(self, shape: Shape, pairs: Pairs, plan: Plan, folder: Path):
        self.pairs, self.plan, self.folder = pairs, plan, folder
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(plan.seed)
        if self.device == "cpu":
            torch.set_num_threads(os.cpu_count() or 1)
        else:
            torch.set_float32_matmul_precision("high")
        self.network = Marian(shape).to(self.device)
        self.parameters = list(self.network.parameters())
        matrices = [p for p in self.parameters if p.dim() > 1]
        others = [p for p in self.parameters if p.dim() <= 1]
        groups = [{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98), eps=1e-8, fused=True)
        self.step = self.tokens = 0
        self.minutes = 0.0  # of this plan
        self.average = [p.detach().clone() for p in self.parameters]
        # On a processor the products are in bfloat16, the weights in float32.
        self.working = self.network
        if self.device == "cpu":
            self.working = Marian(shape).to(torch.bfloat16)
        self.candidates = Candidates(pairs, shape.vocabulary) if plan.candidates and self.device == "cpu" else None

    def begin_with(self, weights: dict[str, Tensor]) -> None:
        self.network.load_hugging_face(weights)
        self.average = [p.detach().clone() for p in self.parameters]

    @property
    def checkpoint(self) -> Path:
        return self.folder / "last.pt"

    def save(self) -> None:
        state = {
            "shape": self.network.shape.as_dict(),
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "tokens": self.tokens,
            "minutes": self.minutes,
        }
        unfinished = self.checkpoint.with_suffix(".unfinished")
        torch.save(state, unfinished)
        unfinished.replace(self.checkpoint)

    def resume(self) -> bool:
        """Loads the checkpoint. Returns whether there was one."""
        if not self.checkpoint.exists():
            return False
        state = torch.load(self.checkpoint, map_location=self.device)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average = state["average"]
        self.step, self.tokens, self.minutes = state["step"], state["tokens"], state["minutes"]
        return True

    def rate(self) -> float:
        plan = self.plan
        if self.step < plan.warmup:
            return plan.rate * (self.step + 1) / plan.warmup
        part = min(1.0, self.minutes / plan.minutes)
        return plan.rate * max(0.02, 0.5 * (1 + math.cos(math.pi * part)))

    def loss(self, source: Tensor, shifted: Tensor, target: Tensor) -> tuple[Tensor, int]:
        """Returns the loss summed over the target's tokens, and their number."""
        states = self.working(source, shifted)
        there = target != self.network.shape.pad
        states, target = states[there], target[there]
        smoothing = self.plan.smoothing
        if self.candidates and self.step % Candidates.WHOLE:
            return self.candidates.loss(self.working, states, target, smoothing), len(target)
        logits = self.working.logits(states).float()
        loss = functional.cross_entropy(logits, target, reduction="sum", label_smoothing=smoothing)
        return loss, len(target)

    def learn(self, source: Tensor, shifted: Tensor, target: Tensor) -> tuple[float, int]:
        with torch.autocast("cuda", torch.bfloat16, enabled=self.device == "cuda"):
            loss, count = self.loss(source, shifted, target)
        (loss / count).backward()
        if self.working is not self.network:
            for own, working in zip(self.parameters, self.working.parameters(), strict=True):
                own.grad, working.grad = working.grad.float(), None
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.tokens += count
        with torch.no_grad():
            # The first steps of a run say little of where it goes.
            kept = min(0.9995, (self.step + 1) / (self.step + 10))
            torch._foreach_lerp_(self.average, [p.detach() for p in self.parameters], 1 - kept)
        self.spread()
        return loss.item(), count

    def spread(self) -> None:
        """Copies the weights to the network that computes with them."""
        if self.working is not self.network:
            with torch.no_grad():
                torch._foreach_copy_(list(self.working.parameters()), self.parameters)

    def run(self, log) -> None:
        """Trains until the plan's minutes are over, passing a dictionary to `log` now and then."""
        rng = np.random.default_rng([self.plan.seed, self.step])
        pad = self.network.shape.pad

        def batches():
            while True:
                for batch in self.pairs.epoch(rng, self.plan.tokens):
                    yield [torch.from_numpy(array) for array in self.pairs.arrays(batch, pad)]

        self.folder.mkdir(parents=True, exist_ok=True)
        self.working.train()
        self.spread()
        spent_before, began = self.minutes, time.monotonic()
        shown = saved = began
        losses = count = 0
        for arrays in ahead(batches):
            if self.minutes >= self.plan.minutes:
                break
            loss, tokens = self.learn(*(array.to(self.device, non_blocking=True) for array in arrays))
            losses, count = losses + loss, count + tokens
            now = time.monotonic()
            self.minutes = spent_before + (now - began) / 60
            if now - shown >= 15:
                log(
                    {
                        "minutes": round(self.minutes, 2),
                        "step": self.step,
                        "tokens": self.tokens,
                        "loss": round(losses / count, 4),
                        "rate": self.rate(),
                        "tokens_per_second": round(count / (now - shown)),
                    }
                )
                shown, losses, count = now, 0, 0
            if now - saved >= 60 * self.plan.checkpoint_minutes:
                self.save()
                saved = now
        self.save()

    def averaged(self) -> Marian:
        """Returns the network with the moving average of its weights."""
        network = Marian(self.network.shape)
        with torch.no_grad():
            for own, average in zip(network.parameters(), self.average, strict=True):
                own.copy_(average)
        return network.eval()


def append_to(path: Path):
    """A log of one JSON object a line, which is also printed."""

    def log(entry: dict) -> None:
        line = json.dumps(entry)
        print(line, flush=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    return log
