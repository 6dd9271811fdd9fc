"""What a show's looks ask of the networks that play them: points, directions, layers and classes."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from models.checkpoint import CheckpointError, Header
from show_control.actions import Retouch
from show_control.errors import Problem, suggest
from show_control.look import Scene
from show_control.reader import join
from show_control.showfile import ShowFile
from show_control.walk import Walk, Weights


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
    scenes = [("safe", "", show_file.safe)]
    for number, scene in show_file.scenes().items():
        cue = show_file.cues.every[number]
        fades = isinstance(cue.action, Retouch)
        scenes.append((f"cue {number}", "look", scene.changed(cue.change) if fades else scene))
    for where, look, scene in scenes:
        if scene.network not in atlases:
            continue
        header, atlas = networks[scene.network], atlases[scene.network]
        place, whose = f"{file}: {where}", f"the network {scene.network}"

        def at(part: str, place: str = place, look: str = look) -> str:
            """The file, the cue and the key."""
            return join(place, part if part.startswith("drive.") or not look else f"{look}.{part}")

        for key, part in sorted(_keys(show_file, scene).items()):
            if key.startswith("@") and key[1:] not in {*atlas.points, *atlas.latents}:
                near = suggest(key[1:], [*atlas.points, *atlas.latents])
                message = f'the atlas of {whose} has no point "{key[1:]}".{near} Make one: marrow project'
                problems.setdefault(message, Problem(at(part), message))
            if key.startswith("+") and key[1:] not in atlas.directions:
                near = suggest(key[1:], atlas.directions)
                message = f'the atlas of {whose} has no direction "{key[1:]}": it does nothing there.{near}'
                notes.setdefault(message, f"{at(part)}: {message}")
        for key, part in sorted(_ends(scene).items()):
            if key.startswith("@") and key[1:] in atlas.points:
                message = f"{key} of {whose} is a point of W; a clip goes through Z. See: marrow import-clips"
                problems.setdefault(message, Problem(at(part), message))
        for end, start, part in _seams(scene):
            if len({atlas.latents.get(key.removeprefix("@"), key) for key in (end, start)}) > 1:
                message = (
                    f"a clip ends at {end} and the next begins at {start}: the picture of {whose} is cut"
                )
                notes.setdefault(message, f"{at(part)}: {message}")
        bends, classes = _used(scene, "bend"), _used(scene, "classes")
        for bend in show_file.bends:
            layers = [name for layer in header.layers for name in (layer.name, str(layer.resolution))]
            if bend.name in bends and bend.at not in layers:
                message = f"the bend {bend.name} is at {bend.at}, and {whose} has no such layer."
                message += suggest(bend.at, layers) or f" It has {', '.join(dict.fromkeys(layers))}."
                problems.setdefault(message, Problem(at(bends[bend.name]), message))
        for index in sorted(classes, key=int):
            if header.c_dim == 0:
                message = f"{whose} was trained without classes; they do nothing there"
                notes.setdefault(message, f"{at(classes[index])}: {message}")
            elif int(index) >= header.c_dim:
                message = f"{whose} has no class {index}; it has 0 to {header.c_dim - 1}"
                problems.setdefault(message, Problem(at(classes[index]), message))
    return list(problems.values()), list(notes.values())


def _used(scene: Scene, table: str) -> dict[str, str]:
    """The names of a table (bend, move, classes) that the scene or one of its drives may give an amount, and
    the key that does."""
    parts = {part: f'drive."{drive.control}".{part}' for drive in scene.drives if (part := drive.part)}
    parts |= {part: part for part, amount in scene.targets().items() if amount != 0.0}
    return {part.partition(".")[2]: key for part, key in parts.items() if part.startswith(f"{table}.")}


def _walks(scene: Scene) -> Iterator[tuple[str, Walk]]:
    walks = (("walk", scene.walk), ("style", scene.style))
    yield from ((part, walk) for part, walk in walks if isinstance(walk, Walk))


def _ends(scene: Scene) -> dict[str, str]:
    """Where its clips begin and end, and the key that says so."""
    return {
        key: part for part, walk in _walks(scene) for clip in walk.clips for key in (clip.start, clip.end)
    }


def _seams(scene: Scene) -> Iterator[tuple[str, str, str]]:
    """Where a clip of it ends, where the one after it begins, and the key that says so."""
    for part, walk in _walks(scene):
        yield from ((first.end, second.start, part) for first, second in pairwise(walk.clips))


def _keys(show_file: ShowFile, scene: Scene) -> dict[str, str]:
    """Every latent that the scene may name, and the key of the look by which it does."""
    used = _used(scene, "move")

    def points() -> Iterator[tuple[str, Weights]]:
        for direction in show_file.directions:
            if direction.name in used:
                yield from ((used[direction.name], end) for end in (direction.away, direction.towards))
        for part, walk in _walks(scene):
            yield from ((part, point) for point in walk.points)

    return _ends(scene) | {key: part for part, point in points() for key, _ in point}
