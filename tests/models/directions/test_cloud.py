"""The cloud of a network: a sample that repeats, and seeds as looks draw them."""

from pathlib import Path

import pytest
import torch

from models import checkpoint
from models.directions.cloud import sample, w_of_seeds
from models.latent import z_of
from models.network import Network
from models.stylegan2 import StyleGAN2, StyleGAN2Config


@pytest.fixture(scope="module")
def network(tiny: Path) -> Network:
    return checkpoint.build(tiny)[1].eval().requires_grad_(False)


def test_a_seed_is_a_cloud(network: Network) -> None:
    told: list[float] = []
    one, two = sample(network, 1500, 4, told.append), sample(network, 1500, 4)
    assert torch.equal(one.w, two.w)
    assert one.w.shape == (1500, 16)
    assert told == [pytest.approx(2 / 3), 1.0]
    assert not torch.equal(one.w, sample(network, 1500, 5).w)


def test_mean_and_covariance_are_those_of_the_sample(network: Network) -> None:
    cloud = sample(network, 300, 0)
    assert torch.allclose(cloud.mean, cloud.w.mean(dim=0))
    assert torch.allclose(cloud.covariance, cloud.w.T.cov())


def test_seeds_are_those_of_looks(network: Network) -> None:
    w = w_of_seeds(network, [7, 3])
    assert w.shape == (2, 16)
    assert torch.allclose(w[0], network.mapping(torch.from_numpy(z_of(7, 16))[None])[0], atol=1e-6)


def test_a_conditioned_network_is_sampled_over_its_classes_and_drawn_at_class_0() -> None:
    torch.manual_seed(0)
    network = StyleGAN2(StyleGAN2Config(8, z_dim=4, w_dim=4, c_dim=3)).eval().requires_grad_(False)
    w = w_of_seeds(network, [7])
    z = torch.from_numpy(z_of(7, 4))[None]
    assert torch.allclose(w, network.mapping(z, torch.tensor([[1.0, 0.0, 0.0]])), atol=1e-6)
    assert not torch.allclose(w, network.mapping(z, torch.tensor([[0.0, 1.0, 0.0]])), atol=1e-3)
    assert sample(network, 100, 0).w.shape == (100, 4)
