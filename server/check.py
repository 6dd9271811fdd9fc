"""Judge a config, its show and its networks before anything starts, without torch and without the device."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.checkpoint import CheckpointError, Header, read_header
from server.config import ConfigError, load_rig
from server.follow import source
from server.lookcheck import judge_looks
from server.midi.sends import misfits
from server.patch import fill, placeholders
from server.rig import Rig
from show_control.actions import Gate
from show_control.cue import Cue
from show_control.errors import Problem, ShowFileError, suggest
from show_control.look import MAIN
from show_control.showfile import ShowFile, parse_show


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `rig`, `show_file` and the `networks`, by name, are there as far as they could be read;
    with no `problems` all are. `notes` are worth a look and stop nothing."""

    rig: Rig | None
    show_file: ShowFile | None
    networks: Mapping[str, Header]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def inspect(config: Path) -> Verdict:
    """Read everything that `config` names; every problem of every file at once."""
    problems: list[Problem] = []
    notes: list[str] = []
    networks: dict[str, Header] = {}
    rig = show_file = None
    show: Path | None
    paths: Mapping[str, Path]
    try:
        rig = load_rig(config)
        show, paths = rig.show, rig.generator.all_networks
    except ConfigError as error:
        problems += error.problems
        show, weights = _named(config, "show", "file"), _named(config, "generator", "weights")
        paths = {MAIN: weights} if weights and weights.suffix == ".safetensors" else {}
    if show is not None:
        try:
            show_file = parse_show(show.read_bytes().decode(), show.name)
        except ShowFileError as error:
            problems += error.problems
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            problems.append(Problem(f"{config.name}: show.file", f"cannot read {show}: {reason}"))
    for name, path in paths.items():
        key = "weights" if name == MAIN else f"networks.{name}"
        try:
            networks[name] = read_header(path)
        except CheckpointError as error:
            problems.append(Problem(f"{config.name}: generator.{key}", str(error)))
    if rig is not None and show_file is not None:
        found, worth = judge(rig, show_file, networks)
        problems += found
        notes += worth
    return Verdict(rig, show_file, networks, tuple(problems), tuple(notes))


def judge(rig: Rig, show_file: ShowFile, networks: Mapping[str, Header]) -> tuple[list[Problem], list[str]]:
    """What is wrong with a show on this rig, with these networks; and what is worth a look."""
    problems = [*_lost_sends(rig, show_file), *_lost_roles(rig, show_file)]
    problems += [*_lost_files(rig, show_file), *_lost_networks(rig, show_file)]
    for number, key, reason in misfits(show_file, {out.name for out in rig.midi.outs}):
        problems.append(Problem(f"{rig.show.name}: cue {number}: {key}", reason))
    unplayable, idle = judge_looks(rig.show.name, show_file, networks)
    return [*problems, *unplayable], [*_unpatched(rig, show_file), *_unset(rig), *idle]


def problems_of(rig: Rig, networks: Mapping[str, Header], text: str) -> Sequence[Problem]:
    """All that is wrong with the text of a show file on this rig, as before doors."""
    try:
        return judge(rig, parse_show(text, rig.show.name), networks)[0]
    except ShowFileError as error:
        return error.problems


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
    targets = [*(target.name for target in rig.osc.targets), *(out.name for out in rig.midi.outs)]
    lost = show_file.targets.difference(targets)
    for cue in show_file.cues.every.values():
        for key, target in cue.targets:
            if target in lost:
                known = f"the rig lists {', '.join(targets)}" if targets else "the rig lists none"
                yield Problem(
                    f"{_at(rig, cue)}: {key}",
                    f'sends to "{target}", which is no [[osc.target]] of the rig; {known}.'
                    f"{suggest(target, targets)}",
                )


def _lost_roles(rig: Rig, show_file: ShowFile) -> Iterator[Problem]:
    """Guests who have no seat, or nobody who plays to their ears; each is told of once."""
    told: set[str] = set()
    for cue in show_file.cues.every.values():
        for key, role in cue.roles:
            if rig.seats and role not in rig.seats:
                near = suggest(role, rig.seats)
                reason = f'"{role}" is no seat of the rig; it has {", ".join(rig.seats)}.{near}'
            elif key != "speaker" and rig.script.of("play", role) is None:
                reason = f"nobody plays files to {role}: name one of the targets in the rig's [script] play"
            else:
                continue
            if reason not in told:
                told.add(reason)
                yield Problem(f"{_at(rig, cue)}: {key}", reason)


def _lost_files(rig: Rig, show_file: ShowFile) -> Iterator[Problem]:
    """Files for ears that are not where the rig says that players have them, if it does."""
    for cue in show_file.cues.every.values():
        for key, file in cue.files if rig.ears else ():
            if rig.ears and not (rig.ears / file).is_file():
                near = suggest(file, [path.name for path in rig.ears.glob("*")])
                yield Problem(f"{_at(rig, cue)}: {key}", f'there is no file "{file}" in {rig.ears}.{near}')


def _unpatched(rig: Rig, show_file: ShowFile) -> Iterator[str]:
    patched = patched_controls(rig)
    seen: set[str] = set()
    for cue in show_file.cues.every.values():
        controls = [drive.control for drive in cue.change.drives or ()]
        controls += [cue.action.control] if isinstance(cue.action, Gate) else []
        for control in controls:
            if control not in patched and control not in seen:
                seen.add(control)
                yield (
                    f'{_at(rig, cue)}: no patch entry sets the control "{control}"; '
                    f"only /control/{control} can.{suggest(control, patched)}"
                )


def _unset(rig: Rig) -> Iterator[str]:
    """Controls that lights and MIDI follow, and that nothing sets."""
    patched = patched_controls(rig)
    for where, name in rig.followed:
        control = source(name).control
        if control and control not in patched:
            yield (
                f'{where}: no patch entry sets the control "{control}"; only /control/{control} can.'
                f"{suggest(control, patched)}"
            )


def _lost_networks(rig: Rig, show_file: ShowFile) -> Iterator[Problem]:
    names = rig.generator.all_networks
    asked = [(f"{rig.show.name}: safe.network", show_file.safe.network)]
    for cue in show_file.cues.every.values():
        if cue.change.network is not None:
            asked.append((f"{_at(rig, cue)}: look.network", cue.change.network))
        asked += [(f"{_at(rig, cue)}: preload[{nth}]", name) for nth, name in enumerate(cue.preload, 1)]
    for where, network in asked:
        if network not in names:
            near = suggest(network, names) or f" It has {', '.join(names)}."
            yield Problem(where, f'the rig has no network "{network}"; add it to [generator.networks].{near}')


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
