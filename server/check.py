"""Judge a config, its show and its network before anything starts, without torch and without the device."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.checkpoint import CheckpointError, Header, read_header
from server.config import ConfigError, Rig, load_rig
from server.patch import fill, placeholders
from show_control.cue import Cue
from show_control.errors import Problem, ShowFileError, suggest
from show_control.showfile import ShowFile, parse_show


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `rig`, `show_file` and `network` are there as far as they could be read; with no
    `problems` all are. `notes` are worth a look and stop nothing."""

    rig: Rig | None
    show_file: ShowFile | None
    network: Header | None
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def inspect(config: Path) -> Verdict:
    """Read everything that `config` names; every problem of every file at once."""
    problems: list[Problem] = []
    notes: list[str] = []
    rig = show_file = network = None
    show: Path | None
    weights: Path | None
    try:
        rig = load_rig(config)
        show, weights = rig.show, rig.generator.weights
    except ConfigError as error:
        problems += error.problems
        show, weights = _named(config, "show", "file"), _named(config, "generator", "weights")
    if show is not None:
        try:
            show_file = parse_show(show.read_text(encoding="utf-8"), show.name)
        except ShowFileError as error:
            problems += error.problems
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            problems.append(Problem(f"{config.name}: show.file", f"cannot read {show}: {reason}"))
    if weights is not None and weights.suffix == ".safetensors":
        try:
            network = read_header(weights)
        except CheckpointError as error:
            problems.append(Problem(f"{config.name}: generator.weights", str(error)))
    if rig is not None and show_file is not None:
        problems += _lost_sends(rig, show_file)
        notes += _unpatched(rig, show_file)
        if network is not None:
            notes += _idle_bends(show_file, network)
    return Verdict(rig, show_file, network, tuple(problems), tuple(notes))


def _named(config: Path, table: str, key: str) -> Path | None:
    """The file that a config names, although the config is refused; None if it does not even name one."""
    try:
        named = tomllib.loads(config.read_text(encoding="utf-8"))[table][key]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return config.parent / named if isinstance(named, str) else None


def _at(rig: Rig, cue: Cue) -> str:
    return f"{rig.show.name}: cue {cue.number}"


def _lost_sends(rig: Rig, show_file: ShowFile) -> Iterator[Problem]:
    targets = [target.name for target in rig.osc.targets]
    for cue in show_file.cues:
        for send in cue.sends:
            if send.target not in targets:
                known = f"the rig lists {', '.join(targets)}" if targets else "the rig lists none"
                yield Problem(
                    _at(rig, cue),
                    f'sends to "{send.target}", which is no [[osc.target]] of the rig; {known}.'
                    f"{suggest(send.target, targets)}",
                )


def _unpatched(rig: Rig, show_file: ShowFile) -> Iterator[str]:
    patched = patched_controls(rig)
    seen: set[str] = set()
    for cue in show_file.cues:
        for drive in cue.change.drives or ():
            if drive.control not in patched and drive.control not in seen:
                seen.add(drive.control)
                yield (
                    f'{_at(rig, cue)}: no patch entry sets the control "{drive.control}"; '
                    f"only /control/{drive.control} can.{suggest(drive.control, patched)}"
                )


def _idle_bends(show_file: ShowFile, network: Header) -> Iterator[str]:
    for cue in show_file.cues:
        bend = cue.change.glitch
        if bend is not None and bend.at > network.size:
            yield (
                f"cue {cue.number}: a glitch at {bend.at} does nothing, the network ends at {network.size}"
            )


def patched_controls(rig: Rig) -> frozenset[str]:
    """The names of all controls that the patch can set, with every seat in the place of {seat}."""
    names: set[str] = set()
    for entry in rig.patch:
        if entry.control is None:
            continue
        others = [name for name in placeholders(entry.control) if name != "seat"]
        if not others:
            names |= {fill(entry.control, {"seat": seat}) for seat in rig.seats or ("",)}
    return frozenset(names)
