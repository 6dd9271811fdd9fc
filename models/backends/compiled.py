"""torch.compile, where a C++ compiler (on a GPU: Triton) is there."""

import shutil

import torch
from torch import Tensor

from models.backends.backend import BackendError
from models.backends.eager import Half
from models.network import Network
from models.playable import Span, State


class Compiled(Half):
    """`Half` with whole frames compiled. Bent frames run uncompiled: each cut would take a minute more."""

    name = "compile"

    def __init__(self, network: Network, device: torch.device, dtype: torch.dtype) -> None:
        if not any(shutil.which(compiler) for compiler in ("c++", "g++", "clang++", "cl")):
            raise BackendError("torch.compile needs a C++ compiler, and there is none")
        super().__init__(network, device, dtype)
        whole = Span(self._play, 0, len(network.layers), True)
        self._whole = torch.compile(whole, dynamic=False)

    def run(
        self, span: tuple[int, int, bool], ws: Tensor, noise: Tensor, master: Tensor, state: State
    ) -> State:
        if span != (0, len(self._layers), True):
            return super().run(span, ws, noise, master, state)
        ws, noise, master = (x.to(self._device, non_blocking=True) for x in (ws, noise, master))
        return self._whole(ws, noise, master, *state)  # type: ignore[no-any-return]
