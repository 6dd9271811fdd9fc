"""Finding: what lands in the atlas, and what a person named stays through another run."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models import checkpoint
from models.atlas import Atlas, Direction
from models.directions.cloud import Cloud, sample
from models.directions.find import find, merge
from models.network import Network


@pytest.fixture(scope="module")
def network(tiny: Path) -> Network:
    return checkpoint.build(tiny)[1].eval().requires_grad_(False)


@pytest.fixture(scope="module")
def cloud(network: Network) -> Cloud:
    return sample(network, 500, 0)


@pytest.fixture(scope="module")
def found(network: Network, cloud: Cloud) -> Atlas:
    return find(network, cloud, 3, 4, (0, 7), 0)


def test_the_atlas_holds_both_kinds_and_the_centres(found: Atlas) -> None:
    assert list(found.directions) == ["pca0", "pca1", "pca2", "sefa0", "sefa1", "sefa2"]
    assert {direction.layers for direction in found.directions.values()} == {(0, 7)}
    assert found.centres is not None
    assert found.centres.shape == (4, 16)
    shares = [found.directions[f"pca{index}"].about["explained"] for index in range(3)]
    assert shares == sorted(shares, reverse=True)
    gains = [found.directions[f"sefa{index}"].about["eigenvalue"] for index in range(3)]
    assert gains == sorted(gains, reverse=True)


def test_a_vector_is_one_deviation_of_w_along_itself(found: Atlas, cloud: Cloud) -> None:
    for direction in found.directions.values():
        vector = direction.vector.double()
        along = cloud.w @ (vector / vector.norm())
        assert vector.norm().item() == pytest.approx(along.std().item(), rel=1e-4)


def test_finding_twice_finds_the_same(network: Network, cloud: Cloud, found: Atlas) -> None:
    again = find(network, cloud, 3, 4, (0, 7), 0)
    for name, direction in found.directions.items():
        assert torch.equal(direction.vector, again.directions[name].vector)
    assert torch.equal(torch.as_tensor(found.centres), torch.as_tensor(again.centres))


def test_no_centres_when_none_are_wanted(network: Network, cloud: Cloud) -> None:
    assert find(network, cloud, 1, 0, (0, 7), 0).centres is None


def test_more_directions_than_w_has_are_refused(network: Network, cloud: Cloud) -> None:
    with pytest.raises(ValueError, match="expected 1 to 16"):
        find(network, cloud, 17, 4, (0, 7), 0)


def test_what_a_person_named_stays_and_is_not_listed_twice(found: Atlas) -> None:
    directions = dict(found.directions)
    directions["older"] = directions.pop("pca1")
    smile = Direction(torch.randn(16), (0, 7), {"kind": "labels"})
    points = {"grandma": torch.zeros(8, 16)}
    merged = merge(found, Atlas({**directions, "smile": smile}, points, None))
    assert list(merged.directions) == ["older", "smile", "pca0", "pca2", "sefa0", "sefa1", "sefa2"]
    assert merged.directions["smile"] is smile
    assert list(merged.points) == ["grandma"]
    assert merged.centres is found.centres


def test_over_other_layers_the_same_axis_is_another_direction(found: Atlas) -> None:
    older = replace(found.directions["pca1"], layers=(0, 3))
    assert list(merge(found, Atlas({"older": older})).directions)[:3] == ["older", "pca0", "pca1"]


def test_what_was_found_before_and_not_named_is_replaced(found: Atlas) -> None:
    stale = Direction(torch.randn(16), (0, 7), {"kind": "pca", "index": 9})
    assert "pca9" not in merge(found, Atlas({"pca9": stale})).directions
