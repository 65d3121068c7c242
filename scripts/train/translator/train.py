#!/usr/bin/env python3
"""Trains the network until a point in time, on processors or one CUDA GPU, and goes on from its checkpoint.

usage: train.py PRESET --shards FOLDER --run FOLDER --tokenizer FILE --deadline FILE [options]

The recipe calls it for processors; lease/supervise.py runs it on a lent machine, and starts it anew when it ends.

Everything follows the clock: the rate rises, stays, and falls to nothing at the end; batches grow; the last part meets
other weights of the sources. The time is the minutes that were trained, so that a run may be stopped and goes on; or,
on a lent machine, what is left until the deadline (seconds since 1970), which is read anew from its file.

RUN/last.pt has the weights, their moving average, the optimiser and the counters, and is replaced whole. RUN/beat is
touched whenever something has been done. Exit status 3: the loss diverged; the last checkpoint is from before that.
"""

import argparse
import contextlib
import dataclasses
import json
import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

import kernels
import network
from batches import Pairs, Planner
from candidates import Candidates
from judge import Judge
from network import Marian, Shape
from optimizer import Optimizer

DIVERGED = 3
Log = Callable[[dict], None]


@dataclass(frozen=True)
class Plan:
    """What a training is. Tokens are target tokens."""

    minutes: float = 140
    rate: float = 4e-3
    # Parts of the time until the full rate, and until it begins to fall.
    warmup: float = 0.02
    hold: float = 0.4
    # Tokens of a step, from what part of the time on.
    batch: tuple[tuple[float, int], ...] = ((0.0, 4000), (0.5, 8000))
    # Tokens, on the longer side, that go through the network at once.
    micro: int = 4096
    muon: bool = True
    # The rate of AdamW beside Muon: of embeddings and vectors.
    adam_scale: float = 0.4
    decay: float = 0.05
    smoothing: float = 0.1
    dropout: float = 0.0
    average: float = 0.998
    # A beginning of short sentences: pieces of a side, and tokens of it in all.
    short: int = 24
    short_tokens: int = 1_000_000
    # Pairs that are planned together.
    chunk: int = 300_000
    candidates: bool = True
    checkpoint_minutes: float = 4
    log_seconds: float = 20
    seed: int = 1


class Clock:
    """How much of the training is over, from 0 to 1."""

    def __init__(self, plan: Plan, spent: float, deadline: Path | None, run: Path):
        self.seconds, self.before, self.began = plan.minutes * 60, spent, time.time()
        self.deadline, self.anchor = deadline, run / "began"
        if deadline:
            if not (spent and self.anchor.exists()):
                self.anchor.write_text(str(self.began))
            self.zero = float(self.anchor.read_text())
            self.end = float(deadline.read_text().split()[0])

    def spent(self) -> float:
        """Seconds of training."""
        return self.before + time.time() - self.began

    def progress(self) -> float:
        if not self.deadline:
            return min(1.0, self.spent() / self.seconds)
        return min(1.0, max(0.0, (time.time() - self.zero) / max(1.0, self.end - self.zero)))

    def read_deadline(self) -> None:
        if self.deadline:
            with contextlib.suppress(OSError, ValueError, IndexError):  # it may be being replaced
                self.end = float(self.deadline.read_text().split()[0])


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def working_type(where: torch.device) -> torch.dtype:
    """bfloat16 where there are instructions for it, float32 elsewhere."""
    if where.type == "cpu" and not (torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()):
        return torch.float32
    return torch.bfloat16


