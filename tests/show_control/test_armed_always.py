"""Whatever is armed, and whatever is asked: the show can always be told, to the walls and to the pages."""

from hypothesis import given
from hypothesis import strategies as st

from show_control.events import Back, Event, Fire, Go, Goto, Hold, Panic, Reset, Resume, StandBy, Stop
from show_control.show import Show
from show_control.showfile import parse_show


def cue(number: str, kind: str, lines: str, armed: bool) -> str:
    """One cue, at the depth that its number has."""
    table = "[[cue" + ".cue" * number.count(".") + "]]"
    names = f'number = "{number}"\nname = "{kind}"\nkind = "{kind}"\n'
    return f"{table}\n{names}armed = {str(armed).lower()}\n{lines}\n"


CUES = (
    ("1", "look", "look = { psi = 0.9 }\nfade = 0.5"),
    ("2", "group", 'mode = "sequence"'),
    ("2.1", "look", "look = { noise = 0.7 }\nfollow = 0.2"),
    ("2.2", "group", 'mode = "together"\nfollow = "done"'),
    ("2.2.1", "look", "look = { shadows = 1.0 }\nfade = 1"),
    ("2.2.2", "fade", "look = { psi = 0.2 }\nfade = 0.3"),
    ("3", "disarm", 'cues = ["2", "2.2", "1"]\nfollow = 0.1'),
    ("4", "arm", 'cues = ["2.2"]'),
    ("5", "look", "look = { psi = 0.1 }"),
)
numbers = st.sampled_from([number for number, _, _ in CUES])
listed = st.sampled_from([number for number, _, _ in CUES if "." not in number])
asked: st.SearchStrategy[Event] = st.one_of(
    st.just(Go()),
    st.just(Go()),
    st.builds(Goto, listed),
    st.builds(StandBy, listed),
    st.builds(Fire, numbers),
    st.builds(Stop, st.none() | numbers),
    st.sampled_from([Back(), Hold(), Resume(), Panic(), Reset()]),
)


@given(
    st.lists(st.booleans(), min_size=len(CUES), max_size=len(CUES)),
    st.lists(st.tuples(asked, st.floats(0.0, 2.0)), max_size=20),
)
def test_the_show_can_be_told(armed: list[bool], steps: list[tuple[Event, float]]) -> None:
    cues = "".join(cue(*each, armed=each_armed) for each, each_armed in zip(CUES, armed, strict=True))
    show, now = Show(parse_show(f"[safe]\nwalk = {{ still = 0 }}\n{cues}", "armed.toml"), 0.0), 0.0
    for id, (event, wait) in enumerate(steps, 1):
        show.receive(event, now, id)
        now += wait
        while (due := show.deadline()) is not None and due <= now:
            show.advance(due)
        assert 0.0 <= show.snapshot().at(now).psi <= 1.5
        status = show.status(now).to_plain()
        assert status["mode"] in ("running", "held", "panic")
        show.take_effects()
