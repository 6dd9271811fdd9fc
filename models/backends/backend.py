"""What every backend does: frames from ws, in spans between the layers that are bent."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from itertools import pairwise
from typing import ClassVar

from torch import Tensor

from models.bends import Bends
from models.network import Bender, Layer
from models.playable import State


class BackendError(Exception):
    """This backend cannot run here; the message is half a sentence that says why."""


class Backend(ABC):
    """Paints with one network in one way. One thread at a time may use it.

    A frame without bends is a single span from the first layer to the bytes. With bends it is cut behind each
    layer that `prepare` was told of, and behind no other as long as that covers what is bent.
    """

    name: ClassVar[str]
    precision: str

    def __init__(self, layers: tuple[Layer, ...], precision: str) -> None:
        self._layers = layers
        self._cuts: frozenset[str] = frozenset()
        self.precision = precision

    def __str__(self) -> str:
        return f"{self.name} {self.precision}"

    @abstractmethod
    def begin(self, ws: Tensor) -> State:
        """What the first span takes."""

    @abstractmethod
    def run(
        self, span: tuple[int, int, bool], ws: Tensor, noise: Tensor, master: Tensor, state: State
    ) -> State:
        """Run the layers first .. last - 1, and with True the picture, which is uint8 (n, size, size, 3)."""

    def prepare(self, ws: Tensor, cuts: Iterable[str]) -> None:
        """Make ready for frames like ws (n, num_ws, w_dim), plain ones and those bent behind these layers."""
        self._cuts |= frozenset(cuts)
        one = ws.new_ones(len(ws))
        self.paint(ws, one, one)
        if self._cuts:
            self._paint(self._cuts, _unbent, ws, one, one)

    def paint(self, ws: Tensor, noise: Tensor, master: Tensor, bends: Bends | None = None) -> Tensor:
        """uint8 (n, size, size, 3), on whatever device; ws, noise (n,) and master (n,) are on the CPU."""
        if not bends:
            return self._paint(frozenset(), _unbent, ws, noise, master)
        self._cuts |= bends.layers
        return self._paint(self._cuts, bends, ws, noise, master)

    def _paint(self, cuts: frozenset[str], bend: Bender, ws: Tensor, noise: Tensor, master: Tensor) -> Tensor:
        state = self.begin(ws)
        stops = [index + 1 for index, layer in enumerate(self._layers) if layer.name in cuts]
        for first, last in pairwise([0, *stops]):
            x, *carried = self.run((first, last, False), ws, noise, master, state)
            state = (bend(self._layers[last - 1], x), *carried)
        return self.run((stops[-1] if stops else 0, len(self._layers), True), ws, noise, master, state)[0]


def _unbent(layer: Layer, x: Tensor) -> Tensor:
    return x
