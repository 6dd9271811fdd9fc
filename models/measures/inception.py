"""Tier A: Inception v3, from a file of weights that the user gives.

Written from Szegedy, Vanhoucke, Ioffe, Shlens and Wojna 2015, "Rethinking the Inception Architecture for
Computer Vision", with the parameter names that torchvision gave it. The weights by which FID and KID are
published are of the same names; they are known by their 1,008 classes, and pool in two places otherwise.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.convert import torch_files
from models.convert.arrays import Array, Budget, Storages, mapping, tensor
from models.convert.errors import ConvertError
from models.measures.features import sized

SIDE = 299
WIDTH = 2048
PUBLISHED_CLASSES = 1008
SPARE_BYTES = 64 * 2**20
UNUSED = ("AuxLogits.", "fc.")
Pair = tuple[int, int]


class Conv(nn.Module):
    """Convolution without bias, batch normalisation, ReLU."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int | Pair, stride: int = 1, padding: int | Pair = 0
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))


class Mixed(nn.Module):
    """Branches side by side, their channels joined; one of them pools first.

    `published`: it averages without the border, as the network does by which FID and KID are published."""

    published = False

    def pooled(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=not self.published)


class MixedA(Mixed):
    """35 x 35: 1 x 1, 5 x 5, two 3 x 3 in a row, and pooling (figure 5 of the paper)."""

    def __init__(self, inputs: int, pool: int) -> None:
        super().__init__()
        self.branch1x1 = Conv(inputs, 64, 1)
        self.branch5x5_1 = Conv(inputs, 48, 1)
        self.branch5x5_2 = Conv(48, 64, 5, padding=2)
        self.branch3x3dbl_1 = Conv(inputs, 64, 1)
        self.branch3x3dbl_2 = Conv(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = Conv(96, 96, 3, padding=1)
        self.branch_pool = Conv(inputs, pool, 1)

    def forward(self, x: Tensor) -> Tensor:
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        branches = [self.branch1x1(x), self.branch5x5_2(self.branch5x5_1(x)), double]
        return torch.cat([*branches, self.branch_pool(self.pooled(x))], dim=1)


class MixedB(Mixed):
    """35 x 35 to 17 x 17 (figure 10)."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.branch3x3 = Conv(inputs, 384, 3, stride=2)
        self.branch3x3dbl_1 = Conv(inputs, 64, 1)
        self.branch3x3dbl_2 = Conv(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = Conv(96, 96, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch3x3(x), double, F.max_pool2d(x, 3, stride=2)], dim=1)


class MixedC(Mixed):
    """17 x 17: 7 x 7 as 1 x 7 and 7 x 1, once and twice (figure 6)."""

    def __init__(self, inputs: int, middle: int) -> None:
        super().__init__()
        self.branch1x1 = Conv(inputs, 192, 1)
        self.branch7x7_1 = Conv(inputs, middle, 1)
        self.branch7x7_2 = Conv(middle, middle, (1, 7), padding=(0, 3))
        self.branch7x7_3 = Conv(middle, 192, (7, 1), padding=(3, 0))
        self.branch7x7dbl_1 = Conv(inputs, middle, 1)
        self.branch7x7dbl_2 = Conv(middle, middle, (7, 1), padding=(3, 0))
        self.branch7x7dbl_3 = Conv(middle, middle, (1, 7), padding=(0, 3))
        self.branch7x7dbl_4 = Conv(middle, middle, (7, 1), padding=(3, 0))
        self.branch7x7dbl_5 = Conv(middle, 192, (1, 7), padding=(0, 3))
        self.branch_pool = Conv(inputs, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        once = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        twice = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        twice = self.branch7x7dbl_5(self.branch7x7dbl_4(twice))
        return torch.cat([self.branch1x1(x), once, twice, self.branch_pool(self.pooled(x))], dim=1)


class MixedD(Mixed):
    """17 x 17 to 8 x 8."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.branch3x3_1 = Conv(inputs, 192, 1)
        self.branch3x3_2 = Conv(192, 320, 3, stride=2)
        self.branch7x7x3_1 = Conv(inputs, 192, 1)
        self.branch7x7x3_2 = Conv(192, 192, (1, 7), padding=(0, 3))
        self.branch7x7x3_3 = Conv(192, 192, (7, 1), padding=(3, 0))
        self.branch7x7x3_4 = Conv(192, 192, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        seven = self.branch7x7x3_4(self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x))))
        return torch.cat([self.branch3x3_2(self.branch3x3_1(x)), seven, F.max_pool2d(x, 3, stride=2)], dim=1)


