"""What an address means: by the patch, built in, and in QLab's dialect."""

import pytest

from server.monitor.meaning import meaning
from server.patch import Patch, PatchEntry

PATCH = Patch(
    (
        PatchEntry("/plate/{seat}", control="plate.{seat}"),
        PatchEntry("/pedal", event="go"),
        PatchEntry("/reset", control="sweep"),
    )
)


def told(address: str, qlab: bool) -> tuple[str, str]:
    found = meaning(address, PATCH, qlab)
    return found.kind, found.words


@pytest.mark.parametrize("qlab", [False, True])
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/plate/mom", ("control", "plate.mom")),
        ("/pedal", ("event", "GO")),
        ("/reset", ("control", "sweep")),  # what is patched goes before QLab's word
        ("/show/go", ("command", "GO")),
        ("/show/dance", ("nothing", "means nothing here")),
        ("/cue/3/go", ("command", "GOTO")),
        ("/cue/3/start", ("command", "FIRE")),
        ("/cue/3/dance", ("nothing", "means nothing here")),
        ("/cue", ("nothing", "means nothing here")),
        ("/marrow/subscribe", ("asked", "wants to be told")),
        ("/marrow/unsubscribe", ("asked", "no longer wants to be told")),
        ("/marrow/current", ("nothing", "means nothing here")),
        ("/speech", ("room", "what a guest says")),
        ("/plate/*", ("control", "all sensors that match")),
        ("/", ("nothing", "means nothing here")),
        ("GOTO", ("command", "pressed on a page")),
    ],
)
def test_with_qlab_or_without(address: str, qlab: bool, expected: tuple[str, str]) -> None:
    assert told(address, qlab) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/go", ("command", "GO")),
        ("/panic", ("command", "PANIC")),
        ("/workspace/dinner/go", ("command", "GO")),
        ("/cue/3/stop", ("command", "STOP")),
        ("/cue/3/load", ("command", "PRELOAD")),
        ("/cue/3/name", ("asked", "name, asked for or set")),
        ("/thump", ("asked", "QLab's thump")),
        ("/cueLists", ("asked", "asked for cueLists")),
    ],
)
def test_the_words_of_qlab_mean_something_only_where_it_is_spoken(
    address: str, expected: tuple[str, str]
) -> None:
    assert told(address, True) == expected
    assert told(address, False) == ("nothing", "means nothing here")
