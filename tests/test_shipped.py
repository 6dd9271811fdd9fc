"""What a fresh checkout runs: the rig, the show and the network as they are shipped."""

from pathlib import Path

import numpy as np
import pytest

from models.generator import Generator
from server.check import inspect
from show_control.events import Control, Goto
from show_control.show import Show

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator.load(ROOT / "models/weights/dinner.safetensors", device="cpu")


def test_the_rig_that_ships_has_no_problem_and_nothing_to_note() -> None:
    verdict = inspect(ROOT / "config.toml")
    assert verdict.problems == ()
    assert verdict.notes == ()


def test_every_cue_makes_a_picture_and_most_of_them_are_lit(generator: Generator) -> None:
    show_file = inspect(ROOT / "config.toml").show_file
    assert show_file is not None
    lit = []
    for cue in show_file.cues:
        show = Show(show_file, 0.0)
        show.receive(Goto(cue.number), 0.0)
        show.advance(60.0)
        [frame] = generator.synthesize([show.snapshot().at(60.0)])
        lit.append(float(frame.mean()) > 5)
    assert sum(lit) >= len(lit) - 3


def test_four_figures_stand_side_by_side_on_black(generator: Generator) -> None:
    show_file = inspect(ROOT / "config.toml").show_file
    assert show_file is not None
    show = Show(show_file, 0.0)
    show.receive(Goto("2"), 0.0)
    grey = generator.synthesize([show.snapshot().at(20.0)])[0].astype(float).mean(axis=2)
    size = generator.size
    above, figures = grey[: size // 5], grey[size // 3 : 3 * size // 4]
    assert above.mean() < 20
    quarters = np.split(figures, 4, axis=1)
    assert min(quarter.mean() for quarter in quarters) > 40
    # Between two figures it is darker than within one.
    columns = figures.mean(axis=0).reshape(4, -1)
    middle, edges = columns[:, size // 16 : 3 * size // 16].mean(axis=1), columns[:, [0, -1]].mean(axis=1)
    assert (middle > 2 * edges).all()


def test_a_touched_plate_moves_the_picture(generator: Generator) -> None:
    show_file = inspect(ROOT / "config.toml").show_file
    assert show_file is not None
    show = Show(show_file, 0.0)
    show.receive(Goto("2"), 0.0)
    show.advance(20.0)
    still = show.snapshot().at(20.5)
    show.receive(Control("plate.mom", 1.0, 0.04), 20.0)
    flinch = show.snapshot().at(20.5)
    a, b = generator.synthesize([still, flinch]).astype(int)
    assert np.abs(a - b).mean() > 4
