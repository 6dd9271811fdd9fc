"""The check before doors: networks that are there, and looks that their networks can play."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models import checkpoint
from models.atlas import AtlasNames
from models.stylegan2 import StyleGAN2, StyleGAN2Config
from server.check import Verdict, inspect
from server.lookcheck import judge_looks
from show_control.showfile import parse_show

CONFIG = """
[show]
file = "show.toml"
[generator]
weights = "net.safetensors"
[generator.networks]
sea = "sea.safetensors"
[[osc.target]]
name = "sound"
port = 57120
"""
SHOW = """
safe = { walk = { still = 4 } }
[bends]
melt = { kind = "ablate", at = 16 }
fine = { kind = "ablate", at = 1024 }
layer = { kind = "invert", at = "b8.conv0" }
[[cue]]
number = "1"
name = "One"
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    config = StyleGAN2Config(32, channel_base=512, channel_max=16)
    path = tmp_path_factory.mktemp("network") / "net.safetensors"
    checkpoint.save(path, "stylegan2", config.to_plain(), StyleGAN2(config).state_dict(), {"made": "here"})
    return path


@pytest.fixture
def venue(tmp_path: Path, network: Path) -> Path:
    for name in ("net", "sea"):
        (tmp_path / f"{name}.safetensors").write_bytes(network.read_bytes())
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


def judged(venue: Path, more: str = "", show: str = SHOW) -> Verdict:
    (venue / "show.toml").write_text(show + more)
    return inspect(venue / "config.toml")


def told(verdict: Verdict) -> list[str]:
    return [str(problem) for problem in verdict.problems]


def test_all_is_well(venue: Path) -> None:
    verdict = judged(
        venue,
        'preload = ["sea"]\nlook = { network = "sea", bend = { melt = 1, layer = 0.5 } }',
    )
    assert told(verdict) == []
    assert verdict.notes == ()
    assert list(verdict.networks) == ["main", "sea"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            'look = { network = "see" }',
            'show.toml: cue 1: look.network: the rig has no network "see"; add it to [generator',
        ),
        ('preload = ["fire"]', 'show.toml: cue 1: preload[1]: the rig has no network "fire"'),
        (
            "look = { bend = { fine = 0.5 } }",
            "show.toml: cue 1: look.bend.fine: the bend fine is at 1024, and the",
        ),
        (
            "drive = { c = { bend = { fine = 0.5 } } }",
            'show.toml: cue 1: drive."c".bend.fine: the bend fine is at 1024',
        ),
        (
            'look = { walk = { still = "@grandma" } }',
            'show.toml: cue 1: look.walk: the atlas of the network main has no point "grandma"',
        ),
        (
            'send = [ { to = "sund", address = "/a" } ]',
            'cue 1: send[1].to: sends to "sund", which is no [[osc.target]]',
        ),
    ],
)
def test_what_the_stage_would_refuse(venue: Path, more: str, expected: str) -> None:
    [problem] = told(judged(venue, more))
    assert problem.startswith(expected) or expected in problem


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ('look = { move = { "+older" = 2 } }', 'no direction "older": it does nothing there'),
        ("look = { classes = { 1 = 1 } }", "the network main was trained without classes"),
    ],
)
def test_what_would_do_nothing(venue: Path, more: str, expected: str) -> None:
    verdict = judged(venue, more)
    assert told(verdict) == []
    [note] = verdict.notes
    assert expected in note
    assert note.startswith("show.toml: cue 1: ")


def test_a_bend_that_is_at_rest_asks_for_nothing(venue: Path) -> None:
    assert told(judged(venue, "look = { bend = { fine = 0.0 } }")) == []


def test_every_network_is_read(venue: Path) -> None:
    (venue / "sea.safetensors").write_bytes(b"junk")
    [problem] = told(judged(venue))
    assert problem.startswith("config.toml: generator.networks.sea: ")


