"""What the machine can do at best: a matrix product, and a convolution as networks are made of."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Peak:
    """Billions of floating-point operations a second; a multiply-add counts as two."""

    name: str
    gflops: float


def peaks(device: torch.device, seconds: float) -> list[Peak]:
    """Matrix product and 3 x 3 convolution, in float32 and the half that fits the device."""
    on_gpu = device.type == "cuda"
    side, channels, size = (8192, 512, 128) if on_gpu else (1024, 128, 64)
    found = []
    for dtype in (torch.float32, torch.float16 if on_gpu else torch.bfloat16):
        name = str(dtype).removeprefix("torch.")
        a = torch.randn(side, side, device=device, dtype=dtype)
        product = _rate(partial(torch.mm, a, a), 2 * side**3, seconds)
        x = torch.randn(1, channels, size, size, device=device, dtype=dtype)
        w = torch.randn(channels, channels, 3, 3, device=device, dtype=dtype)
        x, w = (t.contiguous(memory_format=torch.channels_last) for t in (x, w))
        convolution = _rate(partial(F.conv2d, x, w, padding=1), 2 * w.numel() * size**2, seconds)
        found.append(Peak(f"matrix product {side}, {name}", product))
        found.append(Peak(f"convolution {channels} x {size}^2, {name}", convolution))
    return found


def _rate(work: Callable[[], Tensor], operations: int, seconds: float) -> float:
    """The best of what was seen, in GFLOP/s: this is a ceiling."""
    with torch.inference_mode():
        best, begun = float("inf"), time.perf_counter()
        while time.perf_counter() - begun < seconds:
            _wait()
            before = time.perf_counter()
            for _ in range(4):
                work()
            _wait()
            best = min(best, (time.perf_counter() - before) / 4)
        return operations / best / 1e9


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
