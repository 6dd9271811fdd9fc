"""What `marrow check` says of clips, before any picture is painted."""

from pathlib import Path

import pytest

from models import checkpoint
from models.atlas import AtlasNames
from server.lookcheck import judge_looks
from show_control.showfile import parse_show

NAMES = AtlasNames(
    points=("home",),
    latents={"drops.from": "11", "drops.to": "22", "apple.from": "22", "apple.to": "33"},
)
SHOW = """
[clips]
drops = { from = "@drops.from", to = "@drops.to", steps = 432 }
apple = { from = "@apple.from", to = "@apple.to", steps = 432 }
seeds = { from = 7, to = 8, steps = 432 }
more_seeds = { from = 8, to = 9, steps = 432 }
lost = { from = "@drops.form", to = 7, steps = 432 }
flat = { from = "@home", to = "@drops.from", steps = 432 }

[safe]
walk = { still = 4 }

[[cue]]
number = "1"
name = "One"
"""


def judged(line: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str]]:
    """Problems and notes, with this line in the cue."""
    monkeypatch.setattr("models.atlas.read_names", lambda network: NAMES)
    weights = Path(checkpoint.__file__).parent / "weights" / "dinner.safetensors"
    show = parse_show(SHOW + line, "show.toml")
    problems, notes = judge_looks("show.toml", show, {"main": checkpoint.read_header(weights)})
    return [str(problem) for problem in problems], notes


@pytest.mark.parametrize(
    "line",
    [
        'look = { walk = { clips = ["drops", "apple"] } }',
        'look = { walk = { clips = ["seeds", "more_seeds"] } }',
        'look = { walk = { still = "@apple.to" } }',
        'look = { walk = { clips = ["drops"] }, style = { clips = ["seeds"] } }',
    ],
)
def test_clips_that_are_good(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(line, monkeypatch) == ([], [])


@pytest.mark.parametrize(
    ("clip", "expected"),
    [
        ("lost", 'the atlas of the network main has no point "drops.form". Did you mean "drops.from"?'),
        ("flat", "@home of the network main is a point of W; a clip goes through Z"),
    ],
)
def test_ends_that_are_no_points_of_z(clip: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [problem], notes = judged(f'look = {{ walk = {{ clips = ["{clip}"] }} }}', monkeypatch)
    assert problem.startswith(f"show.toml: cue 1: look.walk: {expected}")
    assert notes == []


@pytest.mark.parametrize(
    ("clips", "ends"), [('"apple", "drops"', ("@apple.to", "@drops.from")), ('"seeds", "apple"', ("8", "@a"))]
)
def test_a_clip_that_does_not_begin_where_the_last_one_ends(
    clips: str, ends: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    problems, [note] = judged(f"look = {{ style = {{ clips = [{clips}] }} }}", monkeypatch)
    assert problems == []
    assert note.startswith(
        f"show.toml: cue 1: look.style: a clip ends at {ends[0]} and the next begins at {ends[1]}"
    )
