"""The rig's file: what ships is sound, and what is wrong is told whole."""

from pathlib import Path

import pytest

import server
from server.config import ConfigError, load_rig
from server.patch import Patch, PatchEntry
from server.rig import Osc, Rig, Target
from show_control.events import Control

ROOT = Path(server.__file__).parent.parent
LEAST = '[show]\nfile = "dinner.toml"\n[generator]\nweights = "dinner.safetensors"\n'


def rig_of(folder: Path, text: str) -> Rig:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_rig(path)


def problems_of(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as refused:
        rig_of(folder, text)
    assert len({problem.where for problem in refused.value.problems}) == len(refused.value.problems)
    return {
        problem.where.removeprefix("config.toml: "): problem.message for problem in refused.value.problems
    }


def test_the_rig_that_ships_patches_every_seat_and_sensor() -> None:
    rig = load_rig(ROOT / "config.toml")
    assert rig.show == ROOT / "show_control/shows/dinner.toml"
    assert rig.generator.weights == ROOT / "models/weights/dinner.safetensors"
    assert [projector.name for projector in rig.projectors] == ["main"]
    assert [(target.name, target.port) for target in rig.osc.targets] == [("sound", 57120), ("guests", 7800)]
    assert rig.web.host == rig.osc.host == "127.0.0.1"
    patch = Patch(rig.patch, rig.seats)
    for seat in ("mom", "dad", "brother", "sister"):
        for sensor in ("plate", "chair", "glass", "voice"):
            [event] = patch.resolve(f"/table/{sensor}/{seat}", (1,), 0.0)
            assert isinstance(event, Control)
            assert (event.name, event.value) == (f"{sensor}.{seat}", 1.0)
    assert patch.deadline() is not None


def test_commented_examples_in_the_rig_that_ships_are_sound(tmp_path: Path) -> None:
    lines = (ROOT / "config.toml").read_text(encoding="utf-8").splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith(("# [[", "# [generator"))]
    assert len(starts) == 7
    for start in starts:
        for i in range(start, len(lines)):
            if not lines[i].startswith("# "):
                break
            lines[i] = lines[i].removeprefix("# ")
    rig = rig_of(tmp_path, "\n".join(lines))
    assert [projector.ahead for projector in rig.projectors] == [0.0, 20.0]
    assert [target.state for target in rig.osc.targets] == [False, True, False]
    assert {rig.script.of(what, "dad") for what in ("play", "record", "prompt")} == {"guests"}
    assert rig.patch[-1].event == "go"
    assert list(rig.generator.networks) == ["sea"]
    assert [port.name for port in (*rig.midi.ins, *rig.midi.outs)] == ["pedal", "synth"]
    assert [len(light.channels) for light in rig.lights] == [3]


def test_least_and_defaults(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, LEAST)
    assert rig.show == tmp_path / "dinner.toml"
    assert (rig.web.port, rig.osc.port, rig.osc.targets, rig.patch) == (8000, 9000, (), ())
    assert (rig.generator.fps, rig.generator.device, rig.generator.style_from) == (30, "auto", 32)
    assert [projector.name for projector in rig.projectors] == ["main"]
    assert rig.seats == ("mom", "dad", "brother", "sister")


def test_absolute_paths_stay_and_all_keys_are_read(tmp_path: Path) -> None:
    rig = rig_of(
        tmp_path,
        """
        [web]
        host = "0.0.0.0"
        port = 80
        [osc]
        port = 7000
        [[osc.target]]
        name = "lights"
        host = "192.168.1.30"
        port = 7700
        state = true
        [show]
        file = "/shows/a.toml"
        [table]
        seats = ["a", "b"]
        [generator]
        weights = "/weights/a.safetensors"
        device = "cpu"
        fps = 24
        jpeg_quality = 70
        style_from = 16
        [[projector]]
        name = "wall"
        ahead = -3
        [[patch]]
        address = "/x/{seat}/{which}"
        control = "x.{which}.{seat}"
        range = [10, -2.5]
        curve = "root"
        threshold = 1
        hysteresis = 0.5
        hold = 1
        silence = 2
        idle = 1
        decay = 0
        """,
    )
    assert rig.osc == Osc(
        port=7000, target=(Target(name="lights", host="192.168.1.30", port=7700, state=True),)
    )
    assert (rig.show, rig.generator.weights) == (Path("/shows/a.toml"), Path("/weights/a.safetensors"))
    assert rig.patch == (
        PatchEntry(
            "/x/{seat}/{which}",
            control="x.{which}.{seat}",
            range=(10.0, -2.5),
            curve="root",
            threshold=1.0,
            hysteresis=0.5,
            hold=1.0,
            silence=2.0,
            idle=1.0,
            decay=0.0,
        ),
    )


