"""A copy of a rig to measure in: nothing is left in the rig's own folder, and its show ends with a
metronome."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tomlkit
from tomlkit.items import Table

BEATS_A_SECOND = 20
FIRST = "900001"
"""The metronome's first cue. Far behind any that a person has numbered."""

GOS = 800001
"""The first of the cues that wait for GO and change no picture."""


@contextmanager
def copied(config: Path, seconds: float, gos: int = 0) -> Iterator[Path]:
    """The config of a copy, with so many cues to press GO for and a metronome that beats for so long; gone
    when the block is left."""
    with tempfile.TemporaryDirectory(prefix="marrow-bench-") as name:
        folder, home = Path(name), config.resolve().parent
        rig = tomlkit.parse(config.read_text(encoding="utf-8"))
        show = home / str(rig["show"]["file"])
        (folder / show.name).write_text(
            show.read_text(encoding="utf-8") + presses(gos) + metronome(seconds), encoding="utf-8"
        )
        rig["show"]["file"] = show.name
        generator = rig["generator"]
        assert isinstance(generator, Table)
        generator["weights"] = str(home / str(generator["weights"]))
        networks = generator.get("networks", {})
        for network in networks:
            networks[network] = str(home / str(networks[network]))
        rig["journal"] = {**rig.get("journal", {}), "folder": "journal"}
        copy = folder / config.name
        copy.write_text(tomlkit.dumps(rig), encoding="utf-8")
        yield copy


def presses(gos: int) -> str:
    """Cues that only wait for the next GO, as a part of a show file."""
    cue = '\n[[cue]]\nnumber = "{}"\nname = "Press"\nkind = "wait"\nseconds = 0.0\n'
    return "".join(cue.format(GOS + number) for number in range(gos))


def metronome(seconds: float) -> str:
    """Cues that follow each other by themselves and change no picture, as the end of a show file."""
    beats = max(round(seconds * BEATS_A_SECOND), 1)
    cue = '\n[[cue]]\nnumber = "{}"\nname = "Metronome"\nkind = "wait"\nseconds = {}\n'
    follow = 'follow = "done"\n'
    first = int(FIRST)
    return "".join(
        cue.format(first + beat, 1 / BEATS_A_SECOND) + (follow if beat < beats - 1 else "")
        for beat in range(beats)
    )
