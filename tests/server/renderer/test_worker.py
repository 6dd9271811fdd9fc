"""The renderer process over its real pipes, with a toy network in the place of the real one."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from server.frames import EncodedFrame
from server.renderer.pipe import Decoder, Kind, Message, encode, encode_json
from show_control.events import Go, Goto
from show_control.show import Show
from show_control.showfile import parse_show
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
SHOW = """
[show]
title = "Test"
[safe]
walk = { still = 4 }
psi = 0.3
[[cue]]
number = "1"
name = "Bright"
fade = 0.5
look = { psi = 1.2 }
"""
SETTINGS: dict[str, Any] = {
    "type": "start",
    "networks": {"main": "none.safetensors"},
    "device": "cpu",
    "backend": "auto",
    "fps": 30,
    "jpeg_quality": 90,
    "style_from": 32,
    "psi_below": None,
    "streams": [0.0],
    "bent_at": [],
}


class Worker:
    """The process, seen from the other end of its pipes."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._decoder = Decoder()
        self._messages = self._read()

    def _read(self) -> Iterator[Message]:
        assert self.process.stdout is not None
        while data := self.process.stdout.read1(65536):
            yield from self._decoder.feed(data)

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def show(self, show: Show) -> None:
        self.send(encode_json({"type": "snapshot", "snapshot": show.snapshot().to_plain()}))

    def said(self, kind: str) -> dict[str, Any]:
        """The next JSON message of this type."""
        for message in self._messages:
            if message.kind is Kind.JSON and message.json()["type"] == kind:
                return message.json()
        raise AssertionError(f"the worker ended without {kind!r}: {self.errors()}")

    def frame(self, wanted: Callable[[EncodedFrame], bool] = lambda frame: True) -> EncodedFrame:
        """The next frame of which this holds."""
        for message in self._messages:
            if message.kind is Kind.FRAME and wanted(frame := EncodedFrame.unpack(message.payload)):
                return frame
        raise AssertionError(f"the worker ended without a frame: {self.errors()}")

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def end(self) -> None:
        self.process.kill()
        with self.process:
            pass


@pytest.fixture
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    worker = Worker("tests.toy_renderer", getattr(request, "param", "well"))
    yield worker
    worker.end()


def a_show() -> Show:
    return Show(parse_show(SHOW, "show.toml"), time.monotonic())


def grey(frame: EncodedFrame) -> float:
    return float(Image.open(BytesIO(frame.jpeg)).convert("L").resize((1, 1)).getpixel((0, 0)))


def test_a_snapshot_becomes_frames_that_say_what_they_include(worker: Worker) -> None:
    show = a_show()
    worker.send(encode_json(SETTINGS))
    worker.show(show)
    assert worker.said("progress")["note"] == "starting the generator"
    ready = worker.said("ready")
    assert (ready["backend"], ready["size"]) == ("toy", 32)
    first, second = worker.frame(), worker.frame()
    assert (first.cue, first.event, first.epoch, first.width, first.height) == ("", 0, 0, 32, 32)
    assert second.seq > first.seq
    assert abs(first.seq - first.pts * 30) < 1.01
    assert abs(grey(first) - 0.3 / 1.5 * 255) < 3
    show.receive(Go(), time.monotonic(), 7)
    worker.show(show)
    changed = worker.frame(lambda frame: frame.event == 7)
    assert changed.cue == "1"
    end = changed.pts + 0.6
    assert abs(grey(worker.frame(lambda frame: frame.pts > end)) - 1.2 / 1.5 * 255) < 3


@pytest.mark.parametrize("worker", ["slow"], indirect=True)
def test_it_gives_signs_of_life_while_it_loads_and_none_later(worker: Worker) -> None:
    worker.send(encode_json(SETTINGS))
    worker.show(a_show())
    assert worker.said("progress")["note"] == "starting the generator"
    assert worker.said("progress")["note"] == "mixing paint"
    assert worker.said("alive") == worker.said("alive") == {"type": "alive"}
    worker.said("ready")
    later = set()
    while "figures" not in later:
        message = next(worker._messages)
        later |= {message.json()["type"]} if message.kind is Kind.JSON else set()
    assert later == {"network", "energy", "figures"}


