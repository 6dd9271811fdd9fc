"""The patch for Pure Data, in Pure Data: what it hears of a show, how loud its drone is, what it sends."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.patches.conftest import ROOT, Wire
from tests.patience import PATIENCE

PATCH = ROOT / "static" / "patches" / "marrow.pd"
HELP = ROOT / "static" / "patches" / "marrow-help.pd"
PROBE = Path(__file__).with_name("probe.pd")
"""Prints what comes at the names, and how loud the drone is in dB (100 is full)."""


Printed = dict[str, list[str]]
"""Words by the name they were printed under."""


@contextmanager
def pd(*patches: Path, send: str = "") -> Iterator[subprocess.Popen[str]]:
    program = shutil.which("pd")
    assert program, "Pure Data is needed: it is in Debian's puredata-core"
    command = [program, "-nogui", "-noaudio", "-stderr"]
    for patch in patches:
        command += ["-open", str(patch)]
    running = subprocess.Popen([*command, "-send", send], stderr=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def printed(running: subprocess.Popen[str], done: Callable[[Printed], bool]) -> Printed:
    """What was printed under each name, until it is enough."""
    assert running.stderr is not None
    found: Printed = {}
    end = time.monotonic() + PATIENCE
    for line in running.stderr:
        name, _, words = line.strip().partition(": ")
        found.setdefault(name, []).append(words)
        if done(found):
            return found
        assert time.monotonic() < end, f"last it said {_last(found)}"
    raise AssertionError(f"it ended, and last said {_last(found)}")


def _last(found: Printed) -> dict[str, str]:
    return {name: words[-1] for name, words in found.items()}


def test_it_follows_a_show_plays_its_drone_and_moves_the_show(show: int) -> None:
    words = f"marrow-host 127.0.0.1 {show}; marrow-plate 0.7; marrow-go bang"
    with pd(PATCH, PROBE, send=words) as running:
        found = printed(
            running,
            lambda found: (
                len(found.get("loop", ())) >= 3
                and found.get("brightness", ["0"])[-1] > "0.7"
                and found.get("control", [""])[-1] > "plate.mom 0.69"
                and len(found.get("loud", ())) > 20
            ),
        )
    assert "error" not in found
    assert "symbol 1" in found["current"]
    turns = [int(turn) for turn in found["loop"]]
    assert turns == list(range(turns[0], turns[0] + len(turns)))
    assert float(found["speed"][-1]) == 1.0
    assert any(0.0 < float(position) < 1.0 for position in found["position"])
    assert found["left"][-1].split() == [found["brightness"][-1]] * 3
    loud = [float(level) for level in found["loud"]]
    assert loud[0] < 10, "silent before there is a picture"
    assert 50 < loud[-1] < 85, "then audible, and quiet"
    motion = max(float(motion) for motion in found["motion"])
    assert 0.0 < motion <= 1.0, "the fade of the cue has moved the picture"


def test_it_subscribes_and_sends_a_go_a_sentence_and_a_sensor(wire: Wire) -> None:
    words = (
        f"marrow-host 127.0.0.1 {wire.port}; marrow-go bang; marrow-say dad let\\ us\\ eat; marrow-plate 0.25"
    )
    with pd(PATCH, send=words):
        sent = wire.until("/marrow/subscribe", "/show/go", "/speech", "/table/plate/mom")
    assert sent["/marrow/subscribe"].args == ("*",)
    assert sent["/show/go"].args == ()
    assert sent["/speech"].args == ("dad", "let us eat")
    assert sent["/table/plate/mom"].args == (0.25,)


def test_the_help_opens_and_names_what_the_patch_sends() -> None:
    names = set(re.findall(r"s marrow-([a-z]+);", PATCH.read_text()))
    assert {"motion", "brightness", "loop", "control", "current"} <= names
    assert names <= set(re.findall(r"r marrow-([a-z]+);", HELP.read_text()))
    with pd(HELP, send="pd quit") as running:
        _, said = running.communicate(timeout=PATIENCE)
    assert "error" not in said
    assert "couldn't create" not in said
