"""The table and the file."""

from rich.console import Console

from server.doctor.finding import note, ok, problem
from server.doctor.report import table, to_plain, verdict

FOUND = [
    problem("ports", "Port 8000 is held by [bold]nginx[/bold].", "Stop it."),
    ok("disk", "It is round."),
    note("power", "The screen goes dark.", "Turn that off."),
]


def printed(width: int) -> str:
    console = Console(width=width, record=True, file=None, quiet=True)
    console.quiet = False
    with console.capture() as capture:
        console.print(table(FOUND))
    return capture.get()


def test_problems_come_last_where_the_eye_is() -> None:
    lines = printed(100).splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == ["ok", "note", "PROBLEM"]


def test_brackets_are_words_and_not_markup() -> None:
    assert "[bold]nginx[/bold]" in printed(100)


def test_on_a_narrow_terminal_nothing_is_lost() -> None:
    words = " ".join(printed(50).split())
    assert "> Turn that off." in words
    assert "Port 8000 is held by" in words


def test_the_last_line() -> None:
    assert verdict(FOUND)[0] == "1 problem to solve before doors; 1 note to read."
    assert verdict(FOUND[1:2])[0] == "Ready for doors."
    assert verdict(FOUND[1:])[0] == "Ready for doors; 1 note to read."


def test_the_file_keeps_the_order_of_the_rounds() -> None:
    plain = to_plain(FOUND, config="config.toml")
    assert plain["format"] == "marrow-doctor-1"
    assert (plain["problems"], plain["notes"], plain["config"]) == (1, 1, "config.toml")
    assert plain["findings"] == [
        {"topic": f.topic, "level": f.level.value, "what": f.what, "do": f.do} for f in FOUND
    ]
