"""The network families that Marrow plays: each a config, a network, and the form in which it is played.

Configs need no torch; the others load it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.network import Config
from models.stylegan2_config import StyleGAN2Config
from models.stylegan3_config import StyleGAN3Config

if TYPE_CHECKING:
    import torch

    from models.network import Network
    from models.playable import Playable
    from models.stylegan2 import StyleGAN2
    from models.stylegan3 import StyleGAN3

CONFIGS: dict[str, type[StyleGAN2Config] | type[StyleGAN3Config]] = {
    "stylegan2": StyleGAN2Config,
    "stylegan3": StyleGAN3Config,
}


def config_of(family: str, plain: Mapping[str, Any]) -> Config:
    """The config that a network file's header holds.

    Raises ValueError for another family or an impossible value, TypeError for an unknown or missing key.
    """
    if family not in CONFIGS:
        known = " and ".join(f'"{name}"' for name in CONFIGS)
        raise ValueError(f'a network of the family "{family}"; this version plays {known}')
    return CONFIGS[family](**plain)


def network_of(config: Config) -> "StyleGAN2 | StyleGAN3":
    """A network of that shape, its weights still to come."""
    from models.stylegan2 import StyleGAN2
    from models.stylegan3 import StyleGAN3

    match config:
        case StyleGAN2Config():
            return StyleGAN2(config)
        case StyleGAN3Config():
            return StyleGAN3(config)
        case _:
            raise TypeError(f"no network for {type(config).__name__}")


def playable(network: "Network", dtype: "torch.dtype") -> "Playable":
    """The form in which a network is played, its features in `dtype`. It has weights of its own."""
    from models.stylegan2 import StyleGAN2
    from models.stylegan2_play import PlayStyleGAN2
    from models.stylegan3 import StyleGAN3
    from models.stylegan3_play import PlayStyleGAN3

    play: Playable
    match network:
        case StyleGAN2():
            play = PlayStyleGAN2(network, dtype)
        case StyleGAN3():
            play = PlayStyleGAN3(network, dtype)
        case _:
            raise TypeError(f"no playable form of {type(network).__name__}")
    return play.eval().requires_grad_(False)