class Trainer:
    def __init__(self, plan: Plan, shape: Shape, shards: Path, run: Path, say: Log, judge: Judge | None = None):
        self.plan, self.run_folder, self.say, self.judge = plan, run, say, judge
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(plan.seed)
        self.device = device()
        self.checkpoint = run / "last.pt"
        self.state = None
        if self.checkpoint.exists():
            self.state = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        self.shape = Shape(**self.state["shape"]) if self.state else shape
        self.network = Marian(self.shape, self.device, working_type(self.device), plan.dropout, plan.seed)
        self.optimizer = Optimizer(self.network, plan.muon, plan.decay, plan.adam_scale if plan.muon else 1.0)
        self.step = self.tokens = 0
        self.spent = 0.0
        # For rehearsals: the step at which the weights are lost.
        self.fail_at: int | None = None
        # The rate rises slowly after this step where weights were there before.
        self.gentle_from: int | None = None
        if self.state:
            self.resume(self.state)
        self.network.sync()
        self.shards = shards
        self.saving: threading.Thread | None = None

    def resume(self, state: dict) -> None:
        self.network.load(state["master"].to(self.device))
        self.optimizer.average.copy_(state["average"])
        same = self.optimizer.load(state["optimizer"])
        self.optimizer.steps = 500
        self.step, self.tokens, self.spent = state["step"], state["tokens"], state["spent"]
        self.gentle_from = self.step
        self.say({"goes_on_from_step": self.step, "with_optimizer": same})

    def begin_with(self, tensors: dict[str, Tensor]) -> None:
        """Starts from the weights of a model folder."""
        self.network.load(self.network.from_hugging_face(tensors).to(self.device))
        self.optimizer.average.copy_(self.network.master)
        self.gentle_from = 0

    def rate(self, progress: float) -> float:
        rate = min(1.0, (progress + 1e-4) / self.plan.warmup)
        if progress > self.plan.hold:
            rate = max(0.0, (1 - progress) / (1 - self.plan.hold))
        if self.gentle_from is not None:
            rate *= min(1.0, (self.step - self.gentle_from + 1) / 100)
        return rate * self.plan.rate

    def beat(self, what: str) -> None:
        new = self.run_folder / "beat.new"
        new.write_text(f"{time.time()} {what}\n")
        new.rename(self.run_folder / "beat")

    def save(self, clock: Clock, wait: bool = False) -> None:
        """Copies at once, writes in a thread."""
        if self.saving and self.saving.is_alive():
            if not wait:
                return
            self.saving.join()
        state = {
            "master": self.network.master.cpu().clone(),
            "average": self.optimizer.average.cpu().clone(),
            "optimizer": {k: v.cpu().clone() if torch.is_tensor(v) else v for k, v in self.optimizer.state().items()},
            "shape": dataclasses.asdict(self.shape),
            "step": self.step,
            "tokens": self.tokens,
            "spent": clock.spent(),
        }
        if not bool(torch.isfinite(state["master"]).all()):
            self.say({"not_saved": "weights are not finite"})
            return
        self.saving = threading.Thread(target=self.write, args=[state])
        self.saving.start()
        if wait:
            self.saving.join()

    def write(self, state: dict) -> None:
        unfinished = self.checkpoint.with_suffix(".unfinished")
        torch.save(state, unfinished)
        unfinished.rename(self.checkpoint)

    def run(self, deadline: Path | None = None) -> None:
        plan = self.plan
        pairs = Pairs(self.shards, self.device, self.network.pad, self.say)
        self.wait_for_shards(pairs)
        clock = Clock(plan, self.spent, deadline, self.run_folder)
        short = (plan.short, 0 if self.gentle_from is not None else plan.short_tokens)
        stream = iter(Planner(pairs, plan.micro, [plan.seed, self.step], clock.progress, short, plan.chunk))
        candidates = None
        if plan.candidates and self.device.type == "cpu":
            candidates = Candidates(pairs.target, self.shape.vocabulary)
        self.say({
            "pairs": len(pairs),
            "target_tokens": len(pairs.target),
            "device": str(self.device),
            "type": str(self.network.work),
        })  # fmt: skip
        watch = Watch(self, clock, pairs)
        held = None
        while (progress := clock.progress()) < 1 and not (self.run_folder / "stop").exists():
            wanted = [tokens for part, tokens in plan.batch if progress >= part][-1]
            batches, have = [], 0
            while have < wanted:
                batch = held or next(stream)
                held = None
                if have and have + batch.tokens > wanted * 1.25:
                    held = batch
                    break
                batches.append(batch)
                have += batch.tokens
            self.network.zero_grad()
            for batch in batches:
                loss = self.network.loss(pairs.tensors(batch), plan.smoothing, 1.0 / have, candidates)
                loss.backward()
                watch.sums += loss.detach() * have
            rate = self.rate(progress)
            self.optimizer.step(rate, plan.average)
            self.step += 1
            self.tokens += have
            if self.step == self.fail_at:
                self.lose()
            watch.after_step(progress, rate, have)
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        self.beat("end")
        self.save(clock, wait=True)
        self.say({"end": self.step, "tokens": self.tokens, "seconds": round(clock.spent())})

    def lose(self) -> None:
        """Fails as a diverging training does, once in a run."""
        failed = self.run_folder / "failed"
        if not failed.exists():
            failed.touch()
            self.network.master.fill_(math.nan)
            self.network.sync()

    def wait_for_shards(self, pairs: Pairs) -> None:
        for _ in range(240):
            if pairs.refresh():
                return
            self.beat("waits")
            time.sleep(1)
        raise SystemExit(f"there are no shards in {self.shards}")

    def weights(self, averaged: bool = True) -> dict[str, Tensor]:
        """The tensors of `MarianMTModel`."""
        return self.network.to_hugging_face(self.optimizer.average if averaged else self.network.master)

    def judged(self, averaged: bool, translate: bool) -> dict | None:
        """Loss, and with `translate` BLEU and chrF of greedy translations, of the test sentences."""
        if self.judge is None:
            return None
        try:
            return self.judge(self.network, self.optimizer.average if averaged else self.network.master, translate)
        except Exception as error:  # training matters more
            self.say({"not_judged": f"{type(error).__name__}: {str(error)[:200]}"})
            return None
        finally:
            self.network.sync()
            self.beat("judged")


