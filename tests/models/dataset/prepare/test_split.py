"""The split: whole scenes, 10 to 20 %, and no leak."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.dataset.prepare.split import Leak, Source, check, held_out, links, scenes


def source(number: int, pictures: int = 4, **more: object) -> Source:
    rng = np.random.default_rng(number)
    word, mirror, *figures = (int(value) for value in rng.integers(0, 2**63, 6))
    given = {"hash": word, "mirror": mirror, "figures": tuple(figures)} | more
    return Source(f"{number}.jpg", f"{number:064x}", pictures=pictures, **given)  # type: ignore[arg-type]


def line(name: str, file: str, digest: str) -> dict[str, str]:
    return {"name": name, "file": file, "picture_sha256": digest}


@given(st.lists(st.integers(1, 4), min_size=12, max_size=80), st.integers(0, 99))
def test_about_the_share_is_held_out(counts: list[int], seed: int) -> None:
    sources = [source(n, count) for n, count in enumerate(counts)]
    out = held_out([[one] for one in sources], 0.15, seed)
    reached = sum(one.pictures for one in sources if one.file in out)
    assert 0.1 * sum(counts) <= reached <= 0.2 * sum(counts)


def test_the_split_depends_on_the_seed_and_not_on_the_order() -> None:
    groups = [[source(n)] for n in range(40)]
    assert held_out(groups, 0.15, 1) == held_out(groups[::-1], 0.15, 1)
    assert held_out(groups, 0.15, 1) != held_out(groups, 0.15, 2)


def test_photographs_that_look_alike_stay_together() -> None:
    sources = [source(n) for n in range(30)]
    near = source(90, hash=sources[3].hash ^ 0b111, mirror=1)
    flipped = source(91, hash=sources[5].mirror, mirror=sources[5].hash)
    same_people = source(92, figures=(*sources[7].figures[:2], *source(94).figures[:2]))
    one_person = source(93, figures=(*sources[9].figures[:1], *source(95).figures[:3]))
    everything = [*sources, near, flipped, same_people, one_person]
    assert links(everything, 12) == {(3, 30), (5, 31), (7, 32)}
    groups = scenes(everything, 12)
    assert sorted(map(len, groups)) == [1] * 28 + [2] * 3
    for seed in range(8):
        out = held_out(groups, 0.2, seed)
        sides = {one.file: "held-out" if one.file in out else "train" for one in everything}
        check(everything, sides, [line(one.file, one.file, one.sha256) for one in everything], 12)
        assert sides["90.jpg"] == sides["3.jpg"]


def test_one_figure_that_looks_like_two_counts_once() -> None:
    a = source(1, figures=(0, 1, 2**40 - 1, 2**50 - 1))
    b = source(2, figures=(0, 2**30 - 1, 2**60 - 1, 2**20 - 1))
    assert links([a, b], 8) == set()


def test_a_leak_is_found_and_named() -> None:
    one, other = source(1), source(2, hash=source(1).hash ^ 1)
    sides = {"1.jpg": "train", "2.jpg": "held-out"}
    with pytest.raises(Leak, match=r"'1.jpg' \(train\) looks like '2.jpg' \(held-out\)"):
        check([one, other], sides, [], 4)
    with pytest.raises(Leak, match=r"b.png is the same picture as a.png"):
        check([source(1), source(2)], sides, [line("a.png", "1.jpg", "0a"), line("b.png", "2.jpg", "0a")], 4)
    check([source(1), source(2)], sides, [line("a.png", "1.jpg", "0a"), line("b.png", "2.jpg", "0b")], 4)


@pytest.mark.parametrize("sizes", [[1], [4], [10, 1], [3, 3, 3]])
def test_where_whole_scenes_cannot_be_parted_it_is_refused(sizes: list[int]) -> None:
    groups = [[source(100 * g + n) for n in range(size)] for g, size in enumerate(sizes)]
    with pytest.raises(Leak, match=r"no split without a leak: .*10 to 20 %"):
        held_out(groups, 0.15, 0)


def test_nothing_cannot_be_split() -> None:
    with pytest.raises(Leak, match="no pictures"):
        held_out([], 0.15, 0)