def test_names_of_the_atlas_and_classes_of_the_network_are_known(
    venue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = AtlasNames(directions=("older",), points=("grandma",))
    monkeypatch.setattr("models.atlas.read_names", lambda network: names)
    header = judged(venue).networks["main"]
    conditioned = replace(header, config={**header.config, "c_dim": 3})
    more = 'look = { walk = { still = "@grandma" }, move = { "+older" = 1 }, classes = { 2 = 1, 3 = 1 } }'
    problems, notes = judge_looks("show.toml", parse_show(SHOW + more, "show.toml"), {"main": conditioned})
    assert [str(problem) for problem in problems] == [
        "show.toml: cue 1: look.classes.3: the network main has no class 3; it has 0 to 2"
    ]
    assert notes == []


EARS = """
[[cue]]
number = "2"
name = "Ears"
kind = "in-ear"
plays = [{ to = "mom", file = "hello.wav" }, { to = "dad", file = "deep/helo.wav" }]
[[cue]]
number = "3"
name = "Line"
kind = "line"
speaker = "mom"
text = "Who?"
open = true
save = "who"
instead = "us"
prompt = [{ to = "mom", file = "helo.wav" }]
"""


def test_files_for_ears_are_looked_for_where_the_rig_says(venue: Path) -> None:
    (venue / "config.toml").write_text(CONFIG + '[script]\nplay = "sound"\n')
    assert told(judged(venue, EARS)) == []
    (venue / "ears" / "deep").mkdir(parents=True)
    (venue / "ears" / "hello.wav").write_bytes(b"")
    (venue / "config.toml").write_text(CONFIG + '[script]\nplay = "sound"\nfiles = "ears"\n')
    folder = venue / "ears"
    assert told(judged(venue, EARS)) == [
        f'show.toml: cue 2: plays[2].file: there is no file "deep/helo.wav" in {folder}. '
        'Did you mean "hello.wav"?',
        f'show.toml: cue 3: prompt[1].file: there is no file "helo.wav" in {folder}. '
        'Did you mean "hello.wav"?',
    ]


def test_what_the_safe_look_lacks_is_said_with_its_key(venue: Path) -> None:
    safe = 'safe = { walk = { still = "@grandma" }, network = "see" }'
    [problem] = told(judged(venue, show=SHOW.replace("safe = { walk = { still = 4 } }", safe)))
    assert problem.startswith('show.toml: safe.network: the rig has no network "see"')
    safe = 'safe = { walk = { still = "@grandma" }, drive = { c = { bend = { fine = 1 } } } }'
    found = told(judged(venue, show=SHOW.replace("safe = { walk = { still = 4 } }", safe)))
    assert [problem.partition(": the ")[0] for problem in found] == [
        "show.toml: safe.walk",
        'show.toml: safe.drive."c".bend.fine',
    ]


WHISPER = """
[[cue]]
number = "2"
name = "Whisper"
kind = "group"
mode = "together"
[[cue.cue]]
number = "2.1"
name = "Ears"
kind = "in-ear"
plays = [{ to = "mom", file = "a.wav" }, { to = "mom", file = "b.wav" }]
[[cue.cue]]
number = "2.2"
name = "Line"
kind = "line"
speaker = "mum"
text = "Eat"
[[cue.cue]]
number = "2.3"
name = "Note"
kind = "note"
to = "sond"
note = 60
[[cue.cue]]
number = "2.4"
name = "Gate"
kind = "gate"
control = "glass.mom"
above = 0.5
[[cue.cue]]
number = "2.5"
name = "Sea"
look = { network = "see" }
[[cue.cue]]
number = "2.4.5"
name = "Melt"
kind = "fade"
look = { bend = { fine = 1 } }
"""


def test_what_is_in_a_group_is_judged_too(venue: Path) -> None:
    verdict = judged(venue, WHISPER)
    expected = [
        'cue 2.3: to: sends to "sond", which is no [[osc.target]] of the rig; the rig lists sound. Did you',
        "cue 2.1: plays: nobody plays files to mom: name one of the targets in the rig's [script] play",
        'cue 2.2: speaker: "mum" is no seat of the rig; it has mom, dad, brother, sister. Did you mean',
        'cue 2.5: look.network: the rig has no network "see"',
        "cue 2.4.5: look.bend.fine: the bend fine is at 1024",
    ]
    found = told(verdict)
    assert len(found) == len(expected)
    assert all(any(one in problem for problem in found) for one in expected), found
    assert any('cue 2.4: no patch entry sets the control "glass.mom"' in note for note in verdict.notes)
