"""`torchrun … -m tests.models.training.toy_world OUT`: a few steps by several processes.

OUT/RANK.json: digests of its networks, its average of a gradient that is its rank, and a latent of its own.
"""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from models.training.data import Pictures
from models.training.recipe import Recipe
from models.training.trainer import Trainer
from models.training.transfer import Known, begin_from
from models.training.world import join
from tests.models.training.toy_training import CONFIG, squares


def main(out: Path) -> None:
    world = join("cpu")
    torch.set_num_threads(1)
    trainer = Trainer(CONFIG, Recipe(batch=8, augment="ada", lecam=0.1), world)
    for _ in range(3):
        trainer.step(Pictures(squares(), seed=0))
    wide = replace(CONFIG, channel_min=6)
    small = Trainer(wide, Recipe(batch=8), world)
    grown = Trainer(replace(wide, size=32), Recipe(batch=8), world)
    known = {f"{name}.{key}": value for name, net in small.networks().items()
             for key, value in net.state_dict().items()}  # fmt: skip
    begin_from(grown, Known(wide, known))
    parameter = nn.Parameter(torch.zeros(3))
    parameter.grad = torch.full((3,), float(world.rank))
    world.average_gradients([parameter])
    digests = {
        name: hashlib.sha256(b"".join(p.detach().numpy().tobytes() for p in net.parameters())).hexdigest()
        for name, net in {**trainer.networks(), "grown": grown.D}.items()
    }
    found = {
        "digests": digests, "gradient": parameter.grad.tolist(), "p": trainer.augmenter.p,
        "latent": torch.randn(1).item(), "images": trainer.images, "leads": world.leads,
        "sign": trainer.tally.taken()["sign"],
    }  # fmt: skip
    (out / f"{world.rank}.json").write_text(json.dumps(found))
    world.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
