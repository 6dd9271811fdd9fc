"""`marrow import-script`: a performed script of the old rig becomes a show file that plays the same."""

from pathlib import Path
from typing import Annotated

import tomlkit
import typer
from rich.console import Console
from tomlkit.exceptions import TOMLKitError

from models.checkpoint import write_whole
from models.terminal import Refusal, said_plainly
from server.importing.cues import Rig, roles, show_text, targets
from server.importing.oldscript import load, read
from show_control.errors import ShowFileError
from show_control.matching import LANGUAGES
from show_control.showfile import parse_show


def import_script(
    file: Annotated[Path, typer.Argument(help="The script, JSON.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The show file to write; a new one.")],
    clips: Annotated[
        Path | None,
        typer.Option(help="A file of marrow import-clips: sequences of the streamer play its clips."),
    ] = None,
    language: Annotated[str, typer.Option(help=f"What the guests speak: {', '.join(LANGUAGES)}.")] = "en",
    sampler: Annotated[str, typer.Option(help="The target that plays notes.")] = "audio",
    streamer: Annotated[str, typer.Option(help="The target whose work is the show's own now.")] = "stylegan",
) -> None:
    """Turn lines, in-ear, open answers, delays, sends and notes into cues; say what could not be carried.

    One GO plays all of it: each cue follows when the one before it is done. A delay passes before its entry.
    """
    with said_plainly():
        if output.exists():
            raise Refusal(f"{output} is there already; name a new file, or move that one away")
        if language not in LANGUAGES:
            raise Refusal(f'--language "{language}": expected one of {", ".join(LANGUAGES)}')
        table, names = _clips(clips) if clips else ("", ())
        rig = Rig(sampler, streamer, names, language)
        entries, problems = read(file.name, load(file))
        text, others = show_text(file.stem, entries, rig, table)
        try:
            show = parse_show(text, output.name)
        except ShowFileError as error:
            raise Refusal(f"{file.name} makes no show that can be played:\n{error}") from None
        write_whole(output, text.encode())
        tell = Console(soft_wrap=True, highlight=False, markup=False)
        for problem in (*problems, *(f"{file.name}: {other}" for other in others)):
            tell.print(str(problem), style="yellow")
        tell.print(f"{output}: {len(show.cues)} cues of {len(entries)} entries. What the rig needs for it:")
        tell.print(
            f"  seats {_list(roles(entries))}; [[osc.target]] {_list(targets(entries, rig)) or 'none'}"
        )
        tell.print("  [script] play, record and prompt, for whoever whispers, listens and shows the lines")
        if not names and streamer in targets(entries, rig):
            tell.print(
                f"{streamer} is sent what it was; to play its clips here: marrow import-clips, then --clips"
            )


def _clips(path: Path) -> tuple[str, tuple[str, ...]]:
    """The [clips] of a file as text, and their names."""
    try:
        table = tomlkit.parse(path.read_text(encoding="utf-8"))["clips"]
        if not isinstance(table, dict) or not table:
            raise Refusal(f"{path}: its [clips] is empty; make one with marrow import-clips")
        return tomlkit.dumps({"clips": table}), tuple(table)
    except (KeyError, TOMLKitError, UnicodeDecodeError):
        raise Refusal(f"{path}: no file with [clips]; make one with marrow import-clips") from None


def _list(names: list[str]) -> str:
    return ", ".join(names)