def test_every_error_at_once_with_its_key_path(tmp_path: Path) -> None:
    told = problems_of(
        tmp_path,
        """
        shwo = 1
        [web]
        port = 0
        [osc]
        prot = 9000
        host = "desk.local"
        [[osc.target]]
        name = "sound"
        port = "57120"
        [[osc.target]]
        name = "sound"
        port = 70000
        [generator]
        weights = "dinner.pkl"
        device = "cudda"
        fps = 29.97
        jpeg_quality = true
        [[projector]]
        name = "main wall"
        [[projector]]
        name = "side"
        ahead = nan
        [[projector]]
        name = "side"
        """,
    )
    assert told == {
        "shwo": 'unknown key. Did you mean "show"?',
        "web.port": "expected at least 1, got 0",
        "osc.prot": 'unknown key. Did you mean "port"?',
        "osc.host": 'expected an IP address such as "192.168.1.20", or "localhost", got \'desk.local\'',
        "osc.target 1 (sound).port": "expected a whole number, got '57120'",
        "osc.target 2 (sound).port": "expected at most 65535, got 70000",
        "osc.target 2 (sound).name": "the same as number 1; expected each name once",
        "show.file": "missing, and needed",
        "generator.weights": (
            "expected a .safetensors file (convert it: marrow convert dinner.pkl), got 'dinner.pkl'"
        ),
        "generator.device": 'expected "auto", "cpu" or "cuda", got \'cudda\'. Did you mean "cuda"?',
        "generator.fps": "expected a whole number, got 29.97",
        "generator.jpeg_quality": "expected a whole number, got True",
        "projector 1 (main wall).name": (
            "expected letters, digits, dots, dashes and underscores, got 'main wall'"
        ),
        "projector 2 (side).ahead": "expected a finite number, got nan",
        "projector 3 (side).name": "the same as number 2; expected each name once",
    }


@pytest.mark.parametrize(
    ("entry", "key", "said"),
    [
        ('address = "/a"', "control", 'expected control = "a name" or event = "go"'),
        ('address = "/a"\ncontrol = "a"\nevent = "go"', "event", "expected one of the two"),
        ('address = "/a"\nevent = "goo"', "event", 'Did you mean "go"?'),
        ('address = "/a"\ncontrol = "a.{seat}"', "control", "{seat} does not occur in the address /a"),
        ('address = "/a"\ncontrol = "a b"', "control", "expected letters"),
        ('address = "a"\ncontrol = "a"', "address", "expected an address such as"),
        ('address = "/a/*"\ncontrol = "a"', "address", "without spaces and wildcards"),
        ('address = "/a/[12]"\ncontrol = "a"', "address", "without spaces and wildcards"),
        ('address = "/a/x{seat}"\ncontrol = "a"', "address", "a placeholder takes a whole segment"),
        ('address = "/{seat}/{seat}"\ncontrol = "a"', "address", "expected each placeholder once"),
        ('address = "/show/go"\ncontrol = "a"', "address", "/show/... is built in"),
        ('address = "/a"\ncontrol = "a"\nrange = [1, 1.0]', "range", "the two ends are equal"),
        ('address = "/a"\ncontrol = "a"\nrange = [0, 1, 2]', "range", "expected two numbers"),
        ('address = "/a"\ncontrol = "a"\nrange = [0, "1"]', "range", "expected two numbers"),
        ('address = "/a"\ncontrol = "a"\nrange = [0, inf]', "range", "expected two numbers"),
        ('address = "/a"\ncontrol = "a"\ncurve = "sqare"', "curve", 'Did you mean "square"?'),
        ('address = "/a"\ncontrol = "a"\nhysteresis = 0.1', "hysteresis", "means nothing without threshold"),
        ('address = "/a"\ncontrol = "a"\nhold = 1', "hold", "means nothing without threshold"),
        ('address = "/a"\ncontrol = "a"\nthreshold = 0', "threshold", "expected more than 0.0, got 0"),
        (
            'address = "/a"\ncontrol = "a"\nthreshold = 0.5\nhysteresis = 0.5',
            "hysteresis",
            "expected less than the threshold, 0.5",
        ),
        ('address = "/a"\ncontrol = "a"\ndecay = 1', "decay", "means nothing without silence"),
        ('address = "/a"\ncontrol = "a"\nsmoothing = -1', "smoothing", "expected at least 0.0, got -1"),
        ('address = "/a"\nevent = "go"\nsmoothing = 1', "smoothing", "means nothing to an event"),
        ('address = "/a"\ncontrol = "a"\nsmothing = 1', "smothing", 'Did you mean "smoothing"?'),
    ],
)
def test_patch_entries_that_contradict_themselves(tmp_path: Path, entry: str, key: str, said: str) -> None:
    told = problems_of(tmp_path, f"{LEAST}[[patch]]\n{entry}\n")
    [where] = told
    assert where.startswith("patch 1 (")
    assert where.endswith(f").{key}")
    assert said in told[where]


