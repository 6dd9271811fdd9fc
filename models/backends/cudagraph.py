"""CUDA graphs: a frame's launches are recorded once and replayed, so the CPU no longer sets the pace."""

from typing import Any

import torch
from torch import Tensor

from models.backends.backend import BackendError
from models.backends.eager import Half
from models.network import Network
from models.playable import Span, State

WARM_UP = 3


class _Recording:
    """One span, recorded: fixed tensors in, fixed tensors out."""

    def __init__(self, span: Span, inputs: tuple[Tensor, ...], pool: Any) -> None:
        self._inputs = tuple(x.clone() for x in inputs)
        # Libraries choose their algorithms on the first runs, which must not be recorded.
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                span(*self._inputs)
        torch.cuda.current_stream().wait_stream(side)
        self._graph = torch.cuda.CUDAGraph()
        # Another network may be painting in another thread meanwhile.
        with torch.cuda.graph(self._graph, pool=pool, capture_error_mode="thread_local"):
            self.outputs: State = span(*self._inputs)

    def __call__(self, inputs: tuple[Tensor, ...]) -> State:
        for fixed, new in zip(self._inputs, inputs, strict=True):
            fixed.copy_(new, non_blocking=True)
        self._graph.replay()
        return self.outputs


class CudaGraph(Half):
    """`Half` on a GPU with every span recorded. What it returns is overwritten by the next frame."""

    name = "cudagraph"

    def __init__(self, network: Network, device: torch.device, dtype: torch.dtype) -> None:
        if device.type != "cuda":
            raise BackendError("CUDA graphs need a CUDA device")
        super().__init__(network, device, dtype)
        self._recordings: dict[tuple[int, int, bool, int], _Recording] = {}
        self._pool = torch.cuda.graph_pool_handle()

    def run(
        self, span: tuple[int, int, bool], ws: Tensor, noise: Tensor, master: Tensor, state: State
    ) -> State:
        state = tuple(x.to(self._play.dtype) if i == 0 else x for i, x in enumerate(state))
        key = (*span, len(ws))
        if key not in self._recordings:
            inputs = tuple(x.to(self._device) for x in (ws, noise, master)) + state
            self._recordings[key] = _Recording(Span(self._play, *span), inputs, self._pool)
        return self._recordings[key]((ws, noise, master, *state))
