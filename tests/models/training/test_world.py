"""Several processes train one network."""

import json
import os
import subprocess
import sys
from pathlib import Path

import torch

from models.training.world import join


def test_alone_there_is_nobody_to_wait_for() -> None:
    world = join("cpu")
    assert (world.rank, world.size, world.leads) == (0, 1, True)
    assert world.average(torch.tensor(3.0)) == 3.0
    world.close()


def test_two_processes_come_to_the_same_networks(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
         "-m", "tests.models.training.toy_world", str(tmp_path)],
        capture_output=True, text=True, timeout=240, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    one, other = (json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1))
    assert one["digests"] == other["digests"]
    assert one["gradient"] == other["gradient"] == [0.5] * 3
    assert (one["sign"], one["p"]) == (other["sign"], other["p"])
    assert one["images"] == other["images"] == 24
    assert one["latent"] != other["latent"]
    assert (one["leads"], other["leads"]) == (True, False)
