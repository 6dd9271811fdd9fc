"""`marrow import-clips`: saved clips become points of a network's atlas, and names in a show file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import tomlkit
import typer
from rich.console import Console
from tomlkit.exceptions import TOMLKitError

from models.checkpoint import read_header, write_whole
from models.clips import ClipError, SavedClip, Z, add, chains, folders, gap, keys, known_points, points, read
from models.terminal import Refusal, said_plainly
from server.editing.store import ShowStore, StoreError
from show_control.clip import RATE
from show_control.errors import suggest

LEFT_OUT = 1
"""The exit status where some clips were imported and others were not."""


def import_clips(
    folder: Annotated[Path, typer.Argument(help="The folder that has the clips, each a folder of its own.")],
    network: Annotated[Path, typer.Option(help="The network that they were saved from, .safetensors.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Put the clips into this show file; else they are printed."),
    ] = None,
    sequence: Annotated[
        list[str] | None,
        typer.Option(help='Say where these do not meet: "drops,apple,clock". May be repeated.'),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Points of the atlas that have these names make room.")
    ] = False,
) -> None:
    """Read clips (source.npy, dest.npy, info.json) into NETWORK.atlas.safetensors and a show file.

    A look plays them, one after another, by their names: the key clips of its walk.
    """
    with said_plainly(), _store_errors():
        z_dim = read_header(network).shape.z_dim
        known = known_points(network)
        found = collect(folder, z_dim, {} if replace else known)
        if not found.clips:
            raise Refusal("\n".join((*found.left_out, "no clip was imported")))
        rows = [_row(names, found.clips) for names in sequence or []] or chains(found.clips)
        ends = keys(known, found.clips)
        store = ShowStore(output) if output and output.exists() else None
        text = into(store.text if store else "", found.clips, ends)
        atlas = add(network, found.clips)
        if store:
            store.save(text)
        elif output:
            write_whole(output, text.encode())
        else:
            typer.echo(text, nl=False)
        tell = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
        tell.print(f"{atlas}: {len(points(found.clips))} points of Z, of {len(found.clips)} clips")
        for line in told(rows, found.clips, bool(sequence)):
            tell.print(line)
        for line in found.left_out:
            tell.print(f"left out: {line}", style="red")
    if found.left_out:
        raise typer.Exit(LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Found:
    """The clips of a folder that can be used, and of each of the others why not."""

    clips: tuple[SavedClip, ...]
    left_out: tuple[str, ...]


def collect(folder: Path, z_dim: int, taken: Mapping[str, Z]) -> Found:
    """Every clip in a folder. Points that are `taken` may only be what they are. Raises ClipError."""
    clips: dict[str, SavedClip] = {}
    left_out: list[str] = []
    for place in folders(folder):
        try:
            clip = read(place, z_dim)
        except ClipError as error:
            left_out.append(str(error))
            continue
        other = clips.get(clip.name)
        others = [name for name, z in points([clip]).items() if name in taken and (taken[name] != z).any()]
        if other is not None:
            left_out.append(f'{place}: "{clip.name}" is the name of {other.folder} already; rename one')
        elif others:
            there = " and ".join(f"@{name}" for name in others)
            left_out.append(f"{place}: {there} of the atlas is another point; rename the clip, or --replace")
        else:
            clips[clip.name] = clip
    return Found(tuple(clips.values()), tuple(left_out))


def into(text: str, clips: Sequence[SavedClip], ends: Mapping[str, tuple[str, str]]) -> str:
    """A show file with these clips in its [clips]; all else stays as it is, comments too. Raises Refusal."""
    try:
        document = tomlkit.parse(text)
        table = document.setdefault("clips", tomlkit.table())
        for clip in clips:
            start, end = ends[clip.name]
            table[clip.name] = tomlkit.value(f'{{ from = "{start}", to = "{end}", steps = {clip.steps} }}')
        return tomlkit.dumps(document)
    except (TOMLKitError, TypeError, AttributeError, ValueError) as error:
        raise Refusal(f"the show file cannot take [clips]: {error}") from None


def told(rows: Sequence[Sequence[SavedClip]], clips: Sequence[SavedClip], wanted: bool) -> Iterator[str]:
    """How the clips hang together: rows that were `wanted`, or those in which one leads to the next."""
    for row in rows:
        names = ", ".join(f'"{clip.name}"' for clip in row)
        seconds = sum(clip.steps for clip in row) / RATE
        yield f"{{ clips = [{names}] }}  {seconds:.3f} s at {RATE:g} steps a second"
    seams = [seam for row in rows for seam in pairwise(row)]
    if not wanted:
        seams += [(first[-1], second[0]) for first, second in pairwise(rows)]
    for first, second in seams:
        if apart := gap(first, second):
            yield f"{first.name} does not end where {second.name} begins: {apart:.3g} apart in Z"
    snapshots = sorted({clip.snapshot for clip in clips if clip.snapshot})
    if len(snapshots) > 1:
        yield f"they were saved from several networks, and look right in one: {', '.join(snapshots)}"


def _row(names: str, clips: Sequence[SavedClip]) -> list[SavedClip]:
    by_name = {clip.name: clip for clip in clips}
    wanted = [name.strip() for name in names.split(",")]
    for name in wanted:
        if name not in by_name:
            raise Refusal(f'--sequence "{names}": there is no clip "{name}".{suggest(name, by_name)}')
    return [by_name[name] for name in wanted]


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise Refusal(str(error)) from None
