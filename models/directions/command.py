"""`marrow directions`: find directions in a network, name them, label pictures, and learn from the labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, TypeVar

import torch
import typer
from PIL import Image
from rich.table import Table

from models import atlas as atlases
from models import checkpoint
from models.atlas import Atlas, Direction, atlas_path, check_name, check_point_name
from models.directions import labels as label_files
from models.directions.boundary import learn, without
from models.directions.cloud import sample as sample_cloud
from models.directions.cloud import w_of_seeds
from models.directions.find import FOUND, find, merge
from models.directions.sheet import PSI, sheet
from models.network import Network
from models.picture import draw
from models.terminal import Refusal, console, progress_bar, said_plainly, save_picture, say

T = TypeVar("T")
SHEET_SEEDS = (2, 5)


@dataclass(frozen=True, slots=True)
class Subject:
    """What every verb works on."""

    path: Path
    network: Network

    @classmethod
    def read(cls, path: Path) -> "Subject":
        device = "cuda" if torch.cuda.is_available() else "cpu"
        return cls(path, checkpoint.build(path)[1].eval().requires_grad_(False).to(device))

    def layers(self, text: str | None) -> tuple[int, int]:
        """ "2-5" as the first and the last row of ws; all of them when nothing was said."""
        last = self.network.num_ws - 1
        if text is None:
            return 0, last
        ends = text.split("-") if "-" in text else [text, text]
        if len(ends) == 2 and all(end.isdecimal() and len(end) < 4 for end in ends):
            first, end = int(ends[0]), int(ends[1])
            if first <= end <= last:
                return first, end
        raise Refusal(f'--layers "{text}": expected a layer or a range such as 0-3, within 0-{last}')


def directions(
    network: Annotated[Path, typer.Argument(help="the network, a .safetensors file")],
    count: Annotated[int, typer.Option(min=1, help="how many of PCA, and as many of SeFa")] = 10,
    centres: Annotated[
        int, typer.Option(min=0, max=256, help="k-means centres for a look's modes; 0 for none")
    ] = 16,
    samples: Annotated[int, typer.Option(min=100, max=1_000_000, help="latents to look at")] = 10_000,
    layers: Annotated[
        str | None, typer.Option(help="move these layers only, such as 0-3; left alone: all")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1)] = 0,
    show: Annotated[bool, typer.Option("--list", help="list what the atlas holds")] = False,
    draw_sheet: Annotated[bool, typer.Option("--sheet", help="draw the sheet of the atlas anew")] = False,
    rename: Annotated[
        list[str] | None, typer.Option(help="pca0=older, or @point=name; may be repeated")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(help="a direction, or a @point; may be repeated")
    ] = None,
    sample: Annotated[
        tuple[int, Path] | None,
        typer.Option(metavar="N FOLDER", help="write N pictures and labels.csv to fill in"),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--learn", help="learn a direction from a filled labels.csv")
    ] = None,
    name: Annotated[str | None, typer.Option(help="what the learnt direction is called")] = None,
    free_of: Annotated[
        str | None, typer.Option("--without", help="free the learnt direction of others: older,smile")
    ] = None,
) -> None:
    """Look inside a network. With no verb: find directions and centres, and draw a sheet of them.

    Verbs: --list, --sheet, --rename, --remove, --sample, --learn. They change NETWORK.atlas.safetensors
    beside the network; a look says +name for a direction and @name for a point.
    """
    verbs = {
        "--list": show, "--sheet": draw_sheet, "--rename": rename, "--remove": remove, "--sample": sample,
        "--learn": labels,
    }  # fmt: skip
    given = [verb for verb, value in verbs.items() if value]
    with said_plainly():
        if len(given) > 1:
            raise Refusal(f"{' and '.join(given)}: one thing at a time")
        if (name or free_of) and not labels:
            raise Refusal("--name and --without go with --learn")
        if show:
            _list(network)
        elif rename:
            _rename(network, rename)
        elif remove:
            _remove(network, remove)
        elif draw_sheet:
            atlas = atlases.load(network)
            _sheet(Subject.read(network), atlas)
        elif sample:
            _sample(Subject.read(network), *sample)
        elif labels:
            _learn(Subject.read(network), labels, name, free_of, layers, samples, seed)
        else:
            _find(Subject.read(network), count, centres, layers, samples, seed)


def _find(subject: Subject, count: int, centres: int, layers: str | None, samples: int, seed: int) -> None:
    rows = subject.layers(layers)
    old = atlases.load(subject.path)  # a damaged one is refused before the work
    with progress_bar("sampling W") as progress:
        cloud = sample_cloud(subject.network, samples, seed, progress)
    found = find(subject.network, cloud, count, centres, rows, seed)
    atlas = atlases.update(subject.path, lambda now: merge(found, now))
    kept = len(old.directions.keys() & atlas.directions.keys() - found.directions.keys())
    named = f", {kept} named before and kept" if kept else ""
    held = 0 if atlas.centres is None else len(atlas.centres)
    say(f"{atlas_path(subject.path)}: {len(atlas.directions)} directions{named}, {held} centres")
    _sheet(subject, atlas)
    say(f"name what you see: marrow directions {subject.path} --rename pca0=older")


def _sheet(subject: Subject, atlas: Atlas) -> None:
    if not atlas.directions:
        raise Refusal(f"no directions to draw; find some with: marrow directions {subject.path}")
    with progress_bar("drawing") as progress:
        page = sheet(subject.network, atlas.directions, SHEET_SEEDS, progress)
    path = atlas_path(subject.path).with_suffix(".png")
    # 256 colours are enough to judge by, and a third of the size.
    save_picture(page.quantize(256, dither=Image.Dither.NONE), path)
    say(f"{path}: what each does, from -3 to 3 deviations, at psi {PSI}")


def _list(path: Path) -> None:
    atlas = atlases.load(path)
    table = Table("name", "from", "layers", "figures")
    for name, direction in atlas.directions.items():
        about = dict(direction.about)
        kind = str(about.pop("kind", ""))
        figures = ", ".join(f"{key} {value}" for key, value in about.items())
        table.add_row(f"+{name}", kind, "{}-{}".format(*direction.layers), figures)
    for name in atlas.points:
        table.add_row(f"@{name}", "point", "", "")
    for name in atlas.latents:
        table.add_row(f"@{name}", "point of Z", "", "")
    if not table.row_count:
        raise Refusal(f"{path.name} has no atlas yet; make one with: marrow directions {path}")
    console.print(table)
    say(f"{0 if atlas.centres is None else len(atlas.centres)} centres for modes")


def _rename(path: Path, pairs: Sequence[str]) -> None:
    def renamed(atlas: Atlas) -> Atlas:
        for pair in pairs:
            old, equals, new = pair.partition("=")
            if not equals:
                raise Refusal(f'--rename "{pair}": expected OLD=NEW, such as pca0=older')
            old, new = old.lstrip("+"), new.lstrip("+@")
            if FOUND.fullmatch(check_point_name(new) if old.startswith("@") else check_name(new)):
                raise Refusal(f'"{new}" is a name that finding gives; choose another')
            if old.startswith("@") and old[1:] in atlas.latents:
                atlas = replace(atlas, latents=_moved_name(atlas.latents, old[1:], new, "point"))
            elif old.startswith("@"):
                atlas = replace(atlas, points=_moved_name(atlas.points, old[1:], new, "point"))
            else:
                atlas = replace(atlas, directions=_moved_name(atlas.directions, old, new, "direction"))
        return atlas

    atlases.update(path, renamed)
    say(f"{atlas_path(path)}: {', '.join(pairs)}; draw it anew with --sheet")


def _moved_name(known: Mapping[str, T], old: str, new: str, kind: str) -> dict[str, T]:
    """The same entries in the same order, one under another name."""
    _known(known, old, kind)
    if new in known:
        raise Refusal(f'there is a {kind} "{new}" already; choose another name, or --remove it first')
    return {new if name == old else name: value for name, value in known.items()}


def _known(known: Mapping[str, object], name: str, kind: str) -> None:
    if name not in known:
        raise Refusal(f'no {kind} "{name}" in the atlas; it has {", ".join(known) or "none"}')


def _remove(path: Path, names: Sequence[str]) -> None:
    def removed(atlas: Atlas) -> Atlas:
        for name in names:
            if name.startswith("@"):
                _known({**atlas.points, **atlas.latents}, name[1:], "point")
                points = {k: v for k, v in atlas.points.items() if k != name[1:]}
                latents = {k: v for k, v in atlas.latents.items() if k != name[1:]}
                atlas = replace(atlas, points=points, latents=latents)
            else:
                bare = name.lstrip("+")
                _known(atlas.directions, bare, "direction")
                kept = {k: v for k, v in atlas.directions.items() if k != bare}
                atlas = replace(atlas, directions=kept)
        return atlas

    atlases.update(path, removed)
    say(f"{atlas_path(path)}: without {', '.join(names)}")


def _sample(subject: Subject, count: int, folder: Path) -> None:
    if not 1 <= count <= 100_000:
        raise Refusal(f"--sample {count}: expected 1 to 100000 pictures")
    seeds = range(count)
    path = label_files.write_blank(folder, seeds)
    w_avg = subject.network.mapping.w_avg
    with progress_bar("drawing") as progress:
        for start in range(0, count, 64):
            part = seeds[start : start + 64]
            w = w_of_seeds(subject.network, part)
            ws = (w_avg + (w - w_avg) * PSI)[:, None].expand(-1, subject.network.num_ws, -1)
            for seed, pixels in zip(part, draw(subject.network, ws), strict=True):
                Image.fromarray(pixels).save(folder / label_files.picture_name(seed))
            progress((start + len(part)) / count)
    say(
        f"{path}: write 1 (it has it) or 0 (it has not) behind each seed, leave what you cannot tell; "
        f"then: marrow directions {subject.path} --learn {path} --name smile"
    )


def _learn(
    subject: Subject,
    path: Path,
    name: str | None,
    others: str | None,
    layers: str | None,
    samples: int,
    seed: int,
) -> None:
    if name is None:
        raise Refusal("--learn needs --name, what the direction is called")
    name = check_name(name.lstrip("+"))
    if FOUND.fullmatch(name):
        raise Refusal(f'"{name}" is a name that finding gives; choose another')
    rows = subject.layers(layers)
    known = atlases.load(subject.path).directions
    if name in known:
        raise Refusal(f'"{name}" is in the atlas already; choose another name, or --remove it first')
    freed_of = [part.strip().lstrip("+") for part in others.split(",")] if others else []
    for other in freed_of:
        _known(known, other, "direction")
    filled = label_files.read(path)
    if filled.empty:
        say(f"{filled.empty} samples have no label yet; learning from the other {len(filled.seeds)}")
    boundary = learn(w_of_seeds(subject.network, filled.seeds), torch.tensor(filled.labels), seed)
    normal = boundary.normal
    if freed_of:
        normal = without(normal, torch.stack([known[other].vector for other in freed_of]))
    with progress_bar("sampling W") as progress:
        cloud = sample_cloud(subject.network, samples, seed, progress)
    about = {"kind": "labels", **boundary.to_plain(), "without": freed_of}
    direction = Direction(cloud.one_deviation(normal[None])[0].float(), rows, about)
    atlas = atlases.update(
        subject.path, lambda now: replace(now, directions={**now.directions, name: direction})
    )
    low, high = boundary.interval
    say(
        f"+{name}: held-out accuracy {boundary.accuracy:.1%} (95 % of the time {low:.1%} to {high:.1%}), "
        f"where the commoner label alone scores {boundary.chance:.1%}; {boundary.samples} samples"
    )
    if low <= boundary.chance:
        say("that is no better than chance: label more pictures, or something that W tells apart")
    _sheet(subject, atlas)
