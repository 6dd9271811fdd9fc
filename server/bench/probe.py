"""What a bench plays: a cue that can stand while we measure, and a sensor that changes its picture."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.patch import fill, placeholders
from server.rig import Rig
from show_control.actions import LOOK
from show_control.showfile import ShowFile

NOBODY = "/control/bench"
"""An address that is always there and drives nothing."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The cue to go to (None: the safe look stays), the OSC address to send to, and the two values to send
    there by turns: those that mean 0 and 1."""

    cue: str | None
    address: str
    values: tuple[float, float] = (0.0, 1.0)


def choose(rig: Rig, show_file: ShowFile) -> Probe:
    """A quiet cue, or the safe look, with a control that it drives: over the patch, if it leads there, or
    over /control/.

    Quiet is a cue that sends nothing and waits for GO: nobody's sound system is to play because somebody
    measures. Where no quiet cue drives anything, the messages change no picture; the address says so.
    """
    quiet = [
        cue.number
        for cue in show_file.cues
        if not cue.sends and not cue.follow.by_itself and cue.action == LOOK
    ]
    scenes = show_file.scenes()
    staged = [*((number, scenes[number]) for number in quiet), (None, show_file.safe)]
    driven = [(cue, [drive.control for drive in scene.drives if drive.gain]) for cue, scene in staged]
    patched = (probe for cue, controls in driven for probe in _patched(rig, cue, controls))
    direct = (Probe(cue, f"/control/{control}") for cue, controls in driven for control in controls)
    none = (Probe(cue, NOBODY) for cue in quiet)
    return next(patched, None) or next(direct, None) or next(none, None) or Probe(None, NOBODY)


def _patched(rig: Rig, cue: str | None, controls: Iterable[str]) -> Iterator[Probe]:
    """Gates are left out: they do not follow every value."""
    for control in controls:
        for entry in rig.patch:
            for seat in rig.seats or ("",):
                address = fill(entry.address, {"seat": seat})
                is_its = entry.control is not None and fill(entry.control, {"seat": seat}) == control
                if is_its and entry.threshold is None and not placeholders(address):
                    yield Probe(cue, address, entry.range)
