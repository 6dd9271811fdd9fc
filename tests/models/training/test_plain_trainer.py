"""The bench's plain training is the same training, written as in the papers."""

from dataclasses import replace
from pathlib import Path

import torch
import typer
from click.testing import Result
from typer.testing import CliRunner

from models.bench.plain_trainer import PlainTrainer, judge
from models.bench.training import training
from models.training.data import Pictures
from models.training.discriminator import Discriminator
from models.training.recipe import Recipe
from models.training.trainer import Trainer
from tests.models.training.toy_training import CONFIG, HERE


def test_the_plain_discriminator_says_the_same() -> None:
    torch.manual_seed(0)
    for config in (CONFIG, replace(CONFIG, c_dim=2)):
        network = Discriminator(config)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter)
        x, classes = torch.randn(4, 3, 16, 16), torch.eye(2)[[0, 1, 0, 1]] if config.c_dim else None
        torch.testing.assert_close(judge(network, x, classes), network(x, classes), rtol=1e-4, atol=1e-4)


def test_plain_losses_have_the_same_gradients(pictures: Pictures) -> None:
    batch, gradients = pictures.batch(0, 4, HERE.device), []
    for kind in (Trainer, PlainTrainer):
        trainer = kind(CONFIG, Recipe(batch=4, precision="float32"), HERE)
        for adam, loss in ((trainer.g_adam, trainer._generator_loss), (trainer.d_adam, trainer._r1_loss)):
            torch.manual_seed(1)
            trainer._gradients(adam, loss, batch)
        gradients.append([p.grad for net in (trainer.G, trainer.D) for p in net.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def bench(*words: str) -> Result:
    app = typer.Typer()
    app.command()(training)
    return CliRunner().invoke(app, words)


def test_the_command_prints_a_table(folder: Path) -> None:
    done = bench(str(folder), *["--size", "16", "--batch", "4", "--channel-base", "64", "--rounds", "1"])
    assert done.exit_code == 0, done.output
    assert "in single rounds:" in done.output


def test_a_folder_without_pictures_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = bench(str(tmp_path))
    assert done.exit_code == 2
    assert done.output.startswith(f"{tmp_path}: 0 pictures found")
