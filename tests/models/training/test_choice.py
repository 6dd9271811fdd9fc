"""The snapshot of a run that is kept: by the rule, with reasons, and nothing lost on the way."""

import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner, Result

from models import checkpoint
from models.stylegan2 import StyleGAN2, StyleGAN2Config
from models.training.__main__ import train
from models.training.card import RECIPE, SHAPE
from models.training.choice import Choice, ChoiceError, choose, why
from models.training.choice_command import choose_command
from models.training.choice_picture import picture
from tests import toy_run as toy

CONFIG = StyleGAN2Config(16, z_dim=8, w_dim=8, mapping_layers=1, channel_base=64, channel_max=8)
RECIPE_THEN = {"batch": 16, "gamma": 0.5, "lecam": 0.0, "augment": "ada", "p": None, "seed": 0}
Lines = list[dict[str, Any]]


def line(
    kimg: float, kid: float, *, recall: float = 0.5, passed: bool = True, **others: Any
) -> dict[str, Any]:
    return {
        "kimg": kimg, "tier": "B", "fakes": 500, "against": "held-out", "kid": kid, "kid_deviation": 0.002,
        "precision": 0.7, "recall": recall, "memorisation": {"ratio": 0.9, "share": 0.1, "passed": passed},
    } | others  # fmt: skip


def chosen(lines: Lines, on_disk: list[int] | None = None) -> Choice:
    return choose(lines, [int(each["kimg"]) for each in lines] if on_disk is None else on_disk)


# --- the rule ---


def test_the_lowest_kid_is_chosen_and_the_next_two_kept() -> None:
    choice = chosen([line(20, 0.05), line(40, 0.02), line(60, 0.03), line(80, 0.04)])
    assert [each.kimg for each in choice.kept] == [40, 60, 80]
    assert choice.chosen.kimg == 40


def test_copies_are_not_chosen_however_low_their_kid() -> None:
    choice = chosen([line(20, 0.05), line(40, 0.001, passed=False, recall=1.0)])
    assert choice.chosen.kimg == 20
    assert [each.kimg for each in choice.kept] == [20]
    assert "1 snapshot failed that test" in why(choice)


def test_recall_must_hold() -> None:
    choice = chosen([line(20, 0.05, recall=0.5), line(40, 0.03, recall=0.39), line(60, 0.06, recall=0.4)])
    assert [each.kimg for each in choice.kept] == [20, 60, 40]
    assert "40 kimg had a lower KID, but paint too little" in why(choice)


def test_blots_that_reach_much_are_no_measure_of_recall() -> None:
    """As in runs on 200 pictures."""
    choice = chosen([line(10, 11.2, recall=0.3), line(40, 2.0, recall=0.06), line(60, 1.7, recall=0.055)])
    assert choice.chosen.kimg == 60
    assert choice.least_recall == pytest.approx(0.8 * 0.06)


def test_blots_are_not_kept_beside_it_either() -> None:
    kids = {10: (11.0, 0.3), 20: (9.0, 0.2), 30: (1.0, 0.1), 40: (1.05, 0.07), 50: (1.06, 0.07)}
    choice = chosen([line(kimg, kid, recall=recall) for kimg, (kid, recall) in kids.items()])
    assert [each.kimg for each in choice.kept] == [30, 40, 50]


def test_where_recall_says_nothing_kid_decides() -> None:
    choice = chosen([line(10, 0.5, recall=0.04), line(20, 0.4, recall=0.0), line(30, 0.6, recall=0.02)])
    assert choice.chosen.kimg == 20
    assert "too low in all that paint well to tell them apart" in why(choice)
    assert choice.verdict(choice.snapshots[2]) == "kept"


def test_near_zero_the_deviations_say_what_is_near() -> None:
    choice = chosen([line(20, -0.002, recall=0.2), line(40, 0.001, recall=0.9), line(60, 0.004, recall=0.2)])
    assert choice.chosen.kimg == 40


def test_within_a_deviation_the_eye_is_asked() -> None:
    assert "let your eye decide" in why(chosen([line(20, 0.020), line(40, 0.021)]))
    assert "let your eye decide" not in why(chosen([line(20, 0.020), line(40, 0.031)]))