def test_streams_of_one_tick_come_together(worker: Worker) -> None:
    worker.send(encode_json(SETTINGS | {"streams": [0.0, 4.0]}))
    worker.show(a_show())
    one, two = worker.frame(), worker.frame()
    assert (one.stream, two.stream) == (0, 1)
    assert (one.seq, one.pts) == (two.seq, two.pts)


def test_it_says_with_each_tick_what_the_energy_of_each_stream_is(worker: Worker) -> None:
    worker.send(encode_json(SETTINGS | {"streams": [0.0, 4.0]}))
    worker.show(a_show())
    one, two = worker.said("energy")["streams"]
    assert one == two
    grey = int(0.3 / 1.5 * 255) / 255
    assert one == pytest.approx([0.0, *[grey] * 10], abs=1e-3)


def test_figures_come_once_a_second(worker: Worker) -> None:
    worker.send(encode_json(SETTINGS))
    worker.show(a_show())
    figures = worker.said("figures")
    assert figures["fps"] > 0
    assert figures["rss"] > 1_000_000
    assert {"generate_ms", "encode_ms", "skipped", "refused"} <= figures.keys()


@pytest.mark.parametrize("worker", ["chatty"], indirect=True)
def test_what_libraries_print_never_reaches_the_pipe(worker: Worker) -> None:
    worker.send(encode_json(SETTINGS))
    worker.show(a_show())
    worker.frame()
    worker.process.kill()
    assert "a library says hello" in worker.errors()


@pytest.mark.parametrize("worker", ["fussy"], indirect=True)
def test_a_look_that_is_refused_is_counted_and_the_last_good_one_goes_on(worker: Worker) -> None:
    show = a_show()
    worker.send(encode_json(SETTINGS))
    worker.show(show)
    worker.frame()
    show.receive(Go(), time.monotonic(), 1)
    worker.show(show)
    while not (figures := worker.said("figures"))["refused"]:
        pass
    assert figures["reason"] == "psi is over 1"
    assert 0.3 / 1.5 * 255 < grey(worker.frame()) <= 1.0 / 1.5 * 255 + 3


@pytest.mark.parametrize("snapshot", [{}, {"cue": 1}, []])
def test_a_snapshot_that_is_none_is_counted_and_the_last_one_goes_on(
    worker: Worker, snapshot: dict[str, object]
) -> None:
    worker.send(encode_json(SETTINGS))
    worker.show(a_show())
    worker.frame()
    worker.send(encode_json({"type": "snapshot", "snapshot": snapshot}))
    while not (figures := worker.said("figures"))["refused"]:
        pass
    assert "not a snapshot" in figures["reason"]
    assert worker.frame().event == 0


def test_it_ends_when_the_show_has_gone(worker: Worker) -> None:
    worker.send(encode_json(SETTINGS))
    worker.show(a_show())
    worker.frame()
    assert worker.process.stdin is not None
    worker.process.stdin.close()
    assert worker.process.wait(PATIENCE) == 0


def test_it_ends_when_the_show_goes_before_anything_was_said(worker: Worker) -> None:
    assert worker.process.stdin is not None
    worker.process.stdin.close()
    assert worker.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("worker", ["broken"], indirect=True)
def test_weights_that_cannot_be_used_are_told_in_a_sentence(worker: Worker) -> None:
    worker.send(encode_json(SETTINGS))
    assert worker.said("failed")["reason"] == "dinner.safetensors: damaged; copy it again"
    assert worker.process.wait(PATIENCE) == 2


def test_nonsense_from_the_show_ends_it(worker: Worker) -> None:
    worker.send(encode(Kind.JSON, b"nonsense"))
    assert worker.process.wait(PATIENCE) == 0


