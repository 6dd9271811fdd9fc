"""Recipes: those that come along, those of a user, and all that is wrong at once."""

from pathlib import Path

import pytest

from models.dataset.prepare.recipe import BUILT_IN, Aligned, Columns, Recipe, RecipeError, Square, load, parse


def test_the_family_file_says_what_the_defaults_are() -> None:
    assert load("family") == Recipe()


@pytest.mark.parametrize(("name", "layout"), list(zip(BUILT_IN, (Columns, Square, Aligned), strict=True)))
def test_what_comes_along_can_be_followed(name: str, layout: type) -> None:
    assert isinstance(load(name).compose, layout)


def test_stages_follow_from_the_layout() -> None:
    assert load("family").stages == ("read", "dedupe", "people", "compose", "refilter", "split", "audit")
    assert load("plain").stages == ("read", "dedupe", "compose", "split", "audit")
    assert load("aligned").stages == ("read", "dedupe", "people", "compose", "split", "audit")
    by_file = parse({"compose": {"layout": "aligned", "by": "file", "file": "p.jsonl"}})
    assert by_file.stages == ("read", "dedupe", "compose", "split", "audit")


def test_a_user_writes_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[people]\nscore = 0.8\n[compose]\norders = 2\n")
    recipe = load(str(path))
    assert recipe.people.score == 0.8
    assert isinstance(recipe.compose, Columns)
    assert recipe.compose.orders == 2
    assert recipe.compose.canvas == 512


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        '[poeple]\nscore = 1\n[people]\nscor = 1\nchoose = "best"\n[dedupe]\ndistance = 99\n'
        '[compose]\ncolum = 3\ncanvas = "big"\n'
    )
    with pytest.raises(RecipeError) as caught:
        load(str(path))
    lines = str(caught.value).splitlines()
    assert len(lines) == 6
    assert all(line.startswith(str(path)) for line in lines)
    text = str(caught.value)
    assert 'poeple: there is no such key. Did you mean "people"?' in text
    assert 'people.scor: there is no such key. Did you mean "score"?' in text
    assert 'compose.colum: there is no such key. Did you mean "column"?' in text
    assert "people.choose: expected 'largest', 'surest' or 'leftmost' (found 'best')" in text
    assert "dedupe.distance: expected" in text
    assert "compose.canvas: expected a valid integer" in text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"compose": {"column": 200}}, "do not fit"),
        ({"compose": {"orders": 25}}, "24 orders"),
        ({"compose": {"layout": "rows"}}, "compose: .*'columns', 'square', 'aligned'"),
        ({"compose": {"layout": "square", "column": 3}}, "there is no such key"),
        ({"people": {"at_least": 3}}, "compose.people needs 4"),
        ({"compose": {"layout": "aligned", "by": "file"}}, "needs a file of places"),
        ({"compose": {"layout": "aligned", "box": [0.5, 0, 0.5, 1]}}, "left, top, right, bottom"),
        ({"compose": {"layout": "aligned", "points": [[0.5, 0], [0.5, 0]]}}, "two different points"),
        ({"split": {"held_out": 0.5}}, "held_out"),
        ({"people": 4}, "people: expected"),
        ({"compose": 4}, "compose: expected"),
    ],
)
def test_contradictions_are_refused(data: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        parse(data)


def test_a_name_that_is_no_recipe() -> None:
    with pytest.raises(RecipeError, match='Did you mean "family"'):
        load("familly")


def test_a_file_that_is_no_toml(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[people\n")
    with pytest.raises(RecipeError, match="not TOML"):
        load(str(tmp_path / "x.toml"))


def test_a_digest_changes_with_its_stage_and_those_before_it() -> None:
    before = Recipe().digests({"people": "a"})
    after = parse({"people": {"score": 0.9}}).digests({"people": "a"})
    other = Recipe().digests({"people": "b"})
    assert [stage for stage in before if before[stage] == after[stage]] == ["read", "dedupe"]
    assert [stage for stage in before if before[stage] == other[stage]] == ["read", "dedupe"]
