from pathlib import Path

import pytest
import torch

from models import checkpoint
from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network file of 32 px with random weights and a w_avg that is not zero."""
    torch.manual_seed(0)
    config = StyleGAN2Config(32, z_dim=16, w_dim=16, mapping_layers=2, channel_base=256, channel_max=16)
    network = StyleGAN2(config)
    network.mapping.w_avg.normal_()
    path = tmp_path_factory.mktemp("networks") / "tiny.safetensors"
    checkpoint.save(path, "stylegan2", config.to_plain(), network.state_dict(), {"kimg": 0})
    return path