class Watch:
    """Logs, saves, and sees whether the loss diverges."""

    def __init__(self, trainer: Trainer, clock: Clock, pairs: Pairs):
        self.trainer, self.clock, self.pairs = trainer, clock, pairs
        self.shown = time.time()
        checkpoint = trainer.plan.checkpoint_minutes * 60
        self.saved = self.shown - max(0.0, checkpoint - 30)  # the first one early
        self.sums, self.count, self.best, self.bad = torch.zeros((), device=trainer.device), 0, 99.0, 0
        self.first, self.half_judged = True, False
        self.first_step = trainer.step

    def after_step(self, progress: float, rate: float, tokens: int) -> None:
        trainer, plan = self.trainer, self.trainer.plan
        self.count += tokens
        soon = self.first and trainer.step - self.first_step >= 20
        if time.time() - self.shown > plan.log_seconds or soon:
            self.log(progress, rate, tokens)
        if time.time() - self.saved > plan.checkpoint_minutes * 60 and self.bad == 0:
            trainer.save(self.clock)
            self.saved = began = time.time()
            translate = progress > 0.45 and not self.half_judged
            self.half_judged = self.half_judged or translate
            if found := trainer.judged(True, translate):
                trainer.say({"dev": found, "tokens": trainer.tokens})
            self.shown += time.time() - began

    def log(self, progress: float, rate: float, tokens: int) -> None:
        trainer = self.trainer
        if trainer.device.type == "cuda":
            torch.cuda.synchronize()
        now = time.time()
        loss = float(self.sums) / self.count
        trainer.say({
            "progress": round(progress, 4),
            "step": trainer.step,
            "tokens": trainer.tokens,
            "loss": round(loss, 3),
            "rate": f"{rate:.2e}",
            "norm": round(float(trainer.optimizer.norm), 2),
            "batch": tokens,
            "tokens_per_second": round(self.count / (now - self.shown)),
        })  # fmt: skip
        trainer.beat("step")
        if not math.isfinite(loss) or (loss > self.best + 1.2 and rate > 0.2 * trainer.plan.rate):
            self.bad += 1
            if not math.isfinite(loss) or self.bad >= 3:
                trainer.say({"diverged": loss})
                if trainer.saving:
                    trainer.saving.join()
                os._exit(DIVERGED)
        else:
            self.bad, self.best = 0, min(self.best, loss)
        self.shown, self.count, self.first = now, 0, False
        self.sums.zero_()
        self.clock.read_deadline()


