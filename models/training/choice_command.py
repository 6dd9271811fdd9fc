"""`marrow choose`: the snapshot of a run to keep, with the reasons, and the file to ship with its card."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from models.checkpoint import discriminator_beside, read_header, save_arrays, write_whole
from models.terminal import Refusal, said_plainly, save_picture, say
from models.training.card import card
from models.training.choice import Choice, ChoiceError, choose, percent, why
from models.training.choice_picture import picture
from models.training.run_folder import RunFolder, lines_of

SNAPSHOT = re.compile(r"network-(\d{6})\.safetensors")


def choose_command(
    run: Annotated[Path, typer.Argument(help="the folder of the run")],
    ship: Annotated[
        Path | None, typer.Option(help="write the network to this .safetensors, with a model card beside it")
    ] = None,
    licence: Annotated[str, typer.Option(help="the licence that the card names")] = "as the project",
    prune: Annotated[
        bool,
        typer.Option(
            "--prune", help="delete the measured snapshots but the three kept and the newest of all"
        ),
    ] = False,
) -> None:
    """Choose the best snapshot: the lowest KID of those that copy nothing and whose recall holds.

    Writes RUN/choice.md and RUN/choice.png. Nothing is deleted without --prune.
    """
    with said_plainly():
        folder = RunFolder(run)
        on_disk = _snapshots(folder)
        choice = choose(_measures(folder), tuple(on_disk))
        chosen = on_disk[int(choice.chosen.kimg)]
        for each in choice.kept:  # before anything is deleted, or told to be good
            read_header(on_disk[int(each.kimg)])
        if ship is not None:
            _check_place(ship, folder)
            about = _about(folder)
        reasons = why(choice)
        save_picture(picture(choice), run / "choice.png")
        write_whole(run / "choice.md", _report(folder, choice, reasons).encode())
        say(reasons)
        say(f"{run / 'choice.md'} has all of them, {run / 'choice.png'} the curve")
        if ship is not None:
            _ship(folder, about, choice, chosen, ship, reasons, licence)
        superfluous = list(_superfluous(choice, on_disk))
        if prune:
            for path in superfluous:
                path.unlink()
                discriminator_beside(path).unlink(missing_ok=True)
            say(f"{len(superfluous)} snapshots deleted")
        elif superfluous:
            parts = [part for path in superfluous for part in (path, discriminator_beside(path))]
            size = sum(part.stat().st_size for part in parts if part.is_file()) / 1e6
            say(f"{len(superfluous)} other snapshots ({size:.0f} MB) are kept too; --prune deletes them")


def _snapshots(folder: RunFolder) -> dict[int, Path]:
    """The kept snapshots on disk by whole kimg, in order."""
    found = {
        int(name[1]): path
        for path in folder.path.glob("network-*.safetensors")
        if (name := SNAPSHOT.fullmatch(path.name))
    }
    return dict(sorted(found.items()))


def _measures(folder: RunFolder) -> list[dict[str, Any]]:
    if not folder.measures.is_file():
        raise ChoiceError(
            f"{folder.measures}: no such file, so no snapshot of this run was measured; train on with: "
            "marrow train"
        )
    try:
        return [line for line in lines_of(folder.measures) if isinstance(line, dict)]
    except ValueError as error:
        raise ChoiceError(
            f"{folder.measures}: a line is not JSON ({error}); mend or delete that line"
        ) from None


def _check_place(ship: Path, folder: RunFolder) -> None:
    if ship.suffix != ".safetensors":
        raise Refusal(f"{ship}: expected a name that ends in .safetensors")
    if ship.resolve().parent == folder.path.resolve():
        raise Refusal(f"{ship}: lies in the run itself; ship it to another folder")


def _report(folder: RunFolder, choice: Choice, reasons: str) -> str:
    rows = [
        f"| {each.kimg:g} | {each.kid:.4f} ± {each.deviation:.4f} | {each.recall:.2f} | {each.precision:.2f} "
        f"| {each.ratio:.2f} | {percent(each.share)} | {choice.verdict(each)} |"
        for each in choice.snapshots
    ]
    sheet = folder.sheet(choice.chosen.kimg)
    return "\n".join([
        f"# The choice of {folder.path.resolve().name}: {choice.chosen.kimg:g} kimg", "", reasons, "",
        "![KID and recall over kimg](choice.png)", "",
        "| kimg | KID | recall | precision | distance | too near | |", "|---|---|---|---|---|---|---|",
        *rows, "",
        "Distance: of painted pictures to their nearest training picture, over that of new real ones; "
        "copies are at 0.",
        "Too near: the share of painted pictures nearer to one than 95 % of new real ones are, and than to "
        "any that was held out.", "",
        *([f"![The chosen snapshot's fixed seeds]({sheet.name})", ""] if sheet.is_file() else []),
        *([f"{choice.passed_over} older measures were made otherwise and are not compared.", ""]
          if choice.passed_over else []),
    ])  # fmt: skip


def _ship(
    folder: RunFolder, about: Mapping[str, Any], choice: Choice, network: Path, ship: Path, reasons: str,
    licence: str,
) -> None:  # fmt: skip
    from safetensors.numpy import load

    header = read_header(network)
    chosen, terms = choice.chosen, choice.terms
    measures = {
        "kimg": chosen.kimg, "tier": terms.tier, "fakes": terms.fakes, "against": terms.against,
        "kid": chosen.kid, "kid_deviation": chosen.deviation,
        "precision": chosen.precision, "recall": chosen.recall,
        "memorisation": {"ratio": chosen.ratio, "share": chosen.share, "passed": chosen.passed},
    }  # fmt: skip
    arrays = load(network.read_bytes())
    save_arrays(ship, header.family, header.config, arrays, {**header.about, "measures": measures})
    shipped = read_header(ship)
    if shipped.sha256 != header.sha256:
        raise Refusal(f"{ship}: was not written as it was read; check the disk and ship again")
    sheet = folder.sheet(chosen.kimg)
    if sheet.is_file():
        write_whole(ship.with_suffix(".png"), sheet.read_bytes())
    text = card(
        # What the snapshot says of itself goes first: the run may have gone on in another way since.
        shipped, {**about, **header.about}, choice, reasons, licence, sheet=sheet.is_file(),
        parameters=sum(array.size for array in arrays.values()), megabytes=ship.stat().st_size / 1e6,
    )  # fmt: skip
    write_whole(ship.with_suffix(".md"), text.encode())
    say(f"{ship}: the network; {ship.with_suffix('.md').name}: its card, to be read before it goes out")
    if ship.with_suffix(".atlas.safetensors").exists():
        say("the atlas beside it was of another network; make one anew with: marrow directions " + str(ship))


def _about(folder: RunFolder) -> dict[str, Any]:
    """run.json, or nothing where it is missing: the card then says less. Raises Refusal."""
    if not folder.about.is_file():
        return {}
    try:
        about = json.loads(folder.about.read_bytes())
    except ValueError as error:
        raise Refusal(
            f"{folder.about}: is not JSON ({error}); mend it, or delete it and train on for a tick"
        ) from None
    return about if isinstance(about, dict) else {}


def _superfluous(choice: Choice, on_disk: dict[int, Path]) -> Iterator[Path]:
    """Measured, not among the three, and not the newest; what nobody has measured stays."""
    spared = {int(each.kimg) for each in choice.kept} | {max(on_disk)}
    for each in choice.snapshots:
        kimg = int(each.kimg)
        if kimg in on_disk and kimg not in spared:
            yield on_disk[kimg]
