"""Training the people network: targets that fit their pictures, steps that learn, and a run that goes on."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.dataset.people import pictures
from models.dataset.people.layout import OFFSET_UNIT
from models.dataset.people.own import OwnSegmenter
from models.dataset.people.pictures import batch, paint_scenes, read_scene
from models.dataset.people.ship import fit_scores, right_heads
from models.dataset.people.train import SNAPSHOT, Run, loss, rate_at
from models.dataset.photographs import photograph


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenes")
    assert list(paint_scenes(folder, 3, 1)) == [0, 1, 2]
    return folder


@pytest.mark.parametrize("composites", [0.0, 1.0])
def test_targets_point_at_heads(scenes: Path, composites: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "COMPOSITES", composites)
    for step in range(6):
        x, target, labels = batch(scenes, 3, 2, seed=1, step=step)
        n, _, height, width = x.shape
        assert target.shape == (n, 4, height // 2, width // 2)
        assert labels.shape == (n, height // 2, width // 2)
        assert set(np.unique(target[:, 0])) <= {0, 0.25, 0.5, 0.75, 1}
        for one, label in zip(target, labels, strict=True):
            ys, xs = np.nonzero(label)
            ends = np.stack([ys + one[3][ys, xs] * OFFSET_UNIT, xs + one[2][ys, xs] * OFFSET_UNIT], 1)
            for who in np.unique(label[label > 0]):
                # All pixels of one person point to one place, and if that is in the picture it is a peak.
                place = ends[label[ys, xs] == who]
                assert np.ptp(place, axis=0).max() < 1e-3
                y, x0 = np.round(place[0]).astype(int)
                if 1 <= y < one.shape[1] - 1 and 1 <= x0 < one.shape[2] - 1:
                    assert one[1, y - 1 : y + 2, x0 - 1 : x0 + 2].max() == 1


def test_a_batch_depends_on_seed_and_step_alone(scenes: Path) -> None:
    first, again, next_one = (batch(scenes, 3, 2, seed=5, step=step) for step in (7, 7, 8))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], next_one[0])


def test_scenes_are_painted_once(scenes: Path) -> None:
    before = (scenes / "000001.npz").stat().st_mtime_ns
    assert len(list(paint_scenes(scenes, 2, 1))) == 2
    assert (scenes / "000001.npz").stat().st_mtime_ns == before
    scene = read_scene(scenes, 1)
    assert scene.labels.max() == len(scene.heads)


def test_the_right_answer_costs_least(scenes: Path) -> None:
    _, target, labels = (torch.from_numpy(a) for a in batch(scenes, 3, 2, seed=1, step=0))
    right = target.clone()
    right[:, 0] = (target[:, 0] - 0.5) * 40
    right[:, 1] = torch.where(target[:, 1] >= 0.999, 12.0, -12.0)
    wrong = torch.zeros_like(target)
    assert loss(right, target, labels) < 0.4 * loss(wrong, target, labels)


def test_a_run_goes_on_where_it_was(scenes: Path, tmp_path: Path) -> None:
    def step(run: Run) -> float:
        x, target, labels = (torch.from_numpy(a) for a in batch(scenes, 3, 2, seed=0, step=run.step))
        return run.learn(x, target, labels, rate_at(run.step, 50))

    straight, stopped = Run(tmp_path / "a", 3), Run(tmp_path / "b", 3)
    (tmp_path / "b").mkdir()
    step(straight)
    step(stopped)
    stopped.keep()
    resumed = Run(tmp_path / "b", 3)
    assert resumed.step == 1
    assert step(straight) == pytest.approx(step(resumed), rel=1e-4)
    own = OwnSegmenter(tmp_path / "b" / SNAPSHOT)
    assert own.fingerprint.startswith("own ")


def test_steps_learn(scenes: Path, tmp_path: Path) -> None:
    run = Run(tmp_path, 0)
    arrays = [torch.from_numpy(a) for a in batch(scenes, 3, 2, seed=0, step=0)]
    losses = [run.learn(*arrays, rate=1e-3) for _ in range(6)]
    assert losses[-1] < 0.9 * losses[0]


def test_the_rate_rises_and_falls() -> None:
    rates = [rate_at(step, 1000) for step in range(1001)]
    assert rates[0] < rates[99]
    assert rates[-1] == pytest.approx(0)
    assert np.argmax(rates) < 150


def test_scores_say_how_often_they_are_right() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, 4000)
    right = rng.random(4000) < 1 / (1 + np.exp(-(1.5 * logits + 0.7)))
    slope, level = fit_scores(logits, right)
    assert (slope, level) == (pytest.approx(1.5, abs=0.15), pytest.approx(0.7, abs=0.15))
    # Where nothing was ever wrong it stays finite.
    assert np.isfinite(fit_scores(np.array([2.0, 3.0]), np.array([True, True]))).all()


def test_each_head_is_claimed_once() -> None:
    photo = photograph(0, 96)
    (x0, y0, x1, y1), *_ = [person.head for person in photo.people]
    place = [(x0 + x1) / 2, (y0 + y1) / 2, 1.0]
    assert right_heads(photo, np.array([place, place, [0.0, 0.0, 0.5]])).tolist() == [True, False, False]
