"""A small show for rehearsals, and how it is performed."""

from server.rehearsal.cast import Cast, Perfect
from server.rehearsal.log import Entry
from server.rehearsal.performance import Outcome, Performance
from server.rehearsal.room import Room
from show_control.showfile import ShowFile, parse_show

HEAD = """
[show]
title = "Small"
[safe]
walk = { loop = [4, 9], seconds = 20 }
[guests]
mom = { rate = 2.0 }
dad = {}
"""
SMALL = f"""{HEAD}
[[cue]]
number = "1"
name = "Hall"
fade = 2
look = {{ psi = 0.5 }}
send = [{{ to = "sound", address = "/noteOn", args = [62, 127], delay = 1 }}]

[[cue]]
number = "2"
name = "In the ear"
kind = "in-ear"
follow = "done"
plays = [{{ to = "mom", file = "hello.wav", pause = 0.5 }}]

[[cue]]
number = "3"
name = "Mom asks"
kind = "line"
follow = "done"
speaker = "mom"
text = "What are we eating tonight, my dear?"
easier = "What is it?"

[[cue]]
number = "4"
name = "Dad answers"
kind = "line"
follow = "done"
speaker = "dad"
open = true
save = "answer"
instead = "soup"

[[cue]]
number = "5"
name = "Mom repeats"
kind = "line"
follow = "done"
speaker = "mom"
text = "So it is %answer% again."
noskip = true

[[cue]]
number = "6"
name = "Touch"
kind = "gate"
follow = "done"
control = "plate.mom"
above = 0.5

[[cue]]
number = "7"
name = "End"
pre_wait = 0.5
fade = 1
look = {{ master = 0.2 }}
"""


def cue(number: str, kind: str, *lines: str) -> str:
    return "\n".join(("[[cue]]", f'number = "{number}"', f'name = "{kind}"', f'kind = "{kind}"', *lines, ""))


def show_of(*cues: str, head: str = HEAD) -> ShowFile:
    return parse_show("\n".join((head, *cues)), "small.toml")


def small() -> ShowFile:
    return parse_show(SMALL, "small.toml")


def perform(
    file: ShowFile, cast: Cast | None = None, room: Room | None = None, longest: float = 3600.0
) -> tuple[list[Entry], Outcome]:
    performance = Performance(file, room or Room(cast or Perfect(file.guests)), longest=longest)
    entries = [entry for moment in performance.moments() for entry in moment.entries]
    assert performance.outcome is not None
    return entries, performance.outcome


def lines_of(entries: list[Entry], *whats: str) -> list[str]:
    """`at cue what words` of those entries, the time rounded to hundredths."""
    return [f"{e.at:.2f} {e.cue} {e.what} {e.words}".rstrip() for e in entries if e.what in whats]
