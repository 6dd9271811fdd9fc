import numpy as np
import pytest

from models.latent import MEAN, seed_of, z_of


def test_a_key_is_a_seed_or_the_mean() -> None:
    assert seed_of("7") == 7
    assert seed_of(MEAN) is None


@pytest.mark.parametrize("key", ["", "-1", "1.5", "seven", "4294967296", "٣"])
def test_anything_else_is_refused_by_name(key: str) -> None:
    with pytest.raises(ValueError, match="not a latent"):
        seed_of(key)


def test_seeds_mean_what_they_mean_elsewhere() -> None:
    # The first normal numbers of NumPy's legacy generator at seed 0, as every StyleGAN tool draws them.
    assert z_of(0, 3) == pytest.approx(np.array([1.7640524, 0.4001572, 0.9787380]), rel=1e-6)
