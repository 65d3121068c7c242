"""Two fused operations, each as Triton kernels for a GPU and in plain PyTorch for all else.

`add_norm`: layer norm of x + dropout(y). `linear_loss`: output matrix, softmax, label smoothing and their gradients in
one pass over the logits, which exist only once, in the working type. `check` compares the kernels with the plain form
on the card before they are used; `use(False)` keeps to the plain form.
"""

import os
import random
import time
from collections.abc import Callable

import torch
import torch.nn.functional as functional
from torch import Tensor

try:
    import triton
    import triton.language as tl
except ImportError:  # the plain form does it
    triton = None

ON = {"norm": False, "loss": False}
INTERPRET = os.environ.get("TRITON_INTERPRET") == "1"
seeds = random.Random(1)


def add_norm(x: Tensor, y: Tensor, weight: Tensor, bias: Tensor, dropout: float, epsilon: float) -> Tensor:
    """Layer norm of x + dropout(y), [.., d]; weight and bias [d] are float32."""
    if ON["norm"]:
        return AddNorm.apply(x, y, weight, bias, dropout, epsilon)
    z = x + (functional.dropout(y, dropout, True) if dropout else y)
    return functional.layer_norm(z, z.shape[-1:], weight.to(z.dtype), bias.to(z.dtype), epsilon)


def linear_loss(
    states: Tensor, embeddings: Tensor, bias: Tensor, target: Tensor, pad: int, smoothing: float, scale: float
) -> Tensor:
    """Label-smoothed cross-entropy of `states` [n, d] times `embeddings` [v, d], summed over targets [n] that are not
    `pad`, times `scale`."""
    function = LinearLoss if ON["loss"] else PlainLinearLoss
    return function.apply(states, embeddings, bias, target, pad, smoothing, scale)


def use(on: bool) -> None:
    ON.update(norm=on, loss=on)


class PlainLinearLoss(torch.autograd.Function):
    """By pieces of the rows."""

    ROWS = 4096

    @staticmethod
    def forward(ctx, x, e, bias, target, pad, smoothing, scale):
        vocabulary, rows = e.shape[0], PlainLinearLoss.ROWS
        dx, de, db = torch.empty_like(x), torch.zeros_like(e), torch.zeros_like(bias, dtype=torch.float32)
        total = torch.zeros((), device=x.device)
        for first in range(0, x.shape[0], rows):
            part, wanted = x[first : first + rows], target[first : first + rows].long()
            keep = (wanted != pad).float()[:, None]
            logits = torch.addmm(bias.to(x.dtype), part, e.t()).float()
            top = logits.max(1, keepdim=True).values
            hit, mean = logits.gather(1, wanted[:, None]), logits.mean(1, keepdim=True)
            g = logits.sub_(top).exp_()
            sums = g.sum(1, keepdim=True)
            losses = top + sums.log() - (1 - smoothing) * hit - smoothing * mean
            total += (losses * keep).sum() * scale
            g.div_(sums).sub_(smoothing / vocabulary)
            g.scatter_add_(1, wanted[:, None], torch.full_like(hit, smoothing - 1))
            g = g.mul_(keep * scale).to(x.dtype)
            torch.mm(g, e, out=dx[first : first + rows])
            de.addmm_(g.t(), part)
            db += g.sum(0, dtype=torch.float32)
        ctx.save_for_backward(dx, de, db)
        return total

    @staticmethod
    def backward(ctx, _):
        return *ctx.saved_tensors, None, None, None, None