def test_the_same_pattern_twice(tmp_path: Path) -> None:
    entry = '[[patch]]\naddress = "/a/{%s}"\ncontrol = "a"\n'
    told = problems_of(tmp_path, LEAST + entry % "seat" + entry % "who")
    assert told == {"patch 2 (/a/{who}).address": "the same as number 1; expected each address once"}


def test_tables_that_are_none(tmp_path: Path) -> None:
    told = problems_of(tmp_path, "osc = 3\nshow = 3\npatch = [1]\nprojector = []\ngenerator = []\ntable = 1")
    assert told == {
        "osc": "expected a table, got 3",
        "show": "expected a table, got 3",
        "table": "expected a table, got 1",
        "generator": "expected a table, got []",
        "projector": "expected at least one [[projector]]",
        "patch 1": "expected a table, got 1",
    }


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[web]\nport = \n", "config.toml: line 2"),
        ("[web\n", "config.toml: line 1"),
        ("a = [1,", "config.toml"),
    ],
)
def test_a_syntax_error_names_its_line(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(ConfigError) as refused:
        rig_of(tmp_path, text)
    [problem] = refused.value.problems
    assert problem.where == where
    assert problem.message.startswith("not TOML: ")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "config.toml"
    latin.write_bytes('title = "D\xeener"'.encode("latin-1"))
    for path, said in [(tmp_path / "none.toml", "--config"), (tmp_path, "--config"), (latin, "not UTF-8")]:
        with pytest.raises(ConfigError, match=said):
            load_rig(path)


def test_networks_beside_the_main_one(tmp_path: Path) -> None:
    rig = rig_of(
        tmp_path,
        LEAST
        + 'backend = "half"\n[generator.networks]\n'
        + 'sea = "nets/sea.safetensors"\nfire = "/fire.safetensors"\n',
    )
    assert list(rig.generator.all_networks) == ["main", "sea", "fire"]
    assert rig.generator.all_networks["sea"] == tmp_path / "nets/sea.safetensors"
    assert rig.generator.all_networks["fire"] == Path("/fire.safetensors")
    assert rig.generator.backend == "half"


@pytest.mark.parametrize(
    ("line", "where", "expected"),
    [
        ('main = "a.safetensors"', "generator.networks.main", "a network is named by a word"),
        ('"a b" = "a.safetensors"', "generator.networks.a b", "a network is named by a word"),
        ('sea = "sea.pkl"', "generator.networks.sea", "convert it: marrow convert sea.pkl"),
        ("sea = 3", "generator.networks.sea", "expected a path in quotes, got 3"),
    ],
)
def test_a_network_that_is_wrong(tmp_path: Path, line: str, where: str, expected: str) -> None:
    told = problems_of(tmp_path, f"{LEAST}\n[generator.networks]\n{line}\n")
    assert list(told) == [where]
    assert expected in told[where]


SCRIPT = (
    LEAST + '[[osc.target]]\nname = "table"\nport = 1\n[[osc.target]]\nname = "ear-mom"\nport = 2\n[script]\n'
)


def test_a_script_has_a_target_for_everybody_or_for_each_guest(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, SCRIPT + 'prompt = "table"\nplay = { mom = "ear-mom" }\n')
    assert rig.script.of("prompt", "dad") == "table"
    assert (rig.script.of("play", "mom"), rig.script.of("play", "dad")) == ("ear-mom", None)
    assert rig.script.of("record", "mom") is None


@pytest.mark.parametrize(
    ("line", "where", "said"),
    [
        ('play = "ear-mum"', "script.play", 'no [[osc.target]] is named "ear-mum". Did you mean "ear-mom"?'),
        ('play = { mom = "x" }', "script.play.mom", "There are table, ear-mom."),
        ('play = { mum = "table" }', "script.play.mum", 'no such seat. Did you mean "mom"?'),
        ("play = 3", "script.play", "expected the name of a target, or a table of guests"),
        ('paly = "table"', "script.paly", 'unknown key. Did you mean "play"?'),
    ],
)
def test_a_script_without_its_targets_is_refused(tmp_path: Path, line: str, where: str, said: str) -> None:
    assert said in problems_of(tmp_path, f"{SCRIPT}{line}\n")[where]
