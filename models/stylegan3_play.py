"""StyleGAN3 as it is played: its own layers, one step each."""

import copy
from typing import cast

import torch
from torch import Tensor

from models.playable import Playable, State
from models.stylegan3 import StyleGAN3


class PlayStyleGAN3(Playable):
    """The playable form of `StyleGAN3`. The state is (features,).

    The Fourier features stay in float32 and outside the spans: a phase in half precision is noise.
    """

    def __init__(self, network: StyleGAN3, dtype: torch.dtype) -> None:
        super().__init__()
        self.layers, self.size, self.dtype = network.layers, network.size, dtype
        self.synthesis = copy.deepcopy(network.synthesis)
        for layer in self.synthesis.layers:
            layer.weight.data = layer.weight.data.to(dtype)

    def begin(self, ws: Tensor) -> State:
        x = cast("Tensor", self.synthesis.input(ws[:, 0]))
        return (x.to(self.dtype).contiguous(memory_format=torch.channels_last),)

    def styles(self, ws: Tensor) -> State:
        return (ws,)

    def step(self, index: int, state: State, styles: State, noise: Tensor) -> State:
        return (cast("Tensor", self.synthesis.layers[index](state[0], styles[0][:, index + 1])),)

    def picture(self, state: State, styles: State) -> Tensor:
        last = len(self.synthesis.layers) - 1
        x = cast("Tensor", self.synthesis.layers[last](state[0], styles[0][:, last + 1]))
        return x.float() * self.synthesis.output_scale
