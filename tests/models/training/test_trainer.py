"""Steps of training, on pictures small enough to learn in a moment."""

from dataclasses import replace

import pytest
import torch

from models.measures.subject import Subject
from models.stylegan2_config import StyleGAN2Config
from models.training.data import Batch, Pictures
from models.training.discriminator import Discriminator, minibatch_deviation
from models.training.recipe import Recipe
from models.training.trainer import Diverged, NoRoom, Trainer
from tests.models.training.toy_training import CONFIG, HERE, squares


def test_training_teaches_the_mean_colour(pictures: Pictures) -> None:
    trainer = Trainer(CONFIG, Recipe(batch=8, lr=0.01, ema_kimg=0.1, gamma=0.01), HERE)
    mean = pictures.batch(0, 12, HERE.device).pictures.mean(dim=0)

    def error() -> float:
        painted = torch.cat(list(Subject(trainer.ema).paint(32)))
        return float((painted.mean(dim=0) - mean).square().mean())

    before = error()
    for _ in range(80):
        trainer.step(pictures)
    assert error() < before / 2


@pytest.mark.parametrize(
    ("recipe", "figures"),
    [
        (Recipe(batch=4), {"G", "D", "R1", "sign", "sign_fake"}),
        (Recipe(batch=4, gamma=0), {"G", "D", "sign", "sign_fake"}),
        (Recipe(batch=4, loss="rpgan", gamma_fake=1.0), {"G", "D", "R1", "R2", "sign", "sign_fake"}),
        (Recipe(batch=4, path_length=2.0, lecam=1e-3, augment="ada", p=1.0, precision="float32"),
         {"G", "PL", "D", "R1", "sign", "sign_fake"}),
        (Recipe(batch=4, augment="diffaugment", mirror=True), {"G", "D", "R1", "sign", "sign_fake"}),
    ],
)  # fmt: skip
def test_each_recipe_teaches_both_networks_and_tells_its_figures(
    pictures: Pictures, recipe: Recipe, figures: set[str]
) -> None:
    trainer = Trainer(CONFIG, recipe, HERE)
    before = {name: [p.clone() for p in net.parameters()] for name, net in trainer.networks().items()}
    trainer.step(pictures)
    assert set(trainer.tally.taken()) == figures
    assert trainer.images == 4
    for name, network in trainer.networks().items():
        moved = [not torch.equal(a, b) for a, b in zip(before[name], network.parameters(), strict=True)]
        assert sum(moved) > len(moved) / 2, name


def test_lecam_learns_what_the_logits_usually_are(pictures: Pictures) -> None:
    trainer = Trainer(CONFIG, Recipe(batch=4, lecam=0.1), HERE)
    for _ in range(3):
        trainer.step(pictures)
    assert (trainer.usual_logits != 0).all()


def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_networks(pictures: Pictures) -> None:
    trainer = Trainer(CONFIG, Recipe(batch=4), HERE)
    trainer.D.out.bias.data.fill_(float("nan"))
    before = [p.clone() for p in trainer.G.parameters()]
    with pytest.raises(Diverged, match=r"the loss G is nan, and its slope nan, after 0\.0 kimg"):
        trainer.step(pictures)
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.G.parameters(), strict=True))


def test_a_slope_that_is_no_number_stops_the_run_though_the_loss_is_one(pictures: Pictures) -> None:
    class _Steep(Trainer):
        def _r1_loss(self, part: Batch) -> torch.Tensor:
            bias = self.D.out.bias
            assert bias is not None
            return (bias * 0).sqrt().sum()  # 0, and its slope is 0 times infinity

    trainer = _Steep(CONFIG, Recipe(batch=4), HERE)
    with pytest.raises(Diverged, match=r"the loss R1 is 0, and its slope nan"):
        trainer.step(pictures)
    assert all(bool(torch.isfinite(p).all()) for n in trainer.networks().values() for p in n.parameters())


def test_a_relative_loss_is_sure_where_real_pictures_stand_above_generated_ones(pictures: Pictures) -> None:
    signs = []
    for bias in (-5.0, 5.0):
        trainer = Trainer(CONFIG, Recipe(batch=4, loss="rpgan"), HERE)
        trainer.D.out.bias.data.fill_(bias)
        trainer.step(pictures)
        signs.append(trainer.tally.taken()["sign"])
    assert signs[0] == signs[1]