def append_to(path: Path) -> Log:
    """A log of one JSON object a line, which is also printed."""

    def log(entry: dict) -> None:
        line = json.dumps(entry, ensure_ascii=False)
        print(line, flush=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    return log


def plainer(plan: Plan, level: int) -> Plan:
    """The plan of a training that failed `level` times: without kernels, by small pieces, by AdamW."""
    kernels.use(False)
    network.FUSED_ATTENTION = level < 2
    if level >= 2:
        plan = dataclasses.replace(plan, micro=plan.micro // (2 if level == 2 else 4))
    return dataclasses.replace(plan, muon=False, rate=7e-4) if level >= 3 else plan


def main() -> None:
    from export import read_start
    from presets import PRESETS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=PRESETS)
    parser.add_argument("--shards", type=Path, required=True, help="encoded pairs, part-*.bin; more may come")
    parser.add_argument("--run", type=Path, required=True, help="what is made, and where a stopped run goes on")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--deadline", type=Path, required=True, help="a file with the end, in seconds since 1970")
    parser.add_argument("--tests", type=Path, help="folder of flores-dev.fr and .en")
    parser.add_argument("--from-model", type=Path, help="a model folder to go on from")
    parser.add_argument("--level", type=int, default=0, help="how plain: 0 with own kernels, to 3 with AdamW")
    parser.add_argument("--rate-scale", type=float, default=1.0)
    parser.add_argument("--fail-at", type=int, help="for rehearsals: a step at which the weights are lost")
    arguments = parser.parse_args()
    arguments.run.mkdir(parents=True, exist_ok=True)
    say = append_to(arguments.run / "log.jsonl")
    preset, where = PRESETS[arguments.preset], device()
    plan, shape = preset.plan, preset.shape
    if where.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
        torch.backends.cuda.enable_cudnn_sdp(False)  # it plans anew for every shape
        say({"card": torch.cuda.get_device_name(0), "torch": torch.__version__})
        kernels.check("cuda", shape.width, shape.vocabulary, torch.bfloat16, say)
    tensors = None
    if arguments.from_model:
        plan = preset.going_on()
        shape, tensors = read_start(arguments.from_model)
    plan = dataclasses.replace(plan, rate=plan.rate * arguments.rate_scale)
    if arguments.level:
        plan = plainer(plan, arguments.level)
    judge = None
    try:
        judge = Judge.of(arguments.tests, arguments.tokenizer, preset.judged) if arguments.tests else None
    except (ImportError, OSError) as error:  # a lent machine may lack sentencepiece
        say({"no_judge": str(error)})
    trainer = Trainer(plan, shape, arguments.shards, arguments.run, say, judge)
    if tensors and not trainer.state:
        trainer.begin_with(tensors)
        say({"begins_with": arguments.from_model.name})
    trainer.fail_at = arguments.fail_at
    trainer.run(arguments.deadline)
    found = {"average": trainer.judged(True, True), "last": trainer.judged(False, True)}
    use = min((name for name in found if found[name]), key=lambda name: found[name]["loss"], default="average")
    result = {"use": use, "scores": found, "step": trainer.step, "tokens": trainer.tokens}
    (arguments.run / "result.json").write_text(json.dumps(result, indent=1))
    say({"takes": use, **found})
    trainer.beat("done")
    (arguments.run / "finished").write_text("1")
    os._exit(0)  # threads of the planner wait for ever


if __name__ == "__main__":
    main()
