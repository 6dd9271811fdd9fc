"""`marrow info`: what a network file is, without torch."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.checkpoint import CheckpointError, Header, read_header

console = Console(soft_wrap=True)


def info(file: Annotated[Path, typer.Argument(help="A network, .safetensors.")]) -> None:
    """Print what a network is: family, size, layers, conditioning, where it comes from."""
    try:
        header = read_header(file)
        rows, layers = facts(header), header.layers
    except CheckpointError as error:
        console.print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(2) from None
    table = Table(show_header=False, box=None)
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in rows:
        # A file may say what it likes of itself; it is text, not markup.
        table.add_row(Text(name), Text(value))
    console.print(table)
    names = Table("layer", "resolution", "channels", "ws", box=None)
    for layer in layers:
        names.add_row(layer.name, str(layer.resolution), str(layer.channels), str(layer.ws_index))
    console.print(names)


def facts(header: Header) -> list[tuple[str, str]]:
    """(name, value) of everything worth knowing. Raises CheckpointError for an impossible config."""
    shape, config = header.shape, header.config
    clamp = config.get("conv_clamp")
    rows = [
        ("family", header.family + _kind(header)),
        ("size", f"{shape.size} x {shape.size} px, {'grey' if shape.img_channels == 1 else 'RGB'}"),
        ("parameters", f"{parameters(header.path):,}"),
        ("z, w", f"{shape.z_dim}, {shape.w_dim}"),
        ("mapping layers", str(shape.mapping_layers)),
        ("ws", str(shape.num_ws)),
        ("channels", f"base {config.get('channel_base')}, at most {config.get('channel_max')}"),
        ("classes", str(shape.c_dim) if shape.c_dim else "none"),
        ("clamp", "none" if clamp is None else f"+-{clamp:g}"),
    ]
    return rows + [(name, _words(value)) for name, value in header.about.items()]


def parameters(path: Path) -> int:
    """How many numbers a network file holds; it has been checked by read_header."""
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    count = 0
    for name, entry in header.items():
        if name != "__metadata__":
            size = 1
            for length in entry["shape"]:
                size *= length
            count += size
    return count


def _kind(header: Header) -> str:
    if header.family == "stylegan3":
        return "-R" if header.config.get("radial") else "-T"
    return f", {header.config.get('architecture', 'skip')}"


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return value if isinstance(value, str) else json.dumps(value)