class MixedE(Mixed):
    """8 x 8: branches that part into 1 x 3 and 3 x 1 (figure 7)."""

    def __init__(self, inputs: int, *, pools_by_maximum: bool = False) -> None:
        super().__init__()
        self.pools_by_maximum = pools_by_maximum
        self.branch1x1 = Conv(inputs, 320, 1)
        self.branch3x3_1 = Conv(inputs, 384, 1)
        self.branch3x3_2a = Conv(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3_2b = Conv(384, 384, (3, 1), padding=(1, 0))
        self.branch3x3dbl_1 = Conv(inputs, 448, 1)
        self.branch3x3dbl_2 = Conv(448, 384, 3, padding=1)
        self.branch3x3dbl_3a = Conv(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3dbl_3b = Conv(384, 384, (3, 1), padding=(1, 0))
        self.branch_pool = Conv(inputs, 192, 1)

    def pooled(self, x: Tensor) -> Tensor:
        if self.published and self.pools_by_maximum:
            return F.max_pool2d(x, 3, stride=1, padding=1)
        return super().pooled(x)

    def forward(self, x: Tensor) -> Tensor:
        once, twice = self.branch3x3_1(x), self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        branches = [self.branch1x1(x), self.branch3x3_2a(once), self.branch3x3_2b(once)]
        branches += [self.branch3x3dbl_3a(twice), self.branch3x3dbl_3b(twice)]
        return torch.cat([*branches, self.branch_pool(self.pooled(x))], dim=1)


class Inception(nn.Module):
    """Pictures (n, 3, 299, 299), -1 to 1 -> the pooled features (n, 2048) below the classes."""

    def __init__(self, *, published: bool = False) -> None:
        """`published`: pool as the network does by which FID and KID are published."""
        super().__init__()
        self.Conv2d_1a_3x3 = Conv(3, 32, 3, stride=2)
        self.Conv2d_2a_3x3 = Conv(32, 32, 3)
        self.Conv2d_2b_3x3 = Conv(32, 64, 3, padding=1)
        self.Conv2d_3b_1x1 = Conv(64, 80, 1)
        self.Conv2d_4a_3x3 = Conv(80, 192, 3)
        self.Mixed_5b = MixedA(192, pool=32)
        self.Mixed_5c = MixedA(256, pool=64)
        self.Mixed_5d = MixedA(288, pool=64)
        self.Mixed_6a = MixedB(288)
        self.Mixed_6b = MixedC(768, middle=128)
        self.Mixed_6c = MixedC(768, middle=160)
        self.Mixed_6d = MixedC(768, middle=160)
        self.Mixed_6e = MixedC(768, middle=192)
        self.Mixed_7a = MixedD(768)
        self.Mixed_7b = MixedE(1280)
        self.Mixed_7c = MixedE(WIDTH, pools_by_maximum=True)
        for module in self.modules():
            if isinstance(module, Mixed):
                module.published = published

    def forward(self, x: Tensor) -> Tensor:
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(F.max_pool2d(x, 3, stride=2)))
        x = F.max_pool2d(x, 3, stride=2)
        for name, module in self.named_children():
            if name.startswith("Mixed"):
                x = module(x)
        return x.mean(dim=(2, 3))


class InceptionFeatures:
    """Tier A. Figures of the published weights are of the kind that papers print; others rank only."""

    def __init__(self, net: Inception, sha256: str, device: torch.device) -> None:
        self.device = device
        self.sha256 = sha256
        self.tier = f"A: Inception v3, weights sha256 {sha256[:16]}"
        self._net = net.to(device).eval().requires_grad_(False)

    def of(self, pictures: Tensor) -> Tensor:
        return cast("Tensor", self._net(sized(pictures.to(self.device), SIDE)))


def read_inception(path: Path, sha256: str | None, device: torch.device) -> InceptionFeatures:
    """From a .safetensors file, or one of torch.save, of which nothing is run.

    Raises ValueError, which says what is wrong with the file, or that its digest is another.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror})") from None
    digest = hashlib.sha256(data).hexdigest()
    if sha256 is not None and digest != sha256.strip().lower():
        raise ValueError(f"{path}: its sha256 is {digest}, but {sha256} was expected; it is another file")
    try:
        arrays = _arrays(data)
    except (ConvertError, RecursionError) as error:
        raise ValueError(f"{path}: cannot be read as weights ({error})") from None
    classes = arrays["fc.bias"].shape[0] if arrays.get("fc.bias", np.empty(())).ndim else 0
    with torch.device("meta"):
        net = Inception(published=classes == PUBLISHED_CLASSES)
    tensors = {
        name: torch.from_numpy(np.array(numbers, np.float32))
        for name, numbers in arrays.items()
        if not name.startswith(UNUSED) and not name.endswith("num_batches_tracked")
    }
    for name in net.state_dict():
        if name.endswith("num_batches_tracked"):
            tensors[name] = torch.zeros((), dtype=torch.long)
    try:
        net.load_state_dict(tensors, assign=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[1].strip()
        raise ValueError(
            f"{path}: not the weights of an Inception v3 as torchvision names them ({reason[:200]})"
        ) from None
    if not all(numbers.isfinite().all() for numbers in tensors.values()):
        raise ValueError(f"{path}: holds numbers that are not finite")
    return InceptionFeatures(net, digest, device)


def _arrays(data: bytes) -> Mapping[str, Array]:
    """Raises ConvertError."""
    if data.startswith(torch_files.ZIP_HEAD):
        return _table(*torch_files.read_zip(data), Budget(4 * len(data) + SPARE_BYTES))
    if data.startswith(torch_files.STREAM_HEAD):
        return _table(*torch_files.read_stream(data), Budget(4 * len(data) + SPARE_BYTES))
    return _safetensors(data)


def _table(value: Any, storages: Storages, budget: Budget) -> Mapping[str, Array]:
    return {str(name): tensor(node, storages, budget) for name, node in mapping(value, "the file").items()}


def _safetensors(data: bytes) -> Mapping[str, Array]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return cast("Mapping[str, Array]", load(data))
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ConvertError(f"neither .safetensors nor a file of torch.save: {error}") from None
