"""What a show's looks ask of the networks that play them: points, directions, layers and classes."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from models.checkpoint import CheckpointError, Header
from show_control.actions import Retouch
from show_control.errors import Problem, suggest
from show_control.look import Scene
from show_control.showfile import ShowFile
from show_control.walk import Walk


def judge_looks(
    file: str, show_file: ShowFile, networks: Mapping[str, Header]
) -> tuple[list[Problem], list[str]]:
    """What would be refused on stage, and notes on what would do nothing; each is told of once, at the first
    cue that has it. Looks in networks that are not there are passed over."""
    from models.atlas import read_names

    problems: dict[str, Problem] = {}
    notes: dict[str, str] = {}
    atlases = {}
    for name, header in networks.items():
        try:
            atlases[name] = read_names(header.path)
        except CheckpointError as error:
            problems[name] = Problem(f"{file}: network {name}", str(error))
    scenes = [("safe", show_file.safe)]
    for number, scene in show_file.scenes().items():
        cue = show_file.cues.every[number]
        fades = isinstance(cue.action, Retouch)
        scenes.append((f"cue {number}", scene.changed(cue.change) if fades else scene))
    for where, scene in scenes:
        if scene.network not in atlases:
            continue
        header, atlas = networks[scene.network], atlases[scene.network]
        place, whose = f"{file}: {where}", f"the network {scene.network}"
        for key in sorted(_keys(show_file, scene)):
            if key.startswith("@") and key[1:] not in {*atlas.points, *atlas.latents}:
                near = suggest(key[1:], [*atlas.points, *atlas.latents])
                message = f'the atlas of {whose} has no point "{key[1:]}".{near} Make one: marrow project'
                problems.setdefault(message, Problem(place, message))
            if key.startswith("+") and key[1:] not in atlas.directions:
                near = suggest(key[1:], atlas.directions)
                message = f'the atlas of {whose} has no direction "{key[1:]}": it does nothing there.{near}'
                notes.setdefault(message, f"{place}: {message}")
        for key in sorted(_ends(scene)):
            if key.startswith("@") and key[1:] in atlas.points:
                message = f"{key} of {whose} is a point of W; a clip goes through Z. See: marrow import-clips"
                problems.setdefault(message, Problem(place, message))
        for end, start in _seams(scene):
            if len({atlas.latents.get(key.removeprefix("@"), key) for key in (end, start)}) > 1:
                message = (
                    f"a clip ends at {end} and the next begins at {start}: the picture of {whose} is cut"
                )
                notes.setdefault(message, f"{place}: {message}")
        for bend in show_file.bends:
            layers = [name for layer in header.layers for name in (layer.name, str(layer.resolution))]
            if bend.name in _used(scene, "bend") and bend.at not in layers:
                message = f"the bend {bend.name} is at {bend.at}, and {whose} has no such layer."
                message += suggest(bend.at, layers) or f" It has {', '.join(dict.fromkeys(layers))}."
                problems.setdefault(message, Problem(place, message))
        for index in sorted(_used(scene, "classes"), key=int):
            if header.c_dim == 0:
                message = f"{whose} was trained without classes; they do nothing there"
                notes.setdefault(message, f"{place}: {message}")
            elif int(index) >= header.c_dim:
                message = f"{whose} has no class {index}; it has 0 to {header.c_dim - 1}"
                problems.setdefault(message, Problem(place, message))
    return list(problems.values()), list(notes.values())


def _used(scene: Scene, table: str) -> set[str]:
    """The names of a table (bend, move, classes) that the scene or one of its drives may give an amount."""
    parts = [part for part, amount in scene.targets().items() if amount != 0.0]
    parts += [drive.part for drive in scene.drives]
    return {part.partition(".")[2] for part in parts if part.startswith(f"{table}.")}


def _walks(scene: Scene) -> Iterator[Walk]:
    yield from (walk for walk in (scene.walk, scene.style) if isinstance(walk, Walk))


def _ends(scene: Scene) -> set[str]:
    """Where its clips begin and end."""
    return {key for walk in _walks(scene) for clip in walk.clips for key in (clip.start, clip.end)}


def _seams(scene: Scene) -> Iterator[tuple[str, str]]:
    """Where a clip of it ends, and where the one after it begins."""
    for walk in _walks(scene):
        yield from ((first.end, second.start) for first, second in pairwise(walk.clips))


def _keys(show_file: ShowFile, scene: Scene) -> set[str]:
    """Every latent that the scene may name."""
    used = _used(scene, "move")

    def points() -> Iterator[tuple[tuple[str, float], ...]]:
        for walk in _walks(scene):
            yield from walk.points
        for direction in show_file.directions:
            if direction.name in used:
                yield from (direction.away, direction.towards)

    return _ends(scene) | {key for point in points() for key, _ in point}
