"""torch.compile under the same contract, once: it takes a while."""

import shutil

import pytest
import torch

from models.backends.backend import BackendError
from models.backends.choice import QUALITY, psnr
from models.backends.compiled import Compiled
from models.backends.eager import Reference
from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config

CPU = torch.device("cpu")


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # torch's own, while it compiles
def test_compiled_frames_are_those_of_the_reference_or_the_compiler_is_missed_by_name() -> None:
    torch.manual_seed(0)
    net = StyleGAN2(StyleGAN2Config(16, 8, 8, 1, 64, 8)).eval().requires_grad_(False)
    if not any(shutil.which(compiler) for compiler in ("c++", "g++", "clang++", "cl")):
        with pytest.raises(BackendError, match="needs a C\\+\\+ compiler"):
            Compiled(net, CPU, torch.bfloat16)
        return
    compiled, reference = Compiled(net, CPU, torch.bfloat16), Reference(net, CPU)
    ws, one = torch.randn(1, net.num_ws, 8), torch.ones(1)
    with torch.inference_mode():
        frames, expected = compiled.paint(ws, one, one), reference.paint(ws, one, one)
    assert psnr(frames.numpy(), expected.numpy()) > QUALITY
