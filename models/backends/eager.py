"""Torch as it is: the float32 reference, and half precision with the channels last."""

import torch
from torch import Tensor

from models.backends.backend import Backend
from models.bends import Bends
from models.families import playable
from models.network import Network
from models.playable import Playable, Span, State, to_bytes


class Reference(Backend):
    """The network itself in float32: what every other backend is measured against."""

    name = "float32"

    def __init__(self, network: Network, device: torch.device) -> None:
        super().__init__(network.layers, "reference")
        self._synthesis, self._device = network.synthesis, device

    def begin(self, ws: Tensor) -> State:
        raise NotImplementedError("the reference has no spans")

    def run(
        self, span: tuple[int, int, bool], ws: Tensor, noise: Tensor, master: Tensor, state: State
    ) -> State:
        raise NotImplementedError("the reference has no spans")

    def paint(self, ws: Tensor, noise: Tensor, master: Tensor, bends: Bends | None = None) -> Tensor:
        ws, noise, master = (x.to(self._device) for x in (ws, noise, master))
        return to_bytes(self._synthesis(ws, noise, bends or None), master)


class Half(Backend):
    """The playable form, layer by layer. bfloat16 on a CPU, float16 on a GPU, unless told otherwise."""

    name = "half"

    def __init__(self, network: Network, device: torch.device, dtype: torch.dtype) -> None:
        super().__init__(network.layers, str(dtype).removeprefix("torch."))
        self._device = device
        self._play: Playable = playable(network, dtype).to(device)

    def begin(self, ws: Tensor) -> State:
        return self._play.begin(ws.to(self._device))

    def run(
        self, span: tuple[int, int, bool], ws: Tensor, noise: Tensor, master: Tensor, state: State
    ) -> State:
        ws, noise, master = (x.to(self._device, non_blocking=True) for x in (ws, noise, master))
        state = tuple(x.to(self._play.dtype) if i == 0 else x for i, x in enumerate(state))
        first, last, final = span
        return Span(self._play, first, last, final)(ws, noise, master, *state)  # type: ignore[no-any-return]