if triton is not None:
    # Offsets are 32-bit: fewer than 2**31 elements, four million rows of 512. `d` is the width, `count` the rows.

    @triton.jit
    def norm_forward(
        x_ptr, y_ptr, weight_ptr, bias_ptr, sum_ptr, out_ptr, deviation_ptr, mean_ptr,
        seed, d, dropout, keep_scale, epsilon, DROP: tl.constexpr, BLOCK: tl.constexpr,
    ):  # fmt: skip
        row = tl.program_id(0)
        column = tl.arange(0, BLOCK)
        mask = column < d
        at = row * d + column
        x = tl.load(x_ptr + at, mask=mask, other=0.0).to(tl.float32)
        y = tl.load(y_ptr + at, mask=mask, other=0.0).to(tl.float32)
        if DROP:
            y = tl.where(tl.rand(seed, at) > dropout, y * keep_scale, 0.0)
        z = x + y
        mean = tl.sum(z, 0) / d
        centred = tl.where(mask, z - mean, 0.0)
        inverse = 1.0 / tl.sqrt(tl.sum(centred * centred, 0) / d + epsilon)
        weight = tl.load(weight_ptr + column, mask=mask, other=0.0)
        bias = tl.load(bias_ptr + column, mask=mask, other=0.0)
        tl.store(out_ptr + at, (centred * inverse * weight + bias).to(out_ptr.dtype.element_ty), mask=mask)
        tl.store(sum_ptr + at, z.to(sum_ptr.dtype.element_ty), mask=mask)
        tl.store(deviation_ptr + row, inverse)
        tl.store(mean_ptr + row, mean)

    @triton.jit
    def norm_backward(
        sum_ptr, gradient_ptr, weight_ptr, deviation_ptr, mean_ptr, dx_ptr, dy_ptr, dweight_ptr, dbias_ptr,
        seed, count, d, dropout, keep_scale, rows_each, DROP: tl.constexpr, BLOCK: tl.constexpr,
    ):  # fmt: skip
        program = tl.program_id(0)
        column = tl.arange(0, BLOCK)
        mask = column < d
        weight = tl.load(weight_ptr + column, mask=mask, other=0.0)
        dweight = tl.zeros([BLOCK], tl.float32)
        dbias = tl.zeros([BLOCK], tl.float32)
        first = program * rows_each
        for row in range(first, tl.minimum(first + rows_each, count)):
            at = row * d + column
            z = tl.load(sum_ptr + at, mask=mask, other=0.0).to(tl.float32)
            g = tl.load(gradient_ptr + at, mask=mask, other=0.0).to(tl.float32)
            inverse = tl.load(deviation_ptr + row)
            normed = tl.where(mask, (z - tl.load(mean_ptr + row)) * inverse, 0.0)
            dweight += g * normed
            dbias += g
            weighted = g * weight
            along = tl.sum(weighted * normed, 0) / d
            dz = (weighted - tl.sum(weighted, 0) / d - normed * along) * inverse
            tl.store(dx_ptr + at, dz.to(dx_ptr.dtype.element_ty), mask=mask)
            if DROP:
                dy = tl.where(tl.rand(seed, at) > dropout, dz * keep_scale, 0.0)
                tl.store(dy_ptr + at, dy.to(dy_ptr.dtype.element_ty), mask=mask)
        tl.store(dweight_ptr + program * d + column, dweight, mask=mask)
        tl.store(dbias_ptr + program * d + column, dbias, mask=mask)

    @triton.jit
    def loss_rows(logits_ptr, target_ptr, loss_ptr, size, pad, smoothing, scale, BLOCK: tl.constexpr):
        """Turns each row of logits into its gradient, in place."""
        row = tl.program_id(0)
        column = tl.arange(0, BLOCK)
        mask = column < size
        at = row.to(tl.int64) * size + column
        target = tl.load(target_ptr + row)
        logits = tl.load(logits_ptr + at, mask=mask, other=float("-inf")).to(tl.float32)
        top = tl.max(logits, 0)
        powers = tl.exp(logits - top)
        total = tl.sum(powers, 0)
        mean = tl.sum(tl.where(mask, logits, 0.0), 0) / size
        hit = tl.sum(tl.where(column == target, logits, 0.0), 0)
        keep = tl.where(target == pad, 0.0, scale)
        tl.store(loss_ptr + row, (top + tl.log(total) - (1.0 - smoothing) * hit - smoothing * mean) * keep)
        gradient = (powers / total - smoothing / size - tl.where(column == target, 1.0 - smoothing, 0.0)) * keep
        tl.store(logits_ptr + at, gradient.to(logits_ptr.dtype.element_ty), mask=mask)


def power(n: int) -> int:
    """The least power of two that is not less than `n`."""
    return 1 << (n - 1).bit_length()


class AddNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y, weight, bias, dropout, epsilon):
        d = x.shape[-1]
        x, y = x.contiguous(), y.contiguous()
        count = x.numel() // d
        z, out = torch.empty_like(x), torch.empty_like(x)
        inverse, mean = torch.empty(count, device=x.device), torch.empty(count, device=x.device)
        seed = seeds.randrange(1 << 28) * 2 + 3  # odd: Triton compiles anew for 1 and for multiples of 16
        block = power(d)
        warps = max(1, min(4, block // 256))
        norm_forward[(count,)](
            x, y, weight, bias, z, out, inverse, mean,
            seed, d, dropout, 1 / (1 - dropout), epsilon, DROP=dropout > 0, BLOCK=block, num_warps=warps,
        )  # fmt: skip
        ctx.save_for_backward(z, weight, inverse, mean)
        ctx.dropout, ctx.seed = dropout, seed
        return out

    @staticmethod
    def backward(ctx, gradient):
        z, weight, inverse, mean = ctx.saved_tensors
        d = z.shape[-1]
        count = z.numel() // d
        programs = min(count, 8 if INTERPRET else 132 * 8)
        dropout = ctx.dropout
        dx = torch.empty_like(z)
        dy = torch.empty_like(z) if dropout > 0 else dx
        dweight, dbias = torch.empty(programs, d, device=z.device), torch.empty(programs, d, device=z.device)
        block = power(d)
        warps = max(1, min(4, block // 256))
        norm_backward[(programs,)](
            z, gradient.contiguous(), weight, inverse, mean, dx, dy, dweight, dbias,
            ctx.seed, count, d, dropout, 1 / (1 - dropout), -(-count // programs),
            DROP=dropout > 0, BLOCK=block, num_warps=warps,
        )  # fmt: skip
        return dx, dy, dweight.sum(0), dbias.sum(0), None, None


class LinearLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, e, bias, target, pad, smoothing, scale):
        count, size = x.shape[0], e.shape[0]
        g = torch.addmm(bias.to(x.dtype), x, e.t())
        losses = torch.empty(count, device=x.device)
        warps = 4 if INTERPRET else 16
        loss_rows[(count,)](g, target, losses, size, pad, smoothing, scale, BLOCK=power(size), num_warps=warps)
        db = (torch.ones(1, count, device=x.device, dtype=x.dtype) @ g)[0].float()
        ctx.save_for_backward(g @ e, g.t() @ x, db)
        return losses.sum()

    @staticmethod
    def backward(ctx, _):
        return *ctx.saved_tensors, None, None, None, None


# Whether a value is near the one wanted, and how far it is from it.
Found = list[tuple[bool, float]]


def near(found: Tensor, wanted: Tensor, tolerance: float) -> tuple[bool, float]:
    found, wanted = found.detach().float(), wanted.detach().float()
    far = float((found - wanted).norm() / (wanted.norm() + 1e-12))
    return far < tolerance, round(far, 6)  # nan is not near


def check(
    device: str, width: int, vocabulary: int, dtype: torch.dtype, say: Callable[[dict], None], rows: int = 1003
) -> None:
    """Switches on each kernel that agrees with float32 arithmetic on random input."""
    use(False)
    if triton is None:
        say({"kernels": "no triton"})
        return
    for name, test in (("norm", check_norm), ("loss", check_loss)):
        began = time.time()
        try:
            found = test(device, width, vocabulary, rows, dtype)
            ON[name] = all(good for good, _ in found)
            far, seconds = [far for _, far in found], round(time.time() - began, 1)
            say({"kernel": name, "on": ON[name], "differences": far, "seconds": seconds})
        except Exception as error:  # a compiler may fail in any way; the plain form does it
            say({"kernel": name, "on": False, "error": f"{type(error).__name__}: {str(error)[:300]}"})


def tolerance_of(dtype: torch.dtype) -> float:
    return 1e-4 if dtype == torch.float32 else 2e-2


def check_norm(device: str, d: int, _vocabulary: int, rows: int, dtype: torch.dtype) -> Found:
    tolerance, found = tolerance_of(dtype), []
    for dropout in (0.0, 0.1):
        x, y, gradient = (torch.randn(rows, d, device=device, dtype=dtype) for _ in range(3))
        weight, bias = torch.rand(d, device=device) + 0.5, torch.randn(d, device=device)
        leaves = [tensor.clone().requires_grad_() for tensor in (x, y, weight, bias)]
        out = AddNorm.apply(*leaves, dropout, 1e-5)
        out.backward(gradient)
        mask = torch.ones_like(x, dtype=torch.float32)
        if dropout:  # the mask that the kernel drew shows in the gradient of y
            mask = (leaves[1].grad != 0).float() / (1 - dropout)
            share = float((mask == 0).float().mean())
            found.append((abs(share - dropout) < 0.02, round(share, 4)))
        wanted = [tensor.float().clone().requires_grad_() for tensor in (x, y, weight, bias)]
        normed = functional.layer_norm(wanted[0] + wanted[1] * mask, (d,), wanted[2], wanted[3], 1e-5)
        normed.backward(gradient.float())
        found.append(near(out, normed, tolerance))
        found += [near(a.grad, b.grad, tolerance) for a, b in zip(leaves, wanted, strict=True)]
    return found


def check_loss(device: str, d: int, vocabulary: int, rows: int, dtype: torch.dtype) -> Found:
    x = torch.randn(rows, d, device=device, dtype=dtype)
    e = torch.randn(vocabulary, d, device=device, dtype=dtype) * d**-0.5
    bias = torch.randn(vocabulary, device=device) * 0.1
    pad = vocabulary - 1
    target = torch.randint(0, vocabulary, (rows,), device=device)
    target[5:20] = pad
    scale = 1.0 / int((target != pad).sum())
    leaves = [tensor.clone().requires_grad_() for tensor in (x, e, bias)]
    loss = LinearLoss.apply(*leaves, target, pad, 0.1, scale)
    loss.backward()
    wanted = [tensor.float().clone().requires_grad_() for tensor in (x, e, bias)]
    logits = functional.linear(*wanted)
    same = functional.cross_entropy(logits, target, ignore_index=pad, label_smoothing=0.1, reduction="sum") * scale
    same.backward()
    found = [near(loss, same, 5e-3)]
    return found + [near(a.grad, b.grad, tolerance_of(dtype)) for a, b in zip(leaves, wanted, strict=True)]
