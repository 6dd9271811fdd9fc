"""`marrow rehearse` and `marrow replay`: a performance, or a night that was played, as log and film."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from models.terminal import said_plainly, say
from server.night.journalfile import read
from server.rehearsal.cast import Cast, Perfect, Silent, Simulated, unknown_length
from server.rehearsal.ears import lengths
from server.rehearsal.performance import PAUSE, Performance
from server.rehearsal.playing import paced, rig_of, show_of, told
from server.rehearsal.recording import load
from server.rehearsal.replay import Replay
from server.rehearsal.report import write
from server.rehearsal.room import Room
from server.rehearsal.studio import shoot
from show_control.look import MAIN
from show_control.showfile import ShowFile

CONFIG = Path("config.toml")

Config = Annotated[Path, typer.Option(help="The rig: its show, and the networks of a film.")]
Log = Annotated[Path | None, typer.Option(help="Write the log into this file, not to the terminal.")]
Fast = Annotated[bool, typer.Option("--fast", help="As fast as it computes, and wait for nothing.")]
Speed = Annotated[float, typer.Option(min=0.1, max=1000.0, help="How many times as fast as on the night.")]
Film = Annotated[
    Path | None,
    typer.Option(help="Paint the pictures into this film: .mp4, .mov, or .mkv, which keeps every pixel."),
]
Fps = Annotated[int | None, typer.Option(min=1, max=240, help="Frames a second; without it, the rig's.")]
Size = Annotated[
    int | None, typer.Option(min=16, max=8192, help="Pixels in width and height; else the network's.")
]
Wall = Annotated[str | None, typer.Option(help="Which projector, by its name; without it, the first.")]


def rehearse(
    show: Annotated[
        Path | None, typer.Argument(help="The show file; without it, the one that the rig names.")
    ] = None,
    config: Config = CONFIG,
    speech: Annotated[
        str,
        typer.Option(help='"perfect", "simulated", a file of recorded speech, or the folder of a journal.'),
    ] = "perfect",
    seed: Annotated[int, typer.Option(help="Of simulated speech: the same seed, the same guests.")] = 0,
    pause: Annotated[
        float, typer.Option(min=0.5, max=600.0, help="Seconds after which the operator presses GO.")
    ] = PAUSE,
    ears: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the in-ear files: those that are WAV play as long as they are, others 1 s. "
            "Without it, the rig's."
        ),
    ] = None,
    fast: Fast = False,
    speed: Speed = 1.0,
    log: Log = None,
    film: Film = None,
    fps: Fps = None,
    size: Size = None,
    wall: Wall = None,
) -> None:
    """Play a whole show with nobody in the room, and log every cue, send and wait.

    The same show and the same speech are the same log, at any speed. The exit status is 0 where it comes to
    its end, 1 where it is stuck, 2 where it cannot begin.
    """
    with said_plainly():
        rig = rig_of(config) if show is None or film is not None else None
        path = show if rig is None or show is not None else rig.show
        assert path is not None
        ears = rig.ears if ears is None and rig is not None else ears
        rehearsed = performances(show_of(path), speech, seed, pause, ears)
        performance = rehearsed()
        told(paced(performance.moments(), 0.0, None if fast or film else speed), log)
        outcome = performance.outcome
        assert outcome is not None
        if film is not None and rig is not None:
            frames = shoot(rehearsed(), outcome.at, film, rig, fps, size, wall)
            say(f"{film}: {frames} frames.")
    say(outcome.words)
    raise typer.Exit(0 if outcome.ended else 1)


def performances(
    file: ShowFile, speech: str, seed: int, pause: float, ears: Path | None
) -> Callable[[], Performance]:
    """What begins the same performance, as often as it is called. Raises RecordingError."""
    recorded = [] if speech in ("perfect", "simulated") else load(Path(speech))
    length = unknown_length if ears is None else lengths(ears)

    def begin() -> Performance:
        cast: Cast
        match speech:
            case "perfect":
                cast = Perfect(file.guests, length)
            case "simulated":
                cast = Simulated(file.guests, seed, length)
            case _:
                cast = Silent(file.guests, length)
        return Performance(file, Room(cast, recorded), pause, (MAIN, *file.networks))

    return begin


def replay(
    journal: Annotated[Path, typer.Argument(help="The folder of the journal.")],
    night: Annotated[int, typer.Option(min=0, help="How many nights back; 0 is the last.")] = 0,
    config: Config = CONFIG,
    fast: Fast = False,
    speed: Speed = 1.0,
    log: Log = None,
    film: Film = None,
    fps: Fps = None,
    size: Size = None,
    wall: Wall = None,
) -> None:
    """Play a night again from its journal: the same commands, the same pictures.

    Each audience is a night. What is wrong with the journal is said, and the rest is played.
    """
    with said_plainly():
        rig = rig_of(config) if film is not None else None
        reading = read(journal, night)
        again = Replay(reading)
        for problem in reading.problems:
            say(f"note: {problem}")
        told(paced(again.moments(), again.began, None if fast or film else speed), log)
        if film is not None and rig is not None:
            frames = shoot(Replay(reading), again.ends, film, rig, fps, size, wall)
            say(f"{film}: {frames} frames.")
    say(f"The night lasted {again.ends - again.began:.3f} s.")


def report(
    journal: Annotated[Path, typer.Argument(help="The folder of the journal.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Folder; without it, one in the journal's own.")
    ] = None,
    night: Annotated[int, typer.Option(min=0, help="How many nights back; 0 is the last.")] = 0,
) -> None:
    """Write what became of a night: each cue's planned and true time, and all that went otherwise."""
    with said_plainly():
        say(str(write(journal, out, night)))
