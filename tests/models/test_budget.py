"""Memory is asked for before a network is loaded."""

from pathlib import Path

import pytest
import torch

from models import budget, checkpoint
from models.generator import Generator


def test_a_network_that_does_not_fit_is_refused_before_it_is_loaded(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "free", lambda device: 100 * 2**20)
    with pytest.raises(
        checkpoint.CheckpointError, match=r"needs about 15\d MiB of cpu memory, and 90 MiB are free"
    ):
        Generator.load(tiny, device="cpu")


def test_more_pictures_need_more(tiny: Path) -> None:
    header = checkpoint.read_header(tiny)
    assert budget.needed(header, 8) > budget.needed(header, 1) > 0


def test_what_is_free_is_not_more_than_the_machine_has() -> None:
    assert 0 < budget.free(torch.device("cpu")) < 2**50
