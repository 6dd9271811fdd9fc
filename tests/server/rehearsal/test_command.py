"""`marrow rehearse` and `marrow replay`, as they are typed."""

import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from models import checkpoint
from models.generator import Generator
from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config
from server.__main__ import app
from server.rehearsal.film import pictures
from server.rehearsal.performance import Moment
from server.rehearsal.playing import paced
from server.rehearsal.recording import RecordingError, parse
from show_control.events import Speech
from show_control.look import Look
from tests.server.rehearsal.night import whole_night
from tests.server.rehearsal.small_show import HEAD, SMALL, cue, small
from tests.server.rehearsal.test_film import frames_of, performance, probe


def marrow(*words: object) -> tuple[int, str]:
    """The exit status, and what was said."""
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    return done.exit_code, done.output


@pytest.fixture
def show(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of 32 px with random weights."""
    torch.manual_seed(0)
    config = StyleGAN2Config(32, z_dim=16, w_dim=16, mapping_layers=2, channel_base=256, channel_max=16)
    path = tmp_path_factory.mktemp("networks") / "tiny.safetensors"
    checkpoint.save(path, "stylegan2", config.to_plain(), StyleGAN2(config).state_dict(), {"kimg": 0})
    return path


@pytest.fixture
def rig(tmp_path: Path, show: Path, network: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        f'[show]\nfile = "{show.name}"\n'
        f'[generator]\nweights = "{network}"\ndevice = "cpu"\nbackend = "float32"\nfps = 12\n'
        '[[projector]]\nname = "main"\n[[projector]]\nname = "side"\nahead = 5.0\n'
    )
    return path


# the log


def test_a_performance_at_full_speed_is_told_to_its_end(show: Path) -> None:
    status, said = marrow("rehearse", show, "--fast")
    assert status == 0
    lines = said.splitlines()
    assert lines[0] == "     2.000           operator go"
    assert lines[-2] == "    18.814  7        look     done"
    assert lines[-1] == "The performance came to its end after 18.814 s."


def test_the_log_is_the_same_to_the_byte_at_every_speed(show: Path, tmp_path: Path) -> None:
    logs = []
    for name, words in (("fast", ["--fast"]), ("1000", ["--speed", "1000"]), ("again", ["--fast"])):
        log = tmp_path / f"{name}.txt"
        status, said = marrow("rehearse", show, "--speech", "simulated", "--seed", "7", "--log", log, *words)
        assert status == 0
        assert len(said.splitlines()) == 1
        logs.append(log.read_bytes())
    assert logs[0] == logs[1] == logs[2]
    assert logs[0].count(b"\n") > 50


def test_the_show_that_the_rig_names_is_played_when_none_is_given(rig: Path) -> None:
    status, said = marrow("rehearse", "--config", rig, "--fast")
    assert status == 0
    assert "act       Hall" in said


def test_a_stuck_show_has_a_status_and_a_name(tmp_path: Path) -> None:
    path = tmp_path / "stuck.toml"
    line = ('speaker = "mom"', 'text = "Nobody says this"', "noskip = true")
    path.write_text(HEAD + cue("1", "line", *line))
    (tmp_path / "silence.jsonl").write_text("")
    status, said = marrow("rehearse", path, "--fast", "--speech", tmp_path / "silence.jsonl")
    assert status == 1
    assert said.splitlines()[-1].startswith('Stuck after 2.000 s: cue 1 "line" (line) waits for ever: mom')


def test_files_that_cannot_be_played_are_said_in_words(tmp_path: Path, show: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(SMALL.replace("fade = 2", "fade = -2"))
    status, said = marrow("rehearse", bad, "--fast")
    assert status == 2
    assert "bad.toml: cue 1" in said
    assert "Traceback" not in said
    for words in (
        [tmp_path / "none.toml"],
        ["--config", tmp_path / "none.toml"],
        [show, "--speech", tmp_path / "none.jsonl"],
        [show, "--film", tmp_path / "film.mkv", "--config", tmp_path / "none.toml"],
    ):
        status, said = marrow("rehearse", *words, "--fast")
        assert status == 2
        assert "none." in said
        assert "cannot" in said


def test_recorded_speech_is_played_from_a_file(tmp_path: Path, show: Path) -> None:
    recording = tmp_path / "evening.jsonl"
    recording.write_text(
        '{"at": 9.0, "role": "mom", "text": "what are we eating tonight my dear"}\n\n'
        '{"at": 12.0, "role": "dad", "text": "well pancakes", "final": true}\n'
        '{"at": 15.0, "role": "mom", "text": "so it is pancakes again", "final": false}\n'
    )
    status, said = marrow("rehearse", show, "--fast", "--speech", recording)
    assert status == 0
    assert "done      answer: pancakes" in said
    assert 'heard     mom "so it is pancakes again"\n' in said


def test_a_night_is_played_again(tmp_path: Path, show: Path) -> None:
    whole_night(tmp_path / "journal", SMALL)
    status, said = marrow("replay", tmp_path / "journal", "--fast")
    assert status == 0
    _, rehearsed = marrow("rehearse", show, "--fast")
    again = [line for line in said.splitlines() if "adopt" not in line]
    assert again[:-1] == rehearsed.splitlines()[:-1]
    assert again[-1] == "The night lasted 20.814 s."


def test_a_night_that_is_damaged_says_where_and_goes_on(tmp_path: Path) -> None:
    whole_night(tmp_path / "journal", SMALL)
    segment = tmp_path / "journal" / "000001.jsonl"
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join([*lines[:20], b"rubbish\n", *lines[21:]]))
    status, said = marrow("replay", tmp_path / "journal", "--fast")
    assert status == 0
    assert "note: 000001.jsonl line 21: its checksum does not fit; left out" in said


def test_a_journal_that_is_not_there_is_said(tmp_path: Path) -> None:
    status, said = marrow("replay", tmp_path / "nowhere", "--fast")
    assert status == 2
    assert said.strip() == "the journal is empty, or nothing of it can be read"


def test_a_file_for_an_ear_plays_as_long_as_it_is(tmp_path: Path, show: Path) -> None:
    ears = tmp_path / "ears"
    ears.mkdir()
    with wave.open(str(ears / "hello.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * 8000 * 7))
    _, said = marrow("rehearse", show, "--fast", "--ears", ears)
    assert "    13.000           player   played    mom hello.wav" in said.splitlines()
    for damage in (b"", b"RIFF", b"no sound at all, and long enough to be read as if it were"):
        (ears / "hello.wav").write_bytes(damage)
        _, said = marrow("rehearse", show, "--fast", "--ears", ears)
        assert "     7.000           player   played    mom hello.wav" in said.splitlines()


def test_a_rehearsal_keeps_its_pace(show: Path) -> None:
    now, slept = 100.0, list[float]()

    def clock() -> float:
        return now

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds + 0.01  # a sleeper wakes late, and is not late for ever

    moments = [Moment(at, ()) for at in (2.0, 2.0, 6.0, 8.0)]
    assert list(paced(moments, 0.0, 2.0, clock, sleep)) == moments
    assert slept == pytest.approx([1.0, 1.99, 0.99])
    assert now == pytest.approx(104.01)
    slept.clear()
    assert list(paced(moments, 0.0, None, clock, sleep)) == moments
    assert slept == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "this is not JSON"),
        ("[]", "expected a line such as"),
        ('{"at": -1, "role": "mom", "text": "a"}', "expected a line such as"),
        ('{"at": true, "role": "mom", "text": "a"}', "expected a line such as"),
        ('{"at": NaN, "role": "mom", "text": "a"}', "expected a line such as"),
        ('{"at": 1, "role": "mom", "text": "a", "final": 1}', "expected a line such as"),
        ('{"at": 1, "role": "mom", "text": "a", "finale": true}', 'unknown key "finale"'),
        ('{"at": 1, "role": 4, "text": "a"}', "expected a line such as"),
    ],
)
def test_a_bad_line_of_a_recording_is_named(line: str, reason: str) -> None:
    good = '{"at": 1, "role": "mom", "text": "a"}'
    with pytest.raises(RecordingError, match=f"evening line 2: {reason}"):
        parse(f"{good}\n{line}", "evening")


def test_a_recording_is_put_in_order() -> None:
    text = '{"at": 2, "role": "mom", "text": "b"}\n{"at": 1, "role": "dad", "text": "a", "final": false}'
    assert parse(text, "x") == [(1.0, Speech("dad", "a", False)), (2.0, Speech("mom", "b", True))]


# the film


def test_a_film_has_the_pictures_of_the_show_to_the_pixel(tmp_path: Path, rig: Path, network: Path) -> None:
    film = tmp_path / "film.mkv"
    status, said = marrow("rehearse", "--config", rig, "--film", film, "--fps", 4, "--log", tmp_path / "log")
    assert status == 0
    assert f"{film}: 76 frames." in said.replace("\n", " ")
    assert probe(film) | {"codec_name": "ffv1"} == {
        "codec_name": "ffv1",
        "width": "32",
        "height": "32",
        "r_frame_rate": "4/1",
        "nb_read_frames": "76",
    }
    generator = Generator.load(network, device="cpu", style_from=32, backend="float32")
    shown = frames_of(film, 32)
    for place, (pts, snapshot) in enumerate(pictures(performance(small()), 4, 18.9)):
        if place % 9 == 0:
            assert np.array_equal(shown[place], generator.synthesize([snapshot.at(pts)])[0])
    assert not np.array_equal(shown[0], shown[20])


def test_a_film_of_a_night_is_the_film_of_its_wall(tmp_path: Path, rig: Path) -> None:
    whole_night(tmp_path / "journal", SMALL)
    words = ("replay", tmp_path / "journal", "--config", rig, "--log", tmp_path / "log", "--fps", 2)
    films = [tmp_path / "main.mkv", tmp_path / "side.mkv", tmp_path / "again.mkv"]
    for film, wall in zip(films, ("main", "side", "main"), strict=True):
        status, _ = marrow(*words, "--film", film, "--wall", wall)
        assert status == 0
    main, side, again = (frames_of(film, 32) for film in films)
    assert np.array_equal(main, again)
    assert len(main) == len(side) == 42
    assert not np.array_equal(main, side)


def test_a_film_at_another_size(tmp_path: Path, rig: Path) -> None:
    film = tmp_path / "large.mp4"
    status, _ = marrow("rehearse", "--config", rig, "--film", film, "--fps", 1, "--size", 128)
    assert status == 0
    facts = probe(film)
    assert (facts["width"], facts["height"], facts["nb_read_frames"]) == ("128", "128", "19")


def test_a_film_that_cannot_be_is_said_in_words(
    tmp_path: Path, rig: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(*words: object) -> str:
        status, said = marrow("rehearse", "--config", rig, "--log", tmp_path / "log", *words)
        assert status == 2
        assert "Traceback" not in said
        return " ".join(said.split())

    assert "ends with .mp4, .mov, .mkv" in refusal("--film", tmp_path / "film.gif")
    assert "there is no folder" in refusal("--film", tmp_path / "nowhere" / "film.mp4")
    assert 'no [[projector]] "front"' in refusal("--film", tmp_path / "film.mp4", "--wall", "front")
    monkeypatch.setenv("PATH", "")
    assert "needs the program ffmpeg" in refusal("--film", tmp_path / "film.mp4")
    assert not list(tmp_path.glob("film*"))


class Painted:
    """How many frames have been painted; Ctrl-C comes at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stop_at: int) -> None:
        self.count = 0
        synthesize = Generator.synthesize

        def counted(generator: Generator, looks: Sequence[Look]) -> object:
            self.count += 1
            if self.count == stop_at:
                raise KeyboardInterrupt
            return synthesize(generator, looks)

        monkeypatch.setattr(Generator, "synthesize", counted)


