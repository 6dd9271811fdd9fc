from pathlib import Path

import pytest
import torch

from models import checkpoint
from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A network file of 32 px with random weights and 16 numbers in a z."""
    torch.manual_seed(0)
    config = StyleGAN2Config(32, z_dim=16, w_dim=16, mapping_layers=2, channel_base=256, channel_max=16)
    path = tmp_path / "net.safetensors"
    checkpoint.save(path, "stylegan2", config.to_plain(), StyleGAN2(config).state_dict(), {"kimg": 0})
    return path