def test_frozen_blocks_of_the_discriminator_stay_as_they_are(pictures: Pictures) -> None:
    trainer = Trainer(CONFIG, Recipe(batch=4, freeze=1), HERE)
    before = {name: p.clone() for name, p in trainer.D.named_parameters()}
    trainer.step(pictures)
    same = {name for name, p in trainer.D.named_parameters() if torch.equal(p, before[name])}
    assert same == {n for n in before if n.startswith(("fromrgb.", "blocks.b16."))}


class _Cramped(Trainer):
    """A machine that has room for so many pictures at a time."""

    room = 2

    def _discriminator_loss(self, part: Batch) -> torch.Tensor:
        if len(part) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super()._discriminator_loss(part)


def test_out_of_memory_is_a_smaller_part_and_a_sentence(pictures: Pictures) -> None:
    trainer = _Cramped(CONFIG, Recipe(batch=8), HERE)
    trainer.step(pictures)
    assert trainer.parts == 4
    assert trainer.notices[-1].startswith("out of memory: batches of 8 now go through in 4 parts; the disc")
    assert "now go through in 2 parts; what is learnt is the same" in trainer.notices[0]
    assert trainer.images == 8
    trainer.step(pictures)
    assert len(trainer.notices) == 2


def test_where_not_two_pictures_fit_the_run_says_so(pictures: Pictures) -> None:
    trainer = _Cramped(CONFIG, Recipe(batch=4), HERE)
    trainer.room = 0
    with pytest.raises(NoRoom, match="two pictures of 16 px do not fit into memory"):
        trainer.step(pictures)


def test_another_error_is_not_taken_for_a_lack_of_memory(pictures: Pictures) -> None:
    trainer = Trainer(CONFIG, Recipe(batch=4), HERE)
    trainer.D.out = torch.nn.Linear(3, 1)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        trainer.step(pictures)


def test_parts_add_up_to_the_gradient_of_the_whole(pictures: Pictures) -> None:
    batch = pictures.batch(0, 8, HERE.device)
    gradients = []
    # The minibatch deviation takes every second picture of eight as a group; parts must hold the same groups.
    for parts, order in ((1, [0, 4, 1, 5, 2, 6, 3, 7]), (2, list(range(8)))):
        trainer = Trainer(CONFIG, Recipe(batch=8), HERE)
        trainer.parts = parts
        trainer._gradients(trainer.d_adam, trainer._r1_loss, Batch(batch.pictures[order]))
        gradients.append([p.grad for p in trainer.D.parameters() if p.grad is not None])
    assert len(gradients[0]) > 5
    for whole, summed in zip(*gradients, strict=True):
        torch.testing.assert_close(whole, summed)


def test_classes_reach_both_networks() -> None:
    pictures = Pictures(squares(), 0, torch.arange(12).remainder(3).numpy(), ("a", "b", "c"))
    trainer = Trainer(replace(CONFIG, c_dim=3), Recipe(batch=6), HERE)
    trainer.step(pictures)
    assert trainer.G.mapping.embed is not None
    assert trainer.D.embed is not None
    logits = [trainer.D(torch.zeros(4, 3, 16, 16), torch.eye(3)[[k] * 4]) for k in (0, 1)]
    assert not torch.allclose(*logits)
    w = [trainer.ema.mapping(torch.ones(1, 8), torch.eye(3)[[k]]) for k in (0, 1)]
    assert not torch.allclose(*w)


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    with pytest.raises(ValueError, match="a batch of 4 cannot be shared, in pairs, by 3 processes"):
        Trainer(CONFIG, Recipe(batch=4), replace(HERE, size=3))


def test_the_discriminator_sees_a_batch_of_copies() -> None:
    copies = torch.randn(1, 4, 4, 4).expand(8, -1, -1, -1)
    assert float(minibatch_deviation(copies).max()) < 1e-3
    assert float(minibatch_deviation(torch.randn(8, 4, 4, 4)).min()) > 0.5
    assert Discriminator(CONFIG)(torch.randn(8, 3, 16, 16)).shape == (8,)
    grey = StyleGAN2Config(16, channel_base=64, channel_max=8, img_channels=1)
    assert Discriminator(grey)(torch.randn(2, 1, 16, 16)).shape == (2,)
