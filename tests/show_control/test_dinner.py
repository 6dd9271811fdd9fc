"""The show that runs out of the box: it can be played, it reacts to the table, and it ends in black."""

from pathlib import Path

import pytest

import show_control
from show_control.events import Control, Go, Goto
from show_control.show import Show
from show_control.showfile import ShowFile, parse_show
from show_control.walk import WalkKind

SEATS = ["mom", "dad", "brother", "sister"]


@pytest.fixture(scope="module")
def dinner() -> ShowFile:
    path = Path(show_control.__file__).parent / "shows" / "dinner.toml"
    return parse_show(path.read_text(encoding="utf-8"), path.name)


def test_it_has_ten_cues_and_more_each_with_a_note_that_says_when_to_go(dinner: ShowFile) -> None:
    assert len(dinner.cues) >= 10
    for cue in dinner.cues:
        assert "GO" in cue.notes, cue.number


def test_it_listens_to_every_part_of_the_table(dinner: ShowFile) -> None:
    assert dinner.controls == {
        f"{part}.{seat}" for part in ("plate", "chair", "glass", "voice") for seat in SEATS
    }
    assert len([cue for cue in dinner.cues if cue.change.drives]) >= 3
    assert dinner.targets == {"sound"}


def test_no_panic_leaves_a_note_on(dinner: ShowFile) -> None:
    sends = [send for cue in dinner.cues for send in cue.sends]
    assert {send.address for send in sends if send.always} == {"/noteOff"}
    assert all(send.always for send in sends if send.address == "/noteOff")


@pytest.mark.parametrize(("pause", "longest"), [(5.9, 120.0), (125.0, 2400.0)])
def test_it_can_be_played_in_two_minutes_and_in_forty(dinner: ShowFile, pause: float, longest: float) -> None:
    show, now, looks = Show(dinner, 0.0), 0.0, []
    last = list(dinner.cues)[-1].number
    while show.snapshot().cue != last and now <= longest:
        assert show.receive(Go(), now).ok
        now += pause
        show.advance(now)
        looks.append(show.snapshot().at(now))
    assert now <= longest
    assert max(look.shadows for look in looks) == 1.0
    assert min(look.master for look in looks) == 0.0
    assert {bend.kind.value for look in looks for bend in look.bends} == {"noise", "translate", "threshold"}


def test_the_end_fades_to_black(dinner: ShowFile) -> None:
    assert dinner.scenes()["14"].master == 0.0
    assert dinner.loop


def test_everything_breathes(dinner: ShowFile) -> None:
    scenes = [dinner.safe, *dinner.scenes().values()]
    assert all(scene.walk.kind is not WalkKind.STILL and scene.speed > 0.0 for scene in scenes)


@pytest.mark.parametrize(
    ("cue", "control", "what"),
    [
        ("1", "chair.{seat}", "master"),
        ("2", "plate.{seat}", "latents"),
        ("2", "plate.{seat}", "bends"),
        ("3", "voice.{seat}", "latents"),
        ("7", "glass.{seat}", "shadows"),
        ("9", "voice.{seat}", "psi"),
        ("12", "plate.{seat}", "bends"),
    ],
)
@pytest.mark.parametrize("seat", SEATS)
def test_a_touch_changes_the_picture(dinner: ShowFile, cue: str, control: str, what: str, seat: str) -> None:
    touched, left = Show(dinner, 0.0), Show(dinner, 0.0)
    for show in (touched, left):
        show.receive(Goto(cue), 0.0)
    now = 20.0
    touched.receive(Control(control.format(seat=seat), 1.0, 0.1), now)
    assert getattr(touched.snapshot().at(now), what) == getattr(left.snapshot().at(now), what)
    assert getattr(touched.snapshot().at(now + 0.5), what) != getattr(left.snapshot().at(now + 0.5), what)
