"""A network made ready to play: layers that can be run in spans, so that frames can be bent between them.

`Playable` is what each family gives, `Span` a range of its layers as one module, which is what the backends
compile, capture or just call. The last span ends in bytes for a wall.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from models.network import Layer

State = tuple[Tensor, ...]
"""What one layer hands to the next: its features (n, c, h, w) first, then whatever the family carries on."""


class Playable(nn.Module, ABC):
    """`dtype` is that of the features; styles and demodulation stay in float32."""

    layers: tuple[Layer, ...]
    size: int
    dtype: torch.dtype

    @abstractmethod
    def begin(self, ws: Tensor) -> State:
        """What the first layer takes, from ws (n, num_ws, w_dim) in float32. Not part of any span."""

    @abstractmethod
    def styles(self, ws: Tensor) -> State:
        """All that depends on ws alone, found at once."""

    @abstractmethod
    def step(self, index: int, state: State, styles: State, noise: Tensor) -> State:
        """Layer `index`, noise (n,) being the strength of the constant noise."""

    @abstractmethod
    def picture(self, state: State, styles: State) -> Tensor:
        """(n, 1 or 3, size, size), about -1 to 1."""


class Span(nn.Module):
    """Layers `first` to `last` - 1 of a network; with `final`, the picture as well."""

    def __init__(self, play: Playable, first: int, last: int, final: bool) -> None:
        super().__init__()
        self.play = play
        self.first, self.last, self.final = first, last, final

    def forward(self, ws: Tensor, noise: Tensor, master: Tensor, *state: Tensor) -> State:
        """The state after the last layer, or a single uint8 (n, size, size, 3).

        noise and master (n,) lie in 0..1: the strength of the constant noise, and the light.
        """
        styles = self.play.styles(ws)
        for index in range(self.first, self.last):
            state = self.play.step(index, state, styles, noise)
        if not self.final:
            return state
        return (to_bytes(self.play.picture(state, styles), master),)


def to_bytes(x: Tensor, master: Tensor) -> Tensor:
    """Pictures (n, 1 or 3, h, w), -1..1, under a master fade: uint8 (n, h, w, 3).

    The order of the samples is changed first: what follows is then one pass over flat memory.
    """
    n, _, height, width = x.shape
    x = x.expand(-1, 3, -1, -1).permute(0, 2, 3, 1).reshape(n, -1)
    x = ((x * 127.5 + 127.5).clamp(0, 255) * master[:, None]).round().to(torch.uint8)
    return x.reshape(n, height, width, 3)
