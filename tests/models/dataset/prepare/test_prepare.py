"""The whole road over small folders: what comes out, that it repeats and can be stopped, hostile files."""

import hashlib
import json
import math
import multiprocessing
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer import Typer
from typer.testing import CliRunner

from models.dataset.prepare.command import prepare, run
from models.dataset.prepare.crew import Alone, Crew, Lost
from models.dataset.prepare.explain import NotFound, explanation
from models.dataset.prepare.folder import FolderError
from models.dataset.prepare.manifest import Line, Lines
from models.dataset.prepare.prepared import Prepared
from models.dataset.prepare.recipe import RecipeError, parse


def tree(out: Path) -> dict[str, str]:
    """The digest of every file under `out`."""
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*")) if path.is_file()
    }  # fmt: skip


def walk(toys: ModuleType, photos: Path, out: Path, seed: int = 0, **tables: Any) -> Prepared:
    small = {stage: toys.SMALL.get(stage, {}) | tables.get(stage, {}) for stage in {*toys.SMALL, *tables}}
    if "layout" in small["compose"]:
        small["compose"] = tables["compose"]
    return run(photos, out, parse(small), seed, Alone(), toys.Blocks())


@pytest.fixture(scope="module")
def photos(toys: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten photographs of four, one of six, one of three; a copy, a smaller and a mirrored one of others."""
    folder = tmp_path_factory.mktemp("photos")
    toys.fill(folder, 10)
    toys.photograph(50, people=6, width=480).save(folder / "six.png")
    toys.photograph(51, people=3).save(folder / "three.png")
    (folder / "masks").mkdir()
    Image.new("L", (320, 240)).save(folder / "masks/000.png")
    (folder / "more").mkdir()
    (folder / "more/exact.jpg").write_bytes((folder / "000.jpg").read_bytes())
    toys.photograph(1).resize((200, 150)).save(folder / "more/small.jpg")
    toys.photograph(2).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "more/mirror.jpg", quality=70)
    return folder


@pytest.fixture(scope="module")
def prepared(
    toys: ModuleType, photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Prepared]:
    out = tmp_path_factory.mktemp("set") / "out"
    return out, walk(toys, photos, out)


def kept(result: Prepared, stage: str) -> list[Line]:
    return list(result.lines[stage].kept())


def by_name(out: Path, stage: str) -> dict[str, dict[str, Any]]:
    return {line["name"]: line for line in Lines(out / f"manifest/{stage}.jsonl")}


def test_the_road_from_photographs_to_a_set(prepared: tuple[Path, Prepared]) -> None:
    out, result = prepared
    assert {stage: len(kept(result, stage)) for stage in result.lines} == {
        "read": 15, "dedupe": 12, "people": 11, "compose": 44, "refilter": 44, "split": 44, "audit": 44,
    }  # fmt: skip
    dedupe = by_name(out, "dedupe")
    assert dedupe["more/exact.jpg"]["reason"] == "the same bytes as 000.jpg"
    assert dedupe["more/small.jpg"]["of"] == "001.jpg"
    assert dedupe["more/mirror.jpg"]["reason"].startswith("a mirrored copy of 002.jpg")
    assert by_name(out, "people")["three.png"]["reason"] == (
        "3 people can be used, at least 4 are needed: 3 found"
    )
    for line in Lines(out / "manifest/split.jsonl"):
        assert (out / line["path"]).is_file()
        assert (line["split"] == "held-out") == line["path"].startswith("held-out/")
    assert len(list(out.glob("*.png"))) + len(list(out.glob("held-out/*.png"))) == 44
    assert {path.stem for path in (out / "sheets").iterdir()} == set(result.lines)


def test_every_line_says_what_it_follows_from(toys: ModuleType, prepared: tuple[Path, Prepared]) -> None:
    out, result = prepared
    for stage in result.lines:
        for line in Lines(out / f"manifest/{stage}.jsonl"):
            assert len(line["sha256"]) == 64
            assert line["decision"] in ("kept", "aside")
            assert bool(line["reason"]) == (line["decision"] == "aside")
            assert len(line["parameters"]["digest"]) == 16
            assert line["parameters"].items() >= parse(toys.SMALL).values(stage).items()
            assert line["seed"] == 0


def test_figures_can_be_traced_to_their_photograph(
    toys: ModuleType, photos: Path, prepared: tuple[Path, Prepared]
) -> None:
    out, _ = prepared
    people, read_lines = by_name(out, "people"), by_name(out, "read")
    for line in list(Lines(out / "manifest/compose.jsonl"))[::7]:
        with Image.open(out / f"prepared/composites/{line['name']}") as file:
            picture = np.asarray(file.convert("RGB"))
        with Image.open(photos / line["file"]) as file:
            original = np.asarray(file.convert("RGB"))
        assert read_lines[line["file"]]["sha256"] == line["sha256"]
        assert sorted(figure["column"] for figure in line["figures"]) == [0, 1, 2, 3]
        for figure in line["figures"]:
            x0, y0, x1, y1 = figure["box"]
            source = people[line["file"]]["people"][figure["person"]]
            assert source["taken"]
            sx0, sy0, sx1, sy1 = map(round, source["box"])
            seen = picture[(y0 + y1) // 2, (x0 + x1) // 2].astype(int)
            assert np.abs(seen - original[(sy0 + sy1) // 2, (sx0 + sx1) // 2]).max() < 40


def test_of_six_the_four_largest_are_taken(prepared: tuple[Path, Prepared]) -> None:
    out, _ = prepared
    people = by_name(out, "people")["six.png"]["people"]

    def area(person: dict[str, Any]) -> float:
        x0, y0, x1, y1 = person["box"]
        return float((x1 - x0) * (y1 - y0))

    assert len(people) == 6
    assert {area(p) for p in people if p["taken"]} == set(sorted(map(area, people))[2:])


@pytest.mark.slow
def test_the_same_folder_and_seed_give_the_same_bytes(
    toys: ModuleType, photos: Path, prepared: tuple[Path, Prepared], tmp_path: Path
) -> None:
    out, _ = prepared
    before = tree(out)
    assert not [name for name in before if name.endswith(".part")]
    walk(toys, photos, out)
    assert tree(out) == before
    walk(toys, photos, tmp_path / "again")
    assert tree(tmp_path / "again") == before
    walk(toys, photos, tmp_path / "other", seed=1)
    assert tree(tmp_path / "other") != before


@pytest.mark.slow
def test_a_new_photograph_costs_only_itself_and_ends_as_from_the_start(
    toys: ModuleType, photos: Path, tmp_path: Path
) -> None:
    folder, out = tmp_path / "photos", tmp_path / "out"
    toys.fill(folder, 12)
    hidden = (folder / "003.jpg").rename(tmp_path / "003.jpg")
    walk(toys, folder, out)
    hidden.rename(folder / "003.jpg")
    seen: list[str] = []

    class Watching(Alone):
        def map(self, work: Any, items: Any) -> Any:
            for task, result in super().map(work, items):
                seen.append(work.args[0].__class__.__name__)
                yield task, result

    run(folder, out, parse(toys.SMALL), 0, Watching(), toys.Blocks())
    assert seen.count("Cutting") == 1
    assert seen.count("LayingColumns") == 4
    walk(toys, folder, tmp_path / "fresh")
    mine = {name: digest for name, digest in tree(out).items() if "earlier" not in name}
    assert mine == tree(tmp_path / "fresh")


def test_another_recipe_in_the_same_folder_sets_the_old_pictures_aside(
    toys: ModuleType, photos: Path, tmp_path: Path
) -> None:
    folder, out = tmp_path / "photos", tmp_path / "out"
    toys.fill(folder, 12)
    walk(toys, folder, out)
    old = {path.name for path in out.glob("**/*.png") if path.parent in (out, out / "held-out")}
    walk(toys, folder, out, compose={"orders": 1})
    new = {path.name for path in out.glob("**/*.png") if path.parent in (out, out / "held-out")}
    assert len(old) == 48
    assert len(new) == 12
    assert {path.name for path in (out / "prepared/earlier").iterdir()} == old - new


STOPS = (
    ("manifest/dedupe.jsonl", 1), ("manifest/people.jsonl", 2), ("manifest/compose.jsonl", 7),
    ("manifest/refilter.jsonl", 9), ("manifest/split.jsonl", 5), ("manifest/audit.jsonl", 11),
    ("sheets/people.png", 0), ("sheets/audit.png", 0),
)  # fmt: skip
"""What is waited for before the process is killed: a file, with so many lines in it."""


@pytest.mark.slow
def test_killed_in_every_stage_it_goes_on_to_the_same_bytes(
    toys: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    toys.fill(photos, 12)
    (photos / "copy.jpg").write_bytes((photos / "000.jpg").read_bytes())
    walk(toys, photos, tmp_path / "whole")
    # Processes from one that has imported everything: starting them costs nothing.
    monkeypatch.syspath_prepend(Path(toys.__file__ or "").parent)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["models.dataset.prepare.command"])
    words = (photos, out, parse(toys.SMALL), 0, Alone(), toys.Blocks())
    rng = random.Random(4)
    stopped = 0
    for file, lines in STOPS:
        process = context.Process(target=run, args=words)
        process.start()
        while process.is_alive() and not _has_come(out / file, lines):
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.004))  # anywhere in what comes next, also between two writes
        process.kill()
        process.join()
        stopped += process.exitcode == -signal.SIGKILL
    assert stopped >= len(STOPS) - 2
    walk(toys, photos, out)
    assert tree(out) == tree(tmp_path / "whole")


@pytest.mark.slow
def test_killed_with_workers_it_goes_on_to_the_same_bytes(toys: ModuleType, tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    toys.fill(photos, 9)
    program = (sys.executable, toys.__file__ or "", str(photos), str(out), "2")
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL)
    while process.poll() is None and not _has_come(out / "manifest/read.jsonl", 3):
        time.sleep(0.001)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert subprocess.run(program, stdout=subprocess.DEVNULL, check=False).returncode == 0
    walk(toys, photos, tmp_path / "whole")
    assert tree(out) == tree(tmp_path / "whole")


def _has_come(path: Path, lines: int) -> bool:
    return path.exists() and path.read_bytes().count(b"\n") >= lines


def test_what_kills_a_worker_is_named_and_the_rest_goes_on() -> None:
    harmless, deadly = signal.SIGCONT, signal.SIGKILL
    with Crew(2) as crew:
        items = [harmless] * 5 + [deadly] + [harmless] * 6
        results = list(crew.map(signal.raise_signal, items))
        assert [item for item, _ in results] == items
        assert [isinstance(result, Lost) for _, result in results] == [item == deadly for item in items]
        assert [result for _, result in crew.map(abs, [-1, 2])] == [1, 2]


def test_what_hangs_is_ended_and_named_and_the_rest_goes_on() -> None:
    # Factorials hold the interpreter as a decoder in C may: nothing in Python could stop the long one.
    endless = 10**9
    with Crew(2, seconds=1.0) as crew:
        items = [3, 4, endless, 5, 6, 7]
        results = dict(crew.map(math.factorial, items))
    assert list(results) == items
    assert results.pop(endless) == Lost("took longer than 1 s")
    assert list(results.values()) == [6, 24, 120, 720, 5040]


def test_only_so_many_items_are_out_at_a_time() -> None:
    taken = 0

    def source() -> Any:
        nonlocal taken
        for item in range(1, 200):
            taken = item
            yield item

    with Crew(1) as crew:
        for done, (item, result) in enumerate(crew.map(abs, source()), start=1):
            assert (item, result) == (done, done)
            assert taken <= done + 3


def test_squares(toys: ModuleType, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = walk(toys, photos, out, compose={"layout": "square", "size": 64, "crops": 3})
    assert len(kept(result, "split")) == 36
    line = by_name(out, "compose")[kept(result, "split")[1]["name"]]
    assert line["from"][3] - line["from"][1] == line["from"][2] - line["from"][0] == 240
    with Image.open(out / kept(result, "split")[0]["path"]) as file:
        assert (file.size, file.mode) == ((64, 64), "RGB")
    # The photographs are as large as squares of 241 px would need, but for their height.
    small = walk(toys, photos, tmp_path / "small", compose={"layout": "square", "size": 241})
    assert small.refusal
    assert {line["reason"] for line in small.lines["compose"]} == {
        "too small: its shorter side is 240 px, 241 needed"
    }
    assert "no pictures are left" in (tmp_path / "small/report.html").read_text(encoding="utf-8")


def test_aligned_by_people_puts_everyone_in_the_same_box(
    toys: ModuleType, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    box = [0.25, 0.25, 0.75, 0.75]
    tables = {"layout": "aligned", "size": 64, "box": box, "max_outside": 1.0}
    result = walk(toys, photos, out, people={"at_least": 1}, compose=tables)
    made = kept(result, "split")
    assert len(made) == 10 * 4 + 6 + 3
    for line in made[::6]:
        with Image.open(out / line["path"]) as file:
            (person,) = [p for p in toys.Blocks().people(np.asarray(file)) if p.box[0] <= 32 < p.box[2]]
        x0, y0, x1, y1 = person.box
        assert abs((x0 + x1) / 2 - 32) <= 1.5
        assert abs((y0 + y1) / 2 - 32) <= 1.5
        assert abs(max(x1 - x0, y1 - y0) - 32) <= 2


def test_aligned_by_points_turns_upright(toys: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    places = tmp_path / "places.jsonl"
    rng = np.random.default_rng(3)
    lines = []
    for number in range(8):
        picture = toys.photograph(number, people=1).convert("RGB")
        ax, ay, bx, by = (int(v) for v in rng.integers(20, 200, 4))
        for color, (x, y) in (((255, 0, 0), (ax, ay)), ((0, 0, 255), (bx + 100, by))):
            picture.paste(color, (x - 6, y - 6, x + 7, y + 7))
        picture.save(folder / f"{number}.png")
        lines.append({"file": f"{number}.png", "points": [[ax + 0.5, ay + 0.5], [bx + 100.5, by + 0.5]]})
    places.write_text("".join(json.dumps(line) + "\n" for line in lines))
    compose = {"layout": "aligned", "by": "file", "file": str(places), "size": 200, "max_outside": 1.0,
               "points": [[0.3, 0.5], [0.7, 0.5]]}  # fmt: skip
    result = walk(toys, folder, tmp_path / "out", compose=compose)
    assert len(result.lines["split"]) == 8
    for line in result.lines["split"]:
        with Image.open(tmp_path / "out" / line["path"]) as file:
            pixels = np.asarray(file).astype(int)
        assert pixels[100, 60, 0] > 200
        assert pixels[100, 60, 2] < 60
        assert pixels[100, 140, 2] > 200
        assert pixels[100, 140, 0] < 60
    strict = compose | {"max_outside": 0.0, "points": [[0.49, 0.5], [0.51, 0.5]]}
    nothing = walk(toys, folder, tmp_path / "strict", compose=strict)
    assert all("outside the photograph" in line["reason"] for line in nothing.lines["compose"])


def test_places_that_are_none_are_all_named(toys: ModuleType, photos: Path, tmp_path: Path) -> None:
    places = tmp_path / "places.jsonl"
    places.write_text(
        '{"file": "a", "box": [0, 0, 0, 9]}\n{"file": "a", "box": [0, 0, 1, 9]}\n{"points": 3}\nx\n'
    )
    with pytest.raises(RecipeError) as caught:
        walk(toys, photos, tmp_path / "out", compose={"layout": "aligned", "by": "file", "file": str(places)})
    assert [line.split(":")[1] for line in str(caught.value).splitlines()] == ["1", "3", "4"]


def test_a_composite_in_which_someone_is_lost_is_set_aside(
    toys: ModuleType, photos: Path, tmp_path: Path
) -> None:
    result = walk(toys, photos, tmp_path / "out", refilter={"pixels": 200})
    assert {line["reason"] for line in result.lines["refilter"]} == {
        "0 people seen, exactly 4 expected: 4 found, 4 of them too small (under 200 px)"
    }
    assert "report.html" in result.refusal


def test_folders_that_cannot_be_used(toys: ModuleType, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.png").touch()
    for folder, out, message in (
        (tmp_path / "none", tmp_path / "out", "no such folder"),
        (tmp_path / "empty", tmp_path / "out", "there is nothing in it"),
        (photos, photos, "holds the photographs"),
        (photos / "more", photos, "holds the photographs"),
        (photos, tmp_path / "full", "not empty, and not made by this command"),
    ):
        with pytest.raises(FolderError, match=message):
            walk(toys, folder, out)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.png"]


def test_the_set_may_lie_inside_the_folder_of_photographs(toys: ModuleType, tmp_path: Path) -> None:
    toys.fill(tmp_path, 7)
    before = tree(tmp_path)
    walk(toys, tmp_path, tmp_path / "out")
    again = walk(toys, tmp_path, tmp_path / "out")
    assert len(again.lines["read"]) == 7
    assert {name: digest for name, digest in tree(tmp_path).items() if not name.startswith("out/")} == before


def test_explain(photos: Path, prepared: tuple[Path, Prepared]) -> None:
    out, result = prepared
    text = explanation(photos, out, "three.png")
    assert "read      kept: PNG, 320 x 240" in text
    assert "people    aside: 3 people can be used, at least 4 are needed" in text
    assert explanation(photos, out, str(photos / "three.png")) == text
    assert "the same bytes as 000.jpg" in explanation(photos, out, "exact.jpg")
    name = kept(result, "split")[0]["name"]
    lines = explanation(photos, out, name).splitlines()
    assert lines[0] == name
    assert [line.split()[0] for line in lines[1:]] == [
        "read", "dedupe", "people", "compose", "refilter", "split", "audit",
    ]  # fmt: skip
    with pytest.raises(NotFound, match="no manifest names it"):
        explanation(photos, out, "nowhere.jpg")
    with pytest.raises(NotFound, match="prepare it first"):
        explanation(photos, photos, "three.png")


def test_the_report_stands_alone_and_warns(prepared: tuple[Path, Prepared]) -> None:
    page = (prepared[0] / "report.html").read_text(encoding="utf-8")
    assert "everything stands in the same place: box centres vary by" in page
    assert "44 pictures of 11 photographs" in page
    assert "http" not in page
    assert "<script" not in page
    for title in ("Yield", "Balance", "Near-copies left", "Set aside", "How alike"):
        assert title in page


@pytest.fixture
def marrow_prepare() -> Typer:
    app = Typer()
    app.command()(prepare)
    return app


def test_the_command(toys: ModuleType, marrow_prepare: Typer, tmp_path: Path) -> None:
    toys.fill(tmp_path / "photos", 8)
    words = [str(tmp_path / "photos"), str(tmp_path / "out"), "--workers", "1"]
    (tmp_path / "mine.toml").write_text('[compose]\nlayout = "square"\nsize = 64\n')
    result = CliRunner().invoke(marrow_prepare, [*words, "--recipe", str(tmp_path / "mine.toml")])
    assert result.exit_code == 0, result.output
    assert "8 pictures in" in result.output
    assert (tmp_path / "out/report.html").is_file()
    told = CliRunner().invoke(marrow_prepare, [*words, "--explain", "003.jpg"])
    assert told.exit_code == 0
    assert "split     kept" in told.output
    shown = CliRunner().invoke(marrow_prepare, ["--show-recipe", "plain"])
    assert shown.exit_code == 0
    assert 'layout = "square"' in shown.output
    (tmp_path / "bad.toml").write_text('[people]\nsegmenter = "nobody"\n[compsoe]\n')
    bad = CliRunner().invoke(marrow_prepare, [*words, "--recipe", str(tmp_path / "bad.toml")])
    assert bad.exit_code == 2
    assert 'Did you mean "compose"' in bad.output
    (tmp_path / "bad.toml").write_text('[people]\nsegmenter = "nobody"\n')
    bad = CliRunner().invoke(marrow_prepare, [*words, "--recipe", str(tmp_path / "bad.toml")])
    assert bad.exit_code == 2
    assert "people.segmenter" in bad.output
