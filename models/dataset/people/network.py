"""The network that finds people: a U-Net that says what is a person, where heads are, and whose is what.

After Panoptic-DeepLab (Cheng 2020): for each output pixel a foreground logit, a head logit, and the offset
(x, y) to the middle of the head of whoever shows there.
"""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.dataset.people.layout import INPUT

FAMILY = "people"
WIDTHS, BLOCKS, DECODER = (24, 48, 96, 160, 192), (0, 1, 2, 2, 2), (160, 96, 64, 32)


class _Conv(nn.Sequential):
    """Convolution, batch norm and, unless it is `plain`, a rectifier."""

    def __init__(self, into: int, out: int, kernel: int = 3, stride: int = 1, plain: bool = False) -> None:
        layers: list[nn.Module] = [
            nn.Conv2d(into, out, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(out),
        ]
        if not plain:
            layers.append(nn.ReLU(inplace=True))
        super().__init__(*layers)


class _Block(nn.Module):
    """Two convolutions beside an identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = _Conv(width, width), _Conv(width, width, plain=True)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


class PeopleNet(nn.Module):
    """From pictures (n, 3, h, w) in -1..1, sides multiples of 32, to (n, 4, h/2, w/2)."""

    def __init__(
        self,
        widths: Sequence[int] = WIDTHS,
        blocks: Sequence[int] = BLOCKS,
        decoder: Sequence[int] = DECODER,
        size: int = INPUT,
    ) -> None:
        super().__init__()
        self.config = {"size": size, "widths": widths, "blocks": blocks, "decoder": decoder}
        self.down = nn.ModuleList()
        before = 3
        for width, count in zip(widths, blocks, strict=True):
            block = (_Block(width) for _ in range(count))
            self.down.append(nn.Sequential(_Conv(before, width, stride=2), *block))
            before = width
        self.up, self.skip, self.mix = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for width, beside in zip(decoder, widths[-2::-1], strict=True):
            self.up.append(_Conv(before, width, kernel=1, plain=True))
            self.skip.append(_Conv(beside, width, kernel=1, plain=True))
            self.mix.append(_Conv(width, width))
            before = width
        self.head = nn.Sequential(_Conv(before, before), nn.Conv2d(before, 4, 1))
        last = cast(nn.Conv2d, self.head[1])
        nn.init.normal_(last.weight, std=0.01)
        # Heads are rare: starting from a low heat keeps the first steps calm.
        cast(Tensor, last.bias).data = torch.tensor([0.0, -3.0, 0.0, 0.0])

    def forward(self, x: Tensor) -> Tensor:
        seen = []
        for down in self.down:
            x = down(x)
            seen.append(x)
        for up, skip, mix, beside in zip(self.up, self.skip, self.mix, seen[-2::-1], strict=True):
            x = F.interpolate(up(x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = mix(F.relu(x + skip(beside)))
        return cast(Tensor, self.head(x))
