"""The generator's bench on a network that takes no time: the table is whole, and can be kept."""

from pathlib import Path

import typer
from typer.testing import CliRunner

from models.bench import measure
from models.bench.command import generator

SHAPE = "--size 16 --base 64 --channels 8 --w-dim 8"
OTHER = "--seconds 0.1 --device cpu --backend half --backend float32"


def run(*more: str) -> str:
    app = typer.Typer()
    app.command()(generator)
    result = CliRunner().invoke(app, [*SHAPE.split(), *OTHER.split(), *more])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_backend_stands_beside_the_baseline_and_the_report_can_be_repeated(
    tmp_path: Path,
) -> None:
    report = tmp_path / "table.md"
    output = run("--batch", "1", "--batch", "2", "--soak", "20", "--report", str(report))
    assert "equal looks gave the same bytes" in output
    text = report.read_text()
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")][2:]
    assert [(row[0].strip("| "), row[1]) for row in rows] == [
        (name, batch)
        for batch in ("1", "2")
        for name in ("baseline float32", "half bfloat16", "float32 reference")
    ]
    assert [row[5] for row in rows if "baseline" in row[0]] == ["1.00", "1.00"]
    assert all(float(row[6]) > 40 for row in rows if row[6] != "exact")
    assert f"marrow bench generator {SHAPE} --batch 1 --batch 2" in text


def test_frames_of_a_batch_walk_on_from_different_seeds() -> None:
    (first, second), (later, _) = measure.walk(0, 2), measure.walk(50, 2)
    assert first.latents[0] != second.latents[0]
    assert [weight for _, weight in first.latents] == [1.0, 0.0]
    assert [weight for _, weight in later.latents] == [0.5, 0.5]
