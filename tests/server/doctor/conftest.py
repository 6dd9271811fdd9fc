"""Places where things are broken for real: with mounts and a network of their own, without harm to others."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import server
from models import checkpoint
from models.stylegan2 import StyleGAN2, StyleGAN2Config
from tests.patience import PATIENCE
from tests.ports import free_port

ROOT = Path(server.__file__).parent.parent

Elsewhere = Callable[[str, str], Any]
"""`elsewhere(setup, code)`: run shell commands, then Python, with mounts and a network of their own. The JSON
that the code prints."""

CONFIG = """
[web]
port = {web}
[osc]
port = {osc}
[show]
file = "show.toml"
[generator]
weights = "net.safetensors"
device = "cpu"
backend = "float32"
"""
SHOW = """
[show]
title = "Small"
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "One"
"""


@pytest.fixture
def elsewhere() -> Elsewhere:
    def run(setup: str, code: str) -> Any:
        script = f'set -e\n{setup}\nexec "$0" -c "$1"'
        done = subprocess.run(
            ["unshare", "--map-root-user", "--net", "--mount", "sh", "-c", script, sys.executable, code],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    config = StyleGAN2Config(32, channel_base=512, channel_max=16)
    path = tmp_path_factory.mktemp("network") / "net.safetensors"
    checkpoint.save(path, "stylegan2", config.to_plain(), StyleGAN2(config).state_dict(), {"made": "here"})
    return path


@pytest.fixture
def rig(tmp_path: Path, network: Path) -> Path:
    """A folder with a config, a show and a small network, its ports free."""
    folder = tmp_path / "rig"
    folder.mkdir()
    (folder / "net.safetensors").write_bytes(network.read_bytes())
    (folder / "config.toml").write_text(CONFIG.format(web=free_port(), osc=free_port()))
    (folder / "show.toml").write_text(SHOW)
    return folder
