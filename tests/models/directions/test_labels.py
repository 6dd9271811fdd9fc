"""Label files: what a person or a spreadsheet wrote is read, and what is wrong is said with its line."""

from pathlib import Path

import pytest

from models.directions.labels import LabelError, Labels, read, write_blank


def test_a_blank_file_holds_every_seed(tmp_path: Path) -> None:
    path = write_blank(tmp_path / "new", range(3))
    assert path.read_text() == "seed,label\n0,\n1,\n2,\n"
    assert read(path) == Labels((), (), 3)


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = write_blank(tmp_path, range(3))
    path.write_text("seed,label\n0,1\n")
    with pytest.raises(LabelError, match="is there already"):
        write_blank(tmp_path, range(3))
    assert path.read_text() == "seed,label\n0,1\n"


@pytest.mark.parametrize(
    "text",
    [
        "seed,label\n4,1\n5,\n6,no\n\n",
        "seed;label\r\n4;1\r\n5;\r\n6;0\r\n",
        "\ufeffseed,label,remark\n4, YES ,hat\n5\n6,n\n4,1\n",
    ],
)
def test_labels_are_read_as_people_write_them(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    assert read(path) == Labels((4, 6), (1, 0), 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: expected the heading"),
        ("0,1\n", "line 1: expected the heading seed,label"),
        ("seed,label\n0,1\n1,maybe\n", 'line 3: "maybe" is not a label'),
        ("seed,label\nmean,1\n", 'line 2: "mean" is not a seed'),
        ("seed,label\n-1,1\n", 'line 2: "-1" is not a seed'),
        ("seed,label\n4,1\n4,0\n", "line 3: seed 4 has both labels"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(LabelError, match=words):
        read(path)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="--sample"):
        read(tmp_path / "labels.csv")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(LabelError, match="cannot be read as text"):
        read(path)