def test_what_came_after_is_said() -> None:
    assert "past its best" in why(chosen([line(20, 0.02), line(40, 0.05)]))
    assert "still falling" in why(chosen([line(20, 0.05), line(40, 0.02)]))
    assert "hardly changed" in why(chosen([line(20, 0.020), line(40, 0.021)]))
    fell = [line(20, 0.05, recall=0.9), line(40, 0.03, recall=0.2)]
    assert "After it KID fell to 0.0300 at 40 kimg, but that one could not be chosen: kept" not in why(
        chosen(fell)
    )
    assert "After it KID fell to 0.0300 at 40 kimg, but that one could not be chosen" in why(chosen(fell))
    low = [line(20, 0.03, recall=0.2), line(40, 0.05, recall=0.9)]
    assert "It is the newest. " in why(chosen(low))
    many = [
        *(line(kimg, 0.03 + kimg / 10_000, recall=0.2) for kimg in range(10, 60, 10)),
        line(60, 0.05, recall=0.9),
    ]
    assert "5 snapshots had a lower KID" in why(chosen(many))


def test_measures_on_other_terms_are_passed_over() -> None:
    choice = chosen([line(20, 0.001, tier="A"), line(20, 0.05), line(40, 0.04)])
    assert choice.chosen.kimg == 40
    assert choice.passed_over == 1


def test_the_later_of_two_measures_of_one_snapshot_counts() -> None:
    assert chosen([line(20, 0.01), line(40, 0.02), line(20, 0.03)]).chosen.kimg == 40


def test_a_better_one_whose_file_is_gone_is_told() -> None:
    choice = chosen([line(20, 0.01), line(40, 0.02)], on_disk=[40])
    assert choice.chosen.kimg == 40
    assert "at 20 kimg, is no longer on disk" in why(choice)
    assert [choice.verdict(each) for each in choice.snapshots] == ["file gone", "chosen"]


@pytest.mark.parametrize(
    ("lines", "on_disk", "told"),
    [
        ([], [20], "no snapshot was measured"),
        ([{"kimg": 20}, {"kid": None}, line(20, float("nan"))], [20], "no snapshot was measured"),
        ([line(20, 0.01, passed=False)], [20], "none of the 1 measured snapshots passes"),
        ([line(20, 0.01)], [], "is missing"),
        ([line(20, 0.01), line(40, 0.006, recall=0.1)], [40], "at 20 kimg, is missing"),
    ],
)
def test_what_cannot_be_chosen_is_refused_in_a_sentence(lines: Lines, on_disk: list[int], told: str) -> None:
    with pytest.raises(ChoiceError, match=told):
        choose(lines, on_disk)


measured = st.builds(
    line,
    st.integers(1, 400).map(float),
    st.floats(-0.01, 1),
    recall=st.floats(0, 1),
    passed=st.booleans(),
)


@given(st.lists(measured, min_size=1, max_size=20, unique_by=lambda each: each["kimg"]))
def test_the_rule_holds_for_any_measures(lines: Lines) -> None:
    honest = [each for each in lines if each["memorisation"]["passed"]]
    if not honest:
        with pytest.raises(ChoiceError):
            chosen(lines)
        return
    choice = chosen(lines)
    low = min(each["kid"] for each in honest)
    near = [each["recall"] for each in honest if each["kid"] <= max(2 * low, low + 0.004)]
    least = 0.8 * max(near) if max(near) >= 0.05 else 0.0
    assert choice.chosen.kid == min(each["kid"] for each in honest if each["recall"] >= least)
    assert choice.chosen in choice.kept
    assert len(choice.kept) == min(3, len(honest))
    assert why(choice).startswith(f"The snapshot at {choice.chosen.kimg:g} kimg is chosen.")