def test_the_real_one_says_why_it_cannot_load() -> None:
    worker = Worker("server.renderer.worker")
    worker.send(encode_json(SETTINGS | {"networks": {"main": "/nowhere/none.safetensors"}}))
    assert "/nowhere/none.safetensors: no such file" in worker.said("failed")["reason"]
    worker.end()


# --- networks

SEAS = SHOW.replace(
    "[[cue]]",
    """[[cue]]
number = "0"
name = "Sea"
fade = 0.5
look = { network = "sea" }
[[cue]]
number = "0.5"
name = "Fire"
fade = 0.5
look = { network = "fire", psi = 0.6 }
[[cue]]""",
    1,
)


def a_sea_show() -> Show:
    return Show(parse_show(SEAS, "show.toml"), time.monotonic(), ("main", "sea", "fire"))


def tint(frame: EncodedFrame) -> tuple[float, float]:
    """Red and blue of the picture."""
    red, _, blue = Image.open(BytesIO(frame.jpeg)).convert("RGB").resize((1, 1)).getpixel((0, 0))
    return red, blue


def with_sea(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "sea.safetensors").touch()
    networks = {"main": "none.safetensors", "sea": str(tmp_path / "sea.safetensors")}
    return SETTINGS | {"networks": networks, "streams": [0.0, 4.0]}


def test_a_cue_dissolves_into_another_network(worker: Worker, tmp_path: Path) -> None:
    show = a_sea_show()
    worker.send(encode_json(with_sea(tmp_path)))
    worker.show(show)
    assert worker.said("ready")["why"] == "a toy has no choice"
    assert worker.said("network")["name"] == "main"
    while (said := worker.said("network"))["state"] == "loading":
        assert said["name"] == "sea", "the cue in standby wants it"
    assert (said["state"], said["backend"], said["why"]) == ("ready", "toy", "a toy has no choice")
    assert worker.frame().width == 32
    show.receive(Go(), time.monotonic(), 1)
    worker.show(show)
    begun = worker.frame(lambda frame: frame.width == 64)
    seen = [begun]
    while seen[-1].pts < begun.pts + 1.5 or seen[-1].stream == 0:
        seen.append(worker.frame())
    reds = [tint(frame)[0] for frame in seen if frame.stream == 1]
    assert reds == sorted(reds, reverse=True), "from grey to blue without a step back"
    assert len(set(reds)) > 4
    red, blue = tint(seen[-1])
    assert red < 3
    assert abs(blue - 0.3 / 1.5 * 255) < 6
    assert {frame.stream for frame in seen} == {0, 1}


def test_a_network_that_cannot_be_loaded_leaves_the_old_picture_running(
    worker: Worker, tmp_path: Path
) -> None:
    show = a_sea_show()
    worker.send(encode_json(with_sea(tmp_path)))
    worker.show(show)
    show.receive(Goto("0.5"), time.monotonic(), 1)
    worker.show(show)
    while (said := worker.said("network"))["state"] != "failed":
        pass
    assert (said["name"], said["note"]) == ("fire", "fire.safetensors: no such file")
    failed = worker.frame(lambda frame: frame.cue == "0.5")
    later = worker.frame(lambda frame: frame.pts > failed.pts + 1.0)
    assert (later.width, later.event) == (32, 1)
    red, blue = tint(later)
    assert abs(red - blue) < 3, "grey, as the main network paints"
    assert abs(red - 0.6 / 1.5 * 255) < 4, "and with the psi of the new cue"


def test_a_renderer_that_starts_in_another_network_gets_there(worker: Worker, tmp_path: Path) -> None:
    show = a_sea_show()
    show.receive(Goto("0"), time.monotonic() - 10.0, 1)
    show.advance(time.monotonic())
    worker.send(encode_json(with_sea(tmp_path)))
    worker.show(show)
    assert worker.frame().width == 32
    arrived = worker.frame(lambda frame: frame.width == 64)
    assert tint(worker.frame(lambda frame: frame.pts > arrived.pts + 1.2))[0] < 3
