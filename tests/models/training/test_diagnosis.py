"""What is wrong is named, what is well is not, and nothing raises."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.diagnosis import TICKS, words

Lines = list[dict[str, Any]]
FAULTS = (
    "The generator has collapsed", "Every seed gives nearly the same", "The discriminator has run away",
    "The generator has run away", "The training oscillates", "The generator has copied", "The best is behind",
)  # fmt: skip


def tick(kimg: float, **figures: float) -> dict[str, Any]:
    well = {"G": 1.2, "D": 1.0, "sign": 0.5, "sign_fake": -0.5, "spread": 0.8, "s_per_kimg": 20.0}
    return {"kimg": kimg, **well, **figures}


def well(count: int) -> Lines:
    return [tick(4.0 * (n + 1)) for n in range(count)]


def then(log: Lines, count: int, **figures: float) -> Lines:
    last = log[-1]["kimg"] if log else 0.0
    return log + [tick(last + 4 * (n + 1), **figures) for n in range(count)]


def judged(*kids: float, passed: bool = True, deviation: float = 0.002) -> Lines:
    terms = {"tier": "B", "kid_deviation": deviation, "memorisation": {"passed": passed}}
    return [{"kimg": 20.0 * (n + 1), "kid": kid, **terms} for n, kid in enumerate(kids)]


def one(log: Lines, measures: Lines) -> str:
    said = words(log, measures)
    assert len(said) == 1, said
    return said[0]


healthy = st.lists(
    st.tuples(
        st.floats(0.9, 1.4), st.floats(0.7, 1.3), st.floats(0.0, 0.85), st.floats(-0.85, 0.0),
        st.floats(0.45, 1.1), st.floats(1, 500),
    ),
    max_size=40,
)  # fmt: skip


@given(healthy, st.lists(st.floats(-0.05, 0.05), max_size=12))
def test_a_healthy_log_has_no_words(figures: list[tuple[float, ...]], wobble: list[float]) -> None:
    names = ("G", "D", "sign", "sign_fake", "spread", "s_per_kimg")
    log = [tick(4.0 * (n + 1), **dict(zip(names, values, strict=True))) for n, values in enumerate(figures)]
    kids = (0.2 / (n + 1) * (1 + noise) for n, noise in enumerate(wobble))
    assert words(log, judged(*kids)) == ()


def test_nothing_yet_has_no_words() -> None:
    assert words([], []) == ()


FAULTY: list[tuple[str, dict[str, float]]] = [
    ("The generator has collapsed", {"spread": 0.1}),
    ("The discriminator has run away", {"sign": 0.98, "sign_fake": -0.97, "D": 0.1, "G": 3.5}),
    ("The discriminator has run away", {"sign": 0.0, "sign_fake": 0.0, "D": 0.02, "G": 6.0}),
    ("The generator has run away", {"D": 2.0, "G": 0.2, "sign": -0.3, "sign_fake": 0.4}),
]


@pytest.mark.parametrize(("fault", "figures"), FAULTY)
@given(before=st.integers(TICKS, 30), more=st.integers(0, 20))
def test_a_fault_that_lasts_is_named(fault: str, figures: dict[str, float], before: int, more: int) -> None:
    assert one(then(well(before), TICKS + more, **figures), []).startswith(fault)


@pytest.mark.parametrize(("fault", "figures"), FAULTY)
def test_a_fault_of_fewer_ticks_is_not(fault: str, figures: dict[str, float]) -> None:
    assert words(then(well(8), TICKS - 1, **figures), []) == ()
    log = well(8)
    for _ in range(5):
        log = then(then(log, 1, **figures), 3)
    assert not any(text.startswith(fault) for text in words(log, []))


@pytest.mark.parametrize(("fault", "figures"), FAULTY)
def test_a_fault_stays_until_it_is_well_for_as_long(fault: str, figures: dict[str, float]) -> None:
    ill = then(well(8), 2 * TICKS, **figures)
    assert one(then(ill, TICKS - 1), []).startswith(fault)
    assert words(then(ill, TICKS), []) == ()


def test_pictures_that_never_differed_are_named() -> None:
    assert words(then([], 10, spread=0.1), []) == ()
    assert one(then([], 30, spread=0.1), []).startswith("Every seed gives nearly the same")


@given(high=st.floats(3.0, 8.0), half=st.integers(1, 2))
def test_oscillation_is_named(high: float, half: int) -> None:
    log = well(6)
    for n in range(20):
        up = (n // half) % 2
        log = then(log, 1, G=high if up else 0.9, D=0.5 if up else 1.2)
    assert one(log, []).startswith("The training oscillates")


def test_a_loss_that_climbs_once_does_not_oscillate() -> None:
    log = well(4)
    for n in range(20):
        log = then(log, 1, G=1.2 + n / 10)
    assert words(log, []) == ()


def test_memorising_says_since_when_and_what_to_take() -> None:
    measures = judged(0.05, 0.04, 0.03) + [
        {**line, "kimg": 80.0 + line["kimg"]} for line in judged(0.03, 0.03, passed=False)
    ]
    assert words([], measures[:4]) == ()
    said = one([], measures)
    assert said.startswith("The generator has copied training pictures since 100 kimg")
    assert "60 kimg" in said
    assert "--augment" in said


def test_memorising_from_the_first_says_to_start_anew() -> None:
    assert "start anew" in one([], judged(0.03, 0.03, passed=False))


def test_past_its_best_names_the_kimg() -> None:
    falling = (0.09, 0.05, 0.02)
    assert words([], judged(*falling, 0.03, 0.035)) == ()
    said = one([], judged(*falling, 0.03, 0.035, 0.04))
    assert said.startswith("The best is behind: KID has risen since 60 kimg, from 0.02 to 0.04.")
    assert "marrow choose" in said
    assert "--kimg" in said


def test_a_new_best_takes_it_back_at_once() -> None:
    assert words([], judged(0.02, 0.05, 0.05, 0.05, 0.01)) == ()


def test_within_its_deviation_nothing_is_behind() -> None:
    assert words([], judged(0.02, *(0.028,) * 8, deviation=0.005)) == ()


def test_measures_on_other_terms_are_not_compared() -> None:
    other = [{**line, "kimg": line["kimg"] + 60, "tier": "A"} for line in judged(0.5, 0.5, 0.5)]
    assert words([], judged(0.09, 0.05, 0.02) + other) == ()


def test_pictures_that_get_better_meanwhile_have_not_collapsed() -> None:
    log = then(well(8), 8, spread=0.3)
    assert one(log, [{**judged(2.0)[0], "kimg": 40.0}]).startswith("The generator has collapsed")
    assert words(log, judged(2.0, 1.5, 1.0)) == ()
    assert one(log, judged(2.0, 1.0, 1.5)).startswith("The generator has collapsed")


def test_the_lines_of_a_lost_tick_count_once() -> None:
    ill = dict(FAULTY)["The generator has collapsed"]
    log = well(8)
    again = [tick(36.0, **ill)] * 10
    assert words(log + again, []) == ()


def test_several_faults_come_the_most_urgent_first() -> None:
    log = then(well(8), TICKS, spread=0.1, **FAULTY[1][1])
    said = words(log, judged(0.02, 0.05, 0.05, 0.05, passed=False))
    assert [next(fault for fault in FAULTS if text.startswith(fault)) for text in said] == [
        FAULTS[0], FAULTS[2], FAULTS[5], FAULTS[6],
    ]  # fmt: skip


keys = st.sampled_from(
    ["kimg", "G", "D", "sign", "sign_fake", "spread", "kid", "kid_deviation", "tier", "memorisation", "fakes"]
)
anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.just([]),
    st.dictionaries(st.sampled_from(["passed", "ratio"]), st.one_of(st.booleans(), st.none(), st.floats())),
)  # fmt: skip
junk = st.lists(st.dictionaries(keys, anything), max_size=20)


@given(junk, junk)
def test_whatever_the_lines_are_nothing_raises(log: Lines, measures: Lines) -> None:
    said = words(log, measures)
    assert all(any(text.startswith(fault) for fault in FAULTS) for text in said)


@given(junk, st.integers(0, 20))
def test_junk_in_a_log_that_is_well_never_raises(figures: Lines, count: int) -> None:
    numbered = [{**line, "kimg": float(n)} for n, line in enumerate(figures)]
    assert isinstance(words(well(count) + numbered, numbered), tuple)