def test_the_picture_marks_the_chosen() -> None:
    choice = chosen([line(20, 0.05), line(40, 0.02), line(60, 0.01, passed=False), line(80, 0.04)])
    pixels = np.asarray(picture(choice))
    assert pixels.shape == (720, 1200, 3)
    lamp = (np.abs(pixels[70:432].astype(int) - (240, 179, 90)).max(axis=2) < 8).sum(axis=0)
    assert abs(int(lamp.argmax()) - (110 + 1050 // 2)) < 4
    assert picture(chosen([line(20, 0.0, kid_deviation=0.0)])).size == (1200, 720)


def test_the_picture_shows_the_best_and_what_came_after_however_it_began() -> None:
    def middle(first: float) -> bytes:
        lines = [line(20, first), line(40, 0.4), line(60, 0.2), line(80, 0.5)]
        return np.asarray(picture(chosen(lines)))[70:432, 800:].tobytes()

    assert middle(20.0) == middle(600.0)


# --- the command ---


@pytest.fixture(scope="module")
def arrays() -> dict[str, Any]:
    torch.manual_seed(0)
    return {name: tensor.numpy() for name, tensor in StyleGAN2(CONFIG).state_dict().items()}


@pytest.fixture
def run(tmp_path: Path, arrays: dict[str, Any]) -> Path:
    path: Path = toy.write_run(tmp_path / "run", last=160)
    for kimg in range(20, 161, 20):
        weights = {name: array + np.float32(kimg) for name, array in arrays.items()}
        about = {"kimg": kimg, "recipe": RECIPE_THEN}
        checkpoint.save_arrays(
            path / f"network-{kimg:06d}.safetensors", "stylegan2", CONFIG.to_plain(), weights, about
        )
    checkpoint.write_whole(path / "network.safetensors", (path / "network-000160.safetensors").read_bytes())
    return path


def call(*words: object) -> Result:
    app = typer.Typer(add_completion=False)
    app.command()(choose_command)
    return CliRunner().invoke(app, [str(word) for word in words])


def networks(run: Path) -> list[int]:
    return sorted(int(path.stem[-6:]) for path in run.glob("network-*.safetensors"))


def test_it_chooses_says_why_and_deletes_nothing(run: Path) -> None:
    result = call(run)
    assert result.exit_code == 0, result.output
    assert "The snapshot at 120 kimg is chosen." in result.output
    assert "--prune deletes them" in result.output
    assert networks(run) == list(range(20, 161, 20))
    text = (run / "choice.md").read_text()
    assert "| 120 | 0.0200 ± 0.0060 |" in text
    assert text.count("| kept |") == 2
    assert "sheet-000120.png" in text
    with Image.open(run / "choice.png") as image:
        assert image.size == (1200, 720)
    assert not list(run.glob("*.part"))


def test_nothing_is_pruned_where_one_that_is_kept_is_damaged(run: Path) -> None:
    damaged = run / "network-000140.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-4])
    result = call(run, "--prune")
    assert result.exit_code == 2
    assert "network-000140.safetensors: damaged" in " ".join(result.output.split())
    assert networks(run) == list(range(20, 161, 20))


def test_prune_takes_the_discriminators_of_what_it_deletes(run: Path) -> None:
    judges = {kimg: run / f"network-{kimg:06d}.discriminator.safetensors" for kimg in (20, 120)}
    for path in judges.values():
        path.write_bytes(b"judge")
    assert call(run, "--prune").exit_code == 0
    assert {kimg: path.exists() for kimg, path in judges.items()} == {20: False, 120: True}


def test_prune_keeps_three_and_the_newest_and_what_nobody_measured(run: Path) -> None:
    stray = run / "network-000150.safetensors"
    checkpoint.write_whole(stray, b"not measured")
    for name in ("network-final.safetensors", "state.safetensors"):
        (run / name).write_bytes(b"other")
    assert call(run, "--prune").exit_code == 0
    left = sorted(path.name for path in run.glob("*.safetensors"))
    assert left == [
        "network-000100.safetensors", "network-000120.safetensors", "network-000140.safetensors",
        "network-000150.safetensors", "network-000160.safetensors", "network-final.safetensors",
        "network.safetensors", "state.safetensors",
    ]  # fmt: skip
    again = call(run, "--prune")
    assert again.exit_code == 0, again.output
    assert "The snapshot at 120 kimg is chosen." in again.output


def test_ship_writes_the_same_network_with_its_card_and_picture(run: Path, tmp_path: Path) -> None:
    ship = tmp_path / "out" / "dinner.safetensors"
    about = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**about, "recipe": {"batch": 99}}))  # it went on in another way
    result = call(run, "--ship", ship, "--licence", "CC BY 4.0")
    assert result.exit_code == 0, result.output
    header, network = checkpoint.build(ship)
    assert header.sha256 == checkpoint.read_header(run / "network-000120.safetensors").sha256
    assert network.state_dict().keys() == StyleGAN2(CONFIG).state_dict().keys()
    assert header.about["measures"]["kimg"] == 120
    assert header.about["recipe"] == RECIPE_THEN
    assert ship.with_suffix(".png").read_bytes() == (run / "sheet-000120.png").read_bytes()
    text = ship.with_suffix(".md").read_text()
    for told in (
        "# dinner.safetensors", "![Fixed seeds of this network](dinner.png)", "| 16 x 16, RGB |",
        "900 pictures of dinners, and 100 held out", "batch 16, gamma 0.5, augment ada", "| 120 of 300 kimg",
        "| 0.0200 ± 0.0060, to held-out pictures |", "B: three random networks",
        "| CC BY 4.0 |", header.sha256,
        "The snapshot at 120 kimg is chosen.", "marrow train RUN --data dinners --size 16 --channel-base 64",
        "--batch 16 --gamma 0.5 --lecam 0.0 --augment ada --seed 0 --kimg 300",
        "marrow choose RUN --ship dinner.safetensors",
    ):  # fmt: skip
        assert told in text, text
    assert "/somewhere" not in text
    assert str(run) not in text


