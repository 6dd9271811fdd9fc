"""What addresses this rig has: transport, cues, controls, sensors, the room's words, and what is told of the
show."""

from collections.abc import Iterable, Iterator, Mapping

from server.oscquery.space import Args, Method, Now, Space, Span
from server.patch import PatchEntry
from server.rig import Rig
from server.telling.facts import control, facts
from show_control.cue import Cue
from show_control.events import DeskMode
from show_control.showfile import ShowFile
from show_control.status import CueTitle

BUTTON = "I"
SWITCH = "T"
UNIT = (Span(0.0, 1.0),)
QLAB_BUTTONS = {
    "go": "GO",
    "panic": "PANIC",
    "pause": "HOLD",
    "resume": "RESUME",
    "stop": "STOP all",
    "reset": "RESET",
}

CONTAINERS = {
    "/": "Marrow",
    "/show": "transport and master",
    "/cue": "cues by their numbers",
    "/control": "controls that the show listens to",
    "/marrow": "what is told of the show",
    "/marrow/control": "controls, as they are",
    "/marrow/ear": "what plays in the guests' ears",
    "/marrow/energy": "what the picture of each projector is like",
    "/marrow/walk": "where the walk is",
}


def space(
    rig: Rig, file: ShowFile, entries: Mapping[str, PatchEntry], controls: Mapping[str, float]
) -> Space:
    """The address space. `entries` are the addresses that are patched, `controls` those that were heard
    of."""
    known = sorted({*file.controls, *controls})
    methods = (
        *_transport(rig, file),
        *_told(rig, known),
        *(_cue(cue) for cue in file.cues),
        *(method for method in _qlab(rig, file) if method.address not in entries),
        *(_control(name) for name in known),
        *(_patched(address, entry) for address, entry in sorted(entries.items())),
        *_room(rig),
    )
    return Space(methods, CONTAINERS | {f"/cue/{cue.number}": _called(cue) for cue in file.cues})


def _transport(rig: Rig, file: ShowFile) -> Iterator[Method]:
    def button(verb: str, description: str, *overloads: str) -> Method:
        return Method(f"/show/{verb}", BUTTON, description, critical=True, overloads=overloads)

    cues = (Span(values=tuple(cue.number for cue in file.cues)),)
    modes = (Span(values=tuple(DeskMode)),)
    networks = (Span(values=tuple(rig.generator.all_networks)),)
    yield button("go", "GO", "s")
    yield button("back", "BACK")
    yield button("hold", "HOLD")
    yield button("resume", "RESUME")
    yield button("panic", "PANIC")
    yield button("take", "TAKE the line, or only that of the cue that is named", "s")
    yield button("skip", "SKIP the line, or only that of the cue that is named", "s")
    yield button("stop", "STOP all, or the cue that is named", "s")
    yield button("reset", "RESET between audiences")
    yield Method(
        "/show/standby",
        "s",
        "cue in standby",
        lambda now: _number(now.status.standby),
        spans=cues,
        critical=True,
    )
    yield Method("/show/goto", "s", "GOTO a cue", spans=cues, critical=True)
    yield Method("/show/fire", "s", "start a cue beside the list", critical=True)
    yield Method(
        "/show/blackout",
        SWITCH,
        "blackout",
        lambda now: (now.status.blackout,),
        critical=True,
        overloads=("f",),
    )
    yield Method("/show/master", "f", "grand master", lambda now: (now.status.master,), spans=UNIT)
    yield Method("/show/preload", "s", "have a network ready", spans=networks)
    yield Method("/show/desk", "s", "mode of the desk", lambda now: (now.status.desk.value,), spans=modes)
    yield Method("/show/note", "s", "note something down")


def _told(rig: Rig, controls: Iterable[str]) -> Iterator[Method]:
    projectors = tuple(projector.name for projector in rig.projectors)
    for fact in (*facts(projectors, rig.seats), *map(control, controls)):
        yield fact.method
    yield Method("/marrow/subscribe", "s", "be told of: pattern, Hz, port", overloads=("", "sf", "sfi"))
    yield Method("/marrow/unsubscribe", "s", "be told no more of: pattern, port", overloads=("", "si"))


def _number(cue: CueTitle | None) -> Args:
    return (cue.number if cue else "",)


def _cue(cue: Cue) -> Method:
    return Method(f"/cue/{cue.number}/go", BUTTON, f"GOTO {_called(cue)}", critical=True)


def _qlab(rig: Rig, file: ShowFile) -> Iterator[Method]:
    """What controllers made for QLab press. What they ask for is answered at an address of its own, which
    OSCQuery has no words for."""
    if rig.qlab is None:
        return
    for verb, ours in QLAB_BUTTONS.items():
        yield Method(f"/{verb}", BUTTON, f"{ours}, as QLab has it", critical=True)
    for cue in file.cues:
        yield Method(f"/cue/{cue.number}/load", BUTTON, f"have {_called(cue)} ready", critical=True)
        yield Method(f"/cue/{cue.number}/start", BUTTON, f"start {_called(cue)}", critical=True)
        yield Method(f"/cue/{cue.number}/stop", BUTTON, f"STOP {_called(cue)}", critical=True)


def _called(cue: Cue) -> str:
    return f"{cue.number} {cue.name}".strip()


def _control(name: str) -> Method:
    def read(now: Now) -> Args | None:
        value = now.status.controls.get(name)
        return None if value is None else (value,)

    return Method(f"/control/{name}", "f", name, read, spans=(Span(-1.0, 1.0),))


def _patched(address: str, entry: PatchEntry) -> Method:
    low, high = sorted(entry.range)
    description = f"sensor, {entry.event}" if entry.event else f"sensor of {entry.control}"
    return Method(
        address,
        "f",
        description,
        lambda now: now.heard.get(address),
        spans=(Span(low, high),),
        critical=entry.event is not None,
        overloads=(BUTTON,) if entry.event else (),
    )


def _room(rig: Rig) -> Iterator[Method]:
    guest = Span(values=rig.seats) if rig.seats else Span()
    yield Method("/speech", "ss", "guest, what was said", spans=(guest, Span()))
    yield Method("/mid-speech", "ss", "guest, what was said so far", spans=(guest, Span()))
    yield Method("/play-finished", "s", "guest whose file has ended", spans=(guest,), overloads=("ss",))