def test_a_film_that_is_stopped_is_short_and_goes_on_where_it_was(
    tmp_path: Path, rig: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("rehearse", "--config", rig, "--fps", 4, "--log", tmp_path / "log", "--film")
    film, whole = tmp_path / "short.mkv", tmp_path / "whole.mkv"
    marrow(*words, whole)
    painted = Painted(monkeypatch, stop_at=46)
    _, said = marrow(*words, film)
    assert "45 of 76 frames. The same command goes on from there." in " ".join(said.split())
    assert np.array_equal(frames_of(film, 32), frames_of(whole, 32)[:45])
    painted.count = 100
    marrow(*words, film)
    assert painted.count == 100 + 36, "a reel of ten seconds was there"
    assert np.array_equal(frames_of(film, 32), frames_of(whole, 32))
    assert sorted(path.name for path in tmp_path.glob("*.mkv*")) == ["short.mkv", "whole.mkv"]


def test_a_film_that_is_to_look_otherwise_begins_anew(
    tmp_path: Path, rig: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = tmp_path / "film.mp4"
    words = ("rehearse", "--config", rig, "--fps", 4, "--log", tmp_path / "log", "--film", film)
    painted = Painted(monkeypatch, stop_at=46)
    marrow(*words)
    painted.count = 100
    marrow(*words, "--size", 64)
    assert painted.count == 100 + 76
    facts = probe(film)
    assert (facts["width"], facts["nb_read_frames"]) == ("64", "76")


def test_the_frames_of_a_film_in_reels_are_evenly_spaced(tmp_path: Path, rig: Path) -> None:
    film = tmp_path / "film.mp4"
    marrow("rehearse", "--config", rig, "--film", film, "--fps", 5, "--log", tmp_path / "log")
    command = ("ffprobe", "-v", "error", "-show_entries", "frame=pts_time", "-of", "csv=p=0", str(film))
    times = [float(line.strip(",")) for line in subprocess.check_output(command, text=True).split()]
    assert times == pytest.approx([frame / 5 for frame in range(95)], abs=1e-3)