def test_a_run_without_its_sheet_or_story_ships_with_a_shorter_card(run: Path, tmp_path: Path) -> None:
    (run / "run.json").unlink()
    (run / "sheet-000120.png").unlink()
    ship = tmp_path / "out.safetensors"
    assert call(run, "--ship", ship).exit_code == 0
    text = ship.with_suffix(".md").read_text()
    assert "| data | not known |" in text
    assert "![" not in text
    assert not ship.with_suffix(".png").exists()


def test_a_damaged_story_is_refused_before_anything_is_written(run: Path, tmp_path: Path) -> None:
    (run / "run.json").write_text("{torn")
    result = call(run, "--ship", tmp_path / "out.safetensors")
    assert result.exit_code == 2
    assert "run.json: is not JSON" in " ".join(result.output.split())
    assert not (tmp_path / "out.safetensors").exists()


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"families": 1700}, "marrow train RUN --families 1700 --size 16"),
        ({"classes_file": "who.csv"}, "marrow train RUN --data dinners --classes who.csv --size 16"),
    ],
)
def test_the_card_names_what_it_was_made_of(
    run: Path, tmp_path: Path, told: dict[str, Any], line: str
) -> None:
    about = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**about, **told}))
    ship = tmp_path / "out.safetensors"
    assert call(run, "--ship", ship).exit_code == 0
    assert line in ship.with_suffix(".md").read_text()


def test_an_atlas_of_the_network_before_is_told(run: Path, tmp_path: Path) -> None:
    (tmp_path / "out.atlas.safetensors").write_bytes(b"old")
    assert "make one anew with: marrow directions" in call(run, "--ship", tmp_path / "out.safetensors").output


@pytest.mark.parametrize(
    ("place", "told"), [("out.pt", "ends in .safetensors"), ("run/x.safetensors", "in the run itself")]
)
def test_a_wrong_place_is_refused_before_anything_is_written(
    run: Path, tmp_path: Path, place: str, told: str
) -> None:
    result = call(run, "--ship", tmp_path / place)
    assert result.exit_code == 2
    assert told in result.output
    assert not (run / "choice.md").exists()


def test_no_measures_is_refused(run: Path, tmp_path: Path) -> None:
    (run / "measures.jsonl").unlink()
    for folder in (run, tmp_path / "nothing"):
        result = call(folder)
        assert result.exit_code == 2
        assert "no such file" in result.output


def test_a_damaged_line_is_refused_and_a_torn_last_one_is_not(run: Path) -> None:
    measures = run / "measures.jsonl"
    whole = measures.read_text()
    measures.write_text(whole + '{"kimg": 180, "ki')
    assert call(run).exit_code == 0
    measures.write_text("{torn\n" + whole)
    result = call(run)
    assert result.exit_code == 2
    assert "a line is not JSON" in result.output


def test_a_damaged_network_is_not_shipped(run: Path, tmp_path: Path) -> None:
    path = run / "network-000120.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    result = call(run, "--ship", tmp_path / "out.safetensors", "--prune")
    assert result.exit_code == 2
    assert "damaged or cut short" in result.output
    assert not (tmp_path / "out.safetensors").exists()
    assert networks(run) == list(range(20, 161, 20))


def test_the_card_speaks_the_options_of_train() -> None:
    options = inspect.signature(train).parameters
    assert set(RECIPE + SHAPE) <= set(options)
    assert json.loads(json.dumps(CONFIG.to_plain())).keys() >= {"size", "channel_base", "channel_max"}
